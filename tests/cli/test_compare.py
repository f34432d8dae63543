"""``epochlog compare``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

import epochlog
from epochlog.cli.compare import code_lines, comparison_lines
from epochlog.cli.screen import Screen
from epochlog.query.compare import compare as compare_runs

Call = Callable[..., Result]


def test_only_differences_with_deltas(call: Call, filled: Path) -> None:
    """What is equal is left out; numbers show their distance from the first run."""
    lines = [line.split() for line in call("compare", "base", "worse").output.splitlines()]
    assert lines[0] == ["base", "worse"]
    assert ["lr", "0.001", "0.1", "(+0.099)"] in lines
    assert ["test/accuracy.last", "0.91", "0.5", "(-0.41,", "-45.1", "%)"] in lines
    assert ["layers", "[64,", "32]", "–"] in lines
    assert not any(line[:1] == ["batch_size"] for line in lines)


def test_all_shows_what_is_equal(call: Call, filled: Path) -> None:
    """--all shows equal values too."""
    output = call("compare", "base", "worse", "--all").output
    assert "batch_size" in output


def test_runs_that_match_a_filter(call: Call, filled: Path) -> None:
    """--where compares all runs that match."""
    assert call("compare", "-w", "params.lr > 0").output.split()[:2] == ["worse", "base"]


def test_sections(call: Call, filled: Path) -> None:
    """--section leaves the others out."""
    output = call("compare", "base", "worse", "-s", "params").output
    assert "params" in output
    assert "test/accuracy" not in output


def test_one_run_is_not_enough(call: Call, filled: Path) -> None:
    """A comparison needs two runs; none is wrong usage."""
    assert call("compare", "base").exit_code == 1
    assert "at least two runs" in call("compare", "base", "base").stderr
    assert call("compare").exit_code == 2


def test_no_differences(call: Call, store: Path) -> None:
    """Equal sections say so."""
    from epochlog import flush, start_run

    for name in ("one", "two"):
        with start_run(name) as run:
            run.log_params(lr=1)
    flush()
    assert call("compare", "one", "two", "-s", "params").output == "no differences\n"


def test_json(call: Call, filled: Path) -> None:
    """JSON gives values, deltas, and what is missing."""
    found = json.loads(call("compare", "base", "worse", "--json").stdout)
    rows = {(row["section"], row["name"]): row for row in found["rows"]}
    assert rows["params", "lr"]["deltas"] == [0.0, 0.099]
    assert rows["params", "layers"]["missing"] == [False, True]
    assert [run["name"] for run in found["runs"]] == ["base", "worse"]


def test_code_of_two_runs_as_a_diff(call: Call, filled: Path) -> None:
    """--code shows a diff of two runs, or says that there is none; of more it is refused."""
    assert call("compare", "base", "worse", "--code").output == "no differences in the code\n"
    assert json.loads(call("compare", "base", "worse", "--code", "--json").output)["diff"] == ""

    refused = call("compare", "base", "worse", "broken", "--code")
    assert (refused.exit_code, "compares two runs" in refused.output) == (1, True)


def test_a_diff_keeps_its_tabs_and_shows_no_control_characters() -> None:
    """What is piped into a file is a patch still; what is shown can't steer the terminal."""
    diff = "--- a/x\tone\n+++ b/x\ttwo\n@@ -1 +1 @@\n-\ta\n+\t\x1b[31mb\n"
    lines = code_lines(diff, Screen(80, False, True))

    assert lines[:4] == diff.split("\n")[:4]
    assert "\x1b" not in lines[4]


def test_a_narrow_terminal_gets_values_before_differences(filled: Path) -> None:
    """First the percentages go, then the differences; no difference is ever cut in two."""
    runs = [epochlog.get_run(name, store=str(filled)) for name in ("base", "worse")]
    found = compare_runs(runs, sections=["metrics"])

    def line(width: int | None) -> list[str]:
        lines = comparison_lines(found, Screen(width), full=True)
        assert width is None or max(map(len, lines)) <= width
        return next(each.split() for each in lines if "test/accuracy" in each)[1:]

    assert line(None) == ["0.91", "0.5", "(-0.41,", "-45.1", "%)"]
    assert line(50) == ["0.91", "0.5", "(-0.41)"]
    assert line(40) == ["0.91", "0.5"]
