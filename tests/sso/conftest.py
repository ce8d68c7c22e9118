"""A sso function on an empty cloud with one invented school and its publisher."""

from collections.abc import Iterator

import pytest

from infra.local.house import House
from infra.local.stand_ins import publisher as stand_in
from sso import registration
from sso.registration import Publisher
from tests.sso.world import PUBLISHER, SITE, World


@pytest.fixture
def world(aws: House) -> Iterator[World]:
    """Return a covered school linked to a publisher; the functions answer without sockets."""
    built = World(aws)
    built.build()
    yield built
    aws.move_clock(0)
    assert aws.failures == []


@pytest.fixture
def publisher() -> Publisher:
    """Return the registered publisher, without any cloud."""
    return registration.check(stand_in.registration(SITE, PUBLISHER), is_http_allowed=True)
