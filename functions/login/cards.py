"""Making what is printed for a selection of pupils: badges, cards, PINs; and making them void.

Each pupil's change stands in one transaction with its event; a print is shown this once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from login import audit, badges, home_cards, pins, pupil_access, pupil_sign_in, pupil_store, store
from login.audit import Action
from login.badges import Kind, Label
from login.pupil_access import SchoolAccess
from login.pupil_sign_in import Child, Classroom
from schoolpoort import ids, kept_hashes, rosters
from schoolpoort.authority import Actor
from schoolpoort.dynamodb import Update

_MADE: Mapping[Kind, Action] = {"badge": "badge_made", "card": "card_made"}


@dataclass(frozen=True, slots=True)
class Maker:
    """Who prints, for the record."""

    actor: Actor
    source_ip: str
    now_epoch_s: int


def rooms(access: SchoolAccess, may: Callable[[str], bool]) -> list[Classroom]:
    """Return the base groups of a school that somebody may print for, with their pupils."""
    wanted = [group for group in rosters.groups(access.school_id) if may(group.group_id)]
    pupils = rosters.pupils(access.school_id)
    found = [
        pupil_sign_in.classroom_of(
            access,
            group.group_id,
            [one for one in pupils if group.group_id in {each.group_id for each in one.groups}],
        )
        for group in wanted
        if group.kind == "base"
    ]
    return [room for room in found if room is not None]


def chosen(known: Sequence[Classroom], person_ids: Sequence[str]) -> list[tuple[Child, str]]:
    """Return the chosen pupils, each with the name of the group; others' are passed over."""
    wanted = frozenset(person_ids)
    return [
        (child, room.name)
        for room in known
        for child in room.children
        if child.person.person_id in wanted
    ]


def make_badges(
    maker: Maker, access: SchoolAccess, who: Sequence[tuple[Child, str]], kind: Kind, base_url: str
) -> list[Label]:
    """Give each a badge or a card; the one before it is void."""
    ends = maker.now_epoch_s + badges.LIFE_S[kind]
    labels = []
    for child, group_name in who:
        secret, person_id = ids.new_badge_secret(), child.person.person_id
        change = pupil_store.badge_change(
            access.school_id, person_id, kind, ids.sha256_hex(secret), ends_at_epoch_s=ends
        )
        _change(maker, _MADE[kind], person_id, change)
        qr_svg = home_cards.picture_of(badges.address(base_url, str(access.code), secret))
        labels.append(Label(child, group_name, qr_svg))
    return labels


def make_pins(
    maker: Maker, access: SchoolAccess, who: Sequence[tuple[Child, str]], *, is_temporary: bool
) -> list[Label]:
    """Give each another PIN, for good or for eight hours."""
    until = maker.now_epoch_s + pins.TEMPORARY_LIFE_S if is_temporary else None
    labels = []
    for child, group_name in who:
        person_id = child.person.person_id
        pin = new_pin()
        kept = kept_hashes.sealed(pins.hashed(pin), owner=pupil_access.account_of(person_id))
        change = pupil_store.pin_change(access.school_id, person_id, kept, until_epoch_s=until)
        _change(maker, "pin_set", person_id, change)
        labels.append(Label(child, group_name, pin=pin))
    return labels


def make_void(maker: Maker, access: SchoolAccess, who: Sequence[tuple[Child, str]]) -> None:
    """Make badges and cards void; from now on they open nothing."""
    for child, _ in who:
        person_id = child.person.person_id
        void = pupil_store.badges_void(access.school_id, person_id)
        _change(maker, "badges_void", person_id, void)


def new_pin() -> str:
    """Return a PIN that is not one of those that everybody tries first."""
    while pins.is_too_easy(pin := ids.new_pin()):
        pass
    return pin


def _change(maker: Maker, action: Action, person_id: str, change: Update) -> None:
    event = audit.event(
        nonce=ids.new_nonce(),
        action=action,
        outcome="done",
        reason=action,
        account_id=maker.actor.account_id,
        scope=maker.actor.scope,
        subject=pupil_access.account_of(person_id),
        at_epoch_s=maker.now_epoch_s,
        source_ip=maker.source_ip,
    )
    store.change(event, change)
