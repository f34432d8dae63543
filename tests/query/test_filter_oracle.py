"""Random filters against plain Python, and random text against the database."""

from __future__ import annotations

import math
import operator
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from query_store import Writer

from epochlog.base.errors import FilterError
from epochlog.query.runs import Runs
from epochlog.store.schema import metadata

KEYS = ["a", "b/c", "it's", 'x"y', "ключ", "a.b", "%_\\"]
VALUES = [0, 1, -1, 0.5, 2, True, False, None, "", "a", "b", "1", "A%", "o'r 1=1", "é", math.inf,
          -math.inf, math.nan, 2**53 + 1, 1e-300]  # fmt: skip
TAGS = ["t", "two words", "'; DROP TABLE execution; --", '"']
OPS = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
       ">": operator.gt, ">=": operator.ge}  # fmt: skip
LITERALS = [value for value in VALUES if value is not None and value == value]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Thirty runs with random content and the same content as dicts."""
    import random

    random.seed(11)
    writer = Writer(tmp_path_factory.mktemp("oracle") / ".epochlog")
    runs = {}
    for place in range(30):
        params = {k: random.choice(VALUES) for k in KEYS if random.random() < 0.6}
        points = [v for v in VALUES if isinstance(v, float)] + [3.0, 4.0]
        metrics = {
            k: random.choices(points, k=random.randint(1, 3)) for k in KEYS if random.random() < 0.6
        }
        tags = tuple(t for t in TAGS if random.random() < 0.4)
        run = writer.run(f"r{place}", params=params, metrics=metrics, tags=tags)
        runs[run] = (params, metrics, tags)
    yield writer.reader(), runs
    writer.sink.close()


def literal(value):
    """Return a value as the filter language writes it."""
    if isinstance(value, float) and math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return repr(value)


def compared(op, value, wanted):
    """Return what the language promises for ``value op wanted``."""
    if value is None:
        return False
    if isinstance(value, str) != isinstance(wanted, str):
        return op == "!="
    # The database compares numbers as doubles.
    one, two = (value, wanted) if isinstance(value, str) else (float(value), float(wanted))
    return OPS[op](one, two)


def stat(values, name):
    """Return first, last, min, max or count of a curve; None if there is no such value."""
    if name == "count":
        return len(values)
    numbers = [v for v in values if v == v]
    if name in ("min", "max"):
        return (min if name == "min" else max)(numbers) if numbers else None
    return values[0 if name == "first" else -1]


@st.composite
def conditions(draw):
    """Return (expression, oracle) of one condition."""
    kind = draw(st.sampled_from(["param", "chain", "in", "none", "metric", "tag", "nan", "text"]))
    key, wanted = draw(st.sampled_from(KEYS)), draw(st.sampled_from(LITERALS))
    op = draw(st.sampled_from(list(OPS)))
    name = f"params[{key!r}]"
    if kind == "param":
        mirrored = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(op, op)
        text = draw(st.sampled_from([f"{name} {op} {literal(wanted)}",
                                     f"{literal(wanted)} {mirrored} {name}"]))  # fmt: skip
        return text, lambda p, m, t: compared(op, p.get(key), wanted)
    if kind == "chain":
        low, high = draw(st.sampled_from([(0, 1), (-1, 0.5), (0.5, 2)]))
        return (
            f"{low} < {name} <= {high}",
            lambda p, m, t: compared(">", p.get(key), low) and compared("<=", p.get(key), high),
        )
    if kind == "in":
        items = draw(st.lists(st.sampled_from(LITERALS), max_size=4))
        text = f"{name} in [{', '.join(map(literal, items))}]"
        return text, lambda p, m, t: any(compared("==", p.get(key), item) for item in items)
    if kind == "none":
        return f"{name} is None", lambda p, m, t: p.get(key) is None
    if kind == "nan":
        return f"isnan({name})", lambda p, m, t: isinstance(p.get(key), float) and p[key] != p[key]
    if kind == "tag":
        tag = draw(st.sampled_from(TAGS))
        return f"{tag!r} in tags", lambda p, m, t: tag in t
    if kind == "text":
        piece = draw(st.sampled_from(["a", "'", "%", "1", "é"]))
        function, check = draw(st.sampled_from(
            [("contains", lambda v: piece in v), ("startswith", lambda v: v.startswith(piece)),
             ("endswith", lambda v: v.endswith(piece))]))  # fmt: skip
        return (
            f"{function}({name}, {piece!r})",
            lambda p, m, t: isinstance(p.get(key), str) and check(p[key]),
        )
    number = draw(st.sampled_from([v for v in LITERALS if not isinstance(v, str)]))
    which = draw(st.sampled_from(["first", "last", "min", "max", "count"]))
    return (
        f"metrics[{key!r}].{which} {op} {literal(number)}",
        lambda p, m, t: key in m and compared(op, stat(m[key], which), number),
    )


def combined(children):
    """Return strategies for and, or, not of conditions."""
    pairs = st.tuples(children, children)
    return st.one_of(
        children.map(lambda c: (f"not ({c[0]})", lambda *r: not c[1](*r))),
        pairs.map(lambda c: (f"({c[0][0]}) and {c[1][0]}", lambda *r: c[0][1](*r) and c[1][1](*r))),
        pairs.map(lambda c: (f"({c[0][0]} or {c[1][0]})", lambda *r: c[0][1](*r) or c[1][1](*r))),
    )


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    filter=st.recursive(conditions(), combined, max_leaves=6), few=st.sampled_from([-1, 3, 2000])
)
@pytest.mark.parametrize("order", ["-started", "metrics.a.max"])
def test_filters_agree_with_python(store, filter, few, order):
    """Any combination of conditions finds what the same expression finds in plain Python."""
    reader, runs = store
    expression, oracle = filter
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("epochlog.query.plan.FEW", few)
        patch.setattr("epochlog.query.plan.PROBE_MAX", 10 if few < 2000 else 5000)
        found = Runs(reader, expression, order)

        assert {run for run, content in runs.items() if oracle(*content)} == set(found.ids)
        assert len(found) == len(found.ids)


PIECES = st.sampled_from(
    ["'", '"', ";", "--", "/*", "\\", "%", "(", ")", " ", "or", "1=1", "UNION SELECT", "params.a",
     "DROP TABLE execution", "name", "==", "in", "tags", "[", "]", ",", "\0", "ü", "not", "5"]
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    pieces=st.lists(st.one_of(PIECES, st.text(string.printable, max_size=4)), max_size=12),
    separator=st.sampled_from(["", " "]),
)
def test_nothing_but_filter_errors_comes_of_garbage(store, pieces, separator):
    """Arbitrary text is either a filter or a FilterError, and the store stays as it was."""
    reader, runs = store
    for build in (lambda text: Runs(reader, text), lambda text: Runs(reader, "", text)):
        try:
            build(separator.join(pieces)).ids  # noqa: B018
        except FilterError:
            pass
    assert len(Runs(reader)) == len(runs)


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(value=st.text(max_size=40))
def test_a_constant_is_never_sql(store, value):
    """A string reaches the database as a bound value, whatever it contains."""
    reader, runs = store
    for expression in (
        f"name == {value!r}", f"params.a != {value!r}", f"{value!r} in tags",
        f"like(name, {value!r})", f"contains(params.a, {value!r})", f"params[{value!r}] == 1",
    ):  # fmt: skip
        found = Runs(reader, expression, missing_ok=True)
        compiled = (
            str(found._plan._sorted(found._plan.driver(), None)) if found._plan.driver() else ""
        )
        assert len(value) < 3 or value not in compiled or value in "execution param name series"
        assert len(found.ids) <= len(runs)
    assert set(metadata.tables) <= set(_tables(reader))


def _tables(reader):
    from sqlalchemy import inspect

    return inspect(reader.engine).get_table_names()
