"""The views of ``epochlog top`` as text: what they say, and that they fit."""

from __future__ import annotations

import dataclasses

import pytest

from epochlog.cli.formats import cell_width
from epochlog.cli.screen import Screen
from epochlog.cli.top.cards import Card, Curve, Detail, Gpu, Hardware, Scene
from epochlog.cli.top.listing import snapshot_lines
from epochlog.cli.top.state import State
from epochlog.cli.top.views import screen_lines
from epochlog.query.console import ConsoleLine
from epochlog.query.progress import Below, Progress

NOW = 1_000_000.0
CURVE = Curve("val/loss", 0.25, 0.2, 0.2, 1.0, 12, 0, [1.0, 0.5, 0.3, 0.25])
HARDWARE = Hardware(
    cpu_percent=380.0,
    memory_bytes=3 * 2**30,
    machine_cpu_percent=50.0,
    machine_memory_bytes=2**33,
    machine_memory_percent=25.0,
    gpus=(Gpu("0", 93.0, 11 * 2**30, 46.0, 10 * 2**30, 90.0), Gpu("1", 3.0)),
)
OPEN = Card(
    pk=1, id="a", name="alpha", status="running", source="keras", host="box", pid=12,
    started=NOW - 100, heard=NOW - 1, curves=(CURVE,), hardware=HARDWARE,
    progress=Progress("epoch", 10.0, 40.0, 0.1, NOW - 1, 10.0, True),
)  # fmt: skip
SEARCH = Card(
    pk=2, id="s", name="search 日本語の名前がとても長い", status="running", started=NOW - 50,
    heard=NOW, hidden=5, below=Below("trial", {"completed": 3}),
    progress=Progress("trial", 3.0, None, 0.05, NOW),
)  # fmt: skip
BELOW = Card(pk=3, id="t", name="trial 3", status="running", level=1, started=NOW, heard=NOW)
ENDED = Card(
    pk=4, id="e", name="old \x1b[31m name", status="completed", started=NOW - 900,
    ended=NOW - 600, heard=NOW - 600, result=("test/accuracy", 0.9),
)  # fmt: skip
LOST = dataclasses.replace(
    OPEN, pk=5, id="l", name="gone", status="lost", reason="the process ended without a word"
)
SCENE = Scene("/store", (OPEN, SEARCH, BELOW, LOST, ENDED), None, "", {"running": 2, "lost": 1})
DETAIL = Detail(
    card=OPEN,
    curves=(CURVE, dataclasses.replace(CURVE, name="test/accuracy", count=1)),
    system=(dataclasses.replace(CURVE, name="process/memory_bytes", last=2.0**30),),
    params={"lr": 0.1, "text": "x" * 300, "nested.deep": [1, 2]},
    console=[ConsoleLine(i + 1, None, "stdout", f"line {i} " + "日" * 60) for i in range(100)],
    unfinished="half",
    notices=(("warning", "a notice " * 30),),
)


def state(**values: object) -> State:
    """Return a state."""
    return State(check=lambda text: "", **values)  # type: ignore[arg-type]


def view(screen: Screen, rows: int = 24, scene: Scene = SCENE, **values: object) -> list[str]:
    """Return the lines of a screen."""
    return screen_lines(scene, state(**values), screen, rows, NOW)


@pytest.mark.parametrize("mode", ["list", "run", "console", "help"])
@pytest.mark.parametrize("rich", [True, False])
@pytest.mark.parametrize("rows", [1, 8, 40])
@pytest.mark.parametrize("width", [40, 63, 80, 200])
def test_everything_fits(mode: str, rich: bool, rows: int, width: int) -> None:
    """No view has a line too wide or a line too many, and without rich nothing but ASCII."""
    scene = dataclasses.replace(SCENE, detail=DETAIL, error="can't be read " * 20)
    lines = view(
        Screen(width, False, rich), rows, scene, view=mode, chosen="a", moved=True,
        message="one\ntwo " * 30, where="params.lr < 1 " * 20,
    )  # fmt: skip

    assert len(lines) == rows
    assert [line for line in lines if cell_width(line) > width] == []
    assert not any("\x1b" in line for line in lines)
    if not rich:
        assert set("".join(lines)) - set("日本語の名前がとても長い") <= set(map(chr, range(128)))


def test_a_run_that_is_open() -> None:
    """Progress, rate, time left, curves and hardware stand together."""
    text = "\n".join(view(Screen(160, False), 30))

    assert "epoch 10/40" in text
    assert "25 %" in text
    assert "6/min" in text
    assert "≤ 4m59s left" in text
    assert "val/loss 0.25    █▃▁▁" in text
    assert (
        "cpu 380 %  mem 3.0 GiB  gpu0 93 % 11.0 GiB (46 %) (own 90 %, 10.0 GiB)  gpu1 3 %" in text
    )
    assert "5 more running below" in text
    assert "└ trial 3" in text
    assert "test/accuracy 0.9" in text
    assert "process gone" in text
    assert "at epoch 10/40" in text
    assert r"old \x1b[31m name" in text


def test_what_is_not_known_is_not_shown() -> None:
    """A run without a total has no bar and no time left."""
    lines = view(Screen(160, False), 30, Scene("", (SEARCH,)))
    row = next(line for line in lines if "search" in line)

    assert "trial 3" in row
    assert "%" not in row
    assert "left" not in row


@pytest.mark.parametrize(
    ("heard", "point", "shown"),
    [
        (NOW - 5, NOW - 5, "● running"),
        (NOW - 61, NOW - 5, "! silent"),
        (NOW - 5, NOW - 190, "● running"),  # points come every 10 s: 20 of those are 200 s
        (NOW - 5, NOW - 201, "! quiet"),
    ],
)
def test_trouble_is_marked(heard: float, point: float, shown: str) -> None:
    """Runs whose process says nothing, or that make no progress, are told apart."""
    progress = Progress("epoch", 10.0, 40.0, 0.1, point, 10.0)
    card = dataclasses.replace(OPEN, heard=heard, progress=progress)

    assert shown in view(Screen(120, False), scene=Scene("", (card,)))[3]
    if shown[0] == "!":
        assert "▌ !  alpha" in view(Screen(40, False), scene=Scene("", (card,)))[3]


def test_lines_give_way_where_there_are_many_runs() -> None:
    """With many open runs each takes fewer lines; the marked one is always in sight."""
    cards = tuple(dataclasses.replace(OPEN, id=str(i), name=f"run-{i}") for i in range(15))
    many = Scene("", cards)
    tall = view(Screen(80, False), 60, many)
    flat = view(Screen(80, False), 20, many)
    last = view(Screen(80, False), 12, many, chosen="14", moved=True)

    assert sum("val/loss" in line for line in tall) == 15
    assert sum("val/loss" in line for line in flat) == 0
    assert sum("run-" in line for line in flat) == 15
    assert any(line.startswith("▌ ● running  run-14") for line in last)


def test_the_console_stays_at_its_end_until_scrolled() -> None:
    """The console shows its newest lines; scrolled back it stays where it is."""
    scene = dataclasses.replace(SCENE, detail=DETAIL)
    here = state(view="console", chosen="a", moved=True)
    lines = screen_lines(scene, here, Screen(80, False), 24, NOW)
    assert "half" in lines[-2]
    assert "line 99 " in lines[-3]
    for _ in range(3):
        here.press("k")
    lines = screen_lines(scene, here, Screen(80, False), 24, NOW)
    assert "line 97 " in lines[-2]
    here.press("end")
    assert "half" in screen_lines(scene, here, Screen(80, False), 24, NOW)[-2]


def test_a_snapshot_is_whole() -> None:
    """For pipes every run is there, nothing is cut."""
    lines = snapshot_lines(SCENE, Screen(None, False), NOW)

    assert any("search 日本語の名前がとても長い" in line for line in lines)
    assert not any(line.endswith(" ") or "…" in line for line in lines)
    assert snapshot_lines(Scene("/x"), Screen(None, False), NOW)[-1] == "no runs"
