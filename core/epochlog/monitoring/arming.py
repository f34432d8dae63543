"""Put rules in force: those of the settings for all runs, those of ``start_run`` for one."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from epochlog.base.errors import SettingsError
from epochlog.base.settings import Settings
from epochlog.monitoring.actions import Actions
from epochlog.monitoring.builtin import all_watchdogs
from epochlog.monitoring.rules import Rule, read_rules, rule_of
from epochlog.monitoring.watch import Watch
from epochlog.recording.recorder import Recorder

WatchGiven = str | bool | Callable[..., Any] | Iterable[str | Callable[..., Any]] | None
"""What ``autolog(watch=…)`` and ``start_run(watch=…)`` take."""


def split(watch: WatchGiven) -> tuple[Any, tuple[Callable[..., Any], ...]]:
    """Return (texts as the setting ``watch`` takes them or None, functions)."""
    if watch is None or isinstance(watch, (str, bool)):
        return watch, ()
    items = [watch] if callable(watch) else list(watch)
    functions = tuple(item for item in items if callable(item))
    texts = [item for item in items if not callable(item)]
    return (texts if texts or not functions else None), functions


def read(settings: Settings, functions: Sequence[Callable[..., Any]] = ()) -> list[Rule]:
    """Return the rules that settings and functions put in force.

    Raises:
        SettingsError: a rule can't be understood, or can't be carried out.
    """
    rules = read_rules(settings.watch, all_watchdogs(), may_stop=settings.allow_stop)
    _check_actions(rules, settings)
    return [*rules, *map(rule_of, functions)]


def arm(
    recorder: Recorder, settings: Settings, functions: Sequence[Callable[..., Any]] = ()
) -> None:
    """Watch the runs of ``recorder`` from now on.

    Rules are read here only if somebody wrote some: the defaults are right, and cost nothing now.

    Raises:
        SettingsError: as `read`.
    """
    rules = read(settings, functions) if settings.watch or functions else None
    recorder.watch = None
    recorder.make_watch = None
    if rules is None or rules:
        recorder.make_watch = functools.partial(_make, recorder, settings, rules)


def rules_of_run(recorder: Recorder, watch: WatchGiven) -> list[Rule]:
    """Return the rules of ``start_run(watch=…)``, which come on top of those for all runs.

    Raises:
        SettingsError: as `read`.
    """
    from epochlog.base.settings import to_lines

    settings = recorder.settings
    texts, functions = split(watch)
    lines = () if texts is None else to_lines(texts)
    rules = read_rules(lines, all_watchdogs(), defaults=(), may_stop=settings.allow_stop)
    _check_actions(rules, settings)
    if recorder.make_watch is None:
        recorder.make_watch = functools.partial(_make, recorder, settings, [])
    return [*rules, *map(rule_of, functions)]


def _make(recorder: Recorder, settings: Settings, rules: list[Rule] | None) -> Watch:
    actions = Actions(settings.watch_command, settings.watch_webhook)
    return Watch(recorder, read(settings) if rules is None else rules, actions)


def _check_actions(rules: Sequence[Rule], settings: Settings) -> None:
    for rule in rules:
        for action, setting in (("command", "watch_command"), ("webhook", "watch_webhook")):
            if action in rule.actions and not getattr(settings, setting):
                raise SettingsError(
                    f"the rule {rule.text!r} has the action {action}, but the setting {setting} "
                    "is empty"
                )
