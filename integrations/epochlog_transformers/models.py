"""Store the final model as a folder that ``from_pretrained`` loads: weights in safetensors."""

from __future__ import annotations

import copy
import inspect
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from epochlog.plugins.api import Budget, Run, log_torch_weights, signature, spec

FORMAT = "transformers"
BYTES_PER_S = 200e6
"""How fast weights are taken to be written and copied, for the budget's estimate."""


def log_final_model(run: Run, model: Any, processor: Any, budget: Budget) -> None:
    """Record a model with its tokenizer, if the budget allows it.

    Args:
        run: where to record.
        model: as the Trainer has it, wrappers already taken off.
        processor: tokenizer or image processor; None if there is none.
        budget: for optional work after the training.
    """
    reason = obstacle(model)
    if reason:
        run.log_notice(f"the final model was not stored: {reason}", source="transformers")
        return
    size = sum(p.numel() * p.element_size() for p in model.parameters())
    estimate = budget.estimate_s(FORMAT, size, BYTES_PER_S)
    if not budget.allows(estimate):
        run.log_notice(budget.skipped("the final model", estimate), source="transformers")
        return
    with budget.spend(FORMAT, size):
        if hasattr(model, "save_pretrained"):
            _log_folder(run, model, processor)
        else:
            log_torch_weights(run, model)


def obstacle(model: Any) -> str:
    """Return why one process alone can't store this model; "" if it can."""
    spread = "the model is spread over processes"
    if any(type(each).__name__ == "FullyShardedDataParallel" for each in model.modules()):
        return spread
    for parameter in model.parameters():
        if hasattr(parameter, "device_mesh") or hasattr(parameter, "ds_id"):
            return spread
        if parameter.device.type == "meta":
            return "some of its weights are not in memory"
    return ""


def _log_folder(run: Run, model: Any, processor: Any) -> None:
    import transformers

    with tempfile.TemporaryDirectory(prefix="epochlog-") as folder:
        try:
            with _quiet():
                _without_side_effects(model).save_pretrained(folder)
                if hasattr(processor, "save_pretrained"):
                    processor.save_pretrained(folder)
        except Exception as error:  # a configuration that the library itself refuses to save
            text = f"the final model was not stored: {type(error).__name__}: {error}"
            run.log_notice(text[:1000], level="warning", source="transformers")
            return
        names = sorted(path.name for path in Path(folder).rglob("*") if path.is_file())
        safe = not any(name.endswith((".bin", ".pt", ".pkl", ".py")) for name in names)
        run.log_model(
            Path(folder),
            format=FORMAT,
            serializer=f"transformers {transformers.__version__}",
            schema=signature_of(model),
            meta={
                "class": type(model).__name__,
                "load_with": f"transformers.{type(model).__name__}.from_pretrained(path)",
                "files": names,
                "safetensors": safe,
            },
        )


def _without_side_effects(model: Any) -> Any:
    """Return a second object for the same tensors: saving writes into the configuration."""
    double = copy.copy(model)
    for name in ("config", "generation_config"):
        if getattr(model, name, None) is not None:
            object.__setattr__(double, name, copy.deepcopy(getattr(model, name)))
    return double


@contextmanager
def _quiet() -> Iterator[None]:
    """Show no progress bar for a file that the user did not ask for."""
    from transformers.utils import logging

    shown = getattr(logging, "_tqdm_active", None)
    if shown is None:
        yield
        return
    logging._tqdm_active = False
    try:
        yield
    finally:
        logging._tqdm_active = shown


_OUTPUTS = (
    ("ForSequenceClassification", "num_labels", [None]),
    ("ForImageClassification", "num_labels", [None]),
    ("ForAudioClassification", "num_labels", [None]),
    ("ForTokenClassification", "num_labels", [None, None]),
    ("LMHeadModel", "vocab_size", [None, None]),
    ("ForCausalLM", "vocab_size", [None, None]),
    ("ForMaskedLM", "vocab_size", [None, None]),
    ("ForConditionalGeneration", "vocab_size", [None, None]),
)
"""End of the class's name, what in the configuration is the width of its logits, axes before."""

_IDS = ("input_ids", "attention_mask", "token_type_ids", "decoder_input_ids")


def signature_of(model: Any) -> dict[str, Any]:
    """Return inputs and outputs as far as class and configuration tell; the model isn't called."""
    named = inspect.signature(type(model).forward).parameters
    dtype = str(getattr(model, "dtype", "")).removeprefix("torch.")
    inputs = [spec(name, "int64", [None, None]) for name in _IDS if name in named]
    main = str(getattr(model, "main_input_name", ""))
    if main in named and main not in _IDS:  # pixel_values, input_features …
        inputs.insert(0, spec(main, dtype))
    config = getattr(model, "config", None)
    outputs = []
    for ending, attribute, axes in _OUTPUTS:
        width = getattr(config, attribute, None)
        if type(model).__name__.endswith(ending) and isinstance(width, int):
            outputs = [spec("logits", dtype, [*axes, width])]
            break
    return signature(inputs, outputs)
