"""A hyperparameter study in a real browser, recorded by Optuna as users run it."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest

pytest.importorskip("optuna")
pytestmark = pytest.mark.slow

FILL = r"""
import epochlog; epochlog.autolog()
import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)

def one(trial):
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    depth = trial.suggest_int("depth", 1, 8)
    kind = trial.suggest_categorical("optimizer", ["adam", "<b>sgd</b>"])
    if trial.number == 4:
        raise ValueError("diverged")
    for step in range(5):
        trial.report(depth + step, step)
        if trial.number in (6, 9) and step == 2:
            raise optuna.TrialPruned()
    return (depth - 4) ** 2 + lr + (kind == "adam")

def two(trial):
    x = trial.suggest_float("x", 0, 1)
    return x, (1 - x) ** 2 + trial.suggest_float("y", 0, 1)

study = optuna.create_study(study_name="one <i>goal</i>", sampler=optuna.samplers.TPESampler(seed=1))
study.optimize(one, n_trials=16, catch=(ValueError,))
both = optuna.create_study(study_name="two goals", directions=["minimize", "maximize"],
                           sampler=optuna.samplers.RandomSampler(seed=1))
both.set_metric_names(["cost", "gain"])
both.optimize(two, n_trials=12)
"""


def _study(ui: str, name: str) -> str:
    body = {"where": f'kind == "study" and startswith(name, "{name}")', "limit": 1, "nested": True}
    request = urllib.request.Request(
        f"{ui}api/runs/ids",
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "X-Epochlog": "1"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        found: list[str] = json.load(answer)["ids"]
    return f"{ui}#/study/{found[0]}"


def test_states_of_trials_look_different_and_are_counted(page: Any, ui: str) -> None:
    """Complete, pruned and failed trials have words and shapes of their own."""
    from playwright.sync_api import expect

    page.goto(_study(ui, "one"))
    legend = page.get_by_role("list", name="States of trials")
    expect(legend).to_contain_text("13 complete")
    expect(legend).to_contain_text("2 pruned")
    expect(legend).to_contain_text("1 failed")
    shapes = legend.locator("path").evaluate_all("all => all.map(p => p.getAttribute('d'))")
    assert len(set(shapes)) == 3
    expect(page.get_by_role("heading", name="one <i>goal</i>")).to_be_visible()


def test_the_overview_draws_every_trial(page: Any, ui: str) -> None:
    """History, importance, intermediate values, distribution and timeline are all there."""
    from playwright.sync_api import expect

    page.goto(_study(ui, "one"))
    history = page.get_by_role("img", name="History of value over 16 trials")
    expect(history).to_have_attribute("data-marks", "17")  # and the line of the best so far
    expect(page.get_by_role("img", name="When 16 trials ran")).to_be_visible()
    expect(page.get_by_role("list", name="Importance of params")).to_contain_text("depth")
    expect(page.get_by_role("img", name="Intermediate values of 15 trials")).to_be_attached()
    expect(page.get_by_role("img", name="Share of trials by value")).to_be_attached()
    painted = history.evaluate(
        "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v > 0)"
    )
    assert painted


def test_the_numbers_behind_a_chart_can_be_read(page: Any, ui: str) -> None:
    """Each chart has its table, whose rows lead to the runs of the trials."""
    from playwright.sync_api import expect

    page.goto(_study(ui, "one"))
    page.get_by_role("button", name="History of value: show as a table").click()
    table = page.get_by_role("region", name="History of value, as a table")
    expect(table.get_by_role("row")).to_have_count(17)
    table.get_by_role("link", name="3", exact=True).click()
    expect(page.get_by_role("heading", name="trial 3")).to_be_visible()


def test_params_are_seen_against_the_value(page: Any, ui: str) -> None:
    """Parallel coordinates, a contour of two params, and a slice of each."""
    from playwright.sync_api import expect

    page.goto(_study(ui, "one") + "?tab=params")
    expect(page.get_by_role("img", name="Parallel coordinates of 15 trials")).to_be_visible()
    expect(page.get_by_role("img", name="value over")).to_be_visible()
    page.get_by_label("Vertical param").select_option("optimizer")
    expect(page.get_by_role("img", name="and optimizer")).to_be_visible()
    page.get_by_role("heading", name="Slices").scroll_into_view_if_needed()  # drawn when seen
    for name in ("lr", "depth", "optimizer"):
        slice_of = page.get_by_role("figure", name=name, exact=True)
        slice_of.scroll_into_view_if_needed()
        expect(slice_of.get_by_role("img")).to_be_visible()


def test_a_range_on_an_axis_filters_the_table_of_trials(page: Any, ui: str) -> None:
    """What is chosen in the parallel coordinates is what the table lists."""
    from playwright.sync_api import expect

    page.goto(_study(ui, "one") + "?tab=params")
    page.get_by_role("slider", name="optimizer: chosen range").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator(".compare-filter")).to_contain_text("of 16 trials")
    page.get_by_role("tab", name="Trials").click()
    rows = page.locator(".trials-row:not(.head)")
    expect(rows.first).to_be_visible()
    assert 0 < rows.count() < 16
    heads = page.locator(".trials-row.head [role=columnheader]").all_inner_texts()
    place = next(i for i, text in enumerate(heads, 1) if "optimizer" in text)
    assert len(set(rows.locator(f"[role=gridcell]:nth-child({place})").all_inner_texts())) == 1


def test_trials_sort_by_any_column_and_are_compared(page: Any, ui: str) -> None:
    """A click sorts, a second one turns it around; ticked trials go to the page of comparisons."""
    from playwright.sync_api import expect

    page.goto(_study(ui, "one") + "?tab=trials")
    grid = page.get_by_role("grid", name="Trials")
    grid.get_by_role("button", name="value").click()
    expect(grid.get_by_role("columnheader", name="value")).to_have_attribute(
        "aria-sort", "ascending"
    )
    numbers = grid.locator(".trials-row:not(.head) [role=gridcell]:nth-child(4)").all_inner_texts()
    values = [float(text.replace("−", "-")) for text in numbers if text != "–"]
    assert values == sorted(values)
    assert numbers[-1] == "–"  # the failed one
    page.get_by_label("Choose trial 0").check()
    page.get_by_label("Choose trial 1", exact=True).check()
    page.get_by_role("link", name="Compare 2 trials").click()
    expect(page.get_by_role("heading", name="Compare 2 runs")).to_be_visible()


def test_two_objectives_have_a_front(page: Any, ui: str) -> None:
    """The Pareto front counts who is on it; each objective has its own history."""
    from playwright.sync_api import expect

    page.goto(_study(ui, "two"))
    expect(page.get_by_role("figure", name="Pareto front")).to_contain_text("on the front")
    page.get_by_role("radio", name="gain").click()
    expect(page.get_by_role("img", name="History of gain over 12 trials")).to_be_visible()
    assert "objective=1" in page.url


def test_studies_are_listed_and_other_runs_told_apart(
    page: Any, ui: str, no_errors: list[str]
) -> None:
    """Without an id the page lists studies; a run that is none says so."""
    from playwright.sync_api import expect

    page.goto(f"{ui}#/study")
    page.get_by_role("link", name="two goals").click()
    expect(page.get_by_role("heading", name="two goals")).to_be_visible()
    page.get_by_role("tab", name="Trials").click()
    trial = page.locator(".trials-row:not(.head) a").first.get_attribute("href")
    page.goto(ui + trial.replace("#/run/", "#/study/"))
    expect(page.get_by_role("alert")).to_contain_text("is no study")
    no_errors[:] = [each for each in no_errors if "status of 4" not in each]
