"""Facts about ``base/settings.py``: which source wins, and what a mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from epochlog.base.errors import SettingsError
from epochlog.base.settings import CAPTURES, Settings, find_store, load_settings, locate


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EPOCHLOG_STORE", raising=False)


def test_defaults_hold_without_any_source(tmp_path: Path) -> None:
    """Nothing set is nothing changed."""
    assert load_settings(tmp_path) == Settings()


def test_sources_override_one_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arguments over environment over epochlog.toml over pyproject.toml over defaults."""
    table = 'experiment = "{0}"\nproject = "{0}"\nflush_interval_s = 1\njournal_max_bytes = 7\n'
    pyproject = f"[tool.epochlog]\n{table.format('pyproject')}ring_events_max = 5\n"
    (tmp_path / "pyproject.toml").write_text(pyproject)
    (tmp_path / "epochlog.toml").write_text(table.format("toml").replace("= 1\n", "= 2\n"))
    monkeypatch.setenv("EPOCHLOG_EXPERIMENT", "environment")
    monkeypatch.setenv("EPOCHLOG_FLUSH_INTERVAL_S", "3")

    found = load_settings(tmp_path, flush_interval_s=4)

    assert found.flush_interval_s == 4
    assert found.experiment == "environment"
    assert found.project == "toml"
    assert found.ring_events_max == 5
    assert found.heartbeat_interval_s == Settings().heartbeat_interval_s


def test_files_are_found_upward(tmp_path: Path) -> None:
    """The nearest epochlog.toml counts, and the nearest pyproject.toml that speaks of epochlog."""
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[tool.epochlog]\nproject = "outer"\n')
    (inner / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    (tmp_path / "epochlog.toml").write_text('experiment = "far"\n')
    (inner.parent / "epochlog.toml").write_text('experiment = "near"\n')

    found = load_settings(inner)

    assert found.project == "outer"
    assert found.experiment == "near"


def test_paths_in_files_are_meant_from_there(tmp_path: Path) -> None:
    """A relative store in epochlog.toml is the same from every working directory; URLs stay."""
    inner = tmp_path / "notebooks"
    inner.mkdir()
    (tmp_path / "epochlog.toml").write_text('store = "runs"\nblobs = "s3://bucket/x"\n')

    found = load_settings(inner)

    assert found.store == str(tmp_path / "runs")
    assert found.blobs == "s3://bucket/x"


def test_values_are_read_from_texts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Environment variables are texts: names, numbers and switches are read; empty is unset."""
    monkeypatch.setenv("EPOCHLOG_DISABLE", "keras, lightgbm sklearn")
    monkeypatch.setenv("EPOCHLOG_HARDWARE", "off")
    monkeypatch.setenv("EPOCHLOG_RING_EVENTS_MAX", "12")
    monkeypatch.setenv("EPOCHLOG_PROJECT", "")

    found = load_settings(tmp_path)

    assert found.disable == ("keras", "lightgbm", "sklearn")
    assert found.hardware is False
    assert found.ring_events_max == 12
    assert found.project == "default"


def test_options_are_merged_one_by_one(tmp_path: Path) -> None:
    """An option given as an argument leaves the file's other options in place."""
    text = "[options.sklearn]\nmodels = false\nlimit = 3\n[options.lightgbm]\nmodels = true\n"
    (tmp_path / "epochlog.toml").write_text(text)

    found = load_settings(tmp_path, options={"sklearn": {"limit": 5}})

    expected = {"sklearn": {"models": False, "limit": 5}, "lightgbm": {"models": True}}
    assert found.options == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("flush_intervall_s = 1\n", "did you mean 'flush_interval_s'"),
        ("zzz = 1\n", "known settings: store, blobs"),
        ('flush_interval_s = "soon"\n', "must be a number, not negative, not 'soon'"),
        ("flush_interval_s = -1\n", "must be a number, not negative"),
        ("flush_interval_s = nan\n", "must be a number, not negative"),
        ("ring_events_max = 1.5\n", "must be a whole number"),
        ('hardware = "maybe"\n', "must be true or false"),
        ("store = 3\n", "must be a text"),
        ("disable = 3\n", "must be a list of names"),
        ("disable = [3]\n", "must be a list of names"),
        ("options = 3\n", "must be a table of tables"),
        ("options = {sklearn = false}\n", "must be a table of tables"),
        ("store = \n", "is not readable as TOML"),
    ],
)
def test_mistakes_are_named_with_their_source(tmp_path: Path, text: str, message: str) -> None:
    """A message says which setting in which file is wrong and what it should be."""
    (tmp_path / "epochlog.toml").write_text(text)

    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path)

    assert message in str(caught.value)
    assert str(tmp_path / "epochlog.toml") in str(caught.value)


def test_a_foreign_broken_pyproject_is_ignored(tmp_path: Path) -> None:
    """A pyproject.toml that can't be read is for its owner's tools to complain about."""
    (tmp_path / "pyproject.toml").write_text("[tool\n")

    assert load_settings(tmp_path) == Settings()


def test_a_wrong_table_in_pyproject_is_named(tmp_path: Path) -> None:
    """tool.epochlog has to be a table."""
    (tmp_path / "pyproject.toml").write_text("[tool]\nepochlog = 3\n")

    with pytest.raises(SettingsError, match=r"\[tool\.epochlog\] in .* must be a table"):
        load_settings(tmp_path)


def test_the_store_is_found_upward_or_at_the_top_of_the_work_tree(tmp_path: Path) -> None:
    """An existing store wins over a nearer git work tree, which wins over the directory itself."""
    inner = tmp_path / "repo" / "src"
    inner.mkdir(parents=True)

    assert find_store(inner) == inner / ".epochlog"
    (tmp_path / "repo" / ".git").mkdir()
    assert find_store(inner) == tmp_path / "repo" / ".epochlog"
    (tmp_path / ".epochlog").mkdir()
    assert find_store(inner) == tmp_path / ".epochlog"


def test_a_store_is_located_as_database_folder_and_blobs(tmp_path: Path) -> None:
    """A path is a folder with an SQLite database; a URL keeps local files in the found folder."""
    url, root, blobs = locate(Settings(store=str(tmp_path / "s")))
    assert (url, root) == (f"sqlite:///{tmp_path}/s/epochlog.db", tmp_path / "s")
    assert blobs == str(tmp_path / "s" / "blobs")

    url, root, blobs = locate(Settings(store=f"sqlite:///{tmp_path}/x/my.db", blobs="s3://b"))
    assert (url, root, blobs) == (f"sqlite:///{tmp_path}/x/my.db", tmp_path / "x", "s3://b")

    url, root, _ = locate(Settings(store="postgresql://h/d"), tmp_path)
    assert (url, root) == ("postgresql://h/d", tmp_path / ".epochlog")


@pytest.mark.parametrize("store", ["sqlite://", "sqlite:///:memory:"])
def test_a_store_in_memory_is_refused(store: str) -> None:
    """What dies with the process is no store."""
    with pytest.raises(SettingsError, match="has to be a file"):
        locate(Settings(store=store))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("all", set(CAPTURES)),
        (True, set(CAPTURES)),
        ("none", set()),
        (False, set()),
        ("off", set()),
        ((), set()),
        ("code, environment", {"code", "environment"}),
        (["console"], {"console"}),
        ("-console", set(CAPTURES) - {"console"}),
        (["-code", "-data"], set(CAPTURES) - {"code", "data"}),
    ],
)
def test_capture(tmp_path: Path, value: object, expected: set[str]) -> None:
    """What surrounds a run is captured as told: everything, nothing, these, all but those."""
    assert load_settings(tmp_path, capture=value).capture == expected


def test_capture_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``EPOCHLOG_CAPTURE=none`` switches off what surrounds a run."""
    monkeypatch.setenv("EPOCHLOG_CAPTURE", "none")

    assert load_settings(tmp_path).capture == set()


def test_capture_of_something_unknown(tmp_path: Path) -> None:
    """A name that can't be captured is refused, with those that can."""
    with pytest.raises(SettingsError, match="names out of console, code"):
        load_settings(tmp_path, capture="consol")
