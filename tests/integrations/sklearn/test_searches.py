"""Searches and cross-validations are trees: parent, candidates, folds, with the framework's numbers."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.metrics import accuracy_score
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    permutation_test_score,
    validation_curve,
)
from sklearn.tree import DecisionTreeClassifier


class Picky(ClassifierMixin, BaseEstimator):
    """Refuses to be fitted with ``bad=True``, or on the fold that has sample 0 for testing."""

    def __init__(self, bad=False, first=False):
        self.bad = bad
        self.first = first

    def fit(self, X, y):
        if self.bad or (self.first and X[:, 0].min() > 0):
            raise RuntimeError("too picky")
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return np.full(len(X), self.classes_[0])


def check_tree(run, results, splits, scorer="score"):
    """Compare a run tree with ``cv_results_``, number by number."""
    candidates = run.children()
    assert [child.kind for child in candidates] == ["candidate"] * len(results["params"])
    for index, candidate in enumerate(sorted(candidates, key=lambda child: child.position)):
        assert candidate.position == index
        assert dict(results["params"][index]).items() <= dict(candidate.params).items()
        assert candidate.metrics[f"cv/{scorer}.mean"].last == results[f"mean_test_{scorer}"][index]
        assert candidate.metrics[f"cv/{scorer}.rank"].last == results[f"rank_test_{scorer}"][index]
        folds = sorted(candidate.children(), key=lambda child: child.position)
        assert [(fold.kind, fold.position) for fold in folds] == [
            ("fold", k) for k in range(splits)
        ]
        for k, fold in enumerate(folds):
            assert fold.metrics[f"cv/{scorer}"].last == results[f"split{k}_test_{scorer}"][index]


def test_grid_search_is_parent_candidates_and_folds(only_run, cancer):
    """One parent; every candidate and fold once, with the numbers of ``cv_results_``."""
    search = GridSearchCV(DecisionTreeClassifier(), {"max_depth": [1, 2, 3]}, cv=3).fit(*cancer)
    run = only_run()

    assert (run.kind, run.status, run.source) == ("search", "completed", "sklearn")
    check_tree(run, search.cv_results_, 3)
    assert run.params["best_max_depth"] == search.best_params_["max_depth"]
    assert run.params["best_index"] == search.best_index_
    assert run.metrics["cv/best_score"].last == search.best_score_
    table = run.plots["cv_results"].data["columns"]
    assert table["mean_test_score"] == search.cv_results_["mean_test_score"].tolist()
    assert run.models[0].load(trust=True).max_depth == search.best_params_["max_depth"]
    assert run.plots["importance"].data["importance"]["impurity"] == pytest.approx(
        search.best_estimator_.feature_importances_
    )


def test_several_scorers_and_train_scores(only_run, cancer):
    """Each scorer has its own metrics, for testing and training part."""
    search = GridSearchCV(
        DecisionTreeClassifier(),
        {"max_depth": [1, 2]},
        cv=2,
        scoring=["accuracy", "f1"],
        refit="f1",
        return_train_score=True,
    ).fit(*cancer)
    run = only_run()

    check_tree(run, search.cv_results_, 2, "f1")
    fold = run.children()[0].children()[0]
    assert {"cv/accuracy", "cv/f1", "train/accuracy", "train/f1", "fit_time"} <= set(fold.metrics)


def test_halving_search_keeps_all_iterations(only_run, cancer):
    """Candidates of each iteration are candidates of their own, with their resources."""
    search = HalvingGridSearchCV(
        DecisionTreeClassifier(random_state=0), {"max_depth": [1, 2, 3]}, cv=2, random_state=0
    ).fit(*cancer)
    run = only_run()

    check_tree(run, search.cv_results_, 2)
    resources = [c.params["n_resources"] for c in sorted(run.children(), key=lambda c: c.position)]
    assert resources == list(search.cv_results_["n_resources"])


@pytest.mark.filterwarnings("ignore")
def test_failing_folds_are_failed(only_run, cancer):
    """A fold whose fit fails is failed with its traceback; the search goes on as it would."""
    GridSearchCV(Picky(), {"bad": [False, True]}, cv=2).fit(*cancer)
    run = only_run()
    good, bad = sorted(run.children(), key=lambda child: child.position)

    assert (run.status, good.status, bad.status) == ("completed", "completed", "failed")
    assert [fold.status for fold in bad.children()] == ["failed", "failed"]
    assert bad.children()[0].status_reason == "RuntimeError: too picky"
    assert run.params["search.folds_failed"] == 2


def test_a_search_that_raises_leaves_nothing_open(runs, cancer):
    """With ``error_score="raise"`` the exception passes, and every run of the tree has ended."""
    with pytest.raises(RuntimeError, match="too picky"):
        GridSearchCV(Picky(), {"bad": [False, True]}, cv=2, error_score="raise").fit(*cancer)

    assert {run.status for run in runs('kind == "search"')} == {"failed"}
    assert not [run for run in runs() if run.active]


def test_cross_validate_has_folds_and_means(only_run, cancer):
    """One parent with the means, one child a fold, with the returned numbers."""
    result = cross_validate(
        DecisionTreeClassifier(max_depth=1), *cancer, cv=3, scoring=["accuracy", "f1"]
    )
    run = only_run()

    assert run.kind == "eval"
    assert run.params["cv.function"] == "cross_validate"
    assert run.params["max_depth"] == 1
    assert run.metrics["cv/f1.mean"].last == result["test_f1"].mean()
    assert run.metrics["cv/f1.std"].last == result["test_f1"].std()
    folds = sorted(run.children(), key=lambda child: child.position)
    assert [fold.metrics["cv/f1"].last for fold in folds] == result["test_f1"].tolist()


def test_cross_val_score_is_one_tree(only_run, cancer):
    """``cross_val_score``, which calls ``cross_validate`` itself, makes one parent."""
    scores = cross_val_score(DecisionTreeClassifier(), *cancer, cv=4)
    run = only_run()

    assert run.metrics["cv/score.mean"].last == scores.mean()
    assert len(run.children()) == 4


def test_cross_val_predict_gives_cv_metrics(only_run, cancer):
    """Metrics of cross-validated predictions belong to the split cv."""
    X, y = cancer
    value = accuracy_score(y, cross_val_predict(DecisionTreeClassifier(), X, y, cv=3))
    run = only_run()

    assert run.metrics["cv/accuracy"].last == value
    assert len(run.children()) == 3


def test_learning_curve_is_a_curve(only_run, cancer):
    """The x-axis is the number of training samples; each size is a candidate with its folds."""
    sizes, _train, test = learning_curve(
        DecisionTreeClassifier(),
        *cancer,
        cv=3,
        train_sizes=[0.5, 1.0],
        shuffle=True,
        random_state=0,
    )
    run = only_run()
    curve = run.series("cv/score.mean")

    assert curve.steps.tolist() == sizes.tolist()
    assert curve.values.tolist() == test.mean(axis=1).tolist()
    assert [child.params["train_size"] for child in run.children()] == sizes.tolist()
    assert [len(child.children()) for child in run.children()] == [3, 3]


def test_validation_curve_has_a_candidate_a_value(only_run, cancer):
    """Each value of the parameter is a candidate with its folds."""
    _, test = validation_curve(
        DecisionTreeClassifier(), *cancer, param_name="max_depth", param_range=[1, 2, 3], cv=2
    )
    run = only_run()

    assert [child.params["max_depth"] for child in run.children()] == [1, 2, 3]
    means = [child.metrics["cv/score.mean"].last for child in run.children()]
    assert means == test.mean(axis=1).tolist()


def test_permutations_are_numbers_not_runs(only_run, cancer):
    """The p-value and the scores of all permutations are there, without a run for each."""
    score, scores, p_value = permutation_test_score(
        DecisionTreeClassifier(), *cancer, cv=2, n_permutations=4
    )
    run = only_run()

    assert (run.metrics["cv/score"].last, run.metrics["cv/p_value"].last) == (score, p_value)
    assert run.plots["permutation_scores"].data["values"] == scores.tolist()
    assert run.children() == []


def test_nested_cross_validation_keeps_its_levels(only_run, cancer):
    """A search inside a fold is a search of its own, below that fold."""
    search = GridSearchCV(DecisionTreeClassifier(), {"max_depth": [1, 2]}, cv=2)
    cross_val_score(search, *cancer, cv=3)
    run = only_run()

    assert [fold.kind for fold in run.children()] == ["fold"] * 3
    for fold in run.children():
        (inner,) = fold.children()
        assert (inner.kind, [c.kind for c in inner.children()]) == ("search", ["candidate"] * 2)


def test_folds_can_be_left_out(autolog, only_run, cancer):
    """With the option off a search is one run with its table."""
    autolog(folds=False)
    search = GridSearchCV(DecisionTreeClassifier(), {"max_depth": [1, 2]}, cv=2).fit(*cancer)
    run = only_run()

    assert run.children() == []
    assert run.metrics["cv/best_score"].last == search.best_score_


def test_a_user_s_run_can_be_the_parent(runs, cancer):
    """A cross-validation inside ``start_run`` records into that run."""
    import epochlog

    with epochlog.start_run(name="mine"):
        cross_val_score(DecisionTreeClassifier(), *cancer, cv=2)
    (run,) = runs(nested=False)

    assert (run.name, len(run.children())) == ("mine", 2)
