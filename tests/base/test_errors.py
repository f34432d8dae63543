"""Facts about ``base/errors.py``."""

from __future__ import annotations

import inspect
import pickle

import pytest

from epochlog.base import errors
from epochlog.base.errors import EpochlogError, FilterError, PositionMoved

ALL = [member for _, member in inspect.getmembers(errors, inspect.isclass)]


@pytest.mark.parametrize("error", ALL)
def test_all_errors_have_one_base_class_and_a_docstring(error: type[Exception]) -> None:
    """``except EpochlogError`` catches whatever we raise."""
    assert issubclass(error, EpochlogError)
    assert error.__doc__


def test_errors_are_what_callers_expect() -> None:
    """Errors are also the built-in kinds that callers may catch."""
    assert issubclass(errors.RunNotFound, LookupError)
    assert issubclass(errors.FilterError, ValueError)
    assert issubclass(errors.FrameworkNotFound, ImportError)
    assert issubclass(errors.StoreUnavailable, errors.StoreError)


def test_a_filter_error_points_at_the_column() -> None:
    """The message shows the expression with a mark under the mistake."""
    error = FilterError("unknown name 'lss'", "params.lss < 1", 7)

    assert str(error).splitlines() == ["unknown name 'lss'", "  params.lss < 1", "         ^"]


@pytest.mark.parametrize("error", [PositionMoved(5), FilterError("m", "a < b", 2)])
def test_errors_cross_process_borders(error: Exception) -> None:
    """A worker's error arrives in the parent as it was."""
    copy = pickle.loads(pickle.dumps(error))

    assert str(copy) == str(error)
    assert vars(copy) == vars(error)
