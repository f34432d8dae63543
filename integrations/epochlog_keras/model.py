"""What a model is: size and structure, and its file in Keras's own safe format."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from epochlog.plugins.api import Budget, Run, guard, spec
from epochlog_keras.summary import count, summary

SAVE_S, SAVE_BYTES_PER_S = 0.02, 150e6  # measured: a tiny model, and how large ones add to it
SUMMARY_S_PER_LAYER = 0.001
STRUCTURE_S = 0.5  # a model whose summary takes longer is thousands of layers deep
IN_MEMORY_MAX_BYTES = 2**28
NO_LAMBDA = "it contains a lambda, which no safe format can hold"


def model_facts(model: Any) -> dict[str, Any]:
    """Return class, size, precision and backend of a built model."""
    import keras

    facts: dict[str, Any] = {
        "model_class": type(model).__name__,
        "model.name": model.name,
        "model.layers": len(flat_layers(model)),
        "model.dtype_policy": getattr(model.dtype_policy, "name", None),
        "backend": keras.backend.backend(),
    }
    if model.built:
        trainable = count(model.trainable_variables)
        other = count(model.non_trainable_variables)
        facts |= {
            "model.parameters": trainable + other,
            "model.trainable_parameters": trainable,
            "model.non_trainable_parameters": other,
        }
    return facts


def flat_layers(model: Any) -> list[Any]:
    """Return all layers, those inside of nested models instead of these."""
    found: list[Any] = []
    for layer in getattr(model, "layers", ()):
        found += flat_layers(layer) if getattr(layer, "layers", None) else [layer]
    return found


def log_structure(run: Run, model: Any) -> None:
    """Record the summary as text and the architecture as JSON, before anything can fail."""
    layers = flat_layers(model)
    if not model.built or len(layers) * SUMMARY_S_PER_LAYER > STRUCTURE_S:
        run.log_notice(f"skipped the model summary: {len(layers)} layers, built: {model.built}")
        return
    with guard("keras summary"):
        run.log_text("model/summary", summary(model))
    if has_lambda(model):
        run.log_notice(f"the architecture was not stored as JSON: {NO_LAMBDA}")
        return
    with guard("keras architecture"):
        try:
            text = model.to_json()
        except (NotImplementedError, TypeError, ValueError) as error:
            run.log_notice(f"the architecture has no JSON form: {_first_line(error)}")
            return
        run.log_artifact(
            text.encode(), "architecture.json", type="model_config", format="json", role="config"
        )


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def log_model(run: Run, model: Any, budget: Budget, meta: Mapping[str, Any]) -> None:
    """Record the model as a ``.keras`` file; only its weights if it can't be written as a whole."""
    size = nbytes(model)
    estimated_s = SAVE_S + budget.estimate_s("keras", size, SAVE_BYTES_PER_S)
    if not budget.allows(estimated_s):
        run.log_notice(budget.skipped("the model", estimated_s), level="warning")
        return
    folder = Path(tempfile.mkdtemp(prefix="epochlog-keras-"))
    try:
        with budget.spend("keras", size):
            path, why = _saved(model, folder)
            _log_file(run, model, path, {**meta, **({"reason": why} if why else {})})
        if why:
            run.log_notice(f"only the weights of the model were stored: {why}", level="warning")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _saved(model: Any, folder: Path) -> tuple[Path, str]:
    """Write the model; return its file, and why it holds the weights alone ("" if it doesn't)."""
    import keras

    why = NO_LAMBDA if has_lambda(model) else ""
    if not why:
        path = folder / "model.keras"
        try:  # not model.save: that may be the user's own, with effects of its own
            keras.saving.save_model(model, str(path))
            return path, ""
        except Exception as error:  # a get_config of the user's that is missing or fails
            why = _first_line(error)
    path = folder / "model.weights.h5"
    keras.Model.save_weights(model, str(path))
    return path, why


def _log_file(run: Run, model: Any, path: Path, meta: Mapping[str, Any]) -> None:
    import keras

    whole = path.suffix == ".keras"
    small = path.stat().st_size <= IN_MEMORY_MAX_BYTES
    run.log_model(
        path.read_bytes() if small else path,
        "model",
        format="keras" if whole else "hdf5",
        serializer=f"keras {keras.__version__}",
        schema=signature_of(model),
        meta={**meta, "class": type(model).__name__, "backend": keras.backend.backend()},
    )


def nbytes(model: Any) -> int:
    """Return the bytes of a model's file: weights, and two slots of the optimizer for each."""
    optimizer = getattr(model, "optimizer", None)
    variables = [*model.variables, *(getattr(optimizer, "variables", None) or ())]
    return 4 * count(variables)


def has_lambda(model: Any) -> bool:
    """Whether saving this model would warn of a lambda, and its file could not be loaded safely."""
    config = getattr(getattr(model, "_compile_config", None), "config", None) or {}
    values = [value for layer in flat_layers(model) for value in vars(layer).values()]
    for value in (*config.values(), model.loss):
        values += value.values() if isinstance(value, Mapping) else [value]
        values += value if isinstance(value, (list, tuple)) else []
    values += [getattr(value, "fn", None) for value in values]
    values += [getattr(getattr(model, "optimizer", None), "_learning_rate", None)]
    return any(getattr(value, "__name__", "") == "<lambda>" for value in values)


def signature_of(model: Any) -> dict[str, Any]:
    """Return names, shapes and types of a model's inputs and outputs, as far as it knows them."""
    found: dict[str, Any] = {}
    built = getattr(model, "_build_shapes_dict", None)  # of a class of the user's own
    if isinstance(built, dict):
        dtype = str(getattr(model, "input_dtype", ""))
        found["inputs"] = [
            spec(name, dtype, list(shape))
            for name, shape in built.items()
            if isinstance(shape, (list, tuple)) and all(isinstance(n, int | None) for n in shape)
        ]
    for side in ("inputs", "outputs"):
        tensors = getattr(model, side, None)
        if isinstance(tensors, (list, tuple)) and tensors:
            found[side] = [
                {"name": t.name, "shape": list(t.shape), "dtype": str(t.dtype)} for t in tensors
            ]
    return found
