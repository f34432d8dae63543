"""Filters made from options."""

from __future__ import annotations

import pytest

from epochlog.cli.options import combined


@pytest.mark.parametrize(
    ("filters", "short", "expression"),
    [
        ([], {}, ""),
        (["a > 1"], {}, "a > 1"),
        (["a > 1 or b", "", "c"], {}, "(a > 1 or b) and (c)"),
        (["a or b"], {"tags": ("x", 'y"')}, "(a or b) and 'x' in tags and 'y\"' in tags"),
        ([], {"experiment": "e'", "statuses": ("failed", "lost")}, "experiment == \"e'\" and status in ['failed', 'lost']"),
        ([], {"since": "2d"}, "started >= ago('2d')"),
        ([], {"since": "2026-11-01"}, "started >= '2026-11-01'"),
    ],
)  # fmt: skip
def test_options_become_one_expression(
    filters: list[str], short: dict[str, object], expression: str
) -> None:
    """Filters and short forms are joined by ``and``; a single filter stays as it was typed."""
    assert combined(*filters, **short) == expression  # type: ignore[arg-type]
