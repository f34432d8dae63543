"""Open runs whose ids several processes work out alike, so that they meet in one run."""

from __future__ import annotations

from epochlog.base.ids import named_id, say_id
from epochlog.recording.context import ensure_recorder
from epochlog.recording.run import Run


def open_shared(
    run_id: str,
    name: str = "",
    *,
    kind: str,
    source: str,
    parent: Run | None = None,
    index: int | None = None,
    resumed: bool = False,
) -> Run:
    """Open the run ``run_id``, or open it again: whoever comes first makes it.

    Args:
        run_id: an id that all who share the run work out alike, see `named_id`.
        name: shown to people; sayable if empty.
        kind: study, trial … Of a *study* that several processes have open, the store keeps the
            status right: it is over when the last of them has ended it.
        source: integration that opens it.
        parent: the run to nest in; counts for whoever comes first.
        index: place among its siblings.
        resumed: this process had it open before.
    """
    recorder = ensure_recorder()
    run = Run(
        recorder,
        run_id=run_id,
        name=name or say_id(run_id),
        kind=kind,
        parent_id=None if parent is None else parent.id,
        source=source,
        experiment=recorder.settings.experiment if parent is None else parent.experiment,
        index=index,
    )
    run.announce_start(resumed=resumed)
    return run


__all__ = ["named_id", "open_shared"]
