"""Turn XGBoost's objects into plain data: pure functions, nothing is recorded here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from epochlog.plugins.api import feature_specs, signature, spec

FEATURES_MAX = 10_000  # features listed by name; of more, the most important ones are kept
TREE_KINDS = ("gain", "weight", "cover", "total_gain", "total_cover")

ALIASES = {
    "learning_rate": ("eta",),
    "gamma": ("min_split_loss",),
    "reg_alpha": ("alpha",),
    "reg_lambda": ("lambda", "lambda_"),
    "random_state": ("seed",),
    "n_jobs": ("nthread",),
}
"""Parameters that have two names: XGBoost's configuration lists both, we keep the first."""

_SECOND_NAMES = {alias: name for name, aliases in ALIASES.items() for alias in aliases}

# Not about the model, or true of the first iteration only.
_UNINTERESTING = frozenset((
    "fail_on_invalid_gpu_id", "validate_parameters", "debug_synchronize", "max_cached_hist_node",
    "num_trees", "updater_seq", "specified_updater", "version", "seed_per_iteration", "gpu_id",
    "max_row_perbatch", "size_leaf_vector", "num_deleted", "internal", "iteration_indptr",
    "disable_default_eval_metric", "sparse_threshold",
))  # fmt: skip

_UNSET = ("", "()")


def lookup(params: Mapping[str, Any], name: str, default: Any = None) -> Any:
    """Return parameter ``name`` under whichever of its spellings it was given."""
    for key in (name, *ALIASES.get(name, ())):
        if params.get(key) is not None:
            return params[key]
    return default


def as_dict(params: Any) -> dict[str, Any]:
    """Return XGBoost's ``params``, a mapping or a list of pairs; a repeated name becomes a list."""
    if isinstance(params, Mapping):
        return dict(params)
    found: dict[str, Any] = {}
    for key, value in params or ():
        before = found.get(key)
        if key in found:
            found[key] = [*(before if isinstance(before, list) else [before]), value]
        else:
            found[key] = value
    return found


def resolved_params(config: str) -> dict[str, Any]:
    """Return what XGBoost made of the parameters, from the JSON text of ``save_config()``.

    Leaves are flattened to their own names; what is called ``name`` gets its section's: ``booster``
    (the kind), ``objective``, ``eval_metric`` and ``updater``. Equal names with other values keep
    their section in front.
    """
    learner = json.loads(config).get("learner", {})
    found: dict[str, Any] = {}
    for path, text in _leaves(learner):
        name = _name_of(path)
        if name is None:
            continue
        value = plain_value(text)
        if value in _UNSET:
            continue
        if name in ("eval_metric", "updater") and path[-1] == "name":
            found[name] = [*found.get(name, ()), value]
        elif found.setdefault(name, value) != value:
            found[f"{path[-2]}.{name}"] = value
    return found


def _leaves(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(node, list) and node and all(isinstance(item, Mapping) for item in node):
        for item in node:
            yield from _leaves(item, path)
    elif isinstance(node, (str, int, float, bool)):
        yield path, node


def _name_of(path: tuple[str, ...]) -> str | None:
    last = path[-1]
    if last == "name":
        sections = {
            "gradient_booster": "booster",
            "objective": "objective",
            "metrics": "eval_metric",
            "updater": "updater",
        }
        return sections.get(path[-2]) if len(path) > 1 else None
    if last in _UNINTERESTING or (last == "updater" and path[-2] == "gbtree_train_param"):
        return None
    return _SECOND_NAMES.get(last, last)


def plain_value(text: Any) -> Any:
    """Return the number, list or text that a value of the configuration stands for."""
    if not isinstance(text, str):
        return text
    if text[:1] == "[":
        try:
            values = json.loads(text)
        except ValueError:
            return text
        values = [_shortest(value) if isinstance(value, float) else value for value in values]
        return values[0] if len(values) == 1 else values
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return _shortest(float(text))
    except ValueError:
        return text


def _shortest(value: float) -> float:
    """XGBoost prints its 32-bit numbers with all their digits: 0.300000012 is 0.3."""
    short = float(str(np.float32(value)))
    return short if abs(short - value) <= 1e-7 * abs(value) else value


def importance(features: Sequence[str], scores: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return importances as plot data; unused features have 0.

    Args:
        features: names of all features.
        scores: kind -> what ``Booster.get_score`` gave; for linear models of several classes
            ``{"coefficient": {feature: [a number per class]}}``.
    """
    columns = {k: v for kind, score in scores.items() for k, v in _columns(features, kind, score)}
    order: Sequence[int] = range(len(features))
    if len(features) > FEATURES_MAX and columns:
        first = next(iter(columns.values()))
        order = sorted(sorted(order, key=lambda i: -abs(first[i]))[:FEATURES_MAX])
    return {
        "features": [features[i] for i in order],
        "importance": {kind: [values[i] for i in order] for kind, values in columns.items()},
    }


def _columns(
    features: Sequence[str], kind: str, score: Mapping[str, Any]
) -> Iterator[tuple[str, list[float]]]:
    classes = max((len(v) for v in score.values() if isinstance(v, list)), default=0)
    if not classes:
        yield kind, [float(score.get(name, 0.0)) for name in features]
        return
    rows = [score.get(name) or [0.0] * classes for name in features]
    yield f"{kind}_abs", [sum(map(abs, row)) / classes for row in rows]
    for index in range(classes):
        yield f"{kind}[{index}]", [float(row[index]) for row in rows]


def mean_scores(scores: Sequence[Mapping[str, Mapping[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Return the mean of several boosters' importances (the folds of ``cv``)."""
    means: dict[str, dict[str, Any]] = {}
    for kind in scores[0]:
        names = dict.fromkeys(name for each in scores for name in each[kind])
        means[kind] = {
            name: _mean([each[kind].get(name, 0.0) for each in scores]) for name in names
        }
    return means


def _mean(values: Sequence[Any]) -> Any:
    length = max((len(v) for v in values if isinstance(v, list)), default=0)
    if length:
        values = [v if isinstance(v, list) else [0.0] * length for v in values]
    mean = np.mean(np.asarray(values, dtype=float), axis=0)
    return mean.tolist()


_INPUT_TYPES = {"c": "category", "int": "int64", "i": "bool"}


def signature_of(booster: Any, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return names, dtypes and shapes of a booster's inputs and outputs.

    Args:
        booster: a trained one.
        facts: objective and sizes, see ``outcome.model_facts``.
    """
    types = booster.feature_types or []
    special = {i: _INPUT_TYPES[own] for i, own in enumerate(types) if own in _INPUT_TYPES}
    inputs = feature_specs(
        booster.feature_names, booster.num_features(), "float32", special or None
    )
    width = facts.get("num_target", 1)
    if facts.get("objective") == "multi:softprob":
        width = facts.get("num_class", 1)
    shape = [None] if width == 1 else [None, width]
    return signature(inputs, [spec("prediction", "float32", shape)])
