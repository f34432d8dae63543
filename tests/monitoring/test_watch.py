"""Runs are watched while they are recorded: notes, actions, and no harm by a rule that fails."""

from __future__ import annotations

import json
import math
import threading
import types
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

import epochlog
from epochlog.base.errors import SettingsError
from epochlog.plugins.api import Finding, Watchdog, Watched, hookimpl
from epochlog.plugins.manager import get_plugins
from epochlog.query.run_view import RunView
from epochlog.recording.recorder import get_recorder


def notes(run: RunView) -> list[tuple[str, str]]:
    """Return what watchdogs noted: source without the word watch, text."""
    return [
        (each.source.removeprefix("watch "), each.text)
        for each in run.notices
        if each.source.startswith("watch ")
    ]


def trained(losses: list[float], **arguments: Any) -> RunView:
    with epochlog.start_run(**arguments) as run:
        for step, loss in enumerate(losses):
            run.log_metrics({"train/loss": loss}, step=step)
    return epochlog.get_run(run.id)


def test_a_loss_that_is_nan_is_noted_by_default(capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing has to be set up, nothing is printed, no other curve is meant."""
    with epochlog.start_run() as run:
        run.log_metrics({"val/loss": 1.0, "val/f1": math.nan}, step=0)
        run.log_metrics({"val/loss": math.nan, "val/f1": math.nan}, step=1)

    assert notes(epochlog.get_run(run.id)) == [("nan", "val/loss is nan at step 1")]
    assert capfd.readouterr() == ("", "")


def test_what_goes_well_is_not_spoken_of() -> None:
    """With the defaults and all other rules a training that learns has no note."""
    rules = ["diverged metric=*loss", "plateau metric=*loss", "gpu_idle", "data_bound"]
    epochlog.autolog(watch=rules, hardware=False)

    assert trained([1 / (i + 1) for i in range(30)]).notices == []


def test_watching_can_be_switched_off() -> None:
    """``watch=False``: no rule is in force, and nothing is asked."""
    epochlog.autolog(watch=False, hardware=False)

    assert trained([math.nan]).notices == []
    recorder = get_recorder()
    assert recorder is not None
    assert recorder.watch is None


def test_rules_of_a_run_hold_for_what_is_nested_in_it() -> None:
    """``start_run(watch=…)`` is for that run and its children, not for the next one."""
    rule = "plateau metric=train/loss patience=2"
    with epochlog.start_run(watch=rule) as run, run.start_child("inner") as child:
        for step in range(4):
            child.log_metrics({"train/loss": 1.0}, step=step)
    other = trained([1.0] * 4)

    assert [name for name, _ in notes(epochlog.get_run(child.id))] == ["plateau"]
    assert notes(other) == []


def test_wrong_rules_of_a_run_open_none() -> None:
    """The error comes before there is a run."""
    with pytest.raises(SettingsError, match="did you mean 'plateau'"):
        epochlog.start_run(watch="platoe metric=a")
    assert epochlog.current_run() is None


def test_a_function_is_a_rule() -> None:
    """It sees the new points, and what it says is noted when it begins to say something."""
    seen: list[int] = []

    def too_high(run: Watched) -> Finding | str | None:
        seen.extend(int(point.step or 0) for point in run.points)
        high = [point for point in run.points if point.metrics["train/loss"] > 5]
        return (
            Finding(f"{run.name} is at {high[0].metrics['train/loss']}", "info") if high else None
        )

    epochlog.autolog(watch=[too_high, "-stalled"], hardware=False)
    run = trained([1.0, 7.0, 9.0], name="mine")

    assert seen == [0, 1, 2]
    assert notes(run) == [("too_high", "mine is at 7.0")]


def test_a_rule_that_raises_is_off_for_the_run() -> None:
    """It is noted once, the others go on, and so does the training."""

    def broken(run: Watched) -> str | None:
        raise KeyError("oops")

    epochlog.autolog(watch=[broken], hardware=False)
    with epochlog.start_run() as run:
        for step in range(3):
            run.log_metrics({"train/loss": math.nan}, step=step)
            run.flush()

    found = notes(epochlog.get_run(run.id))
    assert sorted(name for name, _ in found) == ["broken", "nan"]
    assert "KeyError: 'oops'" in dict(found)["broken"]


def test_a_plugin_offers_watchdogs() -> None:
    """Its name and parameters are used in rules like those of our own."""

    def make(limit: float) -> Any:
        return lambda run: (
            "too large" if any(p.metrics["train/loss"] > limit for p in run.points) else None
        )

    class Plugin:
        @hookimpl
        def register_watchdogs(self) -> list[Watchdog]:
            return [Watchdog("limit", make, {"limit": 10})]

    get_plugins().register(Plugin(), "limits")
    try:
        with pytest.raises(SettingsError, match="did you mean 'limit'"):
            epochlog.autolog(watch="limit limti=3")
        epochlog.autolog(watch="limit limit=3", hardware=False)
        assert notes(trained([1.0, 4.0])) == [("limit", "too large")]
    finally:
        get_plugins().unregister("limits")


def test_print_writes_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    """To standard error, with the run's name."""
    epochlog.autolog(watch="nan -> print", hardware=False)
    trained([1.0, math.nan, math.nan], name="lamb")

    assert capfd.readouterr() == ("", "epochlog: lamb: train/loss is nan at step 1\n")


def test_a_command_is_told(tmp_path: Path) -> None:
    """By environment variables and JSON on its input; the end of the process waits for it."""
    command = f"sh -c 'cat > {tmp_path}/json; echo $EPOCHLOG_WATCH_TEXT > {tmp_path}/text'"
    epochlog.autolog(watch="nan -> command", watch_command=command, hardware=False)
    run = trained([math.nan], name="lamb")
    recorder = get_recorder()
    assert recorder is not None
    recorder.close()

    told = json.loads((tmp_path / "json").read_text())
    assert told == {
        "rule": "nan", "run": run.id, "name": "lamb", "text": "train/loss is nan at step 0"
    }  # fmt: skip
    assert (tmp_path / "text").read_text() == "train/loss is nan at step 0\n"


@pytest.fixture
def server() -> Iterator[types.SimpleNamespace]:
    """A real HTTP server that keeps what is posted."""
    state = types.SimpleNamespace(bodies=[], url="")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            state.bodies.append(json.loads(self.rfile.read(length)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            del args

    httpd = HTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{httpd.server_port}/hook"
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield state
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def test_a_web_hook_is_posted_to(server: types.SimpleNamespace) -> None:
    """Only where a rule says so: a note alone uses no network."""
    epochlog.autolog(
        watch=["nan -> webhook", "plateau metric=train/loss patience=1"],
        watch_webhook=server.url,
        hardware=False,
    )
    trained([1.0, 1.0, math.nan], name="lamb")
    recorder = get_recorder()
    assert recorder is not None
    recorder.close()

    (body,) = server.bodies
    assert body["rule"] == "nan"
    assert body["text"] == "lamb: train/loss is nan at step 2"


def test_a_watchdog_stops_a_training() -> None:
    """With ``allow_stop`` a rule may ask, and the run says which one did."""
    epochlog.autolog(watch="plateau metric=train/loss patience=5 -> stop", allow_stop=True)
    with epochlog.start_run() as run:
        for step in range(100):
            run.log_metrics({"train/loss": 1.0}, step=step)
            if step % 10 == 0:
                run.flush()
            if run.stop_requested:
                break

    found = epochlog.get_run(run.id)
    assert step == 10
    assert found.status_reason.startswith("stopped on request of watchdog plateau: train/loss has")
    assert notes(found)[0][1].endswith("; asked it to stop")


def test_a_function_may_not_stop_what_is_not_allowed_to() -> None:
    """A function's own wish to stop is noted, and nothing else happens."""
    epochlog.autolog(watch=lambda run: Finding("enough", actions=("stop",)), hardware=False)
    with epochlog.start_run() as run:
        run.log_metrics({"train/loss": 1.0}, step=0)
        run.flush()
        stop = run._stop

    assert stop is None
    assert [text for _, text in notes(epochlog.get_run(run.id))] == [
        "enough (it may not stop the training: allow_stop is off)"
    ]
