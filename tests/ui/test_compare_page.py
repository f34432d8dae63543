"""Runs side by side in a real browser: differences, brushes, curves, plots, many runs, hostile names."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import Any

import pytest

pytestmark = pytest.mark.slow

NASTY = "<img src=x onerror=alert(1)>"

FILL = r"""
import math
import epochlog

NASTY = "<img src=x onerror=alert(1)>"
for i in range(6):
    name = NASTY if i == 5 else f"run {i}"
    with epochlog.start_run(name, experiment="few", tags=["a"] if i % 2 else ["b"]) as run:
        run.log_params({"lr": 10.0 ** -i, "depth": i, "optimizer": "adam" if i % 2 else "sgd",
                        "constant": "same everywhere", "a/b": NASTY + str(i)})
        for step in range(20):
            run.log_metrics({"train/loss": math.exp(-step / 9) + i, "val/loss": i + 1 / (step + 1)},
                            step=step)
        ramp = [k / 20 for k in range(21)]
        run.log_plot("test/roc", "roc", {"curves": [
            {"label": "all", "fpr": ramp, "tpr": [x ** (0.2 + i / 20) for x in ramp]}]})
for i in range(100):
    with epochlog.start_run(f"wide {i:03}", experiment="wide") as run:
        run.log_params({f"group{j // 50}.param{j:03}": i * (j % 5) for j in range(500)})
        run.log_metrics({"val/loss": i / 7})
"""


def _ids(ui: str, where: str) -> list[str]:
    body = {"where": where, "limit": 100, "order": "name"}
    request = urllib.request.Request(
        f"{ui}api/runs/ids",
        json.dumps(body).encode(),
        {"Content-Type": "application/json", "X-Epochlog": "1"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        found: list[str] = json.load(answer)["ids"]
    return found


def _open(page: Any, ui: str, experiment: str, more: str = "") -> list[str]:
    ids = _ids(ui, f'experiment == "{experiment}"')
    page.goto(f"{ui}#/compare?runs={','.join(ids)}{more}")
    return ids


def _row(page: Any, name: str) -> Any:
    return page.locator(".compare-row").filter(
        has=page.get_by_title(f"{name}: all values", exact=True)
    )


def test_only_what_differs_is_shown_until_all_is_asked_for(page: Any, ui: str) -> None:
    """Params that are equal in all runs come and go with one box; the address remembers it."""
    from playwright.sync_api import expect

    _open(page, ui, "few")
    expect(_row(page, "lr")).to_be_visible()
    expect(_row(page, "constant")).to_have_count(0)
    page.get_by_label("Show what is the same, too").check()
    expect(_row(page, "constant")).to_be_visible()
    assert "all=1" in page.url
    page.go_back()
    expect(_row(page, "constant")).to_have_count(0)


def test_deltas_are_to_the_baseline_that_was_chosen(page: Any, ui: str) -> None:
    """Each number has its difference to the baseline's; another baseline, other differences."""
    from playwright.sync_api import expect

    ids = _open(page, ui, "few")
    depths = _row(page, "depth").get_by_role("gridcell")
    expect(depths.first).to_be_visible()
    before = depths.locator(".delta").all_text_contents()
    page.get_by_role("button", name="Compare with run 3 (baseline)").click()
    expect(page.locator(".head-cell").first).to_contain_text("run 3")
    expect(depths.locator(".delta").first).not_to_have_text(before[0])
    assert sorted(depths.locator(".delta").all_text_contents()) == ["+1", "+2", "−1", "−2", "−3"]
    assert any(f"base={id}" in page.url for id in ids)


def test_a_row_opens_with_all_its_values(page: Any, ui: str) -> None:
    """The whole of a value that the table cuts, as text and nothing else."""
    from playwright.sync_api import expect

    _open(page, ui, "few", "&search=a/b")
    page.get_by_title("a/b: all values").click()
    detail = page.get_by_role("region", name="All values of a/b")
    expect(detail).to_contain_text(f"{NASTY}5")
    page.keyboard.press("Escape")
    expect(detail).to_have_count(0)
    assert page.locator(".compare-page img").count() == 0


def test_a_range_chosen_with_keys_filters_every_tab(page: Any, ui: str) -> None:
    """Arrow keys on an axis leave some runs, write a filter into the address, and can be undone."""
    from playwright.sync_api import expect

    _open(page, ui, "few", "&tab=params")
    axis = page.get_by_role("slider", name="depth: chosen range")
    axis.focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator(".compare-filter")).to_contain_text("2 of 6 runs")
    assert "where=params.depth" in page.url
    page.get_by_role("tab", name="Differences").click()
    expect(page.locator(".head-cell")).to_have_count(2)
    page.reload()
    expect(page.locator(".compare-filter")).to_contain_text("2 of 6 runs")
    page.get_by_role("button", name="Show all").click()
    expect(page.locator(".head-cell")).to_have_count(6)


def test_a_range_is_drawn_with_the_mouse(page: Any, ui: str) -> None:
    """Dragging along an axis chooses what was dragged over."""
    from playwright.sync_api import expect

    _open(page, ui, "few", "&tab=params")
    box = page.get_by_role("slider", name="depth: chosen range").bounding_box()
    x = box["x"] + box["width"] / 2
    page.mouse.move(x, box["y"] + box["height"] * 0.95)
    page.mouse.down()
    page.mouse.move(x, box["y"] + box["height"] * 0.5, steps=4)
    page.mouse.up()
    expect(page.locator(".compare-filter")).to_contain_text("of 6 runs")
    assert re.search(r"where=params\.depth", page.url)


def test_a_filter_of_ones_own_holds_too(page: Any, ui: str, no_errors: list[str]) -> None:
    """Any expression of the filter language in the address says which runs are shown."""
    from playwright.sync_api import expect

    _open(page, ui, "few", "&where=params.depth%20%3C%202%20or%20name%20%3D%3D%20%22run%204%22")
    expect(page.locator(".compare-filter")).to_contain_text("3 of 6 runs")
    page.goto(page.url.replace("name%20", "no_such_field%20"))
    expect(page.locator(".compare-filter.failed")).to_contain_text("no_such_field")
    # The browser itself logs that the answer was 400.
    no_errors[:] = [each for each in no_errors if "status of 400" not in each]


def test_curves_and_plots_lie_over_one_another(page: Any, ui: str) -> None:
    """One chart per metric and one per evaluation plot, each with all runs."""
    from playwright.sync_api import expect

    _open(page, ui, "few", "&tab=curves")
    expect(page.locator(".chart canvas").first).to_be_visible()
    page.get_by_role("tab", name="Evaluation").click()
    plot = page.locator('.plot-view[data-kind="roc"]')
    expect(plot).to_be_visible()
    expect(plot.locator("path[stroke], polyline").nth(5)).to_be_attached()


def test_any_param_against_any_metric(page: Any, ui: str) -> None:
    """The axes of the scatter plot are in the address, its points in the table behind it."""
    from playwright.sync_api import expect

    _open(page, ui, "few", "&tab=params")
    page.get_by_label("Horizontal axis of the scatter plot").select_option(label="lr")
    expect(page.get_by_role("img", name=re.compile(r"against lr of 6 runs"))).to_be_visible()
    assert "sx=params.lr" in page.url
    page.get_by_role("button", name="Scatter: show as a table").click()
    expect(page.get_by_role("region", name="Scatter, as a table").get_by_role("row")).to_have_count(
        7
    )


def test_a_hundred_runs_with_500_params_keep_the_page_small(page: Any, ui: str) -> None:
    """Only what is seen of 50,000 cells is in the page, down to the last row and column."""
    from playwright.sync_api import expect

    _open(page, ui, "wide", "&all=1")
    grid = page.get_by_role("grid", name="Comparison")
    expect(_row(page, "group0.param000")).to_be_visible()
    assert int(grid.get_attribute("aria-rowcount")) > 500
    assert grid.get_attribute("aria-colcount") == "101"
    assert page.locator(".value-cell").count() < 1500
    page.get_by_label("Find rows by name").fill("param499")
    grid.evaluate("grid => grid.scrollTo(grid.scrollWidth, 0)")
    expect(page.locator(".head-cell").filter(has_text="wide 099")).to_be_visible()
    expect(_row(page, "group9.param499").get_by_text("396", exact=True)).to_be_visible()


def test_runs_are_chosen_where_none_are_given(page: Any, ui: str) -> None:
    """The empty page lists runs to tick; two of them are compared at once."""
    from playwright.sync_api import expect

    page.goto(f"{ui}#/compare")
    page.get_by_label("Find runs by name or filter").fill("run 1")
    page.locator('.run-picker li:has(.name:text-is("run 1")) input').check()
    page.get_by_label("Find runs by name or filter").fill('name == "run 2"')
    page.locator('.run-picker li:has(.name:text-is("run 2")) input').click()
    expect(page.get_by_role("heading", name="Compare 2 runs")).to_be_visible()


def test_a_run_that_is_gone_is_told(page: Any, ui: str, no_errors: list[str]) -> None:
    """An address with an unknown run shows a sentence and a way to try again."""
    from playwright.sync_api import expect

    page.goto(f"{ui}#/compare?runs=nowhere,neither")
    expect(page.get_by_role("alert")).to_contain_text("no run 'nowhere'")
    # The browser itself logs that the answer was 404.
    no_errors[:] = [each for each in no_errors if "404" not in each]
