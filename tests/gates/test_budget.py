"""Optional work after a fit stays within its budget, in processor time."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin

import epochlog

BUDGET_S = 0.05
"""What the optional work may take: the fits below last no time."""

KNOWN_S = 0.03
"""What is no option takes less: the run itself, its parameters, facts of the model."""


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
    """Data of 100 MB, a model of 80 MB, predictions of a million rows: at most twice the budget.

    All of that in full would take several times as long; what was left out is said.
    """
    monkeypatch.setenv("EPOCHLOG_BUDGET_FLOOR_S", str(BUDGET_S))
    monkeypatch.setenv("EPOCHLOG_BUDGET_SHARE", "0")
    epochlog.autolog(hardware=False)
    X = np.random.default_rng(0).random((1_250_000, 10)) - 0.5
    y = (X[:, 1] > 0).astype(int)
    model = Heavy()

    def train_and_test() -> None:
        model.fit(X, y).score(X, y)

    Heavy().fit(X[:100], y[:100]).score(X[100:200], y[100:200])  # what is loaded once
    costs = []
    for _ in range(3):
        with epochlog.paused():
            plain = processor_s(train_and_test)
        costs.append(processor_s(train_and_test) - plain)
    run = stored()[-1]
    told = " ".join(notice.text for notice in run.notices)

    assert min(costs) <= 2 * (BUDGET_S + KNOWN_S), costs
    assert "skipped the model" in told
    assert run.metrics["train/accuracy"]
    assert run.datasets[0].digest
