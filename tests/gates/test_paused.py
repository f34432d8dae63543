"""``paused()`` nests, belongs to its own thread and context, and ends whatever happens inside."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from sklearn.tree import DecisionTreeClassifier

import epochlog


def fit(cancer: Any, depth: int) -> None:
    DecisionTreeClassifier(max_depth=depth).fit(*cancer)


def depths(stored: Any) -> list[int]:
    return [run.params["max_depth"] for run in stored()]


def test_pauses_nest(stored: Any, cancer: Any) -> None:
    """The end of an inner pause does not end the outer one."""
    fit(cancer, 1)
    with epochlog.paused():
        fit(cancer, 2)
        with epochlog.paused():
            fit(cancer, 3)
        fit(cancer, 4)
    fit(cancer, 5)

    assert depths(stored) == [1, 5]


def test_an_exception_ends_the_pause(stored: Any, cancer: Any) -> None:
    """An exception inside a pause passes, and what comes after is recorded."""
    with pytest.raises(ZeroDivisionError), epochlog.paused():
        1 / 0  # noqa: B018
    fit(cancer, 1)

    assert depths(stored) == [1]


def test_a_pause_keeps_the_settings(cancer: Any, stored: Any) -> None:
    """Options that were given to ``autolog`` hold after a pause."""
    epochlog.uninstrument()
    epochlog.autolog(hardware=False, options={"sklearn": {"models": False}})
    with epochlog.paused():
        fit(cancer, 1)
    fit(cancer, 2)
    (run,) = stored()

    assert run.params["max_depth"] == 2
    assert not run.models


def test_a_pause_is_of_its_thread(stored: Any, cancer: Any) -> None:
    """A thread that trains while another one pauses is recorded."""
    with epochlog.paused():
        other = threading.Thread(target=fit, args=(cancer, 1))
        other.start()
        other.join()
        fit(cancer, 2)

    assert depths(stored) in ([1], [])  # a thread started inside a pause may inherit it
    fit(cancer, 3)
    assert depths(stored)[-1] == 3


def test_a_pause_is_of_its_task(stored: Any, cancer: Any) -> None:
    """Of two tasks of one event loop only the one inside the pause is silent."""

    async def quiet(entered: asyncio.Event, done: asyncio.Event) -> None:
        with epochlog.paused():
            entered.set()
            await done.wait()
            fit(cancer, 1)

    async def loud(entered: asyncio.Event, done: asyncio.Event) -> None:
        await entered.wait()
        fit(cancer, 2)
        done.set()

    async def both() -> None:
        entered, done = asyncio.Event(), asyncio.Event()
        await asyncio.gather(quiet(entered, done), loud(entered, done))

    asyncio.run(both())

    assert depths(stored) == [2]


def test_the_users_own_run_is_not_paused(stored: Any, cancer: Any) -> None:
    """What the user logs by hand is recorded inside a pause; trainings are not."""
    with epochlog.start_run() as run, epochlog.paused():
        run.log_metrics({"mine": 1.0})
        fit(cancer, 1)
    (found,) = stored()

    assert found.metrics["mine"].last == 1.0
    assert "max_depth" not in found.params


def test_a_pause_inside_a_search_is_of_the_search(stored: Any, cancer: Any) -> None:
    """A search inside a pause leaves no candidate and no fold behind."""
    from sklearn.model_selection import GridSearchCV

    with epochlog.paused():
        GridSearchCV(DecisionTreeClassifier(), {"max_depth": [1, 2]}, cv=2).fit(*cancer)
    fit(cancer, 3)

    assert depths(stored) == [3]
