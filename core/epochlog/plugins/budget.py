"""Bound the time of optional work after a fit by a share of the fit's own time."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from epochlog.base.settings import Settings
from epochlog.recording.recorder import get_recorder

FREE_S = 0.01
LEARN_FROM_BYTES = 2**20
"""Below that, what writing takes does not depend on the size."""
SAMPLE_FROM_BYTES, SAMPLE_BYTES = 4 * 2**20, 2**20
"""Before as much is written for the first time, so much is written on trial."""

_measured: dict[str, float] = {}
"""What was written in this process -> bytes a second that it took, on the thread that wrote."""
_SAMPLE = "sample"


class Budget:
    """Seconds that optional work (plots, fingerprints, model files) may take after one fit.

    Example:
        >>> budget = Budget(fit_s=20.0)
        >>> budget.total_s
        1.0
        >>> budget.allows(0.4)
        True

    Args:
        fit_s: the fit's own duration in seconds.
        share: part of it that may be spent (default: the setting ``budget_share``, 5 %).
        floor_s: seconds that may be spent however short the fit was (default: the setting
            ``budget_floor_s``, 0.25 s).
    """

    __slots__ = ("spent_s", "total_s")

    def __init__(
        self, fit_s: float, share: float | None = None, floor_s: float | None = None
    ) -> None:
        recorder = get_recorder()
        settings = Settings() if recorder is None else recorder.settings
        share = settings.budget_share if share is None else share
        floor_s = settings.budget_floor_s if floor_s is None else floor_s
        self.total_s = max(floor_s, share * fit_s)
        self.spent_s = 0.0

    @property
    def left_s(self) -> float:
        """Seconds that are left, never negative."""
        return max(0.0, self.total_s - self.spent_s)

    def allows(self, estimated_s: float = 0.0) -> bool:
        """Return whether work of this estimated duration still fits (a bit must be left).

        Work known to be as short as `FREE_S` always fits: a record without its model for the sake
        of a millisecond helps nobody.
        """
        if 0.0 < estimated_s <= FREE_S:
            return True
        return self.spent_s < self.total_s and estimated_s <= self.left_s

    @contextmanager
    def spend(self, what: str = "", size_bytes: float = 0.0) -> Iterator[None]:
        """Count the processor time that the body takes on this thread, also when it raises.

        Not the wall time: on a busy machine a body that waits for its turn has not done more.

        Args:
            what: what is written (a format's name); later `estimate_s` of it are by this time.
            size_bytes: how large it is.
        """
        begin = time.thread_time()
        done = False
        try:
            yield
            done = True
        finally:
            took_s = time.thread_time() - begin
            self.spent_s += took_s
            if done and what and size_bytes >= LEARN_FROM_BYTES:
                rate = size_bytes / max(took_s, 1e-6)
                known = _measured.get(what, rate)
                _measured[what] = 2 / (1 / known + 1 / rate)

    def estimate_s(self, what: str, size_bytes: float, assumed_per_s: float) -> float:
        """Return about how many seconds writing takes.

        By what this process has measured of the same kind. For the first time by an assumption,
        and for much by the worse of that and a sample: a mebibyte, digested and written.

        Args:
            what: what is written (a format's name), as for `spend`.
            size_bytes: how large it will be.
            assumed_per_s: bytes a second that are assumed as long as nothing is known.
        """
        known = _measured.get(what)
        if known is None:
            known = assumed_per_s
            if size_bytes >= SAMPLE_FROM_BYTES:
                known = min(known, self._sampled_per_s())
        return size_bytes / known

    def _sampled_per_s(self) -> float:
        if _SAMPLE not in _measured:
            data = bytes(range(256)) * (SAMPLE_BYTES // 256)
            with self.spend(_SAMPLE, SAMPLE_BYTES), tempfile.TemporaryFile() as file:
                hashlib.sha256(data)
                file.write(data)
                file.flush()
        return _measured.get(_SAMPLE, float("inf"))

    def skipped(self, what: str, estimated_s: float | None = None) -> str:
        """Return the sentence for ``run.log_notice`` that tells what was skipped and why."""
        cost = "" if estimated_s is None else f" (it would take about {estimated_s:.2g} s)"
        return (
            f"skipped {what}{cost}: {self.left_s:.2g} s of the {self.total_s:.2g} s for optional "
            'work are left; raise the setting "budget_share" or "budget_floor_s" to record it'
        )
