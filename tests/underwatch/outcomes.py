"""A pytest plugin that writes each test's outcome to the file named by ``OUTCOMES_FILE``.

Some tests draw random data without a seed, so their outcome is a matter of luck. Each begins with
the same state of the global generators, whoever watches.
"""

from __future__ import annotations

import json
import os
import random
import sys
from typing import Any
from zlib import crc32

import pytest

_warned: dict[str, list[str]] = {}


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Seed for what is drawn while tests are collected."""
    _seed(collector.nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Seed each test, whatever ran before it."""
    _seed(item.nodeid)


def _seed(name: str) -> None:
    number = crc32(name.encode())
    random.seed(number)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(number)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(number)


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
