"""The command as a whole: help, errors, exit codes, pipes, what is imported when."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import Result
from processes import environment, run_python

from epochlog.cli.main import COMMANDS, cli

Call = Callable[..., Result]
Shell = Callable[..., subprocess.CompletedProcess[str]]


def test_help_lists_every_command(call: Call) -> None:
    """``--help`` names all commands with one line each."""
    found = call("--help")
    assert found.exit_code == 0
    for name, (_, text) in COMMANDS.items():
        assert f"  {name} " in found.output
        assert text in " ".join(found.output.split())


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_has_help(call: Call, name: str) -> None:
    """Each command can be loaded, explains itself, and understands --store after its name."""
    found = call(name, "-h")
    assert found.exit_code == 0
    assert found.output.startswith(f"Usage: epochlog {name}")
    assert "--store PATH|URL" in found.output


@pytest.mark.parametrize(
    "name", ["ls", "show", "compare", "plugins", "doctor", "rm", "restore", "gc", "tail"]
)
def test_lists_and_views_have_json(name: str) -> None:
    """What lists or shows something can say it in JSON."""
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert any("--json" in option.opts for option in command.params)


def test_version(call: Call) -> None:
    """``--version`` tells the distribution's version."""
    assert call("--version").output == f"epochlog {importlib.metadata.version('epochlog')}\n"


def test_unknown_command_names_near_ones(call: Call) -> None:
    """A mistyped command is wrong usage, and the message knows what was meant."""
    found = call("shwo")
    assert found.exit_code == 2
    assert "did you mean show" in found.output


def test_no_store_says_where_and_what_next(call: Call, store: Path) -> None:
    """Without a store: where it was looked for and what to do, exit code 1, nothing created."""
    found = call("ls")
    assert found.exit_code == 1
    assert f"epochlog: no store at {store} yet" in found.stderr
    assert "EPOCHLOG_STORE" in found.stderr
    assert not store.exists()


def test_store_option_works_on_both_sides(call: Call, filled: Path, tmp_path: Path) -> None:
    """--store before or after the command chooses the store, over the environment."""
    assert call("--store", str(tmp_path / "other"), "ls").exit_code == 1
    assert call("ls", "--store", str(tmp_path / "other")).exit_code == 1
    moved = filled.rename(tmp_path / "moved")
    assert "base" in call("--store", str(moved), "ls").output
    assert "base" in call("ls", "--store", str(moved)).output


def test_unknown_run_names_near_ones(call: Call, filled: Path) -> None:
    """A mistyped run: exit code 3 and near names, no traceback."""
    found = call("show", "bas")
    assert found.exit_code == 3
    assert "did you mean 'base'" in found.stderr


def test_bad_filter_points_at_the_mistake(call: Call, filled: Path) -> None:
    """A mistake in a filter is shown with a caret below it."""
    found = call("ls", "status == 'completed' and params.lrr < 1")
    assert found.exit_code == 1
    lines = found.stderr.splitlines()
    assert "did you mean" in lines[0]
    assert lines[1].index("params") == lines[2].index("^")


def test_mistakes_are_shown_in_what_was_typed(call: Call, filled: Path) -> None:
    """The caret counts in the user's expression even where options add to it."""
    found = call("ls", "params.lrr < 1", "--status", "completed")
    assert found.stderr.splitlines()[1:] == ["  params.lrr < 1", "  ^"]


def test_corrupt_store_is_told(call: Call, store: Path) -> None:
    """A database file that is none gives one message that says what to do."""
    store.mkdir()
    (store / "epochlog.db").write_bytes(b"not a database at all" * 100)
    found = call("ls")
    assert found.exit_code == 1
    assert "damaged or is not an epochlog store" in found.stderr
    assert "Traceback" not in found.stderr


def test_unusable_setting_is_told(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting of the wrong kind is named with its source."""
    monkeypatch.setenv("EPOCHLOG_FLUSH_INTERVAL_S", "soon")
    found = call("ls")
    assert found.exit_code == 1
    assert "flush_interval_s" in found.stderr


def test_exit_codes_of_the_process(shell: Shell, filled: Path) -> None:
    """0 fine, 1 an error, 2 wrong usage, 3 not found; errors go to standard error."""
    assert [
        shell(*args).returncode
        for args in (["ls"], ["ls", "((("], ["ls", "--nope"], ["show", "zzz"])
    ] == [0, 1, 2, 3]
    failed = shell("ls", "(((")
    assert failed.stdout == ""
    assert failed.stderr.startswith("epochlog: ")


def test_a_closed_pipe_is_quiet(filled: Path) -> None:
    """``epochlog ls | head -1`` says nothing about the broken pipe."""
    command = f"{sys.executable} -c 'from epochlog.cli.main import main; main()' ls | head -n 1"
    done = subprocess.run(
        ["bash", "-c", command], env=environment(), capture_output=True, text=True, timeout=60
    )
    assert done.stdout.startswith("status")
    assert done.stderr == ""


def test_an_ascii_output_stays_ascii(shell: Shell, filled: Path) -> None:
    """Where the output takes only ASCII, symbols and curves are drawn in ASCII."""
    done = shell("show", "base", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert "+ completed" in done.stdout


def test_help_and_version_import_nothing_heavy() -> None:
    """``--help`` imports neither SQLAlchemy nor NumPy nor Rich."""
    code = "import sys\nfrom epochlog.cli.main import cli\ntry:\n    cli.main(['--help'], prog_name='epochlog')\nexcept SystemExit: pass\nprint(sorted({'sqlalchemy', 'numpy', 'rich', 'pluggy', 'alembic'} & set(sys.modules)))"
    assert run_python(code).stdout.splitlines()[-1] == "[]"


def test_ls_imports_no_rich_and_no_framework(filled: Path) -> None:
    """``ls`` imports no framework, no migrations, and nothing that only pretty output needs."""
    code = "import sys\nfrom epochlog.cli.main import cli\ntry:\n    cli.main(['ls'], prog_name='epochlog')\nexcept SystemExit: pass\nprint(sorted({'rich', 'alembic', 'sklearn', 'lightgbm', 'pandas', 'fsspec', 'psutil'} & set(sys.modules)))"
    assert run_python(code).stdout.splitlines()[-1] == "[]"


def test_completion_scripts(call: Call) -> None:
    """Each shell gets a script that calls back into the command."""
    for shell in ("bash", "zsh", "fish"):
        found = call("completion", shell)
        assert found.exit_code == 0
        assert "_EPOCHLOG_COMPLETE" in found.output
    assert call("completion", "tcsh").exit_code == 2


def _complete(words: str, count: int) -> list[str]:
    env = environment(_EPOCHLOG_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(count))
    code = "from epochlog.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


def test_run_names_are_completed(filled: Path) -> None:
    """After a command that takes a run, its names and ``last`` are offered; commands before."""
    assert _complete("epochlog show ba", 2) == ["base"]
    assert "last" in _complete("epochlog show la", 2)
    assert set(_complete("epochlog compare base w", 3)) == {"worse"}
    assert _complete("epochlog do", 1) == ["doctor"]


def test_completion_without_a_store_is_silent(store: Path) -> None:
    """On a prompt there is nobody to tell that there is no store."""
    assert _complete("epochlog show xy", 2) == []


def test_every_json_is_valid(call: Call, filled: Path) -> None:
    """What --json writes parses strictly, NaN and odd names included."""

    def strict(text: str) -> object:
        return json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))

    for args in (
        ["ls"],
        ["show", "worse"],
        ["show", "base"],
        ["compare", "base", "worse"],
        ["plugins"],
        ["gc"],
        ["rm", "base"],
    ):
        strict(call(*args, "--json").stdout)
    worse = strict(call("show", "worse", "--json").stdout)
    assert isinstance(worse, dict)
    assert worse["metrics"]["train/loss"]["last"] == "NaN"


def test_interrupt_is_quiet(filled: Path) -> None:
    """Ctrl-C during any command ends with 130 and no traceback."""
    code = "import os, signal\nfrom epochlog.cli import ls\nls.run_lines = lambda *a: os.kill(os.getpid(), signal.SIGINT)\nfrom epochlog.cli.main import main; import sys; sys.argv = ['epochlog', 'ls']; main()"
    done = run_python(code)
    assert done.returncode == 130
    assert "Traceback" not in done.stderr


def test_package_declares_the_command() -> None:
    """The distribution installs ``epochlog``."""
    [point] = importlib.metadata.entry_points(group="console_scripts", name="epochlog")
    assert point.value == "epochlog.cli.main:main"
    assert os.environ["EPOCHLOG_RAISE"] == "1"
