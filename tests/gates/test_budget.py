"""Optional work after a fit stays within its budget, in processor time."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin

import epochlog

BUDGETS_S = (0.0, 0.05, 0.2)
"""What the optional work may take: the fits below last no time."""

KNOWN_PASSES = 6
"""What is no option (facts of the data and the model, the run itself) is done in the time that so
many passes over the data take."""


class Heavy(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A model whose fit takes no time and whose state takes long to write."""

    def fit(self, X: Any, y: Any) -> Any:
        """Learn nothing, but a lot of it."""
        self.classes_ = np.array([0, 1])
        self.weights_ = np.full(10_000_000, 0.5)  # 80 MB
        return self

    def predict(self, X: Any) -> Any:
        """Return the sign of the first column."""
        return (X[:, 0] > 0).astype(int)


def processor_s(work: Any) -> float:
    """Return the processor time that a call takes on this thread, in seconds."""
    began = time.thread_time()
    work()
    return time.thread_time() - began


@pytest.mark.slow
def test_work_after_a_fit_and_a_score_stays_within_the_budget(
    stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Data of 100 MB, a model of 80 MB, predictions of a million rows: the budget, and no more.

    What is done with a budget of nothing is no option; what a budget adds to that stays within it.
    All of it in full would take several times as long; what was left out is said.
    """
    monkeypatch.setenv("EPOCHLOG_BUDGET_SHARE", "0")
    X = np.random.default_rng(0).random((1_250_000, 10)) - 0.5
    y = (X[:, 1] > 0).astype(int)
    model = Heavy()

    def train_and_test() -> None:
        model.fit(X, y).score(X, y)

    epochlog.autolog(hardware=False, budget_floor_s=BUDGETS_S[-1])
    Heavy().fit(X[:100], y[:100]).score(X[100:200], y[100:200])  # what is loaded once
    added: dict[float, list[float]] = {budget_s: [] for budget_s in BUDGETS_S}
    for _ in range(4):
        for budget_s, costs in added.items():
            epochlog.autolog(hardware=False, budget_floor_s=budget_s)
            with epochlog.paused():
                plain = processor_s(train_and_test)
            costs.append(processor_s(train_and_test) - plain)
    one_pass = min(processor_s(X.sum) for _ in range(5))
    run = stored()[-1]
    told = " ".join(notice.text for notice in run.notices)
    known = min(added[0.0])

    assert known <= KNOWN_PASSES * one_pass, (added, one_pass)
    for budget_s in BUDGETS_S[1:]:
        assert min(added[budget_s]) - known <= 1.1 * budget_s, added
    assert "skipped the model" in told
    assert run.metrics["train/accuracy"]
    assert run.datasets[0].digest
