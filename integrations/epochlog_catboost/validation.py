"""Record ``catboost.cv``: means and deviations on the parent, each fold a child."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from epochlog.plugins.api import Budget, IntegrationOptions, Run, guard, open_fit
from epochlog_catboost.datasets import log_datasets
from epochlog_catboost.facts import (
    call_params,
    effective_params,
    feature_names,
    passed_params,
    special_features,
)
from epochlog_catboost.live import Occupant, Writer
from epochlog_catboost.names import Keys, cv_keys, goal_of
from epochlog_catboost.outcome import log_model
from epochlog_catboost.progress import Progress
from epochlog_catboost.training import SOURCE, TRAIN_DIR, Original, bound

FOLDS_MAX = 1000


def record_cv(
    original: Original, options: IntegrationOptions, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call ``catboost.cv`` and record it as a run with one child per fold."""
    call = bound(original, args, kwargs)
    if call is None:
        return original(*args, **kwargs)
    with open_fit("catboost.cv", source=SOURCE) as fit:
        session = CrossValidation(fit.run, options)
        with guard("catboost before cv"):
            session.start(call.arguments)
        try:
            result = original(*call.args, **call.kwargs)
        except BaseException as error:
            with guard("catboost failed cv"):
                session.abort(error)
            raise
        with guard("catboost after cv"):
            session.finish(result)
        return result


class CrossValidation:
    """One call of ``cv``."""

    def __init__(self, run: Run, options: IntegrationOptions) -> None:
        self.run, self.options = run, options
        self._params: dict[str, Any] = {}
        self._files: list[Progress] = []
        self._occupant: Occupant | None = None
        self._folds: list[Run] = []

    def start(self, arguments: Mapping[str, Any]) -> None:
        """Record what is known before, and remember what is in the folds' folders already."""
        self._params = dict(arguments["params"] or {})
        params = {"model_class": "catboost.cv"} | passed_params(self._params)
        pool = arguments["pool"] if arguments["pool"] is not None else arguments["dtrain"]
        if (iterations := arguments["iterations"] or arguments["num_boost_round"]) is not None:
            params["iterations"] = iterations
        self.run.log_params(params | call_params(arguments))
        if pool is not None:
            facts = {
                "train_set.num_rows": pool.num_row(),
                "train_set.num_features": pool.num_col(),
            }
            self.run.log_params(facts | special_features(pool, feature_names(pool)))
            if self.options.get("datasets", True):
                log_datasets(self.run, {"X": pool})
        if self._params.get("allow_writing_files", True):
            folder = Path(self._params.get("train_dir") or TRAIN_DIR)
            self._occupant = Occupant(folder)
            self._files = [Progress(folder / f"fold-{i}") for i in range(_count(arguments))]

    def finish(self, result: Any) -> None:
        """Record means, deviations, the best iteration, and the folds."""
        table, models = result if isinstance(result, tuple) else (result, [])
        columns = {str(name): list(table[name]) for name in table}
        loss = self._loss()
        keys = cv_keys(columns, loss)
        steps = [int(step) for step in columns.get("iterations", ())]
        for index, step in enumerate(steps):
            point = {key: float(columns[column][index]) for column, key in keys.items()}
            self.run.log_metrics(point, step)
        self.run.log_metric_aliases({key: column for column, key in keys.items()})
        self._log_best(columns, keys, steps)
        with guard("catboost folds"):
            self._log_folds(loss, models)
        self._end_folds("completed")

    def abort(self, error: BaseException) -> None:
        """Record the folds' curves up to an exception, and end the folds like their parent."""
        with guard("catboost folds"):
            self._log_folds(self._loss(), [])
        status = "canceled" if isinstance(error, KeyboardInterrupt) else "failed"
        self._end_folds(status, f"{type(error).__name__}: {error}".splitlines()[0])

    def _loss(self) -> Any:
        """Return the objective; without one CatBoost takes the root of the squared error."""
        return self._params.get("loss_function") or self._params.get("objective") or "RMSE"

    def _log_best(
        self, columns: Mapping[str, list[Any]], keys: Mapping[str, str], steps: list[int]
    ) -> None:
        """Record the best mean of what CatBoost watches: ``eval_metric``, else the objective."""
        if not steps:
            return
        self.run.log_metrics({"stopped_iteration": steps[-1]}, steps[-1])
        wanted = self._params.get("eval_metric") or self._loss()
        column = f"test-{wanted}-mean"
        goal = goal_of(wanted) if isinstance(wanted, str) else ""
        if column not in columns or not goal:
            return
        values = columns[column]
        best = (min if goal == "minimize" else max)(range(len(values)), key=values.__getitem__)
        found = {f"best/{key}": float(columns[name][best]) for name, key in keys.items()}
        self.run.log_metrics({"best_iteration": steps[best]} | found, steps[best])
        self.run.log_params({f"goal.{keys[column]}": goal})

    def _log_folds(self, loss: Any, models: list[Any]) -> None:
        """Record each fold's own curves from the files that CatBoost wrote."""
        if self._occupant is not None:
            self._occupant.leave()
        alone = self._occupant is not None and self._occupant.alone
        for index in range(max(len(self._files), len(models))):
            rows = self._files[index].read() if alone and index < len(self._files) else []
            if not rows and index >= len(models):
                continue
            fold = self.run.start_child(f"fold {index}", kind="fold", index=index, source=SOURCE)
            self._folds.append(fold)
            writer = Writer(fold, Keys(loss))
            writer.rows(rows)
            if writer.last >= 0:
                fold.log_metrics({"stopped_iteration": writer.last}, writer.last)
            if index < len(models):
                self._log_model(fold, models[index])
        if self._folds:
            self.run.log_params({"n_folds": len(self._folds)})

    def _log_model(self, fold: Run, model: Any) -> None:
        fold.log_params({"tree_count": model.tree_count_} | effective_params(model))
        if self.options.get("fold_models", False):
            log_model(fold, model, Budget(1.0))

    def _end_folds(self, status: str, reason: str = "") -> None:
        for fold in self._folds:
            fold.end(status, reason)


def _count(arguments: Mapping[str, Any]) -> int:
    """Return the number of folds, as far as asking consumes no generator."""
    for name in ("fold_count", "nfold"):
        if isinstance(arguments[name], int):
            return min(int(arguments[name]), FOLDS_MAX)
    folds = arguments["folds"]
    if folds is None:
        return 3
    if hasattr(folds, "get_n_splits"):
        return min(int(folds.get_n_splits()), FOLDS_MAX)
    return min(len(folds), FOLDS_MAX) if hasattr(folds, "__len__") else FOLDS_MAX
