"""Record what a training ended with: best iteration, scores, params, importances, model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from epochlog.plugins.api import Budget, IntegrationOptions, Run, guard
from epochlog_catboost.curves import Points, flat
from epochlog_catboost.facts import FEATURE_NAMES_MAX, used_params
from epochlog_catboost.names import Keys
from epochlog_catboost.signature import signature_of

if TYPE_CHECKING:
    from epochlog_catboost.training import Training

FORMAT = "cbm"
WRITE_BYTES_PER_S = 200e6  # assumed speed of copying a file into the store
IMPORTANCE_S_PER_TREE = 2e-5
FEATURES_MAX = 10_000  # features listed in the plot; of more, the most important ones are kept
SNAPSHOT = "experiment.cbsnapshot"  # CatBoost's default
ALL = IntegrationOptions({})


def log_outcome(
    training: Training, all_params: Mapping[str, Any], keys: Keys, points: Points, budget: Budget
) -> None:
    """Record everything that a trained model can tell."""
    run, model, options = training.run, training.model, training.options
    log_ending(run, model, all_params, keys, points)
    if options.get("effective_params", True) and not training.fold:
        run.log_params(used_params(all_params))
    with guard("catboost importance"), budget.spend():
        if options.get("importance", True) and not training.fold:
            log_importance(run, model, budget)
    with guard("catboost model"):
        if options.get("fold_models" if training.fold else "models", not training.fold):
            log_model(run, model, budget, name="catboost" if training.joined else "model")
    with guard("catboost snapshot"):
        log_snapshot(training, points.last, budget)


def detector_is_on(all_params: Mapping[str, Any]) -> bool:
    """Whether CatBoost's overfitting detector could stop the training."""
    return all_params.get("od_type") == "Iter" or bool(all_params.get("od_pval"))


def log_ending(
    run: Run, model: Any, all_params: Mapping[str, Any], keys: Keys, points: Points
) -> None:
    """Record where training ended and what was best.

    ``best_iteration`` is CatBoost's own, the step of the best value on the curve (0-based);
    ``best/…`` are its ``best_score_``: the best value of each curve by itself, at its own step.
    """
    last, best = points.last, model.best_iteration_
    facts: dict[str, Any] = {"tree_count": model.tree_count_}
    if last >= 0:
        run.log_metrics({"stopped_iteration": last}, last)
        early = last + 1 < int(all_params.get("iterations", 0))
        if early or detector_is_on(all_params):
            facts["stopped_early"] = early
    if best is not None:
        run.log_metrics({"best_iteration": best}, best)
    for curve, score in flat(model.best_score_ or {}).items():
        step = points.first(curve, score)
        run.log_metrics({f"best/{keys.of(*curve)}": score}, max(last, 0) if step is None else step)
    run.log_params(facts)


def log_importance(run: Run, model: Any, budget: Budget | None = None) -> None:
    """Record importances as a plot, of the type that CatBoost has computed at the end of ``fit``.

    For ranking losses it computes none, and its default type takes a pass over all data; then it
    is the change of predictions, as for all other losses.
    """
    values = model.feature_importances_
    kind = "PredictionValuesChange"
    if values is None or values.ndim != 1:
        estimate_s = model.tree_count_ * IMPORTANCE_S_PER_TREE
        if budget is not None and not budget.allows(estimate_s):
            run.log_notice(budget.skipped("importances", estimate_s), source="catboost")
            return
        values = prediction_values_change(model)
    if values is not None and len(values):
        run.log_plot("importance", "importance", importance(model.feature_names_, values, kind))


def prediction_values_change(model: Any) -> Any:
    """Return the default importances of a model, without leaving them in it; None if it can't."""
    if not model._object._has_leaf_weights_in_model() or model.get_embedding_feature_indices():
        return None
    missing = object()
    before = model.__dict__.get("_prediction_values_change", missing)
    try:
        return model.get_feature_importance(type="PredictionValuesChange")
    finally:
        model.__dict__.pop("_prediction_values_change", None)
        if before is not missing:
            model._prediction_values_change = before


def importance(features: Any, values: Any, kind: str) -> dict[str, Any]:
    """Return importances as plot data; of very many features only the most important ones."""
    order = list(range(len(values)))
    if len(order) > FEATURES_MAX:
        order = sorted(sorted(order, key=lambda i: -values[i])[:FEATURES_MAX])
    return {
        "features": [str(features[i]) for i in order],
        "importance": {kind: [float(values[i]) for i in order]},
    }


def log_model(run: Run, model: Any, budget: Budget, *, name: str = "model") -> None:
    """Record a model in CatBoost's own binary format, which holds no code."""
    with budget.spend():
        data: bytes = model._serialize_model()
    estimated_s = budget.estimate_s(FORMAT, len(data), WRITE_BYTES_PER_S)
    if not budget.allows(estimated_s):
        run.log_notice(budget.skipped("the model", estimated_s), level="warning", source="catboost")
        return
    import catboost

    meta: dict[str, Any] = {"class": type(model).__name__, "num_trees": model.tree_count_}
    names = model.feature_names_
    if len(names) <= FEATURE_NAMES_MAX:
        meta["feature_names"] = [str(each) for each in names]
    with budget.spend(FORMAT, len(data)):
        run.log_model(
            data,
            name,
            format=FORMAT,
            serializer=f"catboost {catboost.__version__}",
            schema=signature_of(model),
            meta=meta,
        )


def log_snapshot(training: Training, step: int, budget: Budget | None = None) -> None:
    """Record the snapshot from which CatBoost can go on, if the training saved one."""
    params = training.params
    if not params.get("save_snapshot"):
        return
    name = str(params.get("snapshot_file") or SNAPSHOT)
    for path in (training.train_dir / name, Path(name)):
        if not path.is_file() or path.stat().st_mtime_ns // 1000 < training.started:
            continue
        estimated_s = path.stat().st_size / WRITE_BYTES_PER_S
        if budget is not None and not budget.allows(estimated_s):
            training.run.log_notice(budget.skipped("the snapshot", estimated_s), source="catboost")
            return
        training.run.log_checkpoint(path, "snapshot", step=max(step, 0))
        return
