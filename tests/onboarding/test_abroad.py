"""Schools that DUO does not list: two people take one in, and it works like any other."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local import seed
from infra.local.house import House
from onboarding import abroad, abroad_store, request_store
from onboarding.abroad import Registration
from onboarding.request_states import State
from schoolpoort import registry
from tests.onboarding.desk import Desk
from tests.onboarding.lists import boards, locations
from tests.onboarding.office import FORM, Office
from tests.onboarding.papers import pdf

PAGE = "/helpdesk/registry/abroad"
ENTRY = {
    "board_name": "Stichting Nederlandse School Nairobi",
    "school_name": "De Savanne",
    "place": "Nairobi",
    "country": "Kenia",
    "website": "www.desavanne.example",
    "source": "nob",
    "evidence": "Lijst van 20 november, nummer 12; mevrouw Ûlrich tekent alleen.",
}
ABROAD = {
    "variant": "abroad",
    "country": "Kenia",
    "brin": "",
    "board_number": "",
    "board_name": ENTRY["board_name"],
    "school_name": ENTRY["school_name"],
}


@pytest.fixture
def office(house: House) -> Iterator[Office]:
    """Return the office of the seeded house."""
    yield Office(house)
    house.move_clock(0)


def _entered(office: Office, **changed: str) -> str:
    """Enter a school by the first person; return where the second decides."""
    answer = office.first.post(PAGE, {**ENTRY, **changed})
    assert answer.location == f"{PAGE}?done=entered", answer.text
    return str(re.findall(rf'action="({PAGE}/[0-9]+)"', office.second.get(PAGE).text)[-1])


def _taken_in(office: Office, **changed: str) -> registry.Location:
    place = _entered(office, **changed)
    office.second.post(place, {"decision": "register", "note": "Zelf gezien bij NOB."})
    done = abroad_store.decided(place.rpartition("/")[2])
    assert done is not None
    found = registry.location(done.brin6)
    assert found is not None
    return found


def test_a_school_abroad_goes_from_request_to_coordinator(office: Office) -> None:
    """The request is completed with the code of the school, granted by two, and signed in to."""
    paper = pdf("De Savanne, Nairobi\nSjoerd van ’t Hoff\nZoë van der Poël")
    place = office.complete(paper, **ABROAD)
    request_id = place.rpartition("/")[2]
    shown = office.first.get(place).text
    assert f"{PAGE}?request={request_id}" in shown
    assert "De Savanne" in office.first.get(f"{PAGE}?request={request_id}").text
    school = _taken_in(office, request_id=request_id)
    assert (school.brin6, school.board_number, school.country) == ("90XA00", "00001", "Kenia")
    office.looked_up(place)
    office.act(office.first, place, "propose", decision="approve", note="gezien")
    office.act(office.second, place, "agree", note="akkoord")
    office.house.pump_until_idle()
    found = request_store.find(request_id)
    assert found is not None
    assert (found.state, found.claim.brin6) == (State.INVITED, "90XA00")
    seed.activate(office.house, FORM["address"])
    coordinator = seed.sign_in(office.house, FORM["address"])
    assert "De Savanne" in coordinator.get("/console").text
    seed.activate(office.house, FORM["director_address"])
    director = seed.sign_in(office.house, FORM["director_address"])
    assert "De Savanne" in director.get("/board").text


def test_who_enters_a_school_does_not_take_it_in(office: Office) -> None:
    """Nothing is registered, and the page says who has to look."""
    place = _entered(office)
    answer = office.first.post(place, {"decision": "register", "note": "ja"})
    assert (answer.status, "Een andere collega" in answer.text) == (409, True)
    assert registry.location("90XA00") is None


def test_a_refused_school_is_kept_with_its_reason(office: Office) -> None:
    """It does not come back, and who asks later finds why."""
    place = _entered(office)
    assert office.second.post(place, {"decision": "refuse"}).status == 400
    office.second.post(place, {"decision": "refuse", "note": "Niet gevonden."})
    done = abroad_store.decided(place.rpartition("/")[2])
    assert done is not None
    assert (done.state, done.note, registry.location("90XA00")) == (
        "refused",
        "Niet gevonden.",
        None,
    )
    assert office.second.post(place, {"decision": "register", "note": "toch"}).status == 404


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"country": ""}, "Vul dit in"),
        ({"evidence": "x" * 501}, "te lang"),
        ({"source": "gerucht"}, "Kies waar"),
        ({"board_number": "1234"}, "vijf cijfers"),
        ({"board_number": "10000"}, "Laat het leeg"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(
    office: Office, changed: dict[str, str], words: str
) -> None:
    """Nothing waits for a colleague."""
    answer = office.first.post(PAGE, {**ENTRY, **changed})
    assert (answer.status, words in answer.text) == (400, True)
    assert abroad_store.waiting() == []


def test_a_second_school_of_the_same_board_gets_the_next_code(office: Office) -> None:
    """A board that stands in the registry is named by its number."""
    first = _taken_in(office)
    second = _taken_in(office, school_name="De Oase", board_number=first.board_number)
    assert (second.brin6, second.board_number) == ("90XB00", "00001")
    assert len(registry.locations_of_board("00001")) == 2
    assert "De Oase" in office.first.get("/helpdesk/registry?q=oase nairobi").text


def test_an_agreement_covers_a_school_abroad(office: Office) -> None:
    """Recorded by one and confirmed by another, as for any board."""
    school = _taken_in(office)
    found = office.first.get(f"/helpdesk/registry/boards/{school.board_number}").text
    assert "De Savanne" in found
    office.first.post("/helpdesk/agreements", seed.agreement_form(school.board_number))
    seed.confirm_agreement(office.second)
    assert "Valt vandaag onder een" in office.first.get(f"/helpdesk/registry/{school.brin6}").text


def test_duos_lists_leave_a_school_abroad_alone(desk: Desk) -> None:
    """It is in none of them, and is never told to be gone; a row with its code is set aside."""
    found = _registration("90XA00", "00001")
    desk.bring(locations(20))
    abroad_store.register(found)
    before = registry.location("90XA00")
    assert desk.bring(locations(20, PLAATSNAAM="ELDERS"))["waiting"] == 0
    desk.bring(boards("40000", "40001"))
    assert desk.bring(boards("40000", "40001"))["waiting"] == 0
    record = desk.bring(locations(20, VESTIGINGSCODE="90XA00", INSTELLINGSCODE="90XA"))
    assert record["outcome"] == "refused"
    assert registry.location("90XA00") == before


def _registration(brin6: str = "", board_number: str = "") -> Registration:
    return Registration(
        registration_id="1",
        board_number=board_number,
        board_name=ENTRY["board_name"],
        school_name=ENTRY["school_name"],
        place=ENTRY["place"],
        country=ENTRY["country"],
        phone="",
        website="",
        source="nob",
        evidence="x",
        request_id="",
        proposed_by="1",
        proposed_at_epoch_s=1,
        brin6=brin6,
    )


@given(st.sets(st.integers(0, 701), max_size=60), st.sets(st.integers(1, 999), max_size=60))
def test_codes_are_ours_and_nobody_elses(taken: set[int], numbers: set[int]) -> None:
    """A new code is one of ours that no school has, in the shape that every page reads."""
    all_codes = abroad._brins()
    codes = {f"{all_codes[number]}00" for number in taken}
    boards_there = {f"{number:05d}" for number in numbers}
    made = abroad.coded(_registration(), codes, boards_there)
    assert made.brin6 not in codes
    assert made.board_number not in boards_there
    assert registry.is_own_code(made.brin6)
    assert abroad.coded(made, codes, boards_there) == made


def test_when_all_codes_are_given_nothing_is_registered() -> None:
    """Better no school than two with one code."""
    codes = {f"{brin}00" for brin in abroad._brins()}
    with pytest.raises(abroad.CodesUsedUp):
        abroad.coded(_registration(), codes, set())
