"""How the store behaves when transactions meet."""

import pytest

from login import store, throttle
from schoolpoort import dynamodb
from schoolpoort.errors import StoreUnavailable, TransactionRefused
from tests.login.door import Door


def draws() -> tuple[throttle.Draw, ...]:
    """Return what an attempt draws on."""
    return throttle.draws(account_hash="f" * 64, source_ip="192.0.2.1", now_epoch_s=1)


def test_a_conflict_is_tried_again(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two sign-ins that meet on one counter are both carried out."""
    carry_out = dynamodb.transact
    rounds = iter([("None", "TransactionConflict", "None")] * 2)

    def transact(operations: list[dynamodb.Operation]) -> None:
        reasons = next(rounds, None)
        if reasons is not None:
            raise TransactionRefused(reasons)
        carry_out(operations)

    monkeypatch.setattr(dynamodb, "transact", transact)
    granted = store.reserve_by_budget("token", draws(), now_epoch_s=1)
    assert granted is store.Reservation.GRANTED


def test_conflicts_without_end_are_a_busy_store(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a handful of rounds the store counts as busy; nothing is evaluated."""
    rounds = []

    def transact(operations: list[dynamodb.Operation]) -> None:
        rounds.append(operations)
        raise TransactionRefused(("TransactionConflict", "None", "None"))

    monkeypatch.setattr(dynamodb, "transact", transact)
    with pytest.raises(StoreUnavailable):
        store.reserve_by_budget("token", draws(), now_epoch_s=1)
    assert len(rounds) == 6


def test_a_refused_reservation_leaves_no_trace(door: Door) -> None:
    """With an empty budget the captcha token is not used up in our record."""
    for number in range(throttle.ACCOUNT.failures):
        store.reserve_by_budget(f"token {number}", draws(), now_epoch_s=1)
    before = len(door.items("THROTTLE_TABLE"))
    refused = store.reserve_by_budget("one more", draws(), now_epoch_s=1)
    assert refused is store.Reservation.ACCOUNT_EMPTY
    assert len(door.items("THROTTLE_TABLE")) == before


def test_everything_about_budgets_ends(door: Door) -> None:
    """Every item of the throttle table carries the moment when it may be forgotten."""
    store.reserve_by_budget("token", draws(), now_epoch_s=1)
    store.put_ticket(
        throttle.new_ticket(ticket_secret="s" * 43, account_hash="f" * 64, now_epoch_s=1)
    )
    items = door.items("THROTTLE_TABLE")
    assert len(items) == 5
    assert all(item["expires_at_epoch_s"] > 1 for item in items)
