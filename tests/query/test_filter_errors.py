"""What filters refuse, and how they say so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from epochlog.base.errors import FilterError
from epochlog.query.opening import Reader
from epochlog.query.runs import Runs

CASES = [
    # expression, column, part of the message
    ("params.lrr < 1", 0, "did you mean 'lr'"),
    ('name == "x" and params.opt2 == 1', 16, "did you mean 'opt'"),
    ('metrics["val/los"].min < 1', 0, "did you mean 'val/loss'"),
    ('metrics["val/loss"].minimum < 1', 0, "did you mean 'min'"),
    ("metrics.acc.maximum < 1", 0, "did you mean 'max'"),
    ("nam == 1", 0, "did you mean 'name'"),
    ("statu == 'failed'", 0, "did you mean 'status'"),
    ("lr < 1", 0, "did you mean params.lr"),
    ("params < 1", 0, "params needs a name"),
    ('status == "complete"', 10, "did you mean 'completed'"),
    ("name == 1", 8, "'name' is a text"),
    ('duration > "long"', 11, "a duration is"),
    ('started > "yesterday"', 10, 'ago("7d")'),
    ("started > 5", 10, "is a time"),
    ('metrics.acc == "x"', 15, "is a number"),
    ("lik(name, 'x')", 0, "did you mean 'like'"),
    ("like(name)", 0, "takes 2 arguments"),
    ("like(name, 5)", 11, "must be a string"),
    ('matches(name, "[")', 14, "regular expression is malformed"),
    ("name = 'x'", 5, "== instead of ="),
    ("status == 'failed' && name == 'x'", 19, "write 'and'"),
    ("status == 'failed' AND name == 'x'", 19, "lower case"),
    ("metrics.val/loss < 1", 0, 'metrics["val/loss"]'),
    ("val/loss < 1", 0, 'metrics["val/loss"]'),
    ("params.lr * 2 < 1", 0, "arithmetic"),
    ("params.flag == true", 15, "written True"),
    ("params.opt == null", 14, "written None"),
    ("'x' == 'x'", 0, "two constants"),
    ("'x' in ['x']", 0, "two constants"),
    ("'x' in 5", 0, "two constants"),
    ("name", 0, "alone is no condition"),
    ("5", 0, "is no condition"),
    ("tags == 'x'", 0, '"NAME" in tags'),
    ("5 in tags", 0, "only a text"),
    ("isnan(name)", 6, "needs a param or a metric"),
    ("contains(started, 'x')", 9, "needs a text"),
    ("lambda: 5", 0, "no condition"),
    ("name == f'{1}'", 8, "not allowed"),
    ("name.upper() == 'X'", 0, "only functions"),
    ("__import__('os')", 0, "unknown function"),
    ("params[0] == 1", 7, "a name in quotes"),
    ("name == ('a', ['b'])", 14, "nested"),
    ("params.lr <", 11, "malformed"),
    ("(params.lr < 1", 0, "malformed"),
    ('ünï == 1 or params["ü"] < 3', 0, "unknown field"),
    ('name == "äöü" and lrr < 1', 18, "unknown field"),
    ("started > ago('soon')", 10, "ago() takes a duration"),
    ("name == 1" + "0" * 400, 8, "too large"),
]


@pytest.mark.parametrize(("where", "column", "message"), CASES)
def test_a_mistake_is_pointed_at(
    small: Callable[[], Reader], where: str, column: int, message: str
) -> None:
    """The error has the column of the mistake and says what to write instead."""
    with pytest.raises(FilterError) as caught:
        Runs(small(), where)

    assert message in str(caught.value)
    assert column == caught.value.column
    assert str(caught.value).endswith(f"\n  {where}\n  {' ' * column}^")


@pytest.mark.parametrize(
    "where",
    ["(" * 5000 + "x", "not " * 5000 + "x", "-" * 20000 + "1", "x" * 30000, "a\0b",
     " and ".join(["params.lr < 1"] * 1000)],
)  # fmt: skip
def test_an_oversized_expression_is_refused(small: Callable[[], Reader], where: str) -> None:
    """Neither depth nor length nor number of conditions reaches the database."""
    with pytest.raises(FilterError):
        Runs(small(), where)


@pytest.mark.parametrize(
    ("order", "column", "message"),
    [("-metrics.acc.maxx", 1, "did you mean 'max'"), ("started, nam", 9, "did you mean 'name'"),
     ("tags", 0, "can't be ordered"), ("name < 3", 0, "an order is a field")],
)  # fmt: skip
def test_a_mistake_in_an_order_is_pointed_at(
    small: Callable[[], Reader], order: str, column: int, message: str
) -> None:
    """Orders have the same errors as filters."""
    with pytest.raises(FilterError, match=message) as caught:
        Runs(small(), "", order)

    assert column == caught.value.column


def test_names_that_no_run_has_may_be_allowed(small: Callable[[], Reader]) -> None:
    """With missing_ok an unknown param or metric is missing everywhere."""
    reader = small()

    assert len(Runs(reader, "params.nothing < 1", missing_ok=True)) == 0
    assert len(Runs(reader, "not metrics.nothing < 1", "params.nope", missing_ok=True)) == 5


def test_an_empty_store_knows_all_names(writer) -> None:
    """Before the first run no name can be called a mistake."""
    assert list(Runs(writer.reader(), "params.lr < 1", "-metrics.acc")) == []
