"""What recording adds to each of 10,000 Optuna trials, at the start of the study and at its end."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Iterator

from suite.children import MeasurementFailed, measure
from suite.results import OURS, Options, Row, pairwise_value, value_of

TRIALS, QUICK_TRIALS, PART = 10_000, 600, 1_000


def benchmark(options: Options) -> Iterator[Row]:
    """Plain and recorded studies in turn, each in a process of its own; in memory, random search.

    Peers are left out: they record to a server or a file per trial, 0.6 to 1.7 seconds each.
    """
    trials = QUICK_TRIALS if options.quick else TRIALS
    part = min(PART, trials // 3)
    first = Row("optuna", f"added per trial, first {part:,} of {trials:,}", "ms", 2.0)
    last = Row("optuna", f"added per trial, last {part:,} of {trials:,}", "ms", 2.0)
    own_first = Row("optuna", f"CPU of the objective's thread, added, first {part:,}", "ms")
    own_last = Row("optuna", f"CPU of the objective's thread, added, last {part:,}", "ms")
    cpu = Row("optuna", "added CPU of the process per trial, all trials", "ms")
    plain = Row("optuna", f"plain trial, last {part:,}, for comparison", "ms")
    kept = Row("optuna", "memory of the process that a recorded trial keeps", "bytes")
    listed = Row("optuna", f"reading the study's {trials:,} trials with params and values", "ms")
    options.say("optuna: epochlog")
    found: list[list[dict[str, float]]] = [[], []]
    try:
        for _ in range(1 if options.quick else 3):
            for on in (0, 1):
                arguments = {"recorded": bool(on), "trials": trials, "part": part}
                found[on].append(measure("cases.optuna_trials:study", peer=OURS, **arguments))
    except MeasurementFailed as error:
        options.failures.append(("optuna", str(error)))
        return
    without, with_it = found
    differences = {"first_ms": first, "last_ms": last, "own_first_ms": own_first}
    differences |= {"own_last_ms": own_last, "cpu_ms": cpu, "bytes": kept}
    for name, row in differences.items():
        row.values[OURS] = pairwise_value(
            [each[name] for each in with_it], [each[name] for each in without]
        )
    plain.values[OURS] = value_of(each["last_ms"] for each in without)
    listed.values[OURS] = value_of(each["read_ms"] for each in with_it)
    yield from (first, last, own_first, own_last, cpu, plain, kept, listed)


def study(peer: str, folder: str, recorded: bool, trials: int, part: int) -> dict[str, float]:
    """Run a study of a trivial objective; in a child process. Times are from trial to trial."""
    del peer, folder
    import optuna

    import epochlog

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    if recorded:
        epochlog.autolog()
    begun: list[float] = []
    own: list[float] = []

    def objective(trial: optuna.Trial) -> float:
        begun.append(time.perf_counter())
        own.append(time.thread_time())
        return trial.suggest_float("x", -5, 5) ** 2 + trial.suggest_int("n", 0, 9)

    def search(count: int) -> optuna.Study:
        made = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
        made.optimize(objective, count)
        return made

    search(20)  # imports, first files
    begun.clear()
    own.clear()
    before, started = _resident_bytes(), time.process_time()
    kept = search(trials)
    cpu = time.process_time() - started
    after = _resident_bytes()
    gaps, own_gaps = ([1e3 * (b - a) for a, b in itertools.pairwise(x)] for x in (begun, own))
    assert len(kept.trials) == trials
    return {
        "first_ms": statistics.fmean(gaps[:part]),
        "last_ms": statistics.fmean(gaps[-part:]),
        "own_first_ms": statistics.fmean(own_gaps[:part]),
        "own_last_ms": statistics.fmean(own_gaps[-part:]),
        "cpu_ms": cpu * 1e3 / trials,
        "bytes": (after - before) / trials,
        "read_ms": _read(trials) if recorded else 0.0,
    }


def _read(trials: int) -> float:
    """Read the whole study; a number without its record would be worth nothing."""
    import epochlog

    epochlog.flush()
    started = time.perf_counter()
    run = next(iter(epochlog.runs('kind == "study"', order_by="-started", limit=1)))
    found = run.study().trials
    assert [trial.number for trial in found] == list(range(trials))
    assert all(trial.complete and len(trial.params) == 2 for trial in found)
    return (time.perf_counter() - started) * 1e3


def _resident_bytes() -> int:
    import psutil

    return int(psutil.Process().memory_info().rss)
