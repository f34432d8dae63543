"""Run a foreign test suite without and with epochlog watching, and compare every outcome.

    python tests/underwatch/run.py sklearn.cluster sklearn.linear_model   # installed packages
    python tests/underwatch/run.py path/to/optuna/tests -- -k "not slow"  # any suite by its path
    python tests/underwatch/run.py --all-of sklearn                       # package by package
    python tests/underwatch/run.py --plain ~/plain sklearn.cluster        # keep the plain half

Exit code 0 says that every test had the same outcome and the same kinds of warnings.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Outcomes = dict[str, Counter[str]]
# Tiny fits whose threads wait for one another take ten times as long on a busy machine.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    given = _parsed(arguments)
    suites = [*given.suites, *(part for package in given.all_of for part in parts_of(package))]
    print(f"{'suite':44} {'tests':>6} {'passed':>7} {'other':>6} {'differ':>7}  plain / watched")
    differing: list[str] = []
    with ThreadPoolExecutor(given.jobs) as pool:
        done = pool.map(lambda name: compare(name, given.pytest, given.plain), suites)
        for suite, line, found in done:
            print(f"{suite:44} {line}", flush=True)
            for each in found:
                print(f"    {each}", flush=True)
            differing += found
    return bool(differing)


def parts_of(package: str) -> list[str]:
    """Return a package's subpackages that have tests, and its own tests."""
    module = import_module(package)
    found = [
        f"{package}.{each.name}" for each in pkgutil.iter_modules(module.__path__) if each.ispkg
    ]
    folder = Path(module.__path__[0])
    return [name for name in found if list((folder / name.rpartition(".")[2]).rglob("test_*.py"))]


def compare(suite: str, options: list[str], kept: Path | None = None) -> tuple[str, str, list[str]]:
    """Run a suite twice; return its name, a line of the table, and what differs."""
    plain, plain_s = plain_outcomes(suite, options, kept)
    watched, watched_s = outcomes(suite, options, watched=True)
    found = differences(plain, watched)
    tests = {name for name, seen in plain.items() if any(k.startswith("call") for k in seen)}
    passed = sum(1 for name in tests if plain[name]["call passed"])
    line = (
        f"{len(plain):6} {passed:7} {len(plain) - passed:6} {len(found):7}  "
        f"{plain_s:.0f} s / {watched_s:.0f} s"
    )
    return suite, line, found


def plain_outcomes(suite: str, options: list[str], kept: Path | None) -> tuple[Outcomes, float]:
    """Run a suite without us, or read what the same run told before (in the folder ``kept``)."""
    if kept is None:
        return outcomes(suite, options, watched=False)
    file = kept / f"{Path(suite).name}-{_versions_key(suite, options)}.json"
    if file.exists():
        found, seconds = json.loads(file.read_text("utf-8"))
        return {name: Counter(seen) for name, seen in found.items()}, seconds
    found, seconds = outcomes(suite, options, watched=False)
    kept.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(f".{os.getpid()}")
    part.write_text(json.dumps([found, seconds]), "utf-8")
    part.replace(file)
    return found, seconds


def _versions_key(suite: str, options: list[str]) -> str:
    """Return what names a plain run: suite, options, plugin, and all that is installed but us."""
    installed = sorted(
        f"{each.name} {each.version}" for each in metadata.distributions() if _foreign(each.name)
    )
    plugin = (HERE / "outcomes.py").read_text("utf-8")
    said = json.dumps([suite, options, sys.version, installed, plugin])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _foreign(name: str | None) -> bool:
    return not (name or "").startswith("epochlog")


def outcomes(suite: str, options: list[str], *, watched: bool) -> tuple[Outcomes, float]:
    """Run a suite in a process of its own; return each test's outcomes, and the seconds."""
    where = [suite] if Path(suite).exists() else ["--pyargs", suite]
    where += [f"--confcutdir={_top(suite)}"]
    plugins = ["-p", "outcomes", *(["-p", "epochlog.pytest_autolog"] if watched else [])]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "outcomes"
        env = (
            ONE_THREAD
            | os.environ
            | {
                "OUTCOMES_FILE": str(file),
                "PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")]),
            }
        )
        command = [sys.executable, "-m", "pytest", *where, *plugins, *options]
        command += ["-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
        began = time.monotonic()
        done = subprocess.run(
            command, env=env, cwd=folder, capture_output=True, text=True, check=False
        )
        seconds = time.monotonic() - began
        if not file.exists():
            raise SystemExit(f"{suite} did not run:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        found = _read(file)
    if watched and "recording failed" in done.stdout:
        text = done.stdout.split("= epochlog =")[-1].strip()
        found["epochlog itself"] = Counter({text: 1})
    if done.returncode not in (0, 1):
        found["the whole process"] = Counter({f"exit code {done.returncode}": 1})
    return found, seconds


def _top(suite: str) -> Path:
    """Return the topmost package around a suite: its conftest.py has fixtures for all below."""
    if Path(suite).exists():
        place = Path(suite).resolve()
    else:
        place = Path(import_module(suite).__file__ or ".").parent
    place = place if place.is_dir() else place.parent
    while (place.parent / "__init__.py").exists():
        place = place.parent
    return place


def _read(file: Path) -> Outcomes:
    found: Outcomes = {}
    for line in file.read_text("utf-8").splitlines():
        each: dict[str, Any] = json.loads(line)
        key = f"{each['when']} {each['outcome']}"
        found.setdefault(each["test"], Counter())[key] += 1
    return found


def differences(plain: Outcomes, watched: Outcomes) -> list[str]:
    """Return one line for each test whose outcome or warnings differ."""
    return [
        f"{name}: {_words(plain.get(name))} became {_words(watched.get(name))}"
        for name in sorted({*plain, *watched})
        if set(plain.get(name, ())) != set(watched.get(name, ()))
    ]


def _words(seen: Counter[str] | None) -> str:
    return ", ".join(sorted(seen)) if seen else "nothing"


def _parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("suites", nargs="*", help="modules of installed packages, or paths")
    parser.add_argument("--all-of", action="append", default=[], metavar="PACKAGE")
    parser.add_argument("--jobs", type=int, default=1, help="suites side by side")
    parser.add_argument(
        "--plain", type=Path, metavar="FOLDER", help="keep outcomes without us here, and use them"
    )
    given = sys.argv[1:] if arguments is None else arguments
    own, _, rest = (given, "", []) if "--" not in given else _split(given)
    parsed = parser.parse_args(own)
    parsed.pytest = rest
    return parsed


def _split(given: list[str]) -> tuple[list[str], str, list[str]]:
    place = given.index("--")
    return given[:place], "--", given[place + 1 :]


if __name__ == "__main__":
    sys.exit(main())
