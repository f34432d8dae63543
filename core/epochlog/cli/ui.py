"""``epochlog ui``: look at runs in the browser."""

from __future__ import annotations

import click

from epochlog.cli.app import App, pass_app
from epochlog.cli.options import command
from epochlog.cli.screen import write


@command("ui")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; default: 6160 or the next free.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Address to listen on; any but this machine's own asks for a token.",
)
@click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="A name by which browsers reach it, behind a proxy say; can be repeated.",
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@pass_app
def ui(
    app: App, /, *, port: int | None, host: str, hosts: tuple[str, ...], no_browser: bool
) -> None:
    """Serve the web UI of a store until Ctrl+C, and open it in the browser.

    The store need not exist yet: the pages fill when something is recorded.
    """
    from epochlog.server.serve import LOOPBACK, prepare

    def announce(url: str) -> None:
        write(f"epochlog: {app.place} at {url}")
        if host not in LOOPBACK:
            write(
                "The link logs one browser in, once. Traffic is not encrypted: use a proxy or ssh."
            )
        write("Ctrl+C ends it.")
        if not no_browser:
            click.launch(url)

    prepare(app.store, host=host, port=port, hosts=hosts, announce=announce).run()
