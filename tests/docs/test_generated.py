"""Generated parts of the READMEs are up to date."""

from __future__ import annotations

import pytest
from integrations_table import READMES, generated


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
