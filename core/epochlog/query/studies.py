"""Read a hyperparameter study back: its trials, with what was suggested, reported and reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from epochlog.base.errors import EpochlogError
from epochlog.store.series import read_series

if TYPE_CHECKING:
    from epochlog.query.run_view import RunView

FACT = "trial."
"""Params of a trial below this prefix are facts about it; the others were suggested."""

INTERMEDIATE = "intermediate_value"

_STATES = {"completed": "COMPLETE", "pruned": "PRUNED", "running": "RUNNING", "pending": "WAITING"}


@dataclass(frozen=True, slots=True)
class StudyTrial:
    """One trial as it was recorded.

    Attributes:
        run: id of its run.
        number: from 0, unique in the study.
        state: COMPLETE, PRUNED, FAIL, RUNNING or WAITING.
        values: one number per objective, or None if it reached none. A pruned trial of one
            objective has its last intermediate value.
        params: name -> value, in the order in which they were suggested.
        distributions: name -> ``{"name": class, "low": …, "high": …, "log": …, "step": …}``, or
            with ``"choices"``.
        user_attrs: name -> value.
        constraints: name -> value; the trial is feasible if all are 0 or less.
        started, ended: aware datetimes in UTC, or None.
        system: what else is known: ``enqueued`` (params it was given), ``retry_of`` (a number).
    """

    run: str
    number: int
    state: str
    values: tuple[float, ...] | None
    params: Mapping[str, Any]
    distributions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    user_attrs: Mapping[str, Any] = field(default_factory=dict)
    constraints: Mapping[str, float] = field(default_factory=dict)
    started: datetime | None = None
    ended: datetime | None = None
    system: Mapping[str, Any] = field(default_factory=dict)

    @property
    def value(self) -> float | None:
        """The value of the only objective; None if there is none, or several."""
        return self.values[0] if self.values is not None and len(self.values) == 1 else None

    @property
    def duration_s(self) -> float | None:
        """Seconds from start to end; None while it runs."""
        if self.started is None or self.ended is None:
            return None
        return (self.ended - self.started).total_seconds()

    @property
    def complete(self) -> bool:
        """Whether it reached its value(s)."""
        return self.state == "COMPLETE" and self.values is not None

    @property
    def feasible(self) -> bool:
        """Whether all its constraints hold (without any, they do)."""
        return all(value <= 0.0 for value in self.constraints.values())


class StudyView:
    """A recorded study. Trials are read when first asked for, all at once, then kept.

    Attributes:
        run: the study's run.
        name: the study's name.
        directions: "minimize" or "maximize", one per objective.
        objectives: names of the objectives, as given, or "value", or "values/0", "values/1" …
        user_attrs: of the study.
    """

    def __init__(self, run: RunView) -> None:
        params = run.params
        directions = params.get("directions")
        if run.kind != "study" or not isinstance(directions, list):
            raise EpochlogError(f"run {run.name!r} is no study but of kind {run.kind!r}")
        self.run = run
        self.name = str(params.get("study_name", run.name))
        self.directions = tuple(map(str, directions))
        self.user_attrs = {
            key.removeprefix("user_attrs."): value
            for key, value in params.items()
            if key.startswith("user_attrs.")
        }
        names = params.get("metric_names")
        count = len(self.directions)
        named = isinstance(names, list) and len(names) == count
        self.objectives = tuple(map(str, names or ())) if named else _numbered(count)
        self._keys = _numbered(count)
        if named and count > 1:
            self._keys = tuple(f"values/{name}" for name in self.objectives)

    @cached_property
    def trials(self) -> list[StudyTrial]:
        """All trials by number."""
        return [trial for trial, _ in self._loaded]

    @cached_property
    def _loaded(self) -> list[tuple[StudyTrial, RunView]]:
        runs = [run for run in self.run.children() if run.kind == "trial"]
        return [(_trial(run, self._keys), run) for run in runs]

    @property
    def signs(self) -> tuple[int, ...]:
        """1 for objectives to minimize, -1 for those to maximize."""
        return tuple(-1 if direction == "maximize" else 1 for direction in self.directions)

    @property
    def best(self) -> StudyTrial | None:
        """The best complete and feasible trial of one objective, the first of equals."""
        if len(self.directions) != 1:
            return None
        sign = self.signs[0]
        found = [trial for trial in self.trials if trial.complete and trial.feasible]
        return min(found, key=lambda trial: (trial.values or (0.0,))[0] * sign, default=None)

    def intermediate_values(self) -> Iterator[tuple[StudyTrial, list[tuple[int, float]]]]:
        """Yield each trial that reported with its (step, value) pairs by step."""
        with self.run.reader.connect() as connection:
            for trial, run in self._loaded:
                if INTERMEDIATE not in run.metrics:
                    continue
                points = read_series(connection, run.metrics[INTERMEDIATE].series_pk)
                pairs = zip(points.steps.tolist(), points.values.tolist(), strict=True)
                yield trial, [(int(step), value) for step, value in pairs]

    def __repr__(self) -> str:
        return f"<Study {self.name!r} ({', '.join(self.directions)}) of run {self.run.id}>"


def read_study(run: RunView) -> StudyView:
    """Return the study that ``run`` records.

    Raises:
        EpochlogError: the run is of another kind.
    """
    return StudyView(run)


def _numbered(count: int) -> tuple[str, ...]:
    return ("value",) if count == 1 else tuple(f"values/{i}" for i in range(count))


def _trial(run: RunView, keys: tuple[str, ...]) -> StudyTrial:
    params = run.params
    facts = {k.removeprefix(FACT): v for k, v in params.items() if k.startswith(FACT)}
    distributions = facts.get("distributions") or {}
    if distributions:
        suggested = {name: params[name] for name in distributions if name in params}
    else:  # killed before it was told
        suggested = {name: v for name, v in params.items() if not name.startswith(FACT)}
    metrics = run.metrics
    values = tuple(float(metrics[key].last) for key in keys if key in metrics)
    attrs = "user_attrs."
    return StudyTrial(
        run.id,
        -1 if run.position is None else run.position,
        str(facts.get("state") or _STATES.get(run.status, "FAIL")),
        values if len(values) == len(keys) else None,
        suggested,
        distributions,
        {k.removeprefix(attrs): v for k, v in facts.items() if k.startswith(attrs)},
        facts.get("constraints") or {},
        _moment(facts.get("datetime_start")) or run.started,
        _moment(facts.get("datetime_complete")) or run.ended,
        {name: facts[name] for name in ("enqueued", "retry_of") if name in facts},
    )


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if isinstance(text, str) else None
