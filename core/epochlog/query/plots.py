"""Plots of a run as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, SupportsIndex, overload

import msgspec
import zstandard
from sqlalchemy import bindparam, select

from epochlog.base.clock import to_datetime
from epochlog.query.opening import Reader
from epochlog.store.schema import key, plot

BATCH = 500
"""Most runs or plots that one statement asks for."""

_HEADS = (
    select(plot.c.pk, plot.c.execution_pk, key.c.name, plot.c.kind, plot.c.step, plot.c.at)
    .join(key, key.c.pk == plot.c.key_pk)
    .where(plot.c.execution_pk.in_(bindparam("pks", expanding=True)))
    .order_by(plot.c.pk)
)


@dataclass(frozen=True, slots=True)
class PlotView:
    """A plot: ``kind`` names the schema of ``data`` (importance, roc, confusion_matrix …)."""

    key: str
    kind: str
    data: dict[str, Any]
    step: float | None
    at: datetime | None

    def display(self) -> Any:
        """Return the plot as a ``matplotlib.figure.Figure``, which notebooks show.

        A figure that the user logged comes back as a plotly or altair object where that library is
        installed, else as a picture with ``save(path)``; notebooks show all of them.

        Raises:
            EpochlogError: matplotlib is not installed, or plots of this kind can't be drawn.
        """
        if self.kind == "figure":
            from epochlog.query.drawing.pictures import show

            return show(self.data)
        from epochlog.query.drawing.figures import draw

        return draw(self.kind, [("", self.data)], self.key)

    def to_vega(self) -> dict[str, Any]:
        """Return the plot as a Vega-Lite 5 specification with its data in it.

        Raises:
            EpochlogError: it is a logged figure of another library than altair.
        """
        if self.kind == "figure":
            from epochlog.query.drawing.pictures import specification

            return specification(self.data)
        from epochlog.query.drawing.vega import vega

        return vega(self.kind, [("", self.data)], self.key)

    def __repr__(self) -> str:
        return f"<Plot {self.key!r} of kind {self.kind!r} with {sorted(self.data)}>"


class Plots(list["PlotView"]):
    """A list of plots in order of time that also finds the latest of a key: ``plots["roc"]``."""

    @overload
    def __getitem__(self, index: SupportsIndex) -> PlotView: ...
    @overload
    def __getitem__(self, index: slice) -> list[PlotView]: ...
    @overload
    def __getitem__(self, index: str) -> PlotView: ...
    def __getitem__(self, index: SupportsIndex | slice | str) -> PlotView | list[PlotView]:
        """Return by place, or the latest of a key."""
        if not isinstance(index, str):
            return super().__getitem__(index)
        for each in reversed(self):
            if each.key == index:
                return each
        raise KeyError(f"no plot {index!r}; there are {self.keys()}")

    def __contains__(self, item: object) -> bool:
        return item in self.keys() if isinstance(item, str) else super().__contains__(item)

    def keys(self) -> list[str]:
        """Return the keys in the order in which they were first seen."""
        return list(dict.fromkeys(each.key for each in self))


@dataclass(frozen=True, slots=True)
class PlotHead:
    """A plot without its data.

    Attributes:
        pk: number inside the store.
        run_pk: that of its run.
        index: place among the plots of its run.
    """

    pk: int
    run_pk: int
    index: int
    key: str
    kind: str
    step: float | None
    at: datetime | None


def list_plots(reader: Reader, pks: Sequence[int]) -> Iterator[PlotHead]:
    """Yield the plots of some runs in order of time, without reading their data."""
    places: dict[int, int] = {}
    for start in range(0, len(pks), BATCH):
        rows = reader.tuples(_HEADS, {"pks": pks[start : start + BATCH]})
        for pk, run_pk, name, kind, step, at in rows:
            index = places[run_pk] = places.get(run_pk, -1) + 1
            yield PlotHead(pk, run_pk, index, name, kind, step, to_datetime(at))


def read_plots(reader: Reader, heads: Iterable[PlotHead]) -> dict[int, PlotView]:
    """Return pk -> plot with its data, in the order given; those that are gone are left out."""
    heads = list(heads)
    unpack = zstandard.ZstdDecompressor().decompressobj
    data: dict[int, Any] = {}
    for start in range(0, len(heads), BATCH):
        batch = [head.pk for head in heads[start : start + BATCH]]
        rows = reader.tuples(select(plot.c.pk, plot.c.data).where(plot.c.pk.in_(batch)))
        for pk, packed in rows:
            data[pk] = msgspec.msgpack.decode(unpack().decompress(packed))
    return {h.pk: PlotView(h.key, h.kind, data[h.pk], h.step, h.at) for h in heads if h.pk in data}


def load_plots(reader: Reader, pk: int) -> Plots:
    """Read the plots of one run."""
    return Plots(read_plots(reader, list_plots(reader, [pk])).values())
