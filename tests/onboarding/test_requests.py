"""A first administrator comes in by a request: form, paper, two people, a board that is told."""

import datetime as dt
import json
from collections.abc import Iterator

import pytest

from infra.local import cloud as local_cloud
from infra.local import seed
from infra.local.house import House
from infra.local.visitor import Visitor
from onboarding import request_store
from onboarding.request_states import State
from schoolpoort import clock, dynamodb, ids, memberships, registry
from schoolpoort.settings import require
from tests.onboarding.mails import MAIL, mail
from tests.onboarding.office import CONTACT, FORM, PAPER, Office
from tests.onboarding.papers import WRONG_KINDS, pdf
from tests.signed_in import signed_in

COORDINATOR = FORM["address"]


@pytest.fixture
def office(house: House) -> Iterator[Office]:
    """Return the office of the seeded house."""
    yield Office(house)
    house.move_clock(0)


def _state(place: str) -> State:
    found = request_store.find(place.rpartition("/")[2])
    assert found is not None
    return found.state


def _words(office: Office, place: str) -> str:
    return office.first.get(place).text


# --- the short way ------------------------------------------------------------------------------


def test_a_request_becomes_a_coordinator(office: Office) -> None:
    """From the form to a coordinator who sees the school, with everybody told who must know."""
    place = office.granted()
    assert _state(place) is State.INVITED
    told = office.mail_to(CONTACT)
    assert "Zoë van der Poël" in told
    assert "Dit klopt niet" in told
    assert office.mail_to(FORM["director_address"], "uitnodiging")
    seed.activate(office.house, COORDINATOR)
    coordinator = seed.sign_in(office.house, COORDINATOR)
    assert "De Hoge Esch" in coordinator.get("/console").text
    seed.activate(office.house, FORM["director_address"])
    assert office.house.failures == []


def test_the_status_page_says_how_far_it_is(office: Office) -> None:
    """The link of the first mail opens it at every step, without signing in."""
    office.send()
    link, visitor = office.link_to(COORDINATOR), Visitor(office.house.call)
    assert "Voeg de getekende pdf toe" in visitor.get(link).text
    office.add_paper(link)
    assert "vóór 15.00 uur" in visitor.get(link).text
    place = office.newest()
    office.looked_up(place)
    office.act(office.first, place, "propose", decision="approve", note="gezien")
    assert "Een tweede persoon" in visitor.get(link).text
    office.act(office.second, place, "agree", note="ja")
    assert "De aanvraag is toegekend" in visitor.get(link).text


def test_who_administers_the_board_already_is_told(office: Office) -> None:
    """A second school of the board of the seed: its director hears of it."""
    changed = {"board_number": "90001", "board_name": "Stichting Openbaar Onderwijs Wilgendam"}
    changed |= {"brin": "99AC", "school_name": "Montessorischool De Wereldwijzer"}
    office.granted(pdf(), **changed)
    assert "Zoë van der Poël" in office.mail_to("j.vanderwilg@wilgendam.example", "uitgenodigd")


# --- the form -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"brin": "9BAA"}, "twee cijfers en twee letters"),
        ({"board_number": "9002"}, "vijf cijfers"),
        ({"location_code": "x"}, "twee cijfers"),
        ({"address": "geen adres"}, "geen e-mailadres"),
        ({"surname": " "}, "Vul dit in"),
        ({"board_name": "x" * 81}, "langer dan 80"),
        ({"variant": "abroad", "country": ""}, "Vul dit in"),
    ],
)
def test_what_is_wrong_in_the_form_is_said_at_the_field(
    office: Office, changed: dict[str, str], words: str
) -> None:
    """Nothing is kept, and what was typed stands there still."""
    answer = office.send(**changed)
    assert (answer.status, words in answer.text) == (400, True)
    assert "Sjoerd van ’t Hoff" in answer.text
    assert request_store.waiting() == []


def test_a_machine_makes_no_request(office: Office) -> None:
    """Without the check of a person, or with one that was used, nothing is kept."""
    token = seed.captcha()
    visitor = Visitor(office.house.call)
    assert visitor.post("/request", {**FORM}).status == 403
    assert visitor.post("/request", {**FORM, **token}).status == 303
    assert visitor.post("/request", {**FORM, **token}).status == 403
    assert len(request_store.waiting()) == 1


def test_a_school_with_a_coordinator_is_told_who_can_help(office: Office) -> None:
    """By role only: no name, no address, and nothing is kept."""
    answer = office.send(brin="99AA", board_number="90001")
    assert (answer.status, "De ICT-coördinator van" in answer.text) == (200, True)
    assert "Noor" not in answer.text
    assert request_store.waiting() == []


def test_a_coordinator_who_cannot_be_reached_makes_the_board_be_asked(office: Office) -> None:
    """The board is asked first, however green the rest is."""
    place = office.complete(brin="99AA", board_number="90001", coordinator_gone="yes")
    assert "Niemand komt binnen voordat het bestuur" in _words(office, place)


def test_a_brin_of_six_is_taken_apart(office: Office) -> None:
    """People write the location code behind the BRIN."""
    office.send(brin="99ab01", board_number="90001")
    [found] = request_store.waiting()
    assert (found.claim.brin, found.claim.location_code) == ("99AB", "01")


def test_a_school_abroad_needs_no_brin(office: Office) -> None:
    """It is asked for its country, and waits for people who look it up."""
    form = {"variant": "abroad", "country": "Curaçao", "brin": "", "board_number": ""}
    place = office.complete(PAPER, **form)
    assert "Stichting NOB" in _words(office, place)
    assert Visitor(office.house.call).get("/request?where=abroad").status == 200


# --- papers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind for kind, content in WRONG_KINDS.items() if content])
def test_a_paper_of_a_wrong_kind_is_red(office: Office, kind: str) -> None:
    """Whatever was uploaded waits for a person, with words."""
    place = office.complete(WRONG_KINDS[kind])
    [found] = request_store.waiting()
    assert {check.code for check in found.reds} & {"C01", "C02"}
    assert "rood" in _words(office, place)


def test_a_paper_about_another_school_is_red(office: Office) -> None:
    """The BRIN in the PDF is not the one of the form."""
    office.complete(pdf("Aanvraag voor 99CA, Sjoerd van ’t Hoff en Zoë van der Poël"))
    [found] = request_store.waiting()
    assert [check.code for check in found.reds] == ["C20"]


def test_a_paper_that_runs_something_is_handed_to_nobody(office: Office) -> None:
    """The page says so and asks for another, and its address gives nothing either."""
    place = office.complete(pdf(extra=b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"))
    assert "niet uitgegeven" in _words(office, place)
    assert f"{place}/paper" not in _words(office, place)
    assert office.first.get(f"{place}/paper").status == 404


def test_the_helpdesk_fetches_the_paper(office: Office) -> None:
    """By a link that the store made for a minute."""
    place = office.complete()
    answer = office.first.get(f"{place}/paper")
    assert (answer.status, "/_s3/" in answer.location) == (303, True)


# --- two people ---------------------------------------------------------------------------------


def test_one_person_cannot_do_both(office: Office) -> None:
    """Who proposed is told that another colleague has to look."""
    place = office.complete()
    office.looked_up(place)
    office.act(office.first, place, "propose", decision="approve", note="gezien")
    answer = office.first.post(place, {"action": "agree", "note": "ja"})
    assert (answer.status, "Een andere collega" in answer.text) == (409, True)
    assert _state(place) is State.REVIEWED


def test_who_typed_it_in_decides_nothing(office: Office) -> None:
    """Neither as the first nor as the second person."""
    typed = office.first.post("/helpdesk/requests/new", FORM).location
    office.add_paper(office.link_to(COORDINATOR))
    office.act(office.second, typed, "contact", address=CONTACT, source="rio")
    office.act(office.second, typed, "call", outcome="confirmed")
    propose = {"action": "propose", "decision": "approve", "note": "x"}
    assert office.first.post(typed, propose).status == 409
    office.act(office.second, typed, "propose", decision="approve", note="x")
    assert office.first.post(typed, {"action": "agree", "note": "x"}).status == 409
    office.act(office.third, typed, "agree", note="x")
    assert _state(typed) is State.INVITED


def test_a_red_or_amber_check_needs_a_note(office: Office) -> None:
    """Whoever goes on writes down why."""
    place = office.complete(address="zoe@gmail.com")
    office.looked_up(place)
    answer = office.first.post(place, {"action": "propose", "decision": "approve"})
    assert (answer.status, "Schrijf op wat je zag" in answer.text) == (409, True)


def test_nobody_comes_in_before_somebody_called(office: Office) -> None:
    """The director was never looked at: call, or look at the authority."""
    place = office.complete()
    office.act(office.first, place, "contact", address=CONTACT, source="rio")
    office.act(office.first, place, "propose", decision="approve", note="x")
    answer = office.second.post(place, {"action": "agree", "note": "x"})
    assert (answer.status, "Bel eerst" in answer.text) == (409, True)
    office.act(office.second, place, "authority", kind="sole", method="extract")
    office.act(office.second, place, "agree", note="x")
    assert _state(place) is State.INVITED


def test_nobody_comes_in_without_the_boards_address(office: Office) -> None:
    """There must be somebody who is told."""
    place = office.complete()
    office.act(office.first, place, "call", outcome="confirmed")
    office.act(office.first, place, "propose", decision="approve", note="x")
    answer = office.second.post(place, {"action": "agree", "note": "x"})
    assert (answer.status, "in RIO" in answer.text) == (409, True)


def test_a_rejection_is_mailed_with_its_reason(office: Office) -> None:
    """Also two people, and the requester reads why."""
    place = office.complete()
    office.act(office.first, place, "propose", decision="reject", note="Handtekening ontbreekt")
    office.act(office.second, place, "agree", note="Er staat geen handtekening onder.")
    assert "Er staat geen handtekening onder." in office.mail_to(COORDINATOR, "Je aanvraag")
    assert _state(place) is State.REJECTED


def test_the_second_person_sends_it_back(office: Office) -> None:
    """The first look begins again."""
    place = office.complete()
    office.act(office.first, place, "propose", decision="approve", note="x")
    office.act(office.second, place, "send_back", note="Bel nog eens")
    assert _state(place) is State.TO_REVIEW


def test_what_is_missing_is_asked_for(office: Office) -> None:
    """The requester gets the words by mail and adds another paper."""
    place = office.complete()
    office.act(office.first, place, "ask_more", note="De handtekening ontbreekt.")
    assert "De handtekening ontbreekt." in office.mail_to(COORDINATOR, "ontbreekt")
    office.add_paper(
        office.link_to(COORDINATOR), pdf("99BA van ’t Hoff Poël", signed_on="20261120")
    )
    assert _state(place) is State.TO_REVIEW


# --- the board ----------------------------------------------------------------------------------


def _asked(office: Office) -> str:
    """Bring a request to where the board is asked; return its page."""
    place = office.complete(address="zoe@h0geesch.example")
    office.act(office.first, place, "contact", address=CONTACT, source="rio")
    office.act(office.first, place, "propose", decision="approve", note="vreemd domein")
    office.act(office.second, place, "agree", note="vraag het bestuur")
    assert _state(place) is State.AWAITING_BOARD
    return place


def test_a_red_check_makes_the_board_be_asked(office: Office) -> None:
    """Nobody is invited before its registered address says yes."""
    place = _asked(office)
    link = office.link_to(CONTACT)
    board = Visitor(office.house.call)
    assert "Niemand krijgt toegang voordat jullie antwoorden" in board.get(link).text
    assert office.mail_to("zoe@h0geesch.example", "account") == ""
    assert board.post(link, {"answer": "right"}).status == 303
    assert _state(place) is State.INVITED


def test_a_board_that_says_no_freezes_it(office: Office) -> None:
    """Nobody is ever invited, and the helpdesk sees it on top."""
    place = _asked(office)
    Visitor(office.house.call).post(office.link_to(CONTACT), {"answer": "wrong"})
    assert _state(place) is State.FROZEN
    assert "Stopgezet door het bestuur" in _words(office, place)
    office.act(office.first, place, "end_frozen", note="Vervalst")
    assert _state(place) is State.REJECTED


def test_a_failed_call_makes_the_board_be_asked(office: Office) -> None:
    """The director could not be reached at the number of DUO's list."""
    place = office.complete()
    office.act(office.first, place, "contact", address=CONTACT, source="rio")
    office.act(office.first, place, "call", outcome="failed")
    office.act(office.first, place, "propose", decision="approve", note="x")
    office.act(office.second, place, "agree", note="x")
    assert _state(place) is State.AWAITING_BOARD


def test_dit_klopt_niet_ends_access_at_once(office: Office) -> None:
    """An open session of the coordinator stops at its next page."""
    place = office.granted()
    seed.activate(office.house, COORDINATOR)
    coordinator = seed.sign_in(office.house, COORDINATOR)
    assert coordinator.get("/console").status == 200
    board, link = Visitor(office.house.call), office.link_to(CONTACT)
    assert "Dit is toegekend" in board.get(link).text
    board.post(link, {"answer": "wrong"})
    assert coordinator.get("/console").status == 403
    assert _state(place) is State.FROZEN
    assert "Niemand heeft door deze aanvraag nog toegang" in board.get(link).text


def test_the_director_asks_for_himself(office: Office) -> None:
    """One person in both roles is amber, and the board is asked."""
    place = office.complete(address=FORM["director_address"])
    [found] = request_store.waiting()
    assert "C18" in {check.code for check in found.ambers}
    assert "Niemand komt binnen voordat het bestuur" in _words(office, place)


# --- two at once --------------------------------------------------------------------------------


def test_of_two_requests_for_one_school_one_is_granted(office: Office) -> None:
    """Both are amber to people; the second to be granted is refused with words."""
    one = office.complete()
    two = office.complete(address="a.bakker@hogeesch.example", surname="Bakker")
    for place in (one, two):
        office.looked_up(place)
        office.act(office.first, place, "propose", decision="approve", note="x")
    assert "andere open aanvragen" in _words(office, two)
    office.act(office.second, one, "agree", note="x")
    answer = office.second.post(two, {"action": "agree", "note": "x"})
    assert (answer.status, "Intussen is een andere aanvraag" in answer.text) == (409, True)
    assert _state(two) is State.REVIEWED


def test_two_seconds_at_once_count_once(office: Office) -> None:
    """A page that is out of date says so; nothing happens twice."""
    place = office.granted()
    answer = office.third.post(place, {"action": "agree", "note": "x"})
    assert (answer.status, "intussen veranderd" in answer.text) == (409, True)


# --- by mail ------------------------------------------------------------------------------------


def _arrives(office: Office, content: bytes) -> None:
    """Let a mail come in as SES puts it down, and be read."""
    bucket = office.house.cloud.references["UploadsBucket"]
    key = f"mail/{ids.new_id()}"
    local_cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    place = {"bucket": {"name": bucket}, "object": {"key": key}}
    event = {"Records": [{"messageId": "1", "body": json.dumps({"Records": [{"s3": place}]})}]}
    for _ in range(2):
        answer = office.house.invoke("RequestWorkerFunction", event)
        assert answer == {"batchItemFailures": []}
    office.house.pump_until_idle()


def test_a_request_by_mail_is_the_same_request(office: Office) -> None:
    """Its lines, its paper, its verdicts; read once though it was reported twice."""
    _arrives(office, mail(MAIL, PAPER))
    [found] = request_store.waiting()
    assert (found.channel, found.state, found.claim.brin) == ("mail", State.TO_REVIEW, "99BA")
    assert "/request/" in office.mail_to(COORDINATOR)


def test_a_mail_that_does_not_say_all_is_completed_by_the_helpdesk(office: Office) -> None:
    """Who completes it has typed it in, and decides nothing about it."""
    _arrives(office, mail("BRIN: 99BA\n", PAPER))
    place = office.newest()
    assert _state(place) is State.INCOMPLETE
    assert "De mail" in _words(office, place) or "Niet alles stond" in _words(office, place)
    assert office.first.post(place, {**FORM, "action": "correct", "brin": ""}).status == 400
    office.act(office.first, place, "correct", **FORM)
    assert _state(place) is State.TO_REVIEW
    propose = {"action": "propose", "decision": "approve", "note": "x"}
    assert office.first.post(place, propose).status == 409


def test_a_mail_that_is_no_request_makes_none(office: Office) -> None:
    """And nobody gets an answer to it."""
    before = len(office.house.mails())
    _arrives(office, mail("Wanneer zijn jullie open?"))
    assert request_store.waiting() == []
    assert len(office.house.mails()) == before


# --- links, withdrawal --------------------------------------------------------------------------


def test_a_requester_takes_it_back(office: Office) -> None:
    """From the status page, as long as nobody decided."""
    office.send()
    link = office.link_to(COORDINATOR)
    Visitor(office.house.call).post(link, {"action": "withdraw"})
    assert "ingetrokken" in Visitor(office.house.call).get(link).text
    assert request_store.waiting() == []


def test_a_link_is_for_its_own_errand(office: Office) -> None:
    """The requester's link answers nothing for the board, and a guess opens nothing."""
    office.granted()
    token = office.link_to(COORDINATOR).rpartition("/")[2]
    visitor = Visitor(office.house.call)
    assert visitor.get(f"/request/board/{token}").status == 404
    assert visitor.get("/request/00000000-0000-4000-8000-000000000000").status == 404
    assert visitor.get("/request/kort").status == 404


def test_an_unknown_button_does_nothing(office: Office) -> None:
    """A form of another page is refused with words."""
    place = office.complete()
    answer = office.first.post(place, {"action": "toveren"})
    assert (answer.status, "Gebruik een van de knoppen" in answer.text) == (400, True)


# --- days go by ---------------------------------------------------------------------------------


def _later(office: Office, days: int) -> None:
    office.house.move_clock(office.house.clock_offset_s + days * 24 * 3600)
    office.house.invoke("OnboardingDailyFunction", {})
    office.house.invoke("OnboardingDailyFunction", {})
    office.house.pump_until_idle()


def test_an_incomplete_request_is_reminded_twice_and_closed(office: Office) -> None:
    """After 5 and 10 days a mail, after 14 the end; running twice a day sends nothing twice."""
    office.send()
    office.house.pump_until_idle()
    for days, mails in ((4, 1), (1, 2), (5, 3), (4, 4), (1, 4)):
        _later(office, days)
        to_them = [mail for mail in office.house.mails() if COORDINATOR in mail["to"]]
        assert len(to_them) == mails
    assert request_store.waiting() == []


def test_a_freeze_is_held_every_day(office: Office) -> None:
    """An invitation that was still on its way when the board said no gives nothing the next day."""
    office.granted()
    school = registry.location("99BA00")
    assert school is not None
    scope = f"school#{school.school_id}"
    [member] = memberships.in_scope(scope)
    Visitor(office.house.call).post(office.link_to(CONTACT), {"answer": "wrong"})
    assert not any(one.roles for one in memberships.in_scope(scope))
    place = {"account_id": member.account_id, "scope": scope}
    dynamodb.update(
        require("ACCOUNTS_TABLE"),
        place,
        "SET #roles = :roles",
        names={"#roles": "roles"},
        values={":roles": ["ict_coordinator"]},
    )
    _later(office, 1)
    assert not any(one.roles for one in memberships.in_scope(scope))


def test_an_invitation_that_is_not_used_is_sent_again(office: Office) -> None:
    """After seven days it says so, and one button sends another."""
    place = office.granted()
    _later(office, 8)
    assert _state(place) is State.ACTIVATION_EXPIRED
    office = Office(office.house)
    office.act(office.first, place, "again")
    office.house.pump_until_idle()
    seed.activate(office.house, COORDINATOR)
    _later(office, 1)
    assert _state(place) is State.ACTIVATED


def test_the_helpdesk_is_reminded_of_old_lists(office: Office) -> None:
    """On the first working day of the month, once."""
    for _ in range(45):
        _later(office, 1)
    told = [mail for mail in office.house.mails() if "lijsten van DUO" in mail["subject"]]
    assert sorted(mail["to"][0] for mail in told) == sorted(seed.HELPDESK)
    day = dt.datetime.fromtimestamp(clock.now_epoch_s(), dt.UTC).date()
    assert day > dt.date(2026, 11, 1)
    assert registry.location("99BA00") is not None
    assert PAPER.startswith(b"%PDF")


def test_only_the_helpdesk_sees_requests(office: Office) -> None:
    """A coordinator of a school is sent away."""
    place = office.complete()
    coordinator = signed_in(office.house, "902", "school#4242", "ict_coordinator")
    assert coordinator.get(place).status == 403
