"""Nobody of another school comes near this one: every route of the template, every form of it.

Generated: the routes come from the template, the forms from the pages that this school's own
people see. An address that names something of a school must be refused to people of another
school; an address that is about one's own school shows them nothing of this one; and no form that
was found here changes anything here when they send it. A parameter of an address that stands in
neither table below fails.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from lxml import etree

from infra.local import seed, template
from infra.local.house import House
from infra.local.visitor import Answer, Visitor
from login import pupil_store
from roster_sync import store
from schoolpoort import authority, aws, clock, dynamodb, ids, rosters, sessions
from schoolpoort.rosters import Person
from schoolpoort.settings import require
from tests.signed_in import signed_in

_OTHER_SCHOOL, _OTHER_BOARD = "4242", "99999"
_FROM_ELSEWHERE = "198.51.100.9"

_WORDS: dict[str, str] = {
    "act": "notice",
    "article": "privacy-policy",
    "aside_id": "0123456789abcdef",
    "invitation_id": "no-such-invitation",
    "proxy+": "no/such/page",
    "publisher_id": "rekenrijk",
    "registration_id": "1",
    "token": "00000000-0000-4000-8000-000000000000",
}
"""Parameters that name nothing of a school; a token or an invitation is a secret, tested apart."""

_NAMES = frozenset(
    {
        "account_id",
        "agreement_id",
        "aside_id",
        "board_number",
        "brin6",
        "change_id",
        "code",
        "group_id",
        "paper_id",
        "person_id",
        "question_id",
        "registration_id",
        "request_id",
        "run_id",
        "school_id",
    }
)
"""Parameters that name something of a school or its board."""

_ASKS_A_CODE = frozenset({"/login/school/{code}/lesson"})
"""Addresses of a school that anybody may open, to fill in a code of its teacher."""

_NOT_OURS = ("ThrottleTable", "SignInEventsTable", "SignInAddressesTable", "SessionsTable")
"""Where visitors themselves leave traces; the record of a refusal may name what was asked for."""

_PARAMETER = re.compile(r"\{([a-z0-9_+]+)\}")


@dataclass(frozen=True, slots=True)
class School:
    """What there is at this school to come near to."""

    school_id: str
    values: Mapping[str, str]
    people: tuple[Person, ...]

    @property
    def secrets(self) -> tuple[str, ...]:
        """Return what nobody of another school may read on any page."""
        names = {one.display_name for one in self.people}
        return tuple(sorted(names | {one.person_id for one in self.people}))


def _items(house: House, table: str) -> list[dict[str, Any]]:
    client = aws.client("dynamodb")
    pages = client.get_paginator("scan").paginate(TableName=house.cloud.references[table])
    return [dynamodb._plain(item) for page in pages for item in page["Items"]]


@pytest.fixture
def school(house: House) -> School:
    """Return the seeded school, with an id of each kind of thing that it has."""
    code = house.people[-1]["address"].rpartition("/")[2]
    school_id = str(pupil_store.school_of_code(code))
    pupil = next(one for one in rosters.pupils(school_id) if one.groups)
    accounts = _items(house, "AccountsTable")
    values = {
        "account_id": next(
            one["account_id"] for one in accounts if one["scope"] == f"school#{school_id}"
        ),
        "agreement_id": "1",
        "aside_id": "1",
        "board_number": seed.BOARD,
        "brin6": seed.SCHOOL,
        "change_id": "1",
        "code": code,
        "group_id": pupil.groups[0].group_id,
        "paper_id": "1-offer-1",
        "person_id": pupil.person_id,
        "question_id": "1",
        "registration_id": "1",
        "request_id": "1",
        "run_id": store.latest_runs(school_id, 1)[0].run_id,
        "school_id": school_id,
    }
    people = (*rosters.pupils(school_id), *rosters.staff(school_id))
    return School(school_id, _WORDS | values, people)


def _pupil_of_elsewhere(house: House, person_id: str) -> Visitor:
    """Return a browser with a pupil of another school, who has an id that one of ours has too."""
    secret, now = ids.new_secret(), clock.now_epoch_s()
    session = {
        "session_hash": ids.sha256_hex(secret),
        "stage": "local",
        "kind": "pupil",
        "account_id": f"pupil-{person_id}",
        "display_name": "Jiska",
        "scope": f"school#{_OTHER_SCHOOL}",
        "school_id": _OTHER_SCHOOL,
        "person_id": person_id,
        "picture": "fox",
        "way_back": "/login",
        "language": "nl",
        "authenticated_at_epoch_s": now,
        "idle_ends_at_epoch_s": now + 3600,
        "expires_at_epoch_s": now + 3600,
    }
    dynamodb.put(require("SESSIONS_TABLE"), session)
    return Visitor(house.call, cookies={sessions.COOKIE_NAME: secret})


def _strangers(house: House, school: School) -> dict[str, Callable[[], Visitor]]:
    """Return how people of another school come by, each as strong as he can be there."""
    scope, board = f"school#{_OTHER_SCHOOL}", f"board#{_OTHER_BOARD}"
    given = {"confirmed_on": "2026-01-01", "given_by": "932", "until": ""}
    group = {**given, "group_ids": [school.values["group_id"]]}

    def class_worker(role: authority.Role) -> Visitor:
        """Return somebody whose role there names a group that is ours."""
        person_id = school.values["person_id"]
        grants = {role: group}
        return signed_in(house, "931", scope, role, grants=grants, person_id=person_id)

    return {
        "nobody": lambda: Visitor(house.call),
        "pupil": lambda: _pupil_of_elsewhere(house, school.values["person_id"]),
        "teacher": lambda: class_worker("teacher"),
        "substitute": lambda: class_worker("substitute"),
        "school_head": lambda: signed_in(house, "933", scope, "school_head"),
        "coordinator": lambda: signed_in(house, "932", scope, "ict_coordinator"),
        "board": lambda: signed_in(house, "934", board, "board"),
    }


_STRANGERS = ("board", "coordinator", "nobody", "pupil", "school_head", "substitute", "teacher")


def _own(house: House, school: School) -> list[Visitor]:
    """Return this school's own people who can see most."""
    scope = f"school#{school.school_id}"
    return [
        signed_in(house, "941", scope, "ict_coordinator"),
        signed_in(house, "942", f"board#{seed.BOARD}", "board"),
    ]


def _path(route: str, school: School) -> str:
    return _PARAMETER.sub(lambda found: school.values[found[1]], route)


def _is_refused(answer: Answer) -> bool:
    return answer.status in {403, 404} or answer.location.startswith("/login")


def _state(house: House, school: School) -> set[str]:
    """Return every item that mentions this school, its board or its people."""
    accounts = {
        one["account_id"]
        for one in _items(house, "AccountsTable")
        if one["scope"] in {f"school#{school.school_id}", f"board#{seed.BOARD}"}
    }
    marks = {school.school_id, seed.BOARD, seed.SCHOOL} | accounts
    found: set[str] = set()
    for table, _ in template.resources("AWS::DynamoDB::Table"):
        if table in _NOT_OURS:
            continue
        for item in _items(house, table):
            # What is registered near an address is shared by all schools: only our part counts.
            shared = str(item.get("school_id", "")).startswith("net#")
            kept = {
                name: value
                for name, value in sorted(item.items())
                if not shared or any(mark in f"{name}{value}" for mark in marks)
            }
            text = repr(kept)
            if any(mark in text for mark in marks):
                found.add(f"{table} {text}")
    return found


def _forms(page: Answer, path: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Return each form of a page with what each of its buttons sends, as a person would fill it."""
    tree = etree.HTML(page.text)
    for form in tree.iter("form") if tree is not None else ():
        if form.get("method") != "post" or "://" in form.get("action", path):
            continue
        fields = {
            str(one.get("name")): one.get("value") or "1"
            for one in form.iter("input", "select", "textarea")
            if one.get("name") and one.get("type") != "file"
        }
        for select in form.iter("select"):
            values = [option.get("value") or "" for option in select.iter("option")]
            fields[str(select.get("name"))] = next(filter(None, values), "")
        buttons = [one for one in form.iter("button") if one.get("name")]
        pressed = [{str(one.get("name")): one.get("value") or ""} for one in buttons]
        for sent in pressed or [{}]:
            yield form.get("action", path), fields | sent


def _harvest(house: House, school: School) -> dict[tuple[str, str], dict[str, str]]:
    """Return the forms of this school's pages: one of each address and each kind of fields."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for visitor in _own(house, school):
        for route in template.routes():
            if route.method != "GET":
                continue
            path = _path(route.path, school)
            for action, fields in _forms(visitor.get(path), path):
                kind = "&".join([*sorted(fields), fields.get("action", "")])
                found.setdefault((action, kind), fields)
    return found


def test_every_parameter_is_known() -> None:
    """An address names something of a school or it does not: a new parameter says which."""
    used = {name for route in template.routes() for name in _PARAMETER.findall(route.path)}
    assert used == set(_NAMES) | set(_WORDS)


def test_what_is_named_is_really_there(house: House, school: School) -> None:
    """The own coordinator is let in where others are refused."""
    coordinator, _ = _own(house, school)
    for path in (
        "/groups/{group_id}",
        "/console/people/{account_id}",
        "/console/roster/runs/{run_id}",
    ):
        assert (path, coordinator.get(_path(path, school)).status) == (path, 200)
    at_school = Visitor(house.call)
    assert at_school.get(_path("/login/school/{code}/{group_id}", school)).status == 200
    assert at_school.get("/groups").location


@pytest.mark.parametrize("who", _STRANGERS)
def test_an_address_of_this_school_is_refused(house: House, school: School, who: str) -> None:
    """Every route that names something of a school, to a person of another one."""
    come_by = _strangers(house, school)[who]
    wrong = []
    for route in template.routes():
        named = not _NAMES.isdisjoint(_PARAMETER.findall(route.path))
        if route.path in _ASKS_A_CODE or not named:
            continue
        visitor = come_by()
        visitor.source_ip = _FROM_ELSEWHERE
        path = _path(route.path, school)
        answer = visitor.get(path) if route.method == "GET" else visitor.post(path, seed.captcha())
        if not _is_refused(answer):
            wrong.append(f"{route.method} {route.path}: {answer.status} {answer.location}")
    assert wrong == []


@pytest.mark.parametrize("who", _STRANGERS)
def test_no_page_shows_anything_of_this_school(house: House, school: School, who: str) -> None:
    """Every page of the template, as a person of another school sees it."""
    visitor = _strangers(house, school)[who]()
    visitor.source_ip = _FROM_ELSEWHERE
    wrong = []
    for route in template.routes():
        if route.method == "GET":
            text = visitor.get(_path(route.path, school)).text
            wrong += [f"{route.path}: {one}" for one in school.secrets if f">{one}<" in text]
    assert wrong == []


def test_no_form_of_this_school_works_from_another(house: House, school: School) -> None:
    """Every form of this school's pages, with its ids in it, sent by people of another school."""
    forms = _harvest(house, school)
    paths = {path for path, _ in forms}
    assert f"/groups/{school.values['group_id']}" in paths
    assert {"/console/access", "/console/networks", "/console/people/mail"} <= paths
    before = _state(house, school)
    assert len(before) > len(school.people)
    for come_by in _strangers(house, school).values():
        visitor = come_by()
        visitor.source_ip = _FROM_ELSEWHERE
        for (path, _), fields in forms.items():
            if path != "/logout":
                visitor.post(path, fields | seed.captcha())
    assert before - _state(house, school) == set()
    assert house.failures == []
