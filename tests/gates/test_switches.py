"""Each integration can be switched off, paused and taken off; the order of imports is tested with each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from processes import run_python
from small_trainings import TRAININGS, each_training

import epochlog
from epochlog.plugins.manager import get_plugins

ELSEWHERE = {"hardware", "pytorch_lightning"}
"""One has no framework, the other is the same code as ``lightning``."""


def train(name: str, steps: int = 3) -> Any:
    pytest.importorskip(name)
    return TRAININGS[name].train(steps)


def read() -> list[Any]:
    epochlog.flush()
    return list(epochlog.runs(order_by="started"))


def nothing_was_recorded(store: Path) -> bool:
    epochlog.flush()
    return not (store / "epochlog.db").exists() or not read()


def test_every_integration_has_a_training_here() -> None:
    """An integration that is added gets a line in the table of small trainings."""
    names = {integration.name for _, integration in get_plugins().integrations()}

    assert names - ELSEWHERE == set(TRAININGS)


@pytest.mark.parametrize("name", each_training())
def test_switched_off_by_name(store: Path, name: str) -> None:
    """``autolog(<name>=False)`` leaves this framework's trainings alone, and the report says so."""
    others = {} if name != "lightning" else {"torch": False}  # the inner one is then on its own
    report = epochlog.autolog(hardware=False, **{name: False}, **others)
    train(name)
    sources = set() if nothing_was_recorded(store) else {run.source for run in read()}

    assert report[name].state == "off"
    assert report[name].reason.startswith("disabled")
    assert name not in sources


@pytest.mark.parametrize("name", each_training())
def test_switched_off_later(store: Path, name: str) -> None:
    """A second ``autolog(disable=[…])`` takes an integration off that was on."""
    epochlog.autolog(name, hardware=False)
    train(name)
    before = len(read())
    epochlog.autolog(hardware=False, disable=list(TRAININGS))
    train(name)

    assert before >= 1
    assert len(read()) == before


@pytest.mark.parametrize("name", each_training())
def test_paused_records_nothing(store: Path, name: str) -> None:
    """Inside ``paused()`` a training leaves nothing behind; after it, everything is recorded again."""
    epochlog.autolog(name, hardware=False)
    with epochlog.paused():
        train(name)
    assert nothing_was_recorded(store)

    train(name)
    assert len([run for run in read() if run.parent_id is None]) == 1


@pytest.mark.parametrize("name", each_training())
def test_uninstrument_and_back(store: Path, name: str) -> None:
    """Taken off, a framework trains unrecorded; switched on again, it is recorded again, once."""
    epochlog.autolog(name, hardware=False)
    epochlog.uninstrument()
    train(name)
    assert nothing_was_recorded(store)

    epochlog.autolog(name, hardware=False)
    epochlog.autolog(name, hardware=False)
    train(name)
    assert [run.source for run in read() if run.parent_id is None] == [name]


@pytest.mark.parametrize("name", each_training())
def test_results_are_the_same_bit_by_bit(name: str) -> None:
    """What a training computes is exactly what it computes without us."""
    pytest.importorskip(name)
    plain = [float(value).hex() for value in TRAININGS[name].train(3)]
    epochlog.autolog(hardware=False)

    assert [float(value).hex() for value in TRAININGS[name].train(3)] == plain


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in TRAININGS if name != "sklearn"])
def test_an_integration_whose_framework_changed_switches_itself_off(name: str, store: Path) -> None:
    """Without the attribute that we enter, the report has one line, and training works unrecorded."""
    pytest.importorskip(name)
    done = run_python(CHANGED, name)

    assert done.returncode == 0, done.stderr
    state, reason, trained = json.loads(done.stdout.splitlines()[-1])
    assert state == "off", reason
    assert reason
    assert "\n" not in reason
    assert trained
    assert not [line for line in done.stderr.splitlines() if line.startswith("Traceback")]


CHANGED = """
import json, os, sys
os.environ.pop("EPOCHLOG_RAISE", None)
name = sys.argv[1]
import importlib
from epochlog.plugins.manager import get_plugins
def gone(options):
    raise AttributeError(f"{name} has no attribute that we enter any more")
for _, each in get_plugins().integrations():
    if each.name == name:
        module, function = each.instrument.split(":")
        setattr(importlib.import_module(module), function, gone)
import epochlog
report = epochlog.autolog(hardware=False, **{n: False for n in ("torch", "sklearn") if n != name})
from small_trainings import TRAININGS
result = TRAININGS[name].train(3)
item = report[name]
print("\\n" + json.dumps([item.state, item.reason, len(result) > 0]))
"""
