"""Load models that runs recorded; anything that could execute code needs the caller's word."""

from __future__ import annotations

from typing import Any

from epochlog.base.errors import StoreError, Untrusted
from epochlog.query.artifacts import ArtifactView
from epochlog.query.optional import require
from epochlog.recording.models import SAFE_FORMATS, deserialize


class ModelView(ArtifactView):
    """A model or checkpoint that a run wrote."""

    def load(self, *, trust: bool = False) -> Any:
        """Return the model.

        Args:
            trust: allow formats that can execute code on loading (pickle and its kin). Say so only
                for models that you or people you trust have written.

        Raises:
            Untrusted: the format can execute code and ``trust`` is False.
            StoreError: the content is not available, or it is a folder.
            EpochlogError: nothing here can load the format.
        """
        if self.files:
            raise StoreError(
                f"{self!r} is a folder; download() it and load it with "
                f"{self.serializer or 'the library that wrote it'}"
            )
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


def _catboost_model(content: bytes, name: str) -> Any:
    """Return a CatBoost model in the class that it had: what ``predict`` returns depends on it."""
    catboost = require("catboost")
    classes = {each.__name__: each for each in catboost.CatBoost.__subclasses__()}
    return classes.get(name, catboost.CatBoost)().load_model(blob=content)
