"""Where we enter PyTorch: its own step hooks, and wrappers that `uninstrument` takes off."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from epochlog.plugins.api import (
    IntegrationOptions,
    add_run_listener,
    guard,
    is_silenced,
    patch_function,
    patch_method,
    paused,
    remove_run_listeners,
    undo,
    when_imported,
)
from epochlog_torch import finding, slots, tensorboard
from epochlog_torch.engine import OWNER, engine
from epochlog_torch.members import remember_scheduler
from epochlog_torch.passes import rows_of
from epochlog_torch.saving import belongs, saver
from epochlog_torch.scalars import held

Function = Callable[..., Any]

_handles: list[Any] = []


def instrument(options: IntegrationOptions) -> None:
    """Record every training loop from now on."""
    engine.options, engine.armed = options, True
    engine.refused_again()
    enter(options)


def uninstrument() -> None:
    """End all loops and leave PyTorch as it was; watched models are not recorded any more."""
    engine.armed = False
    leave()


def enter(options: IntegrationOptions) -> None:
    """Put on hooks and wrappers; a second call adds nothing."""
    if _handles:
        return
    import torch
    from torch.optim import lr_scheduler
    from torch.optim.optimizer import (
        register_optimizer_step_post_hook,
        register_optimizer_step_pre_hook,
    )

    for module, name in ((torch.autograd, "backward"), (torch.utils.data.DataLoader, "__iter__")):
        getattr(module, name)  # an unknown PyTorch is found out before anything is changed
    before, after = _step_hooks(torch.compiler.is_compiling)
    _handles.append(register_optimizer_step_pre_hook(before))
    _handles.append(register_optimizer_step_post_hook(after))
    add_run_listener(engine.opened, engine.closing, owner=OWNER)
    slots.put(torch.nn.Module, "named_parameters", _remembering)
    patch_function(torch.autograd, "backward", _rooted, owner=OWNER)
    patch_method(torch.optim.Optimizer, "zero_grad", _clearing, owner=OWNER)
    for name in ("LRScheduler", "ReduceLROnPlateau", "SequentialLR", "ChainedScheduler"):
        if "__init__" in vars(cls := getattr(lr_scheduler, name)):
            patch_method(cls, "__init__", _made, owner=OWNER)
    scaler = getattr(torch.amp, "GradScaler", None)
    if scaler is not None:
        patch_method(scaler, "scale", _scaling, owner=OWNER)
        patch_method(scaler, "step", _scaled_step, owner=OWNER)
    if options.get("loaders", True):
        patch_method(torch.utils.data.DataLoader, "__iter__", _iterating, owner=OWNER)
    if options.get("validation", True):
        slots.put(sys.modules["torch.nn.modules.loss"]._Loss, "__call__", _evaluating)
    if options.get("checkpoints", True):
        patch_function(torch.serialization, "save", _saving, owner=OWNER)
    if options.get("tensorboard", True):
        for module_name in tensorboard.MODULES:
            when_imported(module_name, _writer_arrived)


def leave() -> None:
    """Take everything off again."""
    engine.end_all()
    while _handles:
        _handles.pop().remove()
    slots.take_off()
    remove_run_listeners(OWNER)
    undo(OWNER)
    finding.forget()


def _writer_arrived(module: Any) -> None:
    if _handles:  # a hook on imports stays for the life of the process
        tensorboard.enter(module)


def silent() -> bool:
    """Whether nothing is to be recorded here and now."""
    return paused() or is_silenced(OWNER)


def _step_hooks(is_compiling: Callable[[], bool]) -> tuple[Function, Function]:
    """Return PyTorch's hooks before and after every step of every optimizer."""
    fence_before, fence_after = guard("torch before a step"), guard("torch optimizer step")

    def before(optimizer: Any, args: Any, kwargs: Any) -> None:
        del args, kwargs
        if is_compiling() or silent():
            return
        with fence_before:
            engine.thread.begin_step(optimizer)

    def after(optimizer: Any, args: Any, kwargs: Any) -> None:
        del args, kwargs
        if is_compiling() or silent():
            return
        with fence_after:
            engine.stepped(optimizer)

    return before, after


def _remembering(original: Function) -> Function:
    import torch

    is_compiling = torch.compiler.is_compiling

    def named_parameters(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not is_compiling():
            finding.remember(self)
        return original(self, *args, **kwargs)

    return named_parameters


def _rooted(original: Function) -> Function:
    import torch

    tensor_class = torch.Tensor

    def backward(tensors: Any, grad_tensors: Any = None, *args: Any, **kwargs: Any) -> Any:
        if grad_tensors is None and not kwargs.get("inputs"):
            with guard("torch loss"):
                root = tensors[0] if type(tensors) is tuple and len(tensors) == 1 else tensors
                if type(root) is tensor_class and root.numel() == 1 and _readable(root):
                    engine.thread.saw_backward(root)
        return original(tensors, grad_tensors, *args, **kwargs)

    return backward


def _readable(root: Any) -> bool:
    if not root.is_cuda:
        return bool(root.is_cpu or root.device.type != "meta")
    return not sys.modules["torch"].cuda.is_current_stream_capturing()


def _clearing(original: Function) -> Function:
    def zero_grad(self: Any, *args: Any, **kwargs: Any) -> Any:
        engine.thread.saw_zero_grad(self)
        return original(self, *args, **kwargs)

    return zero_grad


def _made(original: Function) -> Function:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        original(self, *args, **kwargs)
        with guard("torch scheduler"):
            remember_scheduler(self)

    return __init__


def _scaling(original: Function) -> Function:
    def scale(self: Any, outputs: Any) -> Any:
        result = original(self, outputs)
        with guard("torch gradient scaler"):
            if result is not outputs and hasattr(outputs, "numel") and outputs.numel() == 1:
                engine.thread.saw_scaling(outputs, result)
        return result

    return scale


def _scaled_step(original: Function) -> Function:
    def step(self: Any, optimizer: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, optimizer, *args, **kwargs)
        engine.thread.forget_roots()
        return result

    return step


def _iterating(original: Function) -> Function:
    import torch

    is_grad_enabled = torch.is_grad_enabled

    def __iter__(self: Any) -> Any:  # noqa: N807
        iterator = original(self)
        with guard("torch loader"):
            engine.iterating(self, iterator, without_grad=not is_grad_enabled())
        return iterator

    return __iter__


def _evaluating(original: Function) -> Function:
    del original  # fx puts its own __call__ on Module while it traces: ask for it at each call
    import torch
    from torch.nn.modules.loss import _Loss

    is_compiling, is_grad_enabled = torch.compiler.is_compiling, torch.is_grad_enabled

    def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
        if is_compiling():
            return super(_Loss, self).__call__(*args, **kwargs)
        result = super(_Loss, self).__call__(*args, **kwargs)
        if not silent():
            with guard("torch evaluation"):
                if is_grad_enabled():
                    engine.thread.saw_criterion(self)
                else:
                    _evaluated(self, args, result)
        return result

    return __call__


def _evaluated(criterion: Any, args: tuple[Any, ...], result: Any) -> None:
    import torch

    if type(result) is torch.Tensor and result.numel() == 1 and _readable(result):
        weight, factor = rows_of(args, criterion.reduction)
        value = held(result)
        engine.evaluated(criterion, value * factor if factor != 1.0 else value, weight)


def _saving(original: Function) -> Function:
    def save(obj: Any, f: Any, *args: Any, **kwargs: Any) -> None:
        original(obj, f, *args, **kwargs)
        with guard("torch checkpoint"):
            loop = engine.of_this_thread()
            if (
                loop is not None
                and loop.talks
                and isinstance(f, (str, os.PathLike))
                and belongs(obj, loop)
            ):
                saver.saved(obj, f, loop)

    return save
