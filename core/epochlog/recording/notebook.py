"""Know whether this is a notebook, and which of its cells were executed so far."""

from __future__ import annotations

import os
import sys
from typing import Any

from epochlog.base.redaction import redact_text

CELLS_BYTES_MAX = 2**20


def notebook_kind() -> str:
    """Return in what kind of notebook this runs (jupyter, colab, databricks …), "" if in none."""
    if "google.colab" in sys.modules:
        return "colab"
    if "DATABRICKS_RUNTIME_VERSION" in os.environ:
        return "databricks"
    shell = _shell()
    if shell is None:
        return ""
    return {"ZMQInteractiveShell": "jupyter", "TerminalInteractiveShell": "ipython"}.get(
        type(shell).__name__, type(shell).__name__
    )


def executed_cells() -> str:
    """Return the cells of this session in the order of execution, without secrets; "" if none.

    Each begins with ``# %% In[n]``. Of a very long session the newest cells are kept.
    """
    shell = _shell()
    if shell is None:
        return ""
    history = getattr(getattr(shell, "history_manager", None), "input_hist_raw", None)
    if history is None:
        history = (getattr(shell, "user_ns", None) or {}).get("In")
    cells = [str(cell) for cell in list(history or ())]
    kept: list[str] = []
    size = 0
    for number in range(len(cells) - 1, 0, -1):  # the one with number 0 is always empty
        if not cells[number].strip():
            continue
        text = f"# %% In[{number}]\n{redact_text(cells[number].rstrip(), code=True)}\n"
        size += len(text)
        if size > CELLS_BYTES_MAX:
            kept.append(f"# cells up to In[{number}] are not kept: too long\n")
            break
        kept.append(text)
    return "\n".join(reversed(kept))


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    get = getattr(ipython, "get_ipython", None)  # absent while IPython is being imported
    return get() if get is not None else None
