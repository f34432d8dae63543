"""Fold the readings of one window of time into a few numbers for each quantity."""

from __future__ import annotations

from collections.abc import Mapping

LATEST = (
    "_joules", "_limit_bytes", "_limit_cores", "_limit_watts", "_errors", "_seconds", "_hours",
    "_peak_bytes", "/oom_kills", "/throttled_periods", "/free_bytes", "/used_percent",
)  # fmt: skip
"""Endings of counters, limits and levels that move slowly: of these the latest reading counts."""


class Window:
    """Readings since the last `take`: the mean under the quantity's own name, its extremes beside.

    Example:
        >>> window = Window()
        >>> window.add({"machine/cpu_percent": 10.0})
        >>> window.add({"machine/cpu_percent": 30.0})
        >>> window.take()["machine/cpu_percent.max"]
        30.0
    """

    def __init__(self) -> None:
        self._readings: dict[str, list[float]] = {}

    def add(self, reading: Mapping[str, float]) -> None:
        """Take one reading; a quantity that could not be read is missing in it."""
        for key, value in reading.items():
            self._readings.setdefault(key, []).append(value)

    def take(self) -> dict[str, float]:
        """Return the window's numbers and begin the next one.

        ``<key>`` is the mean (the latest of what is in `LATEST`); ``<key>.min`` and ``<key>.max``
        are there where readings differ.
        """
        readings, self._readings = self._readings, {}
        found: dict[str, float] = {}
        for key, values in readings.items():
            if len(values) == 1 or key.endswith(LATEST):
                found[key] = values[-1]
                continue
            least, greatest = min(values), max(values)
            if least == greatest:
                found[key] = least
                continue
            found[key] = min(max(sum(values) / len(values), least), greatest)
            found[f"{key}.min"], found[f"{key}.max"] = least, greatest
        return found
