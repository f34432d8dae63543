"""How soon the web UI is on the screen, in a real headless Chromium: tables, curves, comparisons, live."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from suite.browser import Tab, browser, chromium
from suite.children import MeasurementFailed, measure
from suite.results import Options, Row, facts, rows_of
from suite.served import Served, record_long, record_many

RUNS, RUNS_QUICK = 100_000, 2_000
POINTS, POINTS_QUICK = 1_000_000, 100_000
LINES, LINE_POINTS, COMPARED, PARAMS = 200, 1_000, 100, 500
WRITERS, LIVE_S, TIDY_S = 16, 20.0, 90.0
REPEATS, CURVES = 5, 3
TICKING_S = 3.0
"""Nobody ticks runs faster; the page of runs is at rest by then."""
SPIKE = 40.0
SPIKES = (0.137, 0.31, 0.5003, 0.723, 0.9411)
"""Where the planted spikes are, as shares of the curve."""

LIVE = """
import sys, time, epochlog
from pathlib import Path
with epochlog.start_run("live") as run:
    print(run.id, flush=True)
    step = 0
    while not Path(sys.argv[1]).exists():
        run.log_metrics({"loss": 1 / (step + 1), "accuracy": step / (step + 9), "lr": 0.1}, step=step)
        step += 1
        time.sleep(0.1)
"""
WRITE = """
import sys, epochlog
for i in range(4):
    with epochlog.start_run(f"w{sys.argv[1]}-{i}") as run:
        run.log_params({"i": i, "writer": int(sys.argv[1])})
        for step in range(400):
            run.log_metrics({"loss": 1 / (step + 1)}, step=step)
    epochlog.flush()
"""

Found = dict[str, dict[str, Any]]


def benchmark(options: Options) -> Iterator[Row]:
    """Look at three stores through the real command and a real browser."""
    if chromium() is None:
        options.say("ui_browser: left out, there is no Chromium here (apt-get install chromium)")
        return
    for target, size in (
        ("time_tables", [RUNS_QUICK, POINTS_QUICK] if options.quick else [RUNS, POINTS]),
        ("time_curves", [40, POINTS_QUICK] if options.quick else [LINES, POINTS]),
        ("time_live", [4, 3] if options.quick else [WRITERS, int(LIVE_S)]),
    ):
        options.say(f"ui_browser: {target.removeprefix('time_')}")
        try:
            found = measure(f"cases.ui_browser:{target}", cache=options.cache, size=size)
        except MeasurementFailed as error:
            options.failures.append((f"ui_browser {target}", str(error)))
            continue
        yield from rows_of("ui_browser", found)


# --- tables


def time_tables(cache: str, size: list[int], folder: str) -> Found:
    """Return how the table of many runs does; in a child process."""
    import bench_query

    runs, points = size
    root = bench_query.build(Path(cache), runs, points).root
    found: Found = {}
    with Served(root) as server, browser() as chrome:
        taken = []
        for _ in range(REPEATS):
            with Tab(chrome) as tab:
                tab.open(server.url)
                taken.append(tab.ask("() => probe.start"))
        note = f"the first time after the server started: {taken[0]:.0f} ms"
        found[f"{runs:,} runs, first rows on the screen"] = facts(taken, "ms", 1000.0, note)
        with Tab(chrome) as tab:
            tab.open(f"{server.url}#/runs?{_columns()}")
            tab.ask("() => probe.start")
            found |= _sorts(tab)
            found |= _filters(tab)
            found |= _scrolls(tab)
            found["complaints of the browser, tables"] = _complaints(tab)
    return found


def _columns() -> str:
    shown = ["status", *(f'metrics["val/m{i:02}"]' for i in range(5)), "params.p00", "params.p03"]
    return urllib.parse.urlencode([("view", "table"), *(("col", each) for each in shown)])


_SORT = """async (id) => {
  const before = probe.first(), total = probe.total();
  const began = performance.now();
  document.querySelector(`[data-head="${CSS.escape(id)}"]`).click();
  const at = await probe.until(() => probe.total() === total && probe.filled() && probe.first() !== before);
  return at - began;
}"""
_FILTER = """async (given) => {
  const total = probe.total(), input = document.querySelector("input[role=combobox]");
  const began = performance.now();
  input.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
  const at = await probe.until(() => probe.total() !== total && probe.total() > 1 && probe.filled());
  return at - began;
}"""


def _sorts(tab: Tab) -> Found:
    metrics = [tab.ask(_SORT, f'metrics["val/m{i:02}"]') for i in (0, 1, 2, 3, 4)]
    again = [tab.ask(_SORT, f'metrics["val/m{i:02}"]') for i in (4, 4, 4, 4, 4)]
    params = [tab.ask(_SORT, each) for each in ("params.p00", "params.p03") for _ in "ab"]
    return {
        "sorted by a metric, each for the first time": facts(metrics, "ms", 300.0),
        "sorted by the same the other way round": facts(again, "ms", 300.0),
        "sorted by a param": facts(params, "ms", 300.0),
    }


def _filters(tab: Tab) -> Found:
    wheres = {
        "filtered by a metric": [f'metrics["val/m05"].last > 0.{i}' for i in (5, 6, 7, 8)],
        "filtered by text and tag": [
            f'params.p03 == "{word}" and "{tag}" in tags'
            for word, tag in (("adam", "half"), ("sgd", "common"), ("lion", "half"))
        ],
        "filtered by status and param": [
            f'status == "completed" and params.p00 > {low}' for low in (0.1, 0.01, 0.001)
        ],
    }
    found: Found = {}
    for quantity, texts in wheres.items():
        taken = []
        for text in texts:
            tab.page.get_by_role("combobox", name="Filter runs").fill(text)
            time.sleep(0.5)  # completions come while one types
            taken.append(tab.ask(_FILTER))
        found[quantity] = facts(taken, "ms", 300.0)
    tab.page.get_by_role("combobox", name="Filter runs").fill("")
    tab.ask(_FILTER)
    return found


def _scrolls(tab: Tab) -> Found:
    jumps = [tab.ask("(share) => probe.jump(share)", share) for share in (0.5, 0.9, 0.2, 0.7, 0.35)]
    found = {"jump to another place, until filled": facts(jumps, "ms", 300.0)}
    for name, speed in (("by wheel", 5_000), ("fast", 15_000), ("dragging the bar", 200_000)):
        tab.ask("() => probe.jump(0)")
        seen = tab.ask(f"() => probe.scroll({speed}, 4)")
        blank = 100 * seen["blank"] / seen["frames"]
        note = f"{seen['frames']} frames, {seen['frame_ms']:.0f} ms each, p95 {seen['slow_ms']:.0f}"
        target = None if speed > 100_000 else 0.0
        quantity = f"scrolling {name} ({speed / 28:,.0f} rows/s), frames with a blank row"
        found[quantity] = facts([blank], "%", target, note)
    return found


# --- curves and comparisons


def time_curves(cache: str, size: list[int], folder: str) -> Found:
    """Return how charts and comparisons do; in a child process."""
    lines, points = size
    root = record_many(Path(folder), lines, LINE_POINTS, PARAMS)
    places = [int(share * points) for share in SPIKES]
    long_run = record_long(root, points, CURVES, dict.fromkeys(places, SPIKE))
    found: Found = {}
    with Served(root) as server, browser() as chrome:
        ids = server.ask("runs/ids", {"where": 'name != "long"', "limit": LINES})["ids"]
        with Tab(chrome) as tab:
            found["server at rest, its page open"] = _at_rest(tab, server)
            found |= _many_lines(tab, server, len(ids))
            found |= _long_line(tab, server, long_run, places, points)
            found |= _comparison(tab, server, ids[:COMPARED])
            found["complaints of the browser, curves"] = _complaints(tab)
        after = server.memory_mb()
        rest_s = TIDY_S if lines == LINES else 1.0
        time.sleep(rest_s)
        quantity = f"server at rest, {rest_s:.0f} s after all this"
        found[quantity] = facts([server.memory_mb()], "MB", 120.0, f"right after: {after:.0f} MB")
    return found


def _at_rest(tab: Tab, server: Served) -> dict[str, Any]:
    tab.open(server.url)
    tab.ask("() => probe.start")
    return facts([server.memory_mb()], "MB", 120.0)


_DRAWN = "([ending, since]) => probe.drawn(ending, since)"


def _many_lines(tab: Tab, server: Served, lines: int) -> Found:
    """Charts of many runs: from the answer to the picture, and in all."""
    drawn, whole = [], []
    for _ in range(REPEATS):
        where = urllib.parse.quote('name != "long"')
        tab.open(f"{server.url}#/runs?first={lines}&find=loss&q={where}")
        seen = tab.ask(_DRAWN, ["/api/series", 0])
        tab.ask(
            f"() => probe.until(() => document.querySelector('.chart[data-lines=\"{lines}\"]'))"
        )
        drawn.append(seen["at"] - seen["answered"])
        whole.append(seen["at"] - seen["asked"])
    again = [tab.ask(_REDRAW) for _ in range(REPEATS * 2)]
    name = f"{lines} runs × {LINE_POINTS:,} points"
    return {
        f"{name}, drawn": facts(drawn, "ms", 200.0, "from the answer to the picture"),
        f"{name}, asked and drawn": facts(whole, "ms", None),
        f"{name}, drawn again (log axis)": facts(again, "ms", 200.0),
    }


_REDRAW = """async () => {
  const began = performance.now();
  document.querySelector(".card button.log").click();
  return (await probe.until(() => probe.framed > began && probe.stroked > began)) - began;
}"""


def _long_line(tab: Tab, server: Served, run: str, places: list[int], points: int) -> Found:
    """A curve of many points: first picture, zoom by mouse, spikes."""
    first, notes = [], []
    for place in range(CURVES):
        tab.open(f"{server.url}#/run/{run}?tab=charts&metric=c{place}")
        seen = tab.ask(_DRAWN, ["/api/series", 0])
        first.append(seen["at"] - seen["asked"])
        notes.append(seen["at"])
    lost = sum(not _peak(tab, place, (0, points - 1)) for place in places)
    zoomed = [_zoom(tab, share) for share in (0.3, 0.4, 0.25, 0.35, 0.45)]
    quarter = (int(0.25 * points), int(0.4 * points))
    tab.open(f"{server.url}#/run/{run}?tab=charts&metric=c0&range={quarter[0]}~{quarter[1]}")
    tab.ask(_DRAWN, ["/api/series", 0])
    inside = [place for place in places if quarter[0] < place < quarter[1]]
    lost += sum(not _peak(tab, place, quarter) for place in inside)
    name = f"{points:,} points"
    opened = f"since the page's address was entered: {min(notes):.0f} ms"
    return {
        f"{name}, asked and drawn": facts(first, "ms", 300.0, opened),
        f"{name}, zoomed": facts(zoomed, "ms", 200.0, "from letting the mouse go to all detail"),
        f"{name}, spikes lost of {len(places) + len(inside)}": facts([lost], "", 0.0),
    }


def _peak(tab: Tab, place: int, shown: tuple[int, int]) -> bool:
    """Whether there is colour where the top of a spike must be, in the upper third of the chart."""
    low, high = shown
    air = 0.01 * (high - low) if low == 0 else 0.0
    share = (place - low + air) / (high - low + 2 * air)
    return bool(tab.ask("([share]) => probe.peak(share, 0.33)", [share]) > 40)


def _zoom(tab: Tab, share: float) -> float:
    """Drag over a part of the chart; return the time until that part is drawn in full."""
    box = tab.page.locator(".chart .u-over").bounding_box()
    mouse, y = tab.page.mouse, box["y"] + box["height"] / 2
    tab.ask("() => addEventListener('mouseup', (e) => { probe.released = e.timeStamp; }, true)")
    mouse.move(box["x"] + share * box["width"], y)
    mouse.down()
    mouse.move(box["x"] + (share + 0.2) * box["width"], y, steps=4)
    mouse.up()
    seen = tab.ask("() => probe.drawn('/api/series', probe.released)")
    taken = seen["at"] - tab.ask("() => probe.released")
    tab.page.mouse.dblclick(box["x"] + box["width"] / 2, y)
    tab.ask("() => probe.until(() => !location.hash.includes('range'))")
    time.sleep(0.5)
    return float(taken)


_COMPARE = """async (hash) => {
  const began = performance.now();
  location.hash = hash;
  return (await probe.until(() => document.querySelectorAll(".compare-row").length > 10)) - began;
}"""


def _comparison(tab: Tab, server: Served, ids: list[str]) -> Found:
    taken = []
    for _ in range(REPEATS):
        tab.open(server.url)
        tab.ask("() => probe.start")
        time.sleep(TICKING_S)
        taken.append(tab.ask(_COMPARE, f"#/compare?runs={','.join(ids)}"))
    quantity = f"{len(ids)} runs × {PARAMS} params compared"
    return {quantity: facts(taken, "ms", 500.0, "from the click on the page of runs")}


# --- live


def time_live(cache: str, size: list[int], folder: str) -> Found:
    """Return what a run that goes on costs, and whether many writers disturb; in a child process."""
    writers, seconds = size
    root = record_many(Path(folder), 20, 100, 20)
    found: Found = {}
    with Served(root) as server, browser() as chrome:
        found |= _going_on(chrome, server, Path(folder), float(seconds))
        found |= _written_to(chrome, server, writers)
    return found


def _python(code: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True)


def _going_on(chrome: Any, server: Served, folder: Path, seconds: float) -> Found:
    """One run that logs three metrics ten times a second, on the pages that show it."""
    found: Found = {}
    stop = folder / "stop"
    process = _python(LIVE, str(stop))
    run = process.stdout.readline().strip() if process.stdout else ""
    time.sleep(2)
    pages = {
        "nobody looks": "",
        "on the page of runs": "#/runs?first=5",
        "on its own page": f"#/run/{run}?tab=charts",
    }
    try:
        for where, view in pages.items():
            quantity = f"a live run, {where}: server's share of a core"
            with Tab(chrome) as tab:
                found[quantity] = _share(tab, server, view, seconds)
    finally:  # whatever fails, the run would go on for ever
        stop.touch()
        process.communicate(timeout=60)
    return found


def _share(tab: Tab, server: Served, view: str, seconds: float) -> dict[str, Any]:
    """What the server takes while a tab shows this view; "" shows nothing."""
    if view:
        tab.open(server.url + view)
        tab.ask(_DRAWN, ["/api/series", 0])
    time.sleep(8)  # the page's own first questions are none of the run's
    before = tab.ask("() => performance.now()")
    share = server.share(seconds)
    asked = tab.ask("(since) => probe.answers('', since).length", before) if view else 0
    return facts([share], "%", 1.0, f"{asked} questions in {seconds:.0f} s")


def _written_to(chrome: Any, server: Served, writers: int) -> Found:
    """Processes that write while somebody looks: errors on either side, and how the table does."""
    processes = [_python(WRITE, str(number)) for number in range(writers)]
    taken = []
    with Tab(chrome) as tab:
        tab.open(f"{server.url}#/runs?col=metrics.loss&col=params.p001&first=5")
        tab.ask("() => probe.start")
        while any(process.poll() is None for process in processes):
            began = time.perf_counter()
            tab.page.locator('[data-head="metrics.loss"]').click()
            tab.ask("() => probe.until(() => probe.filled())")
            taken.append((time.perf_counter() - began) * 1e3)
        complaints = list(tab.complaints)
    errors = [process.communicate(timeout=60)[1] for process in processes]
    complaints += [text for text in errors if "locked" in text or "Traceback" in text]
    total = server.ask("runs", {"columns": [], "where": 'startswith(name, "w")'})["total"]
    missing = writers * 4 - total
    note = f"{len(taken)} sorts meanwhile; {'; '.join(complaints)[:300]}"
    name = f"{writers} processes write"
    return {
        f"{name}: errors on either side": facts([len(complaints)], "", 0.0, note),
        f"{name}: runs that did not arrive": facts([missing], "", 0.0),
        f"{name}: a sort, as the reader sees it": facts(taken or [0.0], "ms"),
    }


def _complaints(tab: Tab) -> dict[str, Any]:
    return facts([len(tab.complaints)], "", 0.0, "; ".join(tab.complaints)[:300])
