"""Who may pass which door: every route of the template, every role, own and other school.

A route without a row fails, and so does a row without a route. What stands behind a door is the
business of other tests: here a passer-by is either let in or sent away.
"""

import re
from collections.abc import Callable
from functools import partial
from typing import get_args

import pytest

from infra.local import seed, template
from infra.local.house import House
from infra.local.visitor import Answer, Visitor
from login import pupil_store
from schoolpoort import authority, dynamodb, rosters
from schoolpoort.settings import require
from tests.signed_in import signed_in

_CLASS_STAFF = frozenset(
    {"school_head", "internal_support", "support_staff", "trainee", "substitute"}
)
_OTHERS = frozenset({"above_school_ict", "privacy_officer", "publisher"})
"""Roles that open nothing but what everybody signed in may see, until a page is theirs."""
_ALL = (
    frozenset({"nobody", "pupil", "teacher", "coordinator", "board", "helpdesk", "stranger"})
    | _CLASS_STAFF
    | _OTHERS
    | {"ended"}
)
_STAFF = _ALL - {"nobody", "pupil"}
_COORDINATOR = frozenset({"coordinator", "stranger"})
"""A stranger coordinates another school: let in, to pages where this school is not."""

_WHO: dict[str, frozenset[str]] = {
    "/": _ALL,
    "/account": _STAFF,
    "/account/confirm": _STAFF - {"ended"},
    "/account/confirm/passkey": _STAFF - {"ended"},
    "/account/passkeys": _STAFF - {"ended"},
    "/account/password": _STAFF - {"ended"},
    "/account/second-factor": _STAFF - {"ended"},
    "/account/sessions": _STAFF,
    "/activate/{token}": _ALL,
    "/apps": _ALL - {"nobody", "ended"},
    "/apps/{publisher_id}": frozenset({"pupil", "teacher", "coordinator"}) | _CLASS_STAFF,
    "/agreement/{invitation_id}": _ALL,
    "/agreement/{invitation_id}/code": _ALL,
    "/agreement/{invitation_id}/enter": _ALL,
    "/agreement/{invitation_id}/paper": _ALL,
    "/agreement/{invitation_id}/sheet": _ALL,
    "/agreement/{invitation_id}/{act}": _ALL,
    "/board": frozenset({"board"}),
    "/board/agreements": frozenset({"board"}),
    "/board/agreements/offer": frozenset({"board"}),
    "/board/agreements/{agreement_id}/{act}": frozenset({"board"}),
    "/board/declarations": frozenset({"board"}),
    "/board/evidence": frozenset({"board"}),
    "/board/evidence/{paper_id}": frozenset({"board"}),
    "/board/papers": frozenset({"board"}),
    "/board/papers/{paper_id}": frozenset({"board"}),
    "/console": _COORDINATOR,
    "/console/access": _COORDINATOR,
    "/console/events": _COORDINATOR,
    "/console/events/file": _COORDINATOR,
    "/console/networks": _COORDINATOR,
    "/console/people": _COORDINATOR,
    "/console/people/invite": _COORDINATOR,
    "/console/people/new": _COORDINATOR,
    "/console/people/roles": _COORDINATOR,
    "/console/people/{account_id}": _COORDINATOR,
    "/console/people/mail": _COORDINATOR,
    "/console/publishers": _COORDINATOR,
    "/console/publishers/{publisher_id}": _COORDINATOR,
    "/console/roster": _COORDINATOR,
    "/console/roster/file": _COORDINATOR,
    "/console/roster/key": _COORDINATOR,
    "/console/roster/file/received": _COORDINATOR,
    "/console/roster/numbers": _COORDINATOR,
    "/console/roster/runs/{run_id}": _COORDINATOR,
    "/console/roster/runs/{run_id}/restore": _COORDINATOR,
    "/console/roster/sync": _COORDINATOR,
    "/console/roster/waiting": _COORDINATOR,
    "/console/shared": _COORDINATOR,
    "/console/trouble": _COORDINATOR,
    "/groups": frozenset({"teacher", "coordinator", "stranger"}) | _CLASS_STAFF,
    "/groups/handover": frozenset({"teacher", "coordinator", "school_head", "internal_support"})
    | {"stranger"},
    "/login/substitute": _ALL,
    "/login/elsewhere": _ALL,
    "/substitute": frozenset({"teacher", "coordinator", "school_head", "internal_support"})
    | {"stranger"},
    "/console/people/stop": _COORDINATOR,
    "/groups/cards": frozenset({"teacher", "coordinator", "stranger"}) | _CLASS_STAFF,
    "/groups/{group_id}/door": _COORDINATOR | {"school_head", "internal_support", "substitute"},
    "/groups/{group_id}": _COORDINATOR | {"school_head", "internal_support", "substitute"},
    "/health": _ALL,
    "/help": _ALL,
    "/help/ask": _ALL,
    "/help/{article}": _ALL,
    "/helpdesk": frozenset({"helpdesk"}),
    "/helpdesk/access": frozenset({"helpdesk"}),
    "/helpdesk/agreements": frozenset({"helpdesk"}),
    "/helpdesk/agreements/exports": frozenset({"helpdesk"}),
    "/helpdesk/agreements/offers": frozenset({"helpdesk"}),
    "/helpdesk/agreements/reviews": frozenset({"helpdesk"}),
    "/helpdesk/agreements/reviews/{change_id}": frozenset({"helpdesk"}),
    "/helpdesk/agreements/{agreement_id}": frozenset({"helpdesk"}),
    "/helpdesk/agreements/{agreement_id}/activate": frozenset({"helpdesk"}),
    "/helpdesk/agreements/{agreement_id}/{act}": frozenset({"helpdesk"}),
    "/helpdesk/notices": frozenset({"helpdesk"}),
    "/helpdesk/papers/{board_number}/{paper_id}": frozenset({"helpdesk"}),
    "/helpdesk/questions": frozenset({"helpdesk"}),
    "/helpdesk/questions/{question_id}": frozenset({"helpdesk"}),
    "/helpdesk/registry": frozenset({"helpdesk"}),
    "/helpdesk/registry/boards/{board_number}": frozenset({"helpdesk"}),
    "/helpdesk/registry/boards/{board_number}/director": frozenset({"helpdesk"}),
    "/helpdesk/registry/changes": frozenset({"helpdesk"}),
    "/helpdesk/registry/received": frozenset({"helpdesk"}),
    "/helpdesk/registry/abroad": frozenset({"helpdesk"}),
    "/helpdesk/registry/abroad/{registration_id}": frozenset({"helpdesk"}),
    "/helpdesk/registry/aside": frozenset({"helpdesk"}),
    "/helpdesk/registry/aside/{aside_id}": frozenset({"helpdesk"}),
    "/helpdesk/registry/{brin6}": frozenset({"helpdesk"}),
    "/helpdesk/registry/{brin6}/renumbering": frozenset({"helpdesk"}),
    "/helpdesk/registry/{brin6}/coordinator": frozenset({"helpdesk"}),
    "/helpdesk/roster": frozenset({"helpdesk"}),
    "/helpdesk/roster/again": frozenset({"helpdesk"}),
    "/helpdesk/roster/nights": frozenset({"helpdesk"}),
    "/helpdesk/roster/keys": frozenset({"helpdesk"}),
    "/helpdesk/roster/keys/day": frozenset({"helpdesk"}),
    "/helpdesk/roster/keys/withdraw": frozenset({"helpdesk"}),
    "/helpdesk/requests": frozenset({"helpdesk"}),
    "/helpdesk/requests/new": frozenset({"helpdesk"}),
    "/helpdesk/requests/{request_id}": frozenset({"helpdesk"}),
    "/helpdesk/requests/{request_id}/paper": frozenset({"helpdesk"}),
    "/helpdesk/trouble": frozenset({"helpdesk"}),
    "/login": _ALL,
    "/login/choice": frozenset(),
    "/login/code": frozenset(),
    "/login/code/passkey": frozenset(),
    "/login/passkey": _ALL,
    "/login/passkey/question": _ALL,
    "/login/second-factor/passkey": frozenset(),
    "/login/home": _ALL,
    "/login/home/card": _ALL,
    "/login/home/children": _ALL,
    "/login/home/children/{school_id}/{person_id}": _ALL,
    "/login/home/leave": _ALL,
    "/login/school/{code}": _ALL,
    "/login/school/{code}/{group_id}": _ALL,
    "/login/school/{code}/{group_id}/{person_id}": _ALL,
    "/login/school/{code}/{group_id}/{person_id}/wait": _ALL,
    "/login/school/{code}/badge": _ALL,
    "/login/school/{code}/lesson": _ALL,
    "/login/second-factor": frozenset(),
    "/logout": _ALL,
    "/oauth2/authorize": _ALL,
    "/oauth2/jwks": _ALL,
    "/oauth2/token": _ALL,
    "/oauth2/userinfo": _ALL,
    "/password/forgotten": _ALL,
    "/password/{token}": _ALL,
    "/.well-known/openid-configuration": _ALL,
    "/.well-known/passkey-endpoints": _ALL,
    "/.well-known/security.txt": _ALL,
    "/request": _ALL,
    "/request/board/{token}": _ALL,
    "/request/sent": _ALL,
    "/request/{token}": _ALL,
    "/status": _ALL,
    "/trouble": _ALL,
    "/{proxy+}": _ALL,
}
_PARAMETER = re.compile(r"\{([a-z0-9_+]+)\}")


@pytest.fixture
def school_id(house: House) -> str:
    """Return the seeded school."""
    code = house.people[-1]["address"].rpartition("/")[2]
    found = pupil_store.school_of_code(code)
    assert found
    return found


@pytest.fixture
def values(house: House, school_id: str) -> dict[str, str]:
    """Return what stands in the addresses: things of the seeded school."""
    group = next(one for one in rosters.groups(school_id) if one.name == "Groep 1")
    pupil = next(
        one
        for one in rosters.pupils(school_id)
        if group.group_id in {each.group_id for each in one.groups}
    )
    return {
        "account_id": "902",
        "aside_id": "1",
        "act": "notice",
        "change_id": "1",
        "registration_id": "1",
        "agreement_id": "1",
        "board_number": seed.BOARD,
        "brin6": seed.SCHOOL,
        "code": house.people[-1]["address"].rpartition("/")[2],
        "group_id": group.group_id,
        "invitation_id": "1",
        "paper_id": "1-offer-1",
        "person_id": pupil.person_id,
        "proxy+": "no/such/page",
        "publisher_id": "rekenrijk",
        "request_id": "1",
        "question_id": "1",
        "run_id": "1",
        "school_id": school_id,
        "article": "privacy-policy",
        "token": "00000000-0000-4000-8000-000000000000",
    }


@pytest.fixture
def people(
    house: House, school_id: str, values: dict[str, str]
) -> dict[str, Callable[[], Visitor]]:
    """Return how somebody of each kind comes by, each time anew."""
    own, other, board = f"school#{school_id}", "school#4242", f"board#{seed.BOARD}"
    given = {"confirmed_on": "2026-01-01", "given_by": "902", "until": ""}

    def class_worker(role: str) -> Visitor:
        """Return somebody with a role given by hand; only the substitute has this very group."""
        groups = [values["group_id"]] if role == "substitute" else ["4242"]
        grants = {role: {**given, "group_ids": groups}}
        return signed_in(house, f"91{len(role)}", own, role, grants=grants)

    def ended() -> Visitor:
        """Return a coordinator whose last day is over, in a browser that is still signed in."""
        grants = {"ict_coordinator": {**given, "until": "2026-01-02", "group_ids": []}}
        return signed_in(house, "919", own, "ict_coordinator", grants=grants)

    def pupil() -> Visitor:
        child = Visitor(house.call)
        path = "/login/school/{code}/{group_id}/{person_id}".format_map(values)
        assert child.post(path).location == "/apps"
        return child

    return {
        "nobody": lambda: Visitor(house.call),
        "pupil": pupil,
        "teacher": lambda: signed_in(house, "901", own, "teacher"),
        "coordinator": lambda: signed_in(house, "902", own, "ict_coordinator"),
        "stranger": lambda: signed_in(house, "903", other, "ict_coordinator"),
        "board": lambda: signed_in(house, "904", board, "board"),
        "helpdesk": lambda: signed_in(house, "905", "helpdesk", "helpdesk"),
        **{name: partial(class_worker, name) for name in _CLASS_STAFF},
        "above_school_ict": lambda: signed_in(house, "920", board, "above_school_ict"),
        "privacy_officer": lambda: signed_in(house, "921", board, "privacy_officer"),
        "publisher": lambda: signed_in(house, "922", "publisher#rekenrijk", "publisher"),
        "ended": ended,
    }


def test_every_route_has_a_row() -> None:
    """A new route needs a line above that says who may pass."""
    assert {route.path for route in template.routes()} == set(_WHO)


def is_sent_away(answer: Answer) -> bool:
    """Say whether somebody was not let in: asked to sign in, or told that it is not his door."""
    return answer.status == 403 or answer.location.startswith("/login?next=")


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_finds_no_group_of_this_school(
    people: dict[str, Callable[[], Visitor]], values: dict[str, str], method: str
) -> None:
    """A group of another school is nothing at all, by page and by form."""
    answer = getattr(people["stranger"](), method)(f"/groups/{values['group_id']}")
    assert answer.status == 404


def test_every_role_of_the_house_comes_by() -> None:
    """A role that somebody can have is one of the people below."""
    assert set(get_args(authority.Role)) - {"ict_coordinator"} <= _ALL


@pytest.mark.parametrize("who", sorted(_ALL))
def test_each_passes_the_own_doors_and_no_other(
    house: House,
    people: dict[str, Callable[[], Visitor]],
    values: dict[str, str],
    who: str,
) -> None:
    """Every route, by GET or by a form with nothing but the check, for one kind of person."""
    credential = {"address_key": "staff#hanna@example.nl", "account_id": "x"}
    more = {"password_version": 1, "language": "nl"}
    dynamodb.put(require("CREDENTIALS_TABLE"), credential | more)
    wrong = []
    for route in template.routes():
        path = _PARAMETER.sub(lambda found: values[found[1]], route.path)
        visitor = people[who]()
        answer = visitor.get(path) if route.method == "GET" else visitor.post(path, seed.captcha())
        if is_sent_away(answer) is (who in _WHO[route.path]):
            wrong.append(f"{route.method} {route.path}: {answer.status} {answer.location}")
    assert wrong == []
    assert house.failures == []
