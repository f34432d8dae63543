"""What an expression means, before any SQL: conditions over fields and constants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Name:
    """A field as written.

    ``path`` is ("params", "lr"), ("metrics", "val/loss", "min"), ("parent", "name") …; ``quoted``
    says which parts came from brackets, so that they are not split or taken for a statistic.
    """

    path: tuple[str, ...]
    quoted: tuple[bool, ...]
    column: int
    context: str = ""

    @property
    def text(self) -> str:
        """The field as a person would write it."""
        first, *rest = zip(self.path, self.quoted, strict=True)
        return first[0] + "".join(f'["{p}"]' if q else f".{p}" for p, q in rest)


@dataclass(frozen=True, slots=True)
class Ago:
    """A moment before now: ``ago("7d")``, ``now()``."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Constant:
    """None, a bool, a number, a string, an `Ago`, or a tuple of them."""

    value: Any
    column: int


Operand: TypeAlias = Name | Constant


@dataclass(frozen=True, slots=True)
class Compare:
    """``left op right``; op is one of == != < <= > >= in."""

    left: Operand
    op: str
    right: Operand
    column: int


@dataclass(frozen=True, slots=True)
class Call:
    """A condition that is a function of one field: like, contains, matches, isnan …."""

    function: str
    field: Name
    arguments: tuple[Any, ...]
    column: int


@dataclass(frozen=True, slots=True)
class Truth:
    """A field alone: ``archived``, ``params.flag``."""

    field: Name


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; everything that is not true is false, so this is plain negation."""

    item: Node


Node: TypeAlias = Compare | Call | Truth | And | Or | Not
