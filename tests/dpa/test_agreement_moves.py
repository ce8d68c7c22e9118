"""An agreement changes by a move with its guard and evidence, or not at all."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dpa import agreement_moves, event_chain
from dpa.agreement import Agreement, facts_of, item_of, of_item
from dpa.agreement_guards import SYSTEM, By, Refusal
from dpa.agreement_moves import MoveRefused, advance
from dpa.agreement_states import TERMINAL, Actor, Guard, IllegalMove, State
from dpa.agreement_table import MOVES, Move
from schoolpoort.coverage import amsterdam_day
from tests.amounts import often
from tests.dpa.samples import CONFIRMER, NOON, RECORDER, agreement, moment

_SECOND = By(Actor.SECOND_HELPDESK, CONFIRMER)
_HELPDESK = By(Actor.HELPDESK, RECORDER)
_DIRECTOR = By(Actor.BOARD_DIRECTOR)
_OFFICER = By(Actor.PRIVACY_OFFICER, "8003")
_BOTH_NAMES = {"reason": "r", "legal_basis": "b", "report": "p", "proposed_by": RECORDER}
_FULL = {
    "model": "4.0",
    "message": "m",
    "evidence_class": "scan",
    "signatory": "Bas Buis",
    "reference": "VO-1",
    "ends_on": "2027-08-01",
    "successor": "901",
    **_BOTH_NAMES,
}


def _refusal(
    before: Agreement,
    move_id: str,
    target: State,
    by: By,
    evidence: Mapping[str, str],
    now_epoch_s: int = NOON,
) -> Refusal:
    with pytest.raises(MoveRefused) as refused:
        advance(before, move_id, target, by, evidence, now_epoch_s)
    return refused.value.refusal


def _draft(**changes: object) -> Agreement:
    return agreement(state=State.DRAFT, **changes)


# --- recording and confirming ---------------------------------------------------------------


def test_a_signed_paper_is_recorded_as_three_moves_that_wait() -> None:
    """Offered, signed and received are events of their own, in one chain."""
    moved = agreement_moves.recorded(_draft())
    assert moved.agreement.state is State.VERIFYING
    assert [event["move"] for event in moved.events] == ["A01", "A05", "A06"]
    assert [event["version"] for event in moved.events] == [1, 2, 3]
    assert moved.agreement.version == 3
    assert event_chain.is_whole(moved.events, moved.agreement.last_event_hash)


def test_the_event_of_the_signature_tells_what_was_seen() -> None:
    """The class of the evidence is kept with the signature, never flattened."""
    signed = agreement_moves.recorded(_draft()).events[1]
    assert signed["evidence"] == {
        "evidence_class": "scan",
        "signatory": "Bas Buis",
        "reference": "VO-1",
    }


@pytest.mark.parametrize("name", ["signatory", "reference"])
@pytest.mark.parametrize("empty", ["", "  "])
def test_a_paper_without_signatory_or_place_is_not_recorded(name: str, empty: str) -> None:
    """A05 asks for all of its evidence."""
    with pytest.raises(MoveRefused) as refused:
        agreement_moves.recorded(_draft(**{name: empty}))
    assert refused.value.refusal is Refusal.EVIDENCE_MISSING


def test_a_second_person_makes_a_running_agreement_active() -> None:
    """The confirmation names who and when."""
    waiting = agreement_moves.recorded(_draft()).agreement
    moved = agreement_moves.confirmed(waiting, CONFIRMER, NOON + 60)
    after = moved.agreement
    assert (after.state, after.confirmed_by, after.confirmed_at_epoch_s, after.version) == (
        State.ACTIVE,
        CONFIRMER,
        NOON + 60,
        4,
    )


def test_the_person_who_recorded_it_does_not_confirm_it() -> None:
    """Four eyes are a rule of the machine, not of a page."""
    waiting = agreement_moves.recorded(_draft()).agreement
    with pytest.raises(MoveRefused) as refused:
        agreement_moves.confirmed(waiting, RECORDER, NOON)
    assert refused.value.refusal is Refusal.SAME_PERSON


def test_nobody_at_all_does_not_confirm_it_either() -> None:
    """An empty account is not another person."""
    waiting = agreement_moves.recorded(_draft()).agreement
    with pytest.raises(MoveRefused) as refused:
        agreement_moves.confirmed(waiting, "", NOON)
    assert refused.value.refusal is Refusal.NO_PERSON


def test_an_agreement_that_nobody_signed_is_not_confirmed() -> None:
    """The signatory is asked for again at the last gate."""
    waiting = agreement(state=State.VERIFYING, signatory="")
    assert _refusal(waiting, "A08", State.ACTIVE, _SECOND, {}) is Refusal.NO_SIGNATORY


@pytest.mark.parametrize("state", sorted(set(State) - {State.VERIFYING}))
def test_only_what_waits_is_confirmed(state: State) -> None:
    """A second confirmation finds no move."""
    with pytest.raises(IllegalMove):
        agreement_moves.confirmed(agreement(state=state), CONFIRMER, NOON)


# --- days in Amsterdam ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now_epoch_s", "expected"),
    [
        (moment(2026, 7, 31, 23, 59), State.SCHEDULED),
        (moment(2026, 8, 1, 0, 0), State.ACTIVE),
        (moment(2026, 8, 1, 1, 59), State.ACTIVE),
    ],
)
def test_trap_5_the_first_day_begins_at_midnight_in_amsterdam(
    now_epoch_s: int, expected: State
) -> None:
    """Not at midnight UTC, which is two in the morning of a Dutch summer."""
    waiting = agreement(state=State.VERIFYING, effective_from=dt.date(2026, 8, 1))
    after = agreement_moves.confirmed(waiting, CONFIRMER, now_epoch_s).agreement
    assert after.state is expected


def test_the_state_that_does_not_fit_the_day_is_refused() -> None:
    """An agreement of later is not active today, one of today is not scheduled."""
    later = agreement(state=State.VERIFYING, effective_from=dt.date(2027, 8, 1))
    assert _refusal(later, "A08", State.ACTIVE, _SECOND, {}) is Refusal.WRONG_DAY
    running = agreement(state=State.VERIFYING)
    assert _refusal(running, "A08", State.SCHEDULED, _SECOND, {}) is Refusal.WRONG_DAY


def test_a_scheduled_agreement_begins_on_its_day_and_not_before() -> None:
    """A09 is made by the system, once."""
    scheduled = agreement(state=State.SCHEDULED, effective_from=dt.date(2026, 8, 1))
    assert agreement_moves.begun(scheduled, moment(2026, 7, 31, 23, 59)) is None
    begun = agreement_moves.begun(scheduled, moment(2026, 8, 1, 0, 0))
    assert begun is not None
    assert begun.agreement.state is State.ACTIVE
    assert agreement_moves.begun(begun.agreement, moment(2026, 8, 2)) is None


def test_the_system_itself_cannot_begin_an_agreement_early() -> None:
    """The guard holds for who calls the move directly too."""
    scheduled = agreement(state=State.SCHEDULED, effective_from=dt.date(2027, 8, 1))
    assert _refusal(scheduled, "A09", State.ACTIVE, SYSTEM, {}) is Refusal.TOO_EARLY


# --- the other guards -----------------------------------------------------------------------


def test_notice_names_an_end_that_is_still_to_come() -> None:
    """Nobody is cut off on the day of the notice itself, or by a day that is none."""
    for ends_on, refusal in (
        ("2026-11-24", Refusal.END_NOT_AHEAD),
        ("2026-11-23", Refusal.END_NOT_AHEAD),
        ("31 juli", Refusal.NO_END),
    ):
        found = _refusal(agreement(), "A13", State.NOTICE_GIVEN, _DIRECTOR, {"ends_on": ends_on})
        assert found is refusal
    given_notice = advance(
        agreement(), "A13", State.NOTICE_GIVEN, _DIRECTOR, {"ends_on": "2026-11-25"}, NOON
    ).agreement
    assert given_notice.ends_on == dt.date(2026, 11, 25)


def test_notice_that_is_withdrawn_takes_its_end_away() -> None:
    """The agreement runs on as before."""
    noticed = agreement(state=State.NOTICE_GIVEN, ends_on=dt.date(2027, 1, 1))
    again = advance(noticed, "A14", State.ACTIVE, _DIRECTOR, {"reason": "r"}, NOON).agreement
    assert (again.state, again.ends_on) == (State.ACTIVE, None)


@pytest.mark.parametrize(
    ("move_id", "state", "target"),
    [
        ("A15", State.NOTICE_GIVEN, State.TERMINATED),
        ("A17", State.ACTIVE, State.EXPIRED),
    ],
)
def test_trap_5_an_end_is_made_when_it_has_come(move_id: str, state: State, target: State) -> None:
    """On the first day outside, not on the last one inside, and never without a known end."""
    before = agreement(state=state, ends_on=dt.date(2027, 8, 1))
    last = moment(2027, 7, 31, 23, 59)
    assert _refusal(before, move_id, target, SYSTEM, {}, last) is Refusal.TOO_EARLY
    first = moment(2027, 8, 1, 0, 0)
    assert advance(before, move_id, target, SYSTEM, {}, first).agreement.state is target
    endless = agreement(state=state)
    assert _refusal(endless, move_id, target, SYSTEM, {}) is Refusal.NO_END


def test_a_successor_gives_the_day_on_which_the_old_one_ends() -> None:
    """Nothing is superseded without that day."""
    evidence = {"successor": "901", "ends_on": "someday"}
    assert _refusal(agreement(), "A16", State.SUPERSEDED, SYSTEM, evidence) is Refusal.NO_END
    told = {"successor": "901", "ends_on": "2027-08-01"}
    after = advance(agreement(), "A16", State.SUPERSEDED, SYSTEM, told, NOON).agreement
    assert after.ends_on == dt.date(2027, 8, 1)


@pytest.mark.parametrize(
    ("move_id", "target", "actor"),
    [
        ("A18", State.SUSPENDED, Actor.SECOND_HELPDESK),
        ("A19", State.VOID, Actor.PRIVACY_OFFICER),
    ],
)
def test_suspending_and_voiding_take_two_people(move_id: str, target: State, actor: Actor) -> None:
    """Who proposed it does not decide it, and neither does nobody."""
    same = _refusal(agreement(), move_id, target, By(actor, RECORDER), _BOTH_NAMES)
    assert same is Refusal.SAME_PERSON
    assert _refusal(agreement(), move_id, target, By(actor), _BOTH_NAMES) is Refusal.NO_PERSON
    by = By(actor, CONFIRMER)
    assert advance(agreement(), move_id, target, by, _BOTH_NAMES, NOON).agreement.state is target


@pytest.mark.parametrize("move", [move for move in MOVES if move.evidence], ids=lambda m: m.move_id)
def test_every_piece_of_evidence_of_every_move_is_asked_for(move: Move) -> None:
    """Without any one of them, or with blanks for it, the move is refused."""
    source, target = min(move.sources), min(move.targets)
    by = By(min(move.actors), CONFIRMER)
    before = agreement(state=source)
    for name in move.evidence:
        for poor in ({**_FULL, name: " "}, {k: v for k, v in _FULL.items() if k != name}):
            found = _refusal(before, move.move_id, target, by, poor)
            assert found is Refusal.EVIDENCE_MISSING


def test_evidence_that_a_move_does_not_ask_for_changes_nothing_of_the_agreement() -> None:
    """An end day slipped into a review does not end an agreement."""
    told = {"reason": "r", "ends_on": "2020-01-01"}
    after = advance(agreement(), "A20", State.TRANSFER_REVIEW, SYSTEM, told, NOON).agreement
    assert after.ends_on is None


# --- events ---------------------------------------------------------------------------------


def test_an_event_holds_the_digest_of_the_agreement_as_it_then_was() -> None:
    """A record that is changed on the side no longer fits its last event."""
    moved = agreement_moves.confirmed(agreement(state=State.VERIFYING), CONFIRMER, NOON)
    told = moved.events[-1]["agreement_sha256"]
    assert event_chain.digest(facts_of(moved.agreement)) == told
    forged = replace(moved.agreement, signatory="Iemand Anders")
    assert event_chain.digest(facts_of(forged)) != told


def test_a_move_leaves_the_agreement_before_it_as_it_was() -> None:
    """Advancing is pure: the old value and its stored form stay."""
    before = agreement(state=State.VERIFYING)
    item = item_of(before)
    agreement_moves.confirmed(before, CONFIRMER, NOON)
    assert item_of(before) == item


# --- random walks ---------------------------------------------------------------------------

_ACCOUNTS = st.sampled_from(["", RECORDER, CONFIRMER, "8003"])
_EVIDENCE = st.dictionaries(
    st.sampled_from(sorted(_FULL)),
    st.sampled_from(["", "x", RECORDER, CONFIRMER, "2026-12-01", "2027-08-01", "4.0", "scan"]),
)
_ATTEMPTS = st.tuples(
    st.sampled_from(sorted({move.move_id for move in MOVES})),
    st.sampled_from(list(State)),
    st.builds(By, st.sampled_from(list(Actor)), _ACCOUNTS),
    st.one_of(st.just(_FULL), _EVIDENCE),
    st.integers(min_value=0, max_value=400 * 86_400),
)


def _likely(data: st.DataObject, state: State) -> tuple[str, State, By, Mapping[str, str], int]:
    """Return an attempt that often succeeds, so that walks go far."""
    rows = [move for move in MOVES if state in move.sources and move.move_id != "A19"]
    if not rows or data.draw(st.booleans()):
        return data.draw(_ATTEMPTS)
    row = data.draw(st.sampled_from(rows))
    by = By(data.draw(st.sampled_from(sorted(row.actors))), data.draw(_ACCOUNTS))
    wait_s = data.draw(st.integers(min_value=0, max_value=400 * 86_400))
    return row.move_id, data.draw(st.sampled_from(sorted(row.targets))), by, _FULL, wait_s


@settings(max_examples=often(150), deadline=None)
@given(st.data())
def test_no_walk_breaks_a_rule(data: st.DataObject) -> None:
    """Whatever is tried in whatever order, only legal, guarded and evidenced moves happen."""
    effective_from = dt.date(2026, 6, 1) + dt.timedelta(days=data.draw(st.integers(0, 400)))
    here = agreement_moves.Moved(_draft(effective_from=effective_from), ())
    now_epoch_s = NOON
    for _ in range(data.draw(st.integers(1, 14))):
        before = here.agreement
        move_id, target, by, evidence, wait_s = _likely(data, before.state)
        now_epoch_s += wait_s
        try:
            step = advance(before, move_id, target, by, evidence, now_epoch_s)
        except (IllegalMove, MoveRefused):
            continue
        _obeys(before, step.agreement, by, step.events[0], now_epoch_s)
        here = agreement_moves.Moved(step.agreement, here.events + step.events)
    last = here.agreement
    assert event_chain.is_whole(here.events, last.last_event_hash)
    assert last.version == len(here.events)
    assert of_item(item_of(last)) == last


def _obeys(
    before: Agreement,
    after: Agreement,
    by: By,
    event: Mapping[str, object],
    now_epoch_s: int,
) -> None:
    today = amsterdam_day(now_epoch_s)
    (row,) = [
        move
        for move in MOVES
        if move.move_id == event["move"]
        and before.state in move.sources
        and after.state in move.targets
    ]
    assert by.actor in row.actors
    told = event["evidence"]
    assert isinstance(told, dict)
    assert all(told[name].strip() for name in row.evidence)
    if before.state in TERMINAL:
        assert after.state is State.VOID
    if row.move_id == "A08":
        assert after.confirmed_by == by.account_id not in {"", after.recorded_by}
    if after.state is State.ACTIVE:
        assert after.confirmed_by not in {None, after.recorded_by}
        assert after.effective_from <= today
    if row.guard is Guard.TWO_NAMES:
        assert told["proposed_by"] != by.account_id != ""
    if after.state in {State.TERMINATED, State.EXPIRED, State.SUPERSEDED, State.NOTICE_GIVEN}:
        assert after.ends_on is not None
    if row.guard is Guard.END_REACHED:
        assert after.ends_on is not None
        assert after.ends_on <= today
