"""Write generated parts into the READMEs: the table of integrations, and sources shown in full."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
READMES = (ROOT / "README.md", ROOT / "integrations" / "README.md")


def our_table() -> str:
    """Return the table of the integrations that are in this repository."""
    from epochlog.plugins.activation import Armed
    from epochlog.plugins.manager import Plugins
    from epochlog.plugins.report import describe, integrations_table

    plugins = Plugins(list)
    for folder in sorted((ROOT / "integrations").iterdir()):
        if (folder / "plugin.py").exists():
            module = __import__(f"{folder.name}.plugin", fromlist=["plugin"])
            plugins.register(module, folder.name)
    return integrations_table([describe(Armed(*offer)) for offer in plugins.integrations()])


def generated(text: str) -> str:
    """Return a README's text with its generated parts as they should be."""
    text = re.sub(
        r"(<!-- integrations -->\n).*?(<!-- /integrations -->)",
        lambda found: found[1] + our_table() + found[2],
        text,
        flags=re.DOTALL,
    )
    return re.sub(
        r"<!-- source: (\S+) -->\n```python\n.*?```",
        lambda found: (
            f"<!-- source: {found[1]} -->\n```python\n{(ROOT / found[1]).read_text('utf-8')}```"
        ),
        text,
        flags=re.DOTALL,
    )


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / "core"), str(ROOT / "integrations")]
    for readme in READMES:
        readme.write_text(generated(readme.read_text("utf-8")), "utf-8")
