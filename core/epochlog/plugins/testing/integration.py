"""What every integration must keep: the same training with and without it, and a way back."""

from __future__ import annotations

import functools
import json
import os
import pickle
import random
import subprocess
import sys
import warnings
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, ClassVar

import numpy as np

from epochlog.base.guard import RAISE_ENV
from epochlog.plugins.api import pausing
from epochlog.plugins.testing.recorded import VARYING, recording
from epochlog.plugins.testing.surroundings import differing, surroundings
from epochlog.recording.run import Run

SCRIPT_TIMEOUT_S = 300

_FRESH = """
import json as _json, sys as _sys
from epochlog.plugins.testing import recording as _recording
from epochlog.plugins.testing.integration import seed as _seed
_before, _name, _imports, _train, _varying = _json.loads(_sys.argv[1])
if _before:  # into the real __main__, as in a user's script
    exec(_imports, globals())
with _recording(_name) as _recorded:
    _recorded.varying = _varying
    _early = _recorded.activation.items[_name].integration.framework in _sys.modules
    if not _before:
        exec(_imports, globals())
    _seed()
    exec(_train, globals())
    print("\\n" + _json.dumps([_early, _recorded.stream()]))
"""


class IntegrationTestCase:
    """Subclass it under a name that begins with ``Test``, fill in the attributes, run pytest.

    Example:
        >>> class TestTinyframe(IntegrationTestCase):
        ...     name = "tinyframe"
        ...     variants = {
        ...         "module": ("import tinyframe", "result = tinyframe.Descent().fit().x"),
        ...         "from": ("from tinyframe import Descent", "result = Descent().fit().x"),
        ...     }
        ...     expected_params = {"rate": 0.1}
        ...     expected_metrics = ("train/loss",)

    Attributes:
        name: of the integration.
        variants: name -> (import statements, training). Both are source texts that run like a
            script; the training leaves what it computed in ``result`` (numbers, texts, arrays,
            tensors, containers of them): weights or the model's bytes, predictions, callbacks lists
            that were handed in, whether ``fit`` returned the model. All variants must train the
            same.
        failing: training that raises; "" if there is none. Runs after the first variant's imports.
        expected_params: must be among the recorded parameters.
        expected_metrics: names that must be among the recorded metrics.
        pickled: expressions for wrapped functions that users send to process pools.
        varying: parts of metric names whose values differ between equal trainings.
        options: for the integration.
    """

    name: ClassVar[str] = ""
    variants: ClassVar[Mapping[str, tuple[str, str]]] = {}
    failing: ClassVar[str] = ""
    expected_params: ClassVar[Mapping[str, Any]] = {}
    expected_metrics: ClassVar[tuple[str, ...]] = ()
    pickled: ClassVar[tuple[str, ...]] = ()
    varying: ClassVar[tuple[str, ...]] = VARYING
    options: ClassVar[Mapping[str, Any]] = {}
    _answers: ClassVar[dict[Any, list[Any]]] = {}

    def recording(self) -> Any:
        """Return the block in which this integration records into memory."""
        return recording(self.name, options={self.name: dict(self.options)})

    def run(self, training: str = "") -> dict[str, Any]:
        """Run the first variant's imports and, seeded, a training (its own); return its names."""
        imports, usual = next(iter(self.variants.values()))
        scope: dict[str, Any] = {"__name__": "__main__"}
        exec(imports, scope)  # noqa: S102 - the author's own test text
        seed()
        exec(training or usual, scope)  # noqa: S102
        return scope

    def test_same_results_randomness_and_warnings(self) -> None:
        """Results, warnings, random states and the rest of the process are the same with us."""
        self.run()  # importing a framework may draw random numbers and warn, once
        plain = self._observed()
        with self.recording():
            recorded = self._observed()
        different = differing(plain, recorded, same)
        assert not different, f"{' and '.join(different)} differ"

    def test_expected_content_is_recorded(self) -> None:
        """Every run that was opened completed, and what is expected is there."""
        with self.recording() as recorded:
            self.run()
            params, metrics, statuses = recorded.params, recorded.metrics, recorded.statuses
        assert statuses
        assert set(statuses) == {"completed"}
        assert {k: params.get(k) for k in self.expected_params} == dict(self.expected_params)
        assert set(self.expected_metrics) <= set(metrics), sorted(metrics)

    def test_import_order_and_style_do_not_matter(self) -> None:
        """Imported before or after, by module or by name: the same events, in fresh processes."""
        streams = {
            (style, before): self._fresh(style, before=before)[1]
            for style in self.variants
            for before in (False, True)
        }
        first = next(iter(streams.values()))
        assert first, "nothing was recorded"
        for which, stream in streams.items():
            assert stream == first, f"{which} differs"

    def test_arming_imports_no_framework(self) -> None:
        """Arming in a fresh process does not import the framework."""
        assert self._fresh(next(iter(self.variants)), before=False)[0] is False

    def test_arming_twice_records_once(self) -> None:
        """A second arming adds nothing to what is recorded."""
        with self.recording() as recorded:
            self.run()
            once = self._stream(recorded)
        with self.recording() as recorded:
            recorded.activation.arm([self.name], options={self.name: dict(self.options)})
            self.run()
            assert self._stream(recorded) == once

    def test_everything_is_restored(self) -> None:
        """Taken off, every attribute of the framework's modules and classes is the one it was."""
        self.run()
        with self.recording() as recorded:
            framework = recorded.activation.items[self.name].integration.framework
            recorded.activation.disarm_all()
            before = picture(framework)
            recorded.activation.arm([self.name])
        after = picture(framework)
        assert [k for k in before if k not in after or after[k] is not before[k]] == []
        assert [k for k in after if k not in before] == []

    def test_paused_is_silent(self) -> None:
        """Nothing is recorded while paused, and training works."""
        with self.recording() as recorded, pausing():
            self.run()
            assert recorded.stream() == []

    def test_exceptions_pass_through(self) -> None:
        """A failing training raises the same with and without recording; its run failed."""
        if not self.failing:
            return
        plain = self._raised()
        with self.recording() as recorded:
            theirs = self._raised()
            statuses = recorded.statuses
        assert type(theirs) is type(plain)
        assert str(theirs) == str(plain)
        assert "failed" in statuses

    def test_wrapped_functions_pickle(self) -> None:
        """What users send to process pools still pickles by reference."""
        with self.recording():
            scope = self.run()
            for expression in self.pickled:
                value = eval(expression, scope)  # noqa: S307 - the author's own test text
                assert pickle.loads(pickle.dumps(value)) is value, expression

    def test_failing_recording_never_stops_training(self) -> None:
        """When every verb of a run raises in the integration, training gives the same result."""
        plain = self.run()["result"]
        verbs = [name for name in dir(Run) if name.startswith(("log_", "set_"))]
        kept = {name: vars(Run).get(name) for name in verbs}
        raises = os.environ.pop(RAISE_ENV, None)
        try:
            with self.recording():
                for name in verbs:
                    setattr(Run, name, _failing(getattr(Run, name)))
                recorded = self.run()["result"]
        finally:
            for name, verb in kept.items():
                if verb is None:
                    delattr(Run, name)
                else:
                    setattr(Run, name, verb)
            if raises is not None:
                os.environ[RAISE_ENV] = raises
        assert same(plain, recorded)

    def _observed(self) -> dict[str, Any]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = self.run()["result"]
            around = surroundings()
        said = [(w.category.__name__, str(w.message)) for w in caught]
        return {"results": result, "warnings": said, **around}

    def _raised(self) -> BaseException:
        try:
            self.run(self.failing)
        except Exception as error:
            return error
        raise AssertionError("the training that should fail did not")

    def _stream(self, recorded: Any) -> Any:
        recorded.varying = self.varying
        return recorded.stream()

    def _fresh(self, style: str, *, before: bool) -> list[Any]:
        """Run one variant in a new interpreter; return ``[imported early, stream]``."""
        answers: dict[Any, list[Any]] = vars(type(self)).get("_answers") or {}
        type(self)._answers = answers
        if (style, before) in answers:
            return answers[style, before]
        imports, train = self.variants[style]
        argument = json.dumps([before, self.name, imports, train, self.varying])
        path = os.pathsep.join(p for p in sys.path if p)
        done = subprocess.run(
            [sys.executable, "-c", _FRESH, argument],
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=SCRIPT_TIMEOUT_S,
        )
        assert done.returncode == 0, done.stderr
        answers[style, before] = json.loads(done.stdout.splitlines()[-1])
        return answers[style, before]


def _failing(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Return a verb that raises when an integration calls it; core's own calls work as before."""

    @functools.wraps(verb)
    def fail(*args: Any, **kwargs: Any) -> Any:
        if sys._getframe(1).f_globals.get("__name__", "").startswith("epochlog."):
            return verb(*args, **kwargs)
        raise RuntimeError("recording is broken on purpose")

    return fail


def seed() -> None:
    """Seed the global generators, so that two trainings draw the same."""
    random.seed(7)
    np.random.seed(7)
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(7)


def same(one: Any, two: Any) -> bool:
    """Return whether two results are equal bit by bit; NaN equals NaN."""
    if isinstance(one, (list, tuple)):
        return type(one) is type(two) and len(one) == len(two) and all(map(same, one, two))
    if isinstance(one, dict):
        return list(one) == list(two) and all(same(one[k], two[k]) for k in one)
    if isinstance(one, (np.ndarray, np.generic, float)):
        a, b = np.asarray(one), np.asarray(two)
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if hasattr(one, "detach") and hasattr(two, "detach"):
        return same(one.detach().cpu().numpy(), two.detach().cpu().numpy())
    return type(one) is type(two) and bool(one == two)


def picture(framework: str) -> dict[tuple[str, ...], Any]:
    """Return every attribute of a framework's loaded modules and of the classes they define."""
    found: dict[tuple[str, ...], Any] = {}
    for name, module in sorted(sys.modules.items()):
        if name.split(".")[0] != framework or not isinstance(module, ModuleType):
            continue
        for key, value in list(vars(module).items()):
            found[name, key] = value
            if isinstance(value, type) and value.__module__ == name:
                found.update({(name, key, k): v for k, v in vars(value).items() if not _caches(k)})
    return found


def _caches(name: str) -> bool:
    """Whether the interpreter itself rewrites this entry of a class."""
    return name in ("__weakref__", "__dict__", "__doc__") or name.startswith("_abc_")
