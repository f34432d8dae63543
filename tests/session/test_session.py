"""Bringing one process's recording up and down."""

from __future__ import annotations

import pickle
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest
from processes import run_python

import epochlog
from epochlog import session
from epochlog.base import guard
from epochlog.base.errors import FrameworkNotFound, SettingsError
from epochlog.contract.sink import StoreLocation
from epochlog.plugins.api import attach_context, export_context, patched
from epochlog.recording import listeners
from epochlog.recording.recorder import get_recorder

HEAVY = (
    "sklearn",
    "lightgbm",
    "sqlalchemy",
    "alembic",
    "rich",
    "pandas",
    "zstandard",
    "fsspec",
    "click",
)


@pytest.fixture(autouse=True)
def forget_warnings(monkeypatch):
    """Let each test see first-time warnings."""
    monkeypatch.setattr(guard, "_seen_sites", {})


def states():
    """Return the state of each integration."""
    return {item.name: item.state for item in session.report().items}


def test_autolog_is_silent_and_light(tmp_path):
    """In a script ``autolog()`` prints nothing and imports neither a framework nor the database."""
    result = run_python(
        f"import sys, epochlog; epochlog.autolog(); print([m for m in {HEAVY!r} if m in sys.modules])",
        cwd=tmp_path,
    )

    assert result.stderr == ""
    assert result.stdout == "[]\n"


def test_import_of_the_package_scans_no_plugins(tmp_path):
    """``import epochlog`` alone looks for no plugins; that waits for the first use."""
    result = run_python(
        "import sys, epochlog; print('importlib.metadata' in sys.modules)", cwd=tmp_path
    )

    assert result.stdout == "False\n"


def test_autolog_creates_nothing_on_disk(tmp_path, store):
    """Without a run nothing is written."""
    epochlog.autolog()

    assert not store.exists()


def test_report_names_store_and_states(store):
    """The report says where runs go and what each of our integrations does."""
    report = epochlog.autolog()

    assert repr(report).startswith(f"epochlog records to {store}\n")
    assert report["hardware"].state == "on"
    assert {"sklearn", "lightgbm"} <= {item.name for item in report.items}
    assert report.problems == []


def test_second_call_changes_settings_and_keeps_the_recorder():
    """Calling again with other settings takes them over; the store and its journal stay."""
    epochlog.autolog()
    first = get_recorder()
    before = patched()

    epochlog.autolog(flush_interval_s=0.1)

    assert get_recorder() is first
    assert first.settings.flush_interval_s == 0.1
    assert patched() == before


def test_second_call_may_move_to_another_store(tmp_path):
    """A second call with another store closes the first and records there."""
    epochlog.autolog(store=str(tmp_path / "one"))
    with epochlog.start_run("first"):
        pass
    epochlog.autolog(store=str(tmp_path / "two"))
    with epochlog.start_run("second"):
        pass

    assert [r.name for r in epochlog.runs(store=tmp_path / "one")] == ["first"]
    assert [r.name for r in epochlog.runs()] == ["second"]


def test_named_frameworks_are_loud():
    """What can't be recorded raises if it was asked for by name, and says what there is."""
    with pytest.raises(
        FrameworkNotFound, match=r"no integration is called 'ligthgbm'; there are: .*lightgbm"
    ):
        epochlog.autolog("ligthgbm")


def test_named_frameworks_alone_are_armed():
    """Naming frameworks leaves the other frameworks off, and the hardware on."""
    pytest.importorskip("sklearn")
    epochlog.autolog("sklearn")

    assert states()["hardware"] == "on"
    assert states()["sklearn"] in ("on", "waiting")
    assert states()["lightgbm"] == "off"


@pytest.mark.parametrize("way", ["argument", "text", "keyword", "environment", "file"])
def test_disable(way, monkeypatch, tmp_path):
    """An integration is disabled by argument, environment variable or configuration file."""
    ways = {
        "argument": {"disable": ["lightgbm"]},
        "text": {"disable": "lightgbm"},
        "keyword": {"lightgbm": False, "sklearn": True},
    }
    arguments = ways.get(way, {})
    if way == "environment":
        monkeypatch.setenv("EPOCHLOG_DISABLE", "lightgbm")
    if way == "file":
        (tmp_path / "epochlog.toml").write_text('disable = ["lightgbm"]')
    report = epochlog.autolog(**arguments)

    assert (report["lightgbm"].state, report["lightgbm"].reason) == ("off", "disabled")
    assert report["sklearn"].state != "off"


def test_disabling_something_unknown_is_named(caplog):
    """A typing mistake in ``disable`` stops nothing and stands in the report and one warning."""
    report = epochlog.autolog(disable=["ligthgbm"])

    assert [p.plugin for p in report.problems] == ["ligthgbm"]
    assert "ligthgbm" in caplog.text
    assert epochlog.autolog().problems == []


def test_hardware_is_a_setting():
    """``hardware=False`` switches the sampler off."""
    assert epochlog.autolog(hardware=False)["hardware"].state == "off"
    assert epochlog.autolog()["hardware"].state == "on"


def test_options_reach_the_integration_and_unknown_ones_are_refused():
    """Options are merged over the declared defaults; a wrong name is an error that lists them."""
    epochlog.autolog(options={"lightgbm": {"models": False}})
    assert session.export()["armed"]["lightgbm"]["models"] is False
    with pytest.raises(SettingsError, match=r"it has: .*models"):
        epochlog.autolog(options={"lightgbm": {"model": False}})


def test_options_for_nobody_are_refused(tmp_path):
    """Options for an unknown integration raise when given in code, and are left alone in a file."""
    with pytest.raises(SettingsError, match=r"no integration has this name; there are: .*hardware"):
        epochlog.autolog(options={"skleran": {"models": False}})
    (tmp_path / "epochlog.toml").write_text("[options.paddle]\nmodels = false")
    assert epochlog.autolog()["hardware"].state == "on"


def test_options_of_the_file_reach_the_hardware_without_autolog(tmp_path):
    """``start_run`` alone respects the hardware's options in the configuration file."""
    epochlog.uninstrument()
    (tmp_path / "epochlog.toml").write_text("[options.hardware]\ngpu = false")
    with epochlog.start_run():
        assert session.export()["armed"]["hardware"]["gpu"] is False


def test_unknown_setting_and_store_kind():
    """An unknown setting or URL scheme is an error that names the known ones."""
    with pytest.raises(SettingsError, match="stroe"):
        epochlog.autolog(stroe="x")
    with pytest.raises(SettingsError, match=r"carrierpigeon://; known kinds: .*sqlite://"):
        epochlog.autolog(store="carrierpigeon://roof")


def test_start_run_without_autolog_arms_no_framework():
    """``start_run`` alone records, with hardware, and touches no framework."""
    epochlog.uninstrument()
    with epochlog.start_run("plain"):
        assert states()["hardware"] == "on"
        assert {s for name, s in states().items() if name != "hardware"} == {"off"}
        assert [p for p in patched() if not p.startswith("hardware")] == []

    assert [r.name for r in epochlog.runs()] == ["plain"]


def test_uninstrument_restores_the_frameworks():
    """After ``uninstrument()`` every patched object is the one it was, and nothing records."""
    lightgbm = pytest.importorskip("lightgbm")
    base = pytest.importorskip("sklearn.base")
    import joblib
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV

    def picture():
        classes = (
            base.BaseEstimator,
            LogisticRegression,
            GridSearchCV,
            lightgbm.LGBMModel,
            lightgbm.Booster,
        )
        found = {
            (c.__name__, k): v for c in (*classes, joblib.Parallel) for k, v in vars(c).items()
        }
        return found | {("lightgbm", k): v for k, v in vars(lightgbm).items()}

    epochlog.uninstrument()
    before = picture()
    epochlog.autolog()
    assert any(before.get(k) is not v for k, v in picture().items())

    epochlog.uninstrument()

    after = picture()
    assert after.keys() == before.keys()
    assert [k for k, v in after.items() if before[k] is not v] == []
    lightgbm.LGBMClassifier(n_estimators=2, verbose=-1).fit([[0.0], [1.0]] * 20, [0, 1] * 20)
    with pytest.raises(epochlog.base.errors.StoreError):
        list(epochlog.runs())


def _work(exported):
    """Run in a worker process: attach, and log into the run of the parent."""
    with attach_context(exported) as run:
        run.log_metrics({"worker": 1.0}, step=0)
        return run.id, states(), get_recorder().location.url


@pytest.mark.slow
def test_worker_process_gets_the_same_session(store):
    """A spawned worker attaches to the run: same store, same integrations, but no second sampler."""
    epochlog.autolog(disable=["lightgbm"], flush_interval_s=0.1)
    with (
        epochlog.start_run("parent") as run,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool,
    ):
        run_id, there, url = pool.submit(_work, export_context()).result(100)

    assert run_id == run.id
    assert url == get_recorder().location.url
    assert there["sklearn"] == "waiting"
    assert (there["lightgbm"], there["hardware"]) == ("off", "off")
    assert epochlog.get_run(run_id).metrics["worker"].last == 1.0


def test_exported_session_is_small_and_plain():
    """What travels to workers pickles, and knows nothing of live objects."""
    epochlog.autolog()

    shipped = pickle.dumps(session.export())

    assert len(shipped) < 4000
    assert pickle.loads(shipped) == session.export()


def test_store_is_shown_without_its_password():
    """The report shows a database by URL, never with user name and password."""
    location = StoreLocation("postgresql://me:secret@db.example:5432/runs", "/somewhere")

    assert session.readable(location) == "postgresql://db.example:5432/runs"


def test_report_before_any_session(tmp_path):
    """Asking before anything was set up says so."""
    result = run_python("from epochlog import session; print(session.report())", cwd=tmp_path)

    assert result.stdout == "epochlog records to nothing yet\n"


def test_broken_configuration_is_an_error_with_its_file(tmp_path):
    """A configuration file that is no TOML is named in the error."""
    (tmp_path / "epochlog.toml").write_text("disable = [")
    with pytest.raises(SettingsError, match=r"epochlog\.toml"):
        epochlog.autolog()
    assert "epochlog" in sys.modules


def test_uninstrument_takes_the_sampler_off_runs():
    """After uninstrument() no run of this process is sampled any more."""
    epochlog.start_run("sampled").end()
    epochlog.uninstrument()

    assert listeners._listeners == []
