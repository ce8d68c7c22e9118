"""A pupil comes in: at a place of the school, through a group and a picture, with a PIN if asked.

Four AWS calls for a picture: the school of the code, what the school settled, the pupil, and the
session with its event. A PIN costs one more, for its budget.
"""

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from login import audit, pictures, pins, pupil_access, pupil_store, store, throttle
from login.pictures import Picture
from login.pupil_access import SchoolAccess
from schoolpoort import ids, kept_hashes, registry, rosters, sessions, settings
from schoolpoort.dynamodb import Operation
from schoolpoort.rosters import Person

IDLE_LIFE_S = 2 * 60 * 60
LONGEST_LIFE_S = 10 * 60 * 60
_SCHOOL_ENDS = dt.time(17, 30)
_SCHOOLS_ZONE = ZoneInfo("Europe/Amsterdam")
_CODE_TRIES = 5


@dataclass(frozen=True, slots=True)
class Where:
    """The school a pupil belongs to, where he came in, and the page where the next child begins.

    `by` is what he showed; `ends_at_epoch_s` when the place itself closes, if it does. With a badge
    or card `secret_hash` is what must still stand there.
    """

    school_id: str
    way_back: str
    place: audit.Place
    by: str = "picture"
    ends_at_epoch_s: int | None = None
    secret_hash: str = ""


class Outcome(enum.Enum):
    """How it ended; the page shows it in pictures and few words."""

    SIGNED_IN = "signed_in"
    PIN_ASKED = "pin_asked"
    PIN_WRONG = "pin_wrong"
    ASK_TEACHER = "ask_teacher"


@dataclass(frozen=True, slots=True)
class Child:
    """A pupil on a page of a group."""

    person: Person
    picture: Picture
    access: pupil_access.PupilAccess


@dataclass(frozen=True, slots=True)
class Classroom:
    """A group as its pages show it; `year` is that of the youngest pupil in it."""

    group_id: str
    name: str
    year: int | None
    children: tuple[Child, ...]

    @property
    def shows_names(self) -> bool:
        """Say whether first names stand under the pictures."""
        return pupil_access.shows_names(self.year)


def code_of(school_id: str) -> str:
    """Return the short code of a school, making it when this is the first time it is needed."""
    for _ in range(_CODE_TRIES):
        code = pupil_store.access_of(school_id).code
        if code is not None:
            return code
        pupil_store.claim_code(school_id, ids.new_school_code())
    message = "no school code was free"
    raise RuntimeError(message)


def code_of_brin6(brin6: str) -> str | None:
    """Return the short code of a location that DUO lists, or None for an unknown one."""
    location = registry.location(brin6.upper())
    return code_of(location.school_id) if location else None


def classrooms(school_id: str) -> list[tuple[rosters.Group, int | None]]:
    """Return the base groups of a school that have pupils, each with its youngest year."""
    years: dict[str, list[str | None]] = {}
    for pupil in rosters.pupils(school_id):
        for group in pupil.groups:
            years.setdefault(group.group_id, []).append(pupil.year_group)
    return [
        (group, pupil_access.youngest_year(years[group.group_id]))
        for group in rosters.groups(school_id)
        if group.kind == "base" and group.group_id in years
    ]


def classroom(access: SchoolAccess, group_id: str) -> Classroom | None:
    """Return a group with its pupils and their pictures, or None without pupils."""
    pupils = [
        pupil
        for pupil in rosters.pupils(access.school_id)
        if any(group.group_id == group_id for group in pupil.groups)
    ]
    return classroom_of(access, group_id, pupils)


def classroom_of(access: SchoolAccess, group_id: str, pupils: Sequence[Person]) -> Classroom | None:
    """Return a group of these pupils with their pictures, or None without pupils."""
    if not pupils:
        return None
    kept = {pupil.person_id: access.pupil(pupil.person_id).picture for pupil in pupils}
    chosen = pictures.assigned(
        group_id,
        (pupil.person_id for pupil in pupils),
        {person_id: picture for person_id, picture in kept.items() if picture is not None},
    )
    name = next(group.name for group in pupils[0].groups if group.group_id == group_id)
    return Classroom(
        group_id=group_id,
        name=name,
        year=pupil_access.youngest_year(pupil.year_group for pupil in pupils),
        children=tuple(
            Child(pupil, chosen[pupil.person_id], access.pupil(pupil.person_id)) for pupil in pupils
        ),
    )


def keep_pictures(access: SchoolAccess, room: Classroom) -> None:
    """Keep the pictures that were given out just now, so that they stay whoever comes or goes."""
    keep_pictures_of(access, room.children)


def keep_pictures_of(access: SchoolAccess, children: Sequence[Child]) -> None:
    """Keep the pictures of some pupils in the same way."""
    new = {
        child.person.person_id: child.picture.code
        for child in children
        if child.access.picture is None
    }
    pupil_store.keep_pictures(access.school_id, new)


def try_pin(
    access: SchoolAccess,
    group_id: str,
    person_id: str,
    pin: str,
    *,
    now_epoch_s: int,
    at: audit.Place = "school",
) -> Outcome:
    """Judge a PIN where the group uses one; a failure is reserved before it is looked at."""
    pupil = access.pupil(person_id)
    if group_id not in access.pin_groups or pupil.pin_at(now_epoch_s) is None:
        return Outcome.SIGNED_IN
    draws = throttle.pin_draws(
        school_id=access.school_id,
        person_id=person_id,
        releases=pupil.releases,
        now_epoch_s=now_epoch_s,
    )
    where = Where(access.school_id, "", at)
    return judge_pin(pupil, pin, draws, where, now_epoch_s=now_epoch_s)


def judge_pin(
    pupil: pupil_access.PupilAccess,
    pin: str,
    draws: tuple[throttle.Draw, ...],
    where: Where,
    *,
    now_epoch_s: int,
) -> Outcome:
    """Judge what was filled in so far; a failure is reserved before the PIN is looked at."""
    if not pins.is_pin(pin):
        return Outcome.PIN_ASKED
    phc = kept_hashes.opened(
        pupil.pin_at(now_epoch_s), owner=pupil_access.account_of(pupil.person_id)
    )
    if not store.draw_on(draws):
        return _pin_refused(pupil, Outcome.ASK_TEACHER, where, now_epoch_s)
    if pins.is_right(phc, pin):
        return Outcome.SIGNED_IN
    return _pin_refused(pupil, Outcome.PIN_WRONG, where, now_epoch_s)


def _pin_refused(
    pupil: pupil_access.PupilAccess, outcome: Outcome, where: Where, now_epoch_s: int
) -> Outcome:
    store.record(
        audit.event(
            nonce=ids.new_nonce(),
            action="pin",
            outcome="refused",
            reason=outcome.value,
            account_id=pupil_access.account_of(pupil.person_id),
            scope=f"school#{where.school_id}",
            at_epoch_s=now_epoch_s,
            pupil_at=where.place,
        )
    )
    return outcome


def start(
    person: Person,
    picture: Picture,
    where: Where,
    *,
    ends: str | None,
    now_epoch_s: int,
    secret: str | None = None,
    also: Sequence[Operation] = (),
) -> str:
    """Write the session with its event and the pupil's day; return the browser's secret.

    `also` happens together with it or nothing does: then TransactionRefused.
    """
    secret = secret or ids.new_secret()
    event = audit.event(
        nonce=ids.new_nonce(),
        action="sign_in",
        outcome="done",
        reason=where.by,
        account_id=pupil_access.account_of(person.person_id),
        scope=f"school#{where.school_id}",
        at_epoch_s=now_epoch_s,
        pupil_at=where.place,
    )
    day = dt.datetime.fromtimestamp(now_epoch_s, _SCHOOLS_ZONE).date().isoformat()
    own_end = ends_at(where.place, now_epoch_s)
    store.start_session(
        {
            "session_hash": ids.sha256_hex(secret),
            "stage": settings.require("STAGE"),
            "kind": "pupil",
            "account_id": pupil_access.account_of(person.person_id),
            "display_name": person.given_name,
            "scope": f"school#{where.school_id}",
            "school_id": where.school_id,
            "person_id": person.person_id,
            "picture": picture.code,
            "way_back": where.way_back,
            "language": "nl",
            "authenticated_at_epoch_s": now_epoch_s,
            "idle_life_s": IDLE_LIFE_S,
            "idle_ends_at_epoch_s": now_epoch_s + IDLE_LIFE_S,
            "expires_at_epoch_s": min(own_end, where.ends_at_epoch_s or own_end),
            "schema_version": 1,
        },
        event,
        ends=ends,
        with_changes=[
            *pupil_store.seen(
                where.school_id,
                person.person_id,
                day=day,
                picture=picture.code,
                at_home=where.place == "home",
                shown=(where.by, where.secret_hash) if where.secret_hash else None,
            ),
            *also,
        ],
    )
    return secret


def ends_at(place: audit.Place, now_epoch_s: int) -> int:
    """Return when a pupil's session ends: after school, or two hours on when it is over.

    At home the day is long, and a lesson elsewhere has an end of its own.
    """
    if place != "school":
        return now_epoch_s + LONGEST_LIFE_S
    now = dt.datetime.fromtimestamp(now_epoch_s, _SCHOOLS_ZONE)
    after_school = dt.datetime.combine(now.date(), _SCHOOL_ENDS, _SCHOOLS_ZONE)
    left_s = int(after_school.timestamp()) - now_epoch_s
    return now_epoch_s + (min(left_s, LONGEST_LIFE_S) if left_s > 0 else IDLE_LIFE_S)


def is_of_pupil(session: sessions.Session) -> bool:
    """Say whether a session is a pupil's."""
    return session.kind == "pupil"
