"""Turn the bytes that a terminal sends into names of keys."""

from __future__ import annotations

ESCAPE = 0x1B
NAMES = {
    "\r": "enter",
    "\n": "enter",
    "\t": "tab",
    "\x7f": "backspace",
    "\x08": "backspace",
    "\x0c": "redraw",
    "\x15": "clear",
    "\x17": "clear",
}
SEQUENCES = {
    b"A": "up", b"B": "down", b"C": "right", b"D": "left", b"H": "home", b"F": "end",
    b"1~": "home", b"4~": "end", b"7~": "home", b"8~": "end", b"5~": "page up", b"6~": "page down",
    b"3~": "delete", b"Z": "backtab",
}  # fmt: skip
"""What follows ESC [ or ESC O."""
_FINAL = range(0x40, 0x7F)


class Keys:
    """Decodes what arrives piece by piece; a character may be cut in two."""

    def __init__(self) -> None:
        self._rest = b""

    @property
    def waiting(self) -> bool:
        """Whether an escape stands at the end: the key itself, or the beginning of a sequence."""
        return self._rest.startswith(bytes([ESCAPE]))

    def feed(self, data: bytes, *, final: bool = False) -> list[str]:
        """Return the keys that ``data`` completes: "up", "enter" …, or the character itself.

        Args:
            data: bytes as they came.
            final: nothing more came for a while, so a lone ESC is the key "escape".
        """
        self._rest += data
        found: list[str] = []
        while self._rest:
            size, key = self._first(final)
            if not size:
                break
            self._rest = self._rest[size:]
            if key:
                found.append(key)
        return found

    def _first(self, final: bool) -> tuple[int, str]:
        """Return how many bytes the first key takes, and its name; 0 if it is not complete yet."""
        data = self._rest
        if data[0] == ESCAPE:
            return self._escape(data, final)
        size = 1 if data[0] < 0xC0 else 2 if data[0] < 0xE0 else 3 if data[0] < 0xF0 else 4
        if len(data) < size and not final:
            return 0, ""
        char = data[:size].decode("utf-8", "ignore")
        return size, NAMES.get(char, char if char.isprintable() else "")

    def _escape(self, data: bytes, final: bool) -> tuple[int, str]:
        if len(data) == 1:
            return (1, "escape") if final else (0, "")
        if data[1] not in b"[O":
            return 1, "escape"
        for end in range(2, len(data)):
            if data[end] in _FINAL:
                return end + 1, SEQUENCES.get(data[2 : end + 1], "")
        return (len(data), "") if final else (0, "")
