"""From an offer to an active agreement, by the pages that people of a board and we see."""

import re
from typing import Any

import pytest

from dpa import offer_store, store
from infra.local.visitor import Answer, Visitor
from schoolpoort import memberships
from schoolpoort.coverage import CoverageState
from tests.dpa.desk import Desk
from tests.dpa.samples import BOARD, CONFIRMER, RECORDER

_NEW = "/helpdesk/agreements/offers"
FORM = {
    "board_number": BOARD,
    "scope": "all",
    "director_name": "Sjoukje d’Łord",
    "director_function": "voorzitter",
    "director_address": "s.dlord@vlieger.example",
    "contact_address": "bestuur@vlieger.example",
    "effective_from": "2026-11-24",
}
SECOND = {
    "second_name": "Bas Buis",
    "second_function": "bestuurder",
    "second_address": "b.buis@vlieger.example",
}
REVIEWER = {"reviewer_name": "Noor ’t Hart", "reviewer_address": "privacy@vlieger.example"}


def offer(desk: Desk, visitor: Visitor | None = None, **changes: str) -> Answer:
    """Send the form of an offer, changed, and let the mails go."""
    answer = (visitor or desk.helpdesk()).post(_NEW, {**FORM, **changes})
    desk.house.pump_until_idle()
    return answer


def mails_to(desk: Desk, address: str) -> list[dict[str, Any]]:
    """Return the mails to an address, newest first."""
    return [mail for mail in desk.house.mails() if address in mail["to"]]


def link_to(desk: Desk, address: str) -> str:
    """Return the path of the link in the newest mail with one."""
    for mail in mails_to(desk, address):
        found = re.search(r"(/agreement/\d+)", mail["text"])
        if found:
            return found[1]
    raise AssertionError(address)


def code_for(desk: Desk, address: str) -> str:
    """Return the code of the newest mail to an address."""
    found = re.search(r"\b(\d{4} \d{4})\b", mails_to(desk, address)[0]["text"])
    assert found
    return found[1]


def reader(desk: Desk, address: str) -> tuple[Visitor, str]:
    """Return a browser in which the code of an invitation was answered, and where it reads."""
    visitor, path = Visitor(desk.house.call), link_to(desk, address)
    asked = visitor.post(f"{path}/code")
    desk.house.pump_until_idle()
    told = {**asked.hidden_fields(), "code": code_for(desk, address)}
    assert visitor.post(f"{path}/enter", told).location == path
    return visitor, path


def sign(desk: Desk, address: str, name: str) -> Answer:
    """Open an offer with a code and sign it on screen."""
    visitor, path = reader(desk, address)
    assert visitor.get(path).status == 200
    return visitor.post(f"{path}/sign", {"name": name, "authority": "yes"})


def the_agreement(desk: Desk) -> dict[str, Any]:
    """Return the one agreement of the board."""
    (found,) = desk.agreements()
    return found


def act(desk: Desk, name: str, account_id: str = RECORDER, **fields: str) -> Answer:
    """Do something with the board's newest agreement at the helpdesk."""
    found = max(desk.agreements(), key=lambda item: item["recorded_at_epoch_s"])
    path = f"/helpdesk/agreements/{found['agreement_id']}/{name}"
    answer = desk.helpdesk(account_id).post(path, {"board_number": BOARD, **fields})
    desk.house.pump_until_idle()
    return answer


def verify(desk: Desk, account_id: str = RECORDER) -> Answer:
    """Record the first check."""
    return act(
        desk, "verify", account_id, authority="extract", call_back="Balie, 0511-123456: klopt"
    )


# --- the way it goes ------------------------------------------------------------------------


def test_trap_20_from_offer_to_active_without_an_account(desk: Desk) -> None:
    """A link, a code, a name and a tick; two people of ours; three schools covered."""
    desk.put_school("44", "12AB02", "De Derde")
    assert offer(desk).status == 303
    signed = sign(desk, FORM["director_address"], FORM["director_name"])
    assert signed.location.endswith("?done=sign")
    assert the_agreement(desk)["state"] == "verifying"
    assert desk.state("41") is CoverageState.PENDING
    assert verify(desk).status == 303
    assert act(desk, "confirm", CONFIRMER).status == 303
    assert the_agreement(desk)["state"] == "active"
    assert all(desk.state(one).is_covered for one in ("41", "42", "44"))
    moves = [event["move"] for event in store.events(BOARD, the_agreement(desk)["agreement_id"])]
    assert moves == ["A01", "A02", "A04", "A05", "A06", "verified", "A08"]


def test_trap_11_the_registered_address_is_told_and_gets_neither_link_nor_code(desk: Desk) -> None:
    """Who reads the board's general mailbox cannot open or sign anything."""
    offer(desk)
    sign(desk, FORM["director_address"], FORM["director_name"])
    verify(desk)
    act(desk, "confirm", CONFIRMER)
    told = mails_to(desk, FORM["contact_address"])
    assert len(told) == 3
    for mail in told:
        assert "/agreement/" not in mail["text"] + mail["html"]
        assert not re.search(r"\d{4} \d{4}", mail["text"])
        assert "Sjoukje" not in mail["subject"]


def test_who_signed_gets_a_place_at_the_board_once_it_is_confirmed(desk: Desk) -> None:
    """Both directors are invited by the second check, not before; nobody else of the offer is."""
    offer(desk, None, **SECOND)
    sign(desk, FORM["director_address"], FORM["director_name"])
    sign(desk, SECOND["second_address"], SECOND["second_name"])
    verify(desk)
    both = (FORM["director_address"], SECOND["second_address"])
    assert not any("/activate/" in mail["text"] for mail in desk.house.mails())
    act(desk, "confirm", CONFIRMER)
    invited = [mail for mail in desk.house.mails() if "/activate/" in mail["text"]]
    assert sorted(to for mail in invited for to in mail["to"]) == sorted(both)
    members = memberships.in_scope(f"board#{BOARD}")
    assert {(one.address, *one.roles) for one in members} == {(one, "board") for one in both}


def test_a_director_with_a_place_is_not_invited_again(desk: Desk) -> None:
    """The replacement of an agreement brings no second invitation."""
    for _ in range(2):
        offer(desk)
        sign(desk, FORM["director_address"], FORM["director_name"])
        verify(desk)
        act(desk, "confirm", CONFIRMER)
        act(desk, "withdraw", withdraw_reason="x")
    asked = [mail for mail in desk.house.mails() if "/activate/" in mail["text"]]
    assert len(asked) == 1


def test_trap_10_two_directors_sign_together(desk: Desk) -> None:
    """One signature is not enough when two must; the other one is asked again by mail."""
    offer(desk, None, **SECOND)
    first = sign(desk, FORM["director_address"], FORM["director_name"])
    assert first.status == 303
    assert the_agreement(desk)["state"] == "ready_to_sign"
    desk.house.pump_until_idle()
    assert "wacht op jouw handtekening" in mails_to(desk, SECOND["second_address"])[0]["subject"]
    again = sign(desk, FORM["director_address"], FORM["director_name"])
    assert again.status == 409
    sign(desk, SECOND["second_address"], SECOND["second_name"])
    stored = the_agreement(desk)
    assert (stored["state"], stored["signatory"]) == ("verifying", "Sjoukje d’Łord, Bas Buis")


def test_a_reviewer_agrees_before_a_director_can_sign(desk: Desk) -> None:
    """The director hears of it when it can be signed, and cannot before."""
    offer(desk, None, **REVIEWER)
    assert mails_to(desk, FORM["director_address"]) == []
    visitor, path = reader(desk, REVIEWER["reviewer_address"])
    visitor.get(path)
    assert visitor.post(f"{path}/sign", {"name": "Noor ’t Hart", "authority": "yes"}).status == 409
    assert visitor.post(f"{path}/ready").status == 303
    desk.house.pump_until_idle()
    signed = sign(desk, FORM["director_address"], "sjoukje d'łord")
    assert signed.status == 303
    assert the_agreement(desk)["state"] == "verifying"


def test_a_question_stops_the_signing_until_it_is_answered(desk: Desk) -> None:
    """The answer comes by mail and on the page."""
    offer(desk)
    visitor, path = reader(desk, FORM["director_address"])
    visitor.get(path)
    assert visitor.post(f"{path}/question", {"message": "Waar staat de server?"}).status == 303
    form = {"name": FORM["director_name"], "authority": "yes"}
    assert visitor.post(f"{path}/sign", form).status == 409
    assert "Waar staat de server?" in desk.helpdesk().get("/helpdesk/agreements").text
    assert act(desk, "answer", message="In Ierland.").status == 303
    assert "In Ierland." in mails_to(desk, FORM["director_address"])[0]["text"]
    assert "In Ierland." in visitor.get(path).text
    assert visitor.post(f"{path}/sign", form).status == 303


def test_a_refusal_tells_everybody_why(desk: Desk) -> None:
    """Also who signed before."""
    offer(desk, None, **SECOND)
    sign(desk, FORM["director_address"], FORM["director_name"])
    visitor, path = reader(desk, SECOND["second_address"])
    assert visitor.post(f"{path}/refuse", {"reason": ""}).status == 400
    assert visitor.post(f"{path}/refuse", {"reason": "Te duur"}).status == 303
    desk.house.pump_until_idle()
    assert the_agreement(desk)["state"] == "rejected"
    for address in (FORM["director_address"], SECOND["second_address"], FORM["contact_address"]):
        assert "Te duur" in mails_to(desk, address)[0]["text"]
    assert desk.state("41") is CoverageState.UNCOVERED


def test_what_is_not_right_goes_back_and_is_signed_again(desk: Desk) -> None:
    """The first check is made anew for the new signature."""
    offer(desk)
    sign(desk, FORM["director_address"], FORM["director_name"])
    verify(desk)
    assert act(desk, "return", reason="Verkeerde bestuurder").status == 303
    assert act(desk, "confirm", CONFIRMER).status == 409
    assert sign(desk, FORM["director_address"], FORM["director_name"]).status == 303
    assert act(desk, "confirm", CONFIRMER).status == 409
    verify(desk)
    assert act(desk, "confirm", CONFIRMER).status == 303


def test_listed_schools_only_are_covered(desk: Desk) -> None:
    """Still in the name of the board, and signed by its director."""
    assert "Niet al deze scholen" not in offer(desk, None, scope="listed", codes="12AB01").text
    sign(desk, FORM["director_address"], FORM["director_name"])
    verify(desk)
    act(desk, "confirm", CONFIRMER)
    assert desk.state("42") is CoverageState.COVERED_SCHOOL
    assert desk.state("41") is CoverageState.UNCOVERED
    found = offer_store.find(BOARD, the_agreement(desk)["agreement_id"])
    assert found
    assert (found.board_name, found.board_number) == ("Stichting De Vlieger", BOARD)
    assert [line.brin6 for line in found.schools] == ["12AB01"]


def test_a_new_model_takes_the_place_of_the_old_one_in_one_write(desk: Desk) -> None:
    """3.0 runs until 4.0 is active, and ends on that very day."""
    desk.sign(model="3.0", effective_from="2020-08-01")
    old = the_agreement(desk)
    desk.at(desk.now() + 3600)
    offer(desk)
    new = next(one for one in desk.agreements() if one["agreement_id"] != old["agreement_id"])
    assert new["supersedes_id"] == old["agreement_id"]
    sign(desk, FORM["director_address"], FORM["director_name"])
    verify(desk)
    assert desk.state("41") is CoverageState.COVERED_BOARD
    act(desk, "confirm", CONFIRMER)
    by_id = {one["agreement_id"]: one for one in desk.agreements()}
    assert by_id[old["agreement_id"]]["state"] == "superseded"
    assert by_id[old["agreement_id"]]["ends_on"] == by_id[new["agreement_id"]]["effective_from"]
    assert desk.state("41") is CoverageState.COVERED_BOARD


def test_a_board_asks_for_its_own_offer(desk: Desk) -> None:
    """Without a phone call, and only for itself."""
    answer = desk.director().post("/board/agreements/offer", {**FORM, "board_number": "04002"})
    assert answer.location == "/board/agreements?done=offered"
    desk.house.pump_until_idle()
    assert the_agreement(desk)["state"] == "offered"
    assert sign(desk, FORM["director_address"], FORM["director_name"]).status == 303


# --- who may --------------------------------------------------------------------------------


def test_the_link_alone_shows_no_more_than_the_board(desk: Desk) -> None:
    """Neither the director's name nor the whole address is on the door."""
    offer(desk)
    shown = Visitor(desk.house.call).get(link_to(desk, FORM["director_address"]))
    assert "Stichting De Vlieger" in shown.text
    assert "Sjoukje" not in shown.text
    assert FORM["director_address"] not in shown.text
    assert the_agreement(desk)["state"] == "offered"


@pytest.mark.parametrize("name", ["sign", "question", "refuse", "ready"])
def test_nothing_is_done_without_a_code(desk: Desk, name: str) -> None:
    """Somebody with the link of a forwarded mail only finds the door."""
    offer(desk)
    before = desk.items()
    path = link_to(desk, FORM["director_address"])
    fields = {"name": FORM["director_name"], "authority": "yes", "message": "x", "reason": "x"}
    assert Visitor(desk.house.call).post(f"{path}/{name}", fields).status == 403
    assert desk.items() == before


def test_a_director_of_another_board_cannot_use_his_code_here(desk: Desk) -> None:
    """A code opens the invitation that it was mailed for, and a reading reads that one only."""
    offer(desk)
    offer(desk, None, board_number="04002", director_address="ander@skoalle.example")
    visitor, _ = reader(desk, "ander@skoalle.example")
    path = link_to(desk, FORM["director_address"])
    assert "Sjoukje" not in visitor.get(path).text
    asked = visitor.post(f"{link_to(desk, 'ander@skoalle.example')}/code")
    desk.house.pump_until_idle()
    told = {**asked.hidden_fields(), "code": code_for(desk, "ander@skoalle.example")}
    assert visitor.post(f"{path}/enter", told).status == 403


def test_a_code_is_good_once_and_for_a_quarter_of_an_hour(desk: Desk) -> None:
    """Used, or late, it opens nothing."""
    offer(desk)
    path, visitor = link_to(desk, FORM["director_address"]), Visitor(desk.house.call)
    asked = visitor.post(f"{path}/code")
    desk.house.pump_until_idle()
    told = {**asked.hidden_fields(), "code": code_for(desk, FORM["director_address"])}
    desk.at(desk.now() + 14 * 60)
    assert visitor.post(f"{path}/enter", told).status == 303
    assert visitor.post(f"{path}/enter", told).status == 403
    asked = visitor.post(f"{path}/code")
    desk.house.pump_until_idle()
    told = {**asked.hidden_fields(), "code": code_for(desk, FORM["director_address"])}
    desk.at(desk.now() + 15 * 60)
    assert visitor.post(f"{path}/enter", told).status == 403


def test_five_wrong_guesses_end_a_code(desk: Desk) -> None:
    """The sixth is not even looked at, right as it is."""
    offer(desk)
    path, visitor = link_to(desk, FORM["director_address"]), Visitor(desk.house.call)
    asked = visitor.post(f"{path}/code")
    desk.house.pump_until_idle()
    right = code_for(desk, FORM["director_address"])
    wrong = f"{(int(right.replace(' ', '')) + 1) % 100_000_000:08d}"
    for _ in range(5):
        assert visitor.post(f"{path}/enter", {**asked.hidden_fields(), "code": wrong}).status == 403
    told = {**asked.hidden_fields(), "code": right}
    assert visitor.post(f"{path}/enter", told).status == 403


def test_a_mailbox_is_not_filled_with_codes(desk: Desk) -> None:
    """Five an hour, and then a word of patience."""
    offer(desk)
    path, visitor = link_to(desk, FORM["director_address"]), Visitor(desk.house.call)
    statuses = [visitor.post(f"{path}/code").status for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    desk.at(desk.now() + 3600)
    assert visitor.post(f"{path}/code").status == 200


def test_a_code_is_nowhere_but_in_its_mail(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Not in a table, the queue's message or the log; an address is not logged either."""
    offer(desk)
    reader(desk, FORM["director_address"])
    code = code_for(desk, FORM["director_address"]).replace(" ", "")
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert code not in logged
    assert "vlieger.example" not in logged
    assert code not in str(desk.items())


def test_a_wrong_name_or_no_tick_signs_nothing(desk: Desk) -> None:
    """The page says at the field what is missing."""
    offer(desk)
    visitor, path = reader(desk, FORM["director_address"])
    visitor.get(path)
    answer = visitor.post(f"{path}/sign", {"name": "Bas Buis"})
    assert answer.status == 400
    assert "zoals die in het aanbod staat" in answer.text
    assert the_agreement(desk)["state"] == "in_review"


# --- two people -----------------------------------------------------------------------------


def test_the_first_to_check_does_not_confirm(desk: Desk) -> None:
    """Nor does anybody before a first check with a call."""
    offer(desk, desk.helpdesk("8003"))
    sign(desk, FORM["director_address"], FORM["director_name"])
    assert act(desk, "confirm", CONFIRMER).status == 409
    assert act(desk, "verify", authority="extract", call_back="").status == 400
    verify(desk)
    assert act(desk, "confirm", RECORDER).status == 409
    assert act(desk, "confirm", "8003").status == 409
    assert act(desk, "confirm", CONFIRMER).status == 303


def test_suspending_takes_a_ground_and_a_colleague(desk: Desk) -> None:
    """Coverage stops when it is decided, and comes back the same way."""
    desk.sign()
    assert act(desk, "propose", proposal="suspend", proposal_reason="x").status == 400
    proposal = {"proposal": "suspend", "proposal_reason": "Twijfel", "legal_basis": "art. 28 AVG"}
    assert act(desk, "propose", **proposal).status == 303
    assert desk.state("41").is_covered
    assert act(desk, "decide", RECORDER).status == 409
    assert act(desk, "decide", CONFIRMER).status == 303
    assert desk.state("41") is CoverageState.BLOCKED
    act(desk, "propose", **{**proposal, "proposal": "resume"})
    act(desk, "decide", CONFIRMER)
    assert desk.state("41").is_covered


def test_a_forged_agreement_is_void_and_covers_nothing(desk: Desk) -> None:
    """Its evidence stays."""
    desk.sign()
    ground = {"proposal_reason": "Vervalst", "legal_basis": "Rapport 12"}
    act(desk, "propose", proposal="void", **ground)
    act(desk, "decide", CONFIRMER)
    assert the_agreement(desk)["state"] == "void"
    assert desk.state("41") is CoverageState.UNCOVERED
    assert store.events(BOARD, the_agreement(desk)["agreement_id"])


# --- bad input ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"director_name": ""}, "Vul de naam in"),
        ({"director_address": "geen adres"}, "Vul één e-mailadres in"),
        ({"contact_address": ""}, "Vul één e-mailadres in"),
        (
            {**SECOND, "second_address": FORM["director_address"]},
            "Twee mensen hebben twee adressen",
        ),
        ({"scope": "listed", "codes": "13CD"}, "niet allemaal scholen van dit bestuur"),
        ({"scope": "listed", "codes": "vlieger"}, "Een BRIN is zoals 12AB"),
        ({"effective_from": "2026-11-23"}, "hoogstens twee jaar vooruit"),
        ({"board_number": "99999"}, "staat niet in de besturenlijst"),
    ],
)
def test_a_wrong_field_of_an_offer_is_named(
    desk: Desk, changes: dict[str, str], words: str
) -> None:
    """Nothing is stored or sent, and what was typed comes back."""
    answer = offer(desk, None, **changes)
    assert answer.status == 400
    assert words in answer.text
    assert desk.items() == []
    assert desk.house.mails() == []


def test_a_second_offer_for_the_same_schools_waits_for_the_first(desk: Desk) -> None:
    """Two open offers would let a board sign twice."""
    offer(desk)
    assert offer(desk).status == 400
    assert act(desk, "withdraw", withdraw_reason="Verkeerd adres").status == 303
    assert "Verkeerd adres" in mails_to(desk, FORM["director_address"])[0]["text"]
    desk.at(desk.now() + 60)
    assert offer(desk).status == 303


@pytest.mark.parametrize("path", ["/agreement/1", "/agreement/abc", "/agreement/²"])
def test_a_link_that_is_none_of_ours_is_not_found(desk: Desk, path: str) -> None:
    """In the same words, whatever is wrong with it."""
    visitor = Visitor(desk.house.call)
    assert visitor.get(path).status == 404
    assert visitor.post(f"{path}/code").status == 404
