"""A login function on an empty cloud with two invented people, its calls counted."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.house import House
from infra.local.stand_ins import google
from infra.local.visitor import Visitor
from login import pupil_store, throttle
from schoolpoort import aws as product_aws
from schoolpoort import captcha, rosters
from tests.login.door import BAS, NOOR, PASSWORD, Door, ask_stand_in, put_account
from tests.login.test_pupils import group_of
from tests.signed_in import signed_in


@pytest.fixture
def door(aws: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    """Open the door with a teacher and a board member who know their password."""
    captcha.forget()
    monkeypatch.setattr(captcha.recaptcha, "_ask", ask_stand_in)
    google.reset()
    put_account(NOOR, "7", "school#42", name="Noor de Wit", roles=["teacher"], password=PASSWORD)
    put_account(BAS, "8", "board#40001", name="Bas Buis", roles=["board"], password=PASSWORD)
    opened = Door(aws)
    # Time stands still unless a test moves it. A budget's window has just begun, so that no
    # test meets its end by chance.
    opened.move_clock(-opened.now_epoch_s % throttle.ACCOUNT.window_s + 1)
    events = product_aws.client("dynamodb").meta.events

    def count(event_name: str = "", **_: Any) -> None:
        opened.calls.append(event_name.rpartition(".")[2])

    events.register("before-send.dynamodb", count, unique_id="door")
    yield opened
    events.unregister("before-send.dynamodb", unique_id="door")
    google.reset()
    aws.move_clock(0)
    assert aws.failures == []


@pytest.fixture
def visitor(door: Door) -> Visitor:
    """Somebody with a browser of his own."""
    return door.visitor()


@pytest.fixture
def address(house: House) -> str:
    """Return the path of the seeded school's pupils."""
    (who,) = [person for person in house.people if person["role"] == "pupil"]
    return str(who["address"]).removeprefix(house.base_url)


@pytest.fixture
def code(address: str) -> str:
    """Return the short code of the seeded school."""
    return address.rpartition("/")[2]


@pytest.fixture
def school_id(code: str) -> str:
    """Return the seeded school."""
    found = pupil_store.school_of_code(code)
    assert found
    return found


@pytest.fixture
def group_id(school_id: str) -> str:
    """Return a group of the school."""
    return group_of(school_id, "Groep 6")


@pytest.fixture
def teacher(house: House, school_id: str, group_id: str) -> Visitor:
    """Return the teacher whom the roster gives this group."""
    person = next(
        one
        for one in rosters.staff(school_id)
        if [each.group_id for each in one.groups] == [group_id]
    )
    return signed_in(house, "820", f"school#{school_id}", "teacher", person_id=person.person_id)
