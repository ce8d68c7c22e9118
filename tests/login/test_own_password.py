"""Somebody who is in chooses another password."""

import pytest

from infra.local.stand_ins import google
from infra.local.visitor import Answer, Visitor
from login import store
from schoolpoort import captcha, credentials, dynamodb, sessions
from schoolpoort.errors import TransactionRefused
from tests.login.door import BAS, NOOR, PASSWORD, Door

PLACE = "/account/password"
NEW = "Regen op zinken 3"


@pytest.fixture
def noor(door: Door, visitor: Visitor) -> Visitor:
    """Return the teacher's browser, signed in a moment ago."""
    door.enter(visitor)
    return visitor


def choose(
    visitor: Visitor, password: str = NEW, again: str | None = None, **fields: str
) -> Answer:
    """Send the form with a fresh captcha token."""
    both = {"password": password, "password_again": password if again is None else again}
    return visitor.post(PLACE, {**both, captcha.FIELD: google.issue_token(), **fields})


def test_the_new_password_opens_and_the_old_one_does_not(door: Door, noor: Visitor) -> None:
    """The page says that it is done, and it holds from that moment."""
    answer = choose(noor)
    assert (answer.status, answer.location) == (303, "/account?done=password")
    assert "Je wachtwoord is gewijzigd" in noor.get(answer.location).text
    assert door.sign_in(door.visitor()).status == 401
    assert door.sign_in(door.visitor(), password=NEW).status == 303
    assert [event["action"] for event in door.events()].count("password_set") == 1


def test_everybody_else_is_signed_out(door: Door, noor: Visitor) -> None:
    """Who holds another session of the account, or a copy of this one's cookie, is out."""
    thief, copy = door.visitor(), door.visitor()
    door.enter(thief)
    copy.cookies = dict(noor.cookies)
    assert choose(noor).status == 303
    for shut_out in (thief, copy):
        assert shut_out.get("/account").location.startswith("/login")
    assert noor.get("/account").status == 200


def test_the_owner_hears_of_it(door: Door, noor: Visitor) -> None:
    """A mail tells the owner once, at the address of the account."""
    choose(noor)
    door.house.pump_until_idle()
    [mail] = [mail for mail in door.house.mails() if NOOR in mail["to"]]
    assert "wachtwoord" in mail["subject"].lower()
    assert NEW not in mail["text"]


def test_the_old_password_is_asked_first(door: Door, noor: Visitor) -> None:
    """Who left the browser open a while ago shows again who he is; nothing changes before that."""
    door.move_clock(50 * 60)
    asked = noor.get(PLACE)
    assert (asked.status, asked.location) == (303, f"/account/confirm?next={PLACE}")
    assert choose(noor).status == 303
    assert door.sign_in(door.visitor()).status == 303


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("", "", "Vul een wachtwoord in"),
        ("kort1", "kort1", "te kort"),
        ("x1" * 11, "x1" * 11, "te lang"),
        ("alleenletters", "alleenletters", "cijfer"),
        (NEW, NEW + "x", "niet hetzelfde"),
        ("Vlieger2026", "Vlieger2026", "raadt een ander snel"),
    ],
)
def test_what_is_wrong_is_said(
    door: Door, noor: Visitor, password: str, again: str, said: str
) -> None:
    """Each rule has its own words, and the password stays as it was."""
    answer = choose(noor, password, again)
    assert (answer.status, said in answer.text) == (400, True)
    assert not password or f'value="{password}"' not in answer.text
    assert door.sign_in(door.visitor()).status == 303


def test_who_insists_keeps_a_guessable_one(door: Door, noor: Visitor) -> None:
    """A teacher is warned, and decides."""
    warned = choose(noor, "Vlieger2026")
    assert 'name="insist"' in warned.text
    assert choose(noor, "Vlieger2026", insist="yes").status == 303
    assert door.sign_in(door.visitor(), password="Vlieger2026").status == 303


def test_a_board_member_has_to_choose_another(door: Door, visitor: Visitor) -> None:
    """Of an account on which many children depend a guessable password is refused."""
    door.enter(visitor, BAS)
    refused = choose(visitor, "Welkom2026", insist="yes")
    assert refused.status == 400
    assert "hangt veel af" in refused.text
    assert 'name="insist"' not in refused.text
    assert door.sign_in(door.visitor(), BAS, PASSWORD).status == 303


def test_a_machine_changes_nothing(door: Door, noor: Visitor) -> None:
    """A failed check, an unreachable one and a used token leave the password alone."""
    used = google.issue_token()
    door.sign_in(door.visitor(), token=used)
    assert choose(noor, **{captcha.FIELD: used}).status == 403
    google.set_mode("fail")
    assert choose(noor).status == 403
    google.set_mode("down")
    assert choose(noor).status == 503
    google.set_mode("pass")
    assert door.sign_in(door.visitor()).status == 303


def test_of_two_changes_at_once_one_holds(
    door: Door, noor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes second is told that it changed meanwhile."""

    def meets_another(*_: object, **__: object) -> None:
        raise TransactionRefused(("None", "None", "ConditionalCheckFailed"))

    with monkeypatch.context() as patch:
        patch.setattr(store, "start_session", meets_another)
        assert choose(noor).status == 409
    assert door.sign_in(door.visitor()).status == 303


def test_a_link_of_before_is_dead(door: Door, noor: Visitor) -> None:
    """The change moves the version on that every mailed link names."""
    before = credentials.find(credentials.staff_key(NOOR))
    choose(noor)
    after = credentials.find(credentials.staff_key(NOOR))
    assert before is not None
    assert after is not None
    assert after.password_version == before.password_version + 1
    with pytest.raises(TransactionRefused):
        dynamodb.transact([credentials.set_password(before, "another")])
    assert sessions.COOKIE_NAME in noor.cookies
