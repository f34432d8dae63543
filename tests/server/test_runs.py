"""The runs table: windows, orders, groups, ids."""

from __future__ import annotations

import pytest
from processes import run_python

from epochlog.base.settings import Settings
from epochlog.query.opening import open_store
from epochlog.query.runs import Runs


def test_a_window_has_the_columns_that_were_asked_for(client):
    """Cells come in the order of the columns, missing ones as null."""
    found = client.post(
        "runs",
        columns=["name", "params.lr", 'metrics["val/loss"].min', "tags", "params.nowhere"],
        order="name",
        where='name in ["base", "worse"]',
    )

    assert found["total"] == 2
    assert [row["cells"] for row in found["rows"]] == [
        ["base", 0.001, 0.5, ["half", "vision"], None],
        ["worse", 0.1, {"$": "-inf"}, ["half"], None],
    ]


def test_values_that_json_lacks_are_told_apart(client):
    """NaN, infinities, None, large integers and lists are not lost."""
    columns = [f"params.{name}" for name in ("nan", "inf", "none", "big", "layers", "flag")]
    row = client.post("runs", columns=columns, where='name == "base"')["rows"][0]

    assert row["cells"] == [
        {"$": "nan"},
        {"$": "inf"},
        {"$": "none"},
        {"$": "int", "v": str(2**60)},
        {"$": "json", "v": "[64,32]"},
        True,
    ]


def test_only_the_top_level_is_listed_and_children_on_demand(client):
    """A run says how many are inside; those are listed by parent, in their own order."""
    names = client.ids()
    assert "candidate 0" not in names
    rows = client.post("runs", columns=["params.C"], parent=names["search"])["rows"]

    assert [(row["name"], row["cells"]) for row in rows] == [
        ("candidate 0", [1]),
        ("candidate 1", [10]),
        ("candidate 2", [100]),
    ]
    search = client.post("runs", columns=[], where='name == "search"')["rows"][0]
    assert (search["children"], search["parent"]) == (3, None)


@pytest.mark.parametrize(
    "order",
    ["-started", "name", "-params.lr", "params.lr", 'metrics["test/accuracy"]', "params.opt",
     "-duration", "status, -name", "params.opt, -params.lr", "-params.opt, params.lr", "experiment"],
)  # fmt: skip
@pytest.mark.parametrize(
    "where", ["", "params.lr < 0.05", 'not params.opt == "adam"', '"half" in tags']
)
def test_orders_are_those_of_the_query_layer(client, ui_template, where, order):
    """The table and ``epochlog.runs`` agree on which runs match and how they are sorted."""
    expected = Runs(open_store(Settings(store=str(ui_template))), where, order, nested=False).ids
    found = client.post("runs/ids", where=where, order=order, limit=1000)["ids"]

    assert expected == found


def test_windows_of_one_snapshot_fit_together(client):
    """Rows one by one give the same order as all at once."""
    whole = client.post("runs", columns=[], order="name", nested=True, limit=1000)
    pieces = [
        client.post(
            "runs", columns=[], order="name", nested=True, limit=1, offset=at,
            snapshot=whole["snapshot"],
        )["rows"][0]
        for at in range(whole["total"])
    ]  # fmt: skip

    assert pieces == whole["rows"]


def test_a_snapshot_of_another_question_is_not_used(client):
    """An order that belongs to another filter would show wrong rows; a new one is made and said."""
    other = client.post("runs", columns=[], where='name == "base"')
    found = client.post("runs", columns=[], order="name", snapshot=other["snapshot"])

    assert found["moved"]
    assert found["total"] > 1


def test_groups_have_aggregates(client):
    """Mean, deviation and extremes over the runs of a group; shared values are told."""
    found = client.post(
        "groups",
        group=["params.opt"],
        columns=['metrics["test/accuracy"]', "params.lr", "params.opt", "status"],
        where="params.lr is not None",
    )

    assert [(group["values"], group["count"]) for group in found["groups"]] == [
        (["adam"], 3),
        (["sgd"], 1),
    ]
    accuracy, lr, opt, status = found["groups"][0]["columns"]
    assert (accuracy["n"], accuracy["mean"], accuracy["min"]) == (2, pytest.approx(0.805), 0.7)
    assert accuracy["std"] == pytest.approx(0.1484924)
    assert (lr["n"], "same" in lr) == (3, False)
    assert opt["same"] == "adam"
    assert "same" not in status
    assert found["groups"][0]["statuses"] == {"completed": 2, "failed": 1}


def test_a_group_opens_into_its_runs(client):
    """The values of a group go back as they came, also nothing at all."""
    found = client.post("groups", group=["params.opt", "params.lr"], columns=[])
    sizes = []
    for group in found["groups"]:
        within = [
            {"field": field, "value": value}
            for field, value in zip(["params.opt", "params.lr"], group["values"], strict=True)
        ]
        sizes.append(client.post("runs", columns=[], within=within)["total"])

    assert sizes == [group["count"] for group in found["groups"]]
    assert [None, None] in [group["values"] for group in found["groups"]]
    assert sum(sizes) == found["runs"] == client.post("runs", columns=[])["total"]


def test_nan_is_a_group(client):
    """Runs whose value is NaN are one group, which opens."""
    groups = client.post("groups", group=["params.nan"], columns=[])["groups"]
    assert [(g["values"], g["count"]) for g in groups] == [([{"$": "nan"}], 1), ([None], 5)]
    found = client.post("runs", columns=[], within=[{"field": "params.nan", "value": {"$": "nan"}}])

    assert [row["name"] for row in found["rows"]] == ["base"]


def test_groups_are_sorted_by_a_statistic(client):
    """Those without a number come last in both directions."""
    asked = {"group": ["params.lr"], "columns": ['metrics["test/accuracy"]']}
    for descending in (True, False):
        sort = {"by": 0, "stat": "mean", "descending": descending}
        groups = client.post("groups", **asked, sort=sort)["groups"]
        means = [group["columns"][0]["mean"] for group in groups]
        there = [mean for mean in means if mean is not None]

        assert means == sorted(there, reverse=descending) + [None] * (len(means) - len(there))
        assert len(there) == 3


def test_mistakes_are_told_with_their_place(client):
    """A filter error is 400 with the column of the mistake in UTF-16 units."""
    status, error = client.error(
        "POST", "runs", json={"columns": [], "where": '"𝒳" in tags and nope == 1'}
    )

    assert (status, error["kind"], error["column"]) == (400, "filter", 17)
    assert "nope" in error["message"]


def test_requests_that_make_no_sense_are_refused(client):
    """What is asked for is checked before anything runs; the message says where."""
    for body in ({"limit": -1}, {"limit": 10**6}, {"columns": "name"}, {"within": [{"value": 1}]}):
        status, error = client.error("POST", "runs", json=body)
        assert (status, error["kind"]) == (400, "bad_request")
    assert client.error("POST", "runs", content=b"{")[0] == 403
    headers = {"Content-Type": "application/json"}
    assert client.error("POST", "runs", content=b"{", headers=headers)[0] == 400


def test_project_and_experiment_narrow_the_runs(client):
    """The page of a project lists its runs alone."""
    assert list(client.ids(experiment="second")) == ["worse"]
    assert client.post("runs", columns=[], project="default")["total"] == 6
    assert client.post("runs", columns=[], project="other")["total"] == 0


def test_projects_tell_what_there_is(client):
    """Counts by status, of experiments and days, and the bytes of artifacts."""
    (project,) = client.get("projects")["projects"]

    assert (project["name"], project["runs"], project["all_runs"]) == ("default", 6, 15)
    assert project["statuses"] == {"completed": 5, "failed": 1}
    assert sum(project["days"]) == 6
    assert {e["name"]: e["runs"] for e in project["experiments"]} == {"default": 5, "second": 1}
    assert project["artifact_bytes"] > 2048


def test_long_answers_come_packed_to_those_who_take_it(client):
    """Through a tunnel the table comes several times sooner; who takes no gzip gets none."""
    where = "/api/runs/base"
    packed = client.request("GET", where, headers={"Accept-Encoding": "gzip"})
    plain = client.request("GET", where, headers={"Accept-Encoding": "identity"})
    short = client.request("GET", "/api/info", headers={"Accept-Encoding": "gzip"})

    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in short.headers
    assert packed.json()["id"] == plain.json()["id"]


ALIASED = """
import epochlog
with epochlog.start_run("aliased") as run:
    run.log_metrics({"val/loss": 1.0})
    run.log_metric_aliases({"val/loss": "valid_0 l2"})
"""


def test_a_frameworks_own_names_are_marked(make_client, own_store):
    """Charts of them would be those of the curves once more; filters may use them."""
    assert run_python(ALIASED, EPOCHLOG_STORE=str(own_store)).returncode == 0
    found = make_client().get("columns", kind="metric", counts=0)["columns"]

    assert [each["name"] for each in found if each.get("alias")] == ["valid_0 l2"]
    assert "val/loss" in [each["name"] for each in found]
    rows = make_client().post("runs", columns=[], where='metrics["valid_0 l2"] == 1')["rows"]
    assert [row["name"] for row in rows] == ["aliased"]
