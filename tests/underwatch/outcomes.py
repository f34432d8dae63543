"""A pytest plugin that writes each test's outcome to the file named by ``OUTCOMES_FILE``."""

from __future__ import annotations

import json
import os
from typing import Any

_warned: dict[str, list[str]] = {}


def pytest_runtest_logreport(report: Any) -> None:
    """Write one line for each phase that tells something: the call, and failures around it."""
    if report.when == "call" or report.outcome != "passed":
        outcome = f"x{report.outcome}" if hasattr(report, "wasxfail") else report.outcome
        _write({"test": report.nodeid, "when": report.when, "outcome": outcome})


def pytest_collectreport(report: Any) -> None:
    """Write what could not be collected."""
    if report.outcome != "passed":
        _write({"test": report.nodeid, "when": "collect", "outcome": report.outcome})


def pytest_warning_recorded(warning_message: Any, nodeid: str) -> None:
    """Write the categories of warnings."""
    category = warning_message.category.__name__
    _write({"test": nodeid, "when": "warning", "outcome": category})


def _write(line: dict[str, str]) -> None:
    with open(os.environ["OUTCOMES_FILE"], "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
