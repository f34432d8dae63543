"""Pure functions from Lightning's objects to plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from epochlog.plugins.api import (
    gradient_norm,
    loader_facts,
    module_facts,
    optimizer_params,
    plain,
    scheduler_params,
)

TRAINER = (
    *("max_epochs", "min_epochs", "max_steps", "min_steps", "accumulate_grad_batches"),
    *("gradient_clip_val", "gradient_clip_algorithm", "precision", "num_nodes", "world_size"),
    *("check_val_every_n_epoch", "val_check_interval", "log_every_n_steps"),
    *("limit_train_batches", "limit_val_batches", "limit_test_batches", "limit_predict_batches"),
    *("overfit_batches", "num_sanity_val_steps", "reload_dataloaders_every_n_epochs"),
    *("fast_dev_run", "barebones", "default_root_dir"),
)
EARLY_STOPPING = ("monitor", "mode", "patience", "min_delta", "stopping_threshold")
CHECKPOINT = ("monitor", "mode", "save_top_k", "save_last", "save_weights_only")
DEPTH_MAX = 8
NAMES_MAX = 1000


def trainer_params(trainer: Any) -> dict[str, Any]:
    """Return ``trainer.*``: the effective configuration, callbacks and loggers by class."""
    params = {f"trainer.{name}": getattr(trainer, name, None) for name in TRAINER}
    params |= {
        "trainer.devices": trainer.num_devices,
        "trainer.accelerator": type(trainer.accelerator)
        .__name__.removesuffix("Accelerator")
        .lower(),
        "trainer.strategy": type(trainer.strategy).__name__,
        "trainer.loggers": [type(logger).__name__ for logger in trainer.loggers],
        "trainer.callbacks": [type(callback).__name__ for callback in trainer.callbacks],
    }
    connector = getattr(trainer, "_accelerator_connector", None)
    for name in ("deterministic", "benchmark", "sync_batchnorm", "use_distributed_sampler"):
        value = getattr(connector, name, None)
        if isinstance(value, (bool, str)):
            params[f"trainer.{name}"] = value
    return {name: value for name, value in params.items() if value is not None}


def callback_params(trainer: Any) -> dict[str, Any]:
    """Return the settings of early stopping and of checkpointing callbacks."""
    params: dict[str, Any] = {}
    for stem, callbacks, names in (
        ("early_stopping", trainer.early_stopping_callbacks, EARLY_STOPPING),
        ("checkpoint", trainer.checkpoint_callbacks, CHECKPOINT),
    ):
        for i, callback in enumerate(callbacks):
            prefix = stem if len(callbacks) == 1 else f"{stem}.{i}"
            values = {name: getattr(callback, name, None) for name in names}
            delta = values.get("min_delta")
            if isinstance(delta, float):
                values["min_delta"] = abs(delta)  # kept negated for mode min
            params |= {f"{prefix}.{k}": v for k, v in values.items() if v is not None}
    return params


def hyperparameters(module: Any, datamodule: Any) -> dict[str, Any]:
    """Return ``hparams.*`` as kept by ``save_hyperparameters`` of the data module and the module.

    Where both have a name, the module's is ``hparams.<name>`` and the other's is
    ``hparams.datamodule.<name>``.
    """
    own = dict(flat(_kept(module), "hparams"))
    theirs = dict(flat(_kept(datamodule), "hparams"))
    clashing = {name for name in theirs if name in own and own[name] != theirs[name]}
    params = {
        f"hparams.datamodule.{name.removeprefix('hparams.')}" if name in clashing else name: value
        for name, value in theirs.items()
    }
    return params | own


def _kept(owner: Any) -> Mapping[str, Any]:
    # ``owner.hparams`` would create the attribute where there is none.
    found = getattr(owner, "__dict__", {}).get("_hparams")
    return found if isinstance(found, Mapping) else {}


def flat(value: Any, prefix: str, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Yield nested mappings as names with dots and plain values."""
    if isinstance(value, Mapping) and depth < DEPTH_MAX and (value or depth == 0):
        for i, (name, inner) in enumerate(value.items()):
            if i < NAMES_MAX:
                yield from flat(inner, f"{prefix}.{name}", depth + 1)
    else:
        yield prefix, _plain(value)


def _plain(value: Any) -> Any:
    if hasattr(value, "named_modules") or hasattr(value, "element_size"):
        return f"<{type(value).__name__}>"  # never a tensor's or a network's content
    return plain(value)


def optimization_params(trainer: Any) -> dict[str, Any]:
    """Return ``optimizer.*`` and ``scheduler.*``; numbered where there are several."""
    params: dict[str, Any] = {}
    optimizers, configs = list(trainer.optimizers), list(trainer.lr_scheduler_configs)
    for i, optimizer in enumerate(optimizers):
        params |= optimizer_params(optimizer, _numbered("optimizer", i, optimizers))
    for i, config in enumerate(configs):
        prefix = _numbered("scheduler", i, configs)
        params |= scheduler_params(config.scheduler, prefix)
        for name in ("interval", "frequency", "monitor", "name"):
            if (value := getattr(config, name, None)) is not None:
                params[f"{prefix}.{name}"] = value
    return params


def _numbered(stem: str, index: int, several: list[Any]) -> str:
    return stem if len(several) == 1 else f"{stem}.{index}"


def model_params(module: Any) -> dict[str, Any]:
    """Return sizes of the module; shapes of its example input where it declares one."""
    facts = module_facts(module)
    example = getattr(module, "example_input_array", None)
    shape = getattr(example, "shape", None)
    if shape is not None:
        facts["model.example_input_shape"] = list(shape)
    automatic = getattr(module, "automatic_optimization", None)
    return facts if automatic is None else facts | {"model.automatic_optimization": automatic}


def loaders(given: Any, depth: int = 0) -> Iterator[Any]:
    """Yield the data loaders in whatever nesting of lists and mappings they were given."""
    if given is None or depth > DEPTH_MAX:
        return
    inner = getattr(given, "iterables", None)  # CombinedLoader
    if inner is not None:
        yield from loaders(inner, depth + 1)
    elif isinstance(given, Mapping):
        for each in given.values():
            yield from loaders(each, depth + 1)
    elif isinstance(given, (list, tuple)):
        for each in given:
            yield from loaders(each, depth + 1)
    else:
        yield given


def loader_params(found: list[Any], split: str) -> dict[str, Any]:
    """Return ``<split>_loader.*``; numbered where there are several loaders."""
    params: dict[str, Any] = {}
    for i, loader in enumerate(found):
        params |= loader_facts(loader, _numbered(f"{split}_loader", i, found))
    return params


def unwrapped(module: Any) -> Any:
    """Return the user's module inside ``torch.compile``."""
    return getattr(module, "_orig_mod", module)


def scalar(value: Any) -> float | None:
    """Return the number in a value of ``callback_metrics``; None if it is not one number."""
    try:
        return float(value)
    except (TypeError, ValueError, RuntimeError):
        return None


def gradient_norms(optimizer: Any, optimizers: list[Any]) -> dict[str, float]:
    """Return ``gradient_norm``, numbered where there are several optimizers."""
    norm = gradient_norm(p for group in optimizer.param_groups for p in group["params"])
    if norm is None:
        return {}
    inner = [getattr(each, "optimizer", each) for each in optimizers]
    index = next((i for i, each in enumerate(inner) if each is optimizer), 0)
    return {"gradient_norm" if len(optimizers) == 1 else f"gradient_norm/{index}": norm}


def monitored(trainer: Any) -> dict[str, str]:
    """Return the metrics that early stopping and checkpoints watch: own name -> min or max."""
    found: dict[str, str] = {}
    for callback in (*trainer.early_stopping_callbacks, *trainer.checkpoint_callbacks):
        name, mode = getattr(callback, "monitor", None), getattr(callback, "mode", None)
        if isinstance(name, str) and mode in ("min", "max"):
            found.setdefault(name, mode)
    return found
