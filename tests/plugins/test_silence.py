"""Silencing integrations that another one wraps."""

from __future__ import annotations

import threading

import pytest

from epochlog.plugins.api import is_silenced, silencing


def test_silenced_inside_only():
    """Names are silenced inside the block, nested blocks add up, and the outside is as before."""
    with silencing(["torch"]):
        with silencing(("sklearn",)):
            assert is_silenced("torch")
            assert is_silenced("sklearn")
        assert not is_silenced("sklearn")
        assert is_silenced("torch")
    assert not is_silenced("torch")


def test_exception_ends_the_silence():
    """An exception passes and the silence ends."""
    with pytest.raises(KeyError), silencing(["torch"]):
        raise KeyError
    assert not is_silenced("torch")


def test_other_threads_are_not_silenced():
    """Silence belongs to the context, another thread records on."""
    heard = []
    with silencing(["torch"]):
        thread = threading.Thread(target=lambda: heard.append(is_silenced("torch")))
        thread.start()
        thread.join()
    assert heard == [False]
