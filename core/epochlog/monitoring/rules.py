"""Read rules: ``"plateau metric=val/loss patience=5 -> print stop"``."""

from __future__ import annotations

import functools
import importlib
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from epochlog.base.errors import SettingsError
from epochlog.contract.watchdog import ACTIONS, Check, Watchdog
from epochlog.monitoring.values import kind_of, read_value

ARROW = "->"
DEFAULTS = ("nan metric=*loss*", "stalled", "disk_full")
"""In force unless left out; they note in the run, and do nothing else."""

OURS = ("nan", "diverged", "plateau", "stalled", "gpu_idle", "data_bound", "disk_full", "lost")
"""Watchdogs whose failures are our bugs."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, ready for use.

    Attributes:
        name: of its watchdog, or of the user's function.
        text: as it was written.
        make: makes the check of one run.
        actions: what to do when it holds, besides noting it.
        roots, reader: as of its watchdog.
        ours: what its check raises is our bug.
    """

    name: str
    text: str
    make: Callable[[], Check]
    actions: tuple[str, ...] = ()
    roots: bool = False
    reader: bool = False
    ours: bool = False


def read_rules(
    texts: Iterable[str],
    watchdogs: Mapping[str, Watchdog],
    *,
    defaults: Sequence[str] = DEFAULTS,
    may_stop: bool = True,
) -> list[Rule]:
    """Return the rules in force: the defaults, changed and completed by ``texts``.

    A rule replaces the default of its name, ``"-stalled"`` leaves a default out, ``"none"`` all.

    Raises:
        SettingsError: a rule can't be understood; says which part, and what would be.
    """
    found = [read_rule(text, watchdogs) for text in defaults]
    given: list[Rule] = []
    for text in texts:
        word = text.strip()
        if word.lower() in ("none", "off", "false", "no"):
            found = []
        elif word.startswith("-") and not word.startswith(ARROW):
            _check_name(word[1:], watchdogs, text)
            found = [rule for rule in found if rule.name != word[1:]]
        elif word:
            given.append(read_rule(text, watchdogs))
    for rule in given:
        if "stop" in rule.actions and not may_stop:
            raise SettingsError(
                f"the rule {rule.text!r} is to stop trainings, but allow_stop is off; pass "
                "allow_stop=True as well, or leave the action out"
            )
    names = {rule.name for rule in given}
    return [*(rule for rule in found if rule.name not in names), *given]


def read_rule(text: str, watchdogs: Mapping[str, Watchdog]) -> Rule:
    """Return one rule.

    Raises:
        SettingsError: it can't be understood.
    """
    before, arrow, after = text.partition(ARROW)
    try:
        words = shlex.split(before)
    except ValueError as error:
        raise _wrong(text, f"{error}") from error
    if not words:
        raise _wrong(text, "it names no watchdog")
    watchdog = _check_name(words[0], watchdogs, text)
    actions = tuple(after.replace(",", " ").split())
    if arrow and not actions:
        raise _wrong(text, f"no action after {ARROW}; there are {', '.join(ACTIONS)}")
    for action in actions:
        if action not in ACTIONS:
            raise _wrong(text, f"no action {action!r}{_near(action, ACTIONS)}")
    params = _params(words[1:], watchdog, text)
    try:
        _make(watchdog, params)
    except ValueError as error:
        raise _wrong(text, str(error)) from error
    return Rule(
        watchdog.name,
        text.strip(),
        functools.partial(_make, watchdog, params),
        actions,
        watchdog.roots,
        watchdog.reader,
        watchdog.name in OURS,
    )


def rule_of(function: Callable[..., Any]) -> Rule:
    """Return the rule of a function of the user's own: it is the check, for all runs."""
    name = getattr(function, "__name__", type(function).__name__)
    return Rule(name, name, lambda: function)


def _make(watchdog: Watchdog, params: Mapping[str, Any]) -> Check:
    make = watchdog.make
    if isinstance(make, str):
        module, _, name = make.partition(":")
        make = getattr(importlib.import_module(module), name)
    check: Check = make(**params)
    return check


def _params(words: Sequence[str], watchdog: Watchdog, text: str) -> dict[str, Any]:
    given: dict[str, str] = {}
    for word in words:
        name, found, value = word.partition("=")
        if not found:
            raise _wrong(text, f"{word!r} is not of the form name=value")
        if name not in watchdog.params:
            raise _wrong(
                text, f"{watchdog.name} has no parameter {name!r}{_near(name, watchdog.params)}"
            )
        given[name] = value
    params: dict[str, Any] = {}
    for name, default in watchdog.params.items():
        if name not in given and default is None:
            raise _wrong(text, f"{watchdog.name} needs {name}=")
        try:
            params[name] = read_value(given.get(name, default), default)
        except ValueError as error:
            raise _wrong(text, f"{name} must be {error}, not {given[name]!r}") from error
    return params


def _check_name(name: str, watchdogs: Mapping[str, Watchdog], text: str) -> Watchdog:
    if name not in watchdogs:
        raise _wrong(text, f"no watchdog {name!r}{_near(name, watchdogs)}")
    return watchdogs[name]


def _near(name: str, known: Iterable[str]) -> str:
    import difflib  # only a mistake needs it

    known = list(known)
    close = difflib.get_close_matches(name.lower().replace("-", "_"), known, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; there are {', '.join(known)}" if known else "; it has none"


def _wrong(text: str, why: str) -> SettingsError:
    return SettingsError(f"watch rule {text.strip()!r}: {why}")


def signature(watchdog: Watchdog) -> str:
    """Return how a rule of this kind is written, with its defaults."""
    parts = [watchdog.name]
    for name, default in watchdog.params.items():
        if default is None:
            parts.append(f"{name}=…")
        elif kind_of(default) != "text" or default:
            parts.append(f"{name}={default}")
    return " ".join(parts)
