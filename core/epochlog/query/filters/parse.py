"""Parse filter and order expressions; anything but the subset is refused at its column."""

from __future__ import annotations

import ast
import math
import re
import warnings
from typing import Any

from epochlog.base.errors import FilterError
from epochlog.query.filters.moments import seconds_of
from epochlog.query.filters.nodes import (
    Ago,
    And,
    Call,
    Compare,
    Constant,
    Name,
    Node,
    Not,
    Operand,
    Or,
    Truth,
)
from epochlog.query.suggest import did_you_mean

EXPRESSION_MAX_CHARS = 20_000
CONDITIONS_MAX = 200
ITEMS_MAX = 5_000

TEXT_FUNCTIONS = ("like", "contains", "startswith", "endswith", "matches")
NUMBER_FUNCTIONS = ("isnan", "isinf")
FUNCTIONS = (*TEXT_FUNCTIONS, *NUMBER_FUNCTIONS, "between", "ago", "now")

_OPS = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "==",
    ast.IsNot: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_NUMBERS = {"inf": math.inf, "nan": math.nan}


def parse_filter(expression: str) -> Node | None:
    """Return the condition that ``expression`` states; None if it is empty.

    Raises:
        FilterError: it is malformed or uses more than the language has.
    """
    parser = _Parser(expression)
    tree = parser.tree()
    return None if tree is None else parser.condition(tree)


def parse_order(expression: str) -> list[tuple[Name, bool]]:
    """Return the (field, descending) pairs of an order such as ``-metrics.acc.max, started``.

    Raises:
        FilterError: it is malformed.
    """
    parser = _Parser(expression)
    tree = parser.tree()
    if tree is None:
        return []
    terms = tree.elts if isinstance(tree, ast.Tuple) else [tree]
    return [parser.order_term(term) for term in terms]


class _Parser:
    def __init__(self, expression: str) -> None:
        if not isinstance(expression, str):
            raise FilterError(f"an expression must be a string, not {type(expression).__name__}")
        if len(expression) > EXPRESSION_MAX_CHARS:
            raise FilterError(f"the expression is longer than {EXPRESSION_MAX_CHARS} characters")
        self.expression = re.sub(r"[\r\n\t\f]", " ", expression)
        self.indent = len(self.expression) - len(self.expression.lstrip())
        self.conditions = 0

    def tree(self) -> ast.expr | None:
        source = self.expression.strip()
        if not source:
            return None
        try:
            with warnings.catch_warnings():  # e.g. "1 is x": our own message is better
                warnings.simplefilter("ignore", SyntaxWarning)
                return ast.parse(source, mode="eval").body
        except SyntaxError as error:
            message, at = _syntax_hint(source, error)
            raise self.error(message, self.indent + at) from None
        except (RecursionError, MemoryError):
            raise FilterError("the expression is nested too deeply") from None
        except ValueError as error:  # null characters, numbers of thousands of digits
            raise FilterError(f"the expression is malformed: {error}") from None

    def error(self, message: str, where: int | ast.AST) -> FilterError:
        column = where if isinstance(where, int) else self.column(where)
        return FilterError(message, self.expression, column)

    def column(self, node: ast.AST) -> int:
        # ast counts UTF-8 bytes, people count characters.
        source = self.expression[self.indent :].encode("utf-8", "surrogatepass")
        offset: int = getattr(node, "col_offset", 0)
        return self.indent + len(source[:offset].decode("utf-8", "replace"))

    # --- conditions

    def condition(self, node: ast.expr) -> Node:
        if isinstance(node, ast.BoolOp):
            items = tuple(self.condition(value) for value in node.values)
            return And(items) if isinstance(node.op, ast.And) else Or(items)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return Not(self.condition(node.operand))
        self.conditions += 1
        if self.conditions > CONDITIONS_MAX:
            raise self.error(f"more than {CONDITIONS_MAX} conditions", node)
        if isinstance(node, ast.Compare):
            return self.comparison(node)
        if isinstance(node, ast.Call):
            return self.call(node)
        if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
            return Truth(self.name(node))
        raise self.error(
            f"{self.describe(node)} is no condition; compare a field, e.g. params.lr < 0.1", node
        )

    def comparison(self, node: ast.Compare) -> Node:
        operands = [self.operand(each) for each in (node.left, *node.comparators)]
        parts = [
            self.compare(left, _OPS[type(op)], right)
            for left, op, right in zip(operands, node.ops, operands[1:], strict=False)
        ]
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def compare(self, left: Operand, op: str, right: Operand) -> Node:
        if op == "not in":
            return _negated_in(self.compare(left, "in", right))
        if isinstance(left, Constant) and isinstance(right, Constant):
            raise self.error("two constants are compared; one side must be a field", left.column)
        if op == "in":
            return self.membership(left, right)
        if isinstance(left, Constant):
            left, op, right = right, _MIRRORED[op], left
        if (
            isinstance(right, Constant)
            and isinstance(right.value, tuple)
            and op not in ("==", "!=")
        ):
            raise self.error("a list can be used with in, not in, == and !=", right.column)
        return Compare(left, op, right, left.column)

    def membership(self, left: Operand, right: Operand) -> Node:
        if isinstance(right, Constant):
            if isinstance(left, Constant) or not isinstance(right.value, tuple):
                raise self.error('"in" needs a list or a field on its right', right.column)
            return Compare(left, "in", right, left.column)
        if isinstance(left, Name) or not isinstance(left.value, str):
            raise self.error('only a text can be "in" a field: "vision" in tags', left.column)
        return Call("in", right, (left.value,), left.column)

    def call(self, node: ast.Call) -> Node:
        function = self.function(node)
        if function in ("ago", "now"):
            raise self.error(f"{function}() is a time; compare it with started, ended …", node)
        wanted = {"between": 3, "isnan": 1, "isinf": 1}.get(function, 2)
        if len(node.args) != wanted:
            raise self.error(f"{function}() takes {wanted} arguments, not {len(node.args)}", node)
        field = self.operand(node.args[0])
        if not isinstance(field, Name):
            raise self.error(f"the first argument of {function}() must be a field", field.column)
        rest = [self.operand(each) for each in node.args[1:]]
        if function == "between":
            low, high = rest
            return And((self.compare(field, ">=", low), self.compare(field, "<=", high)))
        for argument in rest:
            if not isinstance(argument, Constant) or not isinstance(argument.value, str):
                raise self.error(
                    f"the second argument of {function}() must be a string", argument.column
                )
        values = tuple(each.value for each in rest if isinstance(each, Constant))
        if function == "matches":
            self.check_regex(values[0], rest[0].column)
        return Call(function, field, values, self.column(node))

    def check_regex(self, pattern: str, column: int) -> None:
        try:
            re.compile(pattern)
        except (re.error, RecursionError, OverflowError) as error:
            raise self.error(f"the regular expression is malformed: {error}", column) from None

    def function(self, node: ast.Call) -> str:
        if not isinstance(node.func, ast.Name):
            raise self.error(
                f"only functions can be called, there are {', '.join(FUNCTIONS)}", node
            )
        name = node.func.id
        if name not in FUNCTIONS:
            near = did_you_mean(name, FUNCTIONS)
            raise self.error(
                f"unknown function {name!r}{near}; there are {', '.join(FUNCTIONS)}", node
            )
        if node.keywords:
            raise self.error(f"{name}() takes no named arguments", node)
        return name

    # --- operands

    def operand(self, node: ast.expr) -> Operand:
        if isinstance(node, ast.Name) and node.id in _NUMBERS:
            return Constant(_NUMBERS[node.id], self.column(node))
        if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
            return self.name(node)
        return Constant(self.constant(node), self.column(node))

    def constant(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, int, float, type(None))):
            return self.bounded(node.value, node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            value = self.constant(node.operand)
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return -value if isinstance(node.op, ast.USub) else value
        if isinstance(node, ast.Name) and node.id in _NUMBERS:
            return _NUMBERS[node.id]
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return self.items(node)
        if isinstance(node, ast.Call):
            return self.moment(node)
        if isinstance(node, ast.BinOp):
            raise self.error(self.arithmetic_hint(node), node)
        raise self.error(
            f"{self.describe(node)} is not allowed here; use a field, a number or a string", node
        )

    def bounded(self, value: Any, node: ast.expr) -> Any:
        if isinstance(value, int) and abs(value) > 1 << 1023:
            raise self.error("the number is too large", node)
        return value

    def items(self, node: ast.List | ast.Tuple | ast.Set) -> tuple[Any, ...]:
        if len(node.elts) > ITEMS_MAX:
            raise self.error(f"the list has more than {ITEMS_MAX} items", node)
        values = tuple(self.constant(each) for each in node.elts)
        for value, each in zip(values, node.elts, strict=True):
            if isinstance(value, tuple):
                raise self.error("lists can't be nested", each)
        return values

    def moment(self, node: ast.Call) -> Ago:
        name = self.function(node)
        if name == "now" and not node.args:
            return Ago(0.0)
        if name == "ago" and len(node.args) == 1:
            text = self.constant(node.args[0])
            seconds = seconds_of(text)
            if seconds is None:
                raise self.error(
                    'ago() takes a duration such as "7d", "12h", "30m" or "1d12h"', node
                )
            return Ago(seconds)
        raise self.error(f"{name}() can't be used here", node)

    def name(self, node: ast.expr) -> Name:
        path: list[str] = []
        quoted: list[bool] = []
        context = ""
        inner = node
        while not isinstance(inner, ast.Name):
            if isinstance(inner, ast.Attribute):
                path.append(inner.attr)
                quoted.append(False)
                inner = inner.value
            elif isinstance(inner, ast.Subscript):
                key, context = self.subscript(inner, context)
                path.append(key)
                quoted.append(True)
                inner = inner.value
            else:
                raise self.error(f"{self.describe(inner)} has no fields", inner)
        return Name(
            (inner.id, *reversed(path)), (False, *reversed(quoted)), self.column(node), context
        )

    def subscript(self, node: ast.Subscript, context: str) -> tuple[str, str]:
        index = node.slice
        parts = index.elts if isinstance(index, ast.Tuple) and len(index.elts) == 2 else [index]
        texts = [p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)]
        if len(texts) != len(parts):
            raise self.error('brackets hold a name in quotes, e.g. metrics["val/loss"]', index)
        return texts[0], texts[1] if len(texts) == 2 else context

    def order_term(self, node: ast.expr) -> tuple[Name, bool]:
        descending = False
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
            descending = isinstance(node.op, ast.USub)
            node = node.operand
        if isinstance(node, ast.BinOp):
            raise self.error(self.arithmetic_hint(node), node)
        if not isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
            raise self.error("an order is a field, or -field for descending", node)
        return self.name(node), descending

    # --- messages

    def describe(self, node: ast.AST) -> str:
        text = ast.get_source_segment(self.expression[self.indent :], node) or type(node).__name__
        return repr(text if len(text) <= 40 else text[:37] + "...")

    def arithmetic_hint(self, node: ast.BinOp) -> str:
        text = self.describe(node)[1:-1]
        head, _, rest = text.replace(" ", "").partition(".")
        odd = isinstance(node.op, (ast.Div, ast.Sub)) and rest and '"' not in rest
        if odd and head in ("params", "metrics", "system_metrics"):
            return f'a name with odd characters needs quotes: {head}["{rest}"]'
        if isinstance(node.op, ast.Div):
            return f'a name with a slash needs quotes: metrics["{text}"] or params["{text}"]'
        return f"arithmetic ({text}) is not part of the language; compute the constant beforehand"


def _negated_in(node: Node) -> Node:
    """``x not in [...]`` asks for an x that is there, like ``!=``; ``"a" not in tags`` negates."""
    if isinstance(node, Compare):
        return Compare(node.left, "not in", node.right, node.column)
    return Not(node)


_SLIPS = (
    (r"&&", "'&&' is not part of the language; write 'and'"),
    (r"\|\|", "'||' is not part of the language; write 'or'"),
    (r"<>", "'<>' is not part of the language; write '!='"),
    (r"\b(?:AND|OR|NOT|LIKE|IS|IN|BETWEEN)\b",
     "operators are written in lower case: and, or, not, in, is; like(field, pattern)"),
    (r"(?<![=!<>])=(?!=)", "to compare, write == instead of ="),
    (r"!(?!=)", "'!' is not part of the language; write 'not'"),
)  # fmt: skip
"""What people write who come from other languages, and what to tell them."""

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


def _syntax_hint(source: str, error: SyntaxError) -> tuple[str, int]:
    """Return what is wrong and where."""
    bare = _QUOTED.sub(lambda found: "_" * len(found[0]), source)
    for pattern, message in _SLIPS:
        if found := re.search(pattern, bare):
            return message, found.start()
    at = min(error.offset - 1 if error.offset else len(source), len(source))
    return f"the expression is malformed: {error.msg}", at
