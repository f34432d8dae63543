"""The page of one run in a real browser: each part, each ending, hostile names, keys, live."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from processes import run_python, start_python

pytestmark = pytest.mark.slow

NASTY = "<img src=x onerror=alert(1)>"

FILL = r"""
import math, random, sys
import epochlog

NASTY = "<img src=x onerror=alert(1)>"
with epochlog.start_run("whole", tags=["first", NASTY]) as run:
    run.set_note("# Why\n\nA *note* with [a link](https://example.org) and " + NASTY)
    run.log_params({"optimizer.lr": 0.001, "optimizer.name": "adam", "depth": 3, NASTY: NASTY,
                    "weird": math.nan})
    for step in range(120):
        loss = math.exp(-step / 40)
        run.log_metrics({"train/loss": loss, "val/loss": math.nan if step == 50 else loss * 1.2,
                         "learning_rate": 0.1 / (step + 1)}, step=step, epoch=step // 20)
    for i in range(4):
        run.log_system_metrics({"machine/cpu_percent": 40.0 + i, "gpu/0/memory_used_bytes": 1e9 + i})
    ramp = [i / 20 for i in range(21)]
    run.log_plot("test/roc", "roc", {"curves": [
        {"label": label, "fpr": ramp, "tpr": [x ** 0.3 for x in ramp], "thresholds": ramp[::-1],
         "auc": 0.77} for label in ("cat", "dog")]})
    run.log_plot("test/confusion_matrix", "confusion_matrix",
                 {"labels": ["cat", "dog", NASTY], "matrix": [[8, 2, 0], [1, 9, 0], [0, 3, 7]]})
    run.log_plot("importance", "importance",
                 {"features": ["age", "size"], "importance": {"gain": [0.8, 0.2], "split": [3, 5]}})
    run.log_plot("test/predictions/worst", "predictions",
                 {"row": [7, 3], "truth": ["cat", "dog"], "predicted": ["dog", "cat"],
                  "loss": [0.9, 0.7], "how": "worst", "n": 30})
    for step in (0, 10, 20):
        run.log_plot("weights", "histogram",
                     {"edges": [-1, 0, 1, 2], "counts": [step + 1, 5, 2]}, step=step)
    run.log_plot("broken", "roc", {"curves": "none"})
    run.log_plot("own", "my_kind", {"answer": 42})
    run.log_text("report", "it went well")
    run.log_notice("the data set was sampled", level="warning", source="budget")
    run.log_dataset([[1.0, 2.0], [3.0, 4.0]], "tiny", role="train")
    run.log_artifact(b"<h1>hi</h1><script>parent.alert(1)</script>", "page.html")
    run.log_artifact(b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>"
                     b"<script>alert(1)</script></svg>", "evil.svg")
    run.log_artifact(b"a,b\n1,<b>2</b>\n3,4\n", "table.csv")
    for i in range(1200):
        print(f"line {i}" + (" " + NASTY if i == 7 else ""))
with epochlog.start_run("search", kind="search") as run:
    for i in range(3):
        child = run.start_child(f"candidate {i}", kind="candidate", index=i)
        child.log_params({"c": 10 ** i})
        child.log_metrics({"cv/score": 0.5 + i / 10})
        child.end("completed")
try:
    with epochlog.start_run("broken") as run:
        run.log_metrics({"train/loss": 1.0}, step=0)
        raise ValueError("no such layer")
except ValueError:
    pass
epochlog.start_run("stopped").end("canceled")
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a run that has everything, and one of each ending."""
    folder = tmp_path_factory.mktemp("run-page")
    run_python(FILL, cwd=folder, EPOCHLOG_STORE=str(folder / "store"))
    return folder / "store"


@pytest.fixture(scope="module")
def site(store: Path, serve: Callable[[Path], str]) -> str:
    """Address of the server."""
    return serve(store)


@pytest.fixture
def open_run(page: Any, site: str) -> Callable[..., Any]:
    """Open a run's page, at a tab."""

    def open_it(name: str, tab: str = "", **params: str) -> Any:
        query = "&".join(f"{key}={value}" for key, value in ({"tab": tab} | params).items())
        page.goto(f"{site}#/run/{name}?{query}")
        page.get_by_role("heading", level=1, name=name).wait_for()
        return page

    return open_it


@pytest.fixture
def expect() -> Any:
    """Playwright's assertions, which wait."""
    from playwright.sync_api import expect

    return expect


def test_the_overview_says_what_the_run_was(open_run: Any, expect: Any) -> None:
    """Metrics, note, texts, notices, tags and facts are on the first tab; nothing in them runs."""
    page = open_run("whole")
    expect(page.get_by_role("link", name="train/loss")).to_be_visible()
    expect(page.locator(".notes .markdown h3")).to_have_text("Why")
    expect(page.locator(".notes .markdown")).to_contain_text(NASTY)
    expect(page.locator(".text-body")).to_have_text("it went well")
    expect(page.get_by_text("the data set was sampled")).to_be_visible()
    expect(page.locator(".run-tags .tag")).to_have_count(2)
    expect(page.locator(".nan")).to_have_text("NaN × 1")
    expect(page.locator("svg.spark path").first).to_have_attribute("d", re.compile(r"^M.+L"))
    assert page.locator("img").count() == 0


def test_params_are_a_tree_that_can_be_searched(open_run: Any, expect: Any) -> None:
    """Names with dots stand below a common branch; the search looks at names and values."""
    page = open_run("whole", "params")
    expect(page.get_by_role("treeitem", name="optimizer").first).to_contain_text("0.001")
    page.get_by_label("Search params").fill("adam")
    expect(page.locator(".param-row")).to_have_count(1)
    expect(page).to_have_url(re.compile("search=adam"))


def test_charts_are_drawn_with_the_splits_together(open_run: Any, expect: Any) -> None:
    """Train and val loss share a chart, which has painted pixels; a link opens the same view."""
    page = open_run("whole", "charts", smooth="0.6")
    card = page.locator(".chart-card[data-metric=loss]")
    expect(card.locator(".chart-legend")).to_contain_text("train")
    expect(card.locator("[data-lines='2'] canvas").first).to_be_visible()
    painted = """canvas => {
        const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        let count = 0;
        for (let i = 3; i < data.length; i += 4) count += data[i] > 0;
        return count; }"""
    assert card.locator("canvas").first.evaluate(painted) > 500
    expect(page.get_by_label("Smoothing")).to_have_value("0.6")


def test_every_kind_of_plot_has_its_drawing(open_run: Any, expect: Any) -> None:
    """Curves, matrices, bars, tables; what can't be drawn says why and shows its data."""
    page = open_run("whole", "plots")
    roc = page.locator(".plot-view[data-kind=roc]").first
    expect(roc.locator("path.curve")).to_have_count(2)
    expect(roc.locator(".figure-legend")).to_contain_text("AUC 0.770")
    matrix = page.locator(".plot-view[data-kind=confusion_matrix]")
    expect(matrix.locator("svg[role=img]")).to_contain_text("9")
    matrix.get_by_role("radio", name="% of true").click()
    expect(matrix.locator("svg[role=img]")).to_contain_text("90")
    expect(matrix).to_contain_text("accuracy 0.8")
    bars = page.locator(".plot-view[data-kind=importance]")
    expect(bars.get_by_role("row")).to_have_count(2)
    bars.get_by_role("combobox").select_option("split")
    expect(bars.get_by_role("rowheader").first).to_have_text("size")
    expect(page.locator(".plot-view[data-kind=predictions] tbody tr")).to_have_count(2)
    expect(page.get_by_text("This is no roc curve: “curves” is missing.")).to_be_visible()
    expect(page.locator(".plot-view[data-kind=my_kind]")).to_contain_text("42")


def test_a_curve_is_read_by_keys(open_run: Any, expect: Any) -> None:
    """Arrow keys walk along the points and say their numbers."""
    page = open_run("whole", "plots", search="roc")
    drawing = page.locator(".plot-view[data-kind=roc] svg[role=img]").first
    drawing.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".figure-readout")).to_contain_text("false positive rate 0.1")


def test_histograms_over_steps_are_one_map(open_run: Any, expect: Any) -> None:
    """Steps are columns of a map; keys move through them and the histogram beside follows."""
    page = open_run("whole", "plots", search="weights")
    slider = page.get_by_role("slider", name="weights over steps")
    expect(slider).to_have_attribute("aria-valuetext", "step 20")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "step 10")
    expect(page.locator(".step-map-one")).to_contain_text("step 10")
    assert slider.locator("canvas").evaluate("canvas => canvas.width") == 3


def test_hardware_has_sections_by_device_beside_a_curve(open_run: Any, expect: Any) -> None:
    """GPU and machine have sections; the loss stands above them on the same time axis."""
    page = open_run("whole", "hardware")
    expect(page.locator(".chart-section summary")).to_contain_text(["GPUs", "Machine"])
    expect(page.locator(".beside .chart-card")).to_have_attribute("data-metric", "train/loss")


def test_artifacts_are_looked_at_without_running(
    open_run: Any, expect: Any, no_errors: list[str]
) -> None:
    """HTML is in a sandbox without rights, SVG is a picture, a table is rows of text."""
    page = open_run("whole", "data")
    expect(page.get_by_text("Data that it read")).to_be_visible()
    page.get_by_role("button", name="page.html").click()
    frame = page.locator("iframe.preview-page")
    expect(frame).to_have_attribute("sandbox", "")
    page.get_by_role("button", name="evil.svg").click()
    expect(page.locator("img.preview-image")).to_be_visible()
    page.get_by_role("button", name="table.csv").click()
    expect(page.get_by_role("cell", name="<b>2</b>")).to_be_visible()
    expect(page.get_by_role("link", name="Save")).to_be_visible()
    # Chromium tells what the sandbox kept from running: that of the page, once.
    assert [said for said in no_errors if "Blocked script execution" not in said] == []
    assert len(no_errors) == 1
    no_errors.clear()


def test_code_and_environment_can_be_read(open_run: Any, expect: Any) -> None:
    """The script is shown with its words marked; packages can be searched."""
    page = open_run("whole", "code")
    expect(page.locator(".source .code-keyword").first).to_be_visible()
    page = open_run("whole", "environment")
    page.get_by_label("Search the environment").fill("numpy")
    expect(page.locator(".packages li").first).to_contain_text("numpy")


def test_the_console_is_virtual_and_searched(open_run: Any, expect: Any) -> None:
    """Of many lines few are in the page; it opens at the end and pages to the beginning."""
    page = open_run("whole", "console")
    expect(page.get_by_text("line 1199", exact=True)).to_be_visible()
    assert page.locator(".console-line").count() < 300
    page.get_by_label("Search the console").fill("line 7 ")
    expect(page.locator(".console-line")).to_have_count(1)
    expect(page.locator(".console-line")).to_contain_text(NASTY)
    expect(page.locator(".console mark")).to_have_text("line 7 ")
    page.get_by_label("Search the console").fill("")
    expect(page.get_by_text("line 1199", exact=True)).to_be_visible()
    log = page.get_by_role("log")
    for _ in range(20):
        log.evaluate("log => { log.scrollTop = 0; }")
        if page.get_by_text("line 0", exact=True).is_visible():
            break
        page.wait_for_timeout(200)
    expect(page.get_by_text("line 0", exact=True)).to_be_visible()


def test_a_failed_run_shows_its_traceback_first(open_run: Any, expect: Any) -> None:
    """The exception is the first thing on the page, in red; other endings look different."""
    page = open_run("broken")
    first = page.locator(".run-part > *").first
    expect(first).to_have_class(re.compile("ending failed"))
    expect(first.locator("pre .final")).to_have_text(re.compile("ValueError: no such layer"))
    red = first.evaluate("e => getComputedStyle(e).backgroundColor")
    page = open_run("stopped")
    canceled = page.locator(".ending.canceled")
    expect(canceled).to_be_visible()
    assert canceled.evaluate("e => getComputedStyle(e).backgroundColor") != red


def test_children_show_what_tells_them_apart(open_run: Any, expect: Any) -> None:
    """Differing params and scores are columns; a child leads back up with one key."""
    page = open_run("search")
    table = page.locator("table.children")
    expect(table.locator("tbody tr")).to_have_count(3)
    expect(table.locator("thead")).to_contain_text("cv/score")
    expect(table.locator("tbody tr").nth(2)).to_contain_text("100")
    table.get_by_role("link", name="candidate 1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("candidate 1")
    page.keyboard.press("u")
    expect(page.get_by_role("heading", level=1)).to_have_text("search")


def test_keys_choose_the_tab_and_the_address_keeps_it(open_run: Any, expect: Any) -> None:
    """Digits and brackets move between tabs; back leads to the one before."""
    page = open_run("whole")
    page.keyboard.press("2")
    expect(page.get_by_role("tab", selected=True)).to_contain_text("Params")
    page.keyboard.press("]")
    expect(page.get_by_role("tab", selected=True)).to_contain_text("Charts")
    page.go_back()
    expect(page.get_by_role("tab", selected=True)).to_contain_text("Params")
    page.keyboard.press("/")
    expect(page.get_by_label("Search params")).to_be_focused()


def test_tags_and_the_note_are_edited_in_place(open_run: Any, expect: Any, site: str) -> None:
    """What is changed on the page is in the store."""
    page = open_run("stopped")
    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_label("New tag").fill("checked")
    page.keyboard.press("Enter")
    expect(page.locator(".run-tags .tag")).to_have_text("checked")
    page.get_by_role("button", name="Write").click()
    page.get_by_label("Note in Markdown").fill("**seen**")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".notes strong")).to_have_text("seen")
    kept = json.load(urllib.request.urlopen(f"{site}api/runs/stopped"))
    assert (kept["tags"], kept["note"]) == (["checked"], "**seen**")


def test_the_page_fits_a_narrow_screen(open_run: Any, expect: Any) -> None:
    """Nothing makes a telephone scroll sideways."""
    page = open_run("whole")
    page.set_viewport_size({"width": 390, "height": 800})
    for tab in ("overview", "params", "plots", "data", "environment"):
        page = open_run("whole", tab)
        expect(page.locator(".state.loading")).to_have_count(0)
        wide = page.locator(".page").evaluate("e => e.scrollWidth - e.clientWidth")
        assert wide <= 1, tab


def test_a_running_run_grows_on_the_page(
    open_run: Any, expect: Any, site: str, store: Path, tmp_path: Path
) -> None:
    """New values and lines come by themselves, and the end is told."""
    stop = tmp_path / "stop"
    code = f"""
import pathlib, time, epochlog
with epochlog.start_run("growing") as run:
    step = 0
    while not pathlib.Path({str(stop)!r}).exists():
        run.log_metrics({{"loss": 1 / (step + 1)}}, step=step)
        print("at step", step, flush=True)
        step += 1
        time.sleep(0.2)
"""
    process = start_python(code, cwd=tmp_path, EPOCHLOG_STORE=str(store))
    _wait_for_run(site, "growing")
    page = open_run("growing")
    expect(page.locator(".ending.running")).to_be_visible()
    page.keyboard.press("9")
    line = page.get_by_text(re.compile(r"^at step \d+$")).last
    line.wait_for()
    seen = int(line.inner_text().rsplit(" ", maxsplit=1)[1])
    expect(page.get_by_text(f"at step {seen + 10}", exact=True)).to_be_visible()
    stop.touch()
    expect(page.locator(".run-title .badge")).to_have_text("completed")
    process.wait(60)


def _wait_for_run(site: str, name: str) -> None:
    """Wait until the store has a run: its process takes a while to start."""
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{site}api/runs/{name}").close()
        except urllib.error.HTTPError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(f"there is no run {name}")


def test_a_page_whose_code_does_not_come_says_so(
    page: Any, site: str, expect: Any, no_errors: list[str]
) -> None:
    """The rest of the application goes on, and the page opens once its code can be had."""
    page.route("**/RunPage-*.js", lambda route: route.abort())
    page.goto(f"{site}#/run/search")
    expect(page.get_by_role("alert")).to_contain_text("This page broke")
    page.get_by_role("link", name="Projects").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Projects")
    page.unroute("**/RunPage-*.js")
    page.goto(f"{site}#/run/search")
    expect(page.get_by_role("heading", level=1)).to_have_text("search")
    no_errors.clear()
