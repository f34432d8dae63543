"""Tell the user's own modules from those of the standard library and of installed packages."""

from __future__ import annotations

import os
import sys
import sysconfig
from functools import cache
from pathlib import Path

_OURS = ("epochlog", "__main__", "__mp_main__")
_INSTALLED = frozenset(("site-packages", "dist-packages"))


def imported_files(seen: set[str]) -> dict[str, str]:
    """Return the source files of first-party modules that are imported: name -> path.

    Our own modules don't count. Modules without a source file (compiled, frozen, made in memory)
    are left out.

    Args:
        seen: names of modules that are passed over; those that are there now are added.
    """
    found: dict[str, str] = {}
    if len(seen) == len(sys.modules):  # the usual case; modules are hardly ever removed
        return found
    for name, module in sys.modules.copy().items():  # a copy at once: other threads import
        if name in seen:
            continue
        seen.add(name)
        if _is_ours(name):
            continue
        try:
            path = module.__file__
            if not isinstance(path, str) or not path.endswith(".py"):
                continue
            # Modules that a library makes up name no file, or a relative one (torch._classes).
            if is_first_party(path) and os.path.exists(path):  # noqa: PTH110
                found[name] = os.path.abspath(path)  # noqa: PTH100 - links are kept
        except Exception:  # lazy modules import on this and fail; the working directory is gone
            continue
    return found


def is_first_party(path: str) -> bool:
    """Return whether a file is the user's own: not of Python's library, not installed."""
    absolute = os.path.abspath(path)  # noqa: PTH100
    if absolute.startswith(_library()):
        return False
    return not _INSTALLED & set(Path(absolute).parts)


def root_of(name: str, path: str) -> Path:
    """Return the folder that a module was imported from, as it is in ``sys.path``."""
    file = Path(path)
    depth = name.count(".") + (file.name == "__init__.py")
    return file.parents[min(depth, len(file.parents) - 1)]


@cache
def is_install_target(folder: Path) -> bool:
    """Return whether packages were installed into a folder, as by ``pip install --target``."""
    try:
        return any(name.endswith(".dist-info") for name in os.listdir(folder))
    except OSError:
        return False


def _is_ours(name: str) -> bool:
    top = name.partition(".")[0]
    return top in _OURS or top.startswith("epochlog_") or top in sys.stdlib_module_names


@cache
def _library() -> tuple[str, ...]:
    """Return the folders of Python's library, of installed packages and of their commands."""
    names = ("stdlib", "platstdlib", "purelib", "platlib", "scripts")
    paths = {sysconfig.get_paths().get(name, "") for name in names}
    both = {*paths, *map(os.path.realpath, paths)} - {""}
    return tuple(sorted(path.rstrip(os.sep) + os.sep for path in both))
