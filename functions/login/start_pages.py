"""Behind the door: the tiles page, one's own account, and the front door itself."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from login import pictures, return_path, session_list, store
from schoolpoort import authority, clock, coverage, memberships, rosters, sessions, settings
from schoolpoort.rosters import GroupMembership, Person
from schoolpoort.web import (
    Forbidden,
    Request,
    Response,
    SignInRequired,
    json_response,
    page,
    redirect,
)

_SCHOOLS_ZONE = "Europe/Amsterdam"


@dataclass(frozen=True, slots=True)
class Tile:
    """A learning app that the school is linked to; `is_open` when agreement and statement hold."""

    publisher_id: str
    name: str
    is_open: bool


def show_front_door(request: Request) -> Response:
    """GET /: on to the tiles, or to the sign-in page for who carries no cookie of ours."""
    return redirect("/apps" if sessions.hash_of_cookie(request) else "/login")


def show_health(_request: Request) -> Response:
    """GET /health: this function runs; it says nothing about anything else."""
    return json_response({"status": "ok"})


def show_passkey_endpoints(_request: Request) -> Response:
    """GET /.well-known/passkey-endpoints: where password apps send somebody to make one (W3C)."""
    place = f"{settings.require_url('PUBLIC_BASE_URL')}/account/passkeys"
    return json_response({"enroll": place, "manage": place})


def show_apps(request: Request) -> Response:
    """GET /apps: own groups and the school's apps; three AWS calls.

    A fourth for who was given groups by hand.
    """
    session = _kept_session(request)
    if session.kind == "pupil":
        return _pupils_apps(request, session)
    if session.school_id is None:
        return redirect(return_path.home_of(session.scope))
    view = store.apps_view(
        account_id=session.account_id,
        scope=session.scope,
        school_id=session.school_id,
        person_id=session.person_id,
    )
    roles = memberships.roles_of(view.membership) if view.membership else frozenset()
    if view.membership is None or not roles:
        raise Forbidden("no_membership")
    person = rosters.person_from_item(view.person) if view.person else None
    today = coverage.amsterdam_day(clock.now_epoch_s())
    return page(
        request,
        "login/apps.html",
        session=session,
        school_name=view.membership["scope_name"],
        is_coordinator="ict_coordinator" in roles,
        sees_all_groups=authority.sees_all_groups(roles),
        groups=_groups(session.school_id, roles, view.membership, person),
        is_in_roster=person is not None and person.active,
        **_apps_of(session.school_id, view, today),
    )


def _groups(
    school_id: str, roles: frozenset[str], membership: Mapping[str, Any], person: Person | None
) -> list[GroupMembership]:
    """Return the groups of the roster, and those given by hand: one call more for who has some."""
    own = list(person.groups) if person and person.active and "teacher" in roles else []
    known = {group.group_id for group in own}
    given = authority.given_groups(roles, memberships.grants_of(dict(membership))) - known
    found = rosters.groups_named(school_id, sorted(given)) if given else []
    return own + [GroupMembership(one.group_id, one.name, one.year_group) for one in found]


def _pupils_apps(request: Request, session: sessions.Session) -> Response:
    """Show a pupil the apps that open, large, with the own picture; three AWS calls."""
    school_id = str(session.school_id)
    view = store.pupil_view(school_id, str(session.person_id))
    if view.person is None or not view.person["active"]:
        raise Forbidden("not_at_this_school")
    today = coverage.amsterdam_day(clock.now_epoch_s())
    apps = _apps_of(school_id, view, today)
    return page(
        request,
        "login/apps_pupil.html",
        session=session,
        own=pictures.read(session.picture),
        tiles=[tile for tile in apps["tiles"] if tile.is_open],
    )


def _apps_of(school_id: str, view: store.AppsView, today: dt.date) -> dict[str, Any]:
    """Return whether an agreement covers the school today, and its apps by name."""
    found = coverage.from_item(view.coverage, school_id)
    is_covered = coverage.is_covered(found, today)
    tiles = [
        Tile(
            publisher_id=link["publisher_id"],
            name=link["publisher_name"],
            is_open=is_covered and coverage.declaration_on(found, link["publisher_id"], today),
        )
        for link in store.publishers_of(school_id)
    ]
    return {"is_covered": is_covered, "tiles": sorted(tiles, key=lambda tile: tile.name.casefold())}


def show_account(request: Request) -> Response:
    """GET /account: who one is here, where one works, and the way out."""
    session = _kept_session(request)
    if session.kind != "staff":
        raise Forbidden("page_of_staff")
    return page(
        request,
        "login/account.html",
        session=session,
        home=return_path.home_of(session.scope),
        places=memberships.of_account(session.account_id),
        open_sessions=session_list.of_account(
            session.account_id, session.session_hash, now_epoch_s=clock.now_epoch_s()
        ),
        moment=lambda at_s: dt.datetime.fromtimestamp(at_s, ZoneInfo(_SCHOOLS_ZONE)),
        done=request.query.get("done", ""),
        ends_at=dt.datetime.fromtimestamp(session.expires_at_epoch_s, ZoneInfo(_SCHOOLS_ZONE)),
    )


def _kept_session(request: Request) -> sessions.Session:
    """Return the session and put off its idle end, in one call."""
    session_hash = sessions.hash_of_cookie(request)
    now = clock.now_epoch_s()
    item = None
    if session_hash is not None:
        item = store.keep_session(session_hash, now_epoch_s=now)
    if item is None:
        raise SignInRequired(sessions.return_address(request))
    return sessions.of_item(item)
