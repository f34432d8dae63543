"""The filter language: a subset of Python expressions, parsed with ``ast``, compiled to SQL.

::

    metrics["val/loss"].min < 0.2 and 1e-5 < params.lr < 1e-2 and "vision" in tags
    status in ["failed", "lost"] and started > ago("7d") and not archived

**Operators.** ``and or not``, ``== != < <= > >=`` also in chains, ``in``, ``not in``, ``is None``,
``is not None``, parentheses. Strings in quotes, numbers, ``True``, ``False``, ``None``, ``inf``.

**Fields of a run.** ``id name status status_reason traceback kind source`` (or ``framework``)
``experiment project user host note position started ended created updated duration archived`` (or
``deleted``), ``console`` (what it printed, as in ``contains(console, "CUDA error")``),
``parent.name parent.id`` … and ``root.name`` … (any of the fields above), ``children.count``,
``dataset.name dataset.digest dataset.role``, ``artifact.name artifact.type artifact.digest
artifact.role``, and the sets ``tags artifacts datasets`` for ``"x" in tags``.

**What it logged.** ``params.lr`` or ``params["a/b"]``; ``metrics.acc`` or ``metrics["val/loss"]``
is the last value, ``.first .last .min .max .best .mean .sum .count .nan_count`` are others,
``.min.step`` is where it was reached; ``metrics["loss", "rank=1"]`` is the curve of another
context; ``system_metrics`` likewise. Names with other characters than letters, digits, ``_`` and
``.`` need brackets and quotes.

**Functions.** ``between(x, a, b)`` includes both ends. ``like(x, "%a_")`` ignores case, ``%`` is
anything, ``_`` one character. ``contains startswith endswith(x, "a")`` mind case. ``matches(x,
"regex")`` searches in the database's own dialect (in SQLite: Python's). They see the first 255
characters (of ``console`` and ``traceback`` all). ``isnan(x)``, ``isinf(x)``.

**Types.** Numbers compare with numbers, strings with strings; a param of the other type is simply
not equal. As in Python, ``True == 1``. A list or dict of a param is its JSON text.

**Times** are ISO strings, in UTC unless they have an offset: ``started > "2026-11-01"``;
``started == "2026-11-01"`` is that day; ``ago("36h")``, ``ago("7d")``, ``now()``. ``duration`` is
in seconds, or ``"2h"``, ``"1d12h"``.

**What is missing.** A comparison with a value that a run hasn't (no such param, a metric that was
never logged, None) is false, also ``!=`` and ``not in``. ``not`` is plain negation, so
``params.lr != 1`` asks for runs with another ``lr``, and ``not params.lr == 1`` also finds those
without any. ``params.lr is None`` finds those. NaN is a value: it is ``!=`` everything.

**Several values.** ``dataset.name == "x"`` holds if any data set of the run is called so, ``!=`` if
there are some and none is.

**Names that no run has** are errors with suggestions, unless ``missing_ok=True``.
"""
