"""Ask the UI's ASGI application as a browser's page would, without a network."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from epochlog.server.app import create_app
from epochlog.server.frames import read_frame

HEADERS = {"X-Epochlog": "1", "Sec-Fetch-Site": "same-origin"}


class Client:
    """Synchronous requests to one application; ``app`` is the application."""

    def __init__(self, store: Any, **options: Any) -> None:
        self.app = create_app(store, **options)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send one request; headers of the UI's own pages unless others are given (None: without)."""
        headers = {**HEADERS, **options.get("headers", {})}
        options["headers"] = {name: value for name, value in headers.items() if value is not None}
        return asyncio.run(self._request(method, path, options))

    async def _request(self, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        self.app._threads = None  # belongs to the loop of one request
        transport = httpx.ASGITransport(app=self.app)
        base = options.pop("base", "http://127.0.0.1:6160")
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            answer = await client.request(method, path, **options)
        await asyncio.gather(*self.app._tasks)  # what a server would do meanwhile
        return answer

    def get(self, path: str, **params: Any) -> Any:
        """Return the JSON answer of GET api/PATH, which must be fine."""
        answer = self.request("GET", f"/api/{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, **body: Any) -> Any:
        """Return the JSON answer of POST api/PATH, which must be fine."""
        answer = self.request("POST", f"/api/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def error(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        """Return status and error of a request that must fail."""
        answer = self.request(method, f"/api/{path}", **options)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.json()["error"]

    def series(self, **body: Any) -> tuple[Any, Any]:
        """Return (header, function from a Slice to its array) of POST api/series."""
        answer = self.request("POST", "/api/series", json=body)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/octet-stream"
        header, doubles = read_frame(answer.content)
        return header, lambda part: doubles[part["at"] : part["at"] + part["n"]]

    def ids(self, **selection: Any) -> dict[str, str]:
        """Return name -> id of the selected runs."""
        found = self.post("runs", columns=[], limit=1000, **selection)
        return {row["name"]: row["id"] for row in found["rows"]}
