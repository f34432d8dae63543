"""Print the oldest supported version of each framework, as requirements for pip.

    python tests/helpers/floor_requirements.py        # scikit-learn==1.6.* lightgbm==4.5.*

Read from the one place where an integration declares its range.
"""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def floor_requirements() -> list[str]:
    """Return one requirement for each declared lower bound."""
    found = []
    for plugin in sorted((ROOT / "integrations").glob("*/plugin.py")):
        for name, version in re.findall(r'"([\w-]+)>=([\d.]+)', plugin.read_text("utf-8")):
            found.append(f"{name}=={version}.*")
    return found


if __name__ == "__main__":
    print(*floor_requirements())
