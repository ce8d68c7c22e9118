"""What the clock does with agreements, day by day; twice is as good as once."""

from typing import Any

import pytest

from dpa import clockwork, review_store, store
from infra.local.visitor import Answer
from schoolpoort import dynamodb, mail_requests
from schoolpoort.coverage import CoverageState
from schoolpoort.errors import StoreUnavailable
from schoolpoort.settings import require
from tests.dpa.desk import OTHER_BOARD, Desk
from tests.dpa.samples import BOARD, CONFIRMER, RECORDER, moment
from tests.dpa.test_signing_pages import FORM, act, mails_to, offer, sign, verify

_REVIEWS = "/helpdesk/agreements/reviews"


def run_day(desk: Desk) -> dict[str, int]:
    """Let the scheduler start the day, and let the mails go."""
    done: dict[str, int] = desk.house.invoke("DpaClockFunction", {"job": "day"})
    desk.house.pump_until_idle()
    return done


def subjects(desk: Desk, address: str) -> list[str]:
    """Return the subjects of the mails to an address, oldest first."""
    return [str(mail["subject"]) for mail in reversed(mails_to(desk, address))]


def _only(desk: Desk) -> dict[str, Any]:
    (found,) = desk.agreements()
    return found


# --- days -----------------------------------------------------------------------------------


def test_an_agreement_of_later_begins_on_its_day(desk: Desk) -> None:
    """At one minute past midnight in Amsterdam it is active; a second run does nothing."""
    desk.sign(effective_from="2027-08-01")
    desk.at(moment(2027, 7, 31, 0, 1))
    assert run_day(desk)["moved"] == 0
    desk.at(moment(2027, 8, 1, 0, 1))
    assert run_day(desk)["moved"] == 1
    assert _only(desk)["state"] == "active"
    assert run_day(desk)["moved"] == 0


def test_trap_7_a_new_model_of_later_ends_the_old_one_on_its_first_day(desk: Desk) -> None:
    """Neither a day without an agreement nor a day with two."""
    desk.sign(model="3.0", effective_from="2020-08-01")
    old = _only(desk)["agreement_id"]
    desk.at(desk.now() + 60)
    offer(desk, None, effective_from="2027-08-01")
    sign(desk, FORM["director_address"], FORM["director_name"])
    verify(desk)
    act(desk, "confirm", CONFIRMER)
    desk.at(moment(2027, 7, 31, 12))
    run_day(desk)
    states = {one["agreement_id"]: one["state"] for one in desk.agreements()}
    assert sorted(states.values()) == ["active", "scheduled"]
    desk.at(moment(2027, 8, 1, 0, 1))
    run_day(desk)
    by_id = {one["agreement_id"]: one for one in desk.agreements()}
    assert by_id[old]["state"] == "superseded"
    assert by_id[old]["ends_on"] == "2027-08-01"
    day_of = {one.agreement_id: (one.since, one.until) for one in desk.coverage("41").periods}
    assert day_of[old][1] == next(since for key, (since, _) in day_of.items() if key != old)


def test_trap_13_an_offer_that_nobody_signs_is_reminded_of_and_lapses(desk: Desk) -> None:
    """Once on each mark, then it is over, and everybody hears so."""
    offer(desk)
    for days in (7, 8, 21, 45):
        desk.at(moment(2026, 11, 24) + days * 86_400)
        run_day(desk)
    said = subjects(desk, FORM["director_address"])
    assert said.count("Er wacht nog steeds een overeenkomst op je") == 0
    assert sum("Er wacht nog steeds" in one for one in said) == 3
    desk.at(moment(2026, 11, 24) + 89 * 86_400)
    run_day(desk)
    assert _only(desk)["state"] == "offered"
    desk.at(moment(2026, 11, 24) + 90 * 86_400)
    run_day(desk)
    assert _only(desk)["state"] == "lapsed_offer"
    assert "vervallen" in subjects(desk, FORM["contact_address"])[-1]


def test_trap_13_nobody_is_reminded_in_the_summer(desk: Desk) -> None:
    """Schools are closed, and a mail then only annoys."""
    desk.at(moment(2027, 6, 28))
    offer(desk, None, effective_from="2027-08-01")
    desk.at(moment(2027, 7, 6))
    run_day(desk)
    assert sum("nog steeds" in one for one in subjects(desk, FORM["director_address"])) == 0


def test_notice_ends_on_its_day_and_is_warned_of_before(desk: Desk) -> None:
    """On the day itself import and release stop, with nobody pressing anything."""
    desk.sign()
    desk.director()
    path = f"/board/agreements/{_only(desk)['agreement_id']}/notice"
    answer = desk.director().post(path, {"ends_on": "2027-08-01"})
    assert answer.location == "/board/agreements?done=notice"
    assert desk.state("41").is_covered
    desk.at(moment(2027, 7, 25))
    run_day(desk)
    run_day(desk)
    told = subjects(desk, "hanna@example.nl")
    assert sum("binnenkort" in one for one in told) == 1
    desk.at(moment(2027, 7, 31, 23, 59))
    assert desk.state("41").is_covered
    desk.at(moment(2027, 8, 1, 0, 0))
    assert not desk.state("41").is_covered
    desk.at(moment(2027, 8, 1, 0, 1))
    run_day(desk)
    assert _only(desk)["state"] == "terminated"
    assert "geëindigd" in subjects(desk, "hanna@example.nl")[-1]


def test_a_board_takes_its_notice_back(desk: Desk) -> None:
    """With a reason; without one nothing changes."""
    desk.sign()
    path = f"/board/agreements/{_only(desk)['agreement_id']}"
    desk.director().post(f"{path}/notice", {"ends_on": "2027-08-01"})
    assert "problem=keep" in desk.director().post(f"{path}/keep", {"reason": ""}).location
    assert _only(desk)["state"] == "notice_given"
    assert "done=keep" in desk.director().post(f"{path}/keep", {"reason": "Toch door"}).location
    assert (_only(desk)["state"], _only(desk)["ends_on"]) == ("active", None)


@pytest.mark.parametrize("ends_on", ["2026-11-24", "2020-01-01", "", "morgen"])
def test_notice_needs_a_day_that_is_still_to_come(desk: Desk, ends_on: str) -> None:
    """Nobody is cut off on the day of the notice itself."""
    desk.sign()
    path = f"/board/agreements/{_only(desk)['agreement_id']}/notice"
    assert "problem=notice" in desk.director().post(path, {"ends_on": ends_on}).location
    assert _only(desk)["state"] == "active"


def test_a_board_gives_no_notice_for_another(desk: Desk) -> None:
    """The board of the session is part of the key."""
    desk.sign()
    path = f"/board/agreements/{_only(desk)['agreement_id']}/notice"
    answer = desk.director(OTHER_BOARD).post(path, {"ends_on": "2027-08-01"})
    assert answer.status == 404


def test_a_declaration_is_warned_of_before_it_ends(desk: Desk) -> None:
    """The board hears it once on each mark."""
    desk.sign()
    desk.declare(None, valid_until="2027-03-01")
    desk.at(moment(2027, 1, 5))
    run_day(desk)
    desk.at(moment(2027, 1, 6))
    run_day(desk)
    told = mails_to(desk, "hanna@example.nl")
    assert len(told) == 1
    assert "Rekenrijk" in told[0]["text"]
    assert "01-03-2027" in told[0]["text"]


# --- crashes --------------------------------------------------------------------------------


def test_mails_that_a_crash_left_are_sent_by_the_next_run(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The offer stands, and its mails lie beside it until the queue has them."""
    real = mail_requests.enqueue

    def broken(*_: object, **__: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(mail_requests, "enqueue", broken)
    assert desk.helpdesk().post("/helpdesk/agreements/offers", FORM).status == 503
    assert _only(desk)["state"] == "offered"
    assert desk.house.mails() == []
    monkeypatch.setattr(mail_requests, "enqueue", real)
    desk.house.invoke("DpaClockFunction", {"job": "outbox"})
    desk.house.pump_until_idle()
    assert len(desk.house.mails()) == 2
    desk.house.invoke("DpaClockFunction", {"job": "outbox"})
    desk.house.pump_until_idle()
    assert len(desk.house.mails()) == 2


def test_a_crash_between_queue_and_outbox_sends_nothing_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request is named after the move, so the mail job knows a second asking."""
    monkeypatch.setattr(store, "take_from_outbox", lambda _: None)
    offer(desk)
    monkeypatch.undo()
    desk.house.invoke("DpaClockFunction", {"job": "outbox"})
    desk.house.pump_until_idle()
    assert len(desk.house.mails()) == 2
    assert store.outbox() == []


# --- other boards ---------------------------------------------------------------------------


def change(kind: str, *, after: str = OTHER_BOARD, codes: tuple[str, ...] = ("12AB01",)) -> None:
    """Let the registry have a change that people confirmed."""
    item = {
        "entry": "change#77",
        "change_id": "77",
        "state": "confirmed",
        "kind": kind,
        "board_number": BOARD,
        "before": BOARD if kind == "M3" else "Stichting De Vlieger",
        "after": after if kind == "M3" else "",
        "codes": list(codes),
        "effective_on": "2026-11-20",
        "meaning": "transfer",
        "decided_at_epoch_s": moment(2026, 11, 19),
    }
    dynamodb.put(require("REGISTRY_TABLE"), item)


def review(desk: Desk, account_id: str, **fields: str) -> Answer:
    """Do something with the task of that change."""
    return desk.helpdesk(account_id).post(f"{_REVIEWS}/77", fields)


def test_a_school_that_went_to_another_board_is_not_covered_by_the_old_one(desk: Desk) -> None:
    """The task tells people; the agreement of the old board runs on for its other schools."""
    desk.sign()
    desk.put_school("42", "12AB01", "’t Kompas", board_number=OTHER_BOARD)
    change("M3")
    assert run_day(desk)["reviews"] == 1
    assert run_day(desk)["reviews"] == 0
    assert desk.state("42") is CoverageState.UNCOVERED
    assert desk.coverage("42").board_number == OTHER_BOARD
    assert desk.state("41").is_covered
    assert _only(desk)["state"] == "active"
    assert "’t Kompas" in desk.helpdesk().get(_REVIEWS).text


def test_a_grace_takes_two_people_a_ground_and_at_most_thirty_days(desk: Desk) -> None:
    """It ends by itself, and is not given twice."""
    desk.sign()
    desk.put_school("42", "12AB01", "’t Kompas", board_number=OTHER_BOARD)
    change("M3")
    run_day(desk)
    form = {"act": "propose", "brin6": "12AB01", "until": "2026-12-20", "legal_basis": "6:159 BW"}
    assert review(desk, RECORDER, **{**form, "until": "2026-12-21"}).status == 400
    assert review(desk, RECORDER, **{**form, "legal_basis": ""}).status == 400
    assert review(desk, RECORDER, **form).status == 303
    assert desk.state("42") is CoverageState.UNCOVERED
    assert review(desk, RECORDER, act="decide", school_id="42").status == 409
    assert desk.state("42") is CoverageState.UNCOVERED
    assert review(desk, CONFIRMER, act="decide", school_id="42").status == 303
    assert desk.state("42") is CoverageState.TRANSFER_GRACE
    assert desk.state("42").is_covered
    assert review(desk, RECORDER, **form).status == 400
    desk.at(moment(2026, 12, 20, 0, 0))
    assert desk.state("42") is CoverageState.UNCOVERED


def test_a_school_that_nothing_covered_gets_no_grace(desk: Desk) -> None:
    """There is nothing that could go on."""
    desk.put_school("42", "12AB01", "’t Kompas", board_number=OTHER_BOARD)
    change("M3")
    offer(desk)
    run_day(desk)
    form = {"act": "propose", "brin6": "12AB01", "until": "2026-12-01", "legal_basis": "x"}
    assert review(desk, RECORDER, **form).status == 409


def test_the_agreement_of_a_board_that_is_gone_is_looked_at_and_holds_until_then(
    desk: Desk,
) -> None:
    """People decide whether the board is still the same legal person; the list decides nothing."""
    desk.sign()
    change("M1", codes=())
    run_day(desk)
    assert _only(desk)["state"] == "transfer_review"
    assert desk.state("41").is_covered
    ground = {"proposal_reason": "Zelfde KvK", "legal_basis": "uittreksel 12-11"}
    act(desk, "propose", proposal="keep", **ground)
    assert act(desk, "decide", RECORDER).status == 409
    act(desk, "decide", CONFIRMER)
    assert _only(desk)["state"] == "active"


def test_a_review_may_end_an_agreement(desk: Desk) -> None:
    """On a day that is named, with a ground, by two people."""
    desk.sign()
    change("M1", codes=())
    run_day(desk)
    ground = {"proposal_reason": "Ontbonden", "legal_basis": "uittreksel", "ends_on": "2026-11-20"}
    act(desk, "propose", proposal="end", **ground)
    act(desk, "decide", CONFIRMER)
    assert _only(desk)["state"] == "terminated"
    assert not desk.state("41").is_covered


def test_a_task_is_closed_and_stays_closed(desk: Desk) -> None:
    """The next run does not open it again."""
    desk.sign()
    change("M3")
    run_day(desk)
    assert review(desk, RECORDER, act="close").status == 303
    assert run_day(desk)["reviews"] == 0
    assert review_store.reviews() == []
    assert review(desk, RECORDER, act="close").status == 404


def test_one_agreement_that_cannot_be_moved_stops_no_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who was faster is no reason to leave the others lying."""
    desk.sign(effective_from="2027-08-01")
    desk.sign(board_number=OTHER_BOARD, effective_from="2027-08-01")
    desk.at(moment(2027, 8, 1, 0, 1))
    real = store.write

    def lost(*changes: Any, **more: Any) -> None:
        if changes[0][0].agreement.board_number == BOARD:
            raise store.ChangedMeanwhile
        real(*changes, **more)

    monkeypatch.setattr(store, "write", lost)
    assert clockwork.run_day(desk.now())["moved"] == 1
