"""Measure what epochlog promises and print one table, with other trackers side by side.

    python tests/benchmarks/run.py                       # everything; about half an hour
    python tests/benchmarks/run.py log_call import --quick
    python tests/benchmarks/run.py --list

Exit code 0 says that all was measured, 1 that some measurement failed, 2 that the command is wrong.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import Any

from cases import (
    after_fit,
    catboost_rounds,
    commit_cpu,
    console_lines,
    hardware,
    hashing,
    imports,
    keras_epochs,
    lightgbm_rounds,
    lightning_epochs,
    log_call,
    many_runs,
    optuna_trials,
    tiny_fit,
    torch_loop,
    ui_browser,
    ui_server,
    xgboost_rounds,
)
from suite import machine
from suite.children import load_peer
from suite.results import Benchmark, Options, Row
from suite.table import heading, notes, table

BENCHMARKS: dict[str, tuple[Benchmark, tuple[str, ...]]] = {
    "log_call": (log_call.benchmark, ()),
    "commit_cpu": (commit_cpu.benchmark, ()),
    "import": (imports.benchmark, ()),
    "tiny_fit": (tiny_fit.benchmark, ("sklearn",)),
    "after_fit": (after_fit.benchmark, ("sklearn",)),
    "lightgbm": (lightgbm_rounds.benchmark, ("lightgbm",)),
    "optuna": (optuna_trials.benchmark, ("optuna",)),
    "xgboost": (xgboost_rounds.benchmark, ("xgboost",)),
    "catboost": (catboost_rounds.benchmark, ("catboost",)),
    "keras": (keras_epochs.benchmark, ("keras", "torch")),
    "lightning": (lightning_epochs.benchmark, ("lightning",)),
    "torch_loop": (torch_loop.benchmark, ("torch",)),
    "runs_query": (many_runs.benchmark_runs, ()),
    "long_series": (many_runs.benchmark_series, ()),
    "ui_server": (ui_server.benchmark, ("starlette", "uvicorn", "websockets")),
    "ui_browser": (ui_browser.benchmark, ("playwright", "starlette", "uvicorn", "websockets")),
    "hardware": (hardware.benchmark, ()),
    "console": (console_lines.benchmark, ()),
    "hashing": (hashing.benchmark, ("pandas", "pyarrow", "scipy")),
}
"""By name: what measures it, and the modules it needs."""

PEERS = ("mlflow", "wandb", "trackio", "tensorboardx", "aim")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    given = _parsed(arguments)
    if given.list:
        for name, (function, _) in BENCHMARKS.items():
            print(f"{name:12} {(sys.modules[function.__module__].__doc__ or '').splitlines()[0]}")
        return 0
    found, missing = _peers(given.peers)
    options = Options(given.quick, list(found), given.cache, _say)
    facts = machine.describe() | {"peers": _listed(found, missing)}
    print(heading(facts), end="\n\n", flush=True)
    started = time.monotonic()
    rows = _measured(given.names or list(BENCHMARKS), options)
    print(table(rows, options.peers))
    if text := notes(rows):
        print(f"\nnotes\n{text}")
    for what, why in options.failures:
        print(f"\nFAILED {what}: {why}", file=sys.stderr)
    if given.quick:
        print(
            "\n--quick: small sizes, few repetitions; good for seeing that all works, not as numbers"
        )
    if given.json:
        facts["seconds"] = f"{time.monotonic() - started:.0f}"
        _write(Path(given.json), facts, rows, options)
    return 1 if options.failures else 0


def _parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="benchmarks (default: all)")
    parser.add_argument("--list", action="store_true", help="say what there is, and stop")
    parser.add_argument("--quick", action="store_true", help="small sizes, few repetitions")
    parser.add_argument("--json", metavar="FILE", help="write the rows there too")
    parser.add_argument("--peers", default=",".join(PEERS), help="comma-separated; '' for none")
    parser.add_argument(
        "--cache",
        default=str(Path(tempfile.gettempdir(), "epochlog-bench")),
        help="where generated stores are kept (2 GB in full size; default: %(default)s)",
    )
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.names if name not in BENCHMARKS]:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    given.peers = [name for name in given.peers.split(",") if name]
    if unknown := [name for name in given.peers if name not in PEERS]:
        parser.error(f"no peer {', '.join(unknown)}; there are {', '.join(PEERS)}")
    return given


def _peers(names: list[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return ({peer: version}, {peer: why it is left out})."""
    found, missing = {}, {}
    for name in names:
        module = load_peer(name).import_name
        if importlib.util.find_spec(module) is None:
            missing[name] = "not installed"
        else:
            found[name] = metadata.version(module)
    return found, missing


def _listed(found: dict[str, str], missing: dict[str, str]) -> str:
    parts = [f"{name} {version}" for name, version in found.items()]
    parts += [f"{name} left out ({why})" for name, why in missing.items()]
    return ", ".join(parts) or "none asked for"


def _measured(names: list[str], options: Options) -> list[Row]:
    rows: list[Row] = []
    for name in names:
        function, needed = BENCHMARKS[name]
        if absent := [module for module in needed if importlib.util.find_spec(module) is None]:
            _say(f"{name}: left out, {', '.join(absent)} is not installed")
            continue
        rows += function(options)
    return rows


def _say(text: str) -> None:
    print(f"… {text} (load {machine.load():.1f})", file=sys.stderr, flush=True)


def _write(path: Path, facts: dict[str, str], rows: list[Row], options: Options) -> None:
    content: dict[str, Any] = {
        "machine": facts,
        "quick": options.quick,
        "rows": [row.plain() for row in rows],
        "failures": [{"what": what, "why": why} for what, why in options.failures],
    }
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
