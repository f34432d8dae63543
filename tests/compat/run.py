"""Run each integration's tests with the oldest and the newest supported version of its framework.

    python tests/compat/run.py                              # all integrations, both ends
    python tests/compat/run.py xgboost optuna --floor       # two of them, oldest versions only
    python tests/compat/run.py keras --slow -- -k names -x  # what follows "--" goes to pytest

Each run has a virtual environment of its own below ``--venvs``, used again next time. Frameworks that
the tests of another one need (scikit-learn for XGBoost) are taken at the same end. torch is one version
at both ends: the frameworks around it vary, and no second copy of it is worth its size.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
TORCH = "torch==2.13.0"

DISTRIBUTIONS = {
    "sklearn": "scikit-learn",
    "xgboost": "xgboost-cpu",
    "PIL": "pillow",
    "pytorch_lightning": "pytorch-lightning",
    "optuna_integration": "optuna-integration",
}
"""Top-level modules whose distribution has another name (or, xgboost, a smaller one)."""

ALSO = {
    "keras": (TORCH,),  # as its backend
    "lightning": (TORCH,),
    "transformers": (TORCH, "accelerate>=1.1"),
}
"""What the tests of an integration need without importing it."""

TOOLS = ("pytest", "pytest-timeout")
OURS = {"epochlog", "epochlog_tests", "conftest"}


@dataclass
class Outcome:
    """What one run of one integration's tests gave."""

    name: str
    end: str
    versions: str = ""
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    trouble: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether tests ran and none failed."""
        return self.passed > 0 and not self.failed and not self.trouble


def integrations() -> list[str]:
    """Return the integrations that have a framework and tests."""
    folders = sorted((ROOT / "integrations").glob("epochlog_*/plugin.py"))
    names = [path.parent.name.removeprefix("epochlog_") for path in folders]
    return [n for n in names if ranges(n) and (ROOT / "tests" / "integrations" / n).is_dir()]


def ranges(name: str) -> dict[str, str]:
    """Return distribution -> lowest version, from the one place where an integration declares it."""
    plugin = ROOT / "integrations" / f"epochlog_{name}" / "plugin.py"
    text = plugin.read_text("utf-8") if plugin.exists() else ""
    return dict(re.findall(r'["|]([\w-]+)>=([\d.]+)', text))


def imported(name: str) -> set[str]:
    """Return the top-level modules that the tests of an integration import, anywhere in them."""
    found: set[str] = set()
    helpers = {path.stem for path in (ROOT / "tests" / "helpers").glob("*.py")}
    for path in (ROOT / "tests" / "integrations" / name).glob("*.py"):
        found |= set(_imports(ast.parse(path.read_text("utf-8"))))
        helpers.add(path.stem)
    found = {module for module in found if not module.startswith("epochlog")}
    return found - set(sys.stdlib_module_names) - helpers - OURS


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def requirements(name: str, *, floor: bool) -> list[str]:
    """Return what pip has to install for one run, besides ourselves."""
    lowest = {dist: low for each in integrations() for dist, low in ranges(each).items()}
    modules = imported(name) | {name}
    wanted = {DISTRIBUTIONS.get(module, module) for module in modules}
    found = [] if "torch" not in wanted else [TORCH]
    for dist in sorted(wanted - {"torch", "pytest"}):
        found.append(f"{dist}=={lowest[dist]}.*" if floor and dist in lowest else dist)
    return [*found, *(extra for extra in ALSO.get(name, ()) if extra not in found)]


def environment(folder: Path, wanted: Sequence[str], log: Path) -> Path | None:
    """Return the interpreter of a virtual environment with ``wanted``; None if pip failed."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    command = [python, "-m", "pip", "install", "--quiet", "--no-compile"]
    command += ["--editable", str(ROOT), *TOOLS, *wanted]
    with log.open("w") as out:
        done = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, check=False)
    return python if done.returncode == 0 else None


def run(name: str, end: str, options: argparse.Namespace) -> Outcome:
    """Build the environment of one run, if need be, and run the tests in it."""
    outcome = Outcome(name, end)
    wanted = requirements(name, floor=end == "floor")
    folder = Path(options.venvs).absolute() / f"{name}-{end}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    log = folder.with_suffix(".log")
    begin = time.perf_counter()
    python = environment(folder, wanted, log)
    if python is None:
        outcome.trouble = ["pip failed:", *log.read_text().splitlines()[-5:]]
        return outcome
    outcome.versions = installed(python, wanted)
    command = [str(python), "-m", "pytest", f"tests/integrations/{name}", "-q", "--tb=short"]
    command += [] if options.slow else ["-m", "not slow"]
    # pytest.ini's pythonpath puts our sources first; the rest must come from this environment.
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [*command, *options.pytest], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    outcome.seconds = time.perf_counter() - begin
    log.write_text(done.stdout + done.stderr)
    read_summary(outcome, done.stdout, log)
    return outcome


def installed(python: Path, wanted: Sequence[str]) -> str:
    """Return the versions of the wanted distributions, the framework's own first."""
    names = [re.split(r"[=<>~]", each)[0] for each in wanted]
    code = (
        "import sys\nfrom importlib.metadata import version\n"
        "print(*(f'{n} {version(n)}' for n in sys.argv[1:]), sep=', ')"
    )
    done = subprocess.run([python, "-c", code, *names], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def read_summary(outcome: Outcome, text: str, log: Path) -> None:
    """Read pytest's last line, and the lines that name what failed."""
    lines = text.splitlines()
    for count, word in re.findall(
        r"(\d+) (passed|failed|skipped|error)", lines[-1] if lines else ""
    ):
        field_name = "failed" if word == "error" else word
        setattr(outcome, field_name, getattr(outcome, field_name) + int(count))
    outcome.trouble = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    if not outcome.passed and not outcome.trouble:
        outcome.trouble = [f"no test ran, see {log}", *lines[-3:]]


def show(outcomes: Sequence[Outcome]) -> None:
    """Print one table, then what went wrong."""
    rows = [("integration", "end", "passed", "failed", "skipped", "s", "versions")]
    rows += [
        (o.name, o.end, *map(str, (o.passed, o.failed, o.skipped, round(o.seconds))), o.versions)
        for o in outcomes
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
    for outcome in outcomes:
        if outcome.trouble:
            print(f"\n{outcome.name} {outcome.end}:")
            print(*(f"  {line}" for line in outcome.trouble), sep="\n")


def main(arguments: Sequence[str]) -> int:
    """Run what the command line asks for; return 0 if everything passed."""
    cut = list(arguments).index("--") if "--" in arguments else len(arguments)
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="integration", help="default: all")
    parser.add_argument("--floor", action="store_true", help="only the oldest versions")
    parser.add_argument("--newest", action="store_true", help="only the newest versions")
    parser.add_argument("--slow", action="store_true", help="slow tests, too")
    parser.add_argument(
        "--venvs", default=ROOT / ".venv-compat", help="where environments are kept"
    )
    options = parser.parse_args(arguments[:cut])
    options.pytest = list(arguments[cut + 1 :])
    unknown = set(options.names) - set(integrations())
    if unknown:
        parser.error(f"no integration {sorted(unknown)}; there are {integrations()}")
    both = options.floor == options.newest
    ends = [end for end in ("floor", "newest") if both or getattr(options, end)]
    outcomes = []
    for name in options.names or integrations():
        for end in ends:
            print(f"{name} {end} …", flush=True)
            outcomes.append(run(name, end, options))
    show(outcomes)
    return 0 if all(outcome.good for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
