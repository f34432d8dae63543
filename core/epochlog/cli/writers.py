"""Write runs and points to files, whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from epochlog.base.errors import EpochlogError
from epochlog.cli.jsonout import dumps, jsonable
from epochlog.cli.records import full_record, run_record
from epochlog.query.frames import Columns
from epochlog.query.optional import require
from epochlog.query.run_view import RunView
from epochlog.query.runs import Runs

FORMATS = ("json", "jsonl", "csv", "parquet")
STATISTICS = ("last", "first", "min", "max", "best", "mean", "count")
SERIES_COLUMNS = ("run_id", "run", "kind", "metric", "context", "step", "time", "epoch", "value")
"""``kind`` is metric or system_metric, ``time`` microseconds since 1970-01-01 UTC."""
BATCH_POINTS = 100_000


def format_of(to: Path | None) -> str:
    """Return the format that a file's ending means; jsonl for a folder or standard output.

    Raises:
        EpochlogError: an ending that means none.
    """
    ending = "" if to is None else to.suffix.lower().lstrip(".")
    if ending in ("", *FORMATS):
        return ending or "jsonl"
    if ending in ("ndjson", "pq"):
        return {"ndjson": "jsonl", "pq": "parquet"}[ending]
    raise EpochlogError(
        f"{to}: no format .{ending}; there are {', '.join(FORMATS)} (or say --format)"
    )


def write_runs(
    runs: Runs, to: Path | None, kind: str, *, force: bool = False, curves: bool = False
) -> None:
    """Write one row a run.

    Args:
        runs: what to write.
        to: the file; None = standard output.
        kind: one of `FORMATS`.
        force: overwrite.
        curves: put the points into each run's record (json and jsonl).
    """
    if kind == "parquet":
        parquet = _parquet(to)
        with _replacing(to, force=force) as file:
            parquet.write_table(runs.to_arrow(STATISTICS), file)
        return
    with _text(to, force=force) as file:
        if kind == "csv":
            _write_csv_runs(runs, file)
        elif kind == "jsonl":
            for run in runs:
                file.write(dumps(_record(run, curves=curves), indent=None) + "\n")
        else:
            _write_json_list((_record(run, curves=curves) for run in runs), file)


def write_series(runs: Iterable[RunView], to: Path, kind: str, *, force: bool = False) -> None:
    """Write one row a point, of metrics and system metrics; columns are `SERIES_COLUMNS`."""
    if kind == "parquet":
        _write_parquet_series(runs, to, force=force)
        return
    with _text(to, force=force) as file:
        rows = (row for run in runs for table in _tables(run) for row in _rows(table))
        if kind == "csv":
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(SERIES_COLUMNS)
            writer.writerows(rows)
            return
        records = (dict(zip(SERIES_COLUMNS, row, strict=True)) for row in rows)
        if kind == "jsonl":
            file.writelines(dumps(record, indent=None) + "\n" for record in records)
        else:
            _write_json_list(records, file)


def _record(run: RunView, *, curves: bool) -> dict[str, Any]:
    if not curves:
        return run_record(run)
    series = [
        dict(zip(SERIES_COLUMNS[2:], list(table.values())[2:], strict=True))
        for table in _tables(run)
    ]
    return {**full_record(run), "series": series}


def _tables(run: RunView) -> Iterator[dict[str, Any]]:
    """Yield each curve of a run as columns; what is one value for all points is no list."""
    for kind, summaries, read in (
        ("metric", run.metrics.all(), run.series),
        ("system_metric", run.system_metrics.all(), run.system_series),
    ):
        for each in summaries:
            found = read(each.key, each.context)
            epochs = found.epochs
            yield dict(
                zip(
                    SERIES_COLUMNS,
                    (
                        run.id,
                        run.name,
                        kind,
                        each.key,
                        each.context,
                        found.steps.tolist(),
                        found.times.tolist(),
                        None if epochs is None else epochs.tolist(),
                        found.values.tolist(),
                    ),
                    strict=True,
                )
            )


def _rows(table: dict[str, Any]) -> Iterator[list[Any]]:
    fixed = [table[name] for name in SERIES_COLUMNS[:5]]
    epochs = table["epoch"] or [None] * len(table["step"])
    for step, time, epoch, value in zip(
        table["step"], table["time"], epochs, table["value"], strict=True
    ):
        yield [*fixed, step, time, epoch, value]


def _write_csv_runs(runs: Runs, file: IO[str]) -> None:
    columns = Columns(STATISTICS)
    for run in runs:
        columns.add(run)
    table = columns.filled()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(
        [_csv_cell(value) for value in row] for row in zip(*table.values(), strict=True)
    )


def _csv_cell(value: Any) -> Any:
    if isinstance(value, list | dict | tuple):
        return json.dumps(jsonable(value), ensure_ascii=False)
    return value.isoformat() if isinstance(value, datetime) else value


def _write_json_list(records: Iterable[Any], file: IO[str]) -> None:
    separator = "[\n"
    for record in records:
        file.write(separator + dumps(record, indent=None))
        separator = ",\n"
    file.write("[]\n" if separator == "[\n" else "\n]\n")


def _write_parquet_series(runs: Iterable[RunView], to: Path, *, force: bool) -> None:
    pyarrow, parquet = require("pyarrow"), _parquet(to)
    types: list[Callable[[], Any]] = (
        [pyarrow.string] * 5 + [pyarrow.float64, pyarrow.int64] + [pyarrow.float64] * 2
    )
    schema = pyarrow.schema(
        [(name, make()) for name, make in zip(SERIES_COLUMNS, types, strict=True)]
    )
    with (
        _replacing(to, force=force) as file,
        parquet.ParquetWriter(file, schema, compression="zstd") as writer,
    ):
        rows: list[list[Any]] = []
        for row in (row for run in runs for table in _tables(run) for row in _rows(table)):
            rows.append([*row[:5], float(row[5]), row[6], *row[7:]])
            if len(rows) >= BATCH_POINTS:
                writer.write_table(_arrow(pyarrow, rows, schema))
                rows = []
        if rows:
            writer.write_table(_arrow(pyarrow, rows, schema))


def _arrow(pyarrow: Any, rows: list[list[Any]], schema: Any) -> Any:
    return pyarrow.table([list(column) for column in zip(*rows, strict=True)], schema=schema)


def _parquet(to: Path | None) -> Any:
    if to is None:
        raise EpochlogError("Parquet is no text: say --to FILE or --to DIR")
    require("pyarrow")
    return require("pyarrow.parquet")


@contextmanager
def _text(to: Path | None, *, force: bool) -> Iterator[IO[str]]:
    if to is None:
        yield sys.stdout
        return
    with _replacing(to, force=force) as binary:
        wrapped = io.TextIOWrapper(binary, "utf-8", errors="backslashreplace", newline="")
        yield wrapped
        wrapped.flush()
        wrapped.detach()


@contextmanager
def _replacing(to: Path | None, *, force: bool) -> Iterator[IO[bytes]]:
    """Open a file beside ``to`` that takes its place when the block ended well."""
    assert to is not None
    if to.exists() and not force:
        raise EpochlogError(f"{to} exists; --force overwrites it")
    to.parent.mkdir(parents=True, exist_ok=True)
    part = to.with_name(f".{to.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
