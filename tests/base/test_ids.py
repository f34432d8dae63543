"""Facts about ``base/ids.py``: unique, ordered by time, sayable, and no random state is touched."""

from __future__ import annotations

import random
import re
import time
import uuid

import numpy as np

from epochlog.base.ids import named_id, new_id, say_id


def test_ids_are_version_7_uuids_of_now() -> None:
    """The first 48 bits are the time in milliseconds; version and variant are RFC 9562's."""
    before = time.time_ns() // 1_000_000
    made = uuid.UUID(new_id())
    after = time.time_ns() // 1_000_000

    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert before <= made.int >> 80 <= after


def test_ids_are_unique() -> None:
    """Many ids within a millisecond differ."""
    assert len({new_id() for _ in range(20_000)}) == 20_000


def test_no_seeded_generator_is_consumed() -> None:
    """The user's random numbers are the same with and without us."""
    random.seed(1)
    np.random.seed(1)
    expected = random.random(), np.random.random()
    random.seed(1)
    np.random.seed(1)
    say_id(new_id())

    assert (random.random(), np.random.random()) == expected


def test_names_are_sayable_and_stable() -> None:
    """A name is adjective-noun-number, the same for the same id, and rarely shared."""
    made = [new_id() for _ in range(300)]
    names = [say_id(one) for one in made]

    assert all(re.fullmatch(r"[a-z]+-[a-z]+-\d{1,2}", name) for name in names)
    assert names == [say_id(one) for one in made]
    assert len(set(names)) > 290


def test_named_ids_are_equal_for_equal_names() -> None:
    """A name and a time give one id everywhere: version 7, with that time in front."""
    one = named_id("study / 1", 1_790_000_000_123_456)

    assert one == named_id("study / 1", 1_790_000_000_123_999) == str(uuid.UUID(one))
    assert one != named_id("study / 2", 1_790_000_000_123_456)
    assert (uuid.UUID(one).version, uuid.UUID(one).variant) == (7, uuid.RFC_4122)
    assert uuid.UUID(one).int >> 80 == 1_790_000_000_123
