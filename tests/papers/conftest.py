"""What the tests of papers share: a workshop on an empty cloud."""

from collections.abc import Iterator

import pytest

from infra.local.house import House
from tests.papers.workshop import Workshop


@pytest.fixture
def workshop(aws: House) -> Iterator[Workshop]:
    """Open the workshop; the roles of the template are enforced."""
    yield Workshop(aws)
    aws.move_clock(0)
    assert aws.failures == []
