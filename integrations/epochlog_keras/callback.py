"""Keras's own callback protocol: forward what it tells to a session."""

from __future__ import annotations

from typing import Any

import keras

from epochlog.plugins.api import guard


class First(keras.callbacks.Callback):  # type: ignore[misc]
    """Stands before all others, so that it sees an epoch before they change the learning rate."""

    def __init__(self, session: Any) -> None:
        super().__init__()
        self.session = session

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Keras calls it after validation."""
        del epoch, logs
        with guard("keras on_epoch_end, first"):
            self.session.epoch_trained()


class Last(keras.callbacks.Callback):  # type: ignore[misc]
    """Stands behind all others, so that it sees what they found and did.

    Has no hook for batches: on some backends Keras would call it on threads of its own.
    """

    def __init__(self, session: Any) -> None:
        super().__init__()
        self.session = session

    def on_train_begin(self, logs: Any = None) -> None:
        """The model is built now."""
        del logs
        with guard("keras on_train_begin"):
            self.session.train_began(self.params or {})

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start the clock."""
        del logs
        with guard("keras on_epoch_begin"):
            self.session.epoch_began(epoch)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Record the epoch."""
        with guard("keras on_epoch_end"):
            self.session.epoch_ended(epoch, logs or {})


class LastWithBatches(Last):
    """The same with a point per batch, for those who asked for it."""

    async_safe = True

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Record the batch; with ``async_safe`` Keras may call this on another thread."""
        with guard("keras on_train_batch_end"):
            self.session.batch_ended(batch, logs or {})


class LogsOfTest(keras.callbacks.Callback):  # type: ignore[misc]
    """Keeps the names that ``evaluate`` itself leaves out of what it returns."""

    def __init__(self) -> None:
        super().__init__()
        self.logs: dict[str, Any] = {}

    def on_test_end(self, logs: Any = None) -> None:
        """Keep the results by name."""
        self.logs = dict(logs or {})


def callbacks_for(session: Any) -> tuple[First, Last]:
    """Return the two callbacks of a training: before and behind everybody else's."""
    batches = session.options.get("batch_curves", False)
    return First(session), (LastWithBatches if batches else Last)(session)
