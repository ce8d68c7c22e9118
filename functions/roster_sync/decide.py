"""A coordinator's word about what waits: accepted parts are applied against the school of now.

A word is about exactly what was on the page. When the administration said something else in the
meantime, or another coordinator was first, nothing is done and the page is shown anew.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from roster_sync import plan, report, roster_store, take_over
from roster_sync.held import Held, Waiting
from roster_sync.plan import Change, PersonChange, Plan
from roster_sync.records import Snapshot, StoredGroup
from roster_sync.roster_store import AppliedFeed, Contents
from roster_sync.runs import Outcome, Result

Word = Literal["accept", "refuse", "ask"]
"""Do it, do not, or let what was refused wait again."""


class Stale(Exception):
    """What was on the page is no longer what waits; nothing was done."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Who said what about which changes (named by their tokens), and when."""

    school_id: str
    run_id: str
    word: Word
    tokens: frozenset[str]
    now_epoch_s: int
    day: dt.date
    forgotten_at_epoch_s: int


def decide(decision: Decision, feed: AppliedFeed) -> Result:
    """Carry a word out; raises Stale, and SchoolBusy while a sync changes the school.

    Cut off half way it can be said again, and the next night finds out what was done either way.
    """
    roster_store.take_lease(decision.school_id, decision.run_id, decision.now_epoch_s)
    is_done = False
    try:
        before = roster_store.contents(decision.school_id, decision.now_epoch_s)
        result = _carried_out(decision, feed, before)
        is_done = True
    finally:
        if not is_done:
            roster_store.give_lease_back(decision.school_id, decision.run_id)
    return result


def _carried_out(decision: Decision, feed: AppliedFeed, before: Contents) -> Result:
    chosen = {key: one for key, one in before.held.changes.items() if one.token in decision.tokens}
    if not chosen or len(chosen) != len(decision.tokens):
        raise Stale
    done = Plan((), ())
    if decision.word == "accept":
        done = accepted(
            before, list(chosen.values()), erased_at_epoch_s=decision.forgotten_at_epoch_s
        )
    after = plan.apply(before.people, done)
    left = _left_waiting(decision, before.held, chosen, done)
    roster_store.unsettle(decision.school_id)
    roster_store.write_plan(decision.school_id, done)
    roster_store.write_held(decision.school_id, before.held, left)
    told = replace(
        feed,
        applied_at_epoch_s=decision.now_epoch_s,
        counts=take_over.total(after),
        held=left.counts(),
        likely=take_over.explained(left, after, decision.day),
    )
    roster_store.put_feed(decision.school_id, told)
    return Result(
        Outcome.APPLIED,
        counts=take_over.counts(done, told.counts),
        report=[line.as_item() for line in report.per_group(done)],
    )


def _left_waiting(
    decision: Decision, before: Held, chosen: Mapping[str, Waiting], done: Plan
) -> Held:
    ended = {group.group_id for group in done.groups}
    changes = {key: one for key, one in before.changes.items() if key not in chosen}
    if decision.word != "accept":
        said_at = decision.now_epoch_s if decision.word == "refuse" else None
        changes |= {key: replace(one, refused_at_epoch_s=said_at) for key, one in chosen.items()}
    return Held(changes, before.apart, before.groups - ended)


def accepted(before: Contents, chosen: Sequence[Waiting], *, erased_at_epoch_s: int | None) -> Plan:
    """Return the plan that carries accepted changes out; raises Stale where one cannot be any more.

    What an earlier, cut-off attempt did already asks for nothing.
    """
    active = {group.group_id for group in before.people.active_groups()}
    changes = [
        change
        for one in chosen
        if (change := _change_now(one, before.people, active, erased_at_epoch_s)) is not None
    ]
    people = Plan((), tuple(changes))
    return Plan(tuple(_ended_groups(before, people)), people.people)


def _change_now(
    one: Waiting, people: Snapshot, active: set[str], erased_at_epoch_s: int | None
) -> PersonChange | None:
    now = people.people.get(one.after.person_id)
    if one.change == Change.LEFT:
        if now is None or not now.active:
            return None
        gone = replace(now, active=False, erased_at_epoch_s=erased_at_epoch_s)
        return PersonChange(Change.LEFT, now, gone)
    if now == one.after:
        return None
    if (now is None) is not (one.change == Change.ADDED):
        raise Stale
    if not {group.group_id for group in one.after.groups} <= active:
        raise Stale
    return PersonChange(one.change, now, one.after)


def _ended_groups(before: Contents, done: Plan) -> Iterable[StoredGroup]:
    """Return the groups that only still were for the sake of who has now been decided about."""
    people = plan.apply(before.people, done).people.values()
    filled = {group.group_id for one in people if one.active for group in one.groups}
    for group in before.people.active_groups():
        if group.group_id in before.held.groups and group.group_id not in filled:
            yield replace(group, active=False)
