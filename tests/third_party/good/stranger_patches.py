"""Where the stranger's integration enters tinyframe."""

from __future__ import annotations

import functools

from epochlog.plugins.api import guard, open_fit, patch_method


def instrument(options):
    """Wrap Descent.fit."""
    del options
    import tinyframe

    patch_method(tinyframe.Descent, "fit", make_fit, owner="tinyframe")


def make_fit(original):
    """Return a ``fit`` that records parameters and the curve."""

    @functools.wraps(original)
    def fit(self, *args, **kwargs):
        with open_fit(type(self).__name__, source="tinyframe") as scope:
            with guard("tinyframe params"):
                scope.run.log_params({"rate": self.rate, "rounds": self.rounds})
            result = original(self, *args, **kwargs)
            with guard("tinyframe curve"):
                for step, loss in enumerate(self.losses):
                    scope.run.log_metrics({"train/loss": loss}, step=step)
            return result

    return fit
