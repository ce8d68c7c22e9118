"""What a pupil has goes on the day on which he is forgotten, and stays when he is back before."""

from typing import Any

from infra.local.stand_ins import las
from login import home_store, pupil_store
from roster_sync import roster_store
from roster_sync.records import PERSON_PREFIX, StoredPerson
from schoolpoort import clock, dynamodb
from schoolpoort.settings import require
from tests.roster_sync.samples import BRIN6
from tests.roster_sync.school import SCHOOL_ID, School


def _pupils() -> list[StoredPerson]:
    people = roster_store.contents(SCHOOL_ID, clock.now_epoch_s()).people.people.values()
    return [one for one in people if one.kind == "pupil"]


def _settle(person_id: str) -> None:
    dynamodb.transact(pupil_store.change_picture(SCHOOL_ID, person_id, "appel"))
    dynamodb.transact([pupil_store.pin_change(SCHOOL_ID, person_id, "x")])
    address = f"ouder{person_id}@example.nl"
    home_store.add_address(SCHOOL_ID, person_id, address, picture="appel", request_id="1")


def _ends(person_id: str) -> list[Any]:
    """Return the end of each item about a pupil: his own and the two of his home door."""
    table = require("PUPIL_ACCESS_TABLE")
    address = f"ouder{person_id}@example.nl"
    keys = [
        {"school_id": SCHOOL_ID, "item_key": f"pupil#{person_id}"},
        home_store._pair_key(SCHOOL_ID, person_id, address),
        home_store._index_key(SCHOOL_ID, person_id, address),
    ]
    return [(dynamodb.get(table, key) or {})["expires_at_epoch_s"] for key in keys]


def _keeps_everything(person_id: str) -> bool:
    try:
        _ends(person_id)
    except KeyError:
        return True
    return False


def test_everything_of_a_leaver_goes_with_him(school: School) -> None:
    """Picture, PIN and home door end on his day; nobody else's do, and he may come back whole."""
    school.link()
    school.night()
    for one in _pupils():
        _settle(one.person_id)
    las.set_fixture(BRIN6, "some_left")
    school.next_day()
    school.night()
    [gone] = [one for one in _pupils() if not one.active]
    assert _ends(gone.person_id) == [gone.erased_at_epoch_s] * 3
    assert all(_keeps_everything(one.person_id) for one in _pupils() if one.active)
    las.set_fixture(BRIN6, "normal")
    school.next_day()
    school.night()
    assert _keeps_everything(gone.person_id)


def test_messages_may_come_late_and_twice(school: School) -> None:
    """The day is that of the roster, whatever a message of yesterday was about."""
    school.link()
    school.night()
    pupil, *_ = _pupils()
    _settle(pupil.person_id)
    body = f'{{"school_id": "{SCHOOL_ID}", "person_ids": ["{pupil.person_id}", "404"]}}'
    records = [{"messageId": "1", "body": body}, {"messageId": "2", "body": body}]
    answer = school.house.invoke("LeaversFunction", {"Records": records})
    assert answer == {"batchItemFailures": []}
    assert _keeps_everything(pupil.person_id)
    table, key = require("ROSTER_TABLE"), PERSON_PREFIX + pupil.person_id
    dynamodb.delete(table, {"school_id": SCHOOL_ID, "item_key": key})
    school.house.invoke("LeaversFunction", {"Records": records})
    now = clock.now_epoch_s()
    assert all(now - 60 <= end <= now for end in _ends(pupil.person_id))
