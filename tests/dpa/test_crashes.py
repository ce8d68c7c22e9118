"""A function that dies after any of its writes: trying again ends as if it had never died."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest

from dpa import store
from dpa.agreement_guards import By
from dpa.agreement_moves import told
from dpa.agreement_states import Actor
from dpa.agreement_table import MOVES
from infra.local.roles import acting_function
from infra.local.state import Snapshot
from infra.local.visitor import Visitor
from schoolpoort import aws as product_aws
from tests.amounts import IS_SOAK
from tests.dpa.desk import OTHER_BOARD, Desk
from tests.dpa.samples import BOARD, CONFIRMER, RECORDER, moment
from tests.dpa.test_clockwork import change, review, run_day
from tests.dpa.test_signing_pages import FORM, SECOND, act, link_to, offer, reader, verify

_WRITES = frozenset(
    {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem", "SendMessage"}
)
_OURS = frozenset({"DpaFunction", "DpaClockFunction"})
"""The mail job and papers have crash tests of their own."""


class Died(Exception):
    """The process is gone; its last write is not."""


class _Writes:
    """Counts the writes of our own functions, and dies right after the one that is asked for."""

    def __init__(self, dies_after: int | None) -> None:
        self.done = 0
        self.dies_after = dies_after

    def __call__(self, model: Any, **_: Any) -> None:
        """Count a call that came back."""
        if model.name not in _WRITES or acting_function.get() not in _OURS:
            return
        self.done += 1
        if self.done == self.dies_after:
            raise Died


@contextmanager
def _watched(dies_after: int | None) -> Iterator[_Writes]:
    writes = _Writes(dies_after)
    clients = [product_aws.client(name) for name in ("dynamodb", "sqs")]
    for client in clients:
        client.meta.events.register("after-call", writes, unique_id="dies")
    try:
        yield writes
    finally:
        for client in clients:
            client.meta.events.unregister("after-call", unique_id="dies")


def _told(desk: Desk) -> list[tuple[str, str]]:
    return sorted((str(mail["to"]), str(mail["subject"])) for mail in desk.house.mails())


def _stands(desk: Desk) -> list[Any]:
    """Return what must be the same: states, versions, moves, coverage; ids and clocks apart."""
    agreements = sorted(
        (one["state"], one["version"], str(one["ends_on"]), len(one.get("signed_by", [])))
        for one in desk.agreements()
    )
    graces = sorted(item["decided_by"] for item in desk.items(prefix="grace#"))
    graces += sorted(item["decided_by"] for item in desk.items(OTHER_BOARD, "grace#"))
    covered = [desk.state(school_id).value for school_id in ("41", "42")]
    names = ("live", "waiting", "confirmed", "outbox", "reviews", "reviewed")
    lists = [len(desk.items(name)) for name in names]
    declared = [item["version"] for item in desk.items(prefix="declaration#")]
    return [agreements, _moves(desk), graces, covered, lists, declared, _told(desk)]


def _moves(desk: Desk) -> list[str]:
    """Return every move of the board's agreements, as "A02 offered in_review"."""
    events = [item["event"] for item in desk.items(prefix="event#") if "move" in item["event"]]
    return sorted(f"{event['move']} {event['from']} {event['to']}" for event in events)


def _finish(desk: Desk) -> None:
    """Let the clock run, as it does whether or not somebody died."""
    for job in ("outbox", "day"):
        desk.house.invoke("DpaClockFunction", {"job": job})
    desk.house.pump_until_idle()


Act = Callable[[Desk], object]


@dataclass(frozen=True, slots=True)
class Scene:
    """Something that people or the clock do, what goes before it, and the moves that it makes."""

    prepare: Act
    do: Act
    moves: tuple[str, ...] = ()


_READERS: dict[str, tuple[Visitor, str]] = {}
_GROUND = {"proposal_reason": "Vervalst", "legal_basis": "aangifte 12-11"}
_END = "2026-12-24"


def _nothing(_: Desk) -> None:
    """Begin with two boards that have signed nothing."""


def _offered(desk: Desk, **changes: str) -> None:
    offer(desk, None, **changes)
    _READERS["director"] = reader(desk, FORM["director_address"])


def _at_reader(name: str = "", /, **fields: str) -> Act:
    """Return what the director does on the page of the offer; without a name it is opened."""

    def do(_: Desk) -> None:
        visitor, path = _READERS["director"]
        if name:
            visitor.post(f"{path}/{name}", fields)
        else:
            visitor.get(path)

    return do


_SIGN = _at_reader("sign", name=FORM["director_name"], authority="yes")


def _opened(desk: Desk) -> None:
    _offered(desk)
    _at_reader()(desk)


def _asked(desk: Desk) -> None:
    _opened(desk)
    _at_reader("question", message="Waar staan de gegevens?")(desk)


def _ready_for_two(desk: Desk) -> None:
    _offered(desk, **SECOND)
    for step in (_at_reader(), _at_reader("ready")):
        step(desk)


def _signed(desk: Desk) -> None:
    _opened(desk)
    _SIGN(desk)
    desk.house.pump_until_idle()


def _returned(desk: Desk) -> None:
    _signed(desk)
    act(desk, "return", reason="Naam klopt niet")


def _verified(desk: Desk) -> None:
    _signed(desk)
    verify(desk)


def _verified_for_later(desk: Desk) -> None:
    _offered(desk, effective_from="2027-08-01")
    _at_reader()(desk)
    _SIGN(desk)
    desk.house.pump_until_idle()
    verify(desk)


def _verified_after_another(desk: Desk) -> None:
    desk.sign(model="3.0", effective_from="2020-08-01")
    desk.at(desk.now() + 60)
    _verified(desk)


def _begins_today(desk: Desk) -> None:
    desk.sign(effective_from="2027-08-01")
    desk.at(moment(2027, 8, 1, 0, 1))


def _too_late(desk: Desk) -> None:
    offer(desk)
    desk.at(moment(2027, 3, 1))


def _running(desk: Desk) -> None:
    desk.sign()


def _noticed(desk: Desk) -> None:
    desk.sign()
    act(desk, "notice", ends_on=_END)


def _ends_today(desk: Desk) -> None:
    _noticed(desk)
    desk.at(moment(2026, 12, 24, 0, 1))


def _expires_today(desk: Desk) -> None:
    """Give the running agreement a fixed end, which no page does: a paper may name one."""
    desk.sign()
    (before,), _ = store.of_board(BOARD)
    after = replace(before, ends_on=dt.date.fromisoformat(_END))
    moved = told(before, after, "fixed", By(Actor.HELPDESK, "8001"), {}, desk.now())
    store.write((moved, before.version))
    desk.at(moment(2026, 12, 24, 0, 1))


def _at_desk(name: str, account_id: str = RECORDER, **fields: str) -> Act:
    def do(desk: Desk) -> None:
        act(desk, name, account_id, **fields)

    return do


_DECIDE = _at_desk("decide", CONFIRMER)


def _proposed(first: Act, proposal: str, **more: str) -> Act:
    """Return what brings an agreement to where one person proposed something."""

    def prepare(desk: Desk) -> None:
        first(desk)
        act(desk, "propose", proposal=proposal, **_GROUND, **more)

    return prepare


def _suspended(desk: Desk) -> None:
    _proposed(_running, "suspend")(desk)
    _DECIDE(desk)


def _board_is_gone(desk: Desk) -> None:
    desk.sign()
    change("M1", codes=())


def _under_review(desk: Desk) -> None:
    _board_is_gone(desk)
    run_day(desk)


def _school_moves(desk: Desk) -> None:
    desk.sign()
    desk.put_school("42", "12AB01", "’t Kompas", board_number=OTHER_BOARD)
    change("M3")


def _task(desk: Desk) -> None:
    _school_moves(desk)
    run_day(desk)


_GRACE = {"act": "propose", "brin6": "12AB01", "until": "2026-12-20", "legal_basis": "6:159 BW"}


def _grace_proposed(desk: Desk) -> None:
    _task(desk)
    review(desk, RECORDER, **_GRACE)


def _at_task(account_id: str, **fields: str) -> Act:
    def do(desk: Desk) -> None:
        review(desk, account_id, **fields)

    return do


def _at_board(name: str, **fields: str) -> Act:
    def do(desk: Desk) -> None:
        agreement_id = desk.agreements()[0]["agreement_id"]
        desk.director().post(f"/board/agreements/{agreement_id}/{name}", fields)

    return do


def _record(desk: Desk) -> None:
    desk.record()


def _confirm_paper(desk: Desk) -> None:
    desk.confirm()


def _declare(desk: Desk) -> None:
    desk.declare()


def _make_offer(desk: Desk) -> None:
    desk.helpdesk().post("/helpdesk/agreements/offers", FORM)


_RETURN = _at_desk("return", reason="Naam klopt niet")
_SCENES: dict[str, Scene] = {
    # An offer and who it goes to
    "offer": Scene(_nothing, _make_offer, ("A01 draft offered",)),
    "open": Scene(_offered, _at_reader(), ("A02 offered in_review",)),
    "question": Scene(
        _opened, _at_reader("question", message="Waarom?"), ("A03 in_review questions",)
    ),
    "answer": Scene(
        _asked, _at_desk("answer", message="In Ierland."), ("A03 questions in_review",)
    ),
    "ready": Scene(_opened, _at_reader("ready"), ("A04 in_review ready_to_sign",)),
    "one of two signs": Scene(_ready_for_two, _SIGN),
    "sign": Scene(_opened, _SIGN, ("A05 ready_to_sign signed_board", "A06 signed_board verifying")),
    "refuse": Scene(_opened, _at_reader("refuse", reason="Te duur"), ("A11 in_review rejected",)),
    "lapse": Scene(_too_late, _finish, ("A10 offered lapsed_offer",)),
    "withdraw": Scene(
        _signed, _at_desk("withdraw", withdraw_reason="Fout"), ("A12 verifying withdrawn",)
    ),
    # What the helpdesk does with a signature
    "verify": Scene(_signed, verify),
    "return": Scene(_signed, _RETURN, ("A07 verifying returned",)),
    "sign again": Scene(_returned, _SIGN, ("A07 returned signed_board",)),
    "confirm": Scene(_verified, _at_desk("confirm", CONFIRMER), ("A08 verifying active",)),
    "confirm for later": Scene(
        _verified_for_later, _at_desk("confirm", CONFIRMER), ("A08 verifying scheduled",)
    ),
    "confirm and replace": Scene(
        _verified_after_another,
        _at_desk("confirm", CONFIRMER),
        ("A08 verifying active", "A16 active superseded"),
    ),
    "record a paper": Scene(_nothing, _record, ("A01 draft offered",)),
    "confirm a paper": Scene(_record, _confirm_paper, ("A08 verifying active",)),
    # An agreement that runs
    "begin": Scene(_begins_today, _finish, ("A09 scheduled active",)),
    "notice": Scene(_running, _at_desk("notice", ends_on=_END), ("A13 active notice_given",)),
    "notice by the board": Scene(
        _running, _at_board("notice", ends_on=_END), ("A13 active notice_given",)
    ),
    "notice taken back": Scene(
        _noticed, _at_board("keep", reason="Toch"), ("A14 notice_given active",)
    ),
    "end": Scene(_ends_today, _finish, ("A15 notice_given terminated",)),
    "expire": Scene(_expires_today, _finish, ("A17 active expired",)),
    "propose": Scene(_running, _at_desk("propose", proposal="suspend", **_GROUND)),
    "drop": Scene(_proposed(_running, "suspend"), _at_desk("drop")),
    "suspend": Scene(_proposed(_running, "suspend"), _DECIDE, ("A18 active suspended",)),
    "resume": Scene(_proposed(_suspended, "resume"), _DECIDE, ("A18 suspended active",)),
    "void": Scene(_proposed(_running, "void"), _DECIDE, ("A19 active void",)),
    # Another board
    "a board is gone": Scene(_board_is_gone, _finish, ("A20 active transfer_review",)),
    "keep after a review": Scene(
        _proposed(_under_review, "keep"), _DECIDE, ("A20 transfer_review active",)
    ),
    "end after a review": Scene(
        _proposed(_under_review, "end", ends_on="2026-11-20"),
        _DECIDE,
        ("A20 transfer_review terminated",),
    ),
    "replace after a review": Scene(
        _proposed(_under_review, "takeover", ends_on="2026-11-20"),
        _DECIDE,
        ("A20 transfer_review superseded",),
    ),
    "transfer": Scene(_school_moves, _finish),
    "propose a grace": Scene(_task, _at_task(RECORDER, **_GRACE)),
    "decide a grace": Scene(_grace_proposed, _at_task(CONFIRMER, act="decide", school_id="42")),
    "close a task": Scene(_task, _at_task(RECORDER, act="close")),
    # The board's own statements
    "declare": Scene(_nothing, _declare),
}
_IN_THE_SUITE = 2
"""How many of the writes of a scene are died after in the suite, at random; all in a soak."""


def _rows() -> list[tuple[str, str]]:
    """Return every row of the table with each state that it leads to."""
    return sorted({(move.move_id, target.value) for move in MOVES for target in move.targets})


def _is_left_and_reached(move_id: str, target: str, moves: set[str]) -> bool:
    return any(one.startswith(f"{move_id} ") and one.endswith(f" {target}") for one in moves)


@pytest.mark.parametrize("row", _rows(), ids=" to ".join)
def test_every_move_of_the_table_has_a_crash_test(row: tuple[str, str]) -> None:
    """Whoever adds a move adds the scene in which its function dies."""
    moves = {move for scene in _SCENES.values() for move in scene.moves}
    assert _is_left_and_reached(*row, moves)


def _done(desk: Desk, do: Act, dies_after: int | None) -> int:
    with _watched(dies_after) as writes:
        do(desk)
    desk.house.failures.clear()
    return writes.done


@pytest.mark.soak
@pytest.mark.parametrize("name", _SCENES)
def test_dying_after_any_write_ends_as_if_it_had_not(desk: Desk, name: str) -> None:
    """Each write of each scene in turn: the same states, coverage, lists and mails in the end."""
    scene = _SCENES[name]
    scene.prepare(desk)
    desk.house.pump_until_idle()
    start, at, before = Snapshot.take(desk.house), desk.now(), _moves(desk)
    count = _done(desk, scene.do, None)
    made = Counter(_moves(desk)) - Counter(before)
    assert set(scene.moves) <= set(made)
    _finish(desk)
    wanted = _stands(desk)
    assert count > 0
    numbers = range(1, count + 1)
    for number in numbers if IS_SOAK else Random(name).sample(numbers, min(count, _IN_THE_SUITE)):
        start.restore(desk.house)
        desk.at(at)
        _done(desk, scene.do, number)
        _done(desk, scene.do, None)
        _finish(desk)
        assert _stands(desk) == wanted, f"died after write {number} of {count}"


def test_the_link_of_an_offer_is_the_same_after_a_second_mail(desk: Desk) -> None:
    """A mail that goes twice leads to one place."""
    offer(desk)
    before = link_to(desk, FORM["director_address"])
    desk.house.invoke("DpaClockFunction", {"job": "outbox"})
    desk.house.pump_until_idle()
    assert link_to(desk, FORM["director_address"]) == before
