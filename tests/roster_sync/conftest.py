"""What the tests of roster_sync share: a LAS on loopback."""

import json
from collections.abc import Iterator

import pytest

from infra.local.stand_ins import las
from tests.roster_sync.las_server import serving, stand_in


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
