"""Find the keys of params and metrics by name, many names with one statement."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import bindparam, exists, select

from epochlog.query.filters.nodes import And, Compare, Name, Node, Not, Or
from epochlog.query.loading import METRIC, SYSTEM_METRIC
from epochlog.query.opening import Reader
from epochlog.store.schema import key, metric_alias, param, series

PARAM = -1
"""Beside the kinds of series: the name is one of a param."""

_KINDS = (PARAM, METRIC, SYSTEM_METRIC)


class Keys:
    """Which params and metrics the runs of a store have; asks once for each name."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._found: dict[str, tuple[int, tuple[bool, ...]] | None] = {}
        self._aliased: dict[int, list[int]] = {}

    def prefetch(self, texts: Iterable[str]) -> None:
        """Ask for several names at once."""
        missing = {digest(text): text for text in texts if text not in self._found}
        if not missing:
            return
        self._found.update(dict.fromkeys(missing.values()))
        rows = self._reader.tuples(_BY_NAME, {"digests": list(missing)})
        for pk, found, *uses in rows:
            self._found[missing[found]] = (pk, tuple(map(bool, uses)))

    def find(self, text: str, kind: int) -> int | None:
        """Return the pk of a name that some run has as a param or as a metric of that kind."""
        self.prefetch([text])
        found = self._found[text]
        return found[0] if found is not None and found[1][_KINDS.index(kind)] else None

    def aliased(self, alias_pk: int) -> tuple[int, ...]:
        """Return the pks of the curves that some run knows by another name, ``alias_pk``."""
        if alias_pk not in self._aliased:
            self.prefetch_aliases([alias_pk, *(each[0] for each in self._found.values() if each)])
        return tuple(sorted(self._aliased[alias_pk]))

    def prefetch_aliases(self, alias_pks: Iterable[int]) -> None:
        """Ask for the curves behind several names at once."""
        missing = [pk for pk in set(alias_pks) if pk not in self._aliased]
        if not missing:
            return
        self._aliased.update((pk, []) for pk in missing)
        for alias_pk, key_pk in self._reader.tuples(_ALIASED, {"aliases": missing}):
            self._aliased[alias_pk].append(key_pk)

    def find_any(self, text: str) -> int | None:
        """Return the pk of a name, whatever it is used for (a tag, say)."""
        self.prefetch([text])
        found = self._found[text]
        return None if found is None else found[0]

    def all(self, kind: int) -> list[str]:
        """Return every name of params or of metrics of that kind."""
        return [row.name for row in self._reader.rows(select(key.c.name).where(used(kind)))]


def digest(text: str) -> str:
    """Return the digest by which a name is found."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def used(kind: int) -> Any:
    """Return the condition that a row of ``key`` names a param or a metric of some run."""
    if kind == PARAM:
        return exists().where(param.c.key_pk == key.c.pk)
    return has_curves(kind) | _is_alias if kind == METRIC else has_curves(kind)


def has_curves(kind: int) -> Any:
    """Return the condition that curves stand under a row of ``key``, not only an alias."""
    return exists().where(series.c.key_pk == key.c.pk, series.c.kind == kind)


_is_alias = exists().where(metric_alias.c.alias_pk == key.c.pk)

# Written once: putting such a statement together takes longer than running it.
_BY_NAME = select(
    key.c.pk, key.c.digest, *(used(kind).label(f"used{place}") for place, kind in enumerate(_KINDS))
).where(key.c.digest.in_(bindparam("digests", expanding=True)))
_ALIASED = (
    select(metric_alias.c.alias_pk, metric_alias.c.key_pk)
    .where(metric_alias.c.alias_pk.in_(bindparam("aliases", expanding=True)))
    .distinct()
)


def possible_keys(name: Name) -> Iterator[str]:
    """Yield the names of params or metrics that a field may mean (``a.min`` or ``a``)."""
    for end in range(len(name.path), max(len(name.path) - 3, 1), -1):
        yield ".".join(name.path[1:end])


def names_in(node: Node) -> Iterator[Name]:
    """Yield every field that an expression uses."""
    if isinstance(node, (And, Or)):
        for item in node.items:
            yield from names_in(item)
    elif isinstance(node, Not):
        yield from names_in(node.item)
    elif isinstance(node, Compare):
        yield from (side for side in (node.left, node.right) if isinstance(side, Name))
    else:
        yield node.field
