"""Put a wrapper around a framework's method or function, and take it off again without a trace.

Wrappers are plain functions with the original's module and qualified name, never proxy objects:
``pickle`` stores functions by reference and then finds the wrapper, while proxies break process
pools. A wrapper finds its state through a picklable `Layer`, because cloudpickle ships classes of
``__main__`` to workers *by value*, with our wrappers inside.
"""

from __future__ import annotations

import functools
import sys
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

from epochlog.plugins.silence import is_silenced
from epochlog.recording.active import paused

AnyFunction = Callable[..., Any]
Make = Callable[[AnyFunction], AnyFunction]

_LAYER = "__epochlog_layer__"
_CHAIN_MAX = 50  # wrappers deep; a longer chain of ``__wrapped__`` is a cycle

_lock = threading.RLock()
_patches: list[_Patch] = []
_revived: weakref.WeakSet[Layer] = weakref.WeakSet()


class Layer:
    """The switch inside one wrapper: calls go to ``wrapper`` while on, else to ``original``."""

    __slots__ = ("__weakref__", "always", "on", "original", "owner", "raw", "shell", "wrapper")

    def __init__(
        self, owner: str, original: AnyFunction, wrapper: AnyFunction, *, always: bool
    ) -> None:
        self.owner = owner
        self.original = original
        self.wrapper = wrapper
        self.always = always
        self.on = True
        self.raw: Any = original  # what stood in the slot, e.g. a staticmethod around the original
        self.shell: weakref.ref[Any] | None = None  # the function that stands there now

    def target(self) -> AnyFunction:
        """Return what a call made now has to run."""
        if not self.on or (not self.always and (paused() or is_silenced(self.owner))):
            return self.original
        return self.wrapper

    def __reduce__(self) -> tuple[Any, ...]:
        # functools.update_wrapper copies our marker into foreign objects (scikit-learn's tasks for
        # joblib): what can be found by its name must not travel along with them.
        shell = self.shell() if self.shell is not None else None
        module, name = getattr(shell, "__module__", ""), getattr(shell, "__qualname__", "")
        if shell is not None and module != "__main__" and _lookup(module, name) is shell:
            return _find, (module, name)
        return _revive, (self.owner, self.original, self.wrapper, self.always)


def _lookup(module: str, name: str) -> Any:
    """Return what a loaded module has under a dotted name, None if it has nothing there."""
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def _find(module: str, name: str) -> Layer | None:
    """Return the layer that stands under a name in the process that unpickled it, if any."""
    return getattr(_lookup(module, name), _LAYER, None)


def _revive(owner: str, original: AnyFunction, wrapper: AnyFunction, always: bool) -> Layer:
    """Rebuild a layer in the process that unpickled it: on only while its owner is armed there."""
    layer = Layer(owner, original, wrapper, always=always)
    with _lock:
        layer.on = owner in _owners()
        _revived.add(layer)
    return layer


class _Patch:
    """One entry of the undo log. Holds classes weakly: a redefined notebook class must be freed."""

    __slots__ = ("added", "holder", "layer", "name", "owner", "where")

    def __init__(self, holder: Any, name: str, layer: Layer, *, added: bool = False) -> None:
        self.holder = weakref.ref(holder)
        self.name = name
        self.owner = layer.owner
        self.layer = weakref.ref(layer)
        self.added = added  # the class only inherited the method before
        self.where = f"{getattr(holder, '__qualname__', holder.__name__)}.{name}"


def patch_method(cls: type, name: str, make: Make, *, owner: str, always: bool = False) -> None:
    """Replace method ``name`` of ``cls`` by ``make(original)``; a second call changes nothing.

    Works for functions, static and class methods, descriptors that keep their function in ``.fn``
    (scikit-learn's ``available_if``) and inherited methods, which get an entry in ``cls`` itself.
    While recording is paused or ``owner`` is silenced, calls go to the original.

    Args:
        cls: the class to change.
        name: the method's name.
        make: gets the original function, returns the wrapper (a plain function that takes the
            same arguments, ``self`` or ``cls`` included).
        owner: name of the integration, for `undo`.
        always: run the wrapper even while paused or silenced.

    Raises:
        AttributeError: ``cls`` has no such method.
        TypeError: the attribute is not something that can be wrapped.
    """
    with _lock:
        added = name not in cls.__dict__
        raw = _inherited(cls, name) if added else cls.__dict__[name]
        function = _function_of(raw)
        if _already_wrapped(function, owner, cls, name):
            return
        shell, layer = _shell(function, make, owner, always=always)
        if _is_fn_descriptor(raw):
            raw.fn = shell
        else:
            layer.raw = raw
            setattr(
                cls,
                name,
                type(raw)(shell) if isinstance(raw, (staticmethod, classmethod)) else shell,
            )
        _patches.append(_Patch(cls, name, layer, added=added))
        _wake_revived(owner)


def patch_function(
    module: ModuleType, name: str, make: Make, *, owner: str, always: bool = False
) -> None:
    """Replace function ``name`` of ``module`` wherever a loaded module refers to it.

    ``from lightgbm import train`` made earlier, in ``__main__`` too, is rebound. References in
    closures, defaults and ``functools.partial`` can't be seen.

    Raises:
        AttributeError: ``module`` has no such function.
    """
    patch_functions(module, {name: make}, owner=owner, always=always)


def patch_functions(
    module: ModuleType,
    makes: Mapping[str, Make],
    *,
    owner: str,
    always: bool = False,
    inside: bool = True,
) -> None:
    """Do `patch_function` for several functions with one scan of the loaded modules (~10 ms).

    Args:
        module, makes, owner, always: as for `patch_function`, by name.
        inside: False leaves the framework's own other modules alone. They go on calling originals,
            and objects that hold one (a scorer made earlier) still pickle, because it stays where
            its name says. The wrapper's ``__module__`` becomes ``module``, from where users import.
    """
    with _lock:
        swap: dict[int, tuple[Any, Any]] = {}
        for name, make in makes.items():
            original = getattr(module, name)
            if _already_wrapped(original, owner, module, name):
                continue
            shell, layer = _shell(original, make, owner, always=always)
            if not inside:
                shell.__module__ = module.__name__
            swap[id(original)] = (original, shell)
            setattr(module, name, shell)
            _patches.append(_Patch(module, name, layer))
        if swap:
            _rebind(swap, leave="" if inside else module.__name__.partition(".")[0])
            _wake_revived(owner)


def undo(owner: str) -> list[str]:
    """Take off everything that ``owner`` put on, newest first.

    Returns:
        One sentence for each place that somebody else changed meanwhile: theirs was left alone,
        and our layer beneath it only passes calls through from now on.
    """
    with _lock:
        mine = [patch for patch in _patches if patch.owner == owner]
        _patches[:] = [patch for patch in _patches if patch.owner != owner]
        for layer in list(_revived):
            if layer.owner == owner:
                layer.on = False
        swap: dict[int, tuple[Any, Any]] = {}
        notes = [note for patch in reversed(mine) if (note := _undo_one(patch, swap))]
        if swap:
            _rebind(swap)
        return notes


def patched(owner: str = "") -> list[str]:
    """Return what is wrapped at the moment, as ``Class.method`` or ``module.function``."""
    with _lock:
        return [p.where for p in _patches if owner in ("", p.owner) and p.holder() is not None]


def _undo_one(patch: _Patch, swap: dict[int, tuple[Any, Any]]) -> str:
    holder, layer = patch.holder(), patch.layer()
    if layer is None:
        return ""  # the class is gone, or the module was reloaded
    layer.on = False  # also reaches references that no scan can find
    if holder is None:
        return ""
    current = vars(holder).get(patch.name)
    function = current.fn if _is_fn_descriptor(current) else getattr(current, "__func__", current)
    if layer.shell is None or function is not layer.shell():
        return "" if _is_shell(function) else _left_alone(patch)
    if isinstance(holder, ModuleType):
        original = _peel(layer.raw)
        swap[id(function)] = (function, original)
        setattr(holder, patch.name, original)
    elif _is_fn_descriptor(current):
        current.fn = _peel(layer.original)
    elif patch.added:
        delattr(holder, patch.name)
    else:
        setattr(holder, patch.name, _peel(layer.raw))
    return ""


def _left_alone(patch: _Patch) -> str:
    return (
        f"{patch.where} was wrapped once more by somebody else; that was left alone, "
        "epochlog's layer beneath it is switched off"
    )


def _is_shell(function: Any) -> bool:
    """Whether a wrapper of ours stands there; taking off the newest peels those that are off.

    The marker alone does not tell: ``functools.wraps`` copies it to anybody's wrapper around ours.
    """
    layer = getattr(function, _LAYER, None)
    return isinstance(layer, Layer) and layer.shell is not None and layer.shell() is function


def _peel(raw: Any) -> Any:
    """Look through layers of ours that were switched off while another one stood on top."""
    while True:
        function = getattr(raw, "__func__", raw)
        if not _is_shell(function) or getattr(function, _LAYER).on:
            return raw
        raw = getattr(function, _LAYER).raw


def _shell(
    original: AnyFunction, make: Make, owner: str, *, always: bool
) -> tuple[AnyFunction, Layer]:
    layer = Layer(owner, original, _named_like(original, make(original)), always=always)

    @functools.wraps(original)
    def shell(*args: Any, **kwargs: Any) -> Any:
        return layer.target()(*args, **kwargs)

    _named_like(original, shell)
    setattr(shell, _LAYER, layer)
    layer.shell = weakref.ref(shell)
    return shell, layer


def _named_like(original: AnyFunction, wrapper: AnyFunction) -> AnyFunction:
    """Give a wrapper's frames the original's name, for tracebacks and code that asks its caller."""
    code, name = getattr(wrapper, "__code__", None), getattr(original, "__name__", None)
    if code is not None and isinstance(name, str):
        wrapper.__code__ = code.replace(co_name=name)
    return wrapper


def _function_of(raw: Any) -> AnyFunction:
    if _is_fn_descriptor(raw):
        raw = raw.fn
    elif isinstance(raw, (staticmethod, classmethod)):
        raw = raw.__func__
    if not callable(raw) or isinstance(raw, type):
        raise TypeError(f"can't wrap {raw!r}: it is not a function or method")
    return raw  # type: ignore[no-any-return]


def _is_fn_descriptor(raw: Any) -> bool:
    return hasattr(type(raw), "__get__") and callable(getattr(raw, "fn", None))


def _inherited(cls: type, name: str) -> Any:
    """Return an entry for ``cls`` that does what the inherited method does."""
    static = next((base.__dict__[name] for base in cls.__mro__ if name in base.__dict__), None)
    if static is None:
        raise AttributeError(f"{cls.__qualname__} has no method {name!r}")
    if isinstance(static, staticmethod):
        return static
    original = getattr(static, "__func__", static)

    @functools.wraps(original)
    def inherited(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        return getattr(super(cls, self), name)(*args, **kwargs)

    # Pickling ``cls.name`` by reference has to find this very function.
    inherited.__module__, inherited.__qualname__ = cls.__module__, f"{cls.__qualname__}.{name}"
    inherited.__dict__.pop(_LAYER, None)
    bound_to_class = isinstance(static, (classmethod, type(dict.__dict__["fromkeys"])))
    return classmethod(inherited) if bound_to_class else inherited


def _already_wrapped(function: Any, owner: str, holder: Any, name: str) -> bool:
    """Whether ``owner``'s layer is in there already; one that was switched off is switched on."""
    for inner in _chain(function):
        layer = getattr(inner, _LAYER, None)
        if isinstance(layer, Layer) and layer.owner == owner:
            if not layer.on:
                layer.on = True
                _patches.append(_Patch(holder, name, layer))
            return True
    return False


def _chain(function: Any) -> Iterator[Any]:
    for _ in range(_CHAIN_MAX):
        if function is None:
            return
        yield function
        function = getattr(function, "__wrapped__", None)


def _owners() -> set[str]:
    return {patch.owner for patch in _patches}


def _wake_revived(owner: str) -> None:
    for layer in list(_revived):
        if layer.owner == owner:
            layer.on = True


def _rebind(swap: Mapping[int, tuple[Any, Any]], leave: str = "") -> None:
    """Replace references in the namespaces of all loaded modules; ``swap`` is by identity.

    Modules of the package ``leave`` are left alone.
    """
    for module_name, module in sys.modules.copy().items():
        if module_name.startswith("epochlog"):  # an integration may keep the original on purpose
            continue
        if leave and module_name.partition(".")[0] == leave:
            continue
        try:  # past a lazy module's own __getattribute__, which would load it
            namespace = object.__getattribute__(module, "__dict__")
        except AttributeError:
            continue
        hits = [(key, value) for key, value in list(namespace.items()) if id(value) in swap]
        for key, value in hits:
            old, new = swap[id(value)]
            if value is old:
                namespace[key] = new
