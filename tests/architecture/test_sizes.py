"""Files, functions and lines stay small, and every module says its job."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
LINE_CHARS_MAX = 100
POSITIONAL_MAX = 5
JOB_CHARS_MAX = 120

SOURCES = sorted(
    p
    for folder in ("core/epochlog", "integrations")
    for p in (ROOT / folder).rglob("*.py")
    if "__pycache__" not in p.parts
)
TESTS = sorted(p for p in (ROOT / "tests").rglob("test_*.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef


def name(path):
    """Return a path for messages."""
    return str(path.relative_to(ROOT))


def functions(path):
    """Return all functions of a file."""
    tree = ast.parse(path.read_text("utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def test_there_is_something_to_measure():
    """The walk finds the sources."""
    assert len(SOURCES) > 50
    assert len(TESTS) > 10


@pytest.mark.parametrize("paths", [SOURCES, TESTS], ids=["sources", "tests"])
def test_files_are_short(paths):
    """No file is longer than 400 lines."""
    counts = {name(p): len(p.read_text("utf-8").splitlines()) for p in paths}

    assert {n: c for n, c in counts.items() if c > FILE_LINES_MAX} == {}


def test_functions_are_short():
    """No function is longer than 70 lines, its documentation included."""
    lengths = {
        f"{name(p)}:{f.lineno} {f.name}": (f.end_lineno or f.lineno) - f.lineno + 1
        for p in SOURCES
        for f in functions(p)
    }

    assert {n: c for n, c in lengths.items() if c > FUNCTION_LINES_MAX} == {}


def test_lines_are_short():
    """No line is longer than 100 characters; strings, names and data are broken by hand."""
    long = [
        f"{name(p)}:{number}"
        for p in SOURCES
        for number, line in enumerate(p.read_text("utf-8").splitlines(), 1)
        if len(line) > LINE_CHARS_MAX
    ]

    assert long == []


def test_few_positional_parameters():
    """No function takes more than five positional parameters besides ``self`` or ``cls``.

    Commands are left out: click passes their options by name.
    """

    def count(function):
        if any("command(" in ast.unparse(decorator) for decorator in function.decorator_list):
            return 0
        names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
        return len([n for n in names if n not in ("self", "cls")])

    many = [
        f"{name(p)}:{f.lineno} {f.name}"
        for p in SOURCES
        for f in functions(p)
        if count(f) > POSITIONAL_MAX
    ]

    assert many == []


def test_first_line_is_the_job():
    """Every module begins with a docstring whose first line says its one job."""
    wrong = []
    for path in SOURCES:
        doc = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        if not 10 <= len(doc.split("\n")[0]) <= JOB_CHARS_MAX:
            wrong.append(name(path))

    assert wrong == []


def test_annotations_are_lazy():
    """Every module with code postpones annotations, so that typing costs nothing at run time."""
    wrong = [
        name(p)
        for p in SOURCES
        if "scripts" not in p.parts  # shown to newcomers as a user would write them
        and len(ast.parse(text := p.read_text("utf-8")).body) > 1
        and "from __future__ import annotations" not in text
    ]

    assert wrong == []


def test_public_functions_are_documented():
    """Public functions and classes at module level have a docstring."""
    bare = [
        f"{name(p)}:{node.lineno} {node.name}"
        for p in SOURCES
        for node in ast.parse(p.read_text("utf-8")).body
        if isinstance(node, (*Function.__args__, ast.ClassDef))
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
    ]

    assert bare == []


def test_tests_state_facts():
    """Every test function has a docstring of one or more sentences."""
    bare = [
        f"{name(p)}:{f.lineno} {f.name}"
        for p in TESTS
        for f in functions(p)
        if f.name.startswith("test_")
        and not (ast.get_docstring(f) or "").rstrip().endswith((".", "?"))
    ]

    assert bare == []


def test_no_leftovers():
    """No comment says that something is still to be done."""
    marks = ("TODO", "FIXME", "XXX", "HACK")
    found = []
    for path in (*SOURCES, *TESTS):
        tokens = tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline)
        found += [
            f"{name(path)}:{t.start[0]}"
            for t in tokens
            if t.type == tokenize.COMMENT and any(mark in t.string for mark in marks)
        ]

    assert found == []
