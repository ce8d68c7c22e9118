"""Who lost a phone is helped in, and who must not be in is shut out."""

import re

import pytest

from infra.local import mailbox
from infra.local.house import House
from infra.local.visitor import Visitor
from login import access, browsers
from schoolpoort import authority, credentials, dynamodb, memberships, settings
from tests.login.door import BAS, NOOR, PASSWORD, Door, put_account

CONSOLE = "/console/access"
HELPDESK = "/helpdesk/access"
ILSE = "ilse.van-t-hoff@vlieger.example"
HANNA = "hanna@desk.example"
DAAN = "daan@desk.example"


@pytest.fixture
def school(door: Door) -> Door:
    """Return a school with two coordinators, a teacher with an app, and a helpdesk of two."""
    strong = ["teacher", "ict_coordinator"]
    put_account(NOOR, "7", "school#42", name="Noor de Wit", roles=strong, password=PASSWORD)
    put_account(ILSE, "12", "school#42", name="Ilse van ’t Hoff", roles=strong, password=PASSWORD)
    put_account(HANNA, "21", "helpdesk", name="Hanna", roles=["helpdesk"], password=PASSWORD)
    put_account(DAAN, "22", "helpdesk", name="Daan", roles=["helpdesk"], password=PASSWORD)
    return door


def entered(door: Door, email: str) -> Visitor:
    """Return somebody who is in."""
    visitor = door.visitor()
    door.enter(visitor, email)
    return visitor


def has_second_factor(email: str) -> bool:
    """Say whether an address has a second factor."""
    return credentials.have_second_factor([credentials.staff_key(email)]) == [True]


def mails_after(house: House) -> list[tuple[str, str]]:
    """Let the queues run and return address and subject of every mail, sorted."""
    house.pump_until_idle()
    return sorted((mail["to"][0], mail["subject"]) for mail in mailbox.sent())


def reset(visitor: Visitor, account_id: str) -> str:
    """Press the button of the coordinator's page and return what became of it."""
    form = {"action": "reset", "account_id": account_id}
    return visitor.post(CONSOLE, form).location.partition("done=")[2]


# --- a coordinator --------------------------------------------------------------------------


def test_a_coordinator_sees_who_has_a_second_step(school: Door) -> None:
    """Colleagues by name, with what is known of their second step and what can be done."""
    entered(school, ILSE)
    page = entered(school, NOOR).get(CONSOLE)
    assert page.status == 200
    assert "Ilse van ’t Hoff" in page.text
    assert page.text.count("Tweede stap opnieuw laten beginnen") == 1
    assert "Bas Buis" not in page.text


def test_a_coordinator_resets_a_colleague(school: Door) -> None:
    """The colleague is signed out, needs an app again, and all who must know get a mail."""
    ilse = entered(school, ILSE)
    noor = entered(school, NOOR)
    assert reset(noor, "12") == "done"
    assert not has_second_factor(ILSE)
    assert ilse.get("/account").location.startswith("/login")
    assert mails_after(school.house) == [
        (ILSE, "Je tweede stap begint opnieuw"),
        (NOOR, "De tweede stap van een collega begint opnieuw"),
    ]
    assert school.sign_in(school.visitor(), ILSE).location == "/login/second-factor"
    assert noor.get(CONSOLE).status == 200


def test_the_mail_of_a_reset_names_nobody(school: Door) -> None:
    """No name and no address of the colleague travels in the mail of another."""
    entered(school, ILSE)
    reset(entered(school, NOOR), "12")
    school.house.pump_until_idle()
    (mail,) = [mail for mail in mailbox.sent() if mail["to"] == [NOOR]]
    assert "Ilse" not in mail["text"] + mail["html"] + mail["subject"]
    assert ILSE not in mail["text"] + mail["html"]


def test_nobody_resets_himself(school: Door) -> None:
    """A stolen session cannot be made a session without a second factor."""
    assert reset(entered(school, NOOR), "7") == "own"
    assert has_second_factor(NOOR)


@pytest.mark.parametrize("account_id", ["8", "21", "999", ""])
def test_a_coordinator_reaches_nobody_elsewhere(school: Door, account_id: str) -> None:
    """People of a board, the helpdesk or another school are out of reach."""
    entered(school, BAS)
    noor = entered(school, NOOR)
    assert reset(noor, account_id) == "nothing"
    assert has_second_factor(BAS)
    ended = noor.post(CONSOLE, {"action": "end", "account_id": account_id})
    assert ended.status == 400


def test_a_reset_asks_who_it_is_after_a_quarter(school: Door) -> None:
    """An open screen in the staff room resets nothing."""
    entered(school, ILSE)
    noor = entered(school, NOOR)
    school.move_clock(authority.CONFIRMATION_LIFE_S)
    answer = noor.post(CONSOLE, {"action": "reset", "account_id": "12"})
    assert answer.location == f"/account/confirm?next={CONSOLE}"
    assert has_second_factor(ILSE)


def test_a_coordinator_signs_a_colleague_out(school: Door) -> None:
    """Every browser of that colleague has to sign in again; others do not notice."""
    first, second = entered(school, ILSE), entered(school, ILSE)
    noor = entered(school, NOOR)
    noor.post(CONSOLE, {"action": "end", "account_id": "12"})
    for visitor in (first, second):
        assert visitor.get("/account").location.startswith("/login")
    assert noor.get("/account").status == 200


def test_a_coordinator_signs_the_school_out(school: Door) -> None:
    """All of the school but the coordinator's own browser; another scope stays in."""
    ilse, bas = entered(school, ILSE), entered(school, BAS)
    noor = entered(school, NOOR)
    assert noor.post(CONSOLE, {"action": "end_all"}).location == f"{CONSOLE}?done=all_ended"
    assert ilse.get("/account").location.startswith("/login")
    assert (bas.get("/account").status, noor.get("/account").status) == (200, 200)


def test_an_unknown_button_changes_nothing(school: Door) -> None:
    """A form that no page of ours sends is refused."""
    assert entered(school, NOOR).post(CONSOLE, {"action": "delete"}).status == 400


def test_a_teacher_has_no_such_page(school: Door) -> None:
    """Only coordinators of a school see and use it."""
    put_account(
        "t@vlieger.example", "30", "school#42", name="T", roles=["teacher"], password=PASSWORD
    )
    teacher = entered(school, "t@vlieger.example")
    assert teacher.get(CONSOLE).status == 403
    assert teacher.post(CONSOLE, {"action": "end_all"}).status == 403


# --- the helpdesk ---------------------------------------------------------------------------


def ask(visitor: Visitor, email: str) -> str:
    """Fill in an address at the helpdesk and return what became of it."""
    return visitor.post(HELPDESK, {"email": email}).location.partition("done=")[2]


def test_two_people_of_the_helpdesk_reset(school: Door) -> None:
    """The first asks, the second does it; the person gets a mail."""
    entered(school, BAS)
    hanna, daan = entered(school, HANNA), entered(school, DAAN)
    assert ask(hanna, BAS) == "first"
    assert has_second_factor(BAS)
    assert ask(hanna, BAS) == "same_person"
    assert has_second_factor(BAS)
    assert ask(daan, f" {BAS.upper()} ") == "done"
    assert not has_second_factor(BAS)
    assert mails_after(school.house) == [(BAS, "Je tweede stap begint opnieuw")]


def test_a_request_is_forgotten_after_a_day(school: Door) -> None:
    """What one person asked yesterday is not what another agrees to today."""
    entered(school, BAS)
    assert ask(entered(school, HANNA), BAS) == "first"
    school.move_clock(access.ASKED_LIFE_S)
    assert ask(entered(school, DAAN), BAS) == "first"
    assert has_second_factor(BAS)


def test_a_reset_is_used_up(school: Door) -> None:
    """After a reset it takes two people again."""
    entered(school, BAS)
    hanna, daan = entered(school, HANNA), entered(school, DAAN)
    ask(hanna, BAS)
    ask(daan, BAS)
    entered(school, BAS)
    assert ask(daan, BAS) == "first"


@pytest.mark.parametrize("email", ["", "x", "niemand@vlieger.example", "bas@\x00", "a" * 5000])
def test_an_address_without_a_second_step_is_told(school: Door, email: str) -> None:
    """Unknown and broken addresses give one answer."""
    assert ask(entered(school, HANNA), email) == "nothing"


def test_the_helpdesk_does_not_reset_itself(school: Door) -> None:
    """The two people are two others."""
    hanna, daan = entered(school, HANNA), entered(school, DAAN)
    assert ask(hanna, HANNA) == "own"
    assert ask(daan, HANNA) == "first"
    assert ask(hanna, HANNA) == "own"
    assert has_second_factor(HANNA)


# --- one's own sessions ---------------------------------------------------------------------


def test_the_account_lists_where_one_is_signed_in(door: Door) -> None:
    """Each browser by a name that one recognises, this one marked."""
    first, second = door.visitor(), door.visitor()
    door.sign_in(first)
    door.sign_in(second)
    page = second.get("/account").text
    assert page.count("Daar uitloggen") == 1
    assert page.count("Sinds ") == 2


def test_one_signs_out_elsewhere(door: Door) -> None:
    """The other browser has to sign in again, this one goes on, and it is recorded."""
    first, second, third = door.visitor(), door.visitor(), door.visitor()
    for visitor in (first, second, third):
        door.sign_in(visitor)
    found = re.search(r'name="ref" value="([^"]+)"', third.get("/account").text)
    assert found
    assert third.post("/account/sessions", {"ref": found[1]}).status == 303
    states = sorted(visitor.get("/account").status for visitor in (first, second, third))
    assert states == [200, 200, 303]
    third.post("/account/sessions")
    assert [visitor.get("/account").status for visitor in (first, second, third)] == [303, 303, 200]
    assert "sessions_ended" in {event["action"] for event in door.events()}


def test_nobody_ends_a_session_of_another(door: Door) -> None:
    """A reference to somebody else's session ends nothing."""
    bas = door.visitor()
    door.enter(bas, BAS)
    (item,) = [item for item in door.items("SESSIONS_TABLE") if item["account_id"] == "8"]
    noor = door.visitor()
    door.sign_in(noor)
    noor.post("/account/sessions", {"ref": item["session_hash"][:16]})
    assert bas.get("/account").status == 200


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Firefox/140.0", "Firefox, Windows"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541) Chrome/141.0 Safari/537.36", "Chrome, Chromebook"),
        ("Mozilla/5.0 (iPad; CPU OS 18_0) Version/18.0 Safari/604.1", "Safari, iPad"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/141 Safari/537 Edg/141", "Edge, Windows"),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_a_browser_has_a_name(user_agent: str, name: str) -> None:
    """Two words of a long header, or none."""
    assert browsers.name_of(user_agent) == name


def test_a_lost_membership_is_no_colleague(school: Door) -> None:
    """Who left the school a moment ago is not reset from there any more."""
    entered(school, ILSE)
    noor = entered(school, NOOR)
    dynamodb.delete(settings.require("ACCOUNTS_TABLE"), {"account_id": "12", "scope": "school#42"})
    assert memberships.of_account("12") == []
    assert reset(noor, "12") == "nothing"
    assert has_second_factor(ILSE)
