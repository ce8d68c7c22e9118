"""A coordinator's word about what waits: accepted parts are applied against the school of now.

A word is about exactly what was on the page. When the administration said something else in the
meantime, or another coordinator was first, nothing is done and the page is shown anew.
"""

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from roster_sync import (
    eck_marks,
    eck_store,
    leavers,
    plan,
    report,
    roster_store,
    side_by_side,
    take_over,
)
from roster_sync.held import Held, Waiting, with_refused
from roster_sync.plan import Change, PersonChange, Plan
from roster_sync.records import Snapshot, StoredGroup
from roster_sync.renumbering import linked, still_unlinked, without_linked
from roster_sync.roster_store import AppliedFeed, Contents
from roster_sync.runs import Outcome, Result
from roster_sync.undo import restored, undo_of

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


@dataclass(frozen=True, slots=True)
class Restore:
    """Who takes back what which run (`of_run_id`) applied, and when."""

    school_id: str
    run_id: str
    of_run_id: str
    now_epoch_s: int
    day: dt.date
    forgotten_at_epoch_s: int


@dataclass(frozen=True, slots=True)
class Linking:
    """Who says which people of the school are which of the feed (`tokens` of pairs), and when."""

    school_id: str
    run_id: str
    tokens: frozenset[str]
    now_epoch_s: int
    day: dt.date


def link(wanted: Linking, feed: AppliedFeed) -> Result:
    """Let the next feed recognise people whose numbers changed; raises as `decide` does."""
    with _lease(wanted) as before:
        kept = roster_store.unlinked(wanted.school_id, wanted.now_epoch_s)
        unlinked = still_unlinked(before.people, before.held, kept)
        pairs = side_by_side.chosen_pairs(before.people, unlinked, wanted.tokens)
        if not pairs:
            raise Stale
        # Without a digest the next feed is compared in full, also when it is the one that waits.
        again = replace(feed, digest="")
        left = without_linked(before.held, pairs)
        return _written(wanted, again, before, linked(pairs), left)


def decide(decision: Decision, feed: AppliedFeed) -> Result:
    """Carry a word out; raises Stale, and SchoolBusy while a sync changes the school.

    Cut off half way it can be said again, and the next night finds out what was done either way.
    """
    with _lease(decision) as before:
        return _carried_out(decision, feed, before)


def restore(wanted: Restore, feed: AppliedFeed) -> Result:
    """Take back what a run applied, as far as nothing changed since; raises as `decide` does.

    What is taken back is refused from now on, or the next feed would do it again.
    """
    with _lease(wanted) as before:
        undo = roster_store.undo(wanted.school_id, wanted.of_run_id, wanted.now_epoch_s)
        back = restored(before.people, undo, erased_at_epoch_s=wanted.forgotten_at_epoch_s)
        if back.plan.is_empty:
            raise Stale
        refused = [replace(one, refused_at_epoch_s=wanted.now_epoch_s) for one in back.refused]
        left = with_refused(before.held, refused, {one.after for one in back.plan.people})
        return _written(wanted, feed, before, back.plan, left)


@contextlib.contextmanager
def _lease(wanted: Decision | Restore | Linking) -> Iterator[Contents]:
    """Be the only one who changes the school, which is read first.

    Where nothing went wrong the lease ended with the last write.
    """
    roster_store.take_lease(wanted.school_id, wanted.run_id, wanted.now_epoch_s)
    is_done = False
    try:
        yield roster_store.contents(wanted.school_id, wanted.now_epoch_s)
        is_done = True
    finally:
        if not is_done:
            roster_store.give_lease_back(wanted.school_id, wanted.run_id)


def _carried_out(decision: Decision, feed: AppliedFeed, before: Contents) -> Result:
    chosen = {key: one for key, one in before.held.changes.items() if one.token in decision.tokens}
    if not chosen or len(chosen) != len(decision.tokens):
        raise Stale
    done = Plan((), ())
    if decision.word == "accept":
        done = accepted(
            before,
            list(chosen.values()),
            school_year=feed.school_year,
            erased_at_epoch_s=decision.forgotten_at_epoch_s,
        )
    left = _left_waiting(decision, before.held, chosen, done)
    return _written(decision, feed, before, done, left)


def _written(
    decision: Decision | Restore | Linking,
    feed: AppliedFeed,
    before: Contents,
    done: Plan,
    left: Held,
) -> Result:
    school_id, now = decision.school_id, decision.now_epoch_s
    after = plan.apply(before.people, done)
    reverse = undo_of(before.people, done)
    roster_store.keep_undo(school_id, decision.run_id, reverse, now)
    ends = eck_marks.ends_of(before.people, before.held)
    eck_store.settle(school_id, eck_marks.moves(ends, eck_marks.ends_of(after, left), now))
    roster_store.unsettle(school_id)
    roster_store.write_plan(school_id, done)
    roster_store.write_held(school_id, before.held, left)
    leavers.tell(school_id, done)
    told = replace(
        feed,
        applied_at_epoch_s=now,
        counts=take_over.total(after),
        held=left.counts(),
        likely=take_over.explained(left, after, decision.day),
    )
    roster_store.put_feed(school_id, told)
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


def accepted(
    before: Contents, chosen: Sequence[Waiting], *, school_year: str, erased_at_epoch_s: int | None
) -> Plan:
    """Return the plan that carries accepted changes out; raises Stale where one cannot be any more.

    What an earlier, cut-off attempt did already asks for nothing. Groups of this school year that
    ended when a run was taken back begin again with their members.
    """
    groups = {one.group_id: one for one in before.people.groups.values()}
    usable = {id_ for id_, one in groups.items() if one.active or one.school_year == school_year}
    changes = [
        change
        for one in chosen
        if (change := _change_now(one, before.people, usable, erased_at_epoch_s)) is not None
    ]
    people = Plan((), tuple(changes))
    wanted = {group.group_id for one in changes if one.after.active for group in one.after.groups}
    begun = [replace(groups[id_], active=True) for id_ in wanted if not groups[id_].active]
    return Plan((*begun, *_ended_groups(before, people)), people.people)


def _change_now(
    one: Waiting, people: Snapshot, usable: set[str], erased_at_epoch_s: int | None
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
    if not {group.group_id for group in one.after.groups} <= usable:
        raise Stale
    return PersonChange(one.change, now, one.after)


def _ended_groups(before: Contents, done: Plan) -> Iterable[StoredGroup]:
    """Return the groups that only still were for the sake of who has now been decided about."""
    people = plan.apply(before.people, done).people.values()
    filled = {group.group_id for one in people if one.active for group in one.groups}
    for group in before.people.active_groups():
        if group.group_id in before.held.groups and group.group_id not in filled:
            yield replace(group, active=False)
