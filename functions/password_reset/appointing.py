"""Giving a role, changing its terms, confirming it and taking it away: each one transaction.

The mail that tells of a new role is asked for after the transaction. Where that does not happen,
the page shows that nothing was sent yet, and has the button that sends it.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from password_reset import appointments, people_store
from password_reset.appointments import Appointment, Terms
from password_reset.people_store import Roles
from schoolpoort import coverage, credentials, ids, mail_requests, memberships
from schoolpoort.authority import Actor
from schoolpoort.dynamodb import Item
from schoolpoort.memberships import Grant


class TeachesAlready(Exception):
    """The administration names this person, so it says which groups are his."""


class LongerAlready(Exception):
    """Somebody has this role for longer than today, from the coordinator."""


def appoint(
    actor: Actor,
    wanted: Appointment,
    scope_name: str,
    *,
    now_epoch_s: int,
    ends_at_epoch_s: int | None = None,
) -> str:
    """Give somebody a role at the actor's school, and return his account id.

    With `ends_at_epoch_s` it is a role for one day; a longer one that stands is not touched.

    Who has no account gets one; who has a place at the school gets the role beside his others.
    Raises ChangedMeanwhile, NoSuccessor, TeachesAlready, LongerAlready and StoreUnavailable.
    """
    key = credentials.staff_key(wanted.address)
    credential = credentials.find(key)
    account_id = credential.account_id if credential else ids.new_id()
    today = coverage.amsterdam_day(now_epoch_s)
    role, terms = wanted.terms.role, wanted.terms
    grant = appointments.granted(terms, given_by=actor.account_id, today=today)
    grant = replace(grant, ends_at_epoch_s=ends_at_epoch_s)
    happened = [_event(actor, "appointed", role, account_id, now_epoch_s, terms)]
    known = people_store.find(account_id, actor.scope) if credential else None
    if known is not None:
        _refuse_second_source(known, role)
        grant = _beside(known, role, grant, now_epoch_s)
        people_store.change(known, _with(known, role, grant, today), happened)
    else:
        member = _member(actor, wanted, scope_name, account_id, now_epoch_s)
        if credential and credential.password_hash is not None:
            member["activated_at_epoch_s"] = now_epoch_s
        after = people_store.roles_after(member, frozenset({role}), {role: grant}, today)
        if credential is None:
            people_store.make_account(key, member, after, happened)
        else:
            people_store.add_place(member, after, happened)
    send_mail(actor, account_id, wanted.address, role, now_epoch_s=now_epoch_s)
    return account_id


def _beside(known: Item, role: str, grant: Grant, now_epoch_s: int) -> Grant:
    """Return a role for one day with what stands already; raises LongerAlready."""
    held = memberships.grants_of(known).get(role)
    is_held = held is not None and role in known["roles"] and held.holds_at(now_epoch_s)
    if grant.ends_at_epoch_s is None or held is None or not is_held:
        return grant
    if held.ends_at_epoch_s is None:
        raise LongerAlready
    return replace(grant, group_ids=grant.group_ids | held.group_ids)


def _refuse_second_source(known: Item, role: str) -> None:
    teaches = role == "teacher" and role in memberships.roles_of(known)
    if teaches and role not in memberships.grants_of(known):
        raise TeachesAlready


def _member(
    actor: Actor, wanted: Appointment, scope_name: str, account_id: str, now_epoch_s: int
) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "scope": actor.scope,
        "scope_name": scope_name,
        "person_id": None,
        "address": wanted.address,
        "display_name": wanted.display_name,
        "invited_at_epoch_s": now_epoch_s,
        "schema_version": people_store.SCHEMA_VERSION,
    }


def _with(known: Item, role: str, grant: Grant, today: dt.date) -> Roles:
    grants = {**memberships.grants_of(known), role: grant}
    return people_store.roles_after(known, frozenset(known["roles"]) | {role}, grants, today)


def change_terms(actor: Actor, known: Item, terms: Terms, *, now_epoch_s: int) -> None:
    """Set the groups and the last day of a role that somebody has; it counts as confirmed."""
    today = coverage.amsterdam_day(now_epoch_s)
    grant = appointments.granted(terms, given_by=actor.account_id, today=today)
    about = known["account_id"]
    happened = [_event(actor, "changed", terms.role, about, now_epoch_s, terms)]
    people_store.change(known, _with(known, terms.role, grant, today), happened)


def confirm(actor: Actor, known: Item, *, now_epoch_s: int) -> None:
    """Say of somebody's roles that they are still right, for another year."""
    today = coverage.amsterdam_day(now_epoch_s)
    standing = memberships.grants_of(known)
    grants = {
        role: replace(grant, confirmed_on=today) if grant.holds_on(today) else grant
        for role, grant in standing.items()
    }
    about = known["account_id"]
    happened = [_event(actor, "confirmed", role, about, now_epoch_s) for role in sorted(grants)]
    roles = frozenset(known["roles"])
    people_store.change(known, people_store.roles_after(known, roles, grants, today), happened)


def remove(actor: Actor, known: Item, role: str, *, now_epoch_s: int) -> None:
    """Take one role away; it stops working at the next request of every browser."""
    today = coverage.amsterdam_day(now_epoch_s)
    happened = [_event(actor, "removed", role, known["account_id"], now_epoch_s)]
    people_store.change(known, without(known, [role], today), happened)


def without(
    known: Item, ending: Iterable[str], today: dt.date, used: dt.date | None = None
) -> Roles:
    """Return what a membership is without some of its roles; `used` is the last sign-in."""
    ending = frozenset(ending)
    standing = memberships.grants_of(known)
    grants = {role: grant for role, grant in standing.items() if role not in ending}
    return people_store.roles_after(known, frozenset(known["roles"]) - ending, grants, today, used)


def first_grants(scope: str, roles: Iterable[str], *, now_epoch_s: int) -> Mapping[str, Grant]:
    """Return what stands beside the roles of an invitation: coordinators are asked about yearly."""
    if not scope.startswith("school#") or appointments.COORDINATOR not in roles:
        return {}
    today = coverage.amsterdam_day(now_epoch_s)
    return {appointments.COORDINATOR: Grant(None, frozenset(), today, "helpdesk")}


def merged(held: Item, member: Mapping[str, Any], given: Mapping[str, Grant]) -> Roles:
    """Return what a place becomes when its person is invited for more roles.

    A teacher whom the administration names by now needs no grant: it says which groups are his.
    """
    today = coverage.amsterdam_day(member["invited_at_epoch_s"])
    active = memberships.roles_of(held)
    standing = memberships.grants_of(held)
    grants = standing | {role: grant for role, grant in given.items() if role not in active}
    if member["person_id"] is not None:
        grants.pop("teacher", None)
    roles = frozenset(held["roles"]) | frozenset(member["roles"])
    after = people_store.roles_after(held, roles, grants, today)
    return replace(after, person_id=member["person_id"])


def send_mail(actor: Actor, account_id: str, address: str, role: str, *, now_epoch_s: int) -> None:
    """Ask for the mail about a role."""
    mail_requests.enqueue(
        "appointment",
        request_id=mail_request_id(account_id, actor.scope, now_epoch_s),
        address=address,
        scope=actor.scope,
        role=role,
        account_id=account_id,
    )


def mail_request_id(account_id: str, scope: str, at_epoch_s: int) -> str:
    """Return the id of the mail about a role: a second press in the same minute sends none."""
    return f"appoint-{scope.partition('#')[2]}-{account_id}-{at_epoch_s // 60}"


def _event(
    actor: Actor,
    action: str,
    role: str,
    about: str,
    now_epoch_s: int,
    terms: Terms | None = None,
) -> Item:
    until = terms.until.isoformat() if terms and terms.until else ""
    return people_store.event(
        actor.scope,
        action,
        role,
        by=actor.account_id,
        about=about,
        at_epoch_s=now_epoch_s,
        until=until,
    )
