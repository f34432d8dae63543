"""Record what a training ended with: best iteration, scores, importances, params, model."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from epochlog.plugins.api import Budget, IntegrationOptions, Run, guard
from epochlog_lightgbm.extract import importance, resolved_params, signature_of
from epochlog_lightgbm.names import best_scores, cv_ends

if TYPE_CHECKING:
    from epochlog_lightgbm.callback import FoldsCallback, IterationCallback

FORMAT = "lightgbm-text"
WRITE_BYTES_PER_S = 200e6  # assumed speed of copying a model's text into the store
TEXT_BYTES_PER_S = 20e6  # assumed speed of making that text
BYTES_PER_SPLIT = 100
ALL = IntegrationOptions({})


def log_outcome(
    run: Run,
    booster: Any,
    callback: IterationCallback | None,
    *,
    text: str = "",
    name: str = "model",
    options: IntegrationOptions = ALL,
    budget: Budget | None = None,
) -> None:
    """Record everything that a trained booster can tell.

    Args:
        run: where to.
        booster: as returned by ``train``.
        callback: knows how far the training went and how far it was meant to.
        text: the model's text, if LightGBM made it already; saves making it again.
        name: name of the model artifact.
        options: of the integration.
        budget: bounds the time for storing a very large model.
    """
    with guard("lightgbm best iteration"):
        log_best(run, booster, callback)
    budget = Budget(0.0) if budget is None else budget
    with guard("lightgbm importance"), budget.spend():
        if options.get("importance", True):
            log_importance(run, [booster])
    with guard("lightgbm model"):
        wanted = options.get("models", True) or options.get("resolved_params", True)
        size = 0.0 if text else _text_bytes(booster)
        estimated_s = budget.estimate_s("lightgbm text", size, TEXT_BYTES_PER_S)
        if wanted and not budget.allows(estimated_s):
            told = budget.skipped("the model and its resolved parameters", estimated_s)
            run.log_notice(told, level="warning", source="lightgbm")
        elif wanted:
            facts = {"num_trees": booster.num_trees(), "num_features": booster.num_feature()}
            with budget.spend("lightgbm text", size):
                text = text or booster.model_to_string()
            log_text(run, text, name, facts, options=options, budget=budget)


def _text_bytes(booster: Any) -> float:
    """Return about how long the model's text will be, by the number of its splits."""
    return float(booster.feature_importance("split").sum()) * BYTES_PER_SPLIT


def log_best(run: Run, booster: Any, callback: IterationCallback | None) -> None:
    """Record the best iteration, if early stopping looked for one, and where training ended.

    ``best_iteration`` is the step of the best value on the curves (0-based);
    ``lightgbm.best_iteration`` is LightGBM's own number, one more: how many trees to use.
    """
    if callback is not None and callback.last >= 0:
        run.log_metrics({"stopped_iteration": callback.last}, callback.last)
    own = booster.best_iteration
    if own > 0:
        objective = "" if callback is None else callback.objective
        numbers = {"best_iteration": own - 1, "lightgbm.best_iteration": own}
        run.log_metrics(numbers | best_scores(booster.best_score, objective), own - 1)
        if callback is not None:
            run.log_params({"stopped_early": callback.last + 1 < callback.end})


def log_importance(run: Run, boosters: list[Any]) -> None:
    """Record gain and split importances (their means over several boosters) as a plot."""
    count = len(boosters)
    gain = sum(booster.feature_importance("gain") for booster in boosters) / count
    split = sum(booster.feature_importance("split") for booster in boosters) / count
    names = boosters[0].feature_name()
    run.log_plot("importance", "importance", importance(names, gain, split))


def log_text(
    run: Run,
    text: str,
    name: str,
    facts: Mapping[str, Any],
    *,
    options: IntegrationOptions = ALL,
    budget: Budget | None = None,
) -> None:
    """Record a model's params and its text, which LightGBM loads in any version and language."""
    if options.get("resolved_params", True):
        run.log_params({f"booster.{key}": value for key, value in resolved_params(text).items()})
    if not options.get("models", True):
        return
    estimated_s = 0.0
    if budget is not None:
        estimated_s = budget.estimate_s(FORMAT, len(text), WRITE_BYTES_PER_S)
    if budget is not None and not budget.allows(estimated_s):
        run.log_notice(budget.skipped("the model", estimated_s), level="warning", source="lightgbm")
        return
    import lightgbm

    serializer = f"lightgbm {lightgbm.__version__}"
    with budget.spend(FORMAT, len(text)) if budget is not None else nullcontext():
        schema = signature_of(text)
        run.log_model(
            text.encode("utf-8"), name, format=FORMAT, serializer=serializer, schema=schema,
            meta=facts,
        )  # fmt: skip


def log_cv_outcome(
    run: Run, results: Mapping[str, Any], callback: FoldsCallback, options: IntegrationOptions
) -> None:
    """Record what ``cv`` ended with: best iteration and scores, mean importances, fold models.

    LightGBM cuts the curves in ``results`` at the best iteration: their last values are the best.
    """
    if callback.model is None:
        return
    boosters, own = callback.model.boosters, callback.model.best_iteration
    run.log_metrics({"stopped_iteration": callback.last}, callback.last)
    if own > 0:
        scores = {
            f"best/{key}": value for key, value in cv_ends(results, callback.objective).items()
        }
        run.log_metrics(
            {"best_iteration": own - 1, "lightgbm.best_iteration": own} | scores, own - 1
        )
        run.log_params({"stopped_early": callback.last + 1 < callback.end})
    with guard("lightgbm importance"):
        if options.get("importance", True):
            log_importance(run, boosters)
    with guard("lightgbm fold models"):
        if options.get("fold_models", False):
            for fold, booster in zip(callback.folds, boosters, strict=False):
                facts = {"num_trees": booster.num_trees()}
                log_text(fold, booster.model_to_string(), "model", facts, options=options)
