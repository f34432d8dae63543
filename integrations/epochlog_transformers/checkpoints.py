"""Record checkpoint folders while a Trainer writes and removes them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from epochlog.plugins.api import Budget, IntegrationOptions, Run

BYTES_PER_S = 500e6
"""How fast a copy is taken to be until one was measured."""


class Checkpoints:
    """The checkpoints of one training.

    Content is copied by default. A hard link would cost nothing, but a Trainer that runs once more
    with the same ``output_dir`` writes into the very files of ``checkpoint-<step>``.
    """

    def __init__(self, run: Run, options: IntegrationOptions) -> None:
        self.run, self.options = run, options
        self._known: list[Path] = []
        self._started = time.perf_counter()
        self._spent_s = 0.0
        self._bytes_per_s = BYTES_PER_S
        self._told = False

    def saved(self, folder: str, state: Any) -> None:
        """Record ``checkpoint-<global_step>`` in ``folder``, and which older ones are gone."""
        path = Path(folder, f"checkpoint-{state.global_step}").absolute()
        self.forget_removed()
        if not path.is_dir():
            return
        if path in self._known:  # before 4.50 the last one is written twice, into the same files
            self.run.remove_checkpoint(path)
        else:
            self._known.append(path)
        best = state.best_model_checkpoint
        is_best = bool(best) and Path(best).absolute() == path
        aliases = ("last", "best") if is_best else ("last",)
        meta = {"global_step": state.global_step, "epoch": state.epoch}
        size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        reason = self._obstacle(size)
        if not reason:
            begin = time.perf_counter()
            link = bool(self.options.get("link_checkpoints", False))
            self.run.log_checkpoint(
                path, step=state.global_step, aliases=aliases, meta=meta, link=link
            )
            took = time.perf_counter() - begin
            self._spent_s += took
            if not link and size > 2**20:
                self._bytes_per_s = max(size / max(took, 1e-9), 1.0)
            return
        fields: dict[str, Any] = {"type": "checkpoint", "role": "checkpoint", "copy": False}
        meta |= {"bytes": size, "not_stored": reason}
        self.run.log_artifact(
            path, "checkpoint", step=state.global_step, aliases=aliases, meta=meta, **fields
        )
        if not self._told:
            self._told = True
            self.run.log_notice(
                f"of some checkpoints only the path was recorded: {reason}", source="transformers"
            )

    def _obstacle(self, size: int) -> str:
        """Return why the content of a checkpoint of this many bytes is not stored; "" if it is."""
        if not self.options.get("checkpoints", True):
            return 'the option "checkpoints" is off'
        limit = int(self.options.get("checkpoint_bytes_max", 2 * 2**30))
        if size > limit:
            return f"{size:,} bytes are more than checkpoint_bytes_max={limit:,}"
        if self.options.get("link_checkpoints", False):
            return ""
        budget = Budget(time.perf_counter() - self._started)
        budget.spent_s = self._spent_s
        estimate = size / self._bytes_per_s
        return "" if budget.allows(estimate) else budget.skipped("copying", estimate)

    def forget_removed(self) -> None:
        """Say which checkpoints the Trainer's ``save_total_limit`` removed."""
        for path in [path for path in self._known if not path.exists()]:
            self._known.remove(path)
            self.run.remove_checkpoint(path)
