"""Say what goes into a CatBoost model and what comes out, from what the model itself knows."""

from __future__ import annotations

from typing import Any

from epochlog.plugins.api import feature_specs, signature, spec


def signature_of(model: Any) -> dict[str, Any]:
    """Return names, dtypes and shapes of a trained model's inputs and outputs."""
    names = [str(name) for name in model.feature_names_]
    special = dict.fromkeys(map(int, model.get_cat_feature_indices()), "category")
    special |= dict.fromkeys(map(int, model.get_text_feature_indices()), "text")
    special |= dict.fromkeys(map(int, model.get_embedding_feature_indices()), "embedding")
    unnamed = names == [str(i) for i in range(len(names))]
    inputs = feature_specs(None if unnamed else names, len(names), "float32", special)
    return signature(inputs, _outputs(model))


def _outputs(model: Any) -> list[dict[str, Any]]:
    classes = list(model.classes_)
    if hasattr(model, "predict_proba") and classes:
        kinds = {type(each).__name__ for each in classes}
        labels = kinds.pop() if len(kinds) == 1 else "object"
        return [
            spec("predict", labels, [None]),
            spec("predict_proba", "float64", [None, len(classes)]),
        ]
    several = str(model.get_all_params().get("loss_function", "")).startswith("Multi")
    return [spec("predict", "float64", None if several else [None])]
