"""Facts about ``base/guard.py``: ours is swallowed and said once, theirs passes."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from epochlog.base import guard as module
from epochlog.base.guard import guard, guarded, warn_once


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_seen_sites", {})
    monkeypatch.setenv("EPOCHLOG_RAISE", "0")


@pytest.fixture
def broken_handler() -> Iterator[None]:
    """Give the logger a handler that fails."""

    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise RuntimeError("handler")

    handler = Broken()
    module.logger.addHandler(handler)
    yield
    module.logger.removeHandler(handler)


def test_a_failure_is_swallowed_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """Training goes on; the same site speaks once, another site speaks for itself."""
    for site in ("a", "a", "b"):
        with guard(site) as fence:
            raise ValueError("boom")
        assert fence.failed

    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert "recording failed in a (ValueError: boom); training goes on" in said[0]


def test_under_test_failures_are_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own test suite sees every bug."""
    monkeypatch.setenv("EPOCHLOG_RAISE", "1")

    with pytest.raises(ValueError, match="boom"), guard("a"):
        raise ValueError("boom")


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_the_end_of_the_program_passes(error: type[BaseException]) -> None:
    """What is no error of ours is never swallowed."""
    with pytest.raises(error), guard("a"):
        raise error


def test_an_error_that_cannot_be_printed_is_swallowed_too() -> None:
    """The report of a failure never fails itself."""

    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no text")

    with guard("a") as fence:
        raise Mute

    assert fence.failed


@pytest.mark.usefixtures("broken_handler")
def test_a_failing_log_handler_does_no_harm() -> None:
    """A handler of the user's that raises doesn't turn our report into their crash."""
    with guard("a") as fence:
        raise ValueError("boom")

    assert fence.failed


def test_guarded_returns_the_result_or_none() -> None:
    """A guarded call gives its result, or None if it failed."""
    assert guarded("a", int, "7") == 7
    assert guarded("a", int, "x") is None


def test_warn_once_says_whether_it_did() -> None:
    """The first warning of a site is told apart from the others."""
    assert warn_once("a", "text") is True
    assert warn_once("a", "text") is False
