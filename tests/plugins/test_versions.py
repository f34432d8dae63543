"""Version ranges of integrations against what is installed."""

from __future__ import annotations

import importlib.metadata
import sys
import types

import pytest

from epochlog.base.errors import SettingsError
from epochlog.plugins import versions


@pytest.mark.parametrize(
    ("requirement", "version", "fits"),
    [
        ("x>=1.6", "1.6", True),
        ("x>=1.6", "1.10.2", True),
        ("x>=1.6", "1.5.9", False),
        ("x>=2.1,<4", "3.4.1", True),
        ("x>=2.1,<4", "4.0.0", False),
        ("x>=2.1,<4", "4.0rc1", False),
        ("x>=2.1", "2.1rc1", False),
        ("x>=2.1", "2.2.dev3", True),
        ("x>=2", "2.13.0+cpu", True),
        ("x!=1.7", "1.7.0", False),
        ("x==1.7", "1.7.0", True),
        ("x", "0.0.1", True),
        ("x>=1", "vendor-build", True),
    ],
)
def test_ranges(requirement, version, fits):
    """Ranges compare releases as numbers and pre-releases as what they are."""
    assert versions.in_range(requirement, version) is fits


def test_installed_distribution_fits():
    """A distribution that is installed in the range fits, with its version."""
    verdict = versions.judge("pluggy>=1.5,<2", "pluggy")

    assert verdict == versions.Verdict(True, True, importlib.metadata.version("pluggy"))


def test_alternatives_take_the_one_that_is_installed():
    """Of several distributions for one module, the one that is there decides."""
    verdict = versions.judge("no-such-distribution>=9|pluggy>=1.5", "pluggy")

    assert verdict.fits
    assert verdict.version


def test_too_old_says_what_is_needed():
    """A version outside the range is named together with the range."""
    verdict = versions.judge("pluggy>=99", "pluggy")

    assert (verdict.installed, verdict.fits) == (True, False)
    assert "needs pluggy>=99" in verdict.reason
    assert verdict.version in verdict.reason


def test_absent_framework():
    """Neither distribution nor module: not installed, and nothing was imported to find out."""
    verdict = versions.judge("no-such-distribution>=1", "no_such_module")

    assert (verdict.installed, verdict.fits) == (False, False)


def test_module_without_metadata_is_judged_by_its_version_attribute(monkeypatch):
    """A source tree on the path has no metadata; its ``__version__`` is taken."""
    module = types.ModuleType("sourcetree")
    module.__version__ = "0.9"
    monkeypatch.setitem(sys.modules, "sourcetree", module)

    assert not versions.judge("sourcetree>=1", "sourcetree").fits
    module.__version__ = "1.2"
    assert versions.judge("sourcetree>=1", "sourcetree").fits
    del module.__version__
    assert "unknown" in versions.judge("sourcetree>=1", "sourcetree").reason


def test_looking_does_not_import():
    """Judging a framework does not import it."""
    assert "xmlrpc" not in sys.modules or sys.modules.pop("xmlrpc")
    versions.judge("", "xmlrpc")

    assert "xmlrpc" not in sys.modules


def test_nonsense_requirement_is_named():
    """A malformed requirement in a plugin is an error that quotes it."""
    with pytest.raises(SettingsError, match=">>>"):
        versions.judge("pluggy>>>1")
