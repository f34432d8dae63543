"""Published test suites, run by authors of integrations and stores in their own repository."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(  # before they are imported: failures then show both sides
    "epochlog.plugins.testing.integration", "epochlog.plugins.testing.sink"
)

from epochlog.plugins.testing.integration import IntegrationTestCase  # noqa: E402
from epochlog.plugins.testing.recorded import MemorySink, Recorded, recording  # noqa: E402
from epochlog.plugins.testing.sink import SinkConformance  # noqa: E402

__all__ = ["IntegrationTestCase", "MemorySink", "Recorded", "SinkConformance", "recording"]
