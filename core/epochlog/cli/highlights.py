"""Choose the few metrics that tell most about a list of runs."""

from __future__ import annotations

from collections.abc import Sequence

from epochlog.query.run_view import RunView

SPLITS = {"test": 1.0, "val": 0.9, "validation": 0.9, "cv": 0.8, "eval": 0.8, "train": 0.3}
OTHER = 0.5
DULL = (".std", ".rank", "_time", "_s", "learning_rate", "/lr")
"""Ends of names that say little about how good a run is."""
REPEATED = 0.2
"""What a metric counts for in a run that has one of the chosen ones already."""
VAGUE = 0.6
"""Share that a "score" is worth: of one model it is the accuracy, of another R²."""


def highlights(runs: Sequence[RunView], most: int = 4) -> list[str]:
    """Return up to ``most`` names of metrics, the most telling first.

    Results on data that was not trained on come first; each further metric counts for more where a
    run has none of the chosen ones yet.
    """
    weights = {name: weight(name) for run in runs for name in run.metrics}
    chosen: list[str] = []
    covered = dict.fromkeys((run.id for run in runs), 0)
    while weights and len(chosen) < most:
        gains = {
            name: worth * sum(REPEATED ** covered[run.id] for run in runs if name in run.metrics)
            for name, worth in weights.items()
        }
        best = max(sorted(gains), key=lambda name: gains[name])
        if gains[best] < 0.05 * len(runs):
            break
        del weights[best]
        if any(_same(runs, best, other) for other in chosen):
            continue
        chosen.append(best)
        for run in runs:
            covered[run.id] += best in run.metrics
    return sorted(chosen, key=lambda name: -weight(name))


def _same(runs: Sequence[RunView], one: str, other: str) -> bool:
    """Return whether two metrics are one under two names, as score and accuracy are."""
    return all(
        one not in run.metrics
        or (other in run.metrics and run.metrics[one].last == run.metrics[other].last)
        for run in runs
    )


def weight(name: str) -> float:
    """Return how telling a metric is by its name, above 0 to 1."""
    split, slash, _ = name.partition("/")
    worth = SPLITS.get(split, OTHER) if slash else OTHER
    worth *= VAGUE if name.endswith("/score") else 1.0
    return worth * (0.05 if name.endswith(DULL) or "[" in name else 1.0)
