"""The page of one run: facts, texts, plots, console, code, study; and several side by side."""

from __future__ import annotations

import pytest

NASTY = "<img src=x onerror=alert(1)>\"'`${1}"


def test_a_run_page_has_everything(client):
    """What was logged is there, by the names of the wire contract."""
    found = client.get("runs/base")

    assert (found["name"], found["status"], found["note"]) == (
        "base",
        "completed",
        "The *first* one.",
    )
    assert found["tags"] == ["half", "vision"]
    assert found["params"]["nan"] == {"$": "nan"}
    assert found["params"][NASTY] == NASTY
    metrics = {each["key"]: each for each in found["metrics"]}
    assert metrics["val/loss"]["min"] == {"value": 0.5, "step": 30}
    assert "process/memory_bytes" in {each["key"] for each in found["system_metrics"]}
    assert [each["text"] for each in found["texts"]] == ["two lines\nof text"]
    assert [(each["key"], each["step"]) for each in found["plots"]] == [
        ("roc", None), ("weights", 1), ("weights", 2),
    ]  # fmt: skip
    held = {each["name"]: each["held"] for each in found["artifacts"]}
    assert held["table.csv"]
    assert [
        (each["name"], each["held"]) for each in found["inputs"] if each["type"] == "dataset"
    ] == [("tiny", False)]
    assert found["console_lines"] == 30
    assert found["environment"]["python"]


def test_relatives_are_links(client):
    """A child names those above it, a parent counts those below."""
    search = client.get("runs/search")
    child = client.post("runs", columns=[], parent=search["id"])["rows"][0]["id"]

    assert search["children_kinds"] == {"candidate": 3}
    assert [each["name"] for each in client.get(f"runs/{child}")["ancestors"]] == ["search"]


def test_a_run_that_is_not_there(client):
    """The answer is 404 with a message for people."""
    status, error = client.error("GET", "runs/nope")

    assert (status, error["kind"]) == (404, "not_found")
    assert "nope" in error["message"]


def test_a_failed_run_has_its_traceback(client):
    """The page shows where it broke."""
    found = client.get("runs/broken")

    assert found["status"] == "failed"
    assert "no such layer" in found["traceback"]


def test_plots_are_data(client):
    """By number, or the latest of a key; infinities stay."""
    roc = client.get("runs/base/plot", index=0)
    assert roc["kind"] == "roc"
    assert roc["data"]["curves"][0]["thresholds"] == [{"$": "inf"}, 0.5]
    assert client.get("runs/base/plot", key="weights")["data"]["counts"] == [5, 6]
    assert client.get("runs/base/plot", key="weights", step=1)["data"]["counts"] == [3, 4]
    assert client.error("GET", "runs/base/plot?key=none")[0] == 404
    assert client.error("GET", "runs/base/plot?key=weights&step=x")[0] == 400


def test_plots_of_several_runs(client):
    """One for each run, null where there is none."""
    ids = client.ids()
    runs = [ids["base"], ids["worse"], ids["broken"]]
    plots = client.post("plots", runs=runs, key="roc")["plots"]

    assert [plot and len(plot["data"]["curves"]) for plot in plots] == [1, 0, None]
    keys = client.post("plots/keys", runs=runs)["keys"]
    assert [(each["key"], each["kind"], each["runs"]) for each in keys] == [
        ("roc", "roc", 2),
        ("weights", "histogram", 1),
    ]


@pytest.mark.parametrize(
    ("asked", "numbers", "more"),
    [
        ({"limit": 3}, [1, 2, 3], (False, True)),
        ({"after": 28}, [29, 30], (True, False)),
        ({"before": 4, "limit": 2}, [2, 3], (True, True)),
        ({"tail": 1, "limit": 2}, [29, 30], (True, False)),
        ({"search": "LINE 2", "ignore_case": 1, "limit": 2}, [3, 21], (False, True)),
        ({"search": "[", "limit": 2}, [], (False, False)),
        ({"search": "(a+)+$"}, [], (False, False)),
    ],
)
def test_console_pages(client, asked, numbers, more):
    """Forwards, backwards, from the end, and only what matches; a bad pattern is plain text."""
    found = client.get("runs/base/console", **asked)

    assert [line["number"] for line in found["lines"]] == numbers
    assert (found["more_before"], found["more_after"]) == more
    assert found["total"] == 30


def test_code_and_its_files(client):
    """The script is kept, and can be read; a number too large is 404."""
    code = client.get("runs/base/code")
    texts = [client.get("runs/base/code/file", index=f["index"])["text"] for f in code["files"]]

    assert any("start_run" in text for text in texts)
    assert client.error("GET", "runs/base/code/file?index=99")[0] == 404
    assert client.get("runs/base/diff", other="worse") == {"diff": "", "truncated": False}


def test_comparison_shows_differences(client):
    """Rows in which runs agree are left out, and counted."""
    ids = client.ids()
    runs = [ids["worse"], ids["base"]]
    found = client.post("compare", runs=runs, sections=["params", "metrics"])
    rows = {row["name"]: row for row in found["rows"]}

    assert rows["lr"]["values"] == [0.1, 0.001]
    assert rows["lr"]["deltas"] == [0.0, pytest.approx(-0.099)]
    assert rows["none"]["values"] == [None, {"$": "none"}]
    assert rows["opt"]["deltas"] is None
    every = client.post("compare", runs=runs, sections=["params", "metrics"], all=True)
    assert {s: c["all"] for s, c in every["counts"].items()} == {
        s: sum(row["section"] == s for row in every["rows"]) for s in ("params", "metrics")
    }
    assert client.error("POST", "compare", json={"runs": runs[:1]})[0] == 400
    assert client.error("POST", "compare", json={"runs": ["x", "y"]})[0] == 404


def test_importance_over_a_selection(client):
    """The param that decides comes first; constant ones are left out."""
    ids = client.ids()
    found = client.post("importance", metric="metrics.value", parent=ids["study"])

    assert found["runs"] == 6
    assert {each["name"] for each in found["params"]} == {"x", "c"}
    assert all(0 <= each["importance"] <= 1 for each in found["params"])
    assert client.error("POST", "importance", json={"metric": "name"})[1]["kind"] == "filter"


def test_every_part_of_a_study(client):
    """All pictures of a study have their data."""
    summary = client.get("runs/study/study")
    assert (summary["name"], summary["directions"], summary["params"]) == (
        "tune",
        ["minimize"],
        ["x", "c"],
    )
    assert summary["trials"][summary["best"]]["values"] == [0.25]
    history = client.get("runs/study/study", part="history")
    assert history["values"][0] == 6.25
    assert history["best"][-1] == 0.25
    importance = client.get("runs/study/study", part="importance")
    assert set(importance["importances"]) == {"x", "c"}
    cut = client.get("runs/study/study", part="slice", param="x")
    assert cut["x"] == [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]
    contour = client.request("GET", "/api/runs/study/study?part=contour&param=x&param=c").json()
    assert contour["y"] == ["a", "b"] * 3
    assert contour["y_axis"]["choices"] == ["a", "b"]
    parallel = client.get("runs/study/study", part="parallel")
    assert parallel["rows"][0] == [-2.5, "a"]
    assert client.get("runs/study/study", part="edf")["y"][-1] == 1.0
    assert len(client.get("runs/study/study", part="pareto")["best"]) == 2
    assert len(client.get("runs/study/study", part="timeline")["bars"]) == 6
    assert len(client.get("runs/study/study", part="intermediate")["curves"]) == 6
    for wrong in (
        "part=none",
        "part=slice",
        "part=contour&param=x",
        "part=slice&param=q",
        "objective=3&part=edf",
    ):
        assert client.error("GET", f"runs/study/study?{wrong}")[0] == 400
    assert client.error("GET", "runs/base/study")[0] == 400


def test_columns_can_be_searched(client):
    """Fields, params and metrics by words; a name that is no identifier is quoted."""
    found = client.get("columns", search="val loss")["columns"]
    assert [(each["id"], each["runs"]) for each in found] == [('metrics["val/loss"]', 2)]
    params = {each["name"]: each["id"] for each in client.get("columns", kind="param")["columns"]}
    assert params["lr"] == "params.lr"
    row = client.post("runs", columns=[params[NASTY]], where='name == "base"')["rows"][0]
    assert row["cells"] == [NASTY]


@pytest.mark.parametrize(
    ("where", "offered", "kind"),
    [
        ("par", "params.lr", "param"),
        ("params.l", "params.lr", "param"),
        ('metrics["val', 'metrics["val/loss"]', "metric"),
        ('metrics["val/loss"].mi', 'metrics["val/loss"].min', "stat"),
        ('params.opt == "ad', "adam", "value"),
        ('status == "fa', "failed", "value"),
        ('"vi', "vision", "value"),
        ("startsw", "startswith(", "function"),
        ("lr > 1 an", "and", "operator"),
    ],
)
def test_completions(client, where, offered, kind):
    """What is offered replaces what was typed so far."""
    found = client.post("filter", where=where, caret=len(where))["completions"]
    (item,) = [each for each in found if each["text"] == offered and each["kind"] == kind]

    assert item["to"] == len(where)
    assert where[: item["from"]] + offered != where


def test_filters_are_checked(client):
    """Right ones pass; wrong ones say where, also in the order."""
    assert client.post("filter", where='params.lr < 1 and "half" in tags')["ok"]
    wrong = client.post("filter", where="name = 1")
    assert (wrong["ok"], wrong["error"]["field"], wrong["error"]["column"]) == (False, "where", 5)
    assert client.post("filter", order="-tags")["error"]["field"] == "order"
