"""The parts of a request by themselves: states, working hours, papers, mails."""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding import account_request, mail_intake, pdf_facts, request_states, working_time
from onboarding.account_request import AccountRequest, Claim, MoveRefused, Paper, Way
from onboarding.request_checks import Check, Verdict
from onboarding.request_states import MOVES, IllegalMove, State
from tests.onboarding.mails import MAIL, mail
from tests.onboarding.papers import WRONG_KINDS, pdf

_ZONE = ZoneInfo("Europe/Amsterdam")


def _request(**changed: object) -> AccountRequest:
    claim = Claim(address="a@b.nl", director_address="d@b.nl", brin="99BA", board_number="90002")
    plain = AccountRequest("1", claim, State.TO_REVIEW, "web", "nl", 0)
    return replace(plain, **changed)  # type: ignore[arg-type]


# --- states -------------------------------------------------------------------------------------


@given(st.sampled_from(State), st.sampled_from([move.move_id for move in MOVES]))
def test_what_is_not_in_the_table_cannot_happen(state: State, move_id: str) -> None:
    """Every move goes from its sources to its target, and from nowhere else."""
    rows = [move for move in MOVES if move.move_id == move_id and state in move.sources]
    if rows:
        assert request_states.find(move_id, state).target is rows[0].target
    else:
        with pytest.raises(IllegalMove):
            request_states.find(move_id, state)


def test_every_state_is_reached_and_every_open_one_is_left() -> None:
    """No state is a dead end but those that are meant as an end."""
    reached = {move.target for move in MOVES} | {State.RECEIVED}
    left = {state for move in MOVES for state in move.sources}
    assert reached == set(State)
    assert set(State) - left <= request_states.ENDED


_PEOPLE = st.sampled_from(("1", "2", "3"))


@given(typed=_PEOPLE, first=_PEOPLE, second=_PEOPLE)
def test_trap_11_approval_takes_two_people_who_did_not_type_it_in(
    typed: str, first: str, second: str
) -> None:
    """Whatever the order, one person never does two of the three things."""
    request = _request(typed_by=typed)
    try:
        seen = account_request.moved(
            request, "R04", 1, account_id=first, note="x", proposed_by=first, proposal="approve"
        )
        account_request.moved(seen, "R06", 2, account_id=second, note="x")
    except MoveRefused:
        assert len({typed, first, second}) < 3
    else:
        assert len({typed, first, second}) == 3


_RED = Check("C19", Verdict.RED, "host_mimics")


@given(
    red=st.booleans(),
    gone=st.booleans(),
    same=st.booleans(),
    verified=st.booleans(),
    call=st.sampled_from(("", "confirmed", "failed")),
)
def test_how_the_board_is_heard(
    *, red: bool, gone: bool, same: bool, verified: bool, call: str
) -> None:
    """Waiting only for red, for two roles in one, or for a call that failed without authority."""
    request = _request(checks=(_RED,) if red else (), call=call)
    claim = replace(request.claim, coordinator_gone=gone)
    if same:
        claim = replace(claim, director_address=claim.address)
    heard = account_request.way(replace(request, claim=claim), is_verified=verified)
    if red or gone or same:
        assert heard is Way.ASK
    elif verified or call == "confirmed":
        assert heard is Way.TELL
    else:
        assert heard is (Way.ASK if call == "failed" else Way.CALL_FIRST)


def test_a_request_is_stored_as_it_is() -> None:
    """What is written is read back, with its paper, checks and events."""
    paper = Paper("1/x", pdf_facts.read(pdf("99BA", signed_on="20261120")))
    request = _request(paper=paper, checks=(_RED,))
    moved = account_request.moved(request, "R04", 5, account_id="1", note="n", proposed_by="1")
    assert account_request.from_item(account_request.to_item(moved)) == moved


# --- working hours ------------------------------------------------------------------------------


def _at(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=_ZONE).timestamp())


@pytest.mark.parametrize(
    ("complete", "due"),
    [
        ("2026-11-24 14:59", "2026-11-24 17:00"),
        ("2026-11-24 15:00", "2026-11-25 17:00"),
        ("2026-11-27 16:00", "2026-11-30 17:00"),
        ("2026-12-24 15:30", "2026-12-28 17:00"),
        ("2027-03-26 15:30", "2027-03-30 17:00"),
        ("2027-04-26 15:30", "2027-04-28 17:00"),
        ("2027-05-06 09:00", "2027-05-07 17:00"),
        ("2027-05-14 15:30", "2027-05-18 17:00"),
        ("2027-12-31 15:30", "2028-01-03 17:00"),
    ],
)
def test_trap_16_a_request_is_due_in_working_hours(complete: str, due: str) -> None:
    """Before 15:00 the same day, else the next that is no weekend and no holiday."""
    assert working_time.due_at_epoch_s(_at(complete)) == _at(due)


def test_kings_day_and_liberation_day() -> None:
    """A day early when it is a Sunday; liberation only every fifth year."""
    assert dt.date(2025, 4, 26) in working_time.holidays(2025)
    assert dt.date(2025, 5, 5) in working_time.holidays(2025)
    assert dt.date(2026, 5, 5) not in working_time.holidays(2026)


@pytest.mark.parametrize(
    ("now", "urgency"),
    [
        ("2026-11-24 09:30", "calm"),
        ("2026-11-24 13:30", "half"),
        ("2026-11-24 16:00", "soon"),
        ("2026-11-24 17:00", "late"),
    ],
)
def test_the_clock_of_a_request(now: str, urgency: str) -> None:
    """Calm, half, soon and late, by the working hours that are over."""
    assert working_time.urgency(_at("2026-11-24 09:00"), _at(now)) == urgency


@given(st.integers(1_767_225_600, 1_956_528_000), st.integers(0, 30 * 86_400))
def test_a_deadline_lies_ahead_on_a_working_day(start: int, length: int) -> None:
    """And working time never exceeds eight hours for each day that passed."""
    due = working_time.due_at_epoch_s(start)
    assert due > start
    assert working_time.is_working_day(dt.datetime.fromtimestamp(due, _ZONE).date())
    worked = working_time.worked_s(start, start + length)
    assert 0 <= worked <= 8 * 3600 * (length // 86_400 + 2)


# --- papers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", [True, False])
def test_a_paper_tells_its_text_and_its_signature(*, raw: bool) -> None:
    """Packed or not: words with their accents, pages, and when it was signed."""
    facts = pdf_facts.read(pdf("99BA\nZoë (Poël) \\ ’t", signed_on="20261120", pages=2, raw=raw))
    assert (facts.is_pdf, facts.is_whole, facts.pages, facts.signatures) == (True, True, 2, 1)
    assert facts.text == "99BA Zoë (Poël) \\ ’t"
    assert facts.signed_on == dt.date(2026, 11, 20)
    assert not facts.is_active | facts.is_encrypted


@pytest.mark.parametrize("kind", WRONG_KINDS)
def test_a_wrong_kind_is_seen(kind: str) -> None:
    """Not whole, locked or active: no wrong kind passes for a plain PDF."""
    facts = pdf_facts.read(WRONG_KINDS[kind])
    is_plain = facts.is_pdf and facts.is_whole and not (facts.is_active or facts.is_encrypted)
    assert not is_plain


@given(content=st.binary(max_size=300), has_head=st.booleans())
def test_anything_at_all_may_be_a_paper(content: bytes, *, has_head: bool) -> None:
    """Noise is looked at without an error."""
    pdf_facts.read(b"%PDF-1.7\n" + content if has_head else content)


def test_a_small_file_does_not_become_a_large_one() -> None:
    """A stream of nothing that unpacks to hundreds of megabytes is cut off."""
    facts = pdf_facts.read(pdf("x" * 50_000_000))
    assert len(facts.text) <= 20_000


# --- mails --------------------------------------------------------------------------------------


@pytest.mark.parametrize("html", [False, True])
def test_a_mail_becomes_the_same_request(*, html: bool) -> None:
    """The six items from its lines, the paper from its attachment, the address from its sender."""
    read = mail_intake.read(mail(MAIL, pdf("99BA"), html=html))
    assert read is not None
    claim = read.claim
    assert (claim.board_number, claim.brin, claim.location_code) == ("90002", "99BA", "00")
    assert claim.display_name == "Zoë van der Poël"
    assert claim.director_address == "s.vanthoff@hogeesch.example"
    assert claim.address == "z.vanderpoel@hogeesch.example"
    assert read.paper == pdf("99BA")


def test_a_mail_with_two_papers_has_none() -> None:
    """Nobody knows which is meant; the requester adds it on the page."""
    read = mail_intake.read(mail(MAIL, pdf("a"), pdf("b")))
    assert read is not None
    assert read.paper is None


@pytest.mark.parametrize(
    "content",
    [
        mail("Hallo, kunnen jullie bellen?"),
        mail(Auto_Submitted="auto-replied"),
        mail(List_Id="<nieuws.example>"),
        b"",
        b"\xff\xfe\x00",
    ],
    ids=["a question", "an automatic answer", "a list", "nothing", "noise"],
)
def test_what_is_no_request_makes_none(content: bytes) -> None:
    """No answer goes out, so that two machines never mail each other for ever."""
    assert mail_intake.read(content) is None


def test_only_the_receivers_own_verdict_counts() -> None:
    """A sender writes his own line of results under ours."""
    ours = "amazonses.com; spf=pass; dkim=fail; dmarc=fail"
    read = mail_intake.read(mail(Authentication_Results=ours, X_SES_Virus_Verdict="PASS"))
    assert read is not None
    assert read.verdicts.split() == ["virus:pass", "spf:pass", "dkim:fail", "dmarc:fail"]
    read = mail_intake.read(mail(Authentication_Results="evil.example; dmarc=pass"))
    assert read is not None
    assert read.verdicts == ""
