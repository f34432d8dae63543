"""Generated parts of the READMEs are up to date."""

from __future__ import annotations

import ast
import re

import pytest
from integrations_table import READMES, generated

from epochlog.plugins.manager import get_plugins


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_generated_parts_are_current(readme):
    """The table of integrations and shown sources equal what generates them."""
    text = readme.read_text("utf-8")

    assert "<!-- integrations -->" in text
    assert generated(text) == text, "run: python tests/helpers/integrations_table.py"


def test_table_names_each_integration():
    """Each integration in the repository stands in the table with its range."""
    text = READMES[1].read_text("utf-8")
    for name in ("sklearn", "lightgbm", "hardware"):
        assert f"| `{name}` |" in text
    assert "`scikit-learn>=" in text


def test_every_option_is_documented_with_its_default():
    """The README's table of options has all of each integration, with their defaults."""
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*`\w+=.*) \|$", READMES[0].read_text("utf-8"), re.M))
    offered = [each for _, each in get_plugins().integrations() if each.options]

    for each in offered:
        shown = "lightning" if each.name == "pytorch_lightning" else each.name
        told = dict(re.findall(r"`(\w+)=([^`]*)`", rows[shown]))
        assert {name: ast.literal_eval(value) for name, value in told.items()} == each.options
    assert len(offered) >= 10
