"""Arming integrations when their framework arrives."""

from __future__ import annotations

import importlib
import itertools
import sys
import threading

import pytest

from epochlog.base import guard
from epochlog.base.errors import FrameworkNotFound, SettingsError, UnsupportedVersion
from epochlog.plugins import patching
from epochlog.plugins.activation import Activation
from epochlog.plugins.api import Integration
from epochlog.plugins.report import Report

numbers = itertools.count()

FRAMEWORK = """
__version__ = "{version}"
class Model:
    def fit(self):
        return "fitted"
def train():
    return "trained"
"""

PATCHES = """
from epochlog.plugins.api import patch_method, patch_function
seen = []
def noting(original):
    def wrapper(*args, **kwargs):
        seen.append(original.__name__)
        return original(*args, **kwargs)
    return wrapper
def instrument(options):
    import {framework} as framework
    seen.append(options["depth"])
    {extra}
    patch_method(framework.Model, "fit", noting, owner="{name}")
    patch_function(framework, "train", noting, owner="{name}")
"""


class World:
    """A framework and its integration as files on the path, under fresh names."""

    def __init__(self, folder, extra="", version="2.0", supports=""):
        number = next(numbers)
        self.framework, self.patches, self.name = (
            f"frame{number}",
            f"patches{number}",
            f"integration{number}",
        )
        (folder / f"{self.framework}.py").write_text(FRAMEWORK.format(version=version))
        text = PATCHES.format(framework=self.framework, name=self.name, extra=extra or "pass")
        (folder / f"{self.patches}.py").write_text(text)
        self.integration = Integration(
            self.name,
            self.framework,
            supports.format(self.framework),
            f"{self.patches}:instrument",
            options={"depth": 1},
        )
        self.activation = Activation([("plugin", self.integration)])
        importlib.invalidate_caches()

    def load(self):
        return importlib.import_module(self.framework)

    @property
    def seen(self):
        return sys.modules[self.patches].seen

    @property
    def item(self):
        return Report("here", lambda: list(self.activation.items.values()))[self.name]


@pytest.fixture
def world(tmp_path, monkeypatch):
    """Return a maker of worlds; all are taken down afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(guard, "_seen_sites", {})
    made = []

    def make(**kwargs):
        made.append(World(tmp_path, **kwargs))
        return made[-1]

    yield make
    for each in made:
        each.activation.disarm_all()
        for name in (each.framework, each.patches):
            sys.modules.pop(name, None)


def test_framework_imported_later_is_instrumented_on_import(world):
    """Arming imports nothing; the import of the framework instruments it."""
    w = world()
    w.activation.arm()

    assert w.framework not in sys.modules
    assert w.patches not in sys.modules
    assert (w.item.state, w.item.reason) == ("waiting", f"until {w.framework} is imported")
    framework = w.load()

    assert framework.Model().fit() == "fitted"
    assert framework.train() == "trained"
    assert w.seen == [1, "fit", "train"]
    assert w.item.state == "on"


def test_framework_imported_before_is_instrumented_at_once(world):
    """A framework that is there already is instrumented by arming, with its earlier references."""
    w = world()
    framework = w.load()
    w.activation.arm()

    framework.train()

    assert w.seen == [1, "train"]
    assert w.item.state == "on"
    assert w.item.version == "2.0"


def test_arming_twice_is_idempotent_and_takes_new_options(world):
    """The same call again does nothing; other options instrument anew, still with one wrapper."""
    w = world()
    framework = w.load()
    w.activation.arm()
    w.activation.arm()
    assert w.seen == [1]

    w.activation.arm(options={w.name: {"depth": 5}})
    framework.train()

    assert w.seen == [1, 5, "train"]


def test_disarming_restores_everything(world):
    """Taking off restores identical objects, and an import that comes later stays untouched."""
    w, never = world(), world()
    framework = w.load()
    originals = [framework.Model.__dict__["fit"], framework.train]
    held = [lambda: originals]  # not a module's namespace: keeps identity for the comparison
    w.activation.arm()
    never.activation.arm()
    w.activation.disarm_all()
    never.activation.disarm_all()

    assert [framework.Model.__dict__["fit"], framework.train] == held[0]()
    assert framework.train is originals[1]
    assert (w.item.state, w.item.reason) == ("off", "taken off")
    never.load()
    assert never.patches not in sys.modules
    w.activation.arm()
    framework.train()
    assert w.seen == [1, 1, "train"]


def test_arming_again_after_the_framework_came_while_off(world):
    """A framework imported while everything was off is instrumented by the next arming."""
    w = world()
    w.activation.arm()
    w.activation.disarm_all()
    framework = w.load()
    w.activation.arm()

    framework.train()

    assert w.seen == [1, "train"]


def test_reloaded_framework_is_instrumented_again(world):
    """``importlib.reload`` brings originals back; they are wrapped at once, once."""
    w = world()
    framework = w.load()
    w.activation.arm()
    importlib.reload(framework)

    framework.train()
    framework.Model().fit()

    assert w.seen == [1, 1, "train", "fit"]
    w.activation.arm()
    assert w.seen == [1, 1, "train", "fit"]


def test_disabled_integration_stays_off(world):
    """A disabled integration is never instrumented, and disabling later takes it off."""
    w = world()
    w.activation.arm(disable=[w.name])
    framework = w.load()
    assert (w.item.state, w.item.reason) == ("off", "disabled")
    assert w.patches not in sys.modules

    w.activation.arm()
    w.activation.arm(disable=[w.name])
    framework.train()

    assert w.seen == [1]
    assert patching.patched(w.name) == []


def test_unsupported_version_is_off_when_automatic_and_loud_when_asked(world):
    """A version outside the range: a reason in the report, an error if asked for by name."""
    w = world(version="1.2", supports="{}>=2")
    framework = w.load()
    w.activation.arm()
    framework.train()

    assert w.item.state == "off"
    assert "1.2" in w.item.reason
    assert f"needs {w.framework}>=2" in w.item.reason
    with pytest.raises(UnsupportedVersion, match=r"1\.2"):
        w.activation.arm([w.name])


def test_absent_framework_is_off_when_automatic_and_loud_when_asked():
    """A framework that is not installed: one word in the report, an error with the remedy if named."""
    integration = Integration("ghost", "no_such_framework", "ghost>=1", "nowhere:instrument")
    activation = Activation([("plugin", integration)])
    activation.arm()
    report = Report("here", lambda: list(activation.items.values()))

    assert (report["ghost"].state, report["ghost"].reason) == ("off", "not installed")
    with pytest.raises(FrameworkNotFound, match=r"pip install 'ghost>=1'"):
        activation.arm(["ghost"])
    with pytest.raises(FrameworkNotFound, match="there are: ghost"):
        activation.arm(["gost"])


def test_unknown_option_is_refused(world):
    """An option that the integration does not have is an error that lists those it has."""
    w = world()
    with pytest.raises(SettingsError, match="it has: depth"):
        w.activation.arm(options={w.name: {"dept": 2}})


def test_integration_that_fails_never_breaks_the_import(world, monkeypatch, caplog):
    """An exception while instrumenting: the import succeeds, patches are undone, the report says why."""
    monkeypatch.delenv("EPOCHLOG_RAISE", raising=False)
    w = world(
        extra=(
            'patch_method(framework.Model, "fit", noting, owner="{name}"); '
            'raise RuntimeError("changed internals")'
        )
    )
    w.activation.arm()
    framework = w.load()

    assert framework.Model().fit() == "fitted"
    assert w.item.state == "off"
    assert "RuntimeError: changed internals" in w.item.reason
    assert patching.patched(w.name) == []
    assert len([r for r in caplog.records if w.name in r.message]) == 1


def test_missing_integration_module_never_breaks_the_import(tmp_path, monkeypatch):
    """An integration whose module does not exist is off with the reason; the import goes on."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "lonely_frame.py").write_text("x = 1")
    activation = Activation(
        [("plugin", Integration("lonely", "lonely_frame", "", "no_module:instrument"))]
    )
    activation.arm()

    assert importlib.import_module("lonely_frame").x == 1
    assert "no_module" in activation.items["lonely"].reason


def test_integration_without_framework_is_armed_at_once(world):
    """What waits for no framework starts with arming, also when nothing else is armed."""
    w = world()
    started = sys.modules[w.patches] = type(sys)("fake_patches")
    started.count = []
    started.instrument = started.count.append
    machine = Integration("machine", "", "", f"{w.patches}:instrument")
    activation = Activation([("plugin", w.integration), ("plugin", machine)])

    activation.arm_frameworkless()

    assert len(started.count) == 1
    assert activation.armed() == ["machine"]
    activation.arm_frameworkless(disable=["machine"])
    activation.disarm_all()


def test_own_uninstrument_is_called(world):
    """An integration that has more than patches to undo gets its ``uninstrument()`` called."""
    w = world()
    w.load()
    w.activation.arm()
    gone = []
    sys.modules[w.patches].uninstrument = lambda: gone.append(True)

    w.activation.disarm_all()

    assert gone == [True]


def test_import_in_one_thread_while_another_arms(world):
    """Arming and importing at once never deadlocks; at the latest the next call instruments, once."""
    for _ in range(20):
        w = world()
        barrier = threading.Barrier(2)

        def arm(w=w, barrier=barrier):
            barrier.wait()
            w.activation.arm()

        def load(w=w, barrier=barrier):
            barrier.wait()
            w.load()

        threads = [threading.Thread(target=target, daemon=True) for target in (arm, load)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
            assert not thread.is_alive()
        w.activation.arm()
        w.load().train()
        assert w.seen == [1, "train"]
