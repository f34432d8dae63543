"""Turn scores of searches and cross-validations into learning curves; record clusterings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from epochlog.plugins.api import Budget, evaluate_clusters
from epochlog_sklearn import extract

PARAMETERS_MAX = 20
POINTS_MAX = 1000
CLUSTERS_S = 0.02  # silhouettes of the sample that evaluation takes
_PRECOMPUTED = ("metric", "affinity")


def fold_curve(param: str, x: Sequence[Any], train: np.ndarray, test: np.ndarray) -> dict[str, Any]:
    """Return plot data of kind ``learning_curve``: mean and deviation over the folds at each x."""
    return {
        "x": list(x),
        "train": train.mean(axis=1),
        "train_std": train.std(axis=1),
        "test": test.mean(axis=1),
        "test_std": test.std(axis=1),
        "param": param,
    }


def search_curves(
    results: Mapping[str, Any], scorer: str = "score"
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (parameter, plot data of kind ``learning_curve``) of a search's numeric parameters.

    At each value of a parameter: the scores of the best candidate that has it.

    Args:
        results: ``cv_results_``.
        scorer: name of the score that counts.
    """
    test: Any = results.get(f"mean_test_{scorer}")
    names = [name for name in results if name.startswith("param_")][:PARAMETERS_MAX]
    for name in names if test is not None else ():
        best: dict[float, int] = {}
        for index, value in enumerate(extract.describe_all(list(results[name]))):
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if not number or np.isnan(test[index]):
                continue
            if value not in best or test[index] > test[best[value]]:
                best[value] = index
        if 2 <= len(best) <= POINTS_MAX:
            yield name.removeprefix("param_"), _columns(results, scorer, best)


def _columns(results: Mapping[str, Any], scorer: str, best: Mapping[float, int]) -> dict[str, Any]:
    x = sorted(best)
    rows = [best[value] for value in x]
    test = results[f"mean_test_{scorer}"][rows]
    train = results.get(f"mean_train_{scorer}")
    data = {
        "x": x,
        "test": test,
        "test_std": results[f"std_test_{scorer}"][rows],
    }
    if train is not None:  # ``return_train_score=True``
        data |= {"train": train[rows], "train_std": results[f"std_train_{scorer}"][rows]}
    return data


def log_search_curves(run: Any, search: Any, results: Mapping[str, Any]) -> None:
    """Log how the score depends on each numeric parameter of a search."""
    refit = search.refit if isinstance(getattr(search, "refit", None), str) else ""
    scorer = refit if f"mean_test_{refit}" in results else "score"
    for param, data in search_curves(results, scorer):
        run.log_plot(f"search/{param}", "learning_curve", {**data, "param": param})


def log_clusters(run: Any, model: Any, x: Any, labels: Any, budget: Budget) -> None:
    """Log sizes and, where affordable, silhouettes of a clustering; nothing is clustered again."""
    core = extract.core_estimator(model)
    rows = getattr(labels, "shape", (-1,))[0]
    if extract.nature(model)[0] != "clusterer" or rows != extract.count_samples(x):
        return
    inertia = extract.attribute(core, "inertia_")
    if isinstance(inertia, float):
        run.log_metrics({"train/inertia": inertia})
    pairwise = any(extract.attribute(core, name) == "precomputed" for name in _PRECOMPUTED)
    compared = core is model and not pairwise  # a pipeline clusters what its steps made of X
    if compared and not budget.allows(CLUSTERS_S):
        run.log_notice(budget.skipped("silhouettes", CLUSTERS_S), source="sklearn")
        compared = False
    with budget.spend(), np.errstate(all="ignore"):
        metrics, data = evaluate_clusters(x if compared else None, labels)
    run.log_metrics({f"train/{name}": value for name, value in metrics.items()})
    run.log_plot("train/clusters", "clusters", data)
