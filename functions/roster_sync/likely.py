"""What most likely lies behind a part that waits, so that its page can say what to look at."""

import enum
from collections.abc import Sequence

from roster_sync.held import Part, Waiting
from roster_sync.plan import Change
from roster_sync.records import Snapshot

_SAME_NAMES_PERCENT = 50


class Likely(enum.StrEnum):
    """One explanation each, said in words by `roster_sync/waiting_words.html`."""

    NUMBERS_CHANGED = "numbers_changed"
    GROUP_GONE = "group_gone"
    YEAR_TURNS = "year_turns"
    MANY_LEFT = "many_left"
    OTHER_LOCATION = "other_location"
    MANY_NEW = "many_new"
    REGROUPED = "regrouped"


def likely(
    part: Part,
    waiting: Sequence[Waiting],
    everything: Sequence[Waiting],
    stored: Snapshot,
    *,
    year_turns: bool,
) -> Likely:
    """Return the likeliest explanation of a part, given all that waits and who is at the school."""
    change, kind = part
    if change == Change.MOVED:
        return Likely.REGROUPED
    other = Change.LEFT if change == Change.ADDED else Change.ADDED
    names = {one.after.full_name for one in everything if one.part == (other, kind)}
    same = sum(one.after.full_name in names for one in waiting)
    if same * 100 >= len(waiting) * _SAME_NAMES_PERCENT:
        return Likely.NUMBERS_CHANGED
    if change == Change.ADDED:
        return Likely.OTHER_LOCATION if _in_strange_groups(waiting, stored) else Likely.MANY_NEW
    if _is_a_whole_group(waiting, stored):
        return Likely.GROUP_GONE
    return Likely.YEAR_TURNS if year_turns else Likely.MANY_LEFT


def _base_groups(waiting: Sequence[Waiting]) -> set[str | None]:
    groups = (one.after.base_group for one in waiting)
    return {group.group_id if group else None for group in groups}


def _is_a_whole_group(waiting: Sequence[Waiting], stored: Snapshot) -> bool:
    """Say whether those who wait are all of the pupils of one or more groups."""
    groups = _base_groups(waiting)
    leaving = {one.after.person_id for one in waiting}
    return None not in groups and all(
        one.person_id in leaving
        for one in stored.active(waiting[0].after.kind)
        if (group := one.base_group) is not None and group.group_id in groups
    )


def _in_strange_groups(waiting: Sequence[Waiting], stored: Snapshot) -> bool:
    """Say whether nobody of now is in the groups of those who wait."""
    groups = _base_groups(waiting)
    return None not in groups and not any(
        group.group_id in groups
        for one in stored.active(waiting[0].after.kind)
        if (group := one.base_group) is not None
    )
