"""The one command runs, prints a table and writes JSON; how fast anything is, is not asserted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).with_name("run.py")


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(RUN), *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=280,
    )


@pytest.mark.slow
def test_quick_benchmarks_print_a_table_and_write_json(tmp_path: Path) -> None:
    """Two cheap benchmarks come out as rows with target and measured values, in text and JSON."""
    file = tmp_path / "rows.json"
    done = run("log_call", "commit_cpu", "--quick", "--peers=", f"--json={file}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr

    written = json.loads(file.read_text())
    quantities = [row["quantity"] for row in written["rows"]]

    assert {row["benchmark"] for row in written["rows"]} == {"log_call", "commit_cpu", "disk"}
    assert all(row["values"]["epochlog"]["median"] >= 0 for row in written["rows"])
    assert all((row["met"] is None) == (row["target"] is None) for row in written["rows"])
    assert all(quantity in done.stdout for quantity in quantities)
    assert "processor" in done.stdout
    assert written["failures"] == []


@pytest.mark.slow
def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """A benchmark writes into temporary folders only, not where it was started."""
    done = run("log_call", "--quick", "--peers=", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    """A benchmark or peer that does not exist ends the command, and the message lists those that do."""
    wrong_benchmark = run("log_cal", cwd=tmp_path)
    wrong_peer = run("--peers=mlfow", cwd=tmp_path)

    assert wrong_benchmark.returncode == wrong_peer.returncode == 2
    assert "log_call" in wrong_benchmark.stderr
    assert "mlflow" in wrong_peer.stderr


@pytest.mark.slow
def test_a_failing_measurement_is_named_and_stops_no_other(tmp_path: Path) -> None:
    """A child process that can't write its cache is a line in the report; the rest is measured."""
    (tmp_path / "file").touch()
    cache = f"--cache={tmp_path / 'file' / 'below'}"
    done = run("long_series", "import", "--quick", "--peers=", cache, cwd=tmp_path)

    assert done.returncode == 1
    assert "FAILED long_series" in done.stderr
    assert "import, over the bare interpreter" in done.stdout
