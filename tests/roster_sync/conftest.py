"""What the tests of roster_sync share: a LAS on loopback, and a school that pulls from it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.house import House
from infra.local.stand_ins import las
from schoolpoort import aws as product_aws
from tests.roster_sync.las_server import serving, stand_in
from tests.roster_sync.school import School


@pytest.fixture
def las_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Serve the stand-in LAS over real HTTP and point LAS_ENDPOINTS at it."""
    with serving(stand_in) as base:
        url = f"{base}/_las/parnassys"
        monkeypatch.setenv("STAGE", "local")
        monkeypatch.setenv("LAS_ENDPOINTS", json.dumps({"parnassys": url}))
        monkeypatch.setenv("LAS_CLIENT_NAME", "schoolpoort")
        monkeypatch.setenv("LAS_CLIENT_CODE", "local-client-code")
        yield url
        las.clear_fixtures()


@pytest.fixture
def school(aws: House, las_url: str) -> Iterator[School]:
    """Open a registered, covered school without a link, on a school day; roles are enforced."""
    found = School(aws)
    found.at_noon()
    found.register()
    found.cover()

    def count(model: Any, **_: Any) -> None:
        found.calls.append(model.name)

    watched = [product_aws.client(service).meta.events for service in ("dynamodb", "kms", "s3")]
    for events in watched:
        events.register("before-call", count, unique_id="roster-calls")
    yield found
    for events in watched:
        events.unregister("before-call", unique_id="roster-calls")
    aws.move_clock(0)
    assert aws.failures == []
