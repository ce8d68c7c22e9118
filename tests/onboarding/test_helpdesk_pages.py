"""At the helpdesk schools are found, and the first people of a school or board are invited."""

from typing import Any

import pytest

from infra.local import duo, seed
from infra.local.house import House
from infra.local.visitor import Visitor
from onboarding import store
from onboarding.duo_list import Fault
from onboarding.registry_import import LARGEST_BYTES
from schoolpoort import dynamodb, registry
from schoolpoort.settings import require
from tests.onboarding.desk import Desk
from tests.onboarding.lists import boards, location, locations, text
from tests.signed_in import signed_in

SCHOOL = "/helpdesk/registry/12AB00"
BOARD = "/helpdesk/registry/boards/04002"
FORM = {"display_name": " Noor  ’t Hart ", "address": "N.tHart@Kompas.EXAMPLE"}


@pytest.fixture
def full(desk: Desk) -> Desk:
    """Return the desk with three schools and their board, its calls forgotten."""
    desk.bring(locations(3))
    desk.bring(boards("04002"))
    desk.calls.made.clear()
    return desk


def _school_id() -> str:
    found = registry.location("12AB00")
    assert found is not None
    return found.school_id


# --- a list goes in by the page ---------------------------------------------------------------


def test_a_list_is_uploaded_by_the_page_and_its_outcome_shown(house: House) -> None:
    """The form of the page, the file in the bucket, the import and its counts in words."""
    helpdesk = seed.sign_in(house, seed.HELPDESK[0])
    answer = seed.upload(house, helpdesk, "/helpdesk/registry", duo.locations_csv())
    house.pump_until_idle()
    shown = helpdesk.get(answer.location)
    assert (answer.status, shown.status) == (303, 200)
    told = f"{len(duo.SCHOOLS)} rijen gelezen, 0 nieuw, 0 gewijzigd, 0 niet op de lijst"
    assert told in shown.text
    assert told in helpdesk.get("/helpdesk/registry").text


def test_the_page_waits_while_the_import_runs(full: Desk) -> None:
    """It looks again by itself until there is an outcome, also while one has begun."""
    path = "/helpdesk/registry/received?key=duo/-/123"
    before = full.helpdesk().get(path)
    store.begin_import("123", {"added": 1})
    during = full.helpdesk().get(path)
    for shown in (before, during):
        assert 'http-equiv="refresh"' in shown.text
        assert "We lezen de lijst" in shown.text
    store.record_import("123", {"outcome": "refused", "fault": "empty", "missing_columns": []})
    assert 'http-equiv="refresh"' not in full.helpdesk().get(path).text


@pytest.mark.parametrize("key", ["", "duo/-/", "duo/-/latest", "duo/-/²", "x" * 300])
def test_an_upload_that_is_none_is_said_at_once(full: Desk, key: str) -> None:
    """A page for no upload does not wait for ever."""
    shown = full.helpdesk().get(f"/helpdesk/registry/received?key={key}".replace("²", "%C2%B2"))
    assert (shown.status, "Er is geen bestand ontvangen" in shown.text) == (200, True)
    assert "refresh" not in shown.text


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_fault_of_a_list_has_its_own_words(desk: Desk, language: str) -> None:
    """A refusal is said in a sentence of its own, in both languages, with the missing columns."""
    said = set()
    for number, fault in enumerate(Fault):
        outcome: dict[str, Any] = {
            "outcome": "refused",
            "fault": fault.value,
            "missing_columns": [],
        }
        store.record_import(str(number), outcome)
        path = f"/helpdesk/registry/received?key=duo/-/{number}&lang={language}"
        shown = desk.helpdesk().get(path)
        assert shown.status == 200
        refusal = "De lijst is geweigerd" if language == "nl" else "The list was refused"
        assert refusal in shown.text
        said.add(shown.text.partition(refusal)[2].partition("<p>")[2].partition("</p>")[0])
    assert len(said) == len(Fault)


@pytest.mark.parametrize(
    ("language", "words"),
    [("nl", "Deze kolommen ontbreken"), ("en", "These columns are missing")],
)
def test_the_missing_columns_are_named(desk: Desk, language: str, words: str) -> None:
    """Who uploaded the wrong list sees which columns it should have had."""
    upload_id = desk.upload(b"VESTIGINGSCODE;VESTIGINGSNAAM\r\n12AB00;De Brug\r\n")
    assert desk.run(upload_id)
    path = f"/helpdesk/registry/received?key=duo/-/{upload_id}&lang={language}"
    told = f"{words}: BEVOEGD GEZAG NUMMER, PLAATSNAAM."
    assert told in desk.helpdesk().get(path).text


def test_a_list_that_is_too_large_is_said_to_be(desk: Desk) -> None:
    """A file that came past the limit of the form is not read."""
    upload_id = desk.upload(b"x" * (LARGEST_BYTES + 1))
    assert desk.run(upload_id)
    assert desk.record(upload_id)["fault"] == Fault.TOO_LARGE


# --- finding a school -------------------------------------------------------------------------


def test_a_search_finds_schools_with_links_to_their_pages(full: Desk) -> None:
    """School, place, code and board stand in one row."""
    shown = full.helpdesk().get("/helpdesk/registry?q=school+01+vlieger").text
    assert '<a href="/helpdesk/registry/12AC00">School 01</a>' in shown
    assert shown.index("12AC00") < shown.index("12AB00")
    assert f'href="{BOARD}"' in shown


def test_a_second_search_reads_no_school(full: Desk) -> None:
    """Session, membership, whether the index changed, the last import and what waits."""
    helpdesk = full.helpdesk()
    full.calls.made.clear()
    helpdesk.get("/helpdesk/registry?q=school")
    assert sorted(full.calls.names) == ["BatchGetItem", *["GetItem"] * 5]
    full.calls.made.clear()
    helpdesk.get("/helpdesk/registry?q=school")
    assert full.calls.names == ["GetItem"] * 5


def test_a_search_sees_an_import_at_once(full: Desk) -> None:
    """The copy of the index that a process keeps is never older than the last import."""
    helpdesk = full.helpdesk()
    helpdesk.get("/helpdesk/registry?q=school")
    full.bring(locations(3, VESTIGINGSNAAM="De Vuurvlinder"))
    assert "De Vuurvlinder" in helpdesk.get("/helpdesk/registry?q=vuurvlinder").text


def test_a_search_shows_fifty_and_tells_how_many_there_are(desk: Desk) -> None:
    """Sixty schools of one name: the first fifty, and a word to type more."""
    rows = [location(0, VESTIGINGSCODE=f"12AB{number:02d}") for number in range(60)]
    desk.bring(text(rows).encode())
    shown = desk.helpdesk().get("/helpdesk/registry?q=school").text
    assert shown.count('<a href="/helpdesk/registry/12AB') == 50
    assert "60 scholen gevonden" in shown
    assert "Dit zijn de eerste 50" in shown


def test_fifty_schools_are_all_shown(desk: Desk) -> None:
    """Nobody is asked to type more when nothing is left out."""
    rows = [location(0, VESTIGINGSCODE=f"12AB{number:02d}") for number in range(50)]
    desk.bring(text(rows).encode())
    assert "Dit zijn de eerste" not in desk.helpdesk().get("/helpdesk/registry?q=school").text


def test_a_search_that_finds_nothing_says_what_to_try(full: Desk) -> None:
    """And what was typed stands in the field, escaped."""
    shown = full.helpdesk().get("/helpdesk/registry?q=%22%3E%3Cscript%3Ealert(1)").text
    assert "Geen school gevonden" in shown
    assert "<script>alert" not in shown


def test_the_registry_without_a_query_tells_how_many_there_are(full: Desk) -> None:
    """Three schools; boards are not counted."""
    assert "staan 3 schoolvestigingen" in full.helpdesk().get("/helpdesk/registry").text


# --- a school and a board -----------------------------------------------------------------------


def test_a_school_page_shows_what_duo_tells(full: Desk) -> None:
    """Address, phone and website, to recognise a school and to call it back."""
    shown = full.helpdesk().get(SCHOOL).text
    for fact in ("School 00", "Kade 7-A", "9999 ZZ VLIEGERDAM", "0599000001", "Ús Skoalle"):
        assert fact in shown
    assert "www.kompas.example" in shown
    assert "valt vandaag niet onder een overeenkomst" in shown


def test_a_school_of_which_little_is_known_has_a_page(desk: Desk) -> None:
    """What DUO leaves blank is said to be unknown, and an unknown board has its number."""
    blank = ("STRAATNAAM", "HUISNUMMER-TOEVOEGING", "TELEFOONNUMMER", "INTERNETADRES")
    desk.bring(locations(1, **dict.fromkeys(blank, " ")))
    shown = desk.helpdesk().get(SCHOOL)
    assert (shown.status, shown.text.count("onbekend")) == (200, 3)
    assert ">04002</a>" in shown.text


@pytest.mark.parametrize("code", ["12AB00", "12ab00", "12AB", "12ab"])
def test_a_school_is_found_by_any_spelling_of_its_code(full: Desk, code: str) -> None:
    """Four characters are the main location."""
    assert "School 00" in full.helpdesk().get(f"/helpdesk/registry/{code}").text


@pytest.mark.parametrize(
    "path",
    ["/helpdesk/registry/99ZZ00", "/helpdesk/registry/1", "/helpdesk/registry/boards/99999"],
)
def test_what_is_not_there_is_not_found(full: Desk, path: str) -> None:
    """A wrong code is a page that says so."""
    assert full.helpdesk().get(path).status == 404


def test_a_board_page_shows_its_schools(full: Desk) -> None:
    """Name, number and every school with a link."""
    shown = full.helpdesk().get(BOARD).text
    for fact in (
        "Ús Skoalle",
        "04002",
        "WRÂLDSTÊD",
        "3 scholen",
        'href="/helpdesk/registry/12AD00"',
    ):
        assert fact in shown


# --- inviting -----------------------------------------------------------------------------------


def test_registering_a_coordinator_queues_an_invitation(full: Desk) -> None:
    """For this school and this role, to one spelling of the address, without a token."""
    answer = full.helpdesk().post(f"{SCHOOL}/coordinator", FORM)
    assert (answer.status, answer.location) == (303, f"{SCHOOL}?done=invited")
    (message,) = full.queued()
    request_id = message.pop("request_id")
    assert request_id.startswith("first-ict_coordinator-")
    assert "kompas" not in request_id
    assert message == {
        "kind": "invitation",
        "address": "n.thart@kompas.example",
        "display_name": "Noor ’t Hart",
        "language": "",
        "scope": f"school#{_school_id()}",
        "scope_name": "School 00",
        "roles": ["ict_coordinator"],
        "person_id": None,
    }
    assert "De uitnodiging is onderweg" in full.helpdesk().get(answer.location).text


def test_registering_a_director_queues_an_invitation(full: Desk) -> None:
    """For the board, by its number."""
    answer = full.helpdesk().post(f"{BOARD}/director", FORM)
    assert (answer.status, answer.location) == (303, f"{BOARD}?done=invited")
    (message,) = full.queued()
    assert (message["scope"], message["roles"]) == ("board#04002", ["board"])
    assert message["scope_name"] == "Ús Skoalle"


def test_a_double_click_is_one_request(full: Desk) -> None:
    """Two messages for one address at one school carry the same request id; others do not."""
    helpdesk = full.helpdesk()
    for path in (SCHOOL, SCHOOL, "/helpdesk/registry/12AC00"):
        helpdesk.post(f"{path}/coordinator", FORM)
    helpdesk.post(f"{SCHOOL}/coordinator", {**FORM, "address": "ander@kompas.example"})
    asked = [message["request_id"] for message in full.queued()]
    assert (len(asked), len(set(asked))) == (4, 3)


@pytest.mark.parametrize("path", [f"{SCHOOL}/coordinator", f"{BOARD}/director"])
@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"address": "noor.kompas.example"}, "Dit is geen e-mailadres"),
        ({"address": ""}, "Dit is geen e-mailadres"),
        ({"address": "noor@kompas.example\nBcc: x@y.example"}, "Dit is geen e-mailadres"),
        ({"address": "a@b.example, c@d.example"}, "Dit is geen e-mailadres"),
        ({"display_name": " "}, "Vul een naam van hoogstens 80 tekens in"),
        ({"display_name": "x" * 81}, "Vul een naam van hoogstens 80 tekens in"),
    ],
)
def test_a_wrong_field_is_named_and_leaves_nothing(
    full: Desk, path: str, changed: dict[str, str], words: str
) -> None:
    """The page comes back with what was typed, and nobody is invited."""
    helpdesk = full.helpdesk()
    full.calls.made.clear()
    answer = helpdesk.post(path, {**FORM, **changed})
    assert (answer.status, words in answer.text) == (400, True)
    typed = {**FORM, **changed}
    kept = " ".join(typed["display_name"].split()) if "address" in changed else typed["address"]
    assert kept in answer.text
    assert full.queued() == []
    assert full.written() == []
    assert "SendMessage" not in full.calls.names


def test_what_was_typed_comes_back_escaped(full: Desk) -> None:
    """A name with markup in it is a name."""
    form = {"display_name": '"><script>alert(1)</script>', "address": "geen"}
    answer = full.helpdesk().post(f"{SCHOOL}/coordinator", form)
    assert (answer.status, "<script>alert" in answer.text) == (400, False)


def test_nobody_is_invited_to_a_school_that_is_not_there(full: Desk) -> None:
    """A wrong code in the address of the form invites nobody."""
    answer = full.helpdesk().post("/helpdesk/registry/99ZZ00/coordinator", FORM)
    assert (answer.status, full.queued()) == (404, [])


def test_coordinators_of_a_school_are_listed(full: Desk) -> None:
    """Who is invited and who has a password already; teachers and other schools are not shown."""
    scope = f"school#{_school_id()}"
    for number, (name, role, activated) in enumerate(
        [("Noor", "ict_coordinator", 1), ("Bas", "ict_coordinator", None), ("Tess", "teacher", 1)]
    ):
        member = {
            "account_id": str(number),
            "scope": scope,
            "scope_name": "School 00",
            "roles": [role],
            "address": f"{name.lower()}@kompas.example",
            "display_name": name,
            "activated_at_epoch_s": activated,
        }
        dynamodb.put(require("ACCOUNTS_TABLE"), member)
    shown = full.helpdesk().get(SCHOOL).text
    assert "<li>Noor · heeft een wachtwoord</li>" in shown
    assert "<li>Bas · uitgenodigd</li>" in shown
    assert "Tess" not in shown
    assert "Noor" not in full.helpdesk().get("/helpdesk/registry/12AC00").text


def test_no_name_or_address_is_logged(full: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """The log says that somebody invited somebody, by ids."""
    full.helpdesk().post(f"{SCHOOL}/coordinator", FORM)
    logged = " ".join(str(vars(record)) for record in caplog.records).lower()
    assert "invited" in logged
    assert "kompas" not in logged
    assert "noor" not in logged


# --- who may --------------------------------------------------------------------------------

_PAGES = [
    ("GET", "/helpdesk"),
    ("GET", "/helpdesk/registry"),
    ("GET", "/helpdesk/registry?q=school"),
    ("GET", "/helpdesk/registry/received?key=duo/-/1"),
    ("GET", SCHOOL),
    ("GET", BOARD),
    ("POST", f"{SCHOOL}/coordinator"),
    ("POST", f"{BOARD}/director"),
]


def _ask(visitor: Visitor, method: str, path: str) -> int:
    answer = visitor.get(path) if method == "GET" else visitor.post(path, FORM)
    return answer.status


@pytest.mark.parametrize(("method", "path"), _PAGES)
@pytest.mark.parametrize(
    ("scope", "role"),
    [("board#04002", "board"), ("school#41", "ict_coordinator"), ("school#41", "teacher")],
)
def test_only_the_helpdesk_works_here(
    full: Desk, method: str, path: str, scope: str, role: str
) -> None:
    """Neither a director nor a coordinator sees or invites anybody here."""
    person = signed_in(full.house, "9", scope, role)
    assert _ask(person, method, path) == 403
    assert full.queued() == []
    assert _ask(full.helpdesk(), method, path) in {200, 303}


@pytest.mark.parametrize(("method", "path"), _PAGES)
def test_strangers_are_sent_to_the_sign_in(full: Desk, method: str, path: str) -> None:
    """Every page asks for a session first."""
    stranger = Visitor(full.house.call)
    answer = stranger.get(path) if method == "GET" else stranger.post(path, FORM)
    assert (answer.status, answer.location.startswith("/login")) == (303, True)
    assert full.queued() == []


def test_a_form_of_another_site_invites_nobody(full: Desk) -> None:
    """A page elsewhere cannot press the button for somebody of the helpdesk."""
    answer = full.helpdesk().post(f"{SCHOOL}/coordinator", FORM, sec_fetch_site="cross-site")
    assert (answer.status, full.queued()) == (403, [])
