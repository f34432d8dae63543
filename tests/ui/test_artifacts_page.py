"""Artifacts and lineage in a real browser: lists, safe looks at hostile files, the graph by keys."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import Any

import pytest

pytestmark = pytest.mark.slow

FILL = r"""
import epochlog
import numpy

EVIL = "<script>document.title = 'evil'; parent.document.title = 'evil'</script>"
data = numpy.arange(40.0).reshape(20, 2)
with epochlog.start_run("maker", kind="fit") as run:
    run.log_dataset(data, "numbers", role="train")
    run.log_model(b"first", "net", format="bytes", meta={"layers": 2})
    run.log_artifact(("<h1>report</h1>" + EVIL).encode(), "report.html")
    run.log_artifact(("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>" + EVIL +
                      "<rect width='9' height='9'/></svg>").encode(), "picture.svg")
    run.log_artifact(b"a,b\n1,<b>2</b>\n", "table.csv")
    run.log_artifact(b"x", "../../" + "<img src=x onerror=alert(1)>")
with epochlog.start_run("second", kind="fit") as run:
    run.log_dataset(data, "numbers", role="train")
    run.log_model(b"second", "net", format="bytes", meta={"layers": 3})
for i in range(30):
    with epochlog.start_run(f"trial {i}", kind="trial") as run:
        run.log_dataset(data, "numbers", role="test")
"""


def _artifact(ui: str, name: str) -> str:
    with urllib.request.urlopen(f"{ui}api/artifacts?limit=100", timeout=60) as answer:
        found = json.load(answer)["artifacts"]
    return str(next(each["id"] for each in found if each["name"] == name))


def test_artifacts_are_listed_by_type_and_found_by_name(page: Any, ui: str) -> None:
    """Types with their counts, the newest version of each, and a search that the address holds."""
    from playwright.sync_api import expect

    page.goto(f"{ui}#/artifacts")
    expect(page.get_by_role("link", name="net", exact=True)).to_be_visible()
    page.get_by_role("navigation", name="Types of artifacts").get_by_text("dataset").click()
    expect(page.get_by_role("link", name="numbers")).to_be_visible()
    expect(page.get_by_role("link", name="net", exact=True)).to_have_count(0)
    page.goto(f"{ui}#/artifacts")
    page.get_by_label("Find artifacts by name").fill("report")
    expect(page.get_by_role("link", name="report.html")).to_be_visible()
    expect(page.get_by_role("link", name="net", exact=True)).to_have_count(0)
    assert "search=report" in page.url


def test_versions_tell_what_differs_between_them(page: Any, ui: str) -> None:
    """The second model has other meta data than the first, made by another run."""
    from playwright.sync_api import expect

    page.goto(f"{ui}#/artifact/{_artifact(ui, 'net')}?tab=versions")
    changes = page.locator("table.changes")
    expect(changes.get_by_role("row").filter(has_text="meta.layers")).to_contain_text("+1")
    expect(changes.get_by_role("row").filter(has_text="made by")).to_contain_text("second")
    page.get_by_role("link", name="v1", exact=True).click()
    expect(page.locator(".artifact-title")).to_contain_text("v1")


@pytest.mark.parametrize("name", ["report.html", "picture.svg"])
def test_scripts_in_files_never_run(page: Any, ui: str, name: str, no_errors: list[str]) -> None:
    """HTML is shown without scripts, SVG as a picture; the page around keeps its title."""
    from playwright.sync_api import expect

    page.goto(f"{ui}#/artifact/{_artifact(ui, name)}")
    if name.endswith("html"):
        frame = page.locator("iframe")
        expect(frame).to_have_attribute("sandbox", "")
        expect(page.frame_locator("iframe").get_by_role("heading", name="report")).to_be_visible()
        # Chromium says that it blocked the script.
        no_errors[:] = [each for each in no_errors if "Blocked script" not in each]
    else:
        picture = page.get_by_role("img", name=name)
        expect(picture).to_be_visible()
        assert picture.evaluate("image => image.naturalWidth") == 9
    assert "evil" not in page.title()


def test_names_are_text_wherever_they_stand(page: Any, ui: str) -> None:
    """A name that is markup and a path is shown as it is, in the list and on its own page."""
    from playwright.sync_api import expect

    page.goto(f"{ui}#/artifacts?search=onerror")
    link = page.get_by_role("link", name="<img src=x onerror=alert(1)>")
    expect(link).to_be_visible()
    link.click()
    expect(page.get_by_role("heading", name="onerror=alert(1)").first).to_be_visible()
    assert page.locator("img[src=x]").count() == 0


def test_a_table_is_shown_as_a_table(page: Any, ui: str) -> None:
    """CSV has rows and columns; what looks like markup stays text."""
    from playwright.sync_api import expect

    page.goto(f"{ui}#/artifact/{_artifact(ui, 'table.csv')}")
    expect(page.locator(".preview")).to_contain_text("<b>2</b>")


def test_lineage_folds_what_is_alike_and_unfolds(page: Any, ui: str) -> None:
    """Thirty trials of one data set are one box until somebody wants to see them."""
    from playwright.sync_api import expect

    page.goto(f"{ui}#/artifact/{_artifact(ui, 'numbers')}?tab=lineage")
    folded = page.get_by_role("button", name="30 runs of kind trial: unfold")
    expect(folded).to_be_visible()
    folded.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="run trial 7, trial")).to_be_attached()
    page.get_by_role("button", name="Fold again").click()
    expect(folded).to_be_visible()


def test_lineage_is_walked_with_arrow_keys(page: Any, ui: str) -> None:
    """Right follows a line to what was made, left goes back, Enter opens."""
    from playwright.sync_api import expect

    page.goto(f"{ui}#/lineage/artifact:{_artifact(ui, 'net')}")
    start = page.locator(".lineage-node.self")
    expect(start).to_be_visible()
    start.focus()
    page.keyboard.press("ArrowLeft")
    maker = page.get_by_role("link", name="run second, fit")
    expect(maker).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".lineage-node.artifact:not(.self):focus")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#/run/"))


def test_lineage_is_told_in_words(page: Any, ui: str) -> None:
    """What the picture shows stands below it as text with links."""
    from playwright.sync_api import expect

    page.goto(f"{ui}#/lineage/artifact:{_artifact(ui, 'net')}")
    page.get_by_text("The same as text").click()
    told = page.locator(".lineage-text li").filter(has_text="second")
    expect(told).to_contain_text("numbers v1")
    expect(told).to_contain_text("; made net v2.")
