"""Workers of every joblib backend record into the right fold."""

from __future__ import annotations

import json

import pytest
from processes import run_python

SCRIPT = """
import sys, json, pickle
from sklearn.metrics import accuracy_score, make_scorer
early = make_scorer(accuracy_score)  # holds a function from before autolog()
import epochlog
epochlog.autolog(disable=["hardware"])
import joblib, numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import HistGradientBoostingClassifier, StackingClassifier
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

class Mine(ClassifierMixin, BaseEstimator):
    def __init__(self, shift=0): self.shift = shift
    def fit(self, X, y):
        self.classes_ = np.unique(y); return self
    def predict(self, X): return np.full(len(X), self.classes_[self.shift])

if __name__ == "__main__":
    X, y = load_breast_cancer(return_X_y=True)
    boosting = HistGradientBoostingClassifier(max_iter=3, early_stopping=True)
    grid = {"model": [boosting, Mine()]}
    with joblib.parallel_config(backend=sys.argv[1], n_jobs=2):
        search = GridSearchCV(Pipeline([("scaler", StandardScaler()), ("model", Mine())]), grid, cv=3).fit(X, y)
        for scoring in ("f1", early, make_scorer(f1_score)):
            cross_val_score(Mine(1), X, y, cv=2, scoring=scoring)
        StackingClassifier([("a", DecisionTreeClassifier()), ("b", Mine())], cv=2).fit(X, y)
        joblib.Parallel()(joblib.delayed(DecisionTreeClassifier(max_depth=d).fit)(X, y) for d in (1, 2, 3))
        with epochlog.paused():
            joblib.Parallel()(joblib.delayed(DecisionTreeClassifier().fit)(X, y) for _ in range(2))
        epochlog.uninstrument()
        joblib.Parallel()(joblib.delayed(DecisionTreeClassifier().fit)(X, y) for _ in range(2))
    assert b"epochlog" not in pickle.dumps(search.best_estimator_)
    print(json.dumps([search.cv_results_[f"split{k}_test_score"].tolist() for k in range(3)]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["loky", "threading", "multiprocessing"])
def test_every_fold_is_where_it_belongs(backend, runs):
    """Candidates and folds are complete, once each, with curves and scores, on every backend."""
    done = run_python(SCRIPT, backend, timeout=240, EPOCHLOG_RAISE="1")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    scores = json.loads(done.stdout.splitlines()[-1])
    roots = runs(nested=False)

    assert [run.kind for run in roots] == ["search", *["eval"] * 3, *["fit"] * 4]
    candidates = sorted(roots[0].children(), key=lambda child: child.position)
    assert [child.params["model"] for child in candidates] == [
        "HistGradientBoostingClassifier",
        "Mine",
    ]
    for index, candidate in enumerate(candidates):
        folds = sorted(candidate.children(), key=lambda child: child.position)
        assert [fold.position for fold in folds] == [0, 1, 2]
        assert [fold.metrics["cv/score"].last for fold in folds] == [row[index] for row in scores]
        assert {fold.status for fold in folds} == {"completed"}
    assert [fold.metrics["val/loss"].count for fold in candidates[0].children()] == [4, 4, 4]
    for run in roots[1:4]:
        assert [fold.kind for fold in run.children()] == ["fold", "fold"]
    assert roots[4].children() == []
    assert sorted(run.params["max_depth"] for run in roots[5:]) == [1, 2, 3]
