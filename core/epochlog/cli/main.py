"""The command ``epochlog``: imports the one command that is called, and tells errors."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from epochlog.base.errors import EpochlogError, RunNotFound
from epochlog.cli.app import App
from epochlog.cli.options import store_option
from epochlog.cli.versions import version

FAILED, NOT_FOUND, INTERRUPTED = 1, 3, 130

COMMANDS: dict[str, tuple[str, str]] = {
    "ls": ("epochlog.cli.ls:ls", "List runs."),
    "show": ("epochlog.cli.show:show", "Show one run: parameters, curves, results, origin."),
    "compare": ("epochlog.cli.compare:compare", "Show what differs between runs."),
    "top": ("epochlog.cli.top.command:top", "Watch what trains right now, live."),
    "tail": ("epochlog.cli.tail:tail", "Follow a run while it trains."),
    "watch": ("epochlog.cli.watch:watch", "Tell of lost runs and of what watchdogs note."),
    "stop": ("epochlog.cli.stop:stop", "Ask a running training to end early, in order."),
    "ui": ("epochlog.cli.ui:ui", "Look at runs in the browser."),
    "tag": ("epochlog.cli.annotate:tag", "Add and remove tags."),
    "note": ("epochlog.cli.annotate:note", "Set or show the note of a run."),
    "export": (
        "epochlog.cli.export:export",
        "Write runs and curves as files, or a run's artifacts.",
    ),
    "reproduce": (
        "epochlog.cli.reproduce:reproduce",
        "Write a folder that repeats a run; run it there, compare the metrics.",
    ),
    "rm": ("epochlog.cli.bin:rm", "Move runs to the bin."),
    "restore": ("epochlog.cli.bin:restore", "Bring runs back from the bin."),
    "gc": ("epochlog.cli.bin:gc", "Purge the bin and free disk space."),
    "plugins": ("epochlog.cli.plugins:plugins", "List integrations, stores and broken plugins."),
    "doctor": ("epochlog.cli.doctor:doctor", "Check store, settings and plugins."),
    "demo": ("epochlog.cli.demo.command:demo", "Train small models and show what was recorded."),
    "completion": ("epochlog.cli.completion:completion", "Print the completion script of a shell."),
}
"""Name -> where the command is, and its line in ``epochlog --help``."""


class Failure(click.ClickException):
    """An error that a user can do something about: one message, no traceback."""

    exit_code = FAILED

    def show(self, file: Any = None) -> None:
        """Write the message to standard error."""
        click.echo(f"epochlog: {self.format_message()}", file=file or sys.stderr)


class Missing(Failure):
    """A run that was asked for by name is not there."""

    exit_code = NOT_FOUND


class Group(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the help."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        found: click.Command = getattr(importlib.import_module(module), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; name near ones if there is none."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            ctx.fail(f"no command {args[0]!r}{_near(args[0])}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what users can mend becomes a message and an exit code."""
        try:
            return super().invoke(ctx)
        except RunNotFound as error:
            raise Missing(str(error)) from error
        except EpochlogError as error:
            raise Failure(str(error)) from error
        except KeyboardInterrupt:
            raise click.exceptions.Exit(INTERRUPTED) from None
        except OSError as error:
            if error.filename is None:  # a broken pipe, say, which click knows how to end
                raise
            raise Failure(f"{error.filename}: {error.strerror}") from error
        except Exception as error:
            if not type(error).__module__.startswith("sqlalchemy"):
                raise  # a bug: its traceback is what helps
            raise Failure(_database_trouble(error)) from error


def _database_trouble(error: Exception) -> str:
    from epochlog.store.errors import translate

    return str(translate(error, "the database"))


def _near(name: str) -> str:
    import difflib

    close = difflib.get_close_matches(name, COMMANDS, 2, 0.5)
    return f"; did you mean {' or '.join(close)}?" if close else ""


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(f"epochlog {version()}")
        ctx.exit()


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version.",
)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Look at training runs recorded by epochlog.

    RUN is a name, an id, its first or last characters, or "last", "last~1" … for the newest ones.
    """
    ctx.ensure_object(App)


cli.params.append(store_option())


def main() -> None:
    """Run the command line and exit.

    Exit codes: 0 fine; 1 an error, told in one message; 2 wrong usage; 3 a run that was asked for
    by name is not there; 130 interrupted.
    """
    cli.main(prog_name="epochlog")
