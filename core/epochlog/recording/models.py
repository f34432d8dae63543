"""Turn a model into bytes, safely marked, and back only if the caller trusts them."""

# ruff: noqa: SIM905 - "format" is the word of the whole project for it

from __future__ import annotations

import io
import pickle
import platform
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from epochlog.base.errors import EpochlogError, Untrusted
from epochlog.base.guard import report
from epochlog.base.values import type_name

SIZE_MAX_BYTES = 2 * 2**30
"""Larger objects are not serialized in memory; give the path of a file instead."""

SAFE_FORMATS = frozenset(
    "json text bytes lightgbm-text xgboost-json ubj safetensors onnx cbm npy csv pmml skops "
    "keras".split()
)
"""Formats that hold data only; loading any other may execute code.

Of a torch file we load only what ``weights_only=True`` allows, and of Keras only what its safe mode
does, unless the caller trusts the writer.
"""

_FORMAT_OF_SUFFIX = {
    "pkl": "pickle", "pickle": "pickle", "pck": "pickle", "cloudpickle": "pickle", "txt": "text",
    "pt": "torch", "pth": "torch", "ckpt": "torch", "bin": "torch", "h5": "hdf5", "hdf5": "hdf5",
}  # fmt: skip

_SUFFIX_OF_FORMAT = {
    "pickle": ".pkl", "text": ".txt", "lightgbm-text": ".txt", "xgboost-json": ".json",
    "torch": ".pt", "hdf5": ".h5", "bytes": ".bin", "folder": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SerializedModel:
    """A model ready to be stored.

    Attributes:
        data: its bytes; None if it is a file or folder already, or could not be serialized.
        path: where the user's own file or folder is; None if there are bytes.
        format: pickle, skops, json, lightgbm-text, torch, folder …
        serializer: library and version that wrote it; "" if unknown.
        suffix: file name ending with the dot, "" for none.
        safe: loading it can't execute code.
        meta: class, library versions; ``reason`` says why there is neither data nor path.
    """

    data: bytes | None = None
    path: str | None = None
    format: str = ""
    serializer: str = ""
    suffix: str = ""
    safe: bool = False
    meta: dict[str, Any] = field(default_factory=dict)


Predicate = Callable[[Any], bool]
Serializer = Callable[[Any], SerializedModel]

_serializers: list[tuple[Predicate, Serializer]] = []
_deserializers: dict[str, Callable[[bytes], Any]] = {}


def register_serializer(predicate: Predicate, function: Serializer) -> Callable[[], None]:
    """Let ``function`` serialize the models for which ``predicate`` is true; newest asked first.

    Returns:
        A function that takes the registration back.
    """
    entry = (predicate, function)
    _serializers.append(entry)

    def unregister() -> None:
        if entry in _serializers:
            _serializers.remove(entry)

    return unregister


def register_deserializer(format: str, function: Callable[[bytes], Any]) -> Callable[[], None]:
    """Let ``function`` load models of ``format`` from their bytes, never executing code in them.

    Returns:
        A function that takes the registration back.
    """
    _deserializers[format] = function

    def unregister() -> None:
        if _deserializers.get(format) is function:
            del _deserializers[format]

    return unregister


def serialize(model: Any, *, format: str = "", size_max: int = SIZE_MAX_BYTES) -> SerializedModel:
    """Return ``model`` as bytes or as the path of a file; never raises and never changes the model.

    Args:
        model: bytes, text or a path, which are passed through; or an object, for which a registered
            serializer is looked up, and which is pickled as a last resort.
        format: format of bytes, text or path; for an object "skops" or "pickle" asks for just that.
        size_max: bytes that an object may take; a larger one has data None and a reason.
    """
    try:
        if isinstance(model, (bytes, bytearray, memoryview)):
            return _pass_bytes(bytes(model), format or "bytes")
        if isinstance(model, (str, Path)):
            return _pass_text_or_path(model, format)
        return _serialize_object(model, format, size_max)
    except Exception as error:  # anything can come out of a foreign __reduce__
        return _failed(model, f"{type(error).__name__}: {error}")


def _failed(model: Any, reason: str) -> SerializedModel:
    return SerializedModel(meta={"class": type_name(model), "reason": reason[:1000]})


def _pass_bytes(data: bytes, format: str) -> SerializedModel:
    return SerializedModel(
        data, None, format, suffix=suffix_of(format), safe=format in SAFE_FORMATS
    )


def _pass_text_or_path(model: str | Path, format: str) -> SerializedModel:
    if isinstance(model, str) and ("\n" in model or model.lstrip()[:1] in ("{", "[", "<")):
        return _pass_bytes(model.encode("utf-8"), format or "text")
    path = Path(model).expanduser()
    if not path.exists():
        if isinstance(model, str) and format:
            return _pass_bytes(model.encode("utf-8"), format)
        return _failed(model, f"there is no file {str(model)[:500]!r}")
    if path.is_dir():
        found = format or "folder"
        return SerializedModel(None, str(path.absolute()), found, safe=found in SAFE_FORMATS)
    suffix = path.suffix.lower()
    found = format or _FORMAT_OF_SUFFIX.get(suffix[1:], suffix[1:]) or "file"
    return SerializedModel(
        None, str(path.absolute()), found, suffix=suffix, safe=found in SAFE_FORMATS
    )


def suffix_of(format: str) -> str:
    """Return the file name ending (with its dot) that is usual for a format."""
    return _SUFFIX_OF_FORMAT.get(format, f".{format}" if format.isalnum() else "")


def _serialize_object(model: Any, format: str, size_max: int) -> SerializedModel:
    if format == "skops":
        made = _to_skops_or_pickle(model, size_max)
    elif format in ("", "pickle"):
        made = (_by_registered(model) if not format else None) or _to_pickle(model, size_max)
    else:
        return _failed(
            model, f"epochlog can't write {format!r}; give the model's bytes or its path"
        )
    if made.data is not None and len(made.data) > size_max:
        return _failed(model, _too_large(size_max))
    return replace(made, meta={**describe_model(model), **made.meta})


def _too_large(size_max: int) -> str:
    return f"larger than {size_max:,} bytes; save it to a file and log the path"


def _by_registered(model: Any) -> SerializedModel | None:
    for predicate, function in reversed(_serializers):
        try:
            if predicate(model):
                return function(model)
        except Exception as error:
            report(f"serializing {type_name(model)}", error)
    return None


class _TooLarge(Exception):  # noqa: N818 - a signal inside this module
    pass


class _LimitedBuffer(io.BytesIO):
    """A buffer that refuses to grow beyond a limit, so that no huge model is built up in vain."""

    def __init__(self, size_max: int) -> None:
        super().__init__()
        self._size_max = size_max

    def write(self, data: Any, /) -> int:
        """Append bytes, or raise `_TooLarge`."""
        if self.tell() + memoryview(data).nbytes > self._size_max:
            raise _TooLarge
        return super().write(data)


def _to_pickle(model: Any, size_max: int) -> SerializedModel:
    buffer = _LimitedBuffer(size_max)
    try:
        pickle.Pickler(buffer, protocol=5).dump(model)
    except _TooLarge:
        return _failed(model, _too_large(size_max))
    except Exception as error:  # locks, lambdas, open files, a broken __reduce__ …
        return _failed(model, f"not picklable: {type(error).__name__}: {error}")
    serializer = f"pickle 5 (Python {platform.python_version()})"
    return SerializedModel(buffer.getvalue(), None, "pickle", serializer, ".pkl", safe=False)


def _to_skops_or_pickle(model: Any, size_max: int) -> SerializedModel:
    """Skops can't write everything that can be pickled; then a pickle is better than nothing."""
    try:
        return _to_skops(model)
    except Exception as error:
        made = _to_pickle(model, size_max)
        why = f"skops: {type(error).__name__}: {error}"[:1000]
        return replace(made, meta={"not_skops": why, **made.meta})


def _to_skops(model: Any) -> SerializedModel:
    try:
        import skops
        import skops.io
    except ImportError:
        return _failed(model, "skops is not installed; pip install skops, or use another format")
    data = skops.io.dumps(model)
    untrusted = skops.io.get_untrusted_types(data=data)
    meta = {"untrusted_types": list(untrusted)}
    return SerializedModel(data, None, "skops", f"skops {skops.__version__}", ".skops", True, meta)


def describe_model(model: Any) -> dict[str, Any]:
    """Return the class of a model, and the libraries and Python that it needs, as plain data."""
    libraries = {}
    for cls in type(model).__mro__:
        library = cls.__module__.partition(".")[0]
        version = getattr(sys.modules.get(library), "__version__", None)
        if isinstance(version, str) and library != "builtins":
            libraries[library] = version
    found: dict[str, Any] = {
        "class": type_name(model),
        "libraries": libraries,
        "python": platform.python_version(),
    }
    if type(model).__module__ == "__main__":
        found["defined_in_main"] = True  # a pickle of it loads only in the same script
    return found


def deserialize(source: bytes | str | Path, format: str, *, trust: bool = False) -> Any:
    """Return the model stored as bytes, or in a file, in ``format``.

    Args:
        source: its bytes or its path.
        format: as in `SerializedModel`.
        trust: the caller knows where it comes from, so code in it may be executed.

    Raises:
        Untrusted: loading could execute code and ``trust`` is not True.
        EpochlogError: nothing here can load this format.
    """
    data = bytes(source) if isinstance(source, (bytes, bytearray)) else Path(source).read_bytes()
    if format in _deserializers:
        return _deserializers[format](data)
    if format == "skops":
        return _from_skops(data, trust)
    if format == "keras":
        return _from_keras(data, trust)
    if format in ("text", "bytes"):
        return data.decode("utf-8") if format == "text" else data
    if format == "json":
        import json

        return json.loads(data)
    if format not in ("pickle", "joblib"):
        raise EpochlogError(
            f"epochlog can't load a model of format {format!r}; get its file and load it with the "
            "library that wrote it"
        )
    if not trust:
        raise Untrusted(
            f"a {format} can execute any code when it is loaded; if you know where it comes from, "
            "say trust=True"
        )
    if format == "pickle":
        return pickle.loads(data)
    import joblib  # type: ignore[import-untyped, unused-ignore]

    return joblib.load(io.BytesIO(data))


def _from_skops(data: bytes, trust: bool) -> Any:
    try:
        import skops.io
    except ImportError as error:
        raise EpochlogError("skops is not installed; pip install skops") from error
    untrusted = skops.io.get_untrusted_types(data=data)
    if untrusted and not trust:
        raise Untrusted(
            f"this skops file needs types that are not known to be safe ({', '.join(untrusted)}); "
            "if you know where it comes from, say trust=True"
        )
    return skops.io.loads(data, trusted=untrusted)


def _from_keras(data: bytes, trust: bool) -> Any:
    """Load with Keras's safe mode, which refuses lambdas, unless the caller trusts the writer."""
    try:
        import keras
    except ImportError as error:
        raise EpochlogError("keras is not installed; pip install keras") from error
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.keras")
        path.write_bytes(data)
        return keras.saving.load_model(str(path), safe_mode=not trust)
