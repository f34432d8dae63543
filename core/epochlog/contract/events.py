"""The events a run is made of: verbs write them, journals keep them, hooks tell, tables store.

Every event is a MessagePack array ``[tag, run, at, …fields]`` (msgspec ``array_like``), so a newer
version may append fields and still read older journals. ``run`` is the run's id (UUIDv7 text),
``at`` is wall time in microseconds since the epoch (UTC).
"""

from __future__ import annotations

from typing import Any

import msgspec

Step = int | float
"""A position on the x-axis: any int or float, in any order."""

STATUSES = (
    "pending",
    "running",
    "completed",
    "cached",
    "failed",
    "canceled",
    "skipped",
    "pruned",
    "lost",
)
"""All statuses of an execution; ``running`` and ``pending`` are open, all others final."""

COMPARED_KINDS = ("trial", "candidate", "fold")
"""Runs that a search compares with one another: a request to stop that a run above got does not
reach into them, or the search would choose between trainings that were cut short."""

METRIC_TAG = 10
"""Tag of `MetricPoints`; the hot path writes the array itself instead of building the struct."""


class Event(msgspec.Struct, frozen=True, array_like=True, tag_field="event"):
    """Fields that all events share."""

    run: str
    at: int


class RunStarted(Event, frozen=True, tag=1):
    """A run was opened, or (``resumed=True``) opened again by a later process.

    ``kind`` is one of run, fit, search, candidate, fold, study, trial, eval, pipeline, step,
    deploy, monitor.
    ``source`` is the framework that opened it ("" = the user's own ``start_run``).
    """

    name: str
    experiment: str = "default"
    kind: str = "run"
    parent: str | None = None
    source: str = ""
    resumed: bool = False
    user: str = ""
    host: str = ""
    pid: int = 0
    index: int | None = None  # position among siblings: fold number, candidate number, trial number


class RunEnded(Event, frozen=True, tag=2):
    """A run ended with a final ``status``; ``reason`` is one line, ``traceback`` the full text."""

    status: str
    reason: str = ""
    traceback: str = ""


class Params(Event, frozen=True, tag=3):
    """Parameters: plain data (None, bool, number, str, list, dict) or `base.values.opaque` text."""

    params: dict[str, Any]


class Tags(Event, frozen=True, tag=4):
    """Tags added and removed."""

    add: list[str]
    remove: list[str] = []


class Note(Event, frozen=True, tag=5):
    """The run's free text (Markdown); the last one counts."""

    text: str


class Text(Event, frozen=True, tag=6):
    """A text under a key, at a step or not: a sample, a summary, a log excerpt."""

    key: str
    text: str
    step: Step | None = None


class Notice(Event, frozen=True, tag=7):
    """What the reader of the run must know: what was skipped and why, what recording failed at."""

    level: str  # info | warning | error
    source: str  # which part says so: "journal", "sklearn", "budget" …
    text: str


class StopAccepted(Event, frozen=True, tag=8):
    """The run would end early if somebody asked it to: the user allows it, or asks by himself."""


class StopRequested(Event, frozen=True, tag=9):
    """Somebody asks the run, and all that is nested in it, to end early and in an orderly way.

    ``by`` is a person, or the watchdog that asks; ``reason`` is theirs, in one line.
    """

    by: str = ""
    reason: str = ""


class MetricPoints(Event, frozen=True, tag=METRIC_TAG):
    """One call of ``log_metrics``: values that share step, epoch and time. NaN and ±Inf are values.

    ``step`` None means "next": the sink numbers the points of each series itself.
    ``context`` separates series of one key (``"rank=1"``, ``"fold=3"``); "" is the usual one.
    """

    step: Step | None
    metrics: dict[str, float]
    epoch: Step | None = None
    context: str = ""


class MetricAliases(Event, frozen=True, tag=13):
    """Other names of curves, ours -> the framework's: ``{"val/loss": "valid_0 auc"}``."""

    aliases: dict[str, str]


class SystemMetricPoints(Event, frozen=True, tag=11):
    """One hardware sample. Keys are ``scope/quantity_unit``, e.g. ``process/memory_bytes``."""

    metrics: dict[str, float]
    context: str = ""


class Plot(Event, frozen=True, tag=12):
    """A plot as data: ``kind`` is its schema (``confusion_matrix``, ``roc``, ``importance`` …)."""

    key: str
    kind: str
    data: dict[str, Any]
    step: Step | None = None


class Artifact(Event, frozen=True, tag=20):
    """A file or folder that a run produced or used.

    Attributes:
        name: name of the artifact inside the project ("model", "report.html").
        type: dataset, model, checkpoint, file, directory, figure …
        direction: "out" (produced) or "in" (used).
        role: train, validation, test, weights, checkpoint, predictions … or "".
        staged: path of a private copy, which the sink moves into the blob store; "" if none.
        uri: where the user's own copy is ("" if it only exists in the store).
        digest, size: of the content, if known already (else the sink computes them); size in bytes.
        format: json, text, pickle, npz … ; serializer: library and version that wrote it.
        schema, stats, meta: plain data that describe the content.
        files: relative path -> size in bytes, for a staged directory.
        aliases: names for this version ("best", "last").
        origin: produced, observed or registered.
    """

    name: str
    type: str = "file"
    direction: str = "out"
    role: str = ""
    staged: str = ""
    uri: str = ""
    digest: str = ""
    size: int | None = None
    format: str = ""
    serializer: str = ""
    schema: dict[str, Any] = {}
    stats: dict[str, Any] = {}
    meta: dict[str, Any] = {}
    description: str = ""
    step: Step | None = None
    origin: str = "produced"
    slot: str = ""  # place in the execution's inputs or outputs; "" = name
    digest_algo: str = "sha256"
    aliases: list[str] = []


class Dataset(Artifact, frozen=True, tag=21):
    """A data set that a fit or evaluation saw: an input with a role and a content digest."""


class Model(Artifact, frozen=True, tag=22):
    """The model that a run ended with."""


class Checkpoint(Artifact, frozen=True, tag=23):
    """A model state during training; ``step`` says when."""


class Environment(Event, frozen=True, tag=30):
    """Interpreter, platform, packages, hardware; plain data, equal environments are stored once."""

    data: dict[str, Any]


class Code(Event, frozen=True, tag=31):
    """The code as it was: git commit, branch, dirty flag, entry script, arguments; plain data."""

    data: dict[str, Any]


class Console(Event, frozen=True, tag=32):
    """Finished lines of the console, without control codes and secrets.

    Attributes:
        first: number of the first line, from 1; a gap to the lines before was left out.
        lines: the lines.
        spans: ``[count, stream, milliseconds]`` for lines in a row: 1 is stdout, 2 is stderr; when
            they were seen, counted from ``at``.
        tail: whether these lines come after the part that is kept from the beginning.
        keep_from: of such lines, those before this number are no longer wanted.
        unfinished: the line that the cursor stands on (a progress bar); the last one counts.
        context: keeps consoles of several processes apart, e.g. ``"rank=1"``.
    """

    first: int
    lines: list[str]
    spans: list[tuple[int, int, int]]
    tail: bool = False
    keep_from: int = 0
    unfinished: str = ""
    context: str = ""


class ArtifactRemoved(Event, frozen=True, tag=24):
    """The user (or a framework's keep-top-k rule) removed an artifact version of this run."""

    name: str
    type: str = "checkpoint"
    uri: str = ""


class JournalOpened(msgspec.Struct, frozen=True, array_like=True, tag_field="event", tag=40):
    """First frame of a journal: who writes it."""

    id: str
    at: int
    host: str
    boot: str
    pid: int
    version: str
    format: int = 1


AnyEvent = (
    RunStarted
    | RunEnded
    | Params
    | Tags
    | Note
    | Text
    | Notice
    | StopAccepted
    | StopRequested
    | MetricPoints
    | MetricAliases
    | SystemMetricPoints
    | Plot
    | Artifact
    | Dataset
    | Model
    | Checkpoint
    | ArtifactRemoved
    | Environment
    | Code
    | Console
    | JournalOpened
)
