"""The simulated night of `make bench`, with few schools and worse weather; no time is asserted."""

import os

import pytest

from infra.bench import memory_dynamodb, night, night_page
from infra.bench.memory_cloud import Cloud, Weather
from infra.bench.night import Amounts, Found
from infra.bench.night_las import BAD_NIGHTS, PEOPLE
from roster_sync import plan
from schoolpoort import aws

_SCHOOLS = 24
_BAD = len(BAD_NIGHTS)
_STORM = Amounts(
    schools=_SCHOOLS, faulting=_BAD / _SCHOOLS, twice=0.5, weather=Weather(0.3, 0.1), seed=3
)


@pytest.fixture(scope="module")
def found() -> Found:
    """Let one night pass for all tests."""
    return night.simulate(_STORM)


def test_every_school_ends_as_its_system_or_as_it_was(found: Found) -> None:
    """Good ones are equal to their system, bad ones untouched and explained, none forgotten."""
    assert found.wrong == []
    assert found.outcomes.total() == _SCHOOLS
    assert set(found.causes) == {cause.value for cause in BAD_NIGHTS.values()}
    assert found.outcomes["failed"] + found.outcomes["refused"] == _BAD


def test_the_night_was_as_bad_as_it_was_meant_to_be(found: Found) -> None:
    """Calls were throttled for good, workers ended between writes, and messages came again."""
    for mishap in ("throttled", "given up by the SDK", "killed", "delivered twice"):
        assert found.mishaps[mishap] > 0, mishap
    assert found.deliveries > _SCHOOLS


def test_messages_that_gave_up_are_handed_out_again() -> None:
    """In weather in which five deliveries are too few, the helpdesk's button ends the night."""
    worst = Amounts(schools=12, faulting=0, weather=Weather(0.5, 0.3), seed=4)
    found = night.simulate(worst)
    assert found.wrong == []
    assert found.mishaps["gave up"] > 0
    assert found.mishaps["handed out again by the helpdesk"] == found.mishaps["gave up"]


def test_a_night_that_loses_somebody_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where changes are found and not written, the schools concerned are named."""
    usual = plan.diff

    def forgetful(*given: object, **more: object) -> plan.Plan:
        found = usual(*given, **more)  # type: ignore[arg-type]
        return plan.Plan(found.groups, found.people[1:])

    monkeypatch.setattr(plan, "diff", forgetful)
    found = night.simulate(Amounts(schools=3, faulting=0, weather=Weather(0, 0)))
    assert len(found.wrong) == 3


def test_what_stood_in_for_aws_is_gone_afterwards(found: Found) -> None:
    """The session, the settings and the clock are the usual ones again."""
    assert found.schools == _SCHOOLS
    assert not isinstance(aws.session(), Cloud)
    assert os.environ.get("ROSTER_DEAD_LETTERS") != "dead_letters"


def test_the_page_says_what_was_extrapolated_and_what_was_missed(found: Found) -> None:
    """A night of few schools is told as such, with each waiting as a line of its own."""
    text, is_held = night_page.page(found, _STORM, PEOPLE)
    assert f"Measured with {_SCHOOLS} schools" in text
    assert all(f"| Lambda, waiting {wait} s for a system |" in text for wait in (1, 5, 15))
    assert is_held is ("**missed**" not in text)
    found.wrong.append("somebody is missing")
    text, is_held = night_page.page(found, _STORM, PEOPLE)
    found.wrong.clear()
    assert "1 wrong, **missed**" in text
    assert not is_held


def test_units_are_reckoned_as_aws_reckons_them() -> None:
    """A KiB begun is a write unit, 4 KiB begun a read unit, an older answer half of one."""
    tables = memory_dynamodb.Tables()
    key = {"school_id": {"S": "1"}, "item_key": {"S": "person#1"}}
    tables.put_item("ROSTER_TABLE", {**key, "name": {"S": "x" * 1100}})
    assert tables.units == {"write": 2}
    tables.get_item("ROSTER_TABLE", key)
    tables.get_item("ROSTER_TABLE", key, ConsistentRead=True)
    assert tables.units["read_halves"] == 1 + 2
    tables.transact_write_items([{"Put": {"TableName": "ROSTER_TABLE", "Item": key}}])
    assert tables.units["write"] == 2 + 2 * 2


def test_an_expression_of_another_form_is_refused() -> None:
    """The stand-in never guesses what a condition means."""
    tables = memory_dynamodb.Tables()
    with pytest.raises(memory_dynamodb.NotUnderstood):
        tables.put_item("ROSTER_TABLE", {"school_id": {"S": "1"}, "item_key": {"S": "a"}},
                        ConditionExpression="size(item_key)")  # fmt: skip
