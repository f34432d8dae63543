"""Make identifiers: time-ordered UUIDs for machines, sayable names for people."""

# ruff: noqa: SIM905 - a text of words is easier to read than a list of literals

from __future__ import annotations

import hashlib
import os
import time
import uuid

_ADJECTIVES = (
    "able amber ample azure bold brave brief bright brisk calm candid cheery civil clean clear "
    "clever cosy crisp curious daring deep deft eager early easy exact fair fancy fast fierce "
    "fine firm fleet fond frank free fresh gentle glad golden good grand great green happy "
    "hardy honest humble ideal jolly keen kind large lean light lively loyal lucid lucky mellow "
    "merry mild modest neat new nice nimble noble open patient plain plucky polite prime proud "
    "pure quick quiet rapid rare ready regal rich ripe robust rosy round royal sage serene "
    "sharp shiny silent silver simple sleek smart smooth snappy snug sober solid sound spry "
    "steady still stout strong sturdy sunny sure swift tame tidy tiny true upbeat urban valid "
    "vast vivid warm wild wise witty young zesty"
).split()
_NOUNS = (
    "acorn alder ant apple aspen aster badger bamboo bay beach bear beaver bee birch bison "
    "bloom breeze brook canyon cedar cherry cliff clover cloud comet coral crane creek crow "
    "daisy dawn deer delta dove dune eagle elk elm falcon fern field finch fir fjord flame "
    "forest fox frog garden gecko glacier goose grove gull harbor hare hawk hazel heron hill "
    "holly ibex island ivy jay koala lake lark leaf lemon lily lion lotus lynx maple marsh "
    "meadow mole moon moose moss moth newt oak oasis olive orbit orca orchid osprey otter owl "
    "palm panda pearl pebble pine planet plum pond poppy prairie puffin quail rabbit rain raven "
    "reef ridge river robin rose sage seal shore sky snow sparrow spruce star stone stream sun "
    "swan thistle tiger toad trout tulip turtle valley violet walnut wave whale willow wind "
    "wolf wren yak zebra"
).split()


def new_id() -> str:
    """Return a new UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then 74 random bits.

    Random bits come from the operating system, so that no seeded generator of the
    user is consumed.
    """
    return _version_7(time.time_ns() // 1_000_000, os.urandom(10))


def named_id(name: str, at_us: int) -> str:
    """Return the UUIDv7 that everybody gets for this name and this time.

    Args:
        name: what makes it unique; as good as random bits if it names its thing fully.
        at_us: time in microseconds since the epoch, so that ids still sort by time.
    """
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
    return _version_7(max(0, at_us) // 1000 & (1 << 48) - 1, digest[:10])


def _version_7(at_ms: int, rest: bytes) -> str:
    value = int.from_bytes(rest, "big") | at_ms << 80
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return str(uuid.UUID(int=value))


def say_id(run_id: str) -> str:
    """Return a name that people can say aloud, made from an id: ``brave-otter-42``."""
    bits = uuid.UUID(run_id).int & ((1 << 62) - 1)
    bits, number = divmod(bits, 100)
    bits, noun = divmod(bits, len(_NOUNS))
    return f"{_ADJECTIVES[bits % len(_ADJECTIVES)]}-{_NOUNS[noun]}-{number}"
