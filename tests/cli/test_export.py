"""``epochlog export``."""

from __future__ import annotations

import csv
import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from epochlog.cli.downloads import safe_path

Call = Callable[..., Result]


def test_lines_on_standard_output(call: Call, filled: Path) -> None:
    """Without --to, one JSON object a run goes to standard output, with its curves."""
    records = [json.loads(line) for line in call("export").stdout.splitlines()]
    assert len(records) == 7
    base = next(record for record in records if record["name"] == "base")
    [curve] = [each for each in base["series"] if each["metric"] == "val/loss"]
    assert curve["step"] == list(range(50))
    assert curve["value"][30] == 0.5


def test_folder_of_csv(call: Call, filled: Path, tmp_path: Path) -> None:
    """A folder gets a table of runs and a table of points that read back exactly."""
    assert call("export", "--to", str(tmp_path / "out"), "--format", "csv").exit_code == 0
    rows = list(csv.DictReader((tmp_path / "out/runs.csv").open()))
    assert {row["name"] for row in rows} >= {"base", "worse", "candidate 1"}
    points = list(csv.DictReader((tmp_path / "out/series.csv").open()))
    train = [
        float(p["value"]) for p in points if p["run"] == "base" and p["metric"] == "train/loss"
    ]
    assert train == [1 / (i + 1) for i in range(50)]
    nan = [p["value"] for p in points if p["run"] == "worse" and p["metric"] == "train/loss"]
    assert math.isnan(float(nan[1]))


def test_parquet(call: Call, filled: Path, tmp_path: Path) -> None:
    """Parquet tables hold the same, with types."""
    parquet = pytest.importorskip("pyarrow.parquet")
    assert (
        call(
            "export", "base", "worse", "--to", str(tmp_path / "out"), "--format", "parquet"
        ).exit_code
        == 0
    )
    runs = parquet.read_table(tmp_path / "out/runs.parquet").to_pydict()
    assert sorted(runs["params.lr"]) == [0.001, 0.1]
    series = parquet.read_table(tmp_path / "out/series.parquet").to_pylist()
    values = [
        each["value"] for each in series if each["run"] == "base" and each["metric"] == "val/loss"
    ]
    assert min(values) == 0.5
    assert len(values) == 50


def test_parquet_needs_pyarrow(filled: Path, tmp_path: Path) -> None:
    """Without pyarrow the message says what to install, and no file is left."""
    code = "import sys; sys.modules['pyarrow'] = None\nfrom epochlog.cli.main import main\nsys.argv = ['epochlog', 'export', '--to', 'out', '--format', 'parquet']; main()"
    from processes import environment

    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert 'pip install "epochlog[frames]"' in done.stderr
    assert not (tmp_path / "out").exists()


def test_one_json_file(call: Call, filled: Path, tmp_path: Path) -> None:
    """The ending of a file chooses the format; --no-series leaves the points out."""
    to = tmp_path / "runs.json"
    assert call("export", "-w", "params.lr > 0", "--to", str(to), "--no-series").exit_code == 0
    records = json.loads(to.read_text())
    assert [record["name"] for record in records] == ["worse", "base"]
    assert "series" not in records[0]


def test_a_run_comes_with_what_is_inside(call: Call, filled: Path) -> None:
    """A named run is exported with its nested runs, unless that is not wanted."""
    assert len(call("export", "search").stdout.splitlines()) == 4
    assert len(call("export", "search", "--no-nested").stdout.splitlines()) == 1


def test_files_are_not_overwritten(call: Call, filled: Path, tmp_path: Path) -> None:
    """A file that is there stays, unless --force."""
    to = tmp_path / "runs.jsonl"
    to.write_text("mine")
    found = call("export", "--to", str(to))
    assert found.exit_code == 1
    assert "--force" in found.stderr
    assert to.read_text() == "mine"
    assert call("export", "--to", str(to), "--force").exit_code == 0
    assert list(tmp_path.glob(".*.part")) == []


def test_unknown_ending_and_missing_runs(call: Call, filled: Path) -> None:
    """An ending that is no format is told; a filter that matches none is not found."""
    assert "there are json, jsonl, csv, parquet" in call("export", "--to", "runs.xlsx").stderr
    assert call("export", "-w", "params.lr > 9").exit_code == 3
    assert call("export", "nope").exit_code == 3
    assert call("export", "--format", "parquet").exit_code == 1


def test_artifacts_become_files(call: Call, filled: Path, tmp_path: Path) -> None:
    """--artifacts copies what a run produced below a folder of its name."""
    found = call("export", "base", "--artifacts", "--to", str(tmp_path / "out"))
    assert found.exit_code == 0, found.output
    assert (tmp_path / "out/base/report.html").read_text() == "<p>report</p>"
    assert (tmp_path / "out/base/model").read_bytes() == b"weights"
    assert call("export", "base", "--artifacts").exit_code == 2
    assert call("export", "worse", "--artifacts", "--to", str(tmp_path / "x")).exit_code == 1


def test_older_versions_get_their_number(call: Call, store: Path, tmp_path: Path) -> None:
    """Of several versions of one artifact the latest has the bare name; none leaves the folder."""
    from epochlog import flush, start_run

    with start_run("../up") as run:
        for text in (b"old", b"new"):
            run.log_artifact(text, "../../etc/a.txt")
    flush()
    assert call("export", "last", "--artifacts", "--to", str(tmp_path / "out")).exit_code == 0
    written = {
        str(p.relative_to(tmp_path / "out")): p.read_bytes()
        for p in (tmp_path / "out").rglob("*")
        if p.is_file()
    }
    assert written == {"up/etc/a.txt.v1": b"old", "up/etc/a.txt": b"new"}


@pytest.mark.parametrize(
    ("name", "path"),
    [("../..", "_"), ("/etc/x", "etc/x"), ("a\\..\\b", "a/b"), ("a:b?\n", "a_b__"), ("", "_")],
)
def test_safe_paths(name: str, path: str) -> None:
    """No name leads outside of the folder or is more than a name."""
    assert str(safe_path(name)) == path
