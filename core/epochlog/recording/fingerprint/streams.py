"""Digest a column by several streams (present, lengths, data …), each hashed on its own.

However a column is cut into chunks, each stream is the same row of bytes; so the digest is too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from epochlog.recording.fingerprint.arrays import Hash, new_hash
from epochlog.recording.fingerprint.encoding import encode, pack_texts
from epochlog.recording.fingerprint.meter import OBJECT_COST_BYTES, Meter


class Streams:
    """Named streams of bytes under one header; `digest` combines them."""

    def __init__(self, meter: Meter, *header: Any) -> None:
        self._meter = meter
        self._header = header
        self._hashes: dict[str, Hash] = {}

    def add(self, stream: str, data: Any, cost: int | None = None) -> None:
        """Append bytes (or a contiguous buffer) to a stream."""
        if stream not in self._hashes:
            self._hashes[stream] = hashlib.sha256(usedforsecurity=False)
        self._hashes[stream].update(data)
        self._meter.add(len(data) if cost is None else cost)

    def add_texts(self, path: str, texts: Sequence[str | None], *, nulls: bool) -> None:
        """Append texts: streams ``lengths`` and ``data``, and ``present`` if there are nulls."""
        if nulls:
            self.add(f"{path}present", bytes(text is not None for text in texts))
            texts = [text or "" for text in texts]
        lengths, data = pack_texts(texts)  # type: ignore[arg-type]
        self.add(f"{path}lengths", lengths, cost=OBJECT_COST_BYTES * len(texts))
        self.add(f"{path}data", data)

    def digest(self) -> bytes:
        """Return the digest of the header and all streams."""
        made = new_hash("streams", *self._header)
        for name in sorted(self._hashes):
            made.update(encode(name) + self._hashes[name].digest())
        return made.digest()
