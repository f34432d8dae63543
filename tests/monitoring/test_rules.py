"""Rules are read with their kinds of values, and a mistake is named with what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from epochlog.base.errors import SettingsError
from epochlog.base.settings import load_settings
from epochlog.monitoring.arming import read
from epochlog.monitoring.builtin import BUILTIN, all_watchdogs
from epochlog.monitoring.rules import DEFAULTS, Rule, read_rule, read_rules, signature


def names(*texts: str) -> list[str]:
    return [rule.name for rule in read_rules(texts, all_watchdogs())]


def test_a_rule_has_a_name_parameters_and_actions() -> None:
    """Text before the arrow says when, words behind it what to do."""
    rule = read_rule("plateau metric=val/loss patience=5 -> print, stop", all_watchdogs())

    assert (rule.name, rule.actions) == ("plateau", ("print", "stop"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("plato metric=a", "no watchdog 'plato'; did you mean 'plateau'?"),
        ("plateau patience=3", "plateau needs metric="),
        ("plateau metric=a patiense=3", "no parameter 'patiense'; did you mean 'patience'?"),
        ("plateau metric=a mode=up", "mode must be auto, min or max, not 'up'"),
        ("plateau metric=a patience=few", "patience must be a number, not negative, not 'few'"),
        ("stalled after=10q", "after must be a duration such as 30s, 10m or 2h, not '10q'"),
        ("stalled runs=some", "runs must be one of fits, all, not 'some'"),
        ("disk_full free=lots", "free must be a size such as 500MB or 2GiB"),
        ("gpu_idle below=-3%", "below must be a share such as 50% or 0.5"),
        ("nan -> prin", "no action 'prin'; did you mean 'print'?"),
        ("nan ->", "no action after ->; there are print, command, webhook, stop"),
        ("nan loss", "'loss' is not of the form name=value"),
        ("nan metric='a", "No closing quotation"),
        ("-> print", "it names no watchdog"),
        ("-plato", "no watchdog 'plato'; did you mean 'plateau'?"),
    ],
)
def test_a_mistake_is_named(text: str, said: str) -> None:
    """The message holds the rule, what is wrong with it, and what was probably meant."""
    with pytest.raises(SettingsError) as error:
        names(text)

    assert said in str(error.value)
    assert text in str(error.value)


def test_defaults_are_completed_replaced_and_left_out() -> None:
    """Rules come on top of the defaults; one of the same name replaces; minus and none leave out."""
    quiet = [text.split()[0] for text in DEFAULTS]

    assert names() == quiet
    assert names("plateau metric=a") == [*quiet, "plateau"]
    assert names("nan") == [*quiet[1:], "nan"]
    assert names("-stalled") == [name for name in quiet if name != "stalled"]
    assert names("none", "nan") == ["nan"]
    assert names("none") == []


def test_settings_take_lists_and_one_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list in a file, one text with semicolons in the environment, False for nothing."""
    monkeypatch.setenv("EPOCHLOG_WATCH", "nan -> print; plateau metric=a patience=3")
    assert load_settings().watch == ("nan -> print", "plateau metric=a patience=3")
    assert load_settings(watch=["diverged metric=b"]).watch == ("diverged metric=b",)
    assert load_settings(watch=False).watch == ("none",)
    assert load_settings(watch=True).watch == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nan -> stop", "allow_stop is off"),
        ("nan -> command", "watch_command is empty"),
        ("nan -> webhook", "watch_webhook is empty"),
    ],
)
def test_actions_that_nobody_allowed_are_refused(text: str, said: str) -> None:
    """Stopping, commands and the network need a setting of their own."""
    with pytest.raises(SettingsError, match=said):
        read(load_settings(watch=text))


def test_every_watchdog_says_how_it_is_written() -> None:
    """A signature is itself a rule, once what has no default is filled in."""
    for watchdog in BUILTIN:
        text = signature(watchdog).replace("=…", "=loss")
        assert isinstance(read_rule(text, all_watchdogs()), Rule), text
        assert watchdog.description


def test_the_readme_shows_each_rule_with_its_defaults() -> None:
    """The table in README.md has a row for each watchdog, with parameters as they are."""
    text = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    for watchdog in BUILTIN:
        row = next(line for line in text.splitlines() if line.startswith(f"| `{watchdog.name}`"))
        for name, default in watchdog.params.items():
            shown = "" if default is None else default
            assert f"`{name}={shown}`" in row or name == "metric", (watchdog.name, name)
