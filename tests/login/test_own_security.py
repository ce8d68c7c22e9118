"""Somebody who is in shows again who he is, and looks after his second factor."""

import pytest

from infra.local.stand_ins import google
from infra.local.visitor import Answer, Visitor
from login import throttle
from schoolpoort import authority, captcha, credentials, sessions
from schoolpoort.second_factors import SecondFactor
from tests.login.door import BAS, NOOR, PASSWORD, Door, letters, put_account

PLACE = "/account/second-factor"
CONFIRM = "/account/confirm"


@pytest.fixture
def noor(door: Door) -> Visitor:
    """Return a teacher who has just signed in."""
    visitor = door.visitor()
    door.enter(visitor)
    return visitor


@pytest.fixture
def bas(door: Door) -> Visitor:
    """Return a board member who has just signed in with a code."""
    visitor = door.visitor()
    door.enter(visitor, BAS)
    return visitor


def factor_of(email: str) -> SecondFactor | None:
    """Return what stands for an address."""
    found = credentials.find(credentials.staff_key(email))
    assert found is not None
    return found.second_factor


def set_up(door: Door, visitor: Visitor, shown: Answer, email: str = NOOR) -> Answer:
    """Send the first code of the app that a page sets up."""
    door.apps[email] = letters(shown)
    return visitor.post(PLACE, {**shown.hidden_fields(), "code": door.code(email)})


def later(door: Door) -> None:
    """Let the quarter pass in which nothing is asked again."""
    door.move_clock(authority.CONFIRMATION_LIFE_S)


def confirmed(
    visitor: Visitor, code: str = "", password: str = PASSWORD, path: str = PLACE
) -> Answer:
    """Send the form that asks who it is."""
    form = {"password": password, "code": code, "next": path, captcha.FIELD: google.issue_token()}
    return visitor.post(CONFIRM, form)


# --- the second factor ----------------------------------------------------------------------


def test_a_teacher_may_set_one_up_and_stop_it(door: Door, noor: Visitor) -> None:
    """What is not obliged can be taken and left again; after that the password is enough."""
    answer = set_up(door, noor, noor.get(PLACE))
    assert answer.text.count("<li><code>") == 10
    assert "Stop met de tweede stap" in noor.get(PLACE).text
    assert door.sign_in(door.visitor()).location == "/login/code"
    assert noor.post(PLACE, {"action": "remove"}).status == 303
    assert factor_of(NOOR) is None
    assert door.sign_in(door.visitor()).location == "/apps"


def test_a_board_member_cannot_stop_it(door: Door, bas: Visitor) -> None:
    """The page offers no such thing, and a form that asks for it changes nothing."""
    assert "Stop met de tweede stap" not in bas.get(PLACE).text
    refused = bas.post(PLACE, {"action": "remove"})
    assert (refused.status, "De tweede stap blijft" in refused.text) == (409, True)
    assert factor_of(BAS) is not None
    assert door.sign_in(door.visitor(), BAS).location == "/login/code"


def test_another_phone_takes_the_place_of_the_first(door: Door, bas: Visitor) -> None:
    """The old app works until the first code of the new one is right, and not after."""
    before = factor_of(BAS)
    old = door.apps[BAS]
    shown = bas.post(PLACE, {"action": "renew"})
    assert factor_of(BAS) == before
    assert set_up(door, bas, shown, BAS).status == 200
    assert letters(shown) != old
    visitor = door.visitor()
    door.sign_in(visitor, BAS)
    new, door.apps[BAS] = door.apps[BAS], old
    assert visitor.post("/login/code", {"code": door.code(BAS)}).status == 401
    door.apps[BAS] = new
    assert visitor.post("/login/code", {"code": door.code(BAS)}).status == 303


def test_new_paper_makes_the_old_worthless(door: Door, bas: Visitor) -> None:
    """Ten other codes, the same app."""
    before = factor_of(BAS)
    answer = bas.post(PLACE, {"action": "new_codes"})
    after = factor_of(BAS)
    assert before is not None
    assert after is not None
    assert answer.text.count("<li><code>") == 10
    assert after.wrapped_secret == before.wrapped_secret
    assert set(before.recovery_hashes.values()).isdisjoint(after.recovery_hashes.values())
    assert door.events()[-1]["outcome"] == "done"


def test_who_has_no_second_factor_gets_no_paper(door: Door, noor: Visitor) -> None:
    """Codes on paper belong to an app."""
    assert door.now_epoch_s
    assert noor.post(PLACE, {"action": "new_codes"}).status == 409
    assert factor_of(NOOR) is None


def test_each_change_gives_the_browser_another_secret(door: Door, bas: Visitor) -> None:
    """A cookie that was copied before the change opens nothing after it."""
    before = bas.cookies[sessions.COOKIE_NAME]
    bas.post(PLACE, {"action": "new_codes"})
    assert bas.cookies[sessions.COOKIE_NAME] != before
    thief = door.visitor()
    thief.cookies[sessions.COOKIE_NAME] = before
    assert thief.get("/account").location.startswith("/login")


def test_a_new_coordinator_sets_one_up_and_goes_on(door: Door, noor: Visitor) -> None:
    """Who becomes coordinator while signed in is asked at the next page, and led back to it."""
    roles = ["teacher", "ict_coordinator"]
    put_account(NOOR, "7", "school#42", name="Noor de Wit", roles=roles, password=PASSWORD)
    asked = noor.get("/console/roster")
    assert asked.location == f"{PLACE}?next=/console/roster"
    shown = noor.get(asked.location)
    assert shown.hidden_fields()["next"] == "/console/roster"
    answer = set_up(door, noor, shown)
    assert 'href="/console/roster"' in answer.text
    assert not noor.get("/console/roster").location


# --- is it still you? -----------------------------------------------------------------------


def test_after_a_quarter_the_person_shows_who_it_is(door: Door, noor: Visitor) -> None:
    """Password and check open the page again for a quarter."""
    later(door)
    assert noor.get(PLACE).location == f"{CONFIRM}?next={PLACE}"
    assert noor.post(PLACE, {"action": "new_codes"}).location == f"{CONFIRM}?next={PLACE}"
    done = confirmed(noor)
    assert (done.status, done.location) == (303, PLACE)
    assert noor.get(PLACE).status == 200


def test_with_a_second_factor_a_code_is_asked_too(door: Door, bas: Visitor) -> None:
    """The password alone does not confirm an account that has an app."""
    later(door)
    assert confirmed(bas).status == 401
    assert bas.get(PLACE).status == 303
    assert confirmed(bas, code=door.code(BAS)).status == 303
    assert bas.get(PLACE).status == 200


def test_a_code_confirms_once(door: Door, bas: Visitor) -> None:
    """The code that confirmed cannot be shown again, here or at the door."""
    later(door)
    code = door.code(BAS)
    assert confirmed(bas, code=code).status == 303
    later(door)
    assert confirmed(bas, code=code).status == 401
    visitor = door.visitor()
    door.sign_in(visitor, BAS)
    assert visitor.post("/login/code", {"code": code}).status == 401


def test_confirming_takes_the_budgets_of_the_door(door: Door, noor: Visitor) -> None:
    """An open screen is no place to guess passwords: the budget is that of the browser."""
    later(door)
    for _ in range(throttle.DEVICE.failures):
        assert confirmed(noor, password="helemaal fout 1").status == 401
    waits = confirmed(noor)
    assert (waits.status, "Retry-After".lower() in waits.headers) == (429, True)
    door.move_clock(throttle.TICKET_DELAY_S)
    assert confirmed(noor).status == 303


def test_a_captcha_token_confirms_once(door: Door, noor: Visitor) -> None:
    """The token of one confirmation is refused for the next."""
    later(door)
    form = {"password": PASSWORD, captcha.FIELD: google.issue_token()}
    assert noor.post(CONFIRM, form).status == 303
    assert noor.post(CONFIRM, form).status == 403


def test_confirming_never_leads_out(door: Door, noor: Visitor) -> None:
    """An address of another site is dropped."""
    assert door.now_epoch_s
    assert confirmed(noor, path="https://evil.example").location == "/account"


def test_without_a_session_there_is_nothing_to_confirm(door: Door, visitor: Visitor) -> None:
    """Who is not in is asked to sign in."""
    assert door.now_epoch_s
    for path in (CONFIRM, PLACE):
        assert visitor.get(path).location == f"/login?next={path}"
