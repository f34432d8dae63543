"""Decide which training loop, hence which run, an optimizer's step belongs to.

- A loop begins at the first step of an optimizer, in the current run if there is one (the user's
  own, or a trial's), else in a run of its own.
- An optimizer that steps for the first time joins the loop of its thread if it trains parameters of
  the same model; or if the loop is young or in the middle of a pass over its training data: two
  networks that train against each other are one training. Otherwise the loop ends, completed, and
  a new one begins.
- A loop also ends with the run it records into, when its optimizers and models are gone, when the
  user opens a run, and with the process.
"""

from __future__ import annotations

import os
import threading
import weakref
from queue import SimpleQueue
from typing import Any

from epochlog.plugins.api import (
    IntegrationOptions,
    Run,
    current_run,
    guard,
    open_fit,
)
from epochlog_torch.finding import models_of, remember
from epochlog_torch.loop import Loop
from epochlog_torch.members import Member
from epochlog_torch.passes import Evaluation, Pass
from epochlog_torch.roots import Thread, forget_threads, this_thread

OWNER = "torch"
YOUNG_STEPS_MAX = 10
PASSES_MAX = 16


class Engine:
    """All loops of this process.

    Attributes:
        armed: autolog is on: every optimizer is recorded; else only watched models are.
        options: of the integration.
        watched: models that ``watch`` was given, with what it was told.
    """

    def __init__(self) -> None:
        self.armed = False
        self.options = IntegrationOptions()
        self.watched: dict[int, Any] = {}
        self._members: dict[int, Member] = {}
        self._refused: weakref.WeakKeyDictionary[Any, bool] = weakref.WeakKeyDictionary()
        self._loops: list[Loop] = []
        self._gone: SimpleQueue[Loop | None] = SimpleQueue()
        self._ender: threading.Thread | None = None
        self._forks_watched = False
        self._spare: tuple[int, Run] | None = None

    @property
    def thread(self) -> Thread:
        """What the calling thread did lately."""
        return this_thread()

    # -- steps -----------------------------------------------------------------------------------

    def stepped(self, optimizer: Any) -> None:
        """An optimizer made a step on this thread."""
        thread = self.thread
        if thread.end_step(optimizer):
            return
        member = self._members.get(id(optimizer))
        if member is None or member.optimizer() is not optimizer or not member.loop.open:
            if self._refused.get(optimizer):
                return
            member = self._admit(optimizer, thread)
            if member is None:
                self._refused[optimizer] = True
                return
        if member.on_cuda and member.capturing():
            return
        thread.loop = member.loop
        member.loop.stepped(member, optimizer, thread)

    def _admit(self, optimizer: Any, thread: Thread) -> Member | None:
        """Find or begin the loop of an unknown optimizer; None if it is not recorded."""
        models = models_of(optimizer)
        watch = next((w for m in models if (w := self.watched.get(id(m)))), None)
        rank = rank_of_process()
        if (not self.armed and watch is None) or (rank and current_run() is None):
            return None
        member = Member(optimizer, self._died)
        loop = thread.loop
        if loop is not None and loop.open and not self._belongs(member, models, loop):
            self.end(loop)
        if loop is None or not loop.open:
            loop = self._begin(models, rank, watch, thread)
        self._members[id(optimizer)] = member
        loop.join(member)
        return member

    def _belongs(self, member: Member, models: list[Any], loop: Loop) -> bool:
        same = {id(model) for ref in loop.models if (model := ref()) is not None}
        if same & {id(model) for model in models}:
            return True
        if any(member.parameter_ids & other.parameter_ids for other in loop.members):
            return any(other.optimizer() is not None for other in loop.members)
        return loop.young(YOUNG_STEPS_MAX)

    def _begin(self, models: list[Any], rank: int, watch: Any, thread: Thread) -> Loop:
        run, owned = self._take_spare(), True
        if run is None:
            scope = open_fit(type(models[0]).__name__ if models else "", source=OWNER)
            run, owned = scope.run, scope.owned
        options = IntegrationOptions({**self.options.values, **(watch.options if watch else {})})
        loop = Loop(run, models, options, thread, owned=owned, rank=rank)
        self._loops.append(loop)
        self._start_ender()
        with guard("torch model"):
            loop.describe()
        return loop

    def spare(self, run: Run) -> None:
        """A run was opened for a writer: a training that this thread begins belongs there."""
        self._spare = (threading.get_ident(), run)

    def _take_spare(self) -> Run | None:
        spare, self._spare = self._spare, None
        if spare is None or current_run() is not None:
            return None
        thread_id, run = spare
        return run if run.active and thread_id == threading.get_ident() else None

    def records_into(self, run: Run) -> bool:
        """Whether an open loop records into a run."""
        return any(loop.open and loop.run.id == run.id for loop in self._loops)

    # -- passes and evaluations ------------------------------------------------------------------

    def iterating(self, loader: Any, iterator: Any, *, without_grad: bool) -> None:
        """A loader is iterated on this thread."""
        thread, each = self.thread, Pass(loader, iterator, without_grad=without_grad)
        thread.entries = [*[e for e in thread.entries if e.alive()][-PASSES_MAX:], each]
        thread.entries_changed = True
        loop = thread.loop
        if without_grad or loop is None or not loop.open or not loop.trains_on(loader):
            fresh = Evaluation(id(loader), each.loader)
            thread.evaluations = [*thread.evaluations[-PASSES_MAX:], fresh]

    def evaluated(self, criterion: Any, value: Any, weight: float) -> None:
        """A loss module was called without gradients."""
        thread, loop = self.thread, self.thread.loop
        if loop is not None and loop.open:
            models = [model for ref in loop.models if (model := ref()) is not None]
            if any(model.training for model in models):
                return
        source = 0
        for each in reversed(thread.entries):
            loader = each.loader() if each.alive() else None
            if loader is None:
                continue
            if each.without_grad or loop is None or not loop.trains_on(loader):
                source = each.loader_id
                break
        found = next((e for e in reversed(thread.evaluations) if e.source == source), None)
        if found is None:
            found = Evaluation(source, _nothing)
            thread.evaluations.append(found)
        found.add(criterion, value, weight)

    # -- ends ------------------------------------------------------------------------------------

    def end(self, loop: Loop, status: str = "completed") -> None:
        """End a loop, and its run if that is its own."""
        if loop.owned and loop.run.active:
            loop.run.end(status)  # tells `closing`, which finishes the loop
        loop.finish()
        self._drop(loop)

    def _drop(self, loop: Loop) -> None:
        if loop in self._loops:
            self._loops.remove(loop)
        for key in [k for k, member in self._members.items() if member.loop is loop]:
            self._members.pop(key, None)

    def opened(self, run: Run) -> None:
        """A run was opened: if by the user, what comes now belongs there."""
        if run.source or not self._loops:
            return
        for loop in list(self._loops):
            if loop.owned and loop.run is not run and loop.thread is self.thread:
                self.end(loop)

    def closing(self, run: Run) -> None:
        """A run is about to end: its loop must have its last word, its children end with it."""
        for loop in list(self._loops):
            if loop.run.id == run.id:
                loop.finish()
                self._drop(loop)
            elif loop.owned and loop.run.parent_id == run.id:
                self.end(loop)

    def end_all(self) -> None:
        """End all loops: the integration is switched off."""
        for loop in list(self._loops):
            self.end(loop)
        self._members.clear()
        self._refused.clear()
        forget_threads()
        ender, self._ender = self._ender, None
        if ender is not None and ender.is_alive():
            gone, self._gone = self._gone, SimpleQueue()
            gone.put(None)

    # -- watching --------------------------------------------------------------------------------

    def watch(self, handle: Any) -> None:
        """Record a model from now on; one that is recorded already gets the handle's options."""
        model = handle.model
        self.watched[id(model)] = handle
        remember(model)
        self.refused_again()
        for loop in self._loops:
            if any(ref() is model for ref in loop.models):
                loop.tune(IntegrationOptions({**loop.options.values, **handle.options}))

    def unwatch(self, handle: Any) -> bool:
        """Stop watching; return whether it was watched."""
        model = handle.model
        if model is None or self.watched.get(id(model)) is not handle:
            return False
        if not self.armed:
            for loop in list(self._loops):
                if any(ref() is model for ref in loop.models):
                    self.end(loop)
        del self.watched[id(model)]
        return True

    def admit(self, optimizer: Any) -> None:
        """Begin the loop of an optimizer before its first step."""
        member = self._members.get(id(optimizer))
        if member is None or member.optimizer() is not optimizer or not member.loop.open:
            admitted = self._admit(optimizer, self.thread)
            if admitted is not None:
                self.thread.loop = admitted.loop

    def refused_again(self) -> None:
        """Look again at optimizers that were refused: there is something new to watch."""
        self._refused.clear()

    def of_this_thread(self) -> Loop | None:
        """Return the open loop of the calling thread, or the only one there is."""
        loop = self.thread.loop
        return loop if loop is not None and loop.open else None

    def _died(self, ref: weakref.ref[Any]) -> None:
        """An optimizer is gone; a finalizer may take no lock, so another thread looks into it."""
        for member in list(self._members.values()):
            if member.optimizer is ref:
                self._gone.put(member.loop)
                return

    def _start_ender(self) -> None:
        if not self._forks_watched and hasattr(os, "register_at_fork"):
            self._forks_watched = True
            os.register_at_fork(after_in_child=self._after_fork_in_child)
        if self._ender is None or not self._ender.is_alive():
            self._ender = threading.Thread(
                target=self._end_gone, args=(self._gone,), name="epochlog-torch", daemon=True
            )
            self._ender.start()

    def _end_gone(self, gone: SimpleQueue[Loop | None]) -> None:
        """End loops whose optimizers and models are gone (on the thread for that)."""
        while (loop := gone.get()) is not None:
            with guard("torch loop of a deleted model"):
                self._end_if_gone(loop, gone)
            del loop  # nothing may be kept alive while this thread waits

    def _end_if_gone(self, loop: Loop, gone: SimpleQueue[Loop | None]) -> None:
        if not loop.open or any(member.optimizer() is not None for member in loop.members):
            return
        models = [model for ref in loop.models if (model := ref()) is not None]
        if models:
            weakref.finalize(models[0], gone.put, loop).atexit = False
        else:
            self.end(loop)

    def _after_fork_in_child(self) -> None:
        self._loops, self._members = [], {}
        self._refused.clear()
        self._gone, self._ender = SimpleQueue(), None
        forget_threads()


def _nothing() -> None:
    return None


def rank_of_process() -> int:
    """Return this process's place in a distributed training, 0 if there is none."""
    import torch

    distributed = torch.distributed
    if distributed.is_available() and distributed.is_initialized():
        return int(distributed.get_rank())
    for name in ("RANK", "LOCAL_RANK"):
        value = os.environ.get(name, "")
        if value.isdigit():
            return int(value)
    return 0


engine = Engine()
