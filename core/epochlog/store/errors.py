"""Turn a database driver's errors into ours, which say what, which and what next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from epochlog.base.errors import StoreCorrupt, StoreError, StoreUnavailable

_UNAVAILABLE = (
    ("database is locked", "another process holds it; it is tried again"),
    ("database table is locked", "another process holds it; it is tried again"),
    ("database is busy", "another process holds it; it is tried again"),
    ("locking protocol", "another process holds it; it is tried again"),
    ("disk is full", "the disk is full; free some space"),
    ("disk i/o error", "the disk reports an error; check it and its free space"),
    ("readonly database", "it is not writable; check the permissions of the file and its folder"),
    ("unable to open database", "check that the folder exists and is writable"),
)
_CORRUPT = ("malformed", "not a database", "file is encrypted", "database corruption")


def translate(error: BaseException, where: str) -> StoreError:
    """Return the `StoreError` that tells about a driver's ``error`` in the store at ``where``.

    Locked, full or unreachable → `StoreUnavailable`; damaged → `StoreCorrupt`; else `StoreError`.
    """
    text = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    lowered = text.lower()
    if any(mark in lowered for mark in _CORRUPT):
        return StoreCorrupt(
            f"{where} is damaged or is not an epochlog store ({text}); move it away to begin a new "
            'one, or restore a copy ("sqlite3 FILE .recover" may save its content)'
        )
    for mark, advice in _UNAVAILABLE:
        if mark in lowered:
            return StoreUnavailable(f"the store {where} can't be used now ({text}): {advice}")
    return StoreError(f"the store {where} failed: {type(error).__name__}: {text}")


def is_environmental(error: BaseException) -> bool:
    """Return whether the store, not the data written, is to blame for ``error``."""
    if isinstance(error, OSError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    lowered = str(error.orig).lower()
    return any(mark in lowered for mark in _CORRUPT) or any(m in lowered for m, _ in _UNAVAILABLE)


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Raise driver errors of the block as `StoreError`."""
    try:
        yield
    except SQLAlchemyError as error:
        raise translate(error, where) from error
    except OSError as error:
        raise StoreUnavailable(
            f"the store {where} can't be used now ({error}); check its disk and permissions"
        ) from error
