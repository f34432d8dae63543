"""Parts of scikit-learn's own suite have the same outcomes while epochlog watches."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import run as underwatch

SUITE = Path(pytest.importorskip("sklearn").__file__).parent


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "path",
    [
        pytest.param("tests/test_pipeline.py", id="pipelines"),
        pytest.param("tests/test_base.py", id="bases"),
        pytest.param("ensemble/tests/test_voting.py", id="ensembles"),
    ],
)
def test_a_part_of_scikit_learns_suite_does_not_notice(path):
    """Every test of the file passes, fails or warns as it does without us."""
    _, line, found = underwatch.compare(str(SUITE / path), [])

    assert found == [], line
    assert int(line.split()[0]) > 20, line


OBSERVANT = """
import random, sys, warnings
import numpy, pytest
from sklearn.linear_model import LinearRegression

WATCHED = "epochlog" in sys.modules

def test_that_passes():
    LinearRegression().fit([[1], [2]], [1, 2])

def test_that_fails_when_watched():
    assert not WATCHED

@pytest.mark.parametrize("throw", range(20))
def test_that_throws_a_coin(throw):
    assert random.random() < 0.5 and numpy.random.rand() < 0.5

def test_that_is_warned_when_watched():
    if WATCHED:
        warnings.warn("watched", UserWarning)
"""


@pytest.mark.slow
def test_the_comparison_notices_what_differs(tmp_path):
    """A failure and a warning that only happen under us are found, and no mere bad luck is."""
    suite = tmp_path / "test_observant.py"
    suite.write_text(OBSERVANT)
    _, line, found = underwatch.compare(str(suite), [], tmp_path / "kept")

    assert [each.partition(": ")[2] for each in found] == [
        "call passed became call failed",
        "call passed became call passed, warning UserWarning",
    ]
    assert "that_fails_when_watched" in found[0]
    tests, passed, other, differ = map(int, line.split()[:4])
    assert (tests, differ) == (23, 2)
    assert passed > 3 < other


def test_a_kept_plain_half_is_used(tmp_path, monkeypatch):
    """With a folder the plain half runs once; another option makes another run."""
    ran = []

    def outcomes(suite, options, *, watched):
        ran.append((suite, *options, watched))
        return {"test": Counter({"call passed": 1})}, 1.5

    monkeypatch.setattr(underwatch, "outcomes", outcomes)
    first = underwatch.compare("some.suite", [], tmp_path)
    again = underwatch.compare("some.suite", [], tmp_path)
    underwatch.compare("some.suite", ["-x"], tmp_path)

    assert first == again
    assert [each[-1] for each in ran] == [False, True, True, False, True]


def test_what_recording_complained_about_is_a_difference():
    """Failures that our guard swallowed in the foreign process show in the comparison."""
    plain = {"a": Counter({"call passed": 1})}
    watched = plain | {"epochlog itself": Counter({"recording failed or warned at: x": 1})}

    assert underwatch.differences(plain, watched) == [
        "epochlog itself: nothing became recording failed or warned at: x"
    ]
