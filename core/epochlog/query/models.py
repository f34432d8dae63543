"""Load models that runs recorded; anything that could execute code needs the caller's word."""

from __future__ import annotations

import io
import tempfile
from pathlib import PurePosixPath
from typing import Any

from epochlog.base.errors import EpochlogError, StoreError, Untrusted
from epochlog.query.artifacts import ArtifactView
from epochlog.query.optional import require
from epochlog.recording.models import SAFE_FORMATS, deserialize


class ModelView(ArtifactView):
    """A model or checkpoint that a run wrote."""

    def load(self, *, trust: bool = False) -> Any:
        """Return the model.

        Boosters, scikit-learn's estimators, Keras models and models of transformers come back as
        objects that predict. Of PyTorch modules the weights were stored, and come back as a dict
        of tensors for ``load_state_dict``; weights of a Keras model that could not be stored whole
        as a dict of arrays.

        Args:
            trust: allow formats that can execute code on loading (pickle and its kin). Say so only
                for models that you or people you trust have written.

        Raises:
            Untrusted: the format can execute code and ``trust`` is False.
            StoreError: the content is not available, or it is a folder of an unknown kind.
            EpochlogError: nothing here can load the format.
        """
        if self.format == "transformers":
            return self._load_transformers(trust=trust)
        if self.files:
            raise StoreError(
                f"{self!r} is a folder; download() it and load it with "
                f"{self.serializer or 'the library that wrote it'}"
            )
        if self.format == "torch":
            return self._load_torch(trust=trust)
        if self.format == "safetensors":
            return require("safetensors.torch").load(self.read_bytes())
        if self.format == "hdf5" and not trust:
            return _arrays_of(self.read_bytes())
        if self.format not in SAFE_FORMATS and not trust:
            raise Untrusted(
                f"{self!r} is stored as {self.format or 'an unknown format'}; loading it can "
                "execute any code that its writer put in. If you trust the writer: load(trust=True)"
            )
        content = self.read_bytes()
        if self.format == "lightgbm-text":  # numbers and names, which nothing executes
            return require("lightgbm").Booster(model_str=content.decode("utf-8"))
        if self.format in ("ubj", "xgboost-json"):
            return require("xgboost").Booster(model_file=bytearray(content))
        if self.format == "cbm":  # the same: trees
            return _catboost_model(content, str(self.meta.get("class", "")))
        return deserialize(content, self.format, trust=trust)

    def _load_torch(self, *, trust: bool) -> Any:
        """Load tensors and plain containers; anything else that a pickle can hold needs trust."""
        torch = require("torch")
        content = io.BytesIO(self.read_bytes())
        try:
            return torch.load(content, map_location="cpu", weights_only=True)
        except Exception as error:
            if not trust:
                raise Untrusted(
                    f"{self!r} holds more than tensors; loading it can execute any code that its "
                    "writer put in. If you trust the writer: load(trust=True)"
                ) from error
        content.seek(0)
        return torch.load(content, map_location="cpu", weights_only=False)

    def _load_transformers(self, *, trust: bool) -> Any:
        """Load a folder of ``save_pretrained``, by the class of the library that wrote it."""
        suffixes = {PurePosixPath(file).suffix for file in self.files}
        if not trust and (codes := sorted(suffixes & _CODE_SUFFIXES)):
            raise Untrusted(
                f"{self!r} has files of the kinds {', '.join(codes)}, which can execute code. If "
                "you trust the writer: load(trust=True)"
            )
        transformers = require("transformers")
        name = str(self.meta.get("class", ""))
        cls: Any = getattr(transformers, name, None)
        if not (isinstance(cls, type) and issubclass(cls, transformers.PreTrainedModel)):
            raise EpochlogError(
                f"transformers has no model class {name!r}; download() the folder and load it with "
                "the class that wrote it"
            )
        with tempfile.TemporaryDirectory(prefix="epochlog-") as folder:
            made: Any = cls
            return made.from_pretrained(self.download(folder), local_files_only=True)


_CODE_SUFFIXES = frozenset((".bin", ".pt", ".pth", ".pkl", ".py", ".ckpt", ".h5", ".msgpack"))


def _arrays_of(content: bytes) -> dict[str, Any]:
    """Return all arrays of an HDF5 file by their path; nothing in it is executed."""
    found: dict[str, Any] = {}
    h5py = require("h5py")

    def take(path: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found[path] = item[()]

    with h5py.File(io.BytesIO(content), "r") as file:
        file.visititems(take)
    return found


def _catboost_model(content: bytes, name: str) -> Any:
    """Return a CatBoost model in the class that it had: what ``predict`` returns depends on it."""
    catboost = require("catboost")
    classes = {each.__name__: each for each in catboost.CatBoost.__subclasses__()}
    return classes.get(name, catboost.CatBoost)().load_model(blob=content)
