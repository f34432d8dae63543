"""The runs page in a real browser: table, filter, groups, charts, keys, links, live changes."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from processes import run_python, start_python

pytestmark = pytest.mark.slow

RECORD = (Path(__file__).parent / "recorded_runs.py").read_text(encoding="utf-8")
ROWS = ".grid-row:not(.waiting)"
PAINTED = """card => {
  const canvas = card.querySelector("canvas");
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let colored = 0;
  for (let i = 0; i < pixels.length; i += 4) {
    const [r, g, b, a] = pixels.slice(i, i + 4);
    if (a > 100 && Math.max(r, g, b) - Math.min(r, g, b) > 40) colored++;
  }
  return colored;
}"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with sweeps, failures, curves with NaN and names that attack."""
    folder = tmp_path_factory.mktemp("runs-page")
    done = run_python(RECORD, "all", cwd=folder, EPOCHLOG_STORE=str(folder / "store"))
    assert done.returncode == 0, done.stderr
    return folder / "store"


@pytest.fixture(scope="module")
def address(store: Path, serve: Callable[[Path], str]) -> str:
    """Where its server listens."""
    return serve(store)


@pytest.fixture
def live_run(store: Path, tmp_path: Path) -> Iterator[Path]:
    """A run that goes on until this file exists."""
    stop = tmp_path / "stop"
    process = start_python(RECORD, "live", str(stop), EPOCHLOG_STORE=str(store))
    yield stop
    stop.touch()
    process.wait(timeout=60)


def expect(what: Any) -> Any:
    """Playwright's assertions, which wait."""
    from playwright.sync_api import expect

    return expect(what)


def view(address: str, **params: Any) -> str:
    """Return the address of a view of the runs page."""
    return f"{address}#/runs?{urllib.parse.urlencode(params, doseq=True)}"


def names(page: Any) -> list[str]:
    """Return the shown names, in order from the top."""
    rows = page.locator(ROWS)
    expect(rows.first).to_be_visible()
    found = [(int(r.get_attribute("aria-rowindex")), r) for r in rows.all()]
    pairs = sorted(
        (index, row.locator(".run-name, .group-name").inner_text()) for index, row in found
    )
    return [name for _, name in pairs]


def card(page: Any, metric: str) -> Any:
    """Return the chart of a metric once its lines are drawn."""
    found = page.locator(f'.card[data-metric="{metric}"]')
    expect(found.locator(".chart[data-lines]")).to_be_visible()
    return found


def test_runs_and_their_curves_are_shown(page: Any, address: str):
    """Every run has a row, the first ones are drawn, and NaN and infinities don't stop that."""
    page.goto(address)

    expect(page.locator(".grid")).to_have_attribute("data-total", re.compile(r"1[23]"))
    chart = card(page, "train/loss")
    expect(chart.locator(".chart")).to_have_attribute("data-lines", re.compile(r"[5-9]|10"))
    assert chart.evaluate(PAINTED) > 200


def test_single_numbers_are_bars(page: Any, address: str):
    """A metric of which every run has one number gets a bar for each."""
    page.goto(view(address, find="test/accuracy", q='"sweep" in tags'))

    expect(page.locator('.card[data-metric="test/accuracy"] .scores li')).to_have_count(9)


def test_filter_narrows_the_table_and_the_address_says_it(page: Any, address: str):
    """A filter applies with Enter and is part of the address."""
    page.goto(address)
    expect(page.locator(ROWS).first).to_be_visible()
    page.get_by_label("Filter runs").fill("params.lr == 0.01")
    page.get_by_label("Filter runs").press("Enter")

    expect(page.locator(".grid")).to_have_attribute("data-total", "3")
    assert "params.lr" in urllib.parse.unquote_plus(page.url)
    page.go_back()
    expect(page.locator(".grid")).not_to_have_attribute("data-total", "3")


def test_wrong_filter_is_underlined(page: Any, address: str, no_errors: list[str]):
    """The mistake is marked at its place, with a sentence that says what it is."""
    page.goto(view(address, q="params.lr <"))

    expect(page.locator(".filter.wrong .underline u")).to_have_count(1)
    expect(page.locator(".filter-error")).to_contain_text("malformed")
    page.wait_for_load_state("networkidle")  # more than one question has the filter in it
    assert any("400" in each for each in no_errors)
    no_errors[:] = [each for each in no_errors if "400" not in each]


def test_filter_completes_names(page: Any, address: str):
    """While one types, names of the store are offered, and taken with the keyboard."""
    page.goto(address)
    field = page.get_by_label("Filter runs")
    field.press_sequentially("params.se")
    expect(page.get_by_role("option").first).to_contain_text("params.seed")
    field.press("ArrowDown")
    field.press("Tab")

    expect(field).to_have_value(re.compile(r"params\.seed"))


def test_click_on_a_title_sorts(page: Any, address: str):
    """Numbers come largest first, then smallest first."""
    page.goto(view(address, q='"sweep" in tags', col=["params.lr", "params.seed"], view="table"))
    title = page.locator('.grid-head-cell[data-column="params.lr"] .grid-title')
    title.click()
    expect(page.locator('[data-column="params.lr"]')).to_have_attribute("aria-sort", "ascending")
    expect(page.locator(ROWS).first).to_be_visible()
    page.wait_for_timeout(500)
    assert [name.split()[1] for name in names(page)[:3]] == ["lr=0.001"] * 3

    title.click()
    expect(page.locator('[data-column="params.lr"]')).to_have_attribute("aria-sort", "descending")
    expect(page.locator('.grid-row[aria-rowindex="2"] .run-name')).to_contain_text("lr=0.1 ")


def test_groups_have_means_and_open(page: Any, address: str):
    """Grouped by a param: one row a value with mean ± deviation, opened by the arrow key."""
    wanted = {"q": '"sweep" in tags', "group": "params.lr", "col": 'metrics["val/loss"]'}
    page.goto(view(address, **wanted))

    expect(page.locator(".grid")).to_have_attribute("data-total", "3")
    assert names(page) == ["lr = 0.001", "lr = 0.01", "lr = 0.1"]
    expect(page.locator(ROWS).first).to_contain_text("±")
    card(page, "val/loss").locator('.chart[data-lines="3"]').wait_for()
    page.locator(".grid").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".grid")).to_have_attribute("data-total", "6")
    expect(page.locator('.grid-row[aria-level="2"]')).to_have_count(3)


def test_link_opens_the_same_view(page: Any, address: str):
    """Filter, order, columns, smoothing and x axis come back from the address alone."""
    page.goto(
        view(
            address,
            q="params.seed == 1",
            sort="-params.lr",
            col="params.lr",
            smooth="0.6",
            x="relative",
        )
    )

    expect(page.locator(".grid")).to_have_attribute("data-total", "3")
    assert names(page) == ["sweep lr=0.1 seed=1", "sweep lr=0.01 seed=1", "sweep lr=0.001 seed=1"]
    expect(page.get_by_label("x axis")).to_have_value("relative")
    expect(page.locator(".smoothing output")).to_have_text("0.60")
    expect(page.get_by_label("Filter runs")).to_have_value("params.seed == 1")


def test_dragging_zooms_all_charts_and_back(page: Any, address: str):
    """A dragged range is in the address; the button leads back to the whole."""
    page.goto(view(address, q='"sweep" in tags', find="train/loss"))
    box = card(page, "train/loss").locator(".u-over").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 50, steps=4)
    page.mouse.up()

    whole = page.get_by_role("button", name="Whole range")
    expect(whole).to_be_visible()
    low, high = map(float, re.search(r"range=([\d.]+)%2C([\d.]+)", page.url).groups())
    assert 60 < low < 110 < 160 < high < 200
    whole.click()
    expect(whole).to_have_count(0)


def test_pointer_shows_values_of_the_nearest_lines(page: Any, address: str):
    """The tooltip names the run and its value."""
    page.goto(view(address, q="params.lr == 0.1 and params.seed == 0", find="train/loss"))
    box = card(page, "train/loss").locator(".u-over").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)

    expect(page.locator(".chart-tip")).to_contain_text("sweep lr=0.1 seed=0")


def test_keys_lead_everywhere(page: Any, address: str):
    """Arrows move, space ticks, Enter opens, / goes to the filter, ? lists the keys."""
    page.goto(view(address, q='"sweep" in tags', view="table"))
    expect(page.locator(ROWS).first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.locator(".grid-row.ticked")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Compare")).to_be_enabled()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Keyboard shortcuts")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_label("Filter runs")).to_be_focused()


def test_baseline_gives_differences(page: Any, address: str):
    """With a baseline, numbers of other runs have their difference beside them."""
    wanted = {"q": "params.seed == 0 and params.lr < 1", "col": "params.lr", "view": "table"}
    page.goto(view(address, **wanted))
    expect(page.locator(ROWS).first).to_be_visible()
    page.locator(".grid").focus()
    page.keyboard.press("b")

    expect(page.locator(".grid-row.baseline")).to_have_count(1)
    expect(page.locator(".grid-row .delta").first).to_contain_text(re.compile("[+−]0.0"))


def test_runs_appear_and_go_on_by_themselves(page: Any, address: str, live_run: Path):
    """A run that starts while the page is open shows up, is drawn, and ends before one's eyes."""
    page.goto(view(address, q='name == "live run"', find="live/loss"))
    row = page.locator(".grid-row.is-running")
    expect(row).to_have_count(1)
    chart = card(page, "live/loss")
    expect(chart.locator('.chart[data-lines="1"]')).to_be_visible()
    live_run.touch()

    expect(page.locator(".grid-row.is-completed")).to_have_count(1)


def test_names_that_attack_are_only_text(page: Any, address: str):
    """Markup in names, tags, params and metrics is shown as it is written and runs nothing."""
    page.goto(view(address, q='contains(name, "onerror")', col=["tags", "params.long"]))

    assert names(page) == ["<img src=x onerror=alert(1)>"]
    expect(page.locator(".grid .tag")).to_have_text("<img src=x onerror=alert(1)>tag")
    expect(page.locator(".card h3").first).to_contain_text("<img src=x")
    assert page.locator("#root img").count() == 0


def test_params_decide_colour_dash_and_chart(page: Any, address: str):
    """Runs of one value share a colour, in table and charts; a chart for each seed, on one axis."""
    wanted = {"q": '"sweep" in tags', "find": "train/loss", "color": "params.lr"}
    page.goto(view(address, **wanted, dash="params.seed", facet="params.seed"))
    facets = page.locator('.card[data-metric="train/loss"] figure')

    expect(facets).to_have_count(3)
    expect(facets.locator('.chart[data-lines="3"]')).to_have_count(3)
    expect(facets.first).to_contain_text("seed = 0")
    expect(page.get_by_role("list", name="Colours by lr").locator("li")).to_contain_text(
        ["lr", "0.001", "0.01", "0.1"]
    )
    expect(page.get_by_role("list", name="Dashes by seed").locator("li")).to_have_count(4)
    discs = page.locator(f"{ROWS} .disc").evaluate_all("all => all.map(d => d.style.cssText)")
    assert len(discs) == 9
    assert len(set(discs)) == 3


def test_a_chart_is_read_as_a_table(page: Any, address: str):
    """The table has the numbers that the lines are drawn from."""
    page.goto(view(address, q="params.lr == 0.1 and params.seed == 0", find="val/loss"))
    card(page, "val/loss").get_by_role("button", name="val/loss: show as a table").press("Enter")
    rows = page.get_by_role("region", name="val/loss, as a table").get_by_role("row")

    expect(rows).to_have_count(16)
    expect(rows.nth(1)).to_contain_text(re.compile(r"sweep lr=0.1 seed=0\s*19\s*1\.[4-6]"))


def test_palette_leads_to_runs_and_columns(page: Any, address: str):
    """Ctrl-K finds a run by a piece of its name and sorts by a column, with the keyboard alone."""
    page.goto(view(address, view="table"))
    expect(page.locator(ROWS).first).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Command").fill("sort by lr")
    expect(page.get_by_role("option", name="Sort by lr")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.locator('[data-column="params.lr"]')).to_have_attribute("aria-sort", "ascending")

    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Command").fill("LR=0.1 SEED=2")
    expect(page.get_by_role("option", name="sweep lr=0.1 seed=2")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("sweep lr=0.1 seed=2")


def test_a_view_is_named_and_found_again(page: Any, address: str):
    """A named view comes back after a reload, from its menu; forgotten, it is gone."""
    page.goto(view(address, q="params.seed == 1", view="table"))
    expect(page.locator(".grid")).to_have_attribute("data-total", "3")
    page.get_by_role("button", name="Saved views").click()
    page.get_by_label("Name of this view").fill("seed one")
    page.keyboard.press("Enter")
    page.goto(f"{address}#/artifacts")
    page.reload()
    page.get_by_role("button", name="Saved views").click()
    page.get_by_role("link", name="seed one").click()
    expect(page.locator(".grid")).to_have_attribute("data-total", "3")

    page.get_by_role("button", name="Saved views").click()
    page.get_by_role("button", name="Forget the view seed one").click()
    expect(page.get_by_role("link", name="seed one")).to_have_count(0)


def test_ticked_runs_are_tagged_archived_and_restored(page: Any, address: str):
    """What is done to ticked runs shows in the table at once, and can be taken back."""
    page.goto(view(address, q="params.seed == 2 and params.lr == 0.1", col="tags", view="table"))
    row = page.locator(ROWS)
    expect(row).to_have_count(1)
    page.locator(".grid").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Tag ticked runs").click()
    page.get_by_label("Tags, separated by commas").fill("good one")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(row.locator(".tag")).to_have_text(["good one", "sweep"])

    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_text("No run fits this filter")).to_be_visible()
    page.goto(view(address, q='"good one" in tags', bin=1, view="table"))
    expect(row).to_have_count(1)
    page.locator(".grid").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Restore").click()
    page.goto(view(address, q='"good one" in tags', view="table"))
    expect(row).to_have_count(1)


def test_projects_lead_to_their_runs(page: Any, address: str):
    """A project's card counts its runs by state; each count opens those runs."""
    page.goto(f"{address}#/projects")
    project = page.get_by_role("region", name="Project default")
    expect(project).to_contain_text("runs started in the last 30 days")
    project.get_by_role("link", name="1 failed").click()

    expect(page.locator(".grid")).to_have_attribute("data-total", "1")
    assert names(page) == ["broken"]


PAGES = ["projects", "runs?view=charts", "study", "compare", "artifacts", "nowhere"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_open_without_an_error(page: Any, address: str, path: str, scheme: str):
    """Each page loads, light and dark, without a word in the console."""
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{address}#/{path}")

    expect(page.locator(".topbar")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-theme", scheme)
    page.wait_for_timeout(500)


def test_narrow_screens_show_one_side_at_a_time(page: Any, address: str):
    """On a phone the table comes first, the charts are a tap away, nothing is wider than the screen."""
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(address)
    expect(page.locator(ROWS).first).to_be_visible()
    expect(page.locator(".chart-side")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    page.locator(".narrow-only").get_by_role("radio", name="Charts").click()
    expect(page.locator(".chart-side")).to_be_visible()
