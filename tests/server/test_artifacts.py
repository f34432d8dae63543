"""Artifacts: previews, content that never runs, paths that lead nowhere, lineage."""

from __future__ import annotations

import pytest

SANDBOXED = "sandbox; default-src 'none'"


@pytest.fixture(scope="module")
def links(client):
    """Name -> link of what the run "base" produced."""
    return {each["name"]: each for each in client.get("runs/base")["artifacts"]}


def content(client, link, **params):
    return client.request("GET", f"/api/artifacts/{link['id']}/content", params=params)


@pytest.mark.parametrize(
    ("name", "kind", "media"),
    [
        ("report.html", "html", "text/html"),
        ("evil.svg", "svg", "image/svg+xml"),
        ("table.csv", "table", "text/plain"),
        ("data.json", "json", "application/json"),
        ("raw.bin", "binary", "application/octet-stream"),
        ("dot.png", "image", "image/png"),
    ],
)
def test_previews(client, links, name, kind, media):
    """Text as text, tables as cells, the rest as an address that has its own sandbox."""
    found = client.get(f"artifacts/{links[name]['id']}/preview")

    assert (found["kind"], found["media_type"]) == (kind, media)
    assert content(client, links[name]).status_code == 200
    assert (
        client.request("GET", f"/{found['content']}").content
        == content(client, links[name]).content
    )


def test_a_table_is_cells(client, links):
    """Markup in a cell stays text."""
    table = client.get(f"artifacts/{links['table.csv']['id']}/preview")["table"]

    assert table == {"columns": ["a", "b"], "rows": [["1", "<b>2</b>"], ["3", "4"]], "total": 2}


def test_an_array_is_a_table_and_a_pickle_is_never_read(client, links):
    """Rows of numbers, NaN among them; objects would have to be run to be seen."""
    found = client.get(f"artifacts/{links['rows.npy']['id']}/preview")
    objects = client.get(f"artifacts/{links['objects.npy']['id']}/preview")

    assert found["table"]["rows"] == [[1.5, 2], [3, {"$": "nan"}]]
    assert found["table"]["total"] == 2
    assert "safe to read" in objects["problem"]


@pytest.mark.parametrize(
    "name", ["report.html", "evil.svg", "table.csv", "data.json", "raw.bin", "dot.png"]
)
def test_content_is_sandboxed(client, links, name):
    """Whatever the type: no scripts, no requests, no guessing of types."""
    headers = content(client, links[name]).headers

    assert headers["content-security-policy"].startswith(SANDBOXED)
    assert "script" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "kind", "way"),
    [
        ("report.html", "text/html; charset=utf-8", "inline"),
        ("evil.svg", "image/svg+xml", "inline"),
        ("data.json", "text/plain; charset=utf-8", "inline"),
        ("raw.bin", "application/octet-stream", "attachment"),
    ],
)
def test_only_listed_types_are_shown(client, links, name, kind, way):
    """All others are saved; and any can be."""
    headers = content(client, links[name]).headers
    assert (headers["content-type"], headers["content-disposition"].split(";")[0]) == (kind, way)
    saved = content(client, links[name], download=1).headers
    assert saved["content-disposition"].startswith("attachment;")


def test_a_hostile_name_stays_a_name(client, links):
    """Line breaks can't add headers, and only the last part of a path is offered to save as."""
    (name,) = [each for each in links if each.endswith(".exe")]
    headers = content(client, links[name]).headers

    assert "set-cookie" not in headers
    assert headers["content-type"] == "application/octet-stream"
    assert "/" not in headers["content-disposition"]
    assert "\r" not in headers["content-disposition"]


@pytest.mark.parametrize(
    "file",
    [
        "../../../../etc/passwd",
        "/etc/passwd",
        "..",
        ".",
        "%2e%2e/epochlog.db",
        "x\0y",
        "a" * 10_000,
    ],
)
def test_paths_lead_nowhere(client, links, file):
    """A member is looked up in the version's own list, never on a disk."""
    answer = content(client, links["report.html"], file=file)

    assert answer.status_code == 404
    assert b"root:" not in answer.content


@pytest.mark.parametrize(
    "path",
    ["/../epochlog.db", "/..%2f..%2fserver%2fapp.py", "/assets/../../app.py", "/%2e%2e/app.py",
     "//etc/passwd", "/assets/..%5c..%5capp.py", "/.stamp", "/%00"],
)  # fmt: skip
def test_pages_are_only_built_files(client, path):
    """No path leads out of the folder of the built pages, or to hidden files in it."""
    answer = client.request("GET", path)

    assert answer.status_code in (200, 404, 503)
    assert b"Ui:" not in answer.content
    assert b"root:" not in answer.content


def test_parts_of_a_content(client, links):
    """Players and resumed downloads ask for ranges."""
    whole = bytes(range(256)) * 8
    for header, part, status in (
        ("bytes=0-9", whole[:10], 206),
        ("bytes=2040-", whole[2040:], 206),
        ("bytes=-3", whole[-3:], 206),
        ("bytes=9000-", whole, 200),
        ("bytes=x-y", whole, 200),
    ):
        answer = client.request(
            "GET", f"/api/artifacts/{links['raw.bin']['id']}/content", headers={"Range": header}
        )
        assert (answer.status_code, answer.content) == (status, part)


def test_what_is_not_held_is_said(client):
    """A data set is known by its digest alone; its preview says why there is no content."""
    (tiny,) = [each for each in client.get("runs/base")["inputs"] if each["name"] == "tiny"]
    found = client.get(f"artifacts/{tiny['id']}/preview")

    assert found["kind"] in ("missing", "binary")
    assert content(client, tiny).status_code == 404


def test_details_name_versions_and_runs(client, links):
    """Who made it, who used it, which versions there are."""
    found = client.get(f"artifacts/{links['model']['id']}")

    assert found["producer"]["name"] == "base"
    assert [each["version"] for each in found["versions"]] == [1]
    assert client.error("GET", "artifacts/none")[0] == 404


def test_a_list_of_artifacts(client):
    """By type and name, newest first, with the number of versions."""
    found = client.get("artifacts", type="file", search="table")

    assert [
        (each["name"], each["versions"], each["producer"]["name"]) for each in found["artifacts"]
    ] == [("table.csv", 1, "base")]
    assert found["types"]["model"] == 1
    assert client.get("artifacts", limit=2)["total"] > 2


def test_lineage_goes_both_ways(client, links):
    """From a run: what it used on the left, what it made on the right."""
    found = client.get("lineage", run="base", hops=1)
    nodes = {each["label"]: each for each in found["nodes"]}

    assert nodes["tiny"]["layer"] < nodes["base"]["layer"] < nodes["model"]["layer"]
    assert {(e["from"], e["to"]) for e in found["edges"]} >= {
        (nodes["tiny"]["id"], nodes["base"]["id"]),
        (nodes["base"]["id"], nodes["model"]["id"]),
    }
    far = client.get("lineage", artifact=links["model"]["id"], hops=2)
    assert "tiny" in {each["label"] for each in far["nodes"]}
    near = client.get("lineage", artifact=links["model"]["id"], hops=1)
    assert near["folded"]["run:" + client.ids()["base"]] > 1


def test_lineage_has_a_limit(client):
    """What is left out is counted at the node that it hangs on."""
    found = client.get("lineage", run="base", hops=3, limit=3)

    assert len(found["nodes"]) == 3
    assert sum(found["folded"].values()) > 0
    assert client.error("GET", "lineage")[0] == 400
