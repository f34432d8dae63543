"""Where we enter Lightning. Every patch is undone by ``undo`` with the integration's name."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

from epochlog.plugins.api import IntegrationOptions, patch_method
from epochlog_lightning import checkpoints, record
from epochlog_lightning.plugin import FLAVORS

Function = Callable[..., Any]

STAGES = ("fit", "validate", "test", "predict")


def instrument_lightning(options: IntegrationOptions) -> None:
    """Enter the package ``lightning``."""
    _instrument("lightning", options)


def instrument_pytorch_lightning(options: IntegrationOptions) -> None:
    """Enter the package ``pytorch_lightning``, a second copy of the same code."""
    _instrument("pytorch_lightning", options)


def _instrument(name: str, options: IntegrationOptions) -> None:
    package = FLAVORS[name][0]
    trainer = importlib.import_module(f"{package}.trainer.trainer").Trainer
    strategy = importlib.import_module(f"{package}.strategies.strategy").Strategy
    connector = importlib.import_module(
        f"{package}.trainer.connectors.logger_connector.logger_connector"
    )._LoggerConnector
    if not hasattr(connector, "callback_metrics") or "_callback_metrics" not in _names_used(
        connector.callback_metrics
    ):
        raise AttributeError("Lightning keeps its metrics elsewhere than up to version 2.6")
    # Trainers made before autolog() are recorded, too, and a Trainer that nobody uses opens no run.
    for stage in STAGES:
        patch_method(trainer, stage, functools.partial(_recorded, name, stage, options), owner=name)
    # ModelCheckpoint and users write and remove checkpoints through these, at whatever moment.
    patch_method(trainer, "save_checkpoint", _telling_saved, owner=name)
    patch_method(strategy, "remove_checkpoint", _telling_removed, owner=name)


def _names_used(attribute: Any) -> tuple[str, ...]:
    function = getattr(attribute, "fget", attribute)
    return tuple(function.__code__.co_names)


def _recorded(name: str, stage: str, options: IntegrationOptions, original: Function) -> Function:
    def call(trainer: Any, *args: Any, **kwargs: Any) -> Any:
        return record.record(original, stage, (name, options), trainer, args, kwargs=kwargs)

    return call


def _telling_saved(original: Function) -> Function:
    def save_checkpoint(trainer: Any, *args: Any, **kwargs: Any) -> Any:
        existed = checkpoints.exists(args, kwargs)
        result = original(trainer, *args, **kwargs)
        checkpoints.saved(trainer, args, kwargs, existed=existed)
        return result

    return save_checkpoint


def _telling_removed(original: Function) -> Function:
    def remove_checkpoint(strategy: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(strategy, *args, **kwargs)
        checkpoints.removed(strategy, args, kwargs)
        return result

    return remove_checkpoint
