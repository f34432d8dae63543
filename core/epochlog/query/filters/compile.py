"""Turn conditions into SQL: every value is a bound parameter, every missing value makes false."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, FromClause, and_, false, func, not_, or_, true

from epochlog.base.clock import now_us
from epochlog.query.filters.dialects import text_condition
from epochlog.query.filters.fields import Field
from epochlog.query.filters.moments import DAY_US, is_date, microseconds_of, seconds_of
from epochlog.query.filters.names import Names
from epochlog.query.filters.nodes import (
    Ago,
    And,
    Call,
    Compare,
    Constant,
    Name,
    Node,
    Not,
    Or,
    Truth,
)
from epochlog.query.filters.sources import RUN, Bool, Source, one_tag_source, run
from epochlog.query.suggest import did_you_mean
from epochlog.store.schema import SEARCH_CHARS

Predicate: TypeAlias = Callable[[FromClause], Bool]

_OPS: dict[str, Callable[[Any, Any], Any]] = {
    "==": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """``predicate`` holds for a row of ``source``; what filters are made of."""

    source: Source
    predicate: Predicate


@dataclass(frozen=True, slots=True)
class All:
    """All of them."""

    items: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """Any of them."""

    items: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Negated:
    """The opposite."""

    item: Condition


Condition: TypeAlias = Leaf | All | Some | Negated

NEVER = Leaf(RUN, lambda _: false())


def compile_filter(node: Node, names: Names) -> Condition:
    """Return the condition with its fields found and its constants checked.

    Raises:
        FilterError: a name is unknown, or a comparison makes no sense.
    """
    return _Compiler(names).condition(node)


class _Compiler:
    def __init__(self, names: Names) -> None:
        self.names = names
        self.now = now_us()

    def condition(self, node: Node) -> Condition:
        if isinstance(node, And):
            return _merged(self.condition(item) for item in node.items)
        if isinstance(node, Or):
            return Some(tuple(self.condition(item) for item in node.items))
        if isinstance(node, Not):
            return Negated(self.condition(node.item))
        if isinstance(node, Truth):
            return self.truth(node)
        if isinstance(node, Call):
            return self.call(node)
        return self.compare(node)

    # --- kinds of leaves

    def truth(self, node: Truth) -> Condition:
        field = self.names.field(node.field)
        if field.type == "bool":
            return Leaf(field.source, lambda rows: _number(field, rows).is_not(None))
        if field.type == "any":  # params.flag
            return Leaf(field.source, lambda rows: _number(field, rows) == 1.0)
        raise self.names.error(
            f"{node.field.text!r} alone is no condition; compare it", node.field.column
        )

    def call(self, node: Call) -> Condition:
        field = self.names.field(node.field)
        if node.function in ("isnan", "isinf"):
            return self.special(node, field)
        if field.text is None:
            raise self.names.error(
                f"{node.function}() needs a text, {node.field.text!r} is a {field.type}",
                node.field.column,
            )
        wanted = node.arguments[0]
        if node.function == "in" and field.type == "set":
            return self.member(field, wanted)
        function = "contains" if node.function == "in" else node.function

        def predicate(rows: FromClause) -> Bool:
            return _and(text_condition(function, _text(field, rows), wanted), _is_text(field, rows))

        return Leaf(field.source, predicate)

    def member(self, field: Field, wanted: str) -> Condition:
        if field.source.identity == ("tag",):
            key_pk = self.names.keys.find_any(wanted)
            if key_pk is None:
                return NEVER
            return Leaf(one_tag_source(key_pk), lambda _: true())
        return Leaf(field.source, lambda rows: _text(field, rows) == wanted[:SEARCH_CHARS])

    def special(self, node: Call, field: Field) -> Condition:
        if field.flags is None:
            raise self.names.error(
                f"{node.function}() needs a param or a metric", node.field.column
            )
        codes = (1,) if node.function == "isnan" else (2, 3)
        flags = field.flags
        return Leaf(field.source, lambda rows: flags(rows).in_(codes))

    def compare(self, node: Compare) -> Condition:
        if not isinstance(node.left, Name):
            raise self.names.error("one side of a comparison must be a field", node.column)
        left = self.names.field(node.left)
        if isinstance(node.right, Name):
            return self.between_fields(node, left, self.names.field(node.right))
        return self.with_constant(node, node.left, left, node.right)

    def with_constant(
        self, node: Compare, name: Name, field: Field, constant: Constant
    ) -> Condition:
        value, op = constant.value, node.op
        if field.type == "bool" and isinstance(value, bool) and op in ("==", "!="):
            deleted = Leaf(field.source, lambda rows: _number(field, rows).is_not(None))
            return deleted if value == (op == "==") else Negated(deleted)
        if field.type in ("set", "bool"):
            example = f'"NAME" in {name.text}' if field.type == "set" else name.text
            raise self.names.error(f"{name.text!r} is not compared; write {example}", name.column)
        if value is None:
            return self.none(node, field)
        if op == "in" and isinstance(value, tuple) and None in value:
            missing = Negated(Leaf(field.source, lambda rows: _present(field, rows)))
            return Some((missing, Leaf(field.source, self.predicate(op, name, field, constant))))
        if op in ("!=", "not in"):
            equal = "==" if op == "!=" else "in"
            return self.different(field, self.predicate(equal, name, field, constant))
        return Leaf(field.source, self.predicate(op, name, field, constant))

    def none(self, node: Compare, field: Field) -> Condition:
        there = Leaf(field.source, lambda rows: _present(field, rows))
        if node.op not in ("==", "!="):
            raise self.names.error("None can be used with is, is not, == and !=", node.right.column)
        return there if node.op == "!=" else Negated(there)

    def different(self, field: Field, equal: Predicate) -> Condition:
        """A value is there and it is another one; of several values, none is the one."""
        if field.many:
            there = Leaf(field.source, lambda rows: _present(field, rows))
            return All((there, Negated(Leaf(field.source, equal))))

        def predicate(rows: FromClause) -> Bool:
            return and_(_present(field, rows), not_(func.coalesce(equal(rows), false())))

        return Leaf(field.source, predicate)

    def between_fields(self, node: Compare, left: Field, right: Field) -> Condition:
        if left.many or right.many or "set" in (left.type, right.type):
            raise self.names.error("these two can't be compared with each other", node.column)
        pairs = []
        for side in ("number", "text"):
            one, two = getattr(left, side), getattr(right, side)
            if one is not None and two is not None:
                pairs.append((_value(left, one), _value(right, two)))
        if not pairs or node.op in ("in", "not in"):
            raise self.names.error(
                f"a {left.type} can't be compared with a {right.type} this way", node.column
            )
        if node.op == "!=":
            equal = or_(*(func.coalesce(a == b, false()) for a, b in pairs))
            there = [or_(*(side[i].is_not(None) for side in pairs)) for i in (0, 1)]
            return Leaf(RUN, lambda _: and_(*there, not_(equal)))
        compare = _OPS[node.op]
        return Leaf(RUN, lambda _: or_(*(func.coalesce(compare(a, b), false()) for a, b in pairs)))

    # --- values

    def predicate(self, op: str, name: Name, field: Field, constant: Constant) -> Predicate:
        if op == "in" or isinstance(constant.value, tuple):
            return self.any_of(name, field, constant)
        value = self.checked(name, field, constant.value, constant.column)
        if op == "==" and field.type == "time" and _is_day(constant.value):
            return lambda rows: and_(
                _number(field, rows) >= value, _number(field, rows) < value + DAY_US
            )
        compare = _OPS[op]
        if isinstance(value, str):
            return lambda rows: _compare_text(op, field, rows, value)
        return lambda rows: compare(_number(field, rows), value)

    def any_of(self, name: Name, field: Field, constant: Constant) -> Predicate:
        if not isinstance(constant.value, tuple):
            raise self.names.error('"in" needs a list on its right', constant.column)
        values = [
            self.checked(name, field, v, constant.column) for v in constant.value if v is not None
        ]
        texts = [v for v in values if isinstance(v, str) and len(v) < SEARCH_CHARS]
        long_texts = [v for v in values if isinstance(v, str) and len(v) >= SEARCH_CHARS]
        numbers = [v for v in values if not isinstance(v, str)]

        def predicate(rows: FromClause) -> Bool:
            parts: list[Bool] = []
            if texts:
                parts.append(_and(_text(field, rows).in_(texts), _is_text(field, rows)))
            parts += [_compare_text("==", field, rows, text) for text in long_texts]
            if numbers:
                parts.append(_number(field, rows).in_(numbers))
            return or_(*parts) if parts else false()

        return predicate

    def checked(self, name: Name, field: Field, value: Any, column: int) -> Any:
        """Return the constant as the column has it; refuse one that never could be equal."""
        if field.type == "time":
            return self.moment(name, value, column)
        if field.type == "duration" and isinstance(value, str):
            seconds = seconds_of(value)
            if seconds is None:
                raise self.names.error('a duration is seconds or "90s", "2h", "1d12h"', column)
            return seconds
        if isinstance(value, Ago):
            raise self.names.error(f"{name.text!r} is no time", column)
        if isinstance(value, str):
            if field.text is None:
                raise self.names.error(f"{name.text!r} is a number, not a text", column)
            if field.values and value not in field.values:
                near = did_you_mean(value, field.values)
                known = ", ".join(field.values)
                raise self.names.error(f"no {name.text} {value!r}{near}; there are {known}", column)
            return value
        if field.number is None:
            raise self.names.error(f"{name.text!r} is a text, not a number", column)
        return _storable(value)

    def moment(self, name: Name, value: Any, column: int) -> int:
        if isinstance(value, Ago):
            return self.now - int(value.seconds * 1e6)
        moment = microseconds_of(value) if isinstance(value, str) else None
        if moment is None:
            raise self.names.error(
                f'{name.text!r} is a time; compare it with "2026-11-01", "2026-11-01T14:30" (UTC '
                'without an offset) or ago("7d")',
                column,
            )
        return moment


def _merged(items: Iterable[Condition]) -> Condition:
    """Join conditions on the same row, so that the database looks it up once, by one range."""
    merged: dict[tuple[Any, ...], list[Predicate]] = {}
    sources: dict[tuple[Any, ...], Source] = {}
    rest: list[Condition] = []
    for item in _flat(items):
        if isinstance(item, Leaf) and item.source.unique:
            merged.setdefault(item.source.identity, []).append(item.predicate)
            sources[item.source.identity] = item.source
        else:
            rest.append(item)
    leaves = [Leaf(sources[i], _all_of(predicates)) for i, predicates in merged.items()]
    return All((*leaves, *rest))


def _flat(items: Iterable[Condition]) -> Iterable[Condition]:
    for item in items:
        if isinstance(item, All):
            yield from _flat(item.items)
        else:
            yield item


def _all_of(predicates: list[Predicate]) -> Predicate:
    return lambda rows: and_(*(predicate(rows) for predicate in predicates))


def _number(field: Field, rows: FromClause) -> ColumnElement[Any]:
    assert field.number is not None
    return field.number(rows)


def _text(field: Field, rows: FromClause) -> ColumnElement[Any]:
    assert field.text is not None
    return field.text(rows)


def _is_text(field: Field, rows: FromClause) -> Bool | None:
    return None if field.is_text is None else field.is_text(rows)


def _and(one: Bool, two: Bool | None) -> Bool:
    return one if two is None else and_(one, two)


def _present(field: Field, rows: FromClause) -> Bool:
    if field.present is not None:
        return field.present(rows)
    return (_number if field.text is None else _text)(field, rows).is_not(None)


def _value(field: Field, expression: Callable[[FromClause], Any]) -> ColumnElement[Any]:
    if field.source is RUN:
        value: ColumnElement[Any] = expression(run)
        return value
    return field.source.scalar(expression)


def _compare_text(op: str, field: Field, rows: FromClause, value: str) -> Bool:
    column = _text(field, rows)
    if len(value) < SEARCH_CHARS:
        return _and(_OPS[op](column, value), _is_text(field, rows))
    # The column is cut: the index finds what begins so, the whole text decides.
    whole = column if field.whole is None else field.whole(rows)
    begins = column == value[:SEARCH_CHARS] if op == "==" else true()
    return _and(and_(begins, _OPS[op](whole, value)), _is_text(field, rows))


def _storable(value: Any) -> float:
    number = float(value)
    return max(-sys.float_info.max, min(number, sys.float_info.max)) if number == number else number


def _is_day(value: Any) -> bool:
    return isinstance(value, str) and is_date(value)
