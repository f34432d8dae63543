"""What requests must look like; msgspec checks them before anything else runs."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

import msgspec
from starlette.requests import Request

from epochlog.server.answers import Refused

BODY_BYTES_MAX = 16 * 2**20

Limit = Annotated[int, msgspec.Meta(ge=0, le=1_000)]
Offset = Annotated[int, msgspec.Meta(ge=0)]
Runs = Annotated[list[str], msgspec.Meta(max_length=1_000)]

_T = TypeVar("_T")


class Within(msgspec.Struct, frozen=True):
    """A group: ``field`` has this value."""

    field: str
    value: Any = None


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Which runs, in which order."""

    where: str = ""
    project: str = ""
    experiment: str = ""
    order: str = ""
    parent: str = ""
    nested: bool = False
    archived: bool = False
    within: list[Within] = []


class RunsRequest(Selection, frozen=True, kw_only=True):
    """A window of the runs table."""

    columns: Annotated[list[str], msgspec.Meta(max_length=2_000)] = []
    offset: Offset = 0
    limit: Limit = 200
    snapshot: str = ""


class Sort(msgspec.Struct, frozen=True):
    """What groups are sorted by."""

    by: Literal["group", "count"] | int = "group"
    stat: Literal["mean", "min", "max", "std"] = "mean"
    descending: bool = False


class GroupsRequest(Selection, frozen=True, kw_only=True):
    """A window of groups."""

    group: Annotated[list[str], msgspec.Meta(min_length=1, max_length=8)]
    columns: Annotated[list[str], msgspec.Meta(max_length=200)] = []
    sort: Sort = Sort()
    offset: Offset = 0
    limit: Limit = 200


class IdsRequest(Selection, frozen=True, kw_only=True):
    """Ids of a whole selection."""

    limit: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 10_000


class FilterRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An expression to check and to complete."""

    where: str = ""
    order: str = ""
    project: str = ""
    caret: int | None = None


class MetricRef(msgspec.Struct, frozen=True):
    """A metric's curve, or with ``context=None`` all curves of its name."""

    key: str
    context: str | None = ""
    kind: Literal["metric", "system_metric"] = "metric"


class Smooth(msgspec.Struct, frozen=True):
    """How to smooth."""

    method: Literal["ema", "gaussian", "mean"] = "ema"
    weight: Annotated[float, msgspec.Meta(ge=0.0, lt=1.0)] = 0.6


class SeriesRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Curves of several runs."""

    runs: Runs
    metrics: Annotated[list[MetricRef], msgspec.Meta(max_length=200)]
    x: Literal["step", "epoch", "relative", "wall", "metric"] = "step"
    x_metric: MetricRef | None = None
    buckets: Annotated[int, msgspec.Meta(ge=1, le=20_000)] = 1_000
    range: tuple[float | None, float | None] = (None, None)
    smooth: Smooth | None = None
    groups: list[list[int]] | None = None


class CompareRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Runs side by side."""

    runs: Annotated[list[str], msgspec.Meta(min_length=2, max_length=100)]
    baseline: int = 0
    sections: list[str] | None = None
    statistics: list[Literal["first", "last", "min", "max", "best", "mean"]] | None = None
    all: bool = False


class PlotsRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One plot of several runs."""

    runs: Runs
    key: str = ""
    step: float | None = None


class ImportanceRequest(Selection, frozen=True, kw_only=True):
    """Which params explain a metric."""

    metric: str
    runs: Annotated[list[str], msgspec.Meta(max_length=10_000)] | None = None


class EditRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people change."""

    runs: Annotated[list[str], msgspec.Meta(min_length=1, max_length=10_000)]
    add_tags: list[Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]] = []
    remove_tags: list[str] = []
    note: Annotated[str, msgspec.Meta(max_length=1_000_000)] | None = None
    archived: bool | None = None


async def body_of(request: Request, kind: type[_T]) -> _T:
    """Return the body of a POST.

    Raises:
        Refused: it is too large.
        msgspec.ValidationError: it does not look as it must; says where.
    """
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > BODY_BYTES_MAX:
            raise Refused("the request is too large", status=413, kind="too_large")
        parts.append(part)
    return msgspec.json.decode(b"".join(parts), type=kind)


def whole_number(request: Request, name: str, default: int, most: int) -> int:
    """Return a number of the query string, between 0 and ``most``.

    Raises:
        Refused: it is no such number.
    """
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise Refused(f"{name} must be a whole number, not {text[:40]!r}")
    return min(int(text), most)
