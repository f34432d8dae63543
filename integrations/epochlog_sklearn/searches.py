"""Record searches and cross-validations: candidates as children, folds as theirs, live."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from epochlog.plugins.api import attach_context, export_context, guard, open_fit
from epochlog_sklearn import extract, record
from epochlog_sklearn.evaluation_curves import fold_curve, log_search_curves
from epochlog_sklearn.models import cross_validated
from epochlog_sklearn.parallel import Task
from epochlog_sklearn.scope import SOURCE, Scope, entering, in_task, note_worker

_FOLD_TASKS = {"_fit_and_score", "_fit_and_predict", "_incremental_fit_estimator"}


class Plan:
    """The run tree of one search or cross-validation.

    Args:
        run: the parent.
        group: how tasks form candidates: ``""`` not at all, ``"parameters"`` by what is searched,
            ``"train_size"`` by the number of training samples.
    """

    def __init__(self, run: Any, group: str = "") -> None:
        self.run = run
        self.group = group
        self.candidates: list[Any] = []
        self.folds_failed = 0
        self._seen: dict[str, int] = {}
        self._lock = threading.Lock()  # joblib also asks for tasks from its own threads

    def start_batch(self) -> Batch:
        """Return the batch of tasks of one call of ``joblib.Parallel``."""
        return Batch(self)

    def candidate(self, index: int, params: Mapping[str, Any]) -> Any:
        """Return the run of a candidate, opened when its first fold is about to start."""
        with self._lock:
            while len(self.candidates) <= index:
                child = self.run.start_child(
                    f"candidate {len(self.candidates)}",
                    kind="candidate",
                    index=len(self.candidates),
                    source=SOURCE,
                )
                child.log_params({name: extract.describe(value) for name, value in params.items()})
                self.candidates.append(child)
        return self.candidates[index]

    def place(self, key: str) -> int:
        """Return the number of the group called ``key``, counted in the order of appearance."""
        return self._seen.setdefault(key, len(self._seen))

    def abort(self, error: BaseException) -> None:
        """End the candidates that an exception left open."""
        status = "failed" if isinstance(error, Exception) else "canceled"
        for candidate in self.candidates:
            candidate.end(status, f"{type(error).__name__}: {error}".splitlines()[0])


class Batch:
    """The tasks of one ``joblib.Parallel`` call; halving searches make several."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._first = len(plan.candidates)
        self._context = export_context()
        self._owners: list[tuple[int, int]] = []  # per task: candidate (-1 = none), fold

    def wrap(self, task: Task) -> Task:
        """Return the task as a fold, if it is one."""
        function, args, kwargs = task
        name = getattr(getattr(function, "function", function), "__name__", "")
        if name not in _FOLD_TASKS:
            return task
        candidate, fold, params = self._locate(kwargs)
        self._owners.append((candidate, fold))
        context = self._context
        if candidate >= 0:
            context = _context_of(self.plan.candidate(candidate, params), context)
        return Fold(function, context, fold), args, kwargs

    def _locate(self, kwargs: Mapping[str, Any]) -> tuple[int, int, Mapping[str, Any]]:
        """Return ``(candidate, fold, what distinguishes the candidate)`` of a task."""
        params = kwargs.get("parameters") or {}
        progress, split = kwargs.get("candidate_progress"), kwargs.get("split_progress")
        if progress is not None and split is not None:
            return self._first + progress[0], split[0], params
        if self.plan.group == "train_size":
            params = {"train_size": len(kwargs["train"])} if "train" in kwargs else {}
        if not self.plan.group or not params:
            return -1, len(self._owners), params
        candidate = self.plan.place(repr(sorted(params.items(), key=lambda item: item[0])))
        return candidate, sum(owner == candidate for owner, _ in self._owners), params

    def collect(self, results: Any) -> None:
        """End the candidates of this batch, by what came back from their folds."""
        if not isinstance(results, list):
            return
        alive: dict[int, bool] = {}
        for (candidate, _), result in zip(self._owners, results, strict=False):
            failed = isinstance(result, dict) and bool(result.get("fit_error"))
            self.plan.folds_failed += failed
            alive[candidate] = alive.get(candidate, False) or not failed
        for candidate, completed in alive.items():
            if candidate >= 0:
                run = self.plan.candidates[candidate]
                run.end("completed") if completed else run.end("failed", "all folds failed")


def _context_of(run: Any, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return an exported context that points at a child of its run."""
    described = {"run_id": run.id, "name": run.name, "kind": run.kind}
    return {**context, "run": {**context["run"], **described, "parent_id": run.parent_id}}


class Fold:
    """One train-test split as a run of its own, opened by whoever executes it; pickles."""

    __slots__ = ("_context", "_function", "_index")

    def __init__(self, function: Callable[..., Any], context: dict[str, Any], index: int) -> None:
        self._function = function
        self._context = context
        self._index = index

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function where its run is known."""
        with attach_context(self._context), in_task():
            fold = None
            with guard("sklearn fold"):
                fold = open_fit(
                    f"fold {self._index}", source=SOURCE, kind="fold", index=self._index
                )
            if fold is None:
                with entering(Scope()):
                    return self._function(*args, **kwargs)
            with fold:
                with entering(Scope(id(args[0]) if args else 0, searches_inside=True)):
                    result = self._function(*args, **kwargs)
                with guard("sklearn fold results"):
                    _record_fold(fold.run, result, args[0] if args else None)
                return result

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickle, (self._function, self._context, self._index)


def _unpickle(function: Callable[..., Any], context: dict[str, Any], index: int) -> Fold:
    note_worker(context)
    return Fold(function, context, index)


def _record_fold(run: Any, result: Any, estimator: Any) -> None:
    metrics: dict[str, float] = {}
    if isinstance(result, dict):
        metrics = {**_scores("cv", result.get("test_scores"))}
        metrics |= _scores("train", result.get("train_scores"))
        for name in ("fit_time", "score_time"):
            if name in result:
                metrics[name] = float(result[name])
    if metrics:
        run.log_metrics(metrics)
    error = result.get("fit_error") if isinstance(result, dict) else None
    if error:
        run.end("failed", error.strip().splitlines()[-1], error)
    elif estimator is not None:
        record.log_curves(run, estimator)
        run.log_params(extract.iteration_facts(estimator))


def _scores(split: str, scores: Any) -> dict[str, float]:
    if isinstance(scores, Mapping):
        return {f"{split}/{name}": float(value) for name, value in scores.items()}
    return {} if scores is None else {f"{split}/score": float(scores)}


def record_search(run: Any, search: Any, plan: Plan) -> None:
    """Log what a ``*SearchCV`` found: best candidate, table, each candidate's mean scores."""
    results = search.cv_results_
    count = len(results["params"])
    found: dict[str, Any] = {
        "search.n_candidates": count,
        "search.n_splits": getattr(search, "n_splits_", None),
        "search.folds_failed": plan.folds_failed or None,
        "best_index": getattr(search, "best_index_", None),
    }
    best = getattr(search, "best_params_", None) or {}
    found |= {f"best_{name}": extract.describe(value) for name, value in best.items()}
    run.log_params({name: value for name, value in found.items() if value is not None})
    metrics = {
        "cv/best_score": getattr(search, "best_score_", None),
        "refit_time": getattr(search, "refit_time_", None),
    }
    run.log_metrics({name: float(value) for name, value in metrics.items() if value is not None})
    run.log_plot("cv_results", "table", extract.table(results))
    log_search_curves(run, search, results)
    for index, candidate in enumerate(plan.candidates[:count]):
        _record_candidate(candidate, results, index)


def _record_candidate(candidate: Any, results: Mapping[str, Any], index: int) -> None:
    metrics: dict[str, float] = {}
    for column, values in results.items():
        for prefix, suffix in _COLUMNS.items():
            if column.startswith(prefix):
                name = column.removeprefix(prefix)
                metrics[f"{_metric(name)}{suffix}"] = float(values[index])
    candidate.log_metrics(metrics)
    halving = {
        name: extract.describe(results[name][index])
        for name in ("iter", "n_resources")
        if name in results
    }
    candidate.log_params(halving)


_COLUMNS = {"mean_": ".mean", "std_": ".std", "rank_": ".rank"}


def _metric(name: str) -> str:
    """``test_accuracy`` -> ``cv/accuracy``, ``train_accuracy`` -> ``train/accuracy``."""
    split, _, metric = name.partition("_")
    return {"test": f"cv/{metric}", "train": f"train/{metric}"}.get(split, name)


def record_cross_validation(
    run: Any, name: str, result: Any, plan: Plan, given: Mapping[str, Any]
) -> None:
    """Log the result of one of scikit-learn's cross-validation functions."""
    if name == "cross_validate":
        _log_columns(run, result)
        if len(estimators := result.get("estimator", ())):
            cross_validated.set(estimators[0], run)
    elif name == "cross_val_score":
        _log_columns(run, {"test_score": result})
    elif name == "permutation_test_score":
        run.log_metrics({"cv/score": float(result[0]), "cv/p_value": float(result[2])})
        run.log_plot("permutation_scores", "histogram", {"values": np.asarray(result[1])})
    elif name == "learning_curve":
        sizes = result[0].tolist()
        _log_ticks(run, sizes, result[1], result[2], plan)
        data = fold_curve("train_size", sizes, result[1], result[2])
        run.log_plot(name, "learning_curve", data)
    elif name == "validation_curve":
        _log_ticks(run, range(len(result[0])), result[0], result[1], plan)
        values = extract.describe_all(list(given.get("param_range", range(len(result[0])))))
        data = fold_curve(str(given.get("param_name", "")), values, result[0], result[1])
        run.log_plot(name, "learning_curve", data)
    if plan.folds_failed:
        run.log_params({"cv.folds_failed": plan.folds_failed})


def _log_columns(run: Any, columns: Mapping[str, Any]) -> None:
    metrics: dict[str, float] = {}
    for column, values in columns.items():
        if column in ("estimator", "indices"):
            continue
        name = _metric(column)
        metrics[f"{name}.mean"] = float(np.mean(values))
        metrics[f"{name}.std"] = float(np.std(values))
    run.log_metrics(metrics)


def _log_ticks(
    run: Any, steps: Sequence[float], train: np.ndarray, test: np.ndarray, plan: Plan
) -> None:
    """Log scores against training size or parameter value, on the parent and on each candidate."""
    for index, step in enumerate(steps):
        metrics = {
            "train/score.mean": float(np.mean(train[index])),
            "train/score.std": float(np.std(train[index])),
            "cv/score.mean": float(np.mean(test[index])),
            "cv/score.std": float(np.std(test[index])),
        }
        run.log_metrics(metrics, step=step)
        if index < len(plan.candidates):
            plan.candidates[index].log_metrics(metrics)
