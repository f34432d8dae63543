"""Who hands a framework our callback needs nothing else: no ``autolog()``, no run opened before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from processes import run_python
from small_trainings import TRAININGS

EXPLICIT = ["lightgbm", "xgboost", "catboost", "keras", "lightning", "transformers", "optuna"]

CURVES = {"catboost": "val/log_loss"}
"""A callback can't know which metric is the loss."""

SCRIPT = """
import importlib, json, sys
from small_trainings import TRAININGS
name = sys.argv[1]
callback = importlib.import_module(f"epochlog_{name}").EpochlogCallback()
TRAININGS[name].train(3, [callback])
if hasattr(callback, "finish"):
    callback.finish()
import epochlog
epochlog.flush()
runs = [run for run in epochlog.runs() if run.parent_id is None]
found = [[run.source, run.status, {k: m.count for k, m in run.metrics.items()}, len(run.children())] for run in runs]
print("\\n" + json.dumps(found))
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", EXPLICIT)
def test_a_callback_alone_records(name: str, store: Path) -> None:
    """In a process that never heard of ``autolog()``: one run with its curve, or its trials."""
    pytest.importorskip(name)
    done = run_python(SCRIPT, name, EPOCHLOG_STORE=str(store))
    assert done.returncode == 0, done.stderr
    ((source, status, counts, children),) = json.loads(done.stdout.splitlines()[-1])
    curve = CURVES.get(name, TRAININGS[name].curve)

    assert (source, status) == (name, "completed")
    assert (counts[curve] if curve else children) == 3
