"""A store that can't take events costs one warning, not the training and not the events."""

from __future__ import annotations

from pathlib import Path

import pytest
from processes import run_python

import epochlog
from epochlog.base.errors import StoreCorrupt

TRAINING = """
import epochlog
with epochlog.start_run("kept") as run:
    run.log_metric("a", 1.0, step=0)
print("training done")
"""


def test_a_folder_that_cannot_be_made_keeps_the_run_elsewhere(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a file where the folder should be, the run is in the store as soon as the file is gone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("EPOCHLOG_RAISE")
    store.write_text("in the way")
    result = run_python(TRAINING)
    assert (result.returncode, result.stdout) == (0, "training done\n")
    assert f"the store folder {store} can't be written" in result.stderr
    store.unlink()
    run = epochlog.get_run("kept", store=store)

    assert (run.status, run.metrics["a"].last) == ("completed", 1.0)


def test_a_corrupt_database_keeps_the_run_in_its_journal(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Training goes on beside a damaged file; once that is moved away, the run is read."""
    monkeypatch.delenv("EPOCHLOG_RAISE")
    store.mkdir()
    (store / "epochlog.db").write_bytes(b"not a database" * 1000)
    result = run_python(TRAINING)
    assert (result.returncode, result.stdout) == (0, "training done\n")
    assert "move it away" in result.stderr
    with pytest.raises(StoreCorrupt, match="move it away"):
        epochlog.get_run("kept", store=store)
    (store / "epochlog.db").rename(store / "damaged.db")
    run = epochlog.get_run("kept", store=store)

    assert (run.status, run.metrics["a"].last) == ("completed", 1.0)
