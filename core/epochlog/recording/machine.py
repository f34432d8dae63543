"""Say which host, boot and user this process belongs to."""

from __future__ import annotations

import getpass
import os
import socket
from functools import cache
from pathlib import Path


@cache
def host_name() -> str:
    """Return the machine's name."""
    return socket.gethostname()


@cache
def boot_id() -> str:
    """Return an id that changes when the machine boots ("" where there is none)."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


@cache
def user_name() -> str:
    """Return the login name, or the number of the user id if it has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return str(os.getuid()) if hasattr(os, "getuid") else "unknown"
