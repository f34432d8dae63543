"""``epochlog reproduce``: a run is repeated from its record alone, with the same numbers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from processes import environment

Call = Callable[..., Result]
EXAMPLES = Path(__file__).parents[2] / "examples"

TRAIN = """import epochlog; epochlog.autolog(hardware=False)
import argparse, json, pathlib, random
from model import fit

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int)
parser.add_argument("--config")
arguments = parser.parse_args()
rate = json.loads(pathlib.Path(arguments.config).read_text())["lr"]
random.seed(arguments.seed)
with epochlog.start_run("base") as run:
    run.log_params({"lr": rate})
    for step in range(20):
        noise = random.SystemRandom().random()
        run.log_metrics({"train/loss": fit(rate), "epoch_time": noise}, step=step)
    with run.start_child("fold", kind="fold", index=0) as child:
        child.log_metrics({"val/loss": fit(rate)})
"""
MODEL = "import random\ndef fit(rate):\n    return random.random() * rate\n"


def git(folder: Path, *arguments: str) -> None:
    """Run git."""
    who = ("-c", "user.name=me", "-c", "user.email=me@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, check=True)


def python(*arguments: str, cwd: Path, **env: str) -> None:
    """Run a program to its end."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment(EPOCHLOG_RAISE="0", **env),
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a training in two modules and a configuration."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", environment()["PYTHONPATH"])
    folder = tmp_path / "my project's"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "train.py").write_text(TRAIN)
    (folder / "src" / "model.py").write_text(MODEL)
    (folder / "conf.json").write_text('{"lr": 0.5}')
    return folder


def train(project: Path, store: Path) -> None:
    """Run the training as a user would."""
    arguments = ("--seed", "3", f"--config={project / 'conf.json'}")
    python("src/train.py", *arguments, cwd=project, EPOCHLOG_STORE=str(store), OMP_NUM_THREADS="1")


def checks(folder: Path) -> list[Any]:
    """Return what was compared: (run, name, verdict)."""
    found = json.loads((folder / "reproduce.json").read_text())["checks"]
    return [(each["run"], each["name"], each["verdict"]) for each in found]


GOOD = [("base", "train/loss", "identical"), ("base › fold 0", "val/loss", "identical")]


@pytest.mark.slow
def test_without_git_the_kept_files_are_run(
    call: Call, project: Path, store: Path, tmp_path: Path
) -> None:
    """Even after the project is gone: modules, configuration, arguments, variables."""
    train(project, store)
    shutil.rmtree(project)
    result = call("reproduce", "last", "--run", "--into", "again")

    assert result.exit_code == 0, result.output
    assert "reproduced: 2 checks, all identical" in result.output
    folder = tmp_path / "again"
    assert checks(folder) == GOOD
    assert "export OMP_NUM_THREADS=1\n" in (folder / "run.sh").read_text()
    assert (folder / "code" / "src" / "model.py").read_text() == MODEL
    lines = (folder / "requirements.txt").read_text().splitlines()
    assert any(line.startswith("numpy==") for line in lines)


@pytest.mark.slow
def test_commit_and_changes_on_top_are_run(
    call: Call, project: Path, store: Path, tmp_path: Path
) -> None:
    """Dirty, untracked and deleted files are as they were, whatever became of the work tree."""
    git(project, "init", "-q")
    (project / "src" / "model.py").write_text("raise SystemExit('not what ran')\n")
    (project / "src" / "gone.py").write_text("")
    (project / "data.csv").write_text("from the commit\n")
    git(project, "add", "src", "data.csv")
    git(project, "commit", "-q", "-m", "one")
    (project / "src" / "model.py").write_text(MODEL)
    (project / "src" / "gone.py").unlink()
    (project / "odd ü'name.sh").write_text("exit 0\n")
    (project / "odd ü'name.sh").chmod(0o755)
    train(project, store)
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "two")
    for name in ("src/model.py", "src/train.py", "conf.json", "data.csv"):
        (project / name).write_text("changed since\n")
    result = call("reproduce", "last", "--run", "--into", "again")
    code = tmp_path / "again" / "code"

    assert result.exit_code == 0, result.output
    assert checks(tmp_path / "again") == GOOD
    assert (code / "data.csv").read_text() == "from the commit\n"
    assert not (code / "src" / "gone.py").exists()
    assert os.access(code / "odd ü'name.sh", os.X_OK)
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=project, capture_output=True, text=True, check=True
    )
    assert status.stdout.count(" M ") == 4, "the user's index and work tree are untouched"


@pytest.mark.slow
def test_other_numbers_are_told(call: Call, project: Path, store: Path, tmp_path: Path) -> None:
    """The verdict and the exit code say so; a tolerance forgives."""
    train(project, store)
    call("reproduce", "last", "--into", "again")
    model = tmp_path / "again" / "code" / "src" / "model.py"
    model.write_text(MODEL.replace("* rate", "* rate * (1 + 1e-9)"))
    from epochlog.cli import reproduce
    from epochlog.cli.reproduction.checks import check_runs
    from epochlog.query.opening import open_store
    from epochlog.query.runs import Runs

    then = list(Runs(open_store(), nested=False))
    now = reproduce._repeat(tmp_path / "again", sys.executable)
    strict, mild = (check_runs(then, now, tolerance) for tolerance in (0.0, 1e-6))

    assert {check.verdict for check in strict} == {"differs"}
    assert {check.verdict for check in mild} == {"close"}
    assert "not reproduced" in reproduce._verdict(strict)
    assert "within the tolerance" in reproduce._verdict(mild)


def test_what_can_not_be_had_is_told(
    call: Call, project: Path, store: Path, tmp_path: Path
) -> None:
    """A commit that is gone, files too large, secrets; and no folder is overwritten."""
    git(project, "init", "-q")
    git(project, "remote", "add", "origin", "https://me:hunter22@example.org/r.git")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "one")
    (project / "src" / "model.py").write_text(f"{MODEL}password = 'hunter22'\n")
    (project / "conf.json").write_text('{"lr": 0.5, "more": "' + "x" * 2**18 + '"}')
    train(project, store)
    shutil.rmtree(project)
    result = call("reproduce", "last", "--into", "again", "--json")
    problems = "\n".join(json.loads(result.output)["problems"])

    assert "clone https://me:***@example.org/r.git" in problems
    assert "conf.json was not kept" in problems
    assert "secrets were taken out" in problems
    assert call("reproduce", "last", "--into", "again").exit_code == 1
    assert call("reproduce", "last", "--into", "again", "--force").exit_code == 0
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").touch()
    result = call("reproduce", "last", "--into", "mine", "--force")
    assert (result.exit_code, (tmp_path / "mine" / "file").exists()) == (1, True)


def test_secrets_that_are_still_on_this_machine_are_put_back(
    call: Call, project: Path, store: Path, tmp_path: Path
) -> None:
    """If the file is otherwise unchanged, the copy has what really ran."""
    secret = f"{MODEL}password = 'hunter22'\n"
    (project / "src" / "model.py").write_text(secret)
    train(project, store)
    call("reproduce", "last", "--into", "again")

    assert (tmp_path / "again" / "code" / "src" / "model.py").read_text() == secret


def test_a_run_without_code_is_an_error(call: Call, filled: Path, store: Path) -> None:
    """As after ``capture="-code"``."""
    python(
        "-c",
        "import epochlog\nwith epochlog.start_run('bare'): pass",
        cwd=store.parent,
        EPOCHLOG_STORE=str(store),
        EPOCHLOG_CAPTURE="none",
    )
    result = call("reproduce", "bare")

    assert result.exit_code == 1
    assert "no code was recorded" in result.output


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["sklearn_pipeline.py", "lightgbm_train.py"])
def test_examples_are_reproduced(
    call: Call, name: str, project: Path, store: Path, tmp_path: Path
) -> None:
    """Identical metrics and data in a fresh folder, though the script has changed since."""
    shutil.copy(EXAMPLES / name, project / name)
    python(name, cwd=project, EPOCHLOG_STORE=str(store))
    (project / name).write_text("raise SystemExit('changed since')\n")
    result = call("reproduce", "last", "--run", "--into", "again")

    assert result.exit_code == 0, result.output
    found = checks(tmp_path / "again")
    assert {verdict for _, _, verdict in found} == {"identical"}
    names = {each for _, each, _ in found}
    assert len(names) > 3
    assert any(each.startswith("data ") for each in names)
