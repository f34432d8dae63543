"""Decide whether an installed framework is in the range that its integration supports."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from epochlog.base.errors import SettingsError

if TYPE_CHECKING:
    from packaging.requirements import Requirement


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found for a requirement.

    Attributes:
        installed: whether the framework is there at all.
        fits: whether its version is inside the range.
        version: the version found, "" if unknown.
        reason: why it doesn't fit, or what is uncertain; "" if all is well.
    """

    installed: bool
    fits: bool
    version: str = ""
    reason: str = ""


def judge(supports: str, module: str = "") -> Verdict:
    """Compare a requirement with what is installed, without importing the framework.

    Args:
        supports: ``"lightgbm>=4.5"``; alternatives that provide the same module are separated by
            ``|`` (``"xgboost>=2.1,<4|xgboost-cpu>=2.1,<4"``); "" accepts everything.
        module: top-level module of the framework; decides whether it is there when no
            distribution's metadata is (a source tree on the path, a renamed distribution).

    Raises:
        SettingsError: ``supports`` is not a requirement.
    """
    verdicts = [v for text in supports.split("|") if text.strip() and (v := _judge_one(text))]
    for verdict in verdicts:
        if verdict.fits:
            return verdict
    if verdicts:
        return verdicts[0]
    if module and not is_importable(module):
        return Verdict(installed=False, fits=False, reason="not installed")
    return _judge_by_module(supports, module)


def is_importable(module: str) -> bool:
    """Return whether a top-level module can be found, without importing it."""
    if module in sys.modules:
        return True
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def in_range(requirement: str, version: str) -> bool:
    """Return whether ``version`` satisfies the range of a requirement such as ``"keras>=3.8,<4"``.

    A pre-release counts as what it is: 4.0rc1 is neither ``>=4.0`` nor ``<4``.

    Raises:
        SettingsError: ``requirement`` is not a requirement.
    """
    from packaging.version import InvalidVersion, Version

    specifier = _parse(requirement).specifier
    try:
        return bool(specifier.contains(Version(version), prereleases=True))
    except InvalidVersion:  # a vendor's own scheme: nothing to compare, so nothing to forbid
        return True


def _judge_one(requirement: str) -> Verdict | None:
    """Judge by the distribution's metadata; None if there is no such distribution."""
    name = _parse(requirement).name
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
    return _verdict(requirement, version or "")


def _judge_by_module(supports: str, module: str) -> Verdict:
    version = str(getattr(sys.modules.get(module), "__version__", ""))
    if not supports:
        return Verdict(installed=True, fits=True, version=version)
    if not version:
        reason = f"version unknown, taken for {supports}"
        return Verdict(installed=True, fits=True, reason=reason)
    return _verdict(supports.split("|", maxsplit=1)[0], version)


def _verdict(requirement: str, version: str) -> Verdict:
    if not version or in_range(requirement, version):
        return Verdict(installed=True, fits=True, version=version)
    reason = f"version {version} is not supported, needs {requirement.strip()}"
    return Verdict(installed=True, fits=False, version=version, reason=reason)


def _parse(requirement: str) -> Requirement:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        return Requirement(requirement.strip())
    except InvalidRequirement as error:
        raise SettingsError(
            f"not a requirement: {requirement!r}; write it like 'lightgbm>=4.5'"
        ) from error
