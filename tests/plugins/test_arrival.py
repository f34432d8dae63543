"""Callbacks on the import of a module."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import zipfile

import pytest

from epochlog.plugins import arrival
from epochlog.plugins.api import when_imported


@pytest.fixture(autouse=True)
def clean(tmp_path, monkeypatch):
    """Give each test a folder on the path, and forget its modules and hooks."""
    before, hooks = set(sys.modules), dict(arrival._hooks)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    arrival._hooks.clear()
    arrival._hooks.update(hooks)
    for name in set(sys.modules) - before:
        if name.startswith("arr"):
            del sys.modules[name]


def write(folder, name, text="x = 1"):
    """Write a module file."""
    (folder / f"{name}.py").write_text(text)
    importlib.invalidate_caches()


def test_hook_runs_after_the_module_and_before_the_import_returns(tmp_path):
    """The hook sees the module complete, once per import."""
    write(tmp_path, "arr1")
    seen = []
    when_imported("arr1", lambda module: seen.append(module.x))
    assert seen == []

    import arr1

    assert seen == [arr1.x]
    importlib.import_module("arr1")
    assert seen == [1]


def test_imported_before_and_reloaded(tmp_path):
    """A module that is there already is told at once, and told again when it is reloaded."""
    write(tmp_path, "arr2")
    module = importlib.import_module("arr2")
    seen = []
    when_imported("arr2", seen.append)
    assert seen == [module]

    importlib.reload(module)

    assert seen == [module, module]


def test_submodule(tmp_path):
    """A submodule is told when it is executed, while its package may be incomplete."""
    (tmp_path / "arrpkg").mkdir()
    write(tmp_path / "arrpkg", "__init__", "from arrpkg import base\ndone = True")
    write(tmp_path / "arrpkg", "base")
    seen = []
    when_imported("arrpkg.base", lambda module: seen.append(hasattr(sys.modules["arrpkg"], "done")))

    importlib.import_module("arrpkg")

    assert seen == [False]


def test_raising_hook_never_breaks_the_import(tmp_path, monkeypatch):
    """An exception in a hook is swallowed, other hooks and the import go on."""
    monkeypatch.delenv("EPOCHLOG_RAISE")
    write(tmp_path, "arr3")
    seen = []
    when_imported("arr3", lambda module: 1 / 0)
    when_imported("arr3", seen.append)

    assert importlib.import_module("arr3").x == 1
    assert len(seen) == 1


def test_failing_module_fails_as_it_would(tmp_path):
    """A module that raises raises the same; the hook is called when a later import succeeds."""
    write(tmp_path, "arr4", "raise RuntimeError('theirs')")
    seen = []
    when_imported("arr4", seen.append)
    with pytest.raises(RuntimeError, match="theirs"):
        importlib.import_module("arr4")
    assert seen == []

    write(tmp_path, "arr4", "fine = 'now it works'")
    importlib.import_module("arr4")

    assert len(seen) == 1


def test_loader_and_spec_are_the_usual_ones(tmp_path):
    """After the import, the module's loader and spec carry no trace; absent modules stay absent."""
    write(tmp_path, "arr5")
    write(tmp_path, "arr6")
    when_imported("arr5", lambda module: None)
    when_imported("arr_absent", lambda module: None)

    hooked, usual = importlib.import_module("arr5"), importlib.import_module("arr6")

    assert type(hooked.__loader__) is type(usual.__loader__)
    assert vars(hooked.__loader__).keys() == vars(usual.__loader__).keys()
    assert hooked.__spec__.loader is hooked.__loader__
    assert importlib.util.find_spec("arr_absent") is None
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("arr_absent")


def test_modules_of_one_zip_file(tmp_path, monkeypatch):
    """Modules that share a loader are told each on its own."""
    archive = tmp_path / "arr.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("arrz1.py", "import arrz2\nx = 1")
        file.writestr("arrz2.py", "x = 2")
        file.writestr("arrz3.py", "x = 3")
    monkeypatch.syspath_prepend(str(archive))
    seen = []
    for name in ("arrz1", "arrz2"):
        when_imported(name, lambda module: seen.append(module.__name__))

    importlib.import_module("arrz3")
    importlib.import_module("arrz1")

    assert seen == ["arrz2", "arrz1"]


def test_next_to_wrapt(tmp_path):
    """Another library's import hooks on the same module work, whichever was first."""
    wrapt = pytest.importorskip("wrapt.importer")
    write(tmp_path, "arr7")
    seen = []
    when_imported("arr7", lambda module: seen.append("ours"))
    wrapt.register_post_import_hook(lambda module: seen.append("theirs"), "arr7")

    importlib.import_module("arr7")

    assert sorted(seen) == ["ours", "theirs"]
