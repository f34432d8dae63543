"""What a watchdog is: a named check with parameters, asked about runs while they are recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from epochlog.contract.events import MetricPoints, Params, SystemMetricPoints

ACTIONS = ("print", "command", "webhook", "stop")
"""What can be done when a rule holds, besides noting it in the run."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found.

    Attributes:
        text: one line for people.
        level: of the note in the run: info, warning or error.
        actions: names of `ACTIONS`, in addition to those of the rule.
    """

    text: str
    level: str = "warning"
    actions: tuple[str, ...] = ()


class Watched(Protocol):
    """One run as a check sees it. Lists hold what is new since the check was last asked.

    Attributes:
        id, name, kind, source: of the run; "" where another process opened it.
        parent: id of the run that it is nested in, "" for a root.
        points: calls of ``log_metrics``: ``step``, ``epoch``, ``metrics``, ``at``.
        system: hardware samples: ``metrics``, ``at``.
        params: logged parameters.
        ended: the run is over; this is the last time that it is asked about.
        training: a fit is going on, as far as integrations know.
        quiet_s: seconds since the last point was logged; since the start if there is none.
        folders: of the store, and the working directory.
    """

    id: str
    name: str
    kind: str
    source: str
    parent: str
    points: list[MetricPoints]
    system: list[SystemMetricPoints]
    params: list[Params]
    ended: bool
    folders: tuple[str, ...]

    @property
    def training(self) -> bool:
        """Whether a fit is going on."""
        ...

    @property
    def quiet_s(self) -> float:
        """Seconds without a point."""
        ...


Check = Callable[[Watched], "Finding | str | None"]
"""Asked every few seconds and when points came; what it returns holds until it returns None."""


@dataclass(frozen=True, slots=True)
class Watchdog:
    """A kind of check that rules can name, as returned by ``register_watchdogs()``.

    Attributes:
        name: first word of a rule.
        make: function (or ``"package.module:function"``, imported when a rule uses it) that takes
            the parameters by name and returns a `Check`; called once per run.
        params: name -> default. A default that is text in the form of a duration (``"10m"``), a
            size (``"1GiB"``) or a number says what kind of value is meant, and arrives as a number;
            None: a value must be given.
        description: one line.
        roots: only for runs that are not nested in others.
        reader: not looked at while recording, but by ``epochlog watch``.
    """

    name: str
    make: Callable[..., Check] | str
    params: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""
    roots: bool = False
    reader: bool = False
