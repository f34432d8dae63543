"""Fingerprint what a call was given as data; of data that is only read in batches, what it says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from epochlog.plugins.api import Run, loader_facts, log_loader_dataset, type_name
from epochlog_keras.engine import Fitted

BUDGET_S = 0.25  # for all sets of one call together
DEFAULT_BATCH_SIZE = 32  # Keras's own for arrays
FOREIGN_MAX_BYTES = 2**28  # larger arrays of JAX or TensorFlow are not looked at through NumPy
_DECLARED = ("batch_size", "workers", "use_multiprocessing", "max_queue_size", "shuffle", "seed")


def log_fit_data(fitted: Fitted, arguments: Mapping[str, Any]) -> None:
    """Record the data of a ``fit``, and remember it by identity for evaluations later."""
    x, y, weight = (arguments.get(name) for name in ("x", "y", "sample_weight"))
    validation, share = arguments.get("validation_data"), arguments.get("validation_split")
    fitted.saw(x, "train")
    if validation is not None:
        fitted.saw(x_of(validation), "val")
    sets: list[tuple[str, str, Any, dict[str, Any]]] = [("train", "train", (x, y, weight), {})]
    if validation is not None:
        sets.append(("val", "validation", unpacked(validation), {}))
    elif share and (rows := rows_of(x)) and all(map(sliceable, (x, y, weight))):
        at = math.floor(rows * (1.0 - share))
        parts = [tuple(_sliced(a, part) for a in (x, y, weight)) for part in _halves(at)]
        meta = {"validation_split": share}
        sets = [("train", "train", parts[0], meta), ("val", "validation", parts[1], meta)]
    for name, role, data, meta in sets:
        log_data(fitted.run, name, role, data, meta=meta, budget_s=BUDGET_S / len(sets))


def _halves(at: int) -> tuple[slice, slice]:
    return slice(0, at), slice(at, None)


def _sliced(array: Any, part: slice) -> Any:
    return None if array is None else array[part]


def sliceable(array: Any) -> bool:
    """Whether a part of ``array`` is a view that costs nothing (or there is none)."""
    return array is None or (hasattr(array, "shape") and type_name(array) in _VIEWS)


_VIEWS = ("numpy.ndarray", "torch.Tensor")


def unpacked(data: Any) -> tuple[Any, Any, Any]:
    """Return x, y, weight of validation data, of which Keras takes tuples of one to three."""
    if isinstance(data, (tuple, list)) and 1 <= len(data) <= 3:
        x, y, weight = (*data, None, None)[:3]
        return x, y, weight
    return data, None, None


def x_of(data: Any) -> Any:
    """Return the inputs in validation data."""
    return unpacked(data)[0]


def log_data(
    run: Run,
    name: str,
    role: str,
    data: tuple[Any, Any, Any],
    *,
    meta: Mapping[str, Any] | None = None,
    budget_s: float = BUDGET_S,
) -> None:
    """Record one data set: arrays by content, everything else by what it declares of itself."""
    x, y, weight = data
    if x is None:
        return
    if is_loader(x):
        log_loader_dataset(run, x, role, name=name, budget_s=budget_s)
    elif is_arrays(x):
        run.log_dataset(
            host(x),
            name,
            role=role,
            target=host(y),
            weight=host(weight),
            budget_s=budget_s,
            meta=meta,
        )
    else:
        run.log_dataset(x, name, role=role, meta={**declared(x), **(meta or {})})


def is_loader(data: Any) -> bool:
    """Whether this is a torch DataLoader."""
    return any(cls.__name__ == "DataLoader" for cls in type(data).__mro__)


def is_arrays(data: Any) -> bool:
    """Whether this is an array or table, or a structure of them."""
    if isinstance(data, Mapping):
        return all(is_arrays(value) for value in data.values())
    if isinstance(data, (list, tuple)):
        return not data or is_arrays(data[0]) or isinstance(data[0], (int, float, str, list, tuple))
    return getattr(data, "shape", None) is not None


def host(data: Any) -> Any:
    """Return arrays of JAX and TensorFlow in the processor's memory as NumPy's, uncopied."""
    if isinstance(data, Mapping):
        return {key: host(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)) and data and getattr(data[0], "shape", None) is not None:
        return [host(value) for value in data]
    module = type(data).__module__.partition(".")[0]
    if module not in ("jax", "jaxlib", "tensorflow"):
        return data
    if nbytes_of(data) > FOREIGN_MAX_BYTES or "cpu" not in str(_device(data)).lower():
        return data
    import numpy as np

    return np.asarray(data)


def _device(data: Any) -> Any:
    device = getattr(data, "device", "")
    return device() if callable(device) else device


def nbytes_of(data: Any) -> int:
    """Return the size of an array from its shape."""
    size = getattr(getattr(data, "dtype", None), "itemsize", None) or getattr(
        getattr(data, "dtype", None), "size", 8
    )
    return int(math.prod(int(side) for side in data.shape)) * int(size or 8)


def declared(data: Any) -> dict[str, Any]:
    """Return what a tf.data pipeline, a PyDataset or a generator says of itself; reads no batch."""
    found: dict[str, Any] = {"container": type_name(data), "content": "read in batches"}
    for name in _DECLARED:
        value = getattr(data, name, None)
        if isinstance(value, (bool, int, float, str)):
            found[name] = value
    if (spec := getattr(data, "element_spec", None)) is not None:
        found["element_spec"] = str(spec)
    if (batches := batches_of(data)) is not None:
        found["batches"] = batches
    files = getattr(data, "file_paths", None)  # image_dataset_from_directory & co.
    if isinstance(files, (list, tuple)):
        found |= {"files": len(files), "first_file": str(files[0]) if files else ""}
    names = getattr(data, "class_names", None)
    if isinstance(names, (list, tuple)) and len(names) <= 1000:
        found["class_names"] = [str(name) for name in names]
    return found


def batches_of(data: Any) -> int | None:
    """Return how many batches a pipeline declares, None if it doesn't know."""
    for ask in ("num_batches", "__len__"):
        if not hasattr(type(data), ask):
            continue
        try:
            value = getattr(data, ask)
            found = int(value() if callable(value) else value)
        except (TypeError, ValueError, NotImplementedError):
            continue
        return found
    return None


def rows_of(data: Any) -> int | None:
    """Return the number of rows of an array, or of the first one in a structure."""
    if isinstance(data, Mapping):
        return rows_of(next(iter(data.values()), None))
    shape = getattr(data, "shape", None)
    if shape is not None and len(shape):
        return int(shape[0]) if shape[0] is not None else None
    if isinstance(data, (list, tuple)) and data:
        return rows_of(data[0]) if hasattr(data[0], "shape") else len(data)
    return None


def batch_size_of(data: Any, given: Any) -> Any:
    """Return the effective batch size: Keras's default for arrays, a pipeline's own else."""
    if given is not None:
        return given
    if data is None or is_loader(data):
        return loader_facts(data, "it").get("it.batch_size") if data is not None else None
    if is_arrays(data):
        return DEFAULT_BATCH_SIZE
    own = getattr(data, "batch_size", None)
    return own if isinstance(own, int) else None
