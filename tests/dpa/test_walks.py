"""Random lives of offers and their replacements: no rule broken, no day without or with two."""

import datetime as dt
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from dpa import agreement_notes, event_chain, offer_flow, running_flow
from dpa import offer as offers
from dpa.agreement import Agreement, EvidenceClass, Model, facts_of
from dpa.agreement_guards import By
from dpa.agreement_moves import MoveRefused
from dpa.agreement_states import TERMINAL, Actor, IllegalMove, State
from dpa.coverage_rules import coverage_item
from dpa.offer import Invitee, Offer
from dpa.offer_flow import Seen, Step
from schoolpoort import coverage
from schoolpoort.coverage import amsterdam_day
from tests.amounts import IS_SOAK
from tests.dpa.samples import BOARD, NOON

_SEEN = Seen("192.0.2.1", "browser")
_WALKS = 20_000 if IS_SOAK else 200
_DAY_S = 86_400
_STAFF = ("8001", "8002", "8003")
_PEOPLE = (
    Invitee("51", offers.DIRECTOR, "Sjoukje d’Łord", "voorzitter", "s@vlieger.example"),
    Invitee("52", offers.DIRECTOR, "Bas Buis", "bestuurder", "b@vlieger.example"),
    Invitee("53", offers.REVIEWER, "Noor ’t Hart", "", "n@vlieger.example"),
)


def _offer(agreement_id: str, directors: int, *, reviewed: bool, day: dt.date) -> Offer:
    return Offer(
        agreement_id=agreement_id,
        board_number=BOARD,
        board_name="Stichting De Vlieger",
        board_place="Vliegerdam",
        template_id="sample-4.0-1.0.0",
        template_sha256="0" * 64,
        invitees=(*_PEOPLE[:directors], *([_PEOPLE[2]] if reviewed else [])),
        contact_address="bestuur@vlieger.example",
        schools=(offers.School("12AB00", "De Vlieger", "Vliegerdam"),),
        covers_all_schools=True,
        offered_on=day,
        expires_on=day + dt.timedelta(days=offers.OFFER_LIFE_DAYS),
        effective_from=day,
    )


@dataclass
class Board:
    """A board with its agreements: what a walk changes, and what was told of it."""

    now_epoch_s: int = NOON
    agreements: dict[str, Agreement] = field(default_factory=dict)
    offers: dict[str, Offer] = field(default_factory=dict)
    events: dict[str, list[object]] = field(default_factory=dict)

    def keep(self, *steps: Step | None) -> None:
        """Write steps as one transaction does; each must start from what stands."""
        for step in steps:
            if step is None:
                continue
            after = step.moved.agreement
            standing = self.agreements.get(after.agreement_id)
            assert step.known_version == (standing.version if standing else 0)
            if standing is not None and standing.state in TERMINAL:
                assert after.state in {standing.state, State.VOID}
            self.agreements[after.agreement_id] = after
            self.events.setdefault(after.agreement_id, []).extend(step.moved.events)

    def offer(self, directors: int, reviewed: bool) -> None:
        """Offer the board an agreement that replaces the one that runs."""
        agreement_id = str(900 + len(self.agreements))
        day = amsterdam_day(self.now_epoch_s)
        made = _offer(agreement_id, directors, reviewed=reviewed, day=day)
        running = [one for one in self.agreements.values() if one.state is State.ACTIVE]
        draft = Agreement(
            agreement_id=agreement_id,
            board_number=BOARD,
            board_name=made.board_name,
            state=State.DRAFT,
            model=Model.V4,
            evidence_class=EvidenceClass.SCREEN,
            signatory="",
            reference="",
            effective_from=day,
            scope_codes=(),
            recorded_by=_STAFF[0],
            recorded_at_epoch_s=self.now_epoch_s,
            template_id=made.template_id,
            offer_sha256=offers.digest(made),
            offer_expires_on=made.expires_on,
            supersedes_id=running[0].agreement_id if running else "",
            notice_days=30,
            signers=tuple(one.invitation_id for one in made.directors),
        )
        self.offers[agreement_id] = made
        by = By(Actor.HELPDESK, _STAFF[0])
        self.keep(offer_flow.offered(draft, made, by, self.now_epoch_s))

    def try_one(self, agreement_id: str, name: str, who: int) -> None:
        """Let somebody try something; what the machine refuses changes nothing."""
        before = self.agreements[agreement_id]
        try:
            steps = self._steps(before, self.offers[agreement_id], name, who)
        except (IllegalMove, MoveRefused):
            assert self.agreements[agreement_id] is before
            return
        self.keep(*steps)

    def _steps(  # noqa: C901, PLR0911, PLR0912 - one line for each thing that people do
        self, one: Agreement, made: Offer, name: str, who: int
    ) -> list[Step | None]:
        now, staff = self.now_epoch_s, _STAFF[who]
        invitee = made.invitees[who % len(made.invitees)]
        by = By(Actor.HELPDESK, staff)
        match name:
            case "open":
                return [offer_flow.opened(one, invitee, _SEEN, now)]
            case "ask":
                return [offer_flow.asked(one, invitee, "Waarom?", _SEEN, now)]
            case "answer":
                return [offer_flow.answered(one, made, staff, "Daarom.", now)]
            case "agree":
                return [offer_flow.made_ready(one, made, invitee, _SEEN, now)]
            case "sign":
                return [offer_flow.signed(one, made, invitee, EvidenceClass.SCREEN, {}, now)]
            case "refuse":
                return [offer_flow.refused(one, made, invitee, "Nee", _SEEN, now)]
            case "withdraw":
                return [offer_flow.withdrawn(one, made, staff, "Fout", now)]
            case "return":
                return [offer_flow.returned(one, made, staff, "Naam", now)]
            case "verify":
                note = {"authority": "extract", "call_back": "gebeld"}
                return [Step(agreement_notes.verified(one, by, note, now), one.version)]
            case "confirm":
                return self._with_replaced(offer_flow.confirmed(one, made, staff, [], [], now))
            case "notice":
                ends_on = (amsterdam_day(now) + dt.timedelta(days=30)).isoformat()
                return [running_flow.notice_given(one, made, by, ends_on, [], now)]
            case "lapse":
                return [offer_flow.lapsed(one, made, now)]
            case "end":
                return [running_flow.ended(one, made, [], now)]
            case "suspend" | "void":
                move = ("A18", State.SUSPENDED) if name == "suspend" else ("A19", State.VOID)
                ground = {"reason": "r", "legal_basis": "b", "report": "b"}
                moved = agreement_notes.proposed(one, *move, by, ground, now)
                return [Step(moved, one.version)]
            case _:
                return [running_flow.decided(one, made, staff, [], now)]

    def _with_replaced(self, step: Step) -> list[Step | None]:
        after = step.moved.agreement
        before = self.agreements.get(after.supersedes_id)
        if before is None:
            return [step]
        return [step, running_flow.superseded(before, after, self.now_epoch_s)]


_ACTS = (
    *("open", "agree", "sign", "verify", "confirm") * 3,
    *("ask", "answer", "refuse", "withdraw", "return"),
    *("notice", "lapse", "end", "suspend", "void", "decide"),
)
_STEPS = st.tuples(st.sampled_from(_ACTS), st.integers(0, 2), st.integers(0, 9), st.booleans())


@settings(max_examples=_WALKS, deadline=None)
@given(st.integers(1, 2), st.booleans(), st.lists(_STEPS, min_size=5, max_size=40))
def test_no_life_of_an_offer_breaks_a_rule(
    directors: int,
    reviewed: bool,
    walk: list[tuple[str, int, int, bool]],
) -> None:
    """Whatever people try in whatever order: evidence, two people, and whole chains of events."""
    board = Board()
    board.offer(directors, reviewed)
    for name, who, pick, is_new in walk:
        if is_new and pick == 0:
            board.offer(directors, reviewed)
        names = sorted(board.agreements)
        board.try_one(names[pick % len(names)], name, who)
        board.now_epoch_s += pick * _DAY_S // 3
        _check(board)


def _check(board: Board) -> None:
    for agreement_id, one in board.agreements.items():
        events = board.events[agreement_id]
        assert event_chain.is_whole(events, one.last_event_hash)  # type: ignore[arg-type]
        assert len(events) == one.version
        assert event_chain.digest(facts_of(one)) == events[-1]["agreement_sha256"]  # type: ignore[index]
        if one.confirmed_by:
            assert one.verified_by not in {None, one.confirmed_by}
            assert one.recorded_by != one.confirmed_by
            assert one.still_to_sign == ()
        if one.state is State.ACTIVE:
            assert one.effective_from <= amsterdam_day(board.now_epoch_s)
    running = [one for one in board.agreements.values() if one.state is State.SUPERSEDED]
    for old in running:
        (new,) = [
            one
            for one in board.agreements.values()
            if one.supersedes_id == old.agreement_id and one.confirmed_by
        ]
        assert old.ends_on == new.effective_from
        _no_gap(board, old, new)


def _no_gap(board: Board, old: Agreement, new: Agreement) -> None:
    """Say that the day before the change is the old one's, and the day itself the new one's."""
    if State.VOID in {old.state, new.state} or new.state is State.SUSPENDED:
        return
    known = coverage.from_item(coverage_item("41", "12AB00", BOARD, [old, new], []))
    change = new.effective_from
    for day in (change - dt.timedelta(days=1), change):
        holding = [one for one in known.periods if one.holds_on(day) and one.state.is_covered]
        expected = old if day < change else new
        covers = expected.effective_from <= day and (
            expected.ends_on is None or day < expected.ends_on
        )
        assert [one.agreement_id for one in holding] == ([expected.agreement_id] if covers else [])


def test_a_walk_reaches_an_active_agreement_and_its_replacement() -> None:
    """The walks above are worth something only if this one gets where it should."""
    board = Board()
    for _ in range(2):
        board.offer(1, reviewed=False)
        newest = max(board.agreements)
        for name, who in (("open", 0), ("sign", 0), ("verify", 1), ("confirm", 2)):
            board.try_one(newest, name, who)
        board.now_epoch_s += 10 * _DAY_S
        _check(board)
    assert [one.state for one in board.agreements.values()] == [State.SUPERSEDED, State.ACTIVE]
