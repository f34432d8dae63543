"""Turn LightGBM's objects into plain data: pure functions, nothing is recorded here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from epochlog.plugins.api import feature_specs, signature, spec

FEATURES_MAX = 10_000  # features listed by name; of more, the most important ones are kept

# Other spellings that LightGBM documents for the parameters that we read ourselves.
ALIASES = {
    "num_iterations": (
        *("num_iteration", "n_iter", "num_tree", "num_trees", "num_round", "num_rounds", "nrounds"),
        *("num_boost_round", "n_estimators", "max_iter"),
    ),
    "learning_rate": ("shrinkage_rate", "eta"),
    "objective": ("objective_type", "app", "application", "loss"),
}

# Not about the model: files, network, device numbers and printing.
_UNINTERESTING = frozenset(
    (
        *(
            "data",
            "valid",
            "header",
            "label_column",
            "weight_column",
            "group_column",
            "ignore_column",
        ),
        *("two_round", "pre_partition", "parser_config_file", "precise_float_parser"),
        *("num_machines", "machines", "machine_list_filename", "local_listen_port", "time_out"),
        *("gpu_platform_id", "gpu_device_id", "gpu_device_id_list", "num_gpu"),
        *("verbosity", "saved_feature_importance_type"),
    )
)


def lookup(params: Mapping[str, Any], name: str, default: Any = None) -> Any:
    """Return parameter ``name`` under whichever of its spellings it was given."""
    for key in (name, *ALIASES[name]):
        if params.get(key) is not None:
            return params[key]
    return default


def resolved_params(model_text: str) -> dict[str, Any]:
    """Return what LightGBM made of the parameters: the block ``parameters:`` of a model's text."""
    start = model_text.rfind("\nparameters:")
    if start < 0:
        return {}
    block = model_text[start : model_text.find("\nend of parameters", start)]
    pairs = re.findall(r"^\[(\w+): (.*)\]$", block, flags=re.MULTILINE)
    return {key: _number(text) for key, text in pairs if text and key not in _UNINTERESTING}


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def importance(
    features: Sequence[str], gain: Sequence[float], split: Sequence[float]
) -> dict[str, Any]:
    """Return importances as plot data; of very many features only the most important ones."""
    order: Sequence[int] = range(len(features))
    if len(features) > FEATURES_MAX:
        order = sorted(sorted(order, key=lambda i: -gain[i])[:FEATURES_MAX])
    return {
        "features": [features[i] for i in order],
        "importance": {
            "gain": [float(gain[i]) for i in order],
            "split": [int(split[i]) for i in order],
        },
    }


def signature_of(model_text: str) -> dict[str, Any]:
    """Return names, dtypes and shapes of inputs and outputs, from the head of a model's text."""
    head = model_text[: max(0, model_text.find("\nTree="))].splitlines()
    facts = dict(line.split("=", 1) for line in head if "=" in line)
    names = facts.get("feature_names", "").split()
    if not names:
        return {}
    ranges = facts.get("feature_infos", "").split()  # [min:max] of numbers, 0:2:5 of categories
    categories = {i: "category" for i, each in enumerate(ranges) if each[0] != "[" and ":" in each}
    unnamed = all(name == f"Column_{i}" for i, name in enumerate(names))
    inputs = feature_specs(None if unnamed else names, len(names), "float64", categories)
    width = int(facts.get("num_tree_per_iteration", 1))
    return signature(
        inputs, [spec("prediction", "float64", [None] if width == 1 else [None, width])]
    )
