"""Load models that runs recorded; anything that could execute code needs the caller's word."""

from __future__ import annotations

import importlib
import io
import json
import pickle
from typing import Any

from epochlog.base.errors import StoreError, Untrusted
from epochlog.query.artifacts import ArtifactView

PICKLES = ("pickle", "joblib", "cloudpickle", "dill")
"""Formats that execute code on loading."""


class ModelView(ArtifactView):
    """A model that a run ended with."""

    def load(self, *, trust: bool = False) -> Any:
        """Return the model.

        Args:
            trust: allow formats that can execute code on loading (pickle and its kin). Say so only
                for models that you or people you trust have written.

        Raises:
            Untrusted: the format can execute code and ``trust`` is False.
            StoreError: the content is not available, or no loader is known for the format.
        """
        if self.format in PICKLES:
            if not trust:
                raise Untrusted(
                    f"{self!r} is stored as {self.format}; loading it can execute any code that "
                    "its writer put in. If you trust the writer: load(trust=True)"
                )
            return _load_pickle(self.format, self.read_bytes())
        if self.format == "json":
            return json.loads(self.read_bytes())
        if self.format == "lightgbm-text":  # a text format of numbers and names, safe to read
            lightgbm: Any = importlib.import_module("lightgbm")
            return lightgbm.Booster(model_str=self.read_text())
        raise StoreError(
            f"no loader for the format {self.format!r} of {self!r} (written by "
            f"{self.serializer or 'an unknown library'}); use read_bytes() or download()"
        )


def _load_pickle(format: str, content: bytes) -> Any:
    if format == "joblib":
        joblib: Any = importlib.import_module("joblib")
        return joblib.load(io.BytesIO(content))
    return pickle.loads(content)
