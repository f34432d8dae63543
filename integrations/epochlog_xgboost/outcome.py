"""Record what a training ended with: best iteration, scores, importances, trees, model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from epochlog.plugins.api import Budget, IntegrationOptions, Run, guard
from epochlog_xgboost.curves import Curves, FoldCurves
from epochlog_xgboost.extract import (
    TREE_KINDS,
    importance,
    mean_scores,
    resolved_params,
    signature_of,
)
from epochlog_xgboost.facts import callbacks_of

FORMAT = "ubj"
BYTES_PER_SPLIT, WRITE_BYTES_PER_S = (
    60,
    40e6,
)  # what a split takes in the model, how fast it is made
SCORES_PER_S = 5e6  # splits that are counted for one kind of importance
TREE_TEXT_MAX = 50_000  # characters
ALL = IntegrationOptions({})


def log_end(run: Run, container: Any, model: Any, curves: Curves, rounds: int | None) -> None:
    """Record where training ended, and the best iteration if early stopping looked for one.

    ``best_iteration`` is the step of the best value on the curves. XGBoost's own attribute of that
    name is trusted only if this very training had early stopping: a continued one inherits it.
    """
    if curves.iterations == 0:
        return
    run.log_metrics({"stopped_iteration": curves.last}, curves.last)
    stopping = callbacks_of(container, "EarlyStopping") if container is not None else []
    stopping = [callback for callback in stopping if callback.stopping_history]
    if rounds is not None and (stopping or curves.iterations < rounds):
        run.log_params({"stopped_early": curves.iterations < rounds})
    own = model.attr("best_iteration") if stopping else None
    if own is not None:
        index = int(own) - stopping[-1].starting_round
        point = curves.best_point(container.history, index)
        run.log_metrics(point | {"best_iteration": curves.start + index}, curves.start + index)


def log_outcome(
    run: Run,
    booster: Any,
    *,
    name: str = "model",
    options: IntegrationOptions = ALL,
    budget: Budget | None = None,
) -> None:
    """Record everything that a trained booster can tell.

    Args:
        run: where to.
        booster: the trained one.
        name: name of the model artifact.
        options: of the integration.
        budget: bounds the time for importances and model of a very large booster.
    """
    budget = budget or Budget(0.0)
    facts = model_facts(booster)
    scores: dict[str, dict[str, Any]] = {}
    with guard("xgboost importance"), budget.spend():
        scores = all_scores(booster, facts, budget, run)
        if options.get("importance", True):
            run.log_plot("importance", "importance", importance(feature_names(booster), scores))
    facts["num_splits"] = splits = int(sum(scores.get("weight", {}).values()))
    with guard("xgboost model"):
        if options.get("models", True):
            _log_model(run, booster, name, facts, budget)
    with guard("xgboost trees"):
        if options.get("summary", True):
            run.log_text("model/summary", summary(facts))
            if splits and budget.allows(splits / SCORES_PER_S):
                _log_first_trees(run, booster)


def model_facts(booster: Any) -> dict[str, Any]:
    """Return kind and sizes of a booster."""
    config = booster.save_config()
    effective = resolved_params(config)
    facts = {
        "booster": effective.get("booster", ""),
        "objective": effective.get("objective", ""),
        "num_boosted_rounds": booster.num_boosted_rounds(),
        "num_features": booster.num_features(),
    }
    for key in ("num_class", "num_target", "num_parallel_tree"):
        if effective.get(key, 0) not in (0, 1):
            facts[key] = effective[key]
    return facts


def feature_names(booster: Any) -> list[str]:
    """Return the names of all features, ``f0`` … if the data had none."""
    return list(booster.feature_names or [f"f{i}" for i in range(booster.num_features())])


def all_scores(
    booster: Any, facts: Mapping[str, Any], budget: Budget, run: Run | None = None
) -> dict[str, dict[str, Any]]:
    """Return importances of every kind; of a huge model only the cheapest."""
    if facts.get("booster") == "gblinear":
        return {"coefficient": booster.get_score(importance_type="weight")}
    weight = booster.get_score(importance_type="weight")
    estimated_s = len(TREE_KINDS) * sum(weight.values()) / SCORES_PER_S
    if not budget.allows(estimated_s):
        if run is not None:
            run.log_notice(budget.skipped("importances but weight", estimated_s), source="xgboost")
        return {"weight": weight}
    found = {
        kind: booster.get_score(importance_type=kind) for kind in TREE_KINDS if kind != "weight"
    }
    return {kind: found.get(kind, weight) for kind in TREE_KINDS}


def _log_model(run: Run, booster: Any, name: str, facts: Mapping[str, Any], budget: Budget) -> None:
    """Record the model as UBJSON, which any version and language of XGBoost loads."""
    size = facts["num_splits"] * BYTES_PER_SPLIT
    estimated_s = budget.estimate_s(FORMAT, size, WRITE_BYTES_PER_S)
    if not budget.allows(estimated_s):
        run.log_notice(budget.skipped("the model", estimated_s), level="warning", source="xgboost")
        return
    import xgboost

    with budget.spend(FORMAT, size):
        data = bytes(booster.save_raw(raw_format="ubj"))
        run.log_model(
            data,
            name,
            format=FORMAT,
            serializer=f"xgboost {xgboost.__version__}",
            schema=signature_of(booster, facts),
            meta=facts,
        )


def summary(facts: Mapping[str, Any]) -> str:
    """Return the model's facts as lines of text."""
    return "\n".join(f"{key}: {value}" for key, value in facts.items() if value != "")


def _log_first_trees(run: Run, booster: Any) -> None:
    """Record the first round's trees as text: what the model asks first."""
    trees = booster[:1].get_dump(with_stats=True)
    text = "\n".join(f"tree {i}\n{tree}" for i, tree in enumerate(trees))
    run.log_text("model/first_trees", text[:TREE_TEXT_MAX])


def log_cv_outcome(
    run: Run, boosters: Sequence[Any], curves: FoldCurves, options: IntegrationOptions
) -> None:
    """Record mean importances over the folds and, on request, the folds' models."""
    budget = Budget(0.0)
    with guard("xgboost importance"):
        if options.get("importance", True):
            facts = model_facts(boosters[0])
            scores = mean_scores([all_scores(each, facts, budget) for each in boosters])
            run.log_plot("importance", "importance", importance(feature_names(boosters[0]), scores))
    with guard("xgboost fold models"):
        if options.get("fold_models", False):
            for fold, booster in zip(curves.folds, boosters, strict=False):
                log_outcome(fold, booster, options=options)
