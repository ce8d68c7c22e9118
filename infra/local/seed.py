"""The invented board, schools and people that the local house opens with.

Nothing is written past the product: the seed walks its pages as people do, from the helpdesk's
first mail to a teacher who can open an app. What it needs from outside are the stand-ins.
"""

import html
import importlib
import re
from collections.abc import Mapping

from infra.local import app_codes, duo
from infra.local.gateway import HttpRequest
from infra.local.home import Home
from infra.local.stand_ins import google, las
from infra.local.visitor import Answer, Visitor

PASSWORD = "Fietsbel7zon"  # noqa: S105 - invented people, printed for everybody to use
"""The password of every invented person."""

BOARD = "90001"
SCHOOL = "99AA00"
OTHER_SCHOOL = "99AC00"
HELPDESK = ("hanna.hulp@schoolpoort.example", "daan.desk@schoolpoort.example")
_DIRECTOR = ("Jörgen van der Wilg", "j.vanderwilg@wilgendam.example")
_COORDINATOR = ("Noor ’t Hart", "n.thart@regenboog.example")
PARENT = "m.elamrani@thuis.example"
_AT_HOME = ("Groep 3", "Groep 6")
"""A child in each of these groups has the same home address."""

_UPLOAD_TARGET = re.compile(r'<form[^>]*action="([^"]+)"[^>]*enctype="multipart/form-data"')
_PUPILS_ADDRESS = re.compile(r'href="(https?://[^"]+/login/school/[a-z0-9]{7})"')
_LETTERS = re.compile(r'<code class="secret">([A-Z2-7 ]+)</code>')
_CARD = re.compile(r'<code class="secret">([0-9A-Z]{5}-[0-9A-Z]{5})</code>')
_LINK = re.compile(r"https?://[^\s/]+(/(?:activate|password)/[0-9a-f-]{36})")


class SeedFailed(Exception):
    """A step of the seed did not end as it should; the message says which and how."""


def fill(home: Home) -> None:
    """Fill an empty house; its people are then known: role, school and how each signs in."""
    home.deploy(list(HELPDESK))
    home.pump_until_idle()
    first, second = (_activated(home, address) for address in HELPDESK)
    _import_registry(home, first)
    _sign_agreement(first, second)
    _invite_director_and_coordinator(first)
    home.pump_until_idle()
    director = _activated(home, _DIRECTOR[1])
    coordinator = _activated(home, _COORDINATOR[1])
    teachers = _fill_school(home, coordinator)
    _link_publisher(home, director, coordinator)
    pupils = _open_for_pupils(coordinator)
    _let_in_at_home(home, coordinator)
    home.people = [*_people(teachers), pupils]


def expect(answer: Answer, status: int, step: str) -> Answer:
    """Return an answer that has the expected status; raises SeedFailed for another."""
    if answer.status != status:
        message = f"{step}: {answer.status} instead of {status}\n{answer.text[:2000]}"
        raise SeedFailed(message)
    return answer


def link_for(home: Home, address: str) -> str:
    """Return the path of the newest link that was mailed to an address."""
    for mail in home.mails():
        found = _LINK.search(mail["text"])
        if address in mail["to"] and found:
            return found[1]
    message = f"no mail with a link to {address}"
    raise SeedFailed(message)


def activate(home: Home, address: str, password: str = PASSWORD) -> None:
    """Follow the newest mailed link of an address and set a password."""
    visitor = Visitor(home.call)
    path = link_for(home, address)
    expect(visitor.get(path), 200, "the mailed link opens")
    form = {"password": password, "password_again": password, **captcha()}
    expect(visitor.post(path, form), 303, "the password is set")


def sign_in(home: Home, address: str, password: str = PASSWORD) -> Visitor:
    """Return a visitor who has signed in, with a second step where one is asked."""
    visitor = Visitor(home.call)
    form = {"email": address, "password": password, **captcha()}
    answer = expect(visitor.post("/login", form), 303, f"{address} signs in")
    if answer.location == "/login/second-factor":
        _set_up_second_factor(visitor, address)
    elif answer.location == "/login/code":
        code = {"code": app_codes.next_code(address)}
        expect(visitor.post("/login/code", code), 303, f"{address} shows a code")
    return visitor


def _set_up_second_factor(visitor: Visitor, address: str) -> None:
    shown = expect(visitor.get("/login/second-factor"), 200, "the second step is explained")
    secret = _LETTERS.search(shown.text)
    if secret is None:
        message = f"no letters for an app for {address}"
        raise SeedFailed(message)
    app_codes.remember(address, secret[1].replace(" ", ""))
    form = {**shown.hidden_fields(), "code": app_codes.next_code(address)}
    expect(visitor.post("/login/second-factor", form), 200, f"{address} has a second step")


def captcha() -> dict[str, str]:
    """Return the form field of somebody who ticked the box."""
    return {"g-recaptcha-response": google.issue_token()}


def _activated(home: Home, address: str) -> Visitor:
    activate(home, address)
    return sign_in(home, address)


def upload(home: Home, visitor: Visitor, page: str, content: bytes) -> Answer:
    """Post a file by the presigned form on a page, and return where S3 sends the browser."""
    shown = expect(visitor.get(page), 200, f"{page} opens")
    fields = _upload_fields(shown.text)
    boundary = "schoolpoort-boundary"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="list"\r\n\r\n'
    body = b"".join([*parts, head.encode(), content, f"\r\n--{boundary}--\r\n".encode()])
    kind = ("content-type", f"multipart/form-data; boundary={boundary}")
    target = _UPLOAD_TARGET.search(shown.text)
    url = html.unescape(target[1]) if target else ""
    answer = home.post_file(url, HttpRequest("POST", url, (kind,), body, "127.0.0.1"))
    location = dict(answer.headers).get("Location", "")
    headers = {"location": location.removeprefix(home.base_url)}
    return Answer(answer.status, headers, answer.body.decode())


def _upload_fields(page: str) -> dict[str, str]:
    """Return the hidden fields of the one form that posts a file."""
    form = re.search(r'<form[^>]*enctype="multipart/form-data".*?</form>', page, re.DOTALL)
    if form is None:
        message = "the page has no upload form"
        raise SeedFailed(message)
    return Answer(200, {}, form[0]).hidden_fields()


def _import_registry(home: Home, helpdesk: Visitor) -> None:
    for content in (duo.locations_csv(), duo.boards_csv()):
        answer = upload(home, helpdesk, "/helpdesk/registry", content)
        expect(answer, 303, "the list is accepted")
        home.pump_until_idle()
        shown = expect(helpdesk.get(answer.location), 200, "the import is shown")
        if "notice--success" not in shown.text:
            message = f"the import of a list failed\n{shown.text}"
            raise SeedFailed(message)


def agreement_form(board_number: str, effective_from: str = "2024-08-01") -> Mapping[str, str]:
    """Return what the helpdesk fills in about a signed agreement."""
    return {
        "board_number": board_number,
        "model": "4.0",
        "evidence": "scan",
        "signatory": _DIRECTOR[0],
        "reference": "VO-2024-001",
        "effective_from": effective_from,
    }


def confirm_agreement(helpdesk: Visitor) -> None:
    """Confirm the first agreement that waits for a second person."""
    waiting = expect(helpdesk.get("/helpdesk/agreements"), 200, "agreements open")
    action = re.search(r'action="(/helpdesk/agreements/\d+/activate)"', waiting.text)
    if action is None:
        message = "no agreement waits for this person"
        raise SeedFailed(message)
    number = waiting.hidden_fields()["board_number"]
    expect(helpdesk.post(action[1], {"board_number": number}), 303, "the agreement is confirmed")


def _sign_agreement(first: Visitor, second: Visitor) -> None:
    recorded = first.post("/helpdesk/agreements", agreement_form(BOARD))
    expect(recorded, 303, "the agreement is recorded")
    confirm_agreement(second)


def _invite_director_and_coordinator(helpdesk: Visitor) -> None:
    for path, (name, address) in (
        (f"/helpdesk/registry/boards/{BOARD}/director", _DIRECTOR),
        (f"/helpdesk/registry/{SCHOOL}/coordinator", _COORDINATOR),
    ):
        form = {"display_name": name, "address": address}
        expect(helpdesk.post(path, form), 303, f"{name} is invited")


def _fill_school(home: Home, coordinator: Visitor) -> list[str]:
    """Link the administration, sync, invite, and return the addresses of two active teachers."""
    key = {"supplier": "parnassys", "authorisation_key": las.key_of(SCHOOL)}
    expect(coordinator.post("/console/roster/key", key), 303, "the key is accepted")
    expect(coordinator.post("/console/roster/sync"), 303, "the sync starts")
    home.pump_until_idle()
    before = len(home.mails())
    expect(coordinator.post("/console/people/invite"), 303, "the staff are invited")
    home.pump_until_idle()
    invited = [mail["to"][0] for mail in home.mails()[: len(home.mails()) - before]]
    teachers = sorted(invited)[:2]
    for address in teachers:
        activate(home, address)
    return teachers


def _link_publisher(home: Home, director: Visitor, coordinator: Visitor) -> None:
    publisher = importlib.import_module("infra.local.stand_ins.publisher")
    registration = publisher.registration(home.stand_in_url)
    importlib.import_module("sso.publishers").register(registration)
    declaration = {
        "party_id": registration["client_id"],
        "signed_on": "2024-08-01",
        "valid_until": "",
    }
    expect(director.post("/board/declarations", declaration), 303, "the board declares")
    path = f"/console/publishers/{registration['client_id']}"
    asked = expect(coordinator.get("/console/publishers"), 200, "publishers open").hidden_fields()
    expect(coordinator.post(path, {**asked, "action": "link"}), 303, "the school links it")


def _open_for_pupils(coordinator: Visitor) -> dict[str, str]:
    """Add the network of this machine, and return how the pupils sign in from it."""
    place = "/console/networks"
    expect(coordinator.post(place, {"action": "add_current"}), 303, "the network is added")
    shown = expect(coordinator.get(place), 200, "the networks are shown")
    found = _PUPILS_ADDRESS.search(shown.text)
    if found is None:
        message = "the school has no address for pupils"
        raise SeedFailed(message)
    school = next(one.name for one in duo.SCHOOLS if one.brin6 == SCHOOL)
    return {
        "role": "pupil",
        "school": school,
        "address": found[1],
        "password": "",
        "app_secret": "",
    }


def _let_in_at_home(home: Home, coordinator: Visitor) -> None:
    """Give two children one home address, and let their parent fill in the codes of their cards."""
    groups = expect(coordinator.get("/groups"), 200, "the groups are shown").text
    codes: list[str] = []
    for name in _AT_HOME:
        found = re.search(rf'href="(/groups/[0-9]+)"[^>]*>(?:(?!</a>).)*{name}', groups, re.DOTALL)
        if found is None:
            message = f"{name} is not among the groups"
            raise SeedFailed(message)
        shown = expect(coordinator.get(found[1]), 200, "the group is shown")
        form = {**shown.hidden_fields(), "action": "add_home", "address": PARENT}
        expect(coordinator.post(found[1], form), 303, "the home address is kept")
        codes += card_codes(coordinator, found[1])
    home.pump_until_idle()
    activate(home, PARENT)
    parent = open_home(home, PARENT)
    for code in codes:
        expect(parent.post("/login/home/card", {"code": code}), 303, "the code of the card fits")


def card_codes(teacher: Visitor, group: str) -> list[str]:
    """Make cards for everybody in a group who waits for one, and return their codes."""
    made = expect(teacher.post(group, {"action": "home_cards"}), 200, "the cards are made")
    return _CARD.findall(made.text)


def open_home(home: Home, address: str, password: str = PASSWORD) -> Visitor:
    """Return the browser of a parent who gave the password."""
    parent = Visitor(home.call)
    form = {"email": address, "password": password, **captcha()}
    expect(parent.post("/login/home", form), 303, "the parent signs in")
    return parent


def _people(teachers: list[str]) -> list[dict[str, str]]:
    school = next(found.name for found in duo.SCHOOLS if found.brin6 == SCHOOL)
    rows = [
        ("helpdesk", "", HELPDESK[0]),
        ("helpdesk", "", HELPDESK[1]),
        ("board", duo.BOARDS[BOARD][0], _DIRECTOR[1]),
        ("ict_coordinator", school, _COORDINATOR[1]),
        *(("teacher", school, address) for address in teachers),
        ("parent", school, PARENT),
    ]
    return [
        {
            "role": role,
            "school": place,
            "address": address,
            "password": PASSWORD,
            "app_secret": app_codes.secret_of(address),
        }
        for role, place, address in rows
    ]
