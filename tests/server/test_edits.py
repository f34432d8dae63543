"""What people change in the browser."""

from __future__ import annotations

import pytest


def test_tags_are_added_and_removed(make_client):
    """Of several runs at once; what is not there is said."""
    client = make_client()
    ids = client.ids()
    found = client.post(
        "edit",
        runs=[ids["base"], ids["worse"], "nope"],
        add_tags=["new", "<b>"],
        remove_tags=["half"],
    )

    assert found["changed"] == 2
    assert found["skipped"] == {"nope": "there is no such run"}
    assert client.get("runs/base")["tags"] == ["<b>", "new", "vision"]
    assert client.get("runs/worse")["tags"] == ["<b>", "new"]
    assert client.post("runs", columns=[], where='"new" in tags')["total"] == 2


def test_a_note_is_written(make_client):
    """Any text, also an empty one."""
    client = make_client()
    run = client.ids()["base"]
    for note in ("# Ünïcode\n<script>", ""):
        client.post("edit", runs=[run], note=note)
        assert client.get(f"runs/{run}")["note"] == note


def test_runs_go_to_the_bin_and_come_back(make_client):
    """With all runs inside; the bin is a list of its own."""
    client = make_client()
    ids = client.ids()
    before = client.post("runs", columns=[])["total"]
    assert client.post("edit", runs=[ids["search"]], archived=True)["changed"] == 1
    assert client.post("runs", columns=[])["total"] == before - 1
    assert list(client.ids(archived=True)) == ["search"]
    assert client.post("edit", runs=[ids["search"]], archived=True)["changed"] == 0
    client.post("edit", runs=[ids["search"]], archived=False)
    assert client.post("runs", columns=[])["total"] == before


def test_a_running_run_is_not_archived(make_client, own_store, monkeypatch):
    """Nobody loses what is still being written."""
    import epochlog

    monkeypatch.setenv("EPOCHLOG_STORE", str(own_store))
    client = make_client()
    with epochlog.start_run("alive") as run:
        epochlog.flush()
        found = client.post("edit", runs=[run.id], archived=True)

    assert found["changed"] == 0
    assert "running" in found["skipped"][run.id]


def test_an_edit_keeps_a_running_run_running(make_client, own_store, monkeypatch):
    """Tags and notes of a run in training change nothing else of it."""
    import epochlog

    monkeypatch.setenv("EPOCHLOG_STORE", str(own_store))
    client = make_client()
    with epochlog.start_run("alive") as run:
        epochlog.flush()
        client.post("edit", runs=[run.id], add_tags=["seen"])
        found = client.get(f"runs/{run.id}")
        assert (found["status"], found["tags"]) == ("running", ["seen"])
    epochlog.flush()

    assert client.get(f"runs/{run.id}")["status"] == "completed"


def test_edits_are_checked(client):
    """Unknown fields, empty tags and no runs are refused; nothing is written."""
    run = client.ids()["base"]
    for body in (
        {"runs": []},
        {"runs": [run], "status": "failed"},
        {"runs": [run], "add_tags": [""]},
        {"runs": [run], "note": 1},
    ):
        assert client.error("POST", "edit", json=body)[0] == 400
    assert client.request("GET", "/api/edit").status_code in (404, 405)


def test_every_change_moves_the_cursor(make_client):
    """Equal cursors mean that nothing changed."""
    client = make_client()
    run = client.ids()["base"]
    before = client.get("info")["cursor"]
    assert client.get("info")["cursor"] == before
    after = client.post("edit", runs=[run], add_tags=["x"])["cursor"]

    assert after != before
    assert client.get("info")["cursor"] == after


def test_windows_say_when_they_are_stale(make_client):
    """A snapshot stays as it was, with the present values of its runs."""
    client = make_client()
    first = client.post("runs", columns=["tags"], order="name")
    client.post("edit", runs=[client.ids()["base"]], add_tags=["x"])
    again = client.post("runs", columns=["tags"], order="name", snapshot=first["snapshot"])
    fresh = client.post("runs", columns=["tags"], order="name")

    assert (first["stale"], again["stale"], fresh["stale"]) == (False, True, False)
    assert again["snapshot"] == first["snapshot"] != fresh["snapshot"]
    row = next(row for row in again["rows"] if row["name"] == "base")
    assert row["cells"] == [["half", "vision", "x"]]


@pytest.mark.parametrize("path", ["info", "projects"])
def test_nothing_recorded_yet(tmp_path, path):
    """An empty place is no failure: the first page says what to do."""
    from ui_client import Client

    client = Client(tmp_path / "nowhere")
    if path == "info":
        assert client.get("info")["cursor"] == ""
        assert not client.get("info")["writable"]
    else:
        status, error = client.error("GET", "projects")
        assert (status, error["kind"]) == (404, "no_store")
    assert not (tmp_path / "nowhere").exists()


def test_what_a_killed_process_left_is_brought_in(make_client, own_store):
    """Also when nobody listens: the next question after one sees how it ended."""
    import time

    from processes import run_python

    client = make_client()
    client.get("projects")
    code = """
import os, signal, epochlog
epochlog.start_run("killed").log_metrics({"a": 1.0}, step=0)
os.kill(os.getpid(), signal.SIGKILL)
"""
    run_python(code, EPOCHLOG_STORE=str(own_store))
    deadline = time.monotonic() + 60
    while "killed" not in client.ids():
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert client.get("runs/killed")["status"] in ("lost", "running")
