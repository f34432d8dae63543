"""End a training when somebody asks for it, by Keras's own flag."""

from __future__ import annotations

import weakref
from typing import Any

from epochlog.plugins.api import Run


def listen(run: Run, model: Any) -> bool:
    """Set ``model.stop_training`` as soon as a stop is requested; return whether anybody may.

    Keras looks at the flag after each batch. A callback with a hook for batches would do the same,
    but it would make JAX and TensorFlow wait for the device at every batch.
    """
    if not run.offer_stop():
        return False
    reference = weakref.ref(model)

    def tell() -> None:
        found = reference()
        if found is not None and run.active:
            found.stop_training = run.stop_requested

    run.when_stop_requested(tell)
    return True
