"""Run the UI's server: in the foreground for the command, in a thread for notebooks and tests."""

from __future__ import annotations

import errno
import secrets
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from epochlog.base.errors import EpochlogError

if TYPE_CHECKING:
    import uvicorn

    from epochlog.server.app import Ui

PORT = 6160
"""The usual port; the next free one if it is taken."""

PORTS_TRIED = 50
START_TIMEOUT_S = 30.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def require_packages() -> None:
    """Check that the packages of the server are installed.

    Raises:
        EpochlogError: they are not; says what installs them.
    """
    missing = []
    for name in ("starlette", "uvicorn", "websockets"):
        try:
            __import__(name)
        except ImportError:
            missing.append(name)
    if missing:
        raise EpochlogError(
            f'the web UI needs {", ".join(missing)}, which come with the extra "ui": '
            'pip install "epochlog[ui]"'
        )


def listen(host: str, port: int | None) -> socket.socket:
    """Return a listening socket.

    Args:
        host: address to listen on.
        port: this one; None = `PORT` or the next that is free; 0 = any free one.

    Raises:
        EpochlogError: it is taken, or can't be listened on.
    """
    ports = range(PORT, PORT + PORTS_TRIED) if port is None else (port,)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for each in ports:
        found = socket.socket(family, socket.SOCK_STREAM)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind((host, each))
            found.listen(128)
            return found
        except OSError as error:
            found.close()
            if error.errno == errno.EADDRINUSE and port is None:
                continue
            raise EpochlogError(
                f"can't listen on {host}:{each} ({error.strerror or error}); choose another port "
                "with --port"
            ) from error
    raise EpochlogError(f"the ports {PORT} to {PORT + PORTS_TRIED - 1} are all taken; use --port")


@dataclass(slots=True)
class Serving:
    """A server that is ready to run.

    Attributes:
        url: where the UI is, for this machine's browsers; with a token it logs one browser in.
        token: what requests must carry; "" on the loopback.
        port: that it listens on.
    """

    url: str
    token: str
    port: int
    app: Ui
    server: uvicorn.Server
    socket: socket.socket
    _thread: threading.Thread | None = None

    def run(self) -> None:
        """Serve until interrupted."""
        self.server.run([self.socket])

    def start(self) -> Serving:
        """Serve in a daemon thread; returns when it answers."""
        thread = threading.Thread(target=self.run, name="epochlog-ui", daemon=True)
        self._thread = thread
        thread.start()
        pause = threading.Event()
        for _ in range(int(START_TIMEOUT_S / 0.01)):
            if self.server.started or not thread.is_alive():
                break
            pause.wait(0.01)
        if not self.server.started:
            raise EpochlogError("the web UI's server did not start")
        return self

    def stop(self) -> None:
        """End the thread; open sockets are closed."""
        self.server.should_exit = True
        if self._thread is not None:
            self._thread.join(10)


def prepare(
    store: str | None = None,
    *,
    host: str = "127.0.0.1",
    port: int | None = None,
    hosts: Iterable[str] = (),
    framed: bool = False,
    announce: Callable[[str], Any] | None = None,
) -> Serving:
    """Return a server that listens already and answers once it runs.

    On any address but the loopback a random token is asked for.

    Args:
        store: folder or URL; default: that of the settings.
        host: address to listen on.
        port: see `listen`.
        hosts: names by which browsers reach it, besides localhost and ``host``.
        framed: let notebooks show it in a frame.
        announce: called with the URL as soon as the server answers.

    Raises:
        EpochlogError: a package is missing, or the port is taken.
    """
    require_packages()
    import uvicorn

    from epochlog.server.app import create_app
    from epochlog.server.guard import LOGIN

    token = "" if host in LOOPBACK else secrets.token_urlsafe(24)
    anywhere = host in ("0.0.0.0", "::", "")  # noqa: S104 - only asked about
    names = {*hosts, *(["*"] if anywhere and not list(hosts) else [host])}
    app = create_app(store, hosts=names, token=token, framed=framed)
    listening = listen(host, port)
    bound = listening.getsockname()[1]
    shown = socket.gethostname() if anywhere else f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{bound}/"
    if token:
        url += f"{LOGIN}?key={app.guard.one_time_link()}"
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        ws="websockets-sansio",
        ws_max_size=2**20,
        ws_per_message_deflate=False,
        server_header=False,
        date_header=True,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=2,
        lifespan="on",
    )
    server = _announcing(config, None if announce is None else partial(announce, url))
    return Serving(url, token, bound, app, server, listening)


def _announcing(config: uvicorn.Config, started: Callable[[], Any] | None) -> uvicorn.Server:
    """Return a server that says when it answers."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started and started is not None:
                started()

    return Server(config)
