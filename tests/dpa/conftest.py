"""What the tests of dpa share: a desk on an empty cloud, its AWS calls counted."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.house import House
from schoolpoort import aws as product_aws
from tests.dpa.desk import Desk


@pytest.fixture
def desk(aws: House) -> Iterator[Desk]:
    """Open the desk; the roles of the template are enforced."""
    opened = Desk(aws)
    opened.build()
    events = product_aws.client("dynamodb").meta.events

    def count(model: Any, **_: Any) -> None:
        opened.calls.append(model.name)

    events.register("before-call.dynamodb", count, unique_id="dpa-calls")
    yield opened
    events.unregister("before-call.dynamodb", unique_id="dpa-calls")
    aws.move_clock(0)
    assert aws.failures == []
