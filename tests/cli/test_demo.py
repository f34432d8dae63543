"""``epochlog demo``."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from epochlog.cli.demo import command

Call = Callable[..., Result]


@pytest.mark.parametrize("name", [name for name, _ in command.SCRIPTS])
def test_scripts_are_ordinary(name: str) -> None:
    """Each script says what it does, switches recording on first, and says no more of epochlog."""
    source = (command.SCRIPTS_FOLDER / name).read_text("utf-8")
    body = ast.parse(source).body
    assert command.purpose(name)
    assert ast.unparse(body[1]) == "import epochlog"
    assert ast.unparse(body[2]) == "epochlog.autolog()"
    assert source.count("epochlog") == 2
    assert {p.name for p in command.SCRIPTS_FOLDER.glob("*.py")} == {n for n, _ in command.SCRIPTS}


def test_without_frameworks_it_says_what_to_install(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing is installed, the message names the extras."""
    monkeypatch.setattr(command, "is_importable", lambda module: False)
    found = call("demo")
    assert found.exit_code == 1
    assert 'pip install "epochlog[sklearn]"' in found.stderr


def test_a_failing_script_is_told(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A script that fails shows its error; what was recorded is shown, the exit code is 1."""
    (tmp_path / "good.py").write_text(
        "'Good.'\nimport epochlog\nwith epochlog.start_run('fine') as run:\n    run.log_metrics({'test/x': 1.0})\n"
    )
    (tmp_path / "bad.py").write_text("'Bad.'\nraise SystemExit('no such luck')\n")
    monkeypatch.setattr(command, "SCRIPTS_FOLDER", tmp_path)
    monkeypatch.setattr(command, "SCRIPTS", (("good.py", "sys"), ("bad.py", "sys")))
    found = call("demo")
    assert found.exit_code == 1
    assert "no such luck" in found.output
    assert "failed with exit code 1" in found.output
    assert "fine" in found.output.partition("$ epochlog ls")[2]


@pytest.mark.slow
def test_everything_is_recorded(shell: Callable[..., object], call: Call, store: Path) -> None:
    """The real demo leaves params, curves, results, data, importances and a search with its folds."""
    pytest.importorskip("lightgbm")
    from epochlog.cli.main import COMMANDS

    assert "demo" in COMMANDS
    found = call("demo")
    assert found.exit_code == 0, found.output
    assert "What to try next:" in found.output
    runs = {
        run["params"].get("model_class"): run for run in json.loads(call("ls", "--json").stdout)
    }
    assert len(runs) == 5
    assert runs["Pipeline"]["metrics"]["test/accuracy"]["last"] > 0.9
    assert runs["MLPClassifier"]["metrics"]["train/loss"]["count"] > 5
    assert runs["GridSearchCV"]["children"] == 6
    booster = json.loads(call("show", "last", "--json").stdout)
    assert booster["metrics"]["val/roc_auc"]["max"] > 0.95
    assert booster["datasets"]
    assert booster["artifacts"]
    assert [plot["kind"] for plot in booster["plots"]] == ["importance"]
    sys.stdout.write(found.output)
