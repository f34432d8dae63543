"""The journal's bytes: frames with a checksum, written whole, read past any damage.

A frame is ``magic (4) | payload length (u32 LE) | CRC-32 of the payload (u32 LE) | payload``.
The magic lets a reader find the next whole frame behind a torn or damaged one.
"""

from __future__ import annotations

import struct
from contextlib import suppress
from dataclasses import dataclass, field
from zlib import crc32

import msgspec

from epochlog.contract import events
from epochlog.contract.events import AnyEvent, MetricPoints

MAGIC = b"\xf5EL1"
HEADER = struct.Struct("<4sII")
HEADER_BYTES = HEADER.size
FRAME_MAX_BYTES = 256 * 2**20

_pack = HEADER.pack
_decoder = msgspec.msgpack.Decoder(AnyEvent)
_lenient = msgspec.msgpack.Decoder()


def frame(payload: bytes) -> bytes:
    """Return the frame that holds ``payload``."""
    return _pack(MAGIC, len(payload), crc32(payload)) + payload


@dataclass(slots=True)
class Scan:
    """Result of reading a stretch of a journal."""

    events: list[AnyEvent] = field(default_factory=list)
    consumed: int = 0
    """Bytes after which the next scan goes on."""
    corrupt_bytes: int = 0


def scan(data: bytes, *, final: bool, events_max: int = 50_000) -> Scan:
    """Decode the frames at the start of ``data``.

    Args:
        data: bytes of the journal, beginning at a frame boundary.
        final: nothing will be appended any more, so a frame cut off at the end is damage;
            otherwise it is still being written, and left for the next scan.
        events_max: stop after so many events.
    """
    result = Scan()
    view = memoryview(data)
    size, position = len(data), 0
    unpack, found, decode = HEADER.unpack_from, result.events, _decoder.decode
    while size - position >= HEADER_BYTES and len(found) < events_max:
        magic, length, checksum = unpack(data, position)
        end = position + HEADER_BYTES + length
        if magic == MAGIC and end <= size:
            payload = view[position + HEADER_BYTES : end]
            if crc32(payload) == checksum:
                try:
                    found.append(decode(payload))
                except msgspec.MsgspecError:
                    found.extend(decode_leniently(payload))
                position = end
                continue
        following = _next_whole_frame(data, position + 1)
        if following < 0:
            if final or magic != MAGIC or length > FRAME_MAX_BYTES:
                break
            result.consumed = position
            return result
        result.corrupt_bytes += following - position
        position = following
    if final and size > position and len(found) < events_max:
        result.corrupt_bytes += size - position
        position = size
    result.consumed = position
    return result


def _next_whole_frame(data: bytes, start: int) -> int:
    """Return the offset of the next frame with a right checksum, or -1."""
    position = data.find(MAGIC, start)
    while position >= 0:
        if len(data) - position >= HEADER_BYTES:
            _, length, checksum = HEADER.unpack_from(data, position)
            end = position + HEADER_BYTES + length
            if end <= len(data) and crc32(data[position + HEADER_BYTES : end]) == checksum:
                return position
        position = data.find(MAGIC, position + 1)
    return -1


def decode_leniently(payload: bytes | memoryview) -> list[AnyEvent]:
    """Decode a frame whose values have unexpected types.

    Metric values that are not floats are not checked on the training thread; here booleans become
    0/1, and what is no number at all is kept as text under the same key.
    """
    try:
        raw = _lenient.decode(payload)
        if isinstance(raw, list) and raw[0] == events.METRIC_TAG:
            return _metrics_of(raw)
    except Exception:
        raw = None
    run, at = (raw[1], raw[2]) if isinstance(raw, list) and len(raw) > 2 else ("", 0)
    if not isinstance(run, str) or not run or not isinstance(at, int):
        return []
    text = f"an event of {len(payload)} bytes could not be read and was left out"
    return [events.Notice(run, at, "warning", "journal", text)]


def _metrics_of(raw: list[object]) -> list[AnyEvent]:
    _, run, at, step, metrics, epoch, context = raw[:7]
    assert isinstance(run, str)
    assert isinstance(at, int)
    if not isinstance(metrics, dict):
        text = f"log_metrics needs a mapping of names to numbers, not {metrics!r:.200}"
        return [events.Notice(run, at, "warning", "log_metrics", text)]
    numbers: dict[str, float] = {}
    texts: list[AnyEvent] = []
    x = number_or_none(step)
    for key, value in _flat(metrics):
        number = number_or_none(value)
        if number is None and isinstance(value, str):  # Decimal is encoded as text
            with suppress(ValueError):
                number = float(value)
        if number is not None:
            numbers[key] = float(number)
        else:
            texts.append(
                events.Text(run, at, key, value if isinstance(value, str) else repr(value), x)
            )
    points = MetricPoints(run, at, x, numbers, number_or_none(epoch), str(context or ""))
    return [points, *texts] if numbers else texts


def number_or_none(value: object) -> int | float | None:
    """Return ``value`` as an int or float (booleans as 0/1), or None if it is no number."""
    if isinstance(value, bool):
        return int(value)
    return value if isinstance(value, (int, float)) else None


def _flat(metrics: dict[object, object], prefix: str = "") -> list[tuple[str, object]]:
    """Flatten nested mappings into ``outer/inner`` keys."""
    items: list[tuple[str, object]] = []
    for key, value in metrics.items():
        name = f"{prefix}{key}"
        items += _flat(value, f"{name}/") if isinstance(value, dict) else [(name, value)]
    return items
