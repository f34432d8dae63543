"""Plugins of strangers, found through real entry points in a process of their own."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest
from processes import run_python

HERE = Path(__file__).parent

TRAIN = """
import json, sys, warnings
import epochlog
report = epochlog.autolog(store=sys.argv[1])
assert "tinyframe" not in sys.modules, "autolog imported a framework"
from tinyframe import Descent
model = Descent(rate=0.2, rounds=30).fit()
for _ in range(4):  # more batches, so that a failing listener gets its chances
    epochlog.flush()
    Descent(rounds=2).fit()
epochlog.flush()
print(json.dumps({"report": report.to_dict(), "text": repr(report), "x": model.x}))
"""


def train(tmp_path, *folders):
    """Run the script with these folders on the path; return its output and the listener's lines."""
    file = tmp_path / "heard.txt"
    result = run_python(
        TRAIN,
        str(tmp_path / "store"),
        cwd=tmp_path,
        timeout=100,
        STRANGER_FILE=str(file),
        EPOCHLOG_RAISE="",
        PYTHONPATH=os.pathsep.join(
            [*(str(HERE / f) for f in folders), os.environ.get("PYTHONPATH", "")]
        ),
    )
    assert result.returncode == 0, result.stderr
    heard = file.read_text().splitlines() if file.exists() else []
    return json.loads(result.stdout.splitlines()[-1]), heard, result.stderr


@pytest.fixture(autouse=True)
def sources_on_path(monkeypatch):
    """Keep our own sources importable: the path given to the script replaces the inherited one."""
    import processes

    path = os.pathsep.join([*processes.SOURCES, os.environ.get("PYTHONPATH", "")]).rstrip(
        os.pathsep
    )
    monkeypatch.setenv("PYTHONPATH", path)


def test_stranger_adds_a_framework_and_listens(tmp_path):
    """A stranger's package is found, records its framework, and hears start, metrics and end."""
    output, heard, stderr = train(tmp_path, "good")

    item = {i["name"]: i for i in output["report"]["items"]}["tinyframe"]
    assert (item["state"], item["version"], item["plugin"]) == ("on", "3.2", "stranger")
    assert output["report"]["problems"] == []
    assert stderr == ""
    starts = [line.split() for line in heard if line.startswith("start ")]
    ends = [line.split() for line in heard if line.startswith("end ")]
    assert [s[1] for s in starts] == [e[1] for e in ends]
    assert len(starts) == 5
    assert {s[2] for s in starts} == {"tinyframe"}
    assert {e[2] for e in ends} == {"completed"}
    assert sum(int(line.split()[1]) for line in heard if line.startswith("metrics")) == 30 + 4 * 2

    import epochlog

    runs = list(epochlog.runs("source == 'tinyframe'", store=str(tmp_path / "store")))
    best = next(r for r in runs if r.params["rounds"] == 30)
    assert len(runs) == 5
    assert best.params["rate"] == 0.2
    assert list(best.series("train/loss").steps) == list(range(30))


def test_broken_plugins_stop_nothing(tmp_path):
    """Four broken plugins: training, recording and the good stranger go on; each is named, and warned of once."""
    alone, _, _ = train(tmp_path, "good")
    output, heard, stderr = train(tmp_path, "good", "broken")

    assert output["x"] == alone["x"]
    assert sum(line.startswith("end ") for line in heard) == 10
    problems = Counter(p["plugin"] for p in output["report"]["problems"])
    broken = {"a_broken_import", "a_misspelt_hook", "a_raising_listener", "a_raising_offer"}
    assert set(problems) == broken
    assert set(problems.values()) == {1}
    for name in broken:
        assert name in output["text"]
        assert stderr.count(f"'{name}'") == 1, stderr
    reasons = {p["plugin"]: p["reason"] for p in output["report"]["problems"]}
    assert "written for another century" in reasons["a_broken_import"]
    assert "on_run_started" in reasons["a_misspelt_hook"]
    assert "switched off after 3 failures" in reasons["a_raising_listener"]
    assert "no frameworks today" in reasons["a_raising_offer"]
