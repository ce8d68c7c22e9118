"""A school that goes on under another BRIN keeps its id, and can be given its old code back."""

import datetime as dt
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.local.visitor import Answer
from onboarding import change_store, renumbering
from onboarding.registry_changes import Change, Mutation
from schoolpoort import dynamodb, registry
from schoolpoort.coverage import amsterdam_day
from schoolpoort.settings import require
from tests.amounts import IS_SOAK
from tests.onboarding.desk import Desk
from tests.onboarding.lists import location, text
from tests.signed_in import signed_in

PAGE = "/helpdesk/registry/changes"
_DAY_S = 24 * 3600


def _rows(*, renumbered: bool) -> list[Mapping[str, str]]:
    """Return twenty schools, of which the fourth has another BRIN in the next list."""
    rows: list[Mapping[str, str]] = [
        {**location(number), "POSTCODE": f"{1000 + number} AA"} for number in range(20)
    ]
    if renumbered:
        rows[3] = {**rows[3], "INSTELLINGSCODE": "77ZZ", "VESTIGINGSCODE": "77ZZ00"}
    return rows


def _bring(desk: Desk, *, renumbered: bool = True) -> None:
    desk.bring(text(_rows(renumbered=renumbered)).encode())


def _elsewhere() -> Change:
    [found] = [
        one for one in change_store.open_changes() if one.mutation is Mutation.LOCATION_ELSEWHERE
    ]
    return found


def _confirm(desk: Desk, **more: str) -> Answer:
    form = {
        "change": _elsewhere().change_id,
        "decision": "confirm",
        "meaning": "renumbered",
        "effective_on": amsterdam_day(desk.now_epoch_s()).isoformat(),
        "note": "Brief van DUO",
        **more,
    }
    return desk.helpdesk().post(PAGE, form)


@pytest.fixture
def school_id(desk: Desk) -> str:
    """Return the id of the school before its BRIN changes."""
    _bring(desk, renumbered=False)
    found = registry.location("12AE00")
    assert found is not None
    _bring(desk)
    return found.school_id


def test_the_school_keeps_its_id_under_the_new_code(desk: Desk, school_id: str) -> None:
    """Both codes lead to it, its board has it once, and the next lists ask nothing."""
    assert _confirm(desk).location == f"{PAGE}?done=confirmed"
    found = registry.school(school_id)
    assert found is not None
    assert (found.brin6, found.former_brin6, found.closed_on) == ("77ZZ00", "12AE00", None)
    assert registry.location("12AE00") == registry.location("77ZZ00") == found
    of_board = [one.school_id for one in registry.locations_of_board("04002")]
    assert (len(of_board), of_board.count(school_id)) == (20, 1)
    _bring(desk)
    assert registry.location("12AE00") == found
    assert change_store.open_changes() == []
    shown = desk.helpdesk().get("/helpdesk/registry/12AE00").text
    assert "had deze school het BRIN 12AE00" in shown


def test_it_is_taken_back_and_everything_stands_as_it_did(desk: Desk, school_id: str) -> None:
    """Within thirty days, to the last attribute; what was done meanwhile is the school's."""
    before = {key: item for key, item in desk.registry().items() if "change#" not in key}
    _confirm(desk)
    signed_in(desk.house, "905", f"school#{school_id}", "ict_coordinator")
    desk.wait(29 * _DAY_S)
    answer = desk.helpdesk().post("/helpdesk/registry/77ZZ00/renumbering")
    assert answer.location == "/helpdesk/registry/12AE00?done=taken_back"
    after = {key: item for key, item in desk.registry().items() if "change#" not in key}
    assert after == before
    assert "terug" in desk.helpdesk().get(answer.location).text


def test_a_later_list_does_not_forget_it(desk: Desk, school_id: str) -> None:
    """A new telephone number comes in, the code before stays known, and can still come back."""
    _confirm(desk)
    rows = _rows(renumbered=True)
    rows[3] = {**rows[3], "TELEFOONNUMMER": "010"}
    desk.bring(text(rows).encode())
    found = registry.school(school_id)
    assert found is not None
    assert (found.phone, found.former_brin6) == ("010", "12AE00")
    desk.helpdesk().post("/helpdesk/registry/77ZZ00/renumbering")
    newcomer = registry.location("77ZZ00")
    assert newcomer is not None
    assert (newcomer.phone, newcomer.former_brin6) == ("010", None)
    assert newcomer.school_id != school_id


def test_after_thirty_days_it_stays(desk: Desk, school_id: str) -> None:
    """The page has no button any more, and the address says no."""
    _confirm(desk)
    desk.wait(30 * _DAY_S)
    assert "terugnemen" not in desk.helpdesk().get("/helpdesk/registry/77ZZ00").text
    answer = desk.helpdesk().post("/helpdesk/registry/77ZZ00/renumbering")
    assert answer.location.endswith("done=not_taken_back")
    found = registry.school(school_id)
    assert found is not None
    assert found.brin6 == "77ZZ00"


def test_two_schools_that_became_one_are_no_change_of_brin(desk: Desk, school_id: str) -> None:
    """People came in under the new code: nothing is written, and the page says what it is."""
    newcomer = registry.location("77ZZ00")
    assert newcomer is not None
    signed_in(desk.house, "906", f"school#{newcomer.school_id}", "ict_coordinator")
    answer = _confirm(desk)
    assert (answer.status, "Dat is een fusie" in answer.text) == (409, True)
    assert registry.location("12AE00") != registry.location("77ZZ00")
    assert registry.school(school_id) == registry.location("12AE00")


def test_only_a_location_that_goes_on_can_get_another_brin(desk: Desk) -> None:
    """A school that is gone has no new code."""
    _bring(desk, renumbered=False)
    desk.bring(text(_rows(renumbered=False)[1:]).encode())
    [gone] = change_store.open_changes()
    form = {"change": gone.change_id, "decision": "confirm", "meaning": "renumbered"}
    answer = desk.helpdesk().post(PAGE, {**form, "effective_on": "2026-11-24", "note": "x"})
    assert (answer.status, "alleen bij een locatie" in answer.text) == (400, True)


def test_a_later_day_brings_it_by_itself(desk: Desk, school_id: str) -> None:
    """Unless people came in under the new code in the meantime: then it waits on."""
    today = amsterdam_day(desk.now_epoch_s())
    _confirm(desk, effective_on=(today + dt.timedelta(days=5)).isoformat())
    newcomer = registry.location("77ZZ00")
    assert newcomer is not None
    place = {"account_id": "907", "scope": f"school#{newcomer.school_id}"}
    signed_in(desk.house, place["account_id"], place["scope"], "teacher")
    desk.wait(5 * _DAY_S)
    assert desk.house.invoke("OnboardingDailyFunction", {}) is not None
    assert registry.location("12AE00") != registry.location("77ZZ00")
    dynamodb.delete(require("ACCOUNTS_TABLE"), place)
    assert desk.house.invoke("OnboardingDailyFunction", {}) is not None
    assert registry.school(school_id) == registry.location("77ZZ00")


@settings(
    max_examples=1000 if IS_SOAK else 20,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(pairs=st.lists(st.integers(0, 9), min_size=1, max_size=6), crashes=st.booleans())
def test_renumbered_and_taken_back_is_as_before(
    desk: Desk, pairs: list[int], *, crashes: bool
) -> None:
    """For any series of changes of BRIN, done twice as after a crash, and taken back at once."""
    rows = [
        *({**location(number)} for number in range(10)),
        *(
            {**location(number), "VESTIGINGSCODE": f"77Z{chr(65 + number)}00"}
            for number in range(10)
        ),
    ]
    listed = [{**row, "INSTELLINGSCODE": row["VESTIGINGSCODE"][:4]} for row in rows]
    desk.bring(text(listed).encode())
    before = desk.registry()
    now_epoch_s = desk.now_epoch_s()
    done = []
    for number in dict.fromkeys(pairs):
        old, new = f"12A{chr(ord('B') + number)}00", f"77Z{chr(65 + number)}00"
        told = Change(Mutation.LOCATION_ELSEWHERE, old, "x", old, new, (old,), "04002", "l-b")
        for _ in range(2 if crashes else 1):
            renumbering.apply(told, "2026-08-01", new_id="424242", now_epoch_s=now_epoch_s)
        assert registry.location(old) == registry.location(new)
        done.append(new)
    for code in done:
        renumbering.take_back(code, now_epoch_s)
    assert desk.registry() == before
