"""Keep an integration silent while another one, which wraps it, records the same training."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Self

_silenced: ContextVar[frozenset[str]] = ContextVar("epochlog_silenced", default=frozenset())


class silencing:  # noqa: N801 - used as a statement: ``with silencing(("torch",)):``
    """Context manager: the named integrations record nothing inside it, in this context.

    Args:
        names: names of integrations, usually ``Integration.wraps`` of the caller.
    """

    __slots__ = ("_names", "_token")

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        self._token: Token[frozenset[str]] | None = None

    def __enter__(self) -> Self:
        self._token = _silenced.set(_silenced.get() | self._names)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self._token is not None:
            _silenced.reset(self._token)
            self._token = None


def is_silenced(name: str) -> bool:
    """Return whether the integration called ``name`` must record nothing here and now."""
    return name in _silenced.get()
