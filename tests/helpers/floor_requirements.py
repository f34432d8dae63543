"""Print the oldest supported version of each framework, as requirements for pip.

    python tests/helpers/floor_requirements.py lightgbm sklearn   # lightgbm==4.5.* scikit-learn==1.6.*

Without names, of all. Read from the one place where an integration declares its range.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]


_SMALLER = {"xgboost": "xgboost-cpu"}
"""Distributions that come without GPU libraries under another name."""


def floor_requirements(names: Sequence[str] = ()) -> list[str]:
    """Return one requirement for each declared lower bound.

    Args:
        names: of integrations; empty means all.
    """
    found = []
    for plugin in sorted((ROOT / "integrations").glob("*/plugin.py")):
        if names and plugin.parent.name.removeprefix("epochlog_") not in names:
            continue
        for name, version in re.findall(r'["|]([\w-]+)>=([\d.]+)', plugin.read_text("utf-8")):
            found.append(f"{_SMALLER.get(name, name)}=={version}.*")
    return list(dict.fromkeys(found))


if __name__ == "__main__":
    print(*floor_requirements(sys.argv[1:]))
