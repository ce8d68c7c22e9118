"""Fixtures of the whole suite: the cloud without data, and the house on its seed."""

import socket
from collections.abc import Iterator

import pytest
from hypothesis import settings

from infra.local import controls, messages, seed
from infra.local.house import House, open_house
from infra.local.state import Snapshot
from infra.local.visitor import Visitor
from schoolpoort import aws as product_aws
from schoolpoort import captcha, pepper_keys
from tests.amounts import IS_SOAK, often
from tests.canaries import Canaries

settings.register_profile("suite", deadline=None)
settings.register_profile("soak", deadline=None, max_examples=often(100))
settings.load_profile("soak" if IS_SOAK else "suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every property belongs to the long runs."""
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.soak)


def _port() -> int:
    """Return a free port, so that workers and runs side by side never meet."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="session")
def canaries() -> Canaries:
    """Every secret born in this process, and where it must not be found again."""
    listening = Canaries()
    listening.install()
    return listening


@pytest.fixture(scope="session")
def _open_house(canaries: Canaries) -> Iterator[House]:
    messages.compile_all()
    house = open_house(_port())
    controls.FAULTS.install(product_aws.session())
    yield house
    house.stop()


@pytest.fixture(scope="session")
def _states(_open_house: House) -> dict[str, Snapshot]:
    # What a deployment makes before anybody comes, invitations apart.
    _open_house.deploy([])
    return {"empty": Snapshot.take(_open_house)}


@pytest.fixture
def aws(_open_house: House, _states: dict[str, Snapshot]) -> House:
    """Every table, queue, bucket and key of the template, without data; roles not enforced."""
    _states["empty"].restore(_open_house)
    _open_house.move_clock(0)
    _open_house.failures.clear()
    pepper_keys.forget()
    return _open_house


@pytest.fixture
def house(_open_house: House, _states: dict[str, Snapshot], canaries: Canaries) -> Iterator[House]:
    """Return the house on its seed, answering without sockets, roles enforced.

    What the test leaves behind is searched for secrets.
    """
    from infra.local import server as local_server

    server = local_server.of_house(_open_house)
    server.start()
    try:
        if "seed" not in _states:
            _states["empty"].restore(_open_house)
            seed.fill(_open_house)
            controls.remember(_open_house)
            _states["seed"] = Snapshot.take(_open_house)
        _states["seed"].restore(_open_house)
        _open_house.move_clock(0)
        _open_house.failures.clear()
        # The functions share a process here, as they never do in Lambda: each reads its secret.
        captcha.forget()
        pepper_keys.forget()
        canaries.begin()
        yield _open_house
        assert canaries.leaks() == []
    finally:
        server.stop()
    assert _open_house.failures == []


@pytest.fixture
def visitor(house: House) -> Visitor:
    """Somebody with a browser who has not signed in."""
    return Visitor(house.call)
