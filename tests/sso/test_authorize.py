"""The person's side of a sign-on, through the gateway: tile, question, answer, refusal."""

import json

import pytest

from infra.local.visitor import Visitor
from schoolpoort import aws as product_aws
from schoolpoort import dynamodb, settings
from tests.sso.world import (
    CALLBACK,
    COORDINATOR,
    OTHER_SCHOOL_ID,
    PUBLISHER,
    SITE,
    TEACHER,
    VERIFIER,
    World,
    challenge_of,
    query_of,
    unsafe_claims,
)


def _close(world: World, reason: str) -> None:
    """Take one party's yes away."""
    match reason:
        case "no_role":
            world.put_membership(TEACHER, ["board"])
        case "no_agreement":
            world.put_coverage(until="2021-01-01")
        case "no_declaration":
            world.put_coverage(declared=("leeshoek",))
        case "no_link":
            world.remove_link()


_WORDS = {
    "no_role": "voor mensen die op een school werken",
    "no_agreement": "geen overeenkomst tussen je schoolbestuur en Schoolpoort",
    "no_declaration": "niet verklaard",
    "no_link": "niet gekoppeld aan Rekenrijk",
}


def test_a_tile_leads_to_the_publisher_who_then_asks(world: World) -> None:
    """The tile starts the sign-on at the publisher, telling who we are and where to end."""
    answer = world.visitor().get(f"/apps/{PUBLISHER}")
    assert answer.status == 303
    assert answer.location.startswith(f"{SITE}/_publisher/{PUBLISHER}/login?")
    assert query_of(answer.location) == {
        "iss": world.issuer,
        "target_link_uri": f"{SITE}/_publisher/{PUBLISHER}/home",
    }
    assert world.ledger() == []


@pytest.mark.parametrize("reason", _WORDS)
def test_a_closed_gate_says_why_and_sends_nobody_on(world: World, reason: str) -> None:
    """At the tile and at the question alike: a page with the reason, no redirect, no row."""
    _close(world, reason)
    browser = world.visitor()
    for answer in (browser.get(f"/apps/{PUBLISHER}"), world.ask(browser)):
        assert answer.status == 403
        assert answer.location == ""
        assert _WORDS[reason] in answer.text
        assert "Wat je kunt doen" in answer.text
        assert "Er is niets over jou naar Rekenrijk gestuurd" in answer.text
        assert "Kenmerk" in answer.text
    assert world.ledger() == []


def test_only_who_can_link_is_offered_to(world: World) -> None:
    """A coordinator gets the way to the link, a teacher is told whom to ask."""
    world.remove_link()
    teacher = world.visitor().get(f"/apps/{PUBLISHER}").text
    coordinator = world.visitor(COORDINATOR).get(f"/apps/{PUBLISHER}").text
    assert 'href="/console/publishers"' in coordinator.partition("<main")[2]
    assert 'href="/console/publishers"' not in teacher.partition("<main")[2]
    assert "De ICT-coördinator van je school koppelt de apps" in teacher


def test_the_gate_closes_between_tile_and_question(world: World) -> None:
    """Who was let through at the tile is asked again at the question."""
    browser = world.visitor()
    assert browser.get(f"/apps/{PUBLISHER}").status == 303
    world.remove_link()
    assert world.ask(browser).status == 403


def test_a_role_taken_away_works_at_once(world: World) -> None:
    """A session that began with a role releases nothing after the role is gone."""
    browser = world.visitor()
    key = {"account_id": TEACHER, "scope": "school#42"}
    dynamodb.delete(settings.require("ACCOUNTS_TABLE"), key)
    assert world.ask(browser).status == 403


@pytest.mark.parametrize("scope", ["board#40001", "helpdesk"])
def test_who_is_not_at_a_school_opens_no_app(world: World, scope: str) -> None:
    """A board member or helpdesk person has no app to open."""
    world.put_membership("9", ["board", "helpdesk"], scope)
    answer = world.visitor("9", scope).get(f"/apps/{PUBLISHER}")
    assert answer.status == 403
    assert _WORDS["no_role"] in answer.text


def test_the_link_of_one_school_opens_nothing_for_another(world: World) -> None:
    """A teacher of a school without agreement and link stays out, whatever others have."""
    scope = f"school#{OTHER_SCHOOL_ID}"
    world.put_membership("9", ["teacher"], scope)
    assert _WORDS["no_agreement"] in world.visitor("9", scope).get(f"/apps/{PUBLISHER}").text


@pytest.mark.parametrize(
    "publisher_id", ["onbekend", "catalog", "key%23pairwise", "%00", "a" * 300]
)
def test_an_app_that_does_not_exist_is_not_found(world: World, publisher_id: str) -> None:
    """Ids of our own items are no apps either."""
    assert world.visitor().get(f"/apps/{publisher_id}").status == 404


def test_a_right_question_is_answered_with_a_code(world: World) -> None:
    """The browser goes back to the registered address with code, state and issuer."""
    answer = world.ask(world.visitor())
    assert answer.status == 303
    assert answer.location.partition("?")[0] == CALLBACK
    found = query_of(answer.location)
    assert set(found) == {"code", "state", "iss"}
    assert found["state"] == "state-of-the-browser"
    assert found["iss"] == world.issuer
    assert len(found["code"]) == 43
    assert answer.headers["cache-control"] == "no-store"


def test_a_state_comes_back_to_the_letter(world: World) -> None:
    """Characters with a meaning in addresses do not change the state or add parameters."""
    state = "a b&code=evil#x=%20é?"
    found = query_of(world.ask(world.visitor(), state=state).location)
    assert found["state"] == state
    assert found["code"] != "evil"
    assert "state" not in query_of(world.ask(world.visitor(), state=None).location)


def test_a_code_and_its_row_in_the_ledger_come_together(world: World) -> None:
    """Every code has a row: to whom, about whom, which fields, under what agreement, when, why."""
    world.code()
    (row,) = world.ledger()
    assert row["publisher_id"] == PUBLISHER
    assert row["account_id"] == TEACHER
    assert row["fields"] == ["sub", "role", "school_ref", "given_name", "groups"]
    assert row["agreement_ids"] == ["900"]
    assert row["why"] == "sign_on"
    assert row["entry_key"].startswith(f"{row['released_at_epoch_s']}000#")


def test_without_the_ledger_there_is_no_code(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the row cannot be written nothing is released: the person sees that we are busy."""
    monkeypatch.setattr("schoolpoort.ids.new_id", lambda: "1")
    monkeypatch.setattr("schoolpoort.clock.now_epoch_s", lambda: 1_800_000_000)
    browser = world.visitor()
    world.code(browser)
    codes = product_aws.client("dynamodb").scan(TableName=settings.require("CODES_TABLE"))["Count"]
    # The very same key again: the row's condition fails, so the code may not stand either.
    answer = world.ask(browser)
    assert answer.status == 503
    assert answer.location == ""
    assert len(world.ledger()) == 1
    after = product_aws.client("dynamodb").scan(TableName=settings.require("CODES_TABLE"))["Count"]
    assert after == codes == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "onbekend"},
        {"client_id": None},
        {"client_id": "catalog"},
        {"client_id": "key#pairwise"},
        {"redirect_uri": None},
        {"redirect_uri": "https://elders.example/"},
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": CALLBACK.replace(PUBLISHER, "leeshoek")},
        {"client_id": "leeshoek"},
    ],
)
def test_without_a_trustworthy_way_back_there_is_a_page(
    world: World, changes: dict[str, str | None]
) -> None:
    """An unknown client or address is never redirected to, signed in or not, also not silently."""
    for browser in (world.visitor(), Visitor(world.house.call)):
        for prompt in (None, "none"):
            answer = world.ask(browser, **{"prompt": prompt, **changes})
            assert answer.status == 400
            assert answer.location == ""
            assert "We weten niet wie dit vraagt" in answer.text
            assert "elders.example" not in answer.text
    assert world.ledger() == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge_method": "plain", "code_challenge": VERIFIER}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "email"}, "invalid_scope"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
    ],
)
def test_an_error_goes_back_to_the_publisher(
    world: World, changes: dict[str, str | None], error: str
) -> None:
    """A mistake of a known publisher is told at its own address, with state and issuer."""
    answer = world.ask(world.visitor(), **changes)
    assert answer.status == 303
    assert answer.location.partition("?")[0] == CALLBACK
    found = query_of(answer.location)
    assert found["error"] == error
    assert found["state"] == "state-of-the-browser"
    assert found["iss"] == world.issuer
    assert "code" not in found
    assert world.ledger() == []


def test_who_is_not_signed_in_signs_in_and_comes_back(world: World) -> None:
    """The whole question is kept in a path of our own site and answered after signing in."""
    browser = world.visitor()
    browser.cookies.clear()
    answer = world.ask(browser)
    assert answer.status == 303
    assert answer.location.startswith("/login?")
    back = query_of(answer.location)["next"]
    assert back.startswith("/oauth2/authorize?")
    world.sign_in(browser)
    assert "code" in query_of(browser.get(back).location)


def test_the_sign_in_page_takes_the_way_back(world: World) -> None:
    """The login function accepts the question as a place to return to, by a page of its own."""
    from login import return_path

    browser = world.visitor()
    browser.cookies.clear()
    back = query_of(world.ask(browser).location)["next"]
    assert return_path.safe(back) == back
    assert return_path.leads_out(back)


def test_silence_is_kept(world: World) -> None:
    """prompt=none shows no page: a code, login_required or access_denied, always by redirect."""
    browser = world.visitor()
    assert "code" in query_of(world.ask(browser, prompt="none").location)
    world.remove_link()
    assert query_of(world.ask(browser, prompt="none").location)["error"] == "access_denied"
    browser.cookies.clear()
    answer = world.ask(browser, prompt="none")
    assert answer.location.partition("?")[0] == CALLBACK
    assert query_of(answer.location)["error"] == "login_required"


def test_silence_does_not_tell_a_publisher_what_a_school_lacks(world: World) -> None:
    """Whichever party says no, the publisher hears the same."""
    heard = set()
    for reason in _WORDS:
        world.build()
        _close(world, reason)
        heard.add(world.ask(world.visitor(), prompt="none").location.partition("iss")[0])
    assert len(heard) == 1


def test_a_publisher_can_ask_for_a_new_sign_in(world: World) -> None:
    """prompt=login is answered only after signing in since the question, and auth_time shows it."""
    browser = world.visitor(age_s=100)
    first = world.ask(browser, prompt="login")
    assert first.location.startswith("/login?")
    back = query_of(first.location)["next"]
    assert browser.get(back).location.startswith("/login?")
    world.house.move_clock(5)
    world.sign_in(browser)
    code = query_of(browser.get(back).location)["code"]
    told = unsafe_claims(json.loads(world.exchange(code).text)["id_token"])
    assert told["iat"] - told["auth_time"] <= 2


def test_a_new_sign_in_counts_for_its_own_question_only(world: World) -> None:
    """Another prompt=login asks again, also right after the last one."""
    browser = world.visitor(age_s=100)
    world.ask(browser, prompt="login")
    world.house.move_clock(5)
    world.sign_in(browser)
    world.house.move_clock(10)
    again = world.ask(browser, prompt="login", state="another")
    assert again.location.startswith("/login?")


def test_an_old_question_is_a_new_one(world: World) -> None:
    """After a quarter of an hour the same question asks for a sign-in again."""
    browser = world.visitor(age_s=100)
    back = query_of(world.ask(browser, prompt="login").location)["next"]
    world.house.move_clock(5)
    world.sign_in(browser)
    world.house.move_clock(1000)
    assert browser.get(back).location.startswith("/login?")


def test_a_sign_in_that_is_too_old_is_done_again(world: World) -> None:
    """max_age sends an older session to the sign-in page and lets a newer one through."""
    browser = world.visitor(age_s=700)
    assert "code" in query_of(world.ask(browser, max_age="800").location)
    assert world.ask(browser, max_age="600").location.startswith("/login?")
    silent = world.ask(browser, max_age="600", prompt="none")
    assert query_of(silent.location)["error"] == "login_required"


def test_a_largest_age_of_nothing_ends_in_an_answer(world: World) -> None:
    """max_age=0 asks for one new sign-in and then answers, however slow the browser is."""
    browser = world.visitor(age_s=10)
    back = query_of(world.ask(browser, max_age="0").location)["next"]
    world.house.move_clock(5)
    world.sign_in(browser)
    world.house.move_clock(25)
    assert "code" in query_of(browser.get(back).location)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_question_is_a_get(world: World, method: str) -> None:
    """Other methods at authorize are refused and release nothing."""
    answer = world.machine(method, "/oauth2/authorize")
    assert answer.status in {403, 404, 405}
    assert world.ledger() == []


def test_answers_of_the_question_are_never_framed_or_kept(world: World) -> None:
    """The refusal page carries the house's headers, so nobody can lay a page over it."""
    world.remove_link()
    answer = world.ask(world.visitor())
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


def test_pages_speak_english_too(world: World) -> None:
    """The refusals come in the language of the browser's choice."""
    world.remove_link()
    answer = world.visitor().get(f"/apps/{PUBLISHER}?lang=en")
    assert "Your school is not linked to Rekenrijk." in answer.text


def test_a_challenge_is_needed_even_with_a_right_verifier_later(world: World) -> None:
    """The challenge of the question is the one that the code is bound to."""
    code = world.code(code_challenge=challenge_of("b" * 43))
    assert json.loads(world.exchange(code).text)["error"] == "invalid_grant"
