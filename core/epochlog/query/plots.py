"""Plots of a run as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, SupportsIndex, overload

import msgspec
import zstandard
from sqlalchemy import select

from epochlog.base.clock import to_datetime
from epochlog.query.opening import Reader
from epochlog.store.schema import key, plot


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


def load_plots(reader: Reader, pk: int) -> Plots:
    """Read the plots of one run."""
    statement = (
        select(key.c.name, plot.c.kind, plot.c.data, plot.c.step, plot.c.at)
        .join(key, key.c.pk == plot.c.key_pk)
        .where(plot.c.execution_pk == pk)
        .order_by(plot.c.pk)
    )
    unpack = zstandard.ZstdDecompressor().decompressobj
    return Plots(
        PlotView(
            row.name,
            row.kind,
            msgspec.msgpack.decode(unpack().decompress(row.data)),
            row.step,
            to_datetime(row.at),
        )
        for row in reader.rows(statement)
    )
