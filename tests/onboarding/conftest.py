"""What the tests of onboarding share: a desk on an empty cloud, its AWS calls watched."""

from collections.abc import Iterator

import pytest

from infra.local.house import House
from tests.onboarding import aws_faults
from tests.onboarding.desk import Desk


@pytest.fixture
def desk(aws: House) -> Iterator[Desk]:
    """Open the desk; the roles of the template are enforced, and no function crashes."""
    with aws_faults.watched() as calls:
        yield Desk(aws, calls)
    aws.move_clock(0)
    assert aws.failures == []
