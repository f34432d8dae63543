"""Pure functions: objects of a Trainer to plain parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from epochlog.plugins.api import (
    loader_facts,
    module_facts,
    optimizer_params,
    plain,
    scheduler_params,
    type_name,
)

ENTRIES_MAX = 50
"""A larger mapping inside a configuration (the labels of ImageNet) is only counted."""

_SECRET = re.compile(r"(^|_)(token|secret|password|passwd|api_?key|access_?key)$", re.IGNORECASE)
_USUAL_CALLBACKS = {
    "DefaultFlowCallback",
    "ProgressCallback",
    "NotebookProgressCallback",
    "PrinterCallback",
}


def flat(data: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return nested mappings as one, names joined by dots, without secrets.

    A mapping of more than `ENTRIES_MAX` entries becomes its length, ``<name>.length``.
    """
    return dict(_flattened(data, prefix))


def _flattened(data: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        name = f"{prefix}.{key}"
        if _SECRET.search(str(key)):
            continue
        if isinstance(value, Mapping):
            if len(value) > ENTRIES_MAX:
                yield f"{name}.length", len(value)
            elif value:
                yield from _flattened(value, name)
        else:
            yield name, plain(value)


def args_params(args: Any) -> dict[str, Any]:
    """Return all `TrainingArguments` as they are in effect, under ``args.*``; no tokens."""
    params = flat(args.to_dict(), "args")
    for name in ("train_batch_size", "eval_batch_size", "world_size", "n_gpu"):
        value = getattr(args, name, None)
        if value is not None:
            params[f"args.{name}"] = value
    device = getattr(args, "device", None)
    if device is not None:
        params["args.device"] = str(device)
    return params


def model_params(model: Any) -> dict[str, Any]:
    """Return class, sizes and configuration of a model (``model_config.*``; None is left out)."""
    if model is None:
        return {}
    params = dict(module_facts(model))
    config: Any = getattr(model, "config", None)
    if hasattr(config, "to_dict"):
        values = {k: v for k, v in config.to_dict().items() if v is not None}
        params |= flat(values, "model_config")
    adapters = getattr(model, "peft_config", None)
    for name, adapter in adapters.items() if isinstance(adapters, Mapping) else ():
        if hasattr(adapter, "to_dict"):
            params |= flat(adapter.to_dict(), f"peft_config.{name}")
    return params


def tokenizer_params(processor: Any) -> dict[str, Any]:
    """Return facts about a tokenizer, image processor or feature extractor."""
    if processor is None:
        return {}
    params: dict[str, Any] = {"tokenizer.class": type(processor).__name__}
    names = ("name_or_path", "vocab_size", "model_max_length", "padding_side", "truncation_side")
    for name in (*names, "is_fast"):
        value = getattr(processor, name, None)
        if isinstance(value, (bool, int, float, str)) and value != "":
            params[f"tokenizer.{name}"] = value
    special = getattr(processor, "special_tokens_map", None)
    if isinstance(special, Mapping):
        params |= {f"tokenizer.special_tokens.{k}": str(v) for k, v in special.items()}
    return params


def optimizing_params(optimizer: Any, scheduler: Any) -> dict[str, Any]:
    """Return settings of optimizer and scheduler, looking through accelerate's wrappers."""
    params: dict[str, Any] = {}
    optimizer = _inside(optimizer, "optimizer")
    scheduler = _inside(scheduler, "scheduler")
    if hasattr(optimizer, "param_groups"):
        params |= optimizer_params(optimizer)
    if scheduler is not None and hasattr(scheduler, "__dict__"):
        params |= scheduler_params(scheduler)
    return params


def _inside(wrapper: Any, name: str) -> Any:
    while wrapper is not None and type(wrapper).__name__.startswith("Accelerated"):
        wrapper = getattr(wrapper, name, None)
    return wrapper


def schedule_params(args: Any, state: Any, loader: Any) -> dict[str, Any]:
    """Return how long the training will be, and the training loader's settings."""
    accumulation = getattr(args, "gradient_accumulation_steps", 1)
    batch = getattr(state, "train_batch_size", None) or args.train_batch_size
    params: dict[str, Any] = {
        "max_steps": state.max_steps,
        "num_train_epochs": state.num_train_epochs,
        "total_train_batch_size": batch * accumulation * args.world_size,
    }
    if getattr(state, "trial_params", None):
        params |= flat(state.trial_params, "trial")
    if loader is not None:
        params |= loader_facts(loader, "train_loader") | _sampler_facts(loader)
    return params


def _sampler_facts(loader: Any) -> dict[str, Any]:
    """Return who chooses the rows: accelerate's loaders have it inside their batch sampler."""
    inner: Any = getattr(loader, "batch_sampler", None)
    while getattr(inner, "batch_sampler", None) is not None:
        inner = inner.batch_sampler
    sampler = getattr(inner, "sampler", None)
    if sampler is None:
        return {}
    name = type(sampler).__name__
    return {"train_loader.sampler": name, "train_loader.shuffle": "Random" in name}


def trainer_params(trainer: Any) -> dict[str, Any]:
    """Return what only the Trainer itself knows: its class, functions and callbacks."""
    params: dict[str, Any] = {"trainer_class": type_name(trainer)}
    for name in ("compute_metrics", "data_collator", "compute_loss_func", "model_init"):
        value = getattr(trainer, name, None)
        if value is not None:
            params[name] = getattr(value, "__qualname__", "") or type(value).__name__
    callbacks = trainer.callback_handler.callbacks
    return params | callback_params(callbacks)


def callback_params(callbacks: Any) -> dict[str, Any]:
    """Return the user's callbacks, and the settings of early stopping."""
    params: dict[str, Any] = {}
    names = []
    for callback in callbacks:
        mro = {cls.__name__ for cls in type(callback).__mro__}
        if not mro & _USUAL_CALLBACKS and not type(callback).__module__.startswith("epochlog"):
            names.append(type(callback).__name__)
        if "EarlyStoppingCallback" in mro:
            params["early_stopping.patience"] = callback.early_stopping_patience
            params["early_stopping.threshold"] = callback.early_stopping_threshold
    return {**params, "callbacks": names} if names else params
