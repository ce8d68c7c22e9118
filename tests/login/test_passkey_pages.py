"""Passkeys at the door: signing in, the second step, a sensitive act, and one's own list."""

import html
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from infra.local.stand_ins import google
from infra.local.visitor import Answer, Visitor
from login import passkey_challenges, passkey_questions, passkeys
from schoolpoort import authority, captcha, credentials, memberships, pepper_keys
from schoolpoort.second_factors import Passkey, SecondFactor
from schoolpoort.settings import require_url
from tests.amounts import often
from tests.login.authenticator import Authenticator, tampered
from tests.login.door import BAS, NOOR, PASSWORD, Door, put_account

PLACE = "/account/passkeys"
ASK = "/login/passkey/question"
SIGN_IN = "/login/passkey"
CODE = "/login/code/passkey"
SET_UP = "/login/second-factor/passkey"
CONFIRM = "/account/confirm/passkey"
NOT_HERE = "Deze passkey werkt hier niet"


@pytest.fixture
def device(door: Door) -> Authenticator:
    """Return a device of somebody's own."""
    return Authenticator(origin=require_url("PUBLIC_BASE_URL"))


@pytest.fixture
def noor(door: Door, device: Authenticator) -> Visitor:
    """Return a teacher who has just signed in and added a passkey."""
    visitor = door.visitor()
    door.enter(visitor)
    assert add(visitor, device).text.count("<li><code>") == 10
    return visitor


def question(shown: Answer) -> dict[str, Any]:
    """Return what a page asks the browser."""
    found = re.search(r'data-question="([^"]+)"', shown.text)
    assert found, shown.text
    asked: dict[str, Any] = json.loads(html.unescape(found[1]))
    return asked


def add(visitor: Visitor, device: Authenticator, name: str = "Laptop") -> Answer:
    """Add a passkey on the page of one's own."""
    answer = device.make(question(visitor.get(PLACE)))
    return visitor.post(PLACE, {"credential": answer, "name": name})


def asked(visitor: Visitor) -> dict[str, Any]:
    """Return what the page of signing in has its browser ask."""
    answer = visitor.post(ASK)
    assert answer.status == 200
    found: dict[str, Any] = json.loads(answer.text)
    return found


def sign_in(visitor: Visitor, device: Authenticator, **fields: str) -> Answer:
    """Sign in with a passkey alone."""
    return visitor.post(SIGN_IN, {"credential": device.show(asked(visitor)), **fields})


def shut_out(door: Door, device: Authenticator) -> str:
    """Return what somebody with a passkey that does not count is told."""
    visitor = door.visitor()
    return refused(visitor, sign_in(visitor, device))


def factor_of(email: str = NOOR) -> SecondFactor | None:
    """Return what stands for an address."""
    found = credentials.find(credentials.staff_key(email))
    assert found is not None
    return found.second_factor


def kept(email: str = NOOR) -> list[Passkey]:
    """Return the passkeys that stand for an address."""
    factor = factor_of(email)
    return list(factor.passkeys.values()) if factor else []


def reasons(door: Door, action: str) -> list[tuple[str, str]]:
    """Return how attempts of a kind ended; those of one second stand in any order."""
    return [(one["outcome"], one["reason"]) for one in door.events() if one["action"] == action]


def refused(visitor: Visitor, answer: Answer) -> str:
    """Return what the page that somebody is sent back to says is the matter."""
    assert (answer.status, "refused=" in answer.location) == (303, True), answer.location
    return visitor.get(answer.location).text


def news(door: Door) -> list[str]:
    """Return what mails about passkeys were asked for."""
    door.house.pump_until_idle()
    return [one["subject"] for one in reversed(door.house.mails()) if "passkey" in one["subject"]]


# --- one's own passkeys -------------------------------------------------------------------------


def test_a_passkey_is_added_named_used_and_taken_away(
    door: Door, noor: Visitor, device: Authenticator
) -> None:
    """The page shows its name and last use; without it the password is enough again."""
    shown = noor.get(PLACE).text
    assert "Laptop" in shown
    assert "nog niet gebruikt" in shown
    assert sign_in(door.visitor(), device).location == "/apps"
    assert "laatst gebruikt op" in noor.get(PLACE).text
    (one,) = kept()
    gone = noor.post(PLACE, {"action": "remove", "ref": passkeys.ref_of(one.credential_id)})
    assert gone.location == f"{PLACE}?done=removed"
    assert factor_of() is None
    assert door.sign_in(door.visitor()).location == "/apps"
    assert NOT_HERE in shut_out(door, device)
    assert reasons(door, "passkey_added") == [("done", "asked")]
    assert reasons(door, "passkey_removed") == [("done", "asked")]
    assert news(door) == [
        "Er is een passkey aan je account toegevoegd",
        "Er is een passkey van je account weggehaald",
    ]


def test_several_passkeys_stand_beside_each_other(
    door: Door, noor: Visitor, device: Authenticator
) -> None:
    """The second one brings no new codes for paper, and taking one away leaves the other."""
    answer = add(noor, device, "Telefoon")
    assert answer.location == f"{PLACE}?done=added"
    assert sorted(one.name for one in kept()) == ["Laptop", "Telefoon"]
    noor.post(PLACE, {"action": "remove", "ref": passkeys.ref_of(kept()[0].credential_id)})
    assert len(kept()) == 1
    assert factor_of() is not None


def test_ten_passkeys_are_enough(door: Door, noor: Visitor, device: Authenticator) -> None:
    """The eleventh is refused, and the page says what to do."""
    answers = noor.get(PLACE)
    late = question(answers)
    for _ in range(passkeys.MOST - 1):
        assert add(noor, device).status == 303
    assert "data-question" not in noor.get(PLACE).text
    full = noor.post(PLACE, {"credential": device.make(late)})
    assert (full.status, "zoveel passkeys" in full.text) == (409, True)
    assert len(kept()) == passkeys.MOST


def test_the_last_second_step_of_a_strong_role_stays(door: Door, device: Authenticator) -> None:
    """A board member with a passkey alone cannot take it away; with an app beside it he can."""
    bas = with_passkey_only(door, device)
    (one,) = kept(BAS)
    ref = {"action": "remove", "ref": passkeys.ref_of(one.credential_id)}
    stays = bas.post(PLACE, ref)
    assert (stays.status, "Je laatste passkey blijft" in stays.text) == (409, True)
    assert reasons(door, "passkey_removed") == [("refused", "needed")]
    add(bas, device, "Telefoon")
    assert bas.post(PLACE, ref).location == f"{PLACE}?done=removed"
    assert len(kept(BAS)) == 1


def test_a_name_is_cut_and_kept_to_one_line(
    door: Door, noor: Visitor, device: Authenticator
) -> None:
    """Control characters and a novel are no name; without one it is the browser's."""
    add(noor, device, "  a\x00b\n<b>" + "x" * 100)
    assert kept()[1].name == "ab <b>" + "x" * 34
    assert "&lt;b&gt;" in noor.get(PLACE).text


def test_before_that_the_person_shows_who_it_is(door: Door, noor: Visitor) -> None:
    """Page and form ask for it after a quarter."""
    door.move_clock(authority.CONFIRMATION_LIFE_S)
    assert noor.get(PLACE).location == f"/account/confirm?next={PLACE}"
    assert noor.post(PLACE, {"action": "remove"}).location == f"/account/confirm?next={PLACE}"


def test_a_passkey_that_is_gone_takes_nothing_away(door: Door, noor: Visitor) -> None:
    """A form of an old page leads back to the page of today."""
    assert noor.post(PLACE, {"action": "remove", "ref": "0" * 32}).location == PLACE
    assert len(kept()) == 1


@pytest.mark.parametrize("name", ["origin", "host"])
def test_a_passkey_for_another_place_is_not_kept(door: Door, noor: Visitor, name: str) -> None:
    """What another site had made is worth nothing here."""
    elsewhere = Authenticator(origin=require_url("PUBLIC_BASE_URL"))
    setattr(elsewhere, name, "https://evil.example" if name == "origin" else "evil.example")
    answer = add(noor, elsewhere)
    assert (answer.status, NOT_HERE in answer.text) == (400, True)
    assert ("refused", "passkey_invalid") in reasons(door, "passkey_added")
    assert len(kept()) == 1


def test_the_question_of_one_browser_is_none_of_another(
    door: Door, noor: Visitor, device: Authenticator
) -> None:
    """An answer counts in the session whose page asked for it."""
    other = door.visitor()
    sign_in(other, device)
    answer = device.make(question(other.get(PLACE)))
    assert noor.post(PLACE, {"credential": answer}).status == 400
    assert ("refused", "passkey_late") in reasons(door, "passkey_added")


def test_password_apps_find_the_page(door: Door, visitor: Visitor) -> None:
    """Where somebody makes a passkey instead of the password that the app keeps for us."""
    place = f"{require_url('PUBLIC_BASE_URL')}{PLACE}"
    told = json.loads(visitor.get("/.well-known/passkey-endpoints").text)
    assert told == {"enroll": place, "manage": place}


# --- as the first factor ------------------------------------------------------------------------


def test_a_passkey_alone_lets_in_with_both_factors(door: Door, device: Authenticator) -> None:
    """A board member is at his page at once: nothing else is asked, three calls beside."""
    with_passkey_only(door, device)
    visitor = door.visitor()
    asked_now = asked(visitor)
    assert asked_now["allowCredentials"] == []
    answer = device.show(asked_now)
    door.calls.clear()
    assert visitor.post(SIGN_IN, {"credential": answer}).location == "/board"
    assert door.calls == ["Query", "BatchGetItem", "TransactWriteItems"]
    assert visitor.get("/board").status == 200
    assert ("done", "passkey") in reasons(door, "sign_in")


def test_a_function_that_has_just_started_opens_the_pepper_itself(
    door: Door, noor: Visitor, device: Authenticator
) -> None:
    """Question and answer are of two functions, each with the right to the key of both."""
    visitor = door.visitor()
    answer = {"credential": device.show(asked(visitor))}
    pepper_keys.forget()
    assert visitor.post(SIGN_IN, answer).location == "/apps"


def test_it_goes_on_to_the_page_that_was_asked_for(
    door: Door, noor: Visitor, device: Authenticator
) -> None:
    """And never to another site."""
    assert sign_in(door.visitor(), device, next="/groups").location == "/groups"
    assert sign_in(door.visitor(), device, next="https://evil.example").location == "/apps"


def test_who_works_at_several_places_chooses(
    door: Door, noor: Visitor, device: Authenticator
) -> None:
    """The choice follows, with the proof kept."""
    put_account(NOOR, "7", "school#43", name="Noor", roles=["ict_coordinator"], password=PASSWORD)
    # Written anew, the account has lost its passkeys: the teacher adds one again.
    assert add(noor, device).status == 200
    visitor = door.visitor()
    assert sign_in(visitor, device).location == "/login/choice"
    assert visitor.post("/login/choice", {"scope": "school#43"}).location == "/apps"
    assert visitor.get("/console/access").status == 200


def test_an_answer_lets_in_once(door: Door, noor: Visitor, device: Authenticator) -> None:
    """The same answer again is refused, in the same browser and in any other."""
    visitor = door.visitor()
    answer = {"credential": device.show(asked(visitor))}
    assert visitor.post(SIGN_IN, answer).status == 303
    assert "Dat duurde te lang" in refused(visitor, visitor.post(SIGN_IN, answer))
    other = door.visitor()
    assert "Dat duurde te lang" in refused(other, other.post(SIGN_IN, answer))
    assert not any(one.suspected_at_epoch_s for one in kept())


def test_an_answer_of_a_device_that_does_not_count_lets_in_once(
    door: Door, noor: Visitor, device: Authenticator
) -> None:
    """Where no counter tells, the challenge does."""
    add(noor, device)
    device.step = 0
    visitor = door.visitor()
    answer = {"credential": device.show(asked(visitor))}
    assert visitor.post(SIGN_IN, answer).location == "/apps"
    assert "Dat duurde te lang" in refused(visitor, visitor.post(SIGN_IN, answer))
    assert ("refused", "passkey_used") in reasons(door, "sign_in")


@pytest.mark.soak
def test_of_fifty_with_one_answer_exactly_one_is_in(
    door: Door, noor: Visitor, device: Authenticator
) -> None:
    """However many send it at the same moment."""
    device.step = 0
    for _ in range(often(2)):
        first = door.visitor()
        answer = {"credential": device.show(asked(first))}
        crowd = [Visitor(first.answer, cookies=dict(first.cookies)) for _ in range(50)]
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(Visitor.post, crowd, [SIGN_IN] * 50, [answer] * 50))
        places = [one.location for one in answers]
        assert places.count("/apps") == 1, places


def test_a_question_holds_for_a_quarter(door: Door, noor: Visitor, device: Authenticator) -> None:
    """After that it is asked anew."""
    visitor = door.visitor()
    answer = device.show(asked(visitor))
    door.move_clock(passkey_challenges.LIFE_S)
    sent = visitor.post(SIGN_IN, {"credential": answer, "next": "/groups"})
    assert "Dat duurde te lang" in refused(visitor, sent)
    assert 'name="next" value="/groups"' in visitor.get(sent.location).text
    assert ("refused", "passkey_late") in reasons(door, "sign_in")


def test_an_answer_of_another_browser_does_not_let_in(
    door: Door, noor: Visitor, device: Authenticator
) -> None:
    """Who tricks somebody into signing a question of his own gains nothing."""
    thief, victim = door.visitor(), door.visitor()
    answer = {"credential": device.show(asked(thief))}
    asked(victim)
    assert "Dat duurde te lang" in refused(victim, victim.post(SIGN_IN, answer))
    victim.cookies.pop(passkey_questions.COOKIE_NAME)
    assert "Dat duurde te lang" in refused(victim, victim.post(SIGN_IN, answer))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"origin": "https://evil.example"}, "passkey_invalid"),
        ({"host": "evil.example"}, "passkey_invalid"),
        ({"is_verified": False}, "passkey_invalid"),
        ({"is_present": False}, "passkey_invalid"),
        ({"is_framed": True}, "passkey_malformed"),
    ],
)
def test_a_wrong_answer_does_not_let_in(
    door: Door, noor: Visitor, device: Authenticator, change: dict[str, Any], reason: str
) -> None:
    """The page says that it does not work; why stands in the record."""
    for name, value in change.items():
        setattr(device, name, value)
    visitor = door.visitor()
    assert NOT_HERE in refused(visitor, sign_in(visitor, device))
    assert ("refused", reason) in reasons(door, "sign_in")
    assert visitor.get("/account").status == 303


def test_a_changed_signature_does_not_let_in(
    door: Door, noor: Visitor, device: Authenticator
) -> None:
    """One bit is enough."""
    visitor = door.visitor()
    answer = tampered(device.show(asked(visitor)), "signature")
    assert NOT_HERE in refused(visitor, visitor.post(SIGN_IN, {"credential": answer}))


@pytest.mark.parametrize("handle", ["7", "8", "nobody", ""])
def test_a_key_that_nobody_has_does_not_let_in(
    door: Door, noor: Visitor, device: Authenticator, handle: str
) -> None:
    """Whoever it says that it belongs to."""
    stranger = Authenticator(origin=device.origin)
    stranger.make(question(noor.get(PLACE)))
    stranger.keys[-1].user_handle = passkey_challenges.encoded(handle.encode())
    assert NOT_HERE in shut_out(door, stranger)
    assert ("refused", "passkey_unknown") in reasons(door, "sign_in")


def test_a_key_does_not_open_the_account_of_another(
    door: Door, noor: Visitor, device: Authenticator
) -> None:
    """A true passkey of one person that names another lets nobody in."""
    device.keys[-1].user_handle = passkey_challenges.encoded(b"8")
    assert NOT_HERE in shut_out(door, device)


def test_a_copied_key_is_refused_told_and_marked(
    door: Door, noor: Visitor, device: Authenticator
) -> None:
    """The count of the copy was used before: nobody gets in, and the owner hears of it once."""
    assert sign_in(door.visitor(), device).status == 303
    device.keys[-1].count -= 1
    visitor = door.visitor()
    answer = {"credential": device.show(asked(visitor))}
    assert "misschien gekopieerd" in refused(visitor, visitor.post(SIGN_IN, answer))
    assert "Dat duurde te lang" in refused(visitor, visitor.post(SIGN_IN, answer))
    assert ("refused", "passkey_copied") in reasons(door, "sign_in")
    assert "Misschien gekopieerd: haal hem weg" in noor.get(PLACE).text
    assert news(door).count("Een passkey van je account is misschien gekopieerd") == 1


def test_without_a_place_to_work_a_passkey_does_not_let_in(
    door: Door, noor: Visitor, device: Authenticator
) -> None:
    """Who is linked to no school any more stays out, as with the password."""
    memberships.suspend("school#42", NOOR)
    assert NOT_HERE in shut_out(door, device)


@pytest.mark.parametrize("text", ["", "null", "[" * 15_000, '{"id":"x"}', "\x00"])
def test_what_is_no_answer_gets_a_page(door: Door, text: str) -> None:
    """Nothing of that kind is an error of ours."""
    visitor = door.visitor()
    assert NOT_HERE in refused(visitor, visitor.post(SIGN_IN, {"credential": text}))


def test_another_site_cannot_ask_or_answer(door: Door, visitor: Visitor) -> None:
    """A form of another page is refused before anything is looked at."""
    for path in (ASK, SIGN_IN):
        assert visitor.post(path, sec_fetch_site="cross-site").status == 403


def test_showing_the_page_of_signing_in_costs_nothing_more(door: Door, visitor: Visitor) -> None:
    """The question comes by the script; the page itself makes no call and sets no cookie."""
    door.calls.clear()
    shown = visitor.get("/login")
    assert (door.calls, shown.set_cookies) == ([], ())
    assert 'autocomplete="username webauthn"' in shown.text
    assert "Voor een passkey is JavaScript nodig" in shown.text


# --- as the second factor -----------------------------------------------------------------------


def with_passkey_only(door: Door, device: Authenticator) -> Visitor:
    """Return a board member who made a passkey at his first sign-in instead of an app."""
    visitor = door.visitor()
    assert door.sign_in(visitor, BAS).location == "/login/second-factor"
    answer = device.make(question(visitor.get("/login/second-factor")))
    made = visitor.post(SET_UP, {"credential": answer})
    assert (made.status, made.text.count("<li><code>")) == (200, 10)
    assert visitor.get("/board").status == 200
    return visitor


def half_way(door: Door, email: str = BAS) -> Visitor:
    """Return somebody whose password was right and who has a step to go."""
    visitor = door.visitor()
    assert door.sign_in(visitor, email).location == "/login/code"
    return visitor


def test_a_passkey_is_enough_where_a_second_step_is_required(
    door: Door, device: Authenticator
) -> None:
    """A board member sets one up on the way in, and shows it after the password from then on."""
    with_passkey_only(door, device)
    visitor = half_way(door)
    shown = visitor.get("/login/code")
    assert "Code van zes cijfers" not in shown.text
    assert [one["id"] for one in question(shown)["allowCredentials"]] == [
        kept(BAS)[0].credential_id
    ]
    answer = device.show(question(shown))
    assert visitor.post(CODE, {"credential": answer}).location == "/board"
    assert visitor.get("/board").status == 200
    assert ("done", "second_passkey") in reasons(door, "sign_in")
    assert news(door) == ["Er is een passkey aan je account toegevoegd"]


def test_a_code_on_paper_lets_in_who_has_a_passkey_alone(door: Door, device: Authenticator) -> None:
    """For the day that the device is not there; six digits of no app are a wrong code."""
    visitor = door.visitor()
    door.sign_in(visitor, BAS)
    answer = device.make(question(visitor.get("/login/second-factor")))
    made = visitor.post(SET_UP, {"credential": answer})
    code = made.text.split("<li><code>")[1].partition("<")[0]
    later = half_way(door)
    assert later.post("/login/code", {"code": "123456"}).status == 401
    assert later.post("/login/code", {"code": code}).location == "/board"
    assert half_way(door).post("/login/code", {"code": code}).status == 401


def test_app_and_passkey_stand_beside_each_other(door: Door, device: Authenticator) -> None:
    """Either of them is the second step, and setting up another app leaves the passkey."""
    bas = door.visitor()
    door.enter(bas, BAS)
    assert add(bas, device).location == f"{PLACE}?done=added"
    assert half_way(door).post("/login/code", {"code": door.code(BAS)}).status == 303
    visitor = half_way(door)
    shown = visitor.get("/login/code")
    assert "Code van zes cijfers" in shown.text
    assert visitor.post(CODE, {"credential": device.show(question(shown))}).location == "/board"
    page = bas.post("/account/second-factor", {"action": "renew"})
    form = {**page.hidden_fields(), "code": "000000"}
    assert bas.post("/account/second-factor", form).status == 400
    assert len(kept(BAS)) == 1


def test_the_passkey_of_another_is_no_second_step(door: Door, device: Authenticator) -> None:
    """A true passkey of another account is refused, and an answer for signing in is as well."""
    with_passkey_only(door, device)
    other = Authenticator(origin=device.origin)
    noor = door.visitor()
    door.enter(noor)
    add(noor, other)
    visitor = half_way(door)
    sent = visitor.post(CODE, {"credential": other.show(question(visitor.get("/login/code")))})
    assert NOT_HERE in refused(visitor, sent)
    assert reasons(door, "second_factor") == [("refused", "passkey_unknown")]
    for_signing_in = {"credential": device.show(asked(visitor))}
    assert "Dat duurde te lang" in refused(visitor, visitor.post(CODE, for_signing_in))
    assert visitor.get("/board").status == 303


def test_an_answer_is_a_second_step_once(door: Door, device: Authenticator) -> None:
    """The half session that took it is gone; another one has another question."""
    with_passkey_only(door, device)
    device.step = 0
    visitor = half_way(door)
    answer = {"credential": device.show(question(visitor.get("/login/code")))}
    twin = Visitor(visitor.answer, cookies=dict(visitor.cookies))
    assert visitor.post(CODE, answer).location == "/board"
    assert twin.post(CODE, answer).location.startswith("/login")
    other = half_way(door)
    assert "Dat duurde te lang" in refused(other, other.post(CODE, answer))


def test_who_has_a_second_step_does_not_set_up_another_on_the_way_in(
    door: Door, device: Authenticator
) -> None:
    """The password alone cannot add a passkey to an account that has one."""
    with_passkey_only(door, device)
    assert half_way(door).post(SET_UP, {"credential": "{}"}).location == "/login/code"


def test_a_wrong_first_passkey_stores_nothing(door: Door, device: Authenticator) -> None:
    """The page comes back and says so."""
    visitor = door.visitor()
    door.sign_in(visitor, BAS)
    device.origin = "https://evil.example"
    answer = device.make(question(visitor.get("/login/second-factor")))
    assert NOT_HERE in refused(visitor, visitor.post(SET_UP, {"credential": answer}))
    assert factor_of(BAS) is None


def test_two_browsers_on_the_way_in_set_up_one_second_step(
    door: Door, device: Authenticator
) -> None:
    """The slower one is refused, and enters with what the quicker one made."""
    first, second = door.visitor(), door.visitor()
    for one in (first, second):
        door.sign_in(one, BAS)
    late = device.make(question(second.get("/login/second-factor")))
    answer = device.make(question(first.get("/login/second-factor")))
    assert first.post(SET_UP, {"credential": answer}).status == 200
    assert "refused=passkey_used" in second.post(SET_UP, {"credential": late}).location
    assert len(kept(BAS)) == 1


# --- before a sensitive act ---------------------------------------------------------------------


def test_a_passkey_confirms_who_it_is(door: Door, noor: Visitor, device: Authenticator) -> None:
    """Without password, check and code, for a quarter."""
    door.move_clock(authority.CONFIRMATION_LIFE_S)
    shown = noor.get("/account/confirm")
    form = {"credential": device.show(question(shown)), "next": PLACE}
    assert noor.post(CONFIRM, form).location == PLACE
    assert noor.get(PLACE).status == 200
    assert reasons(door, "confirm") == [("done", "asked")]


def test_a_wrong_passkey_does_not_confirm(door: Door, noor: Visitor, device: Authenticator) -> None:
    """The answer of before, a question for something else, or another place."""
    door.move_clock(authority.CONFIRMATION_LIFE_S)
    form = {"credential": device.show(question(noor.get("/account/confirm")))}
    assert noor.post(CONFIRM, form).location == "/account"
    assert "Dat duurde te lang" in refused(noor, noor.post(CONFIRM, form))
    device.origin = "https://evil.example"
    form = {"credential": device.show(question(noor.get("/account/confirm")))}
    assert NOT_HERE in refused(noor, noor.post(CONFIRM, form))
    assert ("refused", "passkey_invalid") in reasons(door, "confirm")


def test_password_and_code_on_paper_confirm_too(door: Door, device: Authenticator) -> None:
    """Who has a passkey alone, and not at hand, shows the password and a code on paper."""
    visitor = door.visitor()
    door.enter(visitor)
    codes = add(visitor, device).text.split("<li><code>")
    door.move_clock(authority.CONFIRMATION_LIFE_S)
    form = {"password": PASSWORD, captcha.FIELD: google.issue_token()}
    assert visitor.post("/account/confirm", form).status == 401
    form = {
        "password": PASSWORD,
        "code": codes[1].partition("<")[0],
        captcha.FIELD: google.issue_token(),
    }
    assert visitor.post("/account/confirm", form).status == 303


# --- helping who lost it ------------------------------------------------------------------------


def test_a_reset_takes_the_passkeys_away_too(door: Door, device: Authenticator) -> None:
    """A coordinator resets a colleague, and the lost device opens nothing any more."""
    coordinator = "ilse.ict@vlieger.example"
    put_account(
        coordinator, "9", "school#42", name="Ilse", roles=["ict_coordinator"], password=PASSWORD
    )
    noor = door.visitor()
    door.enter(noor)
    add(noor, device)
    ilse = door.visitor()
    door.enter(ilse, coordinator)
    assert 'value="reset"' in ilse.get("/console/access").text
    done = ilse.post("/console/access", {"action": "reset", "account_id": "7"})
    assert done.location == "/console/access?done=done"
    assert factor_of() is None
    assert NOT_HERE in shut_out(door, device)
    assert noor.get("/account").status == 303


def test_stopping_the_second_step_takes_the_passkeys_away(
    door: Door, noor: Visitor, device: Authenticator
) -> None:
    """What is not obliged is left as a whole."""
    shown = noor.get("/account/second-factor").text
    assert "Je passkeys worden dan ook weggehaald" in shown
    assert noor.post("/account/second-factor", {"action": "remove"}).status == 303
    assert factor_of() is None


def test_new_codes_for_paper_leave_the_passkeys(door: Door, noor: Visitor) -> None:
    """Ten other codes, the same passkey, no app."""
    before = factor_of()
    assert before is not None
    made = noor.post("/account/second-factor", {"action": "new_codes"})
    after = factor_of()
    assert after is not None
    assert made.text.count("<li><code>") == 10
    assert after.passkeys == before.passkeys
    assert set(after.recovery_hashes.values()).isdisjoint(before.recovery_hashes.values())
    assert not after.has_app
