"""A store filled through the public API, with everything that pages show, and a client for it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from processes import run_python
from ui_client import Client

FILL = r"""
import io, json, math
import epochlog
import numpy as np

epochlog.autolog(hardware=False)
NASTY = '<img src=x onerror=alert(1)>"\'`${1}'
with epochlog.start_run("base", tags=["vision", "half"], note="The *first* one.") as run:
    run.log_params({"lr": 0.001, "opt": "adam", "flag": True, "none": None, "nan": math.nan,
                    "inf": math.inf, "big": 2**60, "layers": [64, 32], "a/b": "x", NASTY: NASTY})
    for i in range(50):
        run.log_metrics({"train/loss": 1 / (i + 1), "val/loss": 0.5 + (i - 30) ** 2 / 900},
                        step=i, epoch=i // 5)
    run.log_metrics({"test/accuracy": 0.91})
    run.log_system_metrics({"process/memory_bytes": 3 * 2**20})
    run.log_artifact(b"<script>alert(1)</script>", "report.html")
    run.log_artifact(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "evil.svg")
    run.log_artifact(b"a,b\n1,<b>2</b>\n3,4\n", "table.csv")
    run.log_artifact(json.dumps({"x": [1, 2]}).encode(), "data.json")
    run.log_artifact(bytes(range(256)) * 8, "raw.bin")
    for name, array in (("rows.npy", [[1.5, 2], [3, float("nan")]]), ("objects.npy", [object()])):
        file = io.BytesIO()
        np.save(file, np.array(array))
        run.log_artifact(file.getvalue(), name)
    run.log_artifact(b"\x89PNG\r\n\x1a\n0000", "dot.png")
    run.log_artifact(b"MZ", "../../" + NASTY + "\r\nSet-Cookie: a=b.exe")
    run.log_model(b"weights", "model", format="bytes")
    run.log_dataset([[1.0, 2.0], [3.0, 4.0]], "tiny", role="train")
    run.log_plot("roc", "roc", {"curves": [{"label": NASTY, "fpr": [0.0, 1.0], "tpr": [0.0, 1.0],
                                           "thresholds": [math.inf, 0.5]}]})
    run.log_plot("weights", "histogram", {"edges": [0, 1, 2], "counts": [3, 4]}, step=1)
    run.log_plot("weights", "histogram", {"edges": [0, 1, 2], "counts": [5, 6]}, step=2)
    run.log_text("summary", "two lines\nof text")
    run.log_notice("the data set was sampled", level="warning", source="budget")
    for i in range(30):
        print("line", i, NASTY if i == 7 else "")
with epochlog.start_run("worse", experiment="second", tags=["half"]) as run:
    run.log_params({"lr": 0.1, "opt": "sgd", "flag": False})
    for step, value in enumerate([2.0, math.nan, 1.5, math.inf, -math.inf, 1.0]):
        run.log_metrics({"val/loss": value, "train/loss": 3.0 - step / 10}, step=step * 10)
    run.log_metrics({"test/accuracy": 0.5})
    run.log_plot("roc", "roc", {"curves": []})
try:
    with epochlog.start_run("broken") as run:
        run.log_params({"lr": 0.1, "opt": "adam"})
        raise ValueError("no such layer")
except ValueError:
    pass
with epochlog.start_run(NASTY) as run:
    run.log_params({"lr": 0.01, "opt": "adam"})
    run.log_metrics({"test/accuracy": 0.7})
with epochlog.start_run("search", kind="search") as run:
    for i, score in enumerate((0.7, 0.9, 0.8)):
        with run.start_child(f"candidate {i}", kind="candidate", index=i) as child:
            child.log_params({"C": 10 ** i})
            child.log_metrics({"cv/score": score})
with epochlog.start_run("study", kind="study") as run:
    run.log_params({"directions": ["minimize"], "study_name": "tune"})
    for i in range(6):
        with run.start_child(f"trial {i}", kind="trial", index=i) as child:
            x, c = i - 2.5, "ab"[i % 2]
            child.log_params({"x": x, "c": c, "trial.distributions": {
                "x": {"name": "FloatDistribution", "low": -3.0, "high": 3.0, "log": False},
                "c": {"name": "CategoricalDistribution", "choices": ["a", "b"]}},
                "trial.state": "COMPLETE"})
            child.log_metrics({"intermediate_value": x}, step=0)
            child.log_metrics({"value": x * x})
epochlog.flush()
"""


@pytest.fixture(scope="session")
def ui_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fill a store once, in a process of its own, as a user's script would."""
    root = tmp_path_factory.mktemp("ui") / "store"
    done = run_python(FILL, cwd=root.parent, EPOCHLOG_STORE=str(root), EPOCHLOG_RAISE="1")
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture(scope="session")
def client(ui_template: Path) -> Client:
    """A client of the filled store, which nobody changes."""
    return Client(ui_template)


@pytest.fixture
def own_store(ui_template: Path, tmp_path: Path) -> Path:
    """A copy of the filled store that a test may change."""
    target = tmp_path / "own"
    shutil.copytree(ui_template, target)
    return target


@pytest.fixture
def make_client(own_store: Path) -> Callable[..., Client]:
    """Make clients of a store that a test may change."""
    return lambda **options: Client(own_store, **options)
