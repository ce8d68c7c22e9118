"""A function that dies after any of its writes: trying again ends as if it had never died."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from infra.local.roles import acting_function
from infra.local.state import Snapshot
from infra.local.visitor import Visitor
from schoolpoort import aws as product_aws
from tests.dpa.desk import Desk
from tests.dpa.samples import CONFIRMER, moment
from tests.dpa.test_signing_pages import FORM, act, link_to, offer, reader, sign, verify

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
        (one["state"], one["version"], one.get("ends_on"), len(one.get("signed_by", [])))
        for one in desk.agreements()
    )
    moves = sorted(item["event"]["move"] for item in desk.items() if "event" in item)
    covered = [desk.state(school_id).value for school_id in ("41", "42")]
    lists = [len(desk.items(name)) for name in ("live", "waiting", "confirmed", "outbox")]
    return [agreements, moves, covered, lists, _told(desk)]


def _finish(desk: Desk) -> None:
    """Let the clock run, as it does whether or not somebody died."""
    for job in ("outbox", "day"):
        desk.house.invoke("DpaClockFunction", {"job": job})
    desk.house.pump_until_idle()


def _offer(desk: Desk) -> None:
    desk.helpdesk().post("/helpdesk/agreements/offers", FORM)


_READERS: dict[str, tuple[Visitor, str]] = {}


def _signed(_: Desk) -> None:
    visitor, path = _READERS["director"]
    visitor.get(path)
    visitor.post(f"{path}/sign", {"name": FORM["director_name"], "authority": "yes"})


def _prepare_offer(desk: Desk) -> None:
    offer(desk)
    _READERS["director"] = reader(desk, FORM["director_address"])


def _prepare_signed(desk: Desk) -> None:
    offer(desk)
    sign(desk, FORM["director_address"], FORM["director_name"])
    desk.house.pump_until_idle()


def _prepare_verified(desk: Desk) -> None:
    desk.sign(model="3.0", effective_from="2020-08-01")
    desk.at(desk.now() + 60)
    _prepare_signed(desk)
    verify(desk)


def _prepare_notice(desk: Desk) -> None:
    desk.sign()
    act(desk, "notice", ends_on="2026-12-24")
    desk.at(moment(2026, 12, 24, 0, 1))


def _verify(desk: Desk) -> None:
    verify(desk)


def _confirm(desk: Desk) -> None:
    act(desk, "confirm", CONFIRMER)


def _return(desk: Desk) -> None:
    act(desk, "return", reason="Naam klopt niet")


def _withdraw(desk: Desk) -> None:
    act(desk, "withdraw", withdraw_reason="Verkeerd bestuur")


_SCENES: dict[str, tuple[Callable[[Desk], None], Callable[[Desk], None]]] = {
    "offer": (lambda _: None, _offer),
    "sign": (_prepare_offer, _signed),
    "verify": (_prepare_signed, _verify),
    "confirm and replace": (_prepare_verified, _confirm),
    "return": (_prepare_signed, _return),
    "withdraw": (_prepare_signed, _withdraw),
    "end": (_prepare_notice, _finish),
}


@pytest.mark.parametrize("scene", sorted(_SCENES))
def test_dying_after_any_write_ends_as_if_it_had_not(desk: Desk, scene: str) -> None:
    """Each write of each scene in turn: the same states, coverage, lists and mails in the end."""
    prepare, do = _SCENES[scene]
    prepare(desk)
    desk.house.pump_until_idle()
    start, at = Snapshot.take(desk.house), desk.now()
    with _watched(None) as counted:
        do(desk)
    _finish(desk)
    wanted, count = _stands(desk), counted.done
    assert count > 0
    for number in range(1, count + 1):
        start.restore(desk.house)
        desk.at(at)
        with _watched(number):
            do(desk)
        desk.house.failures.clear()
        do(desk)
        _finish(desk)
        assert _stands(desk) == wanted, f"died after write {number} of {count}"
    desk.house.failures.clear()


def test_the_link_of_an_offer_is_the_same_after_a_second_mail(desk: Desk) -> None:
    """A mail that goes twice leads to one place."""
    offer(desk)
    before = link_to(desk, FORM["director_address"])
    desk.house.invoke("DpaClockFunction", {"job": "outbox"})
    desk.house.pump_until_idle()
    assert link_to(desk, FORM["director_address"]) == before
