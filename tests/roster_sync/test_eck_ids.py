"""ECK iDs are kept apart and sealed, for as long as somebody is known by them."""

import datetime as dt
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local import rosters
from infra.local.stand_ins import las
from roster_sync import eck_marks, eck_store, roster_store
from roster_sync.model import PersonKind
from roster_sync.records import StoredPerson
from roster_sync.undo import KEPT_S
from schoolpoort import clock, dynamodb
from schoolpoort.settings import require
from tests.amounts import often
from tests.roster_sync.samples import BRIN6, YEAR
from tests.roster_sync.school import SCHOOL_ID, School


def _kept() -> dict[str, dict[str, Any]]:
    values = {":school": SCHOOL_ID}
    items = dynamodb.query(require("ECK_TABLE"), "school_id = :school", values=values)
    return {item["item_key"]: item for item in items if item["item_key"] != "key"}


def _people() -> list[StoredPerson]:
    return list(roster_store.contents(SCHOOL_ID, clock.now_epoch_s()).people.people.values())


def test_every_eck_id_can_be_opened_and_none_can_be_read(school: School) -> None:
    """After the first night each pupil's ECK iD comes back by its mark; no item shows one."""
    school.link()
    school.night()
    pupils = [one for one in _people() if one.kind == PersonKind.PUPIL]
    sent = {one.eck_id for one in rosters.of_school(BRIN6, YEAR).pupils}
    assert {eck_store.opened(SCHOOL_ID, one.eck_mark or "") for one in pupils} == sent
    everything = repr(_kept()) + repr(school.roster_items())
    assert not any(eck_id[-32:] in everything for eck_id in sent)
    assert eck_store.opened(SCHOOL_ID, "0" * 32) is None


def test_what_is_sealed_for_one_school_opens_at_no_other(school: School) -> None:
    """An item that is copied to another school, or to another mark, cannot be opened there."""
    school.link()
    school.night()
    item = next(iter(_kept().values()))
    for place in ({"school_id": "4201"}, {"item_key": f"eck#{'0' * 32}"}):
        dynamodb.put(require("ECK_TABLE"), {**item, **place})
    with pytest.raises(InvalidTag):
        eck_store.opened(SCHOOL_ID, "0" * 32)


def test_a_leavers_eck_id_goes_with_him_and_comes_back_with_him(school: School) -> None:
    """It gets the day on which he is forgotten, and loses it when he is back in the feed."""
    school.link()
    school.night()
    assert not any("expires_at_epoch_s" in item for item in _kept().values())
    las.set_fixture(BRIN6, "some_left")
    school.next_day()
    school.night()
    [gone] = [one for one in _people() if not one.active]
    ends = {key: item.get("expires_at_epoch_s") for key, item in _kept().items()}
    assert ends.pop(f"eck#{gone.eck_mark}") == gone.erased_at_epoch_s
    assert set(ends.values()) == {None}
    las.set_fixture(BRIN6, "normal")
    school.next_day()
    school.night()
    assert not any("expires_at_epoch_s" in item for item in _kept().values())


def test_one_more_pupil_is_one_more_sealed_eck_id(school: School) -> None:
    """The data key of the first night is opened again for who is new; the others stay untouched."""
    school.link()
    las.set_fixture(BRIN6, "some_left")
    school.night()
    before = _kept()
    las.set_fixture(BRIN6, "normal")
    school.next_day()
    school.night()
    after = _kept()
    assert len(after) == len(before) + 1
    assert all(after[key] == item for key, item in before.items())


_ENDS = st.dictionaries(st.sampled_from("abcdef"), st.none() | st.integers(1, 5))


@given(_ENDS, _ENDS)
@settings(max_examples=often(100), deadline=None)
def test_after_the_moves_everything_ends_when_it_should(
    before: dict[str, int | None], after: dict[str, int | None]
) -> None:
    """Whatever a school was, its ECK iDs end as they should; what nobody has ends in a month."""
    now = int(dt.datetime(2026, 11, 24, tzinfo=dt.UTC).timestamp())
    moves = eck_marks.moves(before, after, now)
    became = {**before, **dict.fromkeys(moves.new), **moves.ends}
    new_but_over = {mark: after[mark] for mark in moves.new}
    assert {**became, **new_but_over} == {**dict.fromkeys(before, now + KEPT_S), **after}
    assert not moves.ends.items() & before.items()
