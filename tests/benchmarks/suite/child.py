"""Run one measurement in this fresh interpreter and print what it returns as the last line.

python -m suite.child package.module:function '{"argument": 1}'
"""

from __future__ import annotations

import importlib
import json
import os
import socket
import sys
from typing import Any

MARK = "BENCHMARK-RESULT "


def forbid_network() -> None:
    """Make every connection to another machine fail: a tracker that needs one is measured offline."""
    connect = socket.socket.connect

    def local_only(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(str(address[0])):
            raise OSError(f"benchmarks run offline; no connection to {address[0]}")
        connect(self, address)

    socket.socket.connect = local_only  # type: ignore[method-assign]


def _is_local(host: str) -> bool:
    return host in ("localhost", "::1", "0.0.0.0") or host.startswith("127.")


def main() -> None:
    """Call the function that the command line names."""
    target, arguments = sys.argv[1], json.loads(sys.argv[2])
    forbid_network()
    module, _, function = target.partition(":")
    result = getattr(importlib.import_module(module), function)(**arguments)
    sys.stdout.flush()
    os.write(1, f"\n{MARK}{json.dumps(result)}\n".encode())


if __name__ == "__main__":
    main()
