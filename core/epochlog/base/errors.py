"""Every error that epochlog raises on purpose; each says what, which and what next."""

# ruff: noqa: N818 - named for what happened; "Error" at the end of each would add nothing

from __future__ import annotations


class EpochlogError(Exception):
    """Base class of all errors raised by epochlog."""


class SettingsError(EpochlogError):
    """A setting (argument, environment variable or configuration file) has an unusable value."""


class StoreError(EpochlogError):
    """The store can't be opened, read or written."""


class StoreUnavailable(StoreError):
    """The store can't take a batch right now (locked, full, away); trying again later may work."""


class StoreCorrupt(StoreError):
    """The store's file is damaged or is not an epochlog store."""


class PositionMoved(EpochlogError):
    """Another process committed part of this journal meanwhile.

    Attributes:
        position: the committed position in bytes, from which writing has to go on.
    """

    def __init__(self, position: int) -> None:
        super().__init__(f"the journal was committed up to byte {position} by another process")
        self.position = position

    def __reduce__(self) -> tuple[type[PositionMoved], tuple[int]]:
        return type(self), (self.position,)


class RunNotFound(EpochlogError, LookupError):
    """No stored run has this id, id prefix or name."""


class FilterError(EpochlogError, ValueError):
    """A filter or order expression is malformed or names something unknown.

    Attributes:
        expression: the whole expression as given.
        column: zero-based column of the mistake in ``expression``, or None.
    """

    def __init__(self, message: str, expression: str = "", column: int | None = None) -> None:
        self.expression = expression
        self.column = column
        if expression and column is not None:
            message = f"{message}\n  {expression}\n  {' ' * column}^"
        super().__init__(message)


class FrameworkNotFound(EpochlogError, ImportError):
    """A framework that was asked for by name is not installed or has no integration."""


class UnsupportedVersion(EpochlogError):
    """A framework that was asked for by name is installed in a version outside its range."""


class Untrusted(EpochlogError):
    """Loading this object could execute code; the caller has not said ``trust=True``."""
