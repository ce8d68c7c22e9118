"""The base address of the house under test: a running one, or this worker's own."""

import os
from collections.abc import Iterator

import pytest
from wire import Controls, Person


@pytest.fixture
def base_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Return SCHOOLPOORT_BASE_URL when it names a house, else the worker's own, on its seed."""
    given = os.environ.get("SCHOOLPOORT_BASE_URL")
    if given:
        yield given.rstrip("/")
        return
    house = request.getfixturevalue("house")
    yield house.base_url


@pytest.fixture
def controls(base_url: str) -> Controls:
    """Return the developer controls."""
    return Controls(base_url)


@pytest.fixture
def somebody(base_url: str) -> Person:
    """Somebody who has not signed in."""
    return Person(base_url)
