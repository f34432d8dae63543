"""Wrapped functions and classes on their way into other processes."""

from __future__ import annotations

import functools
import pickle
import sys
import types
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from epochlog.plugins import patching

calls: list[str] = []


class _Nothing:
    def method(self):
        pass


def noting(text):
    """Return a ``make`` that notes each call."""

    def make(original):
        def wrapper(*args, **kwargs):
            calls.append(text)
            return original(*args, **kwargs)

        return wrapper

    return make


@pytest.fixture(autouse=True)
def clean():
    """Leave no patch behind."""
    calls.clear()
    yield
    for owner in ("a", "b"):
        patching.undo(owner)


def test_wrapped_function_pickles_by_reference():
    """A wrapped framework function goes through pickle, and through a pool of processes."""
    import json

    patching.patch_function(json, "dumps", noting("x"), owner="a")

    assert pickle.loads(pickle.dumps(json.dumps)) is json.dumps
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:
        assert pool.submit(json.dumps, {"a": 1}).result(30) == '{"a": 1}'


def test_objects_that_copied_our_marker_pickle():
    """``functools.update_wrapper`` copies a wrapper's attributes; the object still pickles."""
    import json

    patching.patch_function(json, "dumps", noting("x"), owner="a")
    task = functools.update_wrapper(_Task(), json.dumps)
    back = pickle.loads(pickle.dumps(task))

    assert back.__wrapped__ is json.dumps


def test_originals_of_a_framework_s_own_modules_still_pickle():
    """With ``inside=False`` both the wrapper and an original that somebody kept go through pickle."""
    import json

    original = json.loads
    private = types.ModuleType("json._private")
    private.loads = original
    sys.modules["json._private"] = private
    original.__module__ = "json._private"
    try:
        patching.patch_functions(json, {"loads": noting("x")}, owner="a", inside=False)

        assert private.loads is original
        assert json.loads is not original
        assert pickle.loads(pickle.dumps(json.loads)) is json.loads
        assert pickle.loads(pickle.dumps(original)) is original
        patching.undo("a")
        assert json.loads is original
    finally:
        original.__module__ = "json"
        del sys.modules["json._private"]


class _Task:
    pass


def test_class_of_main_travels_by_value():
    """cloudpickle ships a class of ``__main__`` with its wrapper, which is off where nobody is armed."""
    cloudpickle = pytest.importorskip("cloudpickle")
    scope = {"__name__": "__main__"}
    exec("class Mine:\n    def fit(self, x):\n        return x + 1", scope)
    mine = scope["Mine"]
    patching.patch_method(mine, "fit", noting("mine"), owner="a")
    shipped = cloudpickle.dumps(mine)

    patching.undo("a")
    elsewhere = pickle.loads(shipped)
    assert elsewhere().fit(1) == 2
    assert calls == []

    layer = elsewhere.fit.__epochlog_layer__
    assert not layer.on
    patching.patch_method(_Nothing, "method", noting("arms"), owner="a")
    assert layer.on
    assert elsewhere().fit(1) == 2
    patching.undo("a")
    assert not layer.on
