"""Options and arguments that several commands have."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from epochlog.cli.app import App, app_of

_F = TypeVar("_F", bound=Callable[..., Any])

COMPLETIONS_MAX = 50
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}.*")


def _take_store(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        app_of(context).store = value


def store_option() -> click.Option:
    """Return ``--store``, which is understood before and after the command's name."""
    return click.Option(
        ["--store"],
        metavar="PATH|URL",
        help="Store to use (default: EPOCHLOG_STORE, else the nearest .epochlog upward).",
        expose_value=False,
        is_eager=True,
        callback=_take_store,
    )


class Command(click.Command):
    """A command that understands ``--store`` and ``-h``."""

    def __init__(self, *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.context_settings.setdefault("help_option_names", ["-h", "--help"])
        self.params.append(store_option())


def command(name: str, **attributes: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """Return a decorator that makes a `Command` of a function."""
    return click.command(name, cls=Command, **attributes)


def interval_option(default: float, purpose: str, *, least: float = 0.1) -> Callable[[_F], _F]:
    """Return a decorator that adds ``--interval``, in seconds, for commands that follow runs."""
    return click.option(
        "--interval",
        type=click.FloatRange(min=least),
        default=default,
        show_default=True,
        metavar="SECONDS",
        help=purpose,
    )


if TYPE_CHECKING:
    ParamType = click.ParamType[str]
else:  # click became generic in 8.4
    ParamType = click.ParamType


class RunRef(ParamType):
    """A run as people name it; completes the names of recent runs."""

    name = "run"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Return names and ids that begin so; nothing, if there is no readable store."""
        del param
        try:
            return _complete(app_of(ctx.find_root()), incomplete)
        except Exception:  # on a prompt there is nobody to tell
            return []


def _complete(app: App, incomplete: str) -> list[CompletionItem]:
    from epochlog.query.opening import open_store
    from epochlog.query.runs import Runs

    reader = open_store(app.settings, recovering=False)
    where = f"startswith(name, {incomplete!r})" if incomplete else ""
    runs = Runs(reader, where, limit=COMPLETIONS_MAX, nested=bool(incomplete))
    found = {run.name: f"{run.status} {run.source}".strip() for run in runs}
    if "last".startswith(incomplete):
        found["last"] = "the newest run"
    return [CompletionItem(name, help=text) for name, text in found.items()]


run_argument = click.argument("ref", metavar="RUN", type=RunRef())
runs_argument = click.argument("refs", metavar="[RUN]...", type=RunRef(), nargs=-1)


def json_option(function: _F) -> _F:
    """Add ``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Write JSON.")(function)


def where_option(function: _F) -> _F:
    """Add ``--where``."""
    text = "Filter, e.g. 'params.lr < 1e-3 and metrics[\"val/loss\"].min < 0.2'."
    return click.option("--where", "-w", default="", metavar="FILTER", help=text)(function)


def filter_options(function: _F) -> _F:
    """Add the short forms of common filters; `combined` makes one expression of them."""
    for option in (
        click.option("--since", metavar="AGE|DATE", help="Started since, e.g. 2d or 2026-11-01."),
        click.option(
            "--tag", "tags", multiple=True, metavar="TAG", help="With this tag (each of several)."
        ),
        click.option(
            "--status",
            "statuses",
            multiple=True,
            metavar="STATUS",
            help="With this status (any of several).",
        ),
        click.option("--experiment", metavar="NAME", help="In this experiment."),
    ):
        function = option(function)
    return function


def combined(
    *filters: str,
    experiment: str | None = None,
    statuses: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
    since: str | None = None,
) -> str:
    """Return one filter expression that holds where all do."""
    terms = [text.strip() for text in filters if text.strip()]
    if len(terms) > 1 or (terms and (experiment or statuses or tags or since)):
        terms = [f"({text})" for text in terms]
    if experiment is not None:
        terms.append(f"experiment == {experiment!r}")
    if statuses:
        terms.append(f"status in {list(statuses)!r}")
    terms += [f"{tag!r} in tags" for tag in tags]
    if since is not None:
        terms.append(
            f"started >= {since!r}" if _MOMENT.fullmatch(since) else f"started >= ago({since!r})"
        )
    return " and ".join(terms)
