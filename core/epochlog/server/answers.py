"""Make HTTP answers: JSON, binary frames, and errors that say what, which and what next."""

from __future__ import annotations

import gzip
from typing import Any

import msgspec
from starlette.responses import Response

from epochlog.base.errors import (
    EpochlogError,
    FilterError,
    RunNotFound,
    StoreError,
    StoreUnavailable,
)

MESSAGE_MAX = 2_000

PACKED_BYTES_MIN = 4_096
"""Shorter answers are sent as they are: packed they would hardly be a packet less."""


class Refused(EpochlogError):  # noqa: N818 - named for what happened
    """A request that can't be answered as it is.

    Attributes:
        status: of the HTTP answer.
        kind: not_found, bad_request, forbidden, unauthorized, too_large, no_store.
    """

    def __init__(self, message: str, *, status: int = 400, kind: str = "bad_request") -> None:
        super().__init__(message)
        self.status, self.kind = status, kind


class NoStore(Refused):
    """Nothing was recorded there yet."""

    def __init__(self, message: str) -> None:
        super().__init__(message, status=404, kind="no_store")


def json_answer(content: Any, status: int = 200, *, packed: bool = False) -> Response:
    """Return an answer with plain data.

    Args:
        content: what `msgspec.json.encode` takes.
        status: of the answer.
        packed: whether who asks takes gzip; much shorter where the way is slow, as through ssh.
    """
    body = msgspec.json.encode(content)
    headers = {"Cache-Control": "no-store"}
    if packed and len(body) >= PACKED_BYTES_MIN:
        body = gzip.compress(body, 1)
        headers["Content-Encoding"] = "gzip"
    return Response(body, status, headers, media_type="application/json")


def binary_answer(content: bytes) -> Response:
    """Return an answer with a frame (see `epochlog.server.frames`)."""
    return Response(
        content, 200, {"Cache-Control": "no-store"}, media_type="application/octet-stream"
    )


def error_answer(error: Exception) -> Response:
    """Return the answer to a request that failed."""
    status, body = describe(error)
    return json_answer({"error": body}, status)


def describe(error: Exception) -> tuple[int, dict[str, Any]]:
    """Return (HTTP status, `ErrorBody.error`) of an exception."""
    if isinstance(error, FilterError):
        message = str(error).split("\n", 1)[0]
        body = {"kind": "filter", "message": message[:MESSAGE_MAX]}
        return 400, {**body, "expression": error.expression, "column": _utf16_column(error)}
    status, kind = _kind(error)
    message = str(error) if kind != "internal" else f"{type(error).__name__}: {error}"
    return status, {"kind": kind, "message": message[:MESSAGE_MAX]}


def _kind(error: Exception) -> tuple[int, str]:
    if isinstance(error, Refused):
        return error.status, error.kind
    if isinstance(error, RunNotFound):
        return 404, "not_found"
    if isinstance(error, StoreUnavailable):
        return 503, "store"
    if isinstance(error, StoreError):
        return 500, "store"
    if isinstance(error, (EpochlogError, msgspec.ValidationError, msgspec.DecodeError)):
        return 400, "bad_request"
    return 500, "internal"


def _utf16_column(error: FilterError) -> int | None:
    """Browsers count UTF-16 units; Python counts code points."""
    if error.column is None:
        return None
    return len(error.expression[: error.column].encode("utf-16-le", "surrogatepass")) // 2
