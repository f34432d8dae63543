"""A few rows are kept as they are, but for those columns that nobody should read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sample_data import KINDS, ROWS

import epochlog
from epochlog.recording.datasets import describe
from epochlog.recording.fingerprint.samples import Looks
from epochlog.recording.recorder import get_recorder


def rows_of(data, **looks):
    """Return the sample of a data set."""
    return describe(data, looks=Looks(**{"rows": 4, **looks})).stats.get("rows", {})


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_sample_rows(kind):
    """Evenly spaced rows of every kind of data, as plain data."""
    data = KINDS[kind]()
    found = rows_of(data)

    if getattr(data, "ndim", 2) > 2 or kind == "list of arrays":
        assert found == {}
    else:
        assert found["step"] == ROWS // 4
        assert len(found["rows"]) == 4
        assert all(len(row) == len(found.get("columns", row)) for row in found["rows"])


def test_rows_are_those_of_the_data():
    """Names and values are the data's own; long texts are cut."""
    frame = pd.DataFrame({"a": range(8), "b": ["x" * 500] * 8})
    found = rows_of(frame)

    assert found["columns"] == ["a", "b"]
    assert [row[0] for row in found["rows"]] == [0, 2, 4, 6]
    assert len(found["rows"][0][1]) == 101
    assert rows_of(np.zeros((3, 2, 2, 2))) == {}
    assert rows_of(frame, rows=0) == {}


def test_private_columns_are_hidden():
    """Neither values nor statistics of columns that are named so, or like secrets, are kept."""
    frame = pd.DataFrame({"Email": ["a@b.c", "a@b.c"], "api_key": ["k", "k"], "age": [3, 4]})
    facts = describe(frame, looks=Looks(5, ("*mail*",)))

    assert facts.stats["rows"]["rows"] == [["***", "***", 3], ["***", "***", 4]]
    assert set(facts.stats["data"]) == {"age"}
    assert "a@b.c" not in repr(facts)
    assert facts.digest == describe(frame).digest


def test_settings_decide_what_is_kept(store):
    """sample_rows, redact_columns and capture hold for every data set of the process."""

    epochlog.autolog(store=store, disable=["hardware"])
    recorder = get_recorder()
    defaults = recorder.settings

    def stored(age, **changed):  # another age is another version, with facts of its own
        recorder.settings = replace(defaults, **changed)
        with epochlog.start_run() as run:
            run.log_dataset(pd.DataFrame({"mail": ["x", "x"], "age": [3, age]}), "people")
        epochlog.flush()
        return epochlog.get_run(run.id, store=store).datasets[0].stats

    assert stored(4)["rows"]["rows"] == [["x", 3], ["x", 4]]
    assert stored(5, redact_columns=("mail",))["rows"]["rows"] == [["***", 3], ["***", 5]]
    assert "rows" not in stored(6, sample_rows=0)
    assert stored(7, capture=frozenset()) == {}
