"""What a school has settled about how its pupils come in: networks, devices, pictures, PINs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from login import networks, pictures
from login.lesson_door import Ticket
from login.networks import SchoolNetwork
from login.pictures import Picture

SCHEMA_VERSION = 1
MOST_HOMES = 2
"""A child may live with two parents."""

DEVICE_LIFE_S = 365 * 24 * 60 * 60
_HIGHEST_OF_PICTURES_ONLY = 3
_HIGHEST_OF_READING_NOTHING = 2


@dataclass(frozen=True, slots=True)
class Device:
    """A device that a coordinator enrolled: its pages open wherever it is."""

    ref: str
    name: str
    added_at_epoch_s: int
    expires_at_epoch_s: int


@dataclass(frozen=True, slots=True)
class PupilAccess:
    """One pupil's picture and PIN. `releases` counts how often a teacher helped him on.

    `seen_on` is the day of his last sign-in at school ("2026-11-24"), or empty, and `seen_home_on`
    that at home; `homes` are the addresses of those who let him in there. A badge and a card are
    hashes of what stands on paper (login.badges).
    """

    person_id: str
    picture: Picture | None = None
    pin_hash: str | None = field(default=None, repr=False)
    releases: int = 0
    seen_on: str = ""
    homes: tuple[str, ...] = field(default=(), repr=False)
    seen_home_on: str = ""
    temporary_pin_hash: str | None = field(default=None, repr=False)
    temporary_pin_ends_at_epoch_s: int = 0
    badge_hash: str = field(default="", repr=False)
    badge_ends_at_epoch_s: int = 0
    card_hash: str = field(default="", repr=False)
    card_ends_at_epoch_s: int = 0

    def pin_at(self, now_epoch_s: int) -> str | None:
        """Return the hash of the PIN that counts now: the temporary one while it lasts."""
        if now_epoch_s < self.temporary_pin_ends_at_epoch_s:
            return self.temporary_pin_hash
        return self.pin_hash


@dataclass(frozen=True, slots=True)
class HomePair:
    """One home address of a pupil, as the teacher sees it: proved by its card, or not yet.

    `request_id` is of the newest mail to it; `code_ends_at_epoch_s` is 0 without a card.
    """

    is_proved: bool = False
    request_id: str = ""
    code_ends_at_epoch_s: int = 0


@dataclass(frozen=True, slots=True)
class SchoolAccess:
    """All of it, of one school."""

    school_id: str
    code: str | None
    networks: tuple[SchoolNetwork, ...]
    devices: tuple[Device, ...]
    pupils: Mapping[str, PupilAccess]
    pin_groups: frozenset[str]
    homes: Mapping[tuple[str, str], HomePair] = field(default_factory=dict)

    def pupil(self, person_id: str) -> PupilAccess:
        """Return what is settled about a pupil, which may be nothing yet."""
        return self.pupils.get(person_id, PupilAccess(person_id))

    def home(self, person_id: str, address: str) -> HomePair:
        """Return how a pupil stands with a home address."""
        return self.homes.get((person_id, address), HomePair())


@dataclass(frozen=True, slots=True)
class Place:
    """From where somebody opens the pupils' pages; `network` is the range that counts for him.

    With a `ticket` he sees one group outside the school, until the lesson ends.
    """

    is_known: bool
    network: SchoolNetwork | None = None
    is_forgotten: bool = False
    ticket: Ticket | None = None
    ends_at_epoch_s: int | None = None

    def opens(self, group_id: str) -> bool:
        """Say whether a group is shown here."""
        return self.is_known and (self.ticket is None or self.ticket.group_id == group_id)


def account_of(person_id: str) -> str:
    """Return the name that a pupil goes by where staff have an account id."""
    return f"pupil-{person_id}"


def picture_of(access: PupilAccess) -> Picture:
    """Return a pupil's picture; the first of all for who was never shown in a group."""
    return access.picture or pictures.ALL[0]


def of_items(school_id: str, items: Iterable[Mapping[str, Any]]) -> SchoolAccess:
    """Read a school's items."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for item in items:
        found.setdefault(item["item_key"].partition("#")[0], []).append(item)
    settings = found.get("settings", [{}])[0]
    return SchoolAccess(
        school_id=school_id,
        code=settings.get("code"),
        networks=tuple(map(networks.from_item, found.get("network", []))),
        devices=tuple(map(_device, found.get("device", []))),
        pupils={pupil.person_id: pupil for pupil in map(of_pupil_item, found.get("pupil", []))},
        pin_groups=frozenset(
            _name(item) for item in found.get("group", []) if item.get("uses_pin")
        ),
        homes=dict(map(_home_pair, found.get("home", []))),
    )


def _home_pair(item: Mapping[str, Any]) -> tuple[tuple[str, str], HomePair]:
    person_id, _, address = _name(item).partition("#")
    pair = HomePair(
        is_proved="proved_at_epoch_s" in item,
        request_id=item["request_id"],
        code_ends_at_epoch_s=item.get("code_ends_at_epoch_s", 0),
    )
    return (person_id, address), pair


def _name(item: Mapping[str, Any]) -> str:
    return str(item["item_key"].partition("#")[2])


def _device(item: Mapping[str, Any]) -> Device:
    return Device(
        ref=_name(item),
        name=item["name"],
        added_at_epoch_s=item["added_at_epoch_s"],
        expires_at_epoch_s=item["expires_at_epoch_s"],
    )


def of_pupil_item(item: Mapping[str, Any]) -> PupilAccess:
    """Read what is settled about one pupil."""
    return PupilAccess(
        person_id=_name(item),
        picture=pictures.read(item["picture"]) if "picture" in item else None,
        pin_hash=item.get("pin_hash"),
        releases=item.get("releases", 0),
        seen_on=item.get("seen_on", ""),
        homes=tuple(sorted(item.get("homes", ()))),
        seen_home_on=item.get("seen_home_on", ""),
        temporary_pin_hash=item.get("temporary_pin_hash"),
        temporary_pin_ends_at_epoch_s=item.get("temporary_pin_ends_at_epoch_s", 0),
        badge_hash=item.get("badge_hash", ""),
        badge_ends_at_epoch_s=item.get("badge_ends_at_epoch_s", 0),
        card_hash=item.get("card_hash", ""),
        card_ends_at_epoch_s=item.get("card_ends_at_epoch_s", 0),
    )


def place_of(
    access: SchoolAccess, *, source_ip: str, device_hash: str | None, now_epoch_s: int
) -> Place:
    """Say whether the pupils' pages open here: a device of the school, or one of its networks."""
    found = networks.of_address(source_ip, access.networks)
    if any(
        device.ref == device_hash and now_epoch_s < device.expires_at_epoch_s
        for device in access.devices
    ):
        return Place(is_known=True, network=found)
    if found is None:
        return Place(is_known=False)
    is_forgotten = found.is_forgotten(now_epoch_s)
    return Place(is_known=not is_forgotten, network=found, is_forgotten=is_forgotten)


def youngest_year(year_groups: Iterable[str | None]) -> int | None:
    """Return the lowest year group of a group's pupils; None when nobody has one."""
    return min((int(year) for year in year_groups if year and year.isdigit()), default=None)


def shows_names(year: int | None) -> bool:
    """Say whether first names stand under the pictures: from year group 4, never below."""
    return year is not None and year > _HIGHEST_OF_PICTURES_ONLY


def reads(year: int | None) -> bool:
    """Say whether the pages may count on reading: not in year groups 1 and 2."""
    return year is None or year > _HIGHEST_OF_READING_NOTHING
