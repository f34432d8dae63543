"""See which scalars a training minimises: those on which ``backward`` is called between steps.

The loss of an optimizer's step is the sum of the scalars on which ``backward`` was called since the
last step of any optimizer, but not before that optimizer's ``zero_grad``: that is whose gradients
it follows, also when gradients are accumulated, or two networks train against each other. If there
are none (two optimizers follow one loss), those since its own last step count.
"""

from __future__ import annotations

import sys
import threading
import weakref
from collections import deque
from typing import Any

from epochlog_torch.scalars import held

ROOTS_MAX = 1024
CRITERIA_MAX = 64


class Thread:
    """What one thread has called lately."""

    def __init__(self) -> None:
        self.roots: deque[tuple[int, Any]] = deque(maxlen=ROOTS_MAX)
        self.count = 0
        self.last_step = 0
        self.cleared: dict[int, int] = {}
        self.stepping: list[tuple[int, int]] = []
        self.first_inside: Any = None
        self.scaled: tuple[Any, Any] | None = None
        self.loop: Any = None
        self.entries: list[Any] = []
        self.entries_changed = False
        self.evaluations: list[Any] = []
        self.criteria: dict[int, weakref.ref[Any]] = {}

    # -- backward --------------------------------------------------------------------------------

    def saw_backward(self, root: Any) -> None:
        """Remember a scalar."""
        value = self._unscaled(root)
        if self.stepping:  # a closure; LBFGS calls it many times, the first is where it stands
            if self.first_inside is None:
                self.first_inside = value
            return
        self.count += 1
        self.roots.append((self.count, value))

    def saw_scaling(self, outputs: Any, result: Any) -> None:
        """Remember what a gradient scaler made of a loss, and the loss."""
        self.scaled = (weakref.ref(result), held(outputs))

    def _unscaled(self, root: Any) -> Any:
        if self.scaled is not None:
            result, value = self.scaled
            self.scaled = None
            if result() is root:
                return value
        return held(root)

    def saw_criterion(self, criterion: Any) -> None:
        """A loss module was called where gradients are on: it is what is minimised."""
        known = self.criteria.get(id(criterion))
        if known is None or known() is not criterion:
            if len(self.criteria) >= CRITERIA_MAX:
                self.criteria.clear()
            self.criteria[id(criterion)] = weakref.ref(criterion)

    # -- steps -----------------------------------------------------------------------------------

    def begin_step(self, optimizer: Any) -> None:
        """An optimizer begins its step; one inside another's is part of that one's."""
        if self.stepping:  # or an exception ended that one
            self._drop_dead_steps()
        if not self.stepping:
            self.first_inside = None
        self.stepping.append((id(optimizer), id(sys._getframe(2))))

    def end_step(self, optimizer: Any) -> bool:
        """An optimizer ends its step; return whether that was inside another's."""
        while self.stepping:
            which, _ = self.stepping.pop()
            if which == id(optimizer):
                break
        return bool(self.stepping)

    def _drop_dead_steps(self) -> None:
        frame, alive = sys._getframe(3), set()
        while frame is not None:
            alive.add(id(frame))
            frame = frame.f_back  # type: ignore[assignment]
        self.stepping = [each for each in self.stepping if each[1] in alive]

    def saw_zero_grad(self, optimizer: Any) -> None:
        """Gradients of an optimizer were cleared: what was before is no part of its next step."""
        self.cleared[id(optimizer)] = self.count
        if len(self.cleared) > ROOTS_MAX:
            self.cleared.clear()

    def forget_roots(self) -> None:
        """A gradient scaler was asked for a step: whether it made one or not, this is over."""
        self.last_step = self.count

    def take_loss(self, optimizer: Any, own_last: int) -> tuple[list[Any], int]:
        """Return the scalars behind a step just made, and the place up to which they count.

        Args:
            optimizer: that made it.
            own_last: the place that was returned at its step before, 0 at first.
        """
        inside, self.first_inside = self.first_inside, None
        last, self.last_step = self.last_step, self.count
        if inside is not None:
            return [inside], self.count
        cleared = self.cleared.pop(id(optimizer), 0)
        for since in (max(last, cleared), max(own_last, cleared)):
            if found := self._after(since):
                return found, self.count
        return [], self.count

    def _after(self, since: int) -> list[Any]:
        """Return what came after a place; looks at no more than that."""
        found = []
        for place, value in reversed(self.roots):
            if place <= since:
                break
            found.append(value)
        return found[::-1]


class _Local(threading.local):
    def __init__(self) -> None:
        self.thread = Thread()


_local = _Local()


def this_thread() -> Thread:
    """Return what the calling thread has called lately."""
    return _local.thread


def forget_threads() -> None:
    """Begin afresh, in a forked process or when the integration is switched off."""
    global _local
    _local = _Local()
