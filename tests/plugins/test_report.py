"""The report that ``autolog()`` returns."""

from __future__ import annotations

import json

import pytest

from epochlog.plugins.activation import Armed
from epochlog.plugins.api import Integration
from epochlog.plugins.manager import Problem
from epochlog.plugins.report import Report, describe, integrations_table


def armed(name, state, reason="", *, version="", framework="json", supports=""):
    """Return what activation knows about one integration."""
    integration = Integration(name, framework, supports, "a:b", description=f"about {name}")
    return Armed("plugin", integration, state=state, reason=reason, version=version)


@pytest.fixture
def report():
    """Return a report with one integration of each sort."""
    items = [
        armed("zebra", "off", "disabled"),
        armed("ghost", "waiting", framework="no_such_framework"),
        armed("spirit", "waiting", framework="no_such_spirit"),
        armed("sklearn", "on", version="1.9.1"),
        armed("pluggy", "waiting", framework="pluggy", supports="pluggy>=99"),
        armed("json", "waiting"),
    ]
    return Report(
        "/data/<run>", lambda: items, lambda: [Problem("slack", "broken: ImportError: x")]
    )


def test_text_is_aligned_and_short(report):
    """On, waiting and off in this order, aligned, with reasons; absent frameworks in one line."""
    lines = repr(report).splitlines()

    assert lines[0] == "epochlog records to /data/<run>"
    assert lines[1] == "  on       sklearn 1.9.1"
    assert lines[2].startswith("  waiting  json")
    assert lines[2].endswith("until json is imported")
    assert lines[3].startswith("  off      pluggy")
    assert "needs pluggy>=99" in lines[3]
    assert lines[4].split() == ["off", "zebra", "disabled"]
    assert lines[5].split(maxsplit=2) == ["problem", "slack", "broken: ImportError: x"]
    assert lines[6] == "  not installed: ghost, spirit"
    assert len(lines) == 7
    column = lines[2].index("until")
    assert lines[4].index("disabled") == column


def test_html_escapes(report):
    """A notebook shows the same, with markup escaped."""
    html = report._repr_html_()

    assert "/data/&lt;run&gt;" in html
    assert "sklearn 1.9.1" in html
    assert "not installed: ghost, spirit" in html


def test_plain_data(report):
    """``to_dict`` is JSON-ready and complete."""
    data = json.loads(json.dumps(report.to_dict()))

    assert data["store"] == "/data/<run>"
    assert {item["name"]: item["state"] for item in data["items"]} == {
        "sklearn": "on",
        "json": "waiting",
        "ghost": "off",
        "spirit": "off",
        "pluggy": "off",
        "zebra": "off",
    }
    assert data["problems"] == [{"plugin": "slack", "reason": "broken: ImportError: x"}]


def test_look_up_by_name(report):
    """An integration is found by name; an unknown one is a KeyError."""
    assert report["sklearn"].state == "on"
    assert "sklearn" in report
    assert "torch" not in report
    with pytest.raises(KeyError):
        report["torch"]


def test_report_prints_nothing_by_itself(report, capsys):
    """Making and holding a report is silent."""
    report.to_dict()

    assert capsys.readouterr() == ("", "")


def test_notes_of_undoing_are_shown():
    """What undoing had to leave behind stands in the reason."""
    item = armed("sklearn", "off", "taken off")
    item.notes = ["X.fit was replaced by somebody else"]

    assert describe(item).reason == "taken off; X.fit was replaced by somebody else"


def test_table_of_integrations():
    """The Markdown table comes from the declarations alone."""
    items = [describe(armed("xgboost", "off", "x", supports="xgboost>=2|xgboost-cpu>=2"))]

    assert integrations_table(items).splitlines()[2] == (
        "| `xgboost` | `xgboost>=2` or `xgboost-cpu>=2` | about xgboost |"
    )
