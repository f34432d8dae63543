"""Find the model that an optimizer trains: optimizers know parameters, not modules.

Remembered are the modules whose ``parameters()`` were asked for lately, as everybody does who makes
an optimizer; and what the global variables of the functions that are running refer to.
"""

from __future__ import annotations

import sys
import weakref
from collections import OrderedDict
from typing import Any

REMEMBERED_MAX = 64
FRAMES_MAX = 30

_asked: OrderedDict[int, weakref.ref[Any]] = OrderedDict()


def remember(module: Any) -> None:
    """A module was asked for its parameters."""
    key = id(module)
    known = _asked.get(key)
    if known is None or known() is not module:
        _asked[key] = weakref.ref(module)
        if len(_asked) > REMEMBERED_MAX:
            _asked.popitem(last=False)


def forget() -> None:
    """Forget all modules."""
    _asked.clear()


def models_of(optimizer: Any) -> list[Any]:
    """Return the modules that hold an optimizer's parameters: one, or several that share them out.

    The one with most of them comes first; of several with the same ones, the smallest, so that a
    trainer or a loss around the model is not taken for it.
    """
    wanted = {id(p) for group in optimizer.param_groups for p in group["params"]}
    sized = []
    for module in _candidates():
        owned = {id(p) for p in _parameters(module)}
        if common := owned & wanted:
            sized.append((module, owned, common))
    found: list[Any] = []
    while sized and wanted:
        module, _, common = max(sized, key=lambda each: (len(each[2] & wanted), -len(each[1])))
        if not common & wanted:
            break
        found.append(module)
        wanted -= common
    return found


def _candidates() -> list[Any]:
    found = {id(m): m for ref in list(_asked.values()) if (m := ref()) is not None}
    module_class = sys.modules["torch"].nn.Module
    seen = set()
    frame = sys._getframe(1)
    for _ in range(FRAMES_MAX):
        names = frame.f_globals
        if id(names) not in seen and not names.get("__name__", "").startswith(("torch", "epoch")):
            seen.add(id(names))
            for value in list(names.values()):
                if issubclass(type(value), module_class):  # isinstance would run code of proxies
                    found[id(value)] = value
        if frame.f_back is None:
            break
        frame = frame.f_back
    wrapped = {id(inner) for module in found.values() if (inner := _inside(module)) is not None}
    kept = [_innermost(m) for m in found.values() if id(m) not in wrapped or _inside(m) is None]
    return list({id(module): module for module in kept}.values())


def _inside(module: Any) -> Any:
    """Return what a wrapper of torch.compile or data parallelism holds."""
    inner = module.__dict__.get("_modules", {}).get("_orig_mod")
    if inner is None and type(module).__name__ in ("DataParallel", "DistributedDataParallel"):
        inner = module.__dict__.get("_modules", {}).get("module")
    return inner


def _innermost(module: Any) -> Any:
    while (inner := _inside(module)) is not None:
        module = inner
    return module


def _parameters(module: Any) -> list[Any]:
    """Return a module's parameters, without calling methods that the user may have overridden."""
    found: list[Any] = []
    waiting, seen = [module], set()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        found += [p for p in each.__dict__.get("_parameters", {}).values() if p is not None]
        waiting += [m for m in each.__dict__.get("_modules", {}).values() if m is not None]
    return found
