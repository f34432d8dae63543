"""What ``import epochlog`` and ``autolog()`` cost over the bare interpreter, and what they import."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from suite.children import alternate, measure, timed_script
from suite.results import OURS, Options, Row, pairwise_value

FRAMEWORKS = (
    "sklearn",
    "lightgbm",
    "xgboost",
    "catboost",
    "torch",
    "keras",
    "tensorflow",
    "pandas",
    "polars",
)
HEAVY = ("numpy", "scipy", "sqlalchemy", "alembic", "rich", "fsspec", "zstandard", "asyncio")
IMPORTABLE = {"mlflow": "mlflow", "wandb": "wandb", "trackio": "trackio", "aim": "aim"}


def benchmark(options: Options) -> Iterator[Row]:
    """Whole processes, a bare one beside each."""
    wall = Row("import", "import, over the bare interpreter", "ms", 80.0)
    cpu = Row("import", "import, CPU over the bare interpreter", "ms")
    ready = Row("import", "import and autolog(), over the bare interpreter", "ms")
    repeats = 3 if options.quick else 21
    for subject in options.subjects:
        options.say(f"import: {subject}")
        name = {"tensorboardx": "tensorboardX"}.get(subject, subject)
        count = repeats if subject == OURS else min(repeats, 5)
        _compare(f"import {name}", count, wall, cpu, subject)
    _compare("import epochlog; epochlog.autolog()", repeats, ready, None, OURS)
    frameworks = Row("import", "frameworks that import and autolog() load", "", 0.0)
    found = measure("cases.imports:loaded_by_autolog")
    frameworks.values[OURS] = pairwise_value([len(found["frameworks"])], [0])
    frameworks.note = f"{found['frameworks'] or 'none'}; heavy: {found['heavy'] or 'none'}"
    yield from (wall, cpu, ready, frameworks)


def _compare(code: str, repeats: int, wall: Row, cpu: Row | None, subject: str) -> None:
    timed_script(code)  # compiles and fills the file cache
    bare, full = alternate(repeats, lambda: timed_script("pass"), lambda: timed_script(code))
    wall.values[subject] = pairwise_value([w for w, _ in full], [w for w, _ in bare])
    if cpu is not None:
        cpu.values[subject] = pairwise_value([c for _, c in full], [c for _, c in bare])


def loaded_by_autolog(folder: str) -> dict[str, list[str]]:
    """Return which frameworks and heavy modules are loaded after ``autolog()``; in a child process."""
    del folder
    known = set(sys.modules)
    import epochlog

    epochlog.autolog()
    new = {name.partition(".")[0] for name in set(sys.modules) - known}
    return {
        "frameworks": [name for name in FRAMEWORKS if name in new],
        "heavy": [name for name in HEAVY if name in new],
    }
