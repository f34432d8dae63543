"""Let in only requests that this UI's own pages made; one door for HTTP and WebSockets.

A page on another site must not read or change the store of whoever visits it: not by a form, not by
a script, not by a name that suddenly resolves to this machine (DNS rebinding). It is a plain ASGI
wrapper because the usual middleware classes let WebSockets through unlooked at.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from epochlog.server.answers import Refused, error_answer

COOKIE = "epochlog_token"
HEADER = b"x-epochlog"
LOGIN = "login"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self'; font-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors {ancestors}; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)

_SAFE_METHODS = ("GET", "HEAD")
_LOCAL = ("127.0.0.1", "localhost", "[::1]")


class Guard:
    """Wraps the application.

    Args:
        app: what is behind the door.
        hosts: names under which browsers may ask, besides those of this machine's loopback;
            "*" for any (a token is what protects then).
        token: what every request must carry, as a cookie or ``Authorization: Bearer``; "" = none
            is asked for.
        framed: whether pages of this machine (notebooks) may show the UI in a frame.
    """

    def __init__(
        self, app: ASGIApp, *, hosts: Iterable[str] = (), token: str = "", framed: bool = False
    ) -> None:
        self._app = app
        self._hosts = {*_LOCAL, *(host.lower() for host in hosts)}
        self._token = token
        self._links: set[str] = set()
        ancestors = "'self' http://localhost:* http://127.0.0.1:*" if framed else "'none'"
        self._headers = {
            b"content-security-policy": POLICY.format(ancestors=ancestors).encode(),
            b"x-content-type-options": b"nosniff",
            b"referrer-policy": b"no-referrer",
            b"cross-origin-opener-policy": b"same-origin",
            b"cross-origin-resource-policy": b"same-origin",
            b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
        }

    def one_time_link(self) -> str:
        """Return the secret of a link that logs one browser in, once: ``login?key=…``."""
        key = secrets.token_urlsafe(24)
        self._links.add(key)
        return key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse before the application hears of it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                given = {name.lower() for name, _ in message.get("headers", ())}
                more = [pair for pair in self._headers.items() if pair[0] not in given]
                message["headers"] = [*message.get("headers", ()), *more]
            await send(message)

        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            self._check_origin(scope, headers)
            answer = self._login(scope)
            if answer is None:
                self._check_token(scope, headers)
        except Refused as error:
            if scope["type"] == "websocket":
                await _refuse_socket(scope, receive, send, error)
                return
            answer = error_answer(error)
        if answer is not None:
            await answer(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)

    def _check_origin(self, scope: Scope, headers: dict[bytes, str]) -> None:
        host = headers.get(b"host", "").lower()
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        if "*" not in self._hosts and name not in self._hosts:
            raise Refused(
                f"this server does not answer to the name {name!r}; open it by the address that "
                "it printed, or allow the name with --allow-host",
                status=421,
                kind="forbidden",
            )
        if headers.get(b"sec-fetch-site") in ("cross-site", "same-site") and not _is_visit(
            scope, headers
        ):
            raise Refused("requests of other sites are refused", status=403, kind="forbidden")
        origin = headers.get(b"origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host:
            raise Refused(f"requests of {origin} are refused", status=403, kind="forbidden")
        if scope["type"] == "http" and scope["method"] not in _SAFE_METHODS:
            kind = headers.get(b"content-type", "").split(";")[0].strip().lower()
            if kind != "application/json" or HEADER not in headers:
                raise Refused(
                    "a POST needs Content-Type: application/json and X-Epochlog: 1",
                    status=403,
                    kind="forbidden",
                )

    def _login(self, scope: Scope) -> Response | None:
        """Return the answer to a one-time link; None for any other request."""
        if scope["type"] != "http" or _path(scope) != f"/{LOGIN}" or not self._token:
            return None
        key = parse_qs(scope["query_string"].decode("latin-1")).get("key", [""])[0]
        if key not in self._links:
            raise Refused(
                "this link was used already; restart the server for another",
                status=401,
                kind="unauthorized",
            )
        self._links.discard(key)
        answer = RedirectResponse("./", status_code=303)
        answer.set_cookie(
            COOKIE, self._token, httponly=True, samesite="strict", path="/", max_age=30 * 86_400,
            secure=scope["scheme"] == "https",
        )  # fmt: skip
        return answer

    def _check_token(self, scope: Scope, headers: dict[bytes, str]) -> None:
        del scope
        if not self._token:
            return
        bearer = headers.get(b"authorization", "")
        given = bearer[7:] if bearer[:7].lower() == "bearer " else _cookie(headers)
        if not secrets.compare_digest(given.encode(), self._token.encode()):
            raise Refused(
                "this server asks for a token; open the link that it printed, or send "
                "Authorization: Bearer TOKEN",
                status=401,
                kind="unauthorized",
            )


def _is_visit(scope: Scope, headers: dict[bytes, str]) -> bool:
    """Return whether somebody followed a link to a page: that shows no other site anything."""
    return (
        scope["type"] == "http"
        and scope["method"] in _SAFE_METHODS
        and headers.get(b"sec-fetch-mode") == "navigate"
        and not _path(scope).startswith("/api/")
    )


def _path(scope: Scope) -> str:
    root = scope.get("root_path", "")
    path: str = scope["path"]
    return path.removeprefix(root) if root else path


def _cookie(headers: dict[bytes, str]) -> str:
    for part in headers.get(b"cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE:
            return value
    return ""


async def _refuse_socket(scope: Scope, receive: Receive, send: Send, error: Refused) -> None:
    await receive()
    if "websocket.http.response" in scope.get("extensions", {}):
        status = error.status
        await send({"type": "websocket.http.response.start", "status": status, "headers": []})
        await send({"type": "websocket.http.response.body", "body": str(error).encode()})
    else:
        await send({"type": "websocket.close", "code": 1008})
