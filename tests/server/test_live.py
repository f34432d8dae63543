"""A real server: sockets, live notes, the command, the notebook, many writers."""

from __future__ import annotations

import json
import re
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from processes import run_python, start_python
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from epochlog.base.errors import EpochlogError
from epochlog.server.live import Pace
from epochlog.server.serve import Serving, listen, prepare


@pytest.fixture
def serving(own_store: Path) -> Iterator[Serving]:
    """A server in a thread, on any free port."""
    found = prepare(str(own_store), port=0).start()
    yield found
    found.stop()


def socket_of(serving: Serving, **options):
    return connect(f"ws://127.0.0.1:{serving.port}/api/live", **options)


def fetch(serving: Serving, path: str, body=None):
    request = urllib.request.Request(
        f"http://127.0.0.1:{serving.port}/api/{path}",
        None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json", "X-Epochlog": "1"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())


def watch(live, runs=(), whole_list=True, cursor=None):
    live.send(
        json.dumps({"type": "watch", "runs": list(runs), "list": whole_list, "cursor": cursor})
    )


def next_note(live, timeout=30):
    return json.loads(live.recv(timeout=timeout))


LOG = """
import sys, epochlog
with epochlog.start_run(run_id=sys.argv[1]) as run:
    run.log_metrics({"train/loss": 5.0}, step=500)
"""


def test_a_change_is_told(serving, own_store):
    """What another process writes reaches the tab that shows the run."""
    run = fetch(serving, "runs", {"columns": [], "where": 'name == "worse"'})["rows"][0]["id"]
    with socket_of(serving) as live:
        hello = next_note(live)
        watch(live, [run], cursor="old")
        before = next_note(live)["runs"][0]
        done = run_python(LOG, run, EPOCHLOG_STORE=str(own_store))
        assert done.returncode == 0, done.stderr
        notes = [next_note(live)]
        while not any(r["points"] > before["points"] for note in notes for r in note["runs"]):
            notes.append(next_note(live))

    assert hello["type"] == "hello"
    assert {note["type"] for note in notes} == {"changed"}
    assert all(note["list"] for note in notes)
    assert notes[-1]["cursor"] != hello["cursor"]
    assert notes[-1]["total"] == 6


def test_a_tab_that_was_away_is_told_at_once(serving):
    """With an old cursor the first note comes without any change."""
    run = fetch(serving, "runs", {"columns": []})["rows"][0]["id"]
    with socket_of(serving) as live:
        next_note(live)
        watch(live, [run], cursor="old")
        note = next_note(live)

    assert [each["id"] for each in note["runs"]] == [run]


def test_nobody_listening_costs_nothing(serving):
    """The store is looked at only while a visible tab is connected."""
    live = serving.app.live
    with socket_of(serving) as tab:
        next_note(tab)
        watch(tab)
        wait_until(lambda: live.looks > 0)
        tab.send('{"type": "pause"}')
        wait_until(lambda: live._task is None)
        watch(tab)
        wait_until(lambda: live._task is not None)
    wait_until(lambda: live._task is None and not live._listeners)


def wait_until(fact, seconds=30):
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_news_come_the_slower_the_more_they_cost():
    """What a note made browsers ask may take a small share of a core, but nobody waits for long."""
    clocks = {"cpu": 0.0, "now": 100.0}
    pace = Pace(lambda: clocks["cpu"], lambda: clocks["now"])
    waits = []
    assert pace.wait_s == 0.0
    for cost in (0.0, 0.007, 0.021, 60.0):
        pace.told()
        clocks["cpu"] += cost
        waited = 0.0
        while pace.wait_s:
            waited += pace.wait_s
            clocks["now"] += pace.wait_s
        waits.append(waited)

    assert waits == pytest.approx([0.0, 1.0, 3.0, 10.0])


def test_nonsense_is_answered_and_survived(serving):
    """A message that is none gets an error; the socket goes on."""
    with socket_of(serving) as live:
        next_note(live)
        for text in ("{", '{"type": "x"}', '{"type": "watch", "runs": 1}'):
            live.send(text)
            assert next_note(live)["type"] == "error"
        watch(live, ["nope"], cursor="old")
        assert next_note(live)["type"] == "changed"


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_sockets_of_other_pages_are_refused(serving, headers):
    """Browsers let any page open a socket to anywhere: the server has to look."""
    with pytest.raises(InvalidStatus) as refused, socket_of(serving, additional_headers=headers):
        pass

    assert refused.value.response.status_code == 403


def test_a_token_guards_sockets_too(own_store):
    """On another address than the loopback everything asks for the token."""
    serving = prepare(str(own_store), host="0.0.0.0", port=0).start()
    try:
        assert "login?key=" in serving.url
        with pytest.raises(InvalidStatus) as refused, socket_of(serving):
            pass
        assert refused.value.response.status_code == 401
        bearer = {"Authorization": f"Bearer {serving.token}"}
        with socket_of(serving, additional_headers=bearer) as live:
            assert next_note(live)["type"] == "hello"
    finally:
        serving.stop()


@pytest.mark.parametrize(
    "path",
    [
        "/../../../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/assets/..%2f..%2fapp.py",
    ],
)
def test_raw_paths_lead_nowhere(serving, path):
    """Sent as they are, without a client that tidies them up."""
    with socket.create_connection(("127.0.0.1", serving.port), timeout=30) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 ")
    assert b"root:" not in answer
    assert b"class Ui" not in answer


def test_a_taken_port_is_passed_over():
    """Without --port the next free one is used; with it, the message says what to do."""
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(EpochlogError, match="choose another port"):
            listen("127.0.0.1", port)
    with listen("127.0.0.1", None) as one, listen("127.0.0.1", None) as two:
        assert one.getsockname()[1] != two.getsockname()[1]


def test_the_command_serves_until_interrupted(own_store):
    """It prints the address, answers there, and ends on Ctrl+C without a traceback."""
    code = "from epochlog.cli.main import main; main()"
    process = start_python(code, "ui", "--store", str(own_store), "--port", "0", "--no-browser")
    line = process.stdout.readline()
    url = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
    assert url, line
    with urllib.request.urlopen(f"{url[0]}api/info", timeout=60) as answer:
        assert json.loads(answer.read())["store"] == str(own_store)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)

    assert "Traceback" not in errors
    assert process.returncode in (0, 130, -signal.SIGINT)


def test_without_the_extra_the_command_says_so(tmp_path):
    """The default installation has no web server; the message names the extra."""
    code = """
import sys
sys.modules["starlette"] = None
from epochlog.cli.main import main
main()
"""
    done = run_python(code, "ui", "--store", str(tmp_path))

    assert done.returncode == 1
    assert 'pip install "epochlog[ui]"' in done.stderr


def test_recording_imports_no_server():
    """Neither the package, nor recording, nor a query brings in the web server."""
    code = """
import sys, epochlog
with epochlog.start_run("x") as run:
    run.log_metrics({"a": 1.0})
epochlog.flush()
assert len(epochlog.runs()) == 1
found = {"starlette", "uvicorn", "websockets", "anyio", "epochlog.server"} & set(sys.modules)
assert not found, found
"""
    assert run_python(code, EPOCHLOG_STORE="store").returncode == 0


def test_a_notebook_shows_a_frame(own_store):
    """One server per store; the frame shows the view that was asked for."""
    import epochlog

    shown = epochlog.ui(own_store, path="runs/x", port=0)
    again = epochlog.ui(own_store)
    try:
        assert again.url in shown.url
        assert f'<iframe src="{shown.url}"' in shown._repr_html_()
        with urllib.request.urlopen(f"{again.url}api/info", timeout=60) as answer:
            assert (
                "frame-ancestors 'self' http://localhost:*"
                in answer.headers["content-security-policy"]
            )
    finally:
        shown.stop()


WRITE = """
import sys, epochlog
for i in range(2):
    with epochlog.start_run(f"{sys.argv[1]}-{i}") as run:
        run.log_params({"i": i})
        for step in range(40):
            run.log_metrics({"loss": 1 / (step + 1)}, step=step)
    epochlog.flush()
"""


@pytest.mark.slow
def test_sixteen_writers_and_a_reader(serving, own_store):
    """Neither side ever hears that the database is locked, and all arrives."""
    writers = [start_python(WRITE, f"w{n}", EPOCHLOG_STORE=str(own_store)) for n in range(16)]
    asked = 0
    with socket_of(serving) as live:
        next_note(live)
        watch(live)
        while any(process.poll() is None for process in writers):
            window = fetch(serving, "runs", {"columns": ["metrics.loss", "params.i"], "limit": 100})
            ids = [row["id"] for row in window["rows"][:5]]
            fetch(serving, "edit", {"runs": ids, "add_tags": ["seen"]})
            fetch(serving, f"runs/{ids[0]}")
            asked += 1
        total = fetch(serving, "runs", {"columns": [], "where": 'startswith(name, "w")'})["total"]
    errors = [process.communicate(timeout=60)[1] for process in writers]

    assert asked > 0
    assert [e for e in errors if "locked" in e or "Traceback" in e] == []
    assert total == 16 * 2 + 1  # and the one called "worse"
