"""Why somebody cannot sign in: what the page sees, the code, and who may read what behind it."""

import re
from typing import Any

import pytest

from infra.local import seed
from infra.local.house import House
from infra.local.stand_ins import google
from infra.local.visitor import Answer, Visitor
from login import audit, browsers, traces, trouble, trouble_store
from schoolpoort import clock, credentials, dynamodb, ids
from schoolpoort.settings import require
from tests.signed_in import signed_in

SCHOOL = "school#4242"
OTHER = "school#77"
OLD = "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 Chrome/92.0.4515.107 Safari/537.36"
NEW = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"


def code_of(answer: Answer) -> str:
    """Return the code that the page gives."""
    found = re.search(r'<code class="secret">([A-Z]{4}-[A-Z]{4})</code>', answer.text)
    assert found, answer.text
    return found[1]


def ask(visitor: Visitor, **said: str) -> str:
    """Open the page as a browser does and ask for a code."""
    visitor.get("/trouble")
    return code_of(visitor.post("/trouble", said))


def account(address: str, account_id: str, scope: str, name: str, **more: Any) -> None:
    """Write a colleague who has no password that anybody knows."""
    credential = {"address_key": credentials.staff_key(address), "account_id": account_id}
    dynamodb.put(
        require("CREDENTIALS_TABLE"), credential | {"password_version": 1, "language": "nl"}
    )
    place = {"account_id": account_id, "scope": scope, "scope_name": "De Vlieger"}
    person = {"display_name": name, "address": address, "roles": ["teacher"]}
    dynamodb.put(
        require("ACCOUNTS_TABLE"), place | person | {"activated_at_epoch_s": 1_700_000_000} | more
    )


def attempt(visitor: Visitor, address: str) -> None:
    """Try an address with a wrong password."""
    form = {"email": address, "password": "verkeerd 123", **seed.captcha()}
    assert visitor.post("/login", form).status == 401


@pytest.fixture
def visitor(house: House) -> Visitor:
    """Somebody with a browser, in the house on its seed."""
    return Visitor(house.call)


@pytest.fixture
def coordinator(house: House) -> Visitor:
    """Somebody who looks after who gets in at an invented school."""
    return signed_in(house, "902", SCHOOL, "ict_coordinator")


@pytest.fixture
def helpdesk(house: House) -> Visitor:
    """Somebody of the helpdesk."""
    return signed_in(house, "905", "helpdesk", "helpdesk")


# --- the page ---------------------------------------------------------------------------------


def test_a_browser_that_keeps_cookies_is_in_order(visitor: Visitor) -> None:
    """The first visit goes round once; then there is nothing to say."""
    first = visitor.get("/trouble")
    assert first.status == 303
    shown = visitor.get(first.location)
    assert "is je browser in orde" in shown.text
    assert visitor.get("/trouble").status == 200


def test_blocked_cookies_are_seen_without_javascript(house: House) -> None:
    """A browser that comes back without the cookie is told so, in the language it asked."""
    first = Visitor(house.call).get("/trouble?lang=en&from=home")
    shown = Visitor(house.call).get(first.location)
    assert "Cookies are blocked" in shown.text
    assert 'name="from" value="home"' in shown.text


@pytest.mark.parametrize(
    ("agent", "is_old"),
    [
        (OLD, True),
        (NEW, False),
        ("Mozilla/5.0 (X11; Linux) Gecko/20100101 Firefox/102.0", True),
        ("Mozilla/5.0 (X11; Linux) Gecko/20100101 Firefox/128.0", False),
        ("Mozilla/5.0 (iPad; CPU OS 14_8 like Mac OS X) Version/14.1 Safari/604.1", True),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) CriOS/120 Safari/604.1", False),
        ("Mozilla/5.0 (Macintosh) Version/13.1 Safari/605.1", True),
        ("Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko", True),
        ("Chrome/" + "9" * 6000, False),
        ("curl/8", False),
        ("", False),
    ],
)
def test_a_browser_that_is_too_old(agent: str, *, is_old: bool) -> None:
    """By what it calls itself; who says nothing known is left in peace."""
    assert browsers.is_too_old(agent) is is_old


def test_what_the_browser_says_is_shown_with_the_remedy(visitor: Visitor) -> None:
    """Only words that the page knows count; nonsense is as if nothing was said."""
    visitor.get("/trouble")
    told = visitor.post("/trouble", {"clock": "wrong", "captcha": "blocked", "private": "yes"})
    shown = re.sub(r"<div data-finding.*?</div>\n</div>\s*</div>", "", told.text, flags=re.DOTALL)
    for words in ("De klok van dit apparaat", "wordt hier tegengehouden", "privévenster"):
        assert words in shown
    odd = visitor.post("/trouble", {"clock": "<script>", "captcha": "\0", "private": "x" * 9000})
    assert odd.status == 200
    assert "is je browser in orde" in odd.text


def test_nothing_of_google_on_the_way_of_pupils(visitor: Visitor) -> None:
    """A child's page asks nobody else, whatever is configured."""
    visitor.get("/trouble")
    school = visitor.get("/trouble?from=school")
    assert "_google" not in school.text + school.headers["content-security-policy"]
    staff = visitor.get("/trouble")
    assert "_google" in staff.headers["content-security-policy"]


def test_every_sign_in_page_leads_there(house: House, visitor: Visitor) -> None:
    """Staff, home and school, open or closed."""
    path = house.people[-1]["address"].partition("localhost")[2].partition("/")[2]
    for page in ("/login", "/login/home", f"/{path}"):
        assert 'href="/trouble' in visitor.get(page).text
    away = Visitor(house.call, "198.51.100.200")
    assert 'href="/trouble?from=school"' in away.get(f"/{path}").text


def test_a_network_gets_a_measure_of_codes(house: House, visitor: Visitor) -> None:
    """A machine that asks for thousands is told to wait; another network is not."""
    visitor.get("/trouble")
    answers = [visitor.post("/trouble", {}).status for _ in range(61)]
    assert answers == [200] * 60 + [429]
    elsewhere = Visitor(house.call, "198.51.100.7")
    elsewhere.get("/trouble")
    assert elsewhere.post("/trouble", {}).status == 200


# --- the code ---------------------------------------------------------------------------------


def test_a_code_is_read_however_it_is_typed() -> None:
    """Small letters, spaces and lines are the same code; look-alikes are none."""
    assert trouble.read_code(" bcdf ghjk\n") == "BCDFGHJK"
    assert trouble.read_code("BCDF-GHJK") == "BCDFGHJK"
    for typed in (
        "",
        "BCDF",
        "BCDFGHJKM",
        "BCDFGHJO",
        "BCDFGHJ\0",
        "ßßßß" * 40,
        "ＢＣＤＦＧＨＪＫ",
    ):
        assert trouble.read_code(typed) is None
    assert not set("AEIOULY01") & set(ids.TROUBLE_ALPHABET)


def test_a_code_keeps_no_address_and_no_name(house: House, visitor: Visitor) -> None:
    """What is stored stands under a hash and says only what the browser is like."""
    attempt(visitor, "esther.postma@school-99aa00.example")
    code = ask(visitor)
    key = f"trouble#{ids.sha256_hex(code.replace('-', ''))}"
    item = dynamodb.get(require("THROTTLE_TABLE"), {"budget_key": key})
    assert item is not None
    assert set(item["checks"]) == set(trouble.Checks.__slots__)
    assert "esther" not in str(item)
    assert visitor.source_ip not in str(item)
    assert house.failures == []


def test_a_code_is_over_after_an_hour(house: House, visitor: Visitor, coordinator: Visitor) -> None:
    """Then nobody knows it any more, whether or not the store took it away."""
    code = ask(visitor)
    assert coordinator.post("/console/trouble", {"code": code}).status == 200
    house.move_clock(trouble.CODE_LIFE_S)
    late = signed_in(house, "902", SCHOOL, "ict_coordinator")
    assert late.post("/console/trouble", {"code": code}).status == 404
    assert late.post("/console/trouble", {"code": "%00"}).status == 404


def test_who_opens_a_code_is_recorded(visitor: Visitor, coordinator: Visitor) -> None:
    """The school's own record has it, also when the code was none."""
    coordinator.post("/console/trouble", {"code": ask(visitor)})
    coordinator.post("/console/trouble", {"code": "XXXXXXXX"})
    events = dynamodb.query(
        require("SIGN_IN_EVENTS_TABLE"), "stream = :one", values={":one": SCHOOL}
    )
    assert sorted((one["action"], one["reason"]) for one in events) == [
        ("trouble_read", "asked"),
        ("trouble_read", "code_unknown"),
    ]
    assert "Keek waarom iemand niet kon inloggen" in coordinator.get("/console/events").text


# --- what stands behind it ----------------------------------------------------------------------


def test_a_coordinator_sees_the_cause_of_a_colleague(
    visitor: Visitor, coordinator: Visitor
) -> None:
    """By name, with what helps."""
    account("anna.deboer@vlieger.example", "910", SCHOOL, "Anna de Boer")
    attempt(visitor, "anna.deboer@vlieger.example")
    shown = coordinator.post("/console/trouble", {"code": ask(visitor)})
    assert "Verkeerd wachtwoord" in shown.text
    assert "Anna de Boer" in shown.text
    assert "Wachtwoord vergeten" in shown.text


def test_an_invitation_that_was_not_followed_is_told(
    visitor: Visitor, coordinator: Visitor
) -> None:
    """Another cause than a wrong password, with another remedy."""
    account("anna.deboer@vlieger.example", "910", SCHOOL, "Anna", activated_at_epoch_s=None)
    attempt(visitor, "anna.deboer@vlieger.example")
    shown = coordinator.post("/console/trouble", {"code": ask(visitor)})
    assert "nog nooit een wachtwoord gekozen" in shown.text


def rows_of(answer: Answer) -> list[str]:
    """Return the rows of what was tried, without the time."""
    table = answer.text.partition('id="tries"')[2].partition("</table>")[0]
    return [
        re.sub(r"<time.*?</time>", "", row) for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL)
    ]


def test_a_coordinator_cannot_tell_anothers_person_from_nobody(
    house: House, coordinator: Visitor
) -> None:
    """Two browsers, one with a colleague of another school, one with nobody: the same rows."""
    account("piet.pad@elders.example", "977", OTHER, "Piet Pad")
    stranger, nobody = Visitor(house.call), Visitor(house.call)
    attempt(stranger, "piet.pad@elders.example")
    attempt(nobody, "bestaat.niet@elders.example")
    seen = [coordinator.post("/console/trouble", {"code": ask(one)}) for one in (stranger, nobody)]
    assert rows_of(seen[0]) == rows_of(seen[1])
    assert len(rows_of(seen[0])) == 2
    assert "Een adres dat van niemand op jouw school is" in rows_of(seen[0])[1]
    assert "Piet" not in seen[0].text


def test_the_helpdesk_sees_everybody(house: House, helpdesk: Visitor) -> None:
    """With the place, and an address that nobody has as such."""
    account("piet.pad@elders.example", "977", OTHER, "Piet Pad")
    browser = Visitor(house.call)
    attempt(browser, "piet.pad@elders.example")
    attempt(browser, "bestaat.niet@elders.example")
    shown = helpdesk.post("/helpdesk/trouble", {"code": ask(browser)})
    assert "Piet Pad, De Vlieger" in shown.text
    assert "Niemand heeft dit adres" in shown.text


def test_a_check_that_failed_is_told_to_everybody(visitor: Visitor, coordinator: Visitor) -> None:
    """It is about the browser and not about a person."""
    google.set_mode("fail")
    form = {"email": "wie@dan.example", "password": "verkeerd 123", **seed.captcha()}
    assert visitor.post("/login", form).status == 403
    google.reset()
    shown = coordinator.post("/console/trouble", {"code": ask(visitor)})
    assert "De controle op een mens mislukte" in shown.text


def test_another_browser_shows_nothing_of_this_one(house: House, helpdesk: Visitor) -> None:
    """The attempts of a browser hang on its own mark, not on its network."""
    attempt(Visitor(house.call), "bestaat.niet@elders.example")
    shown = helpdesk.post("/helpdesk/trouble", {"code": ask(Visitor(house.call))})
    assert "In deze browser is niets geprobeerd" in shown.text


def test_a_day_later_attempts_are_not_shown(house: House, visitor: Visitor) -> None:
    """A trace is of use for a day."""
    attempt(visitor, "bestaat.niet@elders.example")
    house.move_clock(trouble.LOOK_BACK_S + 1)
    late = signed_in(house, "905", "helpdesk", "helpdesk")
    shown = late.post("/helpdesk/trouble", {"code": ask(visitor)})
    assert "In deze browser is niets geprobeerd" in shown.text


def test_a_parents_attempt_is_seen_at_the_schools_of_the_children() -> None:
    """The schools stand beside the event; another school reads what it reads of nobody."""
    event = audit.event(
        nonce="n",
        action="home_opened",
        outcome="refused",
        reason="wrong",
        account_id="55",
        scope=None,
        at_epoch_s=1_800_000_000,
        pupil_at="home",
        trace="mark",
        school_ids=("4242",),
        source_ip="192.0.2.7",
    )
    row = audit.address_row(event)
    assert row is not None
    assert row["school_ids"] == ["4242"]
    assert "source_ip" not in row
    assert set(audit.stored(event)).isdisjoint({"trace", "school_ids", "source_ip"})
    seen = {
        school: trouble.tries([event], trouble.Viewer(school, {}, frozenset()))[0].cause
        for school in ("4242", "77")
    }
    assert seen == {"4242": "wrong_password", "77": "not_yours"}


def test_a_passkey_of_nobody_tells_of_no_address() -> None:
    """Whose it was is not known, so it is nobody's secret: each viewer sees the same."""
    event = audit.event(
        nonce="n",
        action="sign_in",
        outcome="refused",
        reason="passkey_unknown",
        account_id=None,
        scope=None,
        at_epoch_s=1_800_000_000,
    )
    for school_id in ("4242", None):
        viewer = trouble.Viewer(school_id, {"910": "Anna"}, frozenset())
        (seen,) = trouble.tries([event], viewer)
        assert (seen.cause, seen.who) == ("passkey", "")


@pytest.mark.parametrize(
    ("action", "outcome", "reason", "cause"),
    [
        ("sign_in", "done", "signed_in", "in"),
        ("sign_in", "done", "next_code", "next_code"),
        ("sign_in", "refused", "no_membership", "no_membership"),
        ("second_factor", "refused", "code_wrong", "code_wrong"),
        ("second_factor", "refused", "code_wait", "code_wait"),
        ("second_factor_set", "refused", "wrong", "code_wrong"),
        ("sign_in", "done", "passkey", "in"),
        ("sign_in", "refused", "passkey_copied", "passkey"),
        ("second_factor", "refused", "passkey_unknown", "passkey"),
        ("place_chosen", "refused", "not_own", "other"),
    ],
)
def test_each_outcome_has_a_cause(action: Any, outcome: Any, reason: str, cause: str) -> None:
    """Of an own colleague everything is told."""
    event = audit.event(
        nonce="n",
        action=action,
        outcome=outcome,
        reason=reason,
        account_id="910",
        scope=SCHOOL,
        at_epoch_s=1_800_000_000,
    )
    viewer = trouble.Viewer("4242", {"910": "Anna"}, frozenset())
    assert trouble.tries([event], viewer) == [
        trouble.Try(1_800_000_000, is_at_home=False, cause=cause, who="Anna")
    ]


# --- attempts of nobody -------------------------------------------------------------------------


def test_the_helpdesk_sees_attempts_of_no_school(house: House, helpdesk: Visitor) -> None:
    """Counted by kind over a day, and the latest one by one; no address stands there."""
    for _ in range(3):
        attempt(Visitor(house.call), "bestaat.niet@elders.example")
    shown = helpdesk.get("/helpdesk/trouble")
    refusals = shown.text.partition('id="refusals"')[2].partition("</table>")[0]
    assert "<td>3</td>" in refusals
    assert "bestaat.niet" not in shown.text
    assert "Attempts that belong to no school" in helpdesk.get("/helpdesk/trouble?lang=en").text


def test_what_expired_is_not_shown(house: House) -> None:
    """An event past its year is gone for the reader before the store takes it away."""
    attempt(Visitor(house.call), "bestaat.niet@elders.example")
    now = clock.now_epoch_s()
    assert trouble_store.without_school(now_epoch_s=now)
    assert trouble_store.without_school(now_epoch_s=now + audit.KEEP_S) == []


def test_a_mark_that_is_not_ours_counts_for_nothing(house: House, helpdesk: Visitor) -> None:
    """A forged cookie shows nothing and breaks nothing."""
    forged = Visitor(house.call, cookies={traces.COOKIE_NAME: "../x" * 30})
    assert "niets geprobeerd" in helpdesk.post("/helpdesk/trouble", {"code": ask(forged)}).text
