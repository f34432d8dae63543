"""Say what a run that starts here would record of its surroundings, and what would be left out."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from epochlog.base.redaction import REDACTED
from epochlog.base.settings import CAPTURES, Settings
from epochlog.cli import formats
from epochlog.cli.screen import Screen

MEANINGS = {
    "console": "what is printed while a run is open",
    "code": "commit, changes, script, files that are imported or not in git",
    "environment": "interpreter, machine, packages, lock files, chosen variables",
    "data": "fingerprints, schema and statistics of data sets",
    "arguments": "the command line",
}


def captured_record(settings: Settings) -> dict[str, Any]:
    """Return by name of `CAPTURES` what would be recorded here, as it would stand in the store."""
    found: dict[str, Any] = {}
    for name in CAPTURES:
        on = name in settings.capture
        found[name] = {"captured": on, "facts": _READERS[name](settings) if on else {}}
    return found


def captured_lines(record: Mapping[str, Any], screen: Screen) -> list[str]:
    """Return the record as lines: each part, its facts, and where secrets were taken out."""
    lines: list[str] = []
    for name, part in record.items():
        symbol = screen.pick("✔", "+") if part["captured"] else screen.pick("✘", "-")
        style = {"fg": "green"} if part["captured"] else {"fg": "red"}
        head = f"{screen.style(symbol, **style)} {screen.style(name, bold=True)}"
        state = MEANINGS[name] if part["captured"] else f"off: {MEANINGS[name]} is not recorded"
        lines.append(f"{head}  {screen.style(state, dim=True)}")
        lines += [f"    {formats.clean(line)}" for line in _flat_lines(part["facts"])]
    hidden = sum(line.count(REDACTED) for line in lines)
    off = 'autolog(capture=…), EPOCHLOG_CAPTURE or "capture" in epochlog.toml choose; "none" is off'
    also = (
        "params, tags, notes, texts, notices, tracebacks and console lines are read for them, too"
    )
    return [*lines, "", f"{formats.plural(hidden, 'secret')} taken out ({REDACTED}); {also}", off]


def _flat_lines(facts: Any, prefix: str = "") -> list[str]:
    lines: list[str] = []
    for key, value in facts.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            lines += _flat_lines(value, f"{name}.")
        elif isinstance(value, str) and "\n" in value:
            lines += [f"{name}:", *(f"  {line}" for line in value.splitlines())]
        else:
            lines.append(f"{name} = {value}")
    return lines


def _console(settings: Settings) -> dict[str, Any]:
    from epochlog.recording.console_sources import plan_streams

    plans = plan_streams()
    if settings.console_relay:
        from epochlog.recording.console_relay import relayed

        plans = relayed(plans, set())
    named = {1: "stdout", 2: "stderr"}
    facts: dict[str, Any] = {
        named[p.stream]: f"{'captured' if p.how else 'not captured'}: {p.why}" for p in plans
    }
    kept = formats.size(settings.console_bytes)
    return {**facts, "kept": f"{kept} from the beginning and {kept} from the end of each run"}


def _code() -> dict[str, Any]:
    from epochlog.base.redaction import redact_code
    from epochlog.recording.environment import capture_code

    facts = {key: each for key, each in capture_code().items() if key != "argv"}
    found: dict[str, Any] = redact_code(facts)
    return found


def _environment() -> dict[str, Any]:
    from epochlog.base.redaction import redact_facts
    from epochlog.recording.environment import capture_environment

    return redact_facts(capture_environment())


def _data() -> dict[str, Any]:
    return {"rows": "never kept, but for what a plot or a text that you log shows"}


def _arguments() -> dict[str, Any]:
    import sys

    from epochlog.base.redaction import redact_argv

    argv = redact_argv(getattr(sys, "orig_argv", sys.argv))
    return {"argv": argv, "in": os.getcwd()}  # noqa: PTH109


_READERS: dict[str, Callable[[Settings], dict[str, Any]]] = {
    "console": _console,
    "code": lambda _: _code(),
    "environment": lambda _: _environment(),
    "data": lambda _: _data(),
    "arguments": lambda _: _arguments(),
}
