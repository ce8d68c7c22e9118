"""What each kind of request becomes: a mail, its links, and what must be made with them.

Plans are made of what is on the desk and change nothing themselves; the mail job carries one out.
(Codes of agreements and links for errands are the exception: where their mail is not sent, one
that nobody has is kept until it ends.)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from password_reset import (
    accounts_store,
    agreement_mail,
    appointing,
    lives,
    mail_links,
    people_store,
    substitutes,
)
from password_reset.appointments import COORDINATOR
from password_reset.mail_links import Link, Purpose
from password_reset.mail_store import Desk
from schoolpoort import coverage, credentials, errand_links, ids, memberships
from schoolpoort.credentials import Credential
from schoolpoort.dynamodb import Item, Operation
from schoolpoort.memberships import Grant
from schoolpoort.settings import require_url

_PATH = {Purpose.ACTIVATION: "activate", Purpose.RESET: "password"}


@dataclass(frozen=True, slots=True)
class Plan:
    """A mail to send: its template, what the template says, and what is stored with it."""

    template: str
    language: str
    values: Mapping[str, Any]
    links: Sequence[Link] = ()
    operations: Sequence[Operation] = field(default=())


@dataclass(frozen=True, slots=True)
class Case:
    """A request on the desk. `is_second_look` says that the first plan met a change."""

    message: Mapping[str, Any]
    desk: Desk
    now_epoch_s: int
    is_second_look: bool


def plan(case: Case) -> Plan | None:
    """Return what to do for a request, or None when there is nobody to mail."""
    return _PLANNERS[case.message["kind"]](case)


def _invitation(case: Case) -> Plan:
    message = case.message
    roles = frozenset(message["roles"])
    given = appointing.first_grants(message["scope"], roles, now_epoch_s=case.now_epoch_s)
    membership = _membership(message, given, case.now_epoch_s)
    credential, operations = _with_place(case, membership, given)
    return _welcome(case, credential, message, operations)


def _membership(
    message: Mapping[str, Any], given: Mapping[str, Grant], now_epoch_s: int
) -> dict[str, Any]:
    place = {
        "scope": message["scope"],
        "scope_name": message["scope_name"],
        "person_id": message["person_id"],
        "address": message["address"],
        "display_name": message["display_name"],
        "invited_at_epoch_s": now_epoch_s,
        "schema_version": accounts_store.SCHEMA_VERSION,
    }
    today = coverage.amsterdam_day(now_epoch_s)
    after = people_store.roles_after(place, frozenset(message["roles"]), given, today)
    return place | people_store.placed(after)


def _with_place(
    case: Case, membership: dict[str, Any], given: Mapping[str, Grant]
) -> tuple[Credential, list[Operation]]:
    """Return the account with its place, and what makes them.

    Who asks for somebody that has the place already names the account. That somebody else has it
    is rare, and is found out by the second look.
    """
    found = case.desk.staff
    if found is None:
        address = case.message["address"]
        key = credentials.staff_key(address)
        return accounts_store.new_account(key, address, case.message["language"], membership)
    held = _known_place(case, found)
    if held is None and case.is_second_look:
        held = people_store.find(found.account_id, membership["scope"])
    if held is not None:
        if _is_in(held, membership):
            return found, []
        after = appointing.merged(held, membership, given)
        return found, [people_store.changed(held, after)]
    is_active = found.password_hash is not None
    return found, [accounts_store.new_place(found.account_id, membership, is_active=is_active)]


def _known_place(case: Case, staff: Credential) -> Item | None:
    """Return the place that was looked up with the rest, if it is this account's."""
    place = case.desk.place
    return place if place is not None and place["account_id"] == staff.account_id else None


def _is_in(held: Item, membership: Mapping[str, Any]) -> bool:
    """Say whether a place has all that an invitation gives, as after a run that was cut off."""
    has_roles = frozenset(membership["roles"]) <= memberships.roles_of(held)
    return has_roles and membership["person_id"] in {None, held.get("person_id")}


def _welcome(
    case: Case,
    credential: Credential,
    place: Mapping[str, Any],
    operations: Sequence[Operation] = (),
) -> Plan:
    """Tell of a place: with the way in, or with the link to a first password."""
    said = {"display_name": place["display_name"], "scope_name": place["scope_name"]}
    if credential.password_hash is not None:
        values = {**said, "link": _page("/login")}
        return Plan("added", credential.language, values, operations=operations)
    link, url = _mint(case, Purpose.ACTIVATION, credential)
    values = {**said, "link": url, "days": lives.activation_days()}
    return Plan("activation", credential.language, values, [link], operations)


def _appointment(case: Case) -> Plan | None:
    """Tell of a role that a coordinator gave, unless it was taken away by now."""
    place = _place(case)
    if place is None or case.message["role"] not in memberships.roles_of(place):
        return None
    return None if case.desk.staff is None else _welcome(case, case.desk.staff, place)


def _review_due(case: Case) -> Plan | None:
    """Remind a coordinator of roles to look at, unless he is none any more."""
    place = _place(case)
    if place is None or COORDINATOR not in memberships.roles_of(place) or case.desk.staff is None:
        return None
    values = {"scope_name": place["scope_name"], "link": _page("/console/people/roles")}
    return Plan("review_due", case.desk.staff.language, values)


def _substitute(case: Case) -> Plan | None:
    """Tell a coordinator of a substitute of today, unless it was stopped or he is none any more."""
    place, message = _place(case), case.message
    about = people_store.find(message["about"], message["scope"])
    if place is None or about is None or COORDINATOR not in memberships.roles_of(place):
        return None
    member = memberships.from_item(about)
    grant = member.grants.get(substitutes.ROLE)
    if grant is None or case.desk.staff is None or substitutes.ROLE not in member.roles:
        return None
    by = people_store.find(grant.given_by, message["scope"])
    values = {
        "by_name": by["display_name"] if by else "",
        "display_name": member.display_name,
        "scope_name": member.scope_name,
        "groups": message["groups"],
        "link": _page("/console/people/roles"),
    }
    return Plan("substitute", case.desk.staff.language, values)


def _idle_warning(case: Case) -> Plan | None:
    """Tell somebody that his access ends unless he signs in, if he still has it."""
    place = _place(case)
    if place is None or not memberships.roles_of(place) or case.desk.staff is None:
        return None
    values = {"scope_name": place["scope_name"], "day": case.message["day"]}
    return Plan("idle", case.desk.staff.language, {**values, "link": _page("/login")})


def _place(case: Case) -> Item | None:
    """Return the place that a message is about, if its person has an account.

    One call, and none where the account was named by who asked.
    """
    staff = case.desk.staff
    if staff is None:
        return None
    known = _known_place(case, staff)
    return known or people_store.find(staff.account_id, case.message["scope"])


def _home_invitation(case: Case) -> Plan:
    """Ask a parent for the code on the card; who the child is stands on the card alone."""
    message = case.message
    operations: list[Operation] = []
    credential = case.desk.home
    if credential is None:
        key = credentials.home_key(message["address"])
        credential, operations = accounts_store.new_home_account(key)
    said = {"school_name": message["school_name"]}
    if credential.password_hash is not None:
        values = {**said, "link": _page("/login/home")}
        return Plan("home_added", credential.language, values, operations=operations)
    link, url = _mint(case, Purpose.ACTIVATION, credential)
    values = {**said, "link": url, "days": lives.activation_days()}
    return Plan("home_activation", credential.language, values, [link], operations)


def _link(case: Case) -> Plan | None:
    """Give each account at an address its own link, in one mail; `at` leaves only one of them."""
    both = (("staff", case.desk.staff), ("home", case.desk.home))
    only = case.message.get("at") or ""
    found = [(at, one) for at, one in both if one is not None and only in {"", at}]
    if not found:
        return None
    links: list[Link] = []
    entries: list[dict[str, str]] = []
    for at, credential in found:
        purpose = Purpose.RESET if credential.password_hash else Purpose.ACTIVATION
        link, url = _mint(case, purpose, credential)
        links.append(link)
        entries.append({"at": at, "purpose": purpose.value, "link": url})
    languages = {one.language for _, one in found}
    values = {"entries": entries, "days": lives.activation_days(), "minutes": lives.reset_minutes()}
    language = languages.pop() if len(languages) == 1 else ""
    return Plan("link", language, values, links)


def _password_changed(case: Case) -> Plan:
    at_home = "?at=home" if case.message.get("at") == "home" else ""
    link = _page(f"/password/forgotten{at_home}")
    return Plan("changed", case.message["language"], {"link": link})


def _second_factor_reset(case: Case) -> Plan | None:
    if case.desk.staff is None:
        return None
    template = "second_factor_reset" if case.message["is_own"] else "colleague_reset"
    return Plan(template, case.desk.staff.language, {"link": _page("/password/forgotten")})


def _key_notice(case: Case) -> Plan | None:
    """Tell a coordinator of his school's authorisation key; roster_sync asks for it."""
    if case.desk.staff is None:
        return None
    told = ("school_name", "supplier", "due", "days_left")
    values = {name: case.message.get(name) for name in told}
    values["link"] = _page("/console/roster/key")
    return Plan(case.message["notice"], case.desk.staff.language, values)


def _agreement(case: Case) -> Plan:
    return Plan("agreement", "", agreement_mail.news_values(case.message))


def _agreement_code(case: Case) -> Plan:
    return Plan("agreement_code", "", agreement_mail.minted_code(case.message, case.now_epoch_s))


def _answer(case: Case) -> Plan:
    """Send what the helpdesk wrote to whoever asked; no account is needed for that."""
    said = {"question": case.message["question"], "answer": case.message["answer"]}
    return Plan("answer", case.message["language"], said)


def _question_waits(case: Case) -> Plan | None:
    """Tell somebody of the helpdesk that a question waits; it stands on the desk, not in mail."""
    if case.desk.staff is None:
        return None
    return Plan("question_waits", case.desk.staff.language, {"link": _page("/helpdesk/questions")})


def _guessed(case: Case) -> Plan | None:
    """Tell an owner that somebody guesses; the function that asks does not look if there is one."""
    is_home = case.message["at"] == "home"
    credential = case.desk.home if is_home else case.desk.staff
    if credential is None or credential.password_hash is None:
        return None
    link = _page("/password/forgotten?at=home" if is_home else "/password/forgotten")
    return Plan("guessed", credential.language, {"link": link, "is_home": is_home})


def _new_device(case: Case) -> Plan:
    values = {
        "browser": case.message["browser"],
        "link": _page("/password/forgotten"),
        "account": _page("/account"),
    }
    return Plan("new_device", case.message["language"], values)


def _passkey(case: Case) -> Plan:
    values = {"news": case.message["news"], "link": _page("/account/passkeys")}
    return Plan("passkey", case.message["language"], values)


def _request(case: Case) -> Plan:
    """Make a mail about a request for a first administrator, with a link for its errand if any."""
    asked = case.message["link"]
    link = ""
    if asked["errand"]:
        expires_at_epoch_s = case.now_epoch_s + asked["life_s"]
        token = errand_links.mint(
            asked["errand"], asked["subject"], expires_at_epoch_s=expires_at_epoch_s
        )
        link = _page(f"/{asked['path']}/{token}")
    values = {name: case.message[name] for name in ("about", "school_name", "details")}
    return Plan("request", case.message["language"], {**values, "link": link})


def _mail_returned(case: Case) -> Plan | None:
    if case.desk.staff is None:
        return None
    return Plan("returned", case.desk.staff.language, {"link": _page("/console/people")})


_PLANNERS: Mapping[str, Callable[[Case], Plan | None]] = {
    "invitation": _invitation,
    "appointment": _appointment,
    "review_due": _review_due,
    "substitute": _substitute,
    "idle_warning": _idle_warning,
    "home_invitation": _home_invitation,
    "password_reset": _link,
    "password_changed": _password_changed,
    "second_factor_reset": _second_factor_reset,
    "key_notice": _key_notice,
    "agreement": _agreement,
    "agreement_code": _agreement_code,
    "answer": _answer,
    "question_waits": _question_waits,
    "guessed": _guessed,
    "new_device": _new_device,
    "passkey": _passkey,
    "request": _request,
    "mail_returned": _mail_returned,
}


def _page(path: str) -> str:
    return require_url("PUBLIC_BASE_URL") + path


def _mint(case: Case, purpose: Purpose, credential: Credential) -> tuple[Link, str]:
    token = ids.new_token()
    link = mail_links.issue(
        purpose,
        ids.sha256_hex(token),
        credential,
        request_id=case.message["request_id"],
        now_epoch_s=case.now_epoch_s,
        life_s=lives.of(purpose),
    )
    return link, _page(f"/{_PATH[purpose]}/{token}")
