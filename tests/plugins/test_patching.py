"""Wrapping methods and functions reversibly."""

from __future__ import annotations

import functools
import gc
import inspect
import pickle
import sys
import types
import weakref

import pytest

from epochlog.plugins import patching
from epochlog.plugins.api import pausing, silencing

calls: list[str] = []


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


@pytest.fixture
def cls():
    """Return a class with one method of each sort."""

    class Model:
        def fit(self, x, *, y=1):
            """Fit."""
            return x + y

        @staticmethod
        def static(x):
            return x

        @classmethod
        def make(cls, x):
            return cls, x

    return Model


@pytest.fixture
def module():
    """Return a loaded module with a function, and another that imported it by name."""
    first, second = types.ModuleType("frame_first"), types.ModuleType("frame_second")
    exec("def train(x):\n    return x * 2\ndef cv(x):\n    return x * 3", first.__dict__)
    second.renamed = first.train
    sys.modules.update(frame_first=first, frame_second=second)
    yield first
    del sys.modules["frame_first"], sys.modules["frame_second"]


def test_method_is_wrapped_and_restored(cls):
    """A wrapped method runs the wrapper; undo puts the identical function back."""
    original = cls.__dict__["fit"]

    patching.patch_method(cls, "fit", noting("fit"), owner="a")

    assert cls().fit(1, y=2) == 3
    assert calls == ["fit"]
    assert patching.undo("a") == []
    assert cls.__dict__["fit"] is original


def test_wrapper_looks_like_the_original(cls):
    """Name, module, documentation and signature of a wrapped method are the original's."""
    before = inspect.signature(cls.fit)

    patching.patch_method(cls, "fit", noting("fit"), owner="a")

    assert inspect.signature(cls.fit) == before
    assert isinstance(cls.fit, types.FunctionType)
    assert (cls.fit.__name__, cls.fit.__doc__, cls.fit.__module__) == ("fit", "Fit.", __name__)


@pytest.mark.parametrize(("name", "expected"), [("static", 5), ("make", None)])
def test_static_and_class_methods_stay_what_they_are(cls, name, expected):
    """Static and class methods can be wrapped, are called as before, and are restored identically."""
    raw = cls.__dict__[name]

    patching.patch_method(cls, name, noting(name), owner="a")

    assert getattr(cls, name)(5) == (expected or (cls, 5))
    assert getattr(cls(), name)(5) == (expected or (cls, 5))
    assert calls == [name, name]
    assert type(cls.__dict__[name]) is type(raw)
    patching.undo("a")
    assert cls.__dict__[name] is raw


def test_second_patch_by_the_same_owner_changes_nothing(cls):
    """Patching twice wraps once."""
    patching.patch_method(cls, "fit", noting("one"), owner="a")
    wrapped = cls.__dict__["fit"]
    patching.patch_method(cls, "fit", noting("two"), owner="a")

    assert cls.__dict__["fit"] is wrapped
    cls().fit(1)
    assert calls == ["one"]


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_two_owners_leave_in_any_order(cls, order):
    """Two integrations can wrap one method; whoever leaves first, the original is back at the end."""
    original = cls.__dict__["fit"]
    patching.patch_method(cls, "fit", noting("a"), owner="a")
    patching.patch_method(cls, "fit", noting("b"), owner="b")
    cls().fit(1)
    assert calls == ["b", "a"]

    for owner in order:
        calls.clear()
        patching.undo(owner)
        cls().fit(1)
        assert owner not in calls

    assert cls.__dict__["fit"] is original


def test_foreign_wrapper_on_top_is_left_alone(cls):
    """If somebody else wrapped our wrapper, theirs stays and ours passes through, and we say so."""
    patching.patch_method(cls, "fit", noting("ours"), owner="a")
    ours = cls.fit

    @functools.wraps(ours)  # copies our marker into theirs
    def theirs(self, *args, **kwargs):
        calls.append("theirs")
        return ours(self, *args, **kwargs)

    cls.fit = theirs
    notes = patching.undo("a")

    assert cls.__dict__["fit"] is theirs
    assert cls().fit(1) == 2
    assert calls == ["theirs"]
    assert len(notes) == 1
    assert "Model.fit" in notes[0]


def test_layer_beneath_a_foreign_wrapper_wakes_again(cls):
    """Patching again after that switches our old layer on instead of adding a second one."""
    patching.patch_method(cls, "fit", noting("ours"), owner="a")
    ours = cls.fit
    cls.fit = functools.wraps(ours)(lambda self, *a, **k: ours(self, *a, **k))
    patching.undo("a")

    patching.patch_method(cls, "fit", noting("again"), owner="a")
    cls().fit(1)

    assert calls == ["ours"]


def test_inherited_method_gets_its_own_entry(cls):
    """A method that a class only inherits is wrapped in that class alone, and the entry is removed."""

    class Child(cls):
        pass

    patching.patch_method(Child, "fit", noting("child"), owner="a")

    assert cls().fit(1) == Child().fit(1) == 2
    assert calls == ["child"]
    patching.undo("a")
    assert "fit" not in Child.__dict__


def test_init_subclass_can_be_wrapped():
    """``__init_subclass__`` inherited from ``object`` can be wrapped, and sees new subclasses."""

    class Base:
        pass

    patching.patch_method(Base, "__init_subclass__", noting("subclass"), owner="a")

    type("Child", (Base,), {})

    assert calls == ["subclass"]
    patching.undo("a")
    assert "__init_subclass__" not in Base.__dict__


def test_missing_and_odd_attributes_are_refused(cls):
    """A name that does not exist, or is no method, is an error for the integration's author."""
    cls.number = 3
    with pytest.raises(AttributeError, match="no method 'fitt'"):
        patching.patch_method(cls, "fitt", noting("x"), owner="a")
    with pytest.raises(TypeError, match="not a function"):
        patching.patch_method(cls, "number", noting("x"), owner="a")


def test_available_if_methods_are_wrapped_inside():
    """scikit-learn's conditional methods are wrapped and stay conditional."""
    pipeline = pytest.importorskip("sklearn.pipeline")
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import LinearSVC

    raw = pipeline.Pipeline.__dict__["fit_predict"]
    inside = raw.fn
    patching.patch_method(pipeline.Pipeline, "fit_predict", noting("fit_predict"), owner="a")

    assert not hasattr(pipeline.make_pipeline(StandardScaler(), LinearSVC()), "fit_predict")
    from sklearn.cluster import KMeans

    pipeline.make_pipeline(KMeans(2, n_init=1)).fit_predict([[0.0], [1.0], [0.1]])
    assert calls == ["fit_predict"]
    patching.undo("a")
    assert pipeline.Pipeline.__dict__["fit_predict"] is raw
    assert raw.fn is inside


def test_function_is_rebound_wherever_it_was_imported(module):
    """References by other names in other modules, made before or after, follow patch and undo."""
    original = [module.train]  # a list: a global of this module would be rebound too
    patching.patch_function(module, "train", noting("train"), owner="a")
    late = sys.modules["frame_late"] = types.ModuleType("frame_late")
    late.train = module.train

    assert sys.modules["frame_second"].renamed is module.train is not original[0]
    assert module.train(2) == 4
    assert calls == ["train"]

    patching.undo("a")
    del sys.modules["frame_late"]
    for function in (module.train, sys.modules["frame_second"].renamed, late.train):
        calls.clear()
        assert function(2) == 4
        assert calls == []
    assert module.train is sys.modules["frame_second"].renamed is original[0]


def test_unreachable_reference_passes_through_after_undo(module):
    """A reference that no scan can find (here: in a partial) runs the original after undo."""
    patching.patch_function(module, "train", noting("train"), owner="a")
    kept = functools.partial(module.train, 3)

    patching.undo("a")

    assert kept() == 6
    assert calls == []


def test_several_functions_with_one_scan(module):
    """``patch_functions`` wraps several functions of a module."""
    patching.patch_functions(module, {"train": noting("train"), "cv": noting("cv")}, owner="a")

    assert (module.train(1), module.cv(1)) == (2, 3)
    assert calls == ["train", "cv"]
    assert patching.patched("a") == ["frame_first.train", "frame_first.cv"]


def test_outside_only(module):
    """With ``inside=False`` other modules of the same package keep the original; users get the wrapper."""
    inner = sys.modules["frame_first.inner"] = types.ModuleType("frame_first.inner")
    exec("def score(x):\n    return -x", inner.__dict__)
    module.score = sys.modules["frame_second"].score = inner.score
    original = [inner.score]
    patching.patch_functions(module, {"score": noting("score")}, owner="a", inside=False)

    assert inner.score is original[0]
    assert sys.modules["frame_second"].score is module.score is not original[0]
    assert pickle.loads(pickle.dumps(inner.score)) is original[0]
    assert pickle.loads(pickle.dumps(module.score)) is module.score
    patching.undo("a")
    del sys.modules["frame_first.inner"]
    assert module.score is sys.modules["frame_second"].score is original[0]


def test_reloaded_module_is_left_as_it_is(module):
    """After a module was executed again, undo keeps its new functions, and patching wraps them."""
    patching.patch_function(module, "train", noting("old"), owner="a")
    exec("def train(x):\n    return x * 5", module.__dict__)
    new = [module.train]

    patching.undo("a")
    assert module.train is new[0]
    patching.patch_function(module, "train", noting("new"), owner="a")

    assert module.train(1) == 5
    assert calls == ["new"]


def test_paused_and_silenced_calls_run_the_original(cls):
    """Inside ``paused()`` or while its owner is silenced a wrapper is passed by, unless it asked otherwise."""
    patching.patch_method(cls, "fit", noting("fit"), owner="a")
    patching.patch_method(cls, "static", noting("static"), owner="a", always=True)
    with pausing():
        cls().fit(1)
        cls.static(1)
    with silencing(["a"]):
        cls().fit(1)

    assert calls == ["static"]


def test_exceptions_pass_through_untouched(cls):
    """What the original raises arrives as the same object."""
    error = ValueError("theirs")
    cls.broken = lambda self: (_ for _ in ()).throw(error)
    patching.patch_method(cls, "broken", noting("x"), owner="a")

    with pytest.raises(ValueError, match="theirs") as caught:
        cls().broken()

    assert caught.value is error


def test_wrapped_class_can_be_freed():
    """The undo log keeps no redefined notebook class alive."""

    class Model:
        def fit(self):
            return super().__repr__()  # a __class__ cell: the function refers to its class

    alive = weakref.ref(Model)
    patching.patch_method(Model, "fit", noting("x"), owner="a")
    del Model
    gc.collect()

    assert alive() is None
    assert patching.undo("a") == []
