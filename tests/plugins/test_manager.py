"""Loading plugins one by one and calling each in isolation."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import pytest

from epochlog.base import guard
from epochlog.contract import events
from epochlog.plugins.api import Integration, StoreFlavor, hookimpl
from epochlog.plugins.manager import FAILURES_MAX, Plugins

END = events.RunEnded("r1", 1, "completed")
PARAMS = events.Params("r1", 1, {"lr": 0.1})
METRICS = events.MetricPoints("r1", 1, None, {"loss": 1.0})


class EntryPoint:
    """What importlib.metadata hands out, as far as the loader uses it."""

    def __init__(self, name, load):
        self.name, self.value, self.load = name, f"some.{name}", load


def plugin(**hooks):
    """Return a plugin object with these hook implementations."""
    return SimpleNamespace(**{name: hookimpl(function) for name, function in hooks.items()})


def raising(error):
    """Return a function that raises ``error``."""

    def function():
        raise error

    return function


@pytest.fixture(autouse=True)
def forget_warnings(monkeypatch):
    """Let each test see first-time warnings."""
    monkeypatch.setattr(guard, "_seen_sites", {})


def test_broken_entry_point_stops_no_other(caplog):
    """A plugin that fails to import is named in the problems and in one warning; others load."""
    integration = Integration("good", "good", "", "good:instrument")
    good = plugin(register_integrations=lambda: [integration])
    plugins = Plugins(
        lambda: [
            EntryPoint("bad", raising(ImportError("no libgomp"))),
            EntryPoint("good", lambda: good),
        ]
    )

    assert plugins.integrations() == [("good", integration)]
    assert [p.plugin for p in plugins.problems] == ["bad"]
    assert "ImportError: no libgomp" in plugins.problems[0].reason
    assert len(caplog.records) == 1
    assert "'bad'" in caplog.text


@pytest.mark.parametrize(
    ("hooks", "words"),
    [
        ({"on_runstart": lambda events: None}, "on_runstart"),
        ({"on_run_end": lambda event: None}, "event"),
        ({"register_integrations": raising(ValueError("oops"))}, "oops"),
        ({"register_integrations": lambda: ["lightgbm"]}, "not Integration"),
    ],
    ids=["misspelt hook", "misspelt argument", "raises", "wrong type"],
)
def test_unusable_plugins_are_reported(hooks, words):
    """A misspelt hook or argument, an exception or a wrong return value each become one problem."""
    plugins = Plugins(list)
    plugins.register(plugin(**hooks), "odd")

    assert plugins.integrations() == []
    assert len(plugins.problems) == 1
    assert plugins.problems[0].plugin == "odd"
    assert words in plugins.problems[0].reason


def test_entry_points_are_scanned_once_and_late():
    """Making the manager scans nothing; asking twice scans once."""
    scans = []
    plugins = Plugins(lambda: scans.append(1) or [])
    assert scans == []

    plugins.integrations()
    plugins.stores()

    assert scans == [1]


def test_two_plugins_of_one_name_or_integration():
    """The first plugin of a name wins, the first integration of a name wins, and the report says so."""

    def offers():
        return [Integration("x", "x", "", "x:y")]

    plugins = Plugins(
        lambda: [
            EntryPoint("one", lambda: plugin(register_integrations=offers)),
            EntryPoint("one", lambda: plugin()),
            EntryPoint("two", lambda: plugin(register_integrations=lambda: offers())),
        ]
    )

    assert [name for name, _ in plugins.integrations()] == ["one"]
    assert {p.plugin for p in plugins.problems} == {"one", "two"}


def test_stores_by_scheme():
    """Store flavors are found by each of their URL schemes."""
    flavor = StoreFlavor("sqlite", ("sqlite", "file"), "a:b")
    plugins = Plugins(list)
    plugins.register(plugin(register_stores=lambda: [flavor]), "store")

    assert plugins.stores() == {"sqlite": flavor, "file": flavor}


def test_listeners_get_their_events_grouped():
    """Each hook is called once per batch with its own events, in order; arguments are optional."""
    seen = []
    plugins = Plugins(list)
    plugins.register(
        plugin(
            on_metrics=lambda events: seen.append(("metrics", events)),
            on_run_end=lambda: seen.append(("end", None)),
        ),
        "listener",
    )

    plugins.announce([METRICS, PARAMS, METRICS, END])

    assert seen == [("metrics", (METRICS, METRICS)), ("end", None)]


def test_nobody_listening_costs_nothing():
    """Without listeners a batch is not even looked at."""

    class Untouchable:
        def __iter__(self):
            raise AssertionError("the batch was walked")

    plugins = Plugins(list)
    plugins.register(plugin(register_stores=lambda: ()), "store")

    plugins.announce(Untouchable())


def test_raising_listener_is_isolated_then_switched_off(caplog):
    """A raising listener stops no other, warns once, and is off after three failures."""
    calls, heard = [], []

    def bad(events):
        calls.append(events)
        raise RuntimeError("listener bug")

    plugins = Plugins(list)
    plugins.register(plugin(on_params=bad), "bad")
    plugins.register(plugin(on_params=lambda events: heard.append(events)), "good")

    for _ in range(FAILURES_MAX + 2):
        plugins.announce([PARAMS])

    assert len(calls) == FAILURES_MAX
    assert len(heard) == FAILURES_MAX + 2
    assert len(caplog.records) == 1
    assert [(p.plugin, "switched off after 3 failures" in p.reason) for p in plugins.problems] == [
        ("bad", True)
    ]


def test_disabled_plugin_hears_nothing():
    """A plugin that the user disabled by name is not called, until it is enabled again."""
    heard = []
    plugins = Plugins(list)
    plugins.register(plugin(on_params=lambda events: heard.append(events)), "chatty")
    plugins.announce([PARAMS])

    plugins.switch_off(["chatty"])
    plugins.announce([PARAMS])
    plugins.switch_off([])
    plugins.announce([PARAMS])

    assert len(heard) == 2


def test_interrupt_passes_through_a_listener():
    """Ctrl-C inside a listener is not swallowed as the listener's failure."""

    def interrupted(events):
        raise KeyboardInterrupt

    plugins = Plugins(list)
    plugins.register(plugin(on_params=interrupted), "slow")

    with pytest.raises(KeyboardInterrupt):
        plugins.announce([PARAMS])
    assert plugins.problems == []
    assert logging.getLogger("epochlog").handlers == []
