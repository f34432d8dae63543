"""Facts about ``recording/models.py``: anything is serialized or says why not; code needs trust."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from epochlog.base.errors import EpochlogError, Untrusted
from epochlog.recording.models import (
    SerializedModel,
    deserialize,
    register_deserializer,
    register_serializer,
    serialize,
)


class Plain:
    """A model of the user's own."""

    def __init__(self, size: int = 3) -> None:
        self.weights = np.arange(size)


class Vain:
    """A model that fails when it is pickled."""

    def __reduce__(self) -> Any:
        raise RuntimeError("not today")


class Greedy:
    """A model whose pickle would run code."""

    ran = False

    def __reduce__(self) -> Any:
        return _run, ()


def _run() -> str:
    Greedy.ran = True
    return "loaded"


@pytest.fixture
def fitted() -> LogisticRegression:
    """Return a fitted estimator."""
    return LogisticRegression().fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])


def test_bytes_and_texts_pass_through() -> None:
    """What a library has serialized already is kept to the byte, with its format."""
    made = serialize(b"\0\1", format="ubj")
    assert (made.data, made.format, made.suffix, made.safe) == (b"\0\1", "ubj", ".ubj", True)

    made = serialize("tree\nversion=v4\n", format="lightgbm-text")
    assert (made.data, made.suffix, made.safe) == (b"tree\nversion=v4\n", ".txt", True)

    assert serialize('{"a": 1}', format="json").data == b'{"a": 1}'


@pytest.mark.parametrize(
    ("name", "format", "safe"),
    [
        ("m.safetensors", "safetensors", True),
        ("m.onnx", "onnx", True),
        ("m.pkl", "pickle", False),
        ("m.PT", "torch", False),
        ("m.txt", "text", True),
        ("m.keras", "keras", True),
        ("m", "file", False),
    ],
)
def test_paths_pass_through_with_the_format_of_their_suffix(
    tmp_path: Path, name: str, format: str, safe: bool
) -> None:
    """A file stays where it is; whether it can hold code is known from its format."""
    (tmp_path / name).write_bytes(b"x")
    made = serialize(tmp_path / name)

    assert (made.data, made.path) == (None, str(tmp_path / name))
    assert (made.format, made.safe) == (format, safe)
    assert serialize(str(tmp_path / name)) == made


def test_folders_are_models_too(tmp_path: Path) -> None:
    """A saved model may be a folder."""
    made = serialize(tmp_path)

    assert (made.path, made.format) == (str(tmp_path), "folder")


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    """A path to nothing gives a reason, not an exception."""
    made = serialize(tmp_path / "gone.pt")

    assert made.data is None
    assert made.path is None
    assert "there is no file" in made.meta["reason"]


def test_objects_are_pickled_as_a_last_resort(fitted: LogisticRegression) -> None:
    """A pickle is marked unsafe and says which class, libraries and Python it needs."""
    made = serialize(fitted)

    assert (made.format, made.suffix, made.safe) == ("pickle", ".pkl", False)
    assert made.serializer.startswith("pickle 5 (Python 3.")
    assert made.meta["class"] == "sklearn.linear_model._logistic.LogisticRegression"
    assert "sklearn" in made.meta["libraries"]
    assert made.data is not None
    copy = deserialize(made.data, "pickle", trust=True)
    assert copy.coef_ == pytest.approx(fitted.coef_)


@pytest.mark.parametrize(
    "model",
    [Vain(), lambda x: x, threading.Lock(), iter([1])],
    ids=["broken", "lambda", "lock", "iterator of a generator"],
)
def test_what_cannot_be_pickled_says_why(model: Any) -> None:
    """The reason stands in the meta data, and nothing is raised."""
    if type(model).__name__ == "list_iterator":
        model = (i for i in [1])
    made = serialize(model)

    assert (made.data, made.path) == (None, None)
    assert made.meta["reason"].startswith("not picklable: ")


def test_large_objects_are_left_alone() -> None:
    """Pickling stops at the limit instead of filling the memory first."""
    made = serialize(Plain(1_000_000), size_max=10_000)

    assert made.data is None
    assert "larger than 10,000 bytes" in made.meta["reason"]
    assert serialize(Plain(10), size_max=10_000).data is not None


def test_a_pickle_is_not_loaded_without_trust(tmp_path: Path) -> None:
    """No code of a stranger's model runs unless the caller says trust=True."""
    data = pickle.dumps(Greedy())
    (tmp_path / "m.pkl").write_bytes(data)
    joblib.dump(Greedy(), tmp_path / "m.joblib")

    for source, format in (
        (data, "pickle"),
        (tmp_path / "m.pkl", "pickle"),
        (tmp_path / "m.joblib", "joblib"),
    ):
        with pytest.raises(Untrusted, match="trust=True"):
            deserialize(source, format)
    assert not Greedy.ran
    assert deserialize(data, "pickle", trust=True) == "loaded"
    assert deserialize(tmp_path / "m.joblib", "joblib", trust=True) == "loaded"


@pytest.mark.slow
def test_skops_is_used_when_asked_for(fitted: LogisticRegression) -> None:
    """A skops file of known types loads without trust, one of other types doesn't."""
    made = serialize(fitted, format="skops")
    own = serialize(Plain(), format="skops")

    assert made.safe
    assert made.meta["untrusted_types"] == []
    assert made.data is not None
    assert deserialize(made.data, "skops").coef_ == pytest.approx(fitted.coef_)
    assert own.data is not None
    with pytest.raises(Untrusted, match="Plain"):
        deserialize(own.data, "skops")
    assert deserialize(own.data, "skops", trust=True).weights.tolist() == [0, 1, 2]


def test_unknown_formats_are_refused_with_a_remedy() -> None:
    """Neither writing nor loading a foreign format is guessed at."""
    assert "can't write 'onnx'" in serialize(Plain(), format="onnx").meta["reason"]
    with pytest.raises(EpochlogError, match="load it with the library that wrote it"):
        deserialize(b"", "onnx")


def test_plain_formats_are_read() -> None:
    """JSON, text and bytes need no library."""
    assert deserialize(b'{"a": 1}', "json") == {"a": 1}
    assert deserialize("ä".encode(), "text") == "ä"
    assert deserialize(b"\0", "bytes") == b"\0"


@pytest.fixture
def registered() -> Iterator[None]:
    """Register a serializer and a deserializer for `Plain`, and a broken one before them."""

    def write(model: Plain) -> SerializedModel:
        return SerializedModel(model.weights.tobytes(), None, "plain", "me 1", ".bin", True)

    def read(data: bytes) -> Plain:
        return Plain(len(data) // 8)

    undo = [
        register_serializer(lambda model: isinstance(model, Plain), write),
        register_deserializer("plain", read),
    ]
    yield
    for function in undo:
        function()


@pytest.mark.usefixtures("registered")
def test_integrations_can_serialize_their_own_models() -> None:
    """A registered serializer comes before pickle, its reader needs no trust."""
    made = serialize(Plain(4))

    assert (made.format, made.safe, made.serializer) == ("plain", True, "me 1")
    assert made.meta["class"].endswith("Plain")
    assert made.data is not None
    assert deserialize(made.data, "plain").weights.tolist() == [0, 1, 2, 3]
    assert serialize(Plain(4), format="pickle").format == "pickle"


@pytest.mark.usefixtures("registered")
def test_a_broken_serializer_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    """If the newest one fails, the next is asked."""
    undo = register_serializer(lambda model: True, lambda model: 1 / 0)
    try:
        assert serialize(Plain(4)).format == "plain"
    finally:
        undo()
    assert "serializing" in caplog.text


def test_registrations_can_be_taken_back() -> None:
    """After unregistering, a model is pickled as before."""
    undo = register_serializer(lambda model: True, lambda model: SerializedModel(b"", format="x"))
    assert serialize(Plain()).format == "x"
    undo()
    undo()

    assert serialize(Plain()).format == "pickle"
