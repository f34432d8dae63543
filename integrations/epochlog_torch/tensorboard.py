"""Hear what a TensorBoard ``SummaryWriter`` is told, of PyTorch's or of tensorboardX."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from epochlog.plugins.api import (
    Run,
    current_run,
    guard,
    histogram,
    open_fit,
    patch_method,
    silencing,
)
from epochlog_torch.engine import OWNER, engine, rank_of_process

Function = Callable[..., Any]
MODULES = ("torch.utils.tensorboard.writer", "tensorboardX.writer")
CONTEXT = "tensorboard"

_runs: weakref.WeakKeyDictionary[Any, Run] = weakref.WeakKeyDictionary()
"""Runs that were opened for a writer, because there was none."""


class Place(NamedTuple):
    """Where a writer's values go: a run, and the names of curves that are taken in it."""

    run: Run
    taken: set[str]


def enter(module: Any) -> None:
    """Wrap a writer's methods."""
    cls = module.SummaryWriter
    for name, told in _TOLD.items():
        if hasattr(cls, name):
            patch_method(cls, name, _telling(told), owner=OWNER)
    patch_method(cls, "close", _closing, owner=OWNER)


def place_of(writer: Any) -> Place | None:
    """Return where a writer's values belong; None if nowhere, on another rank."""
    loop, run = engine.of_this_thread(), current_run()
    if run is None and loop is not None:
        run = loop.run
    if run is None and rank_of_process() > 0:
        return None
    if run is None:
        run = _runs.get(writer)
        if run is None or not run.active:
            run = _runs[writer] = open_fit("", source=OWNER, kind="run").run
            engine.spare(run)
    return Place(run, loop.keys if loop is not None and loop.run.id == run.id else set())


def _telling(told: Function) -> Callable[[Function], Function]:
    def make(original: Function) -> Function:
        def tell(self: Any, *args: Any, **kwargs: Any) -> Any:
            with silencing((OWNER,)):  # add_hparams makes a writer of its own
                result = original(self, *args, **kwargs)
            with guard("torch tensorboard"):
                place = place_of(self)
                if place is not None:
                    told(place, *args, **kwargs)
            return result

        return tell

    return make


def _scalar(
    into: Place,
    tag: str,
    scalar_value: Any,
    global_step: Any = None,
    walltime: float | None = None,
    **_: Any,
) -> None:
    if isinstance(scalar_value, str):  # the name of a Caffe2 blob
        return
    into.run.log_metrics(
        {tag: scalar_value},
        step=_number(global_step),
        at=None if walltime is None else int(walltime * 1e6),
        context=CONTEXT if tag in into.taken else "",
    )


def _scalars(
    into: Place,
    main_tag: str,
    tag_scalar_dict: Mapping[str, Any],
    global_step: Any = None,
    walltime: float | None = None,
    **_: Any,
) -> None:
    for tag, value in tag_scalar_dict.items():
        _scalar(into, f"{main_tag}/{tag}", value, global_step, walltime)


def _hparams(
    into: Place,
    hparam_dict: Mapping[str, Any],
    metric_dict: Mapping[str, Any],
    *_: Any,
    **__: Any,
) -> None:
    into.run.log_params({f"hparams.{name}": value for name, value in hparam_dict.items()})
    into.run.log_metrics({str(name): value for name, value in metric_dict.items()})


def _histogram(
    into: Place, tag: str, values: Any, global_step: Any = None, *_: Any, **__: Any
) -> None:
    if isinstance(values, str):
        return
    into.run.log_plot(tag, "histogram", histogram(values), step=_number(global_step))


def _text(
    into: Place,
    tag: str,
    text_string: str,
    global_step: Any = None,
    *_: Any,
    **__: Any,
) -> None:
    into.run.log_text(tag, text_string, step=_number(global_step))


def _number(step: Any) -> Any:
    item = getattr(step, "item", None)
    return item() if callable(item) else step


_TOLD: dict[str, Function] = {
    "add_scalar": _scalar,
    "add_scalars": _scalars,
    "add_hparams": _hparams,
    "add_histogram": _histogram,
    "add_text": _text,
}


def _closing(original: Function) -> Function:
    def close(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        with guard("torch tensorboard"):
            run = _runs.pop(self, None)
            if run is not None and run.active and not engine.records_into(run):
                run.end()
        return result

    return close
