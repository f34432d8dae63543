"""Several processes, one run: rank 0 records, the others join with their hardware.

- Processes that Lightning forks or spawns get our callback with the trainer; the run comes along.
- Scripts that Lightning, torchrun or a cluster start once per rank find the run's id in the store
  of the process group, where rank 0 has put it before all meet at a barrier of Lightning's own.
  Nothing here waits or takes part in a collective call, so nothing can hang.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from epochlog.plugins.api import (
    IntegrationOptions,
    Run,
    attach_context,
    current_run,
    export_context,
    guard,
    sampling,
    silencing,
)
from epochlog_lightning.agreement import Agreement

RUN_ID_ENV = "EPOCHLOG_RUN_ID"
_KEY = "epochlog/lightning"
_kept: list[Any] = []
"""Contexts that a worker process stays in until it ends."""


def is_follower(trainer: Any) -> bool:
    """Whether this process is another rank than 0 and leaves the recording to that one."""
    with guard("lightning rank"):
        return int(trainer.global_rank) > 0
    return False


@contextmanager
def children_join(trainer: Any, run: Run) -> Iterator[None]:
    """Let scripts that Lightning starts inside the block join ``run`` where they open one."""
    launcher = type(getattr(trainer.strategy, "launcher", None)).__name__
    if launcher != "_SubprocessScriptLauncher" or RUN_ID_ENV in os.environ:
        yield
        return
    os.environ[RUN_ID_ENV] = run.id
    try:
        yield
    finally:
        os.environ.pop(RUN_ID_ENV, None)


class Membership:
    """This process's part in a distributed training.

    Attributes:
        following: rank 0 records in another process.
    """

    def __init__(self) -> None:
        self.following = False
        self._pid = os.getpid()
        self._calls = 0
        self._context: str | None = None  # "rank=1" once we know that we have one
        self._joined: list[Any] = []
        self.agreement: Agreement | None = None
        """On when to end early; None where nobody may ask for that."""

    def enter(self, trainer: Any, run: Run | None, stage: str = "") -> None:
        """Called in every process once its process group is up."""
        self._calls += 1
        self._context = self.agreement = None
        if trainer.world_size <= 1:
            return
        if stage == "fit" and run is not None and (store := _store()) and run.offer_stop():
            Agreement.offer(store, self._stop_key)
            self.agreement = Agreement(store, self._stop_key, trainer.world_size - 1)
        own_run = run is not None and self._pid == os.getpid() and not _kept
        if own_run:
            self.publish(trainer, run)
        else:
            self._context = f"rank={trainer.global_rank}"

    def publish(self, trainer: Any, run: Run | None) -> None:
        """Put the run where other ranks find it."""
        store = _store() if trainer.world_size > 1 and run is not None else None
        if store is not None and run is not None:
            self._context = None
            store.set(f"{_KEY}/{self._calls}", json.dumps(_described(run)))

    def join(self, trainer: Any) -> None:
        """Have this process's hardware sampled into the run, once that is known."""
        if self._context is None or self._joined:
            return
        with guard("lightning joining"):
            run = _kept[0] if _kept else self._published()
            if run is None and self._pid != os.getpid():
                run = _inherited()
            if run is not None:
                sampled = sampling(run, self._context)
                sampled.__enter__()
                self._joined.append(sampled)
        del trainer

    def follow_stops(self, trainer: Any) -> None:
        """In other ranks than 0: take part in the agreement, if there is one."""
        if trainer.world_size > 1 and trainer.global_rank > 0 and (store := _store()):
            with guard("lightning stopping"):
                if Agreement.offered(store, self._stop_key):
                    self.agreement = Agreement(store, self._stop_key)

    def is_last(self, run: Run | None) -> bool:
        """Return, after each batch, whether all ranks end here."""
        agreement = self.agreement
        if agreement is None:
            return False
        try:
            return agreement.is_last(lambda: run is not None and run.stop_requested)
        except Exception:
            self.agreement = None  # the process group is gone, and training with it
            with guard("lightning stopping"):
                raise
        return False

    @property
    def _stop_key(self) -> str:
        return f"{_KEY}/stop/{self._calls}"

    def _published(self) -> Run | None:
        store, key = _store(), f"{_KEY}/{self._calls}"
        if store is None or not store.check([key]):
            return None
        attached = attach_context({"pid": 0, "run": json.loads(store.get(key))})
        run = attached.__enter__()
        self._joined.append(attached)
        return run

    def leave(self) -> None:
        """Stop sampling."""
        joined, self._joined = self._joined, []
        for each in reversed(joined):
            each.__exit__(None, None, None)


def _store() -> Any:
    """Return the key-value store of the process group; None if there is none."""
    distributed = sys.modules.get("torch.distributed.distributed_c10d")
    if distributed is None or not distributed.is_initialized():
        return None
    get = getattr(distributed, "_get_default_store", None)
    return get() if callable(get) else None


def _described(run: Run) -> dict[str, Any]:
    return {
        "run_id": run.id,
        "name": run.name,
        "kind": run.kind,
        "parent_id": run.parent_id,
        "source": run.source,
        "experiment": run.experiment,
    }


def _inherited() -> Run | None:
    """Return the run of the process that forked this one."""
    return current_run()


def carried(watch: Any, options: dict[str, Any]) -> dict[str, Any]:
    """Return what travels with our callback into a process that Lightning spawns."""
    context: dict[str, Any] = {}
    with guard("lightning context"):
        context = export_context()
        if "session" in context:
            context["session"]["samples"] = True
        if watch is None:
            context.pop("run", None)
    state: dict[str, Any] = {"context": context, "options": options, "stage": "", "tested": None}
    if watch is not None:
        state["stage"] = watch.stage
        state["tested"] = _described(watch.tested) if watch.tested is not None else None
    return state


def revive(state: dict[str, Any]) -> Any:
    """Return our callback in a spawned process, recording into the run that was open there."""
    from epochlog_lightning import flavors  # which imports the callback, which imports this module
    from epochlog_lightning.watch import Watch

    callback = flavors.class_named("EpochlogCallback")(**state["options"])
    context = state["context"]
    if not context or context.get("pid") == os.getpid():
        return callback
    with guard("lightning worker"):
        attached, silent = attach_context(context), silencing(("torch",))
        run = attached.__enter__()
        silent.__enter__()
        if run is not None:
            _kept[:] = [run, attached, silent]
            watch = Watch(run, IntegrationOptions(state["options"]), state["stage"])
            if state["tested"] is not None:
                with attach_context({"pid": 0, "run": state["tested"]}) as fitted:
                    watch.tested = fitted
            callback.bind(watch)
    return callback
