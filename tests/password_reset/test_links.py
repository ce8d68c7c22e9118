"""A mailed link sets one password, once; whatever else is done with it says what to do."""

import logging
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from infra.local import mail_reports
from infra.local.stand_ins import google
from password_reset import link_store
from password_reset.mail_links import Link
from schoolpoort import aws as product_aws
from schoolpoort import captcha, credentials, dynamodb, kept_hashes, passwords
from schoolpoort.credentials import Credential
from schoolpoort.dynamodb import Update
from schoolpoort.errors import TransactionRefused
from schoolpoort.settings import require
from tests.amounts import IS_SOAK, often, rounds
from tests.password_reset.post import NOOR, PASSWORD, SCHOOL, Post, invitation, reset
from tests.signed_in import signed_in
from tests.solver import solved

_HOUR_S = 3600


def _activated(post: Post) -> None:
    post.work(invitation())
    assert post.set_password(post.links()[0]).status == 303


def test_looking_at_a_link_changes_nothing(post: Post) -> None:
    """Mail scanners open links too: ten looks later it still works."""
    post.work(invitation())
    [path] = post.links()
    assert [post.visitor().get(path).status for _ in range(10)] == [200] * 10
    assert post.set_password(path).status == 303


def test_a_link_works_once(post: Post) -> None:
    """The second time the page says that it was used, and the password stays."""
    _activated(post)
    before = post.credential()
    again = post.set_password(post.links()[0], "Waterlelie9")
    assert again.status == 410
    assert "al gebruikt" in again.text
    assert post.credential() == before


def test_activating_opens_the_place(post: Post) -> None:
    """The membership that waited for the password is active from then on."""
    _activated(post)
    [member] = [item for item in post.items("ACCOUNTS_TABLE") if item["scope"] == SCHOOL]
    assert member["activated_at_epoch_s"] == post.now_epoch_s


def test_a_password_that_a_link_set_is_recorded_with_it(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One event for each place of the account, in the transaction of the link, and none without."""
    _activated(post)
    assert post.set_password(post.links()[0], "Waterlelie9").status == 410
    post.move_clock(1)
    post.work(reset())
    path = post.links()[0]
    with monkeypatch.context() as lost:
        lost.setattr(link_store, "_use", _never)
        assert post.set_password(path, "Waterlelie9").status == 410
    assert [one["action"] for one in _people_events(post)] == ["activated"]
    assert post.set_password(path, "Waterlelie9").status == 303
    events = _people_events(post)
    credential = post.credential()
    assert credential
    assert [(one["action"], one["stream"], one["about"]) for one in events] == [
        (act, SCHOOL, credential.account_id) for act in ("activated", "password_set")
    ]
    assert "Waterlelie9" not in repr(events)


def _never(link: Link, _now_epoch_s: int) -> Update:
    """Return an operation that refuses the transaction it stands in."""
    key, never = link_store.link_key(link.token_hash), "attribute_not_exists(link_key)"
    return Update(require("MAIL_LINKS_TABLE"), key, "REMOVE nothing", never)


def _people_events(post: Post) -> list[dict[str, Any]]:
    """Return what was recorded of accounts, oldest first."""
    return sorted(post.items("PEOPLE_EVENTS_TABLE"), key=lambda one: one["event_id"])


@pytest.mark.parametrize(
    ("purpose", "life_s"), [("activation", 7 * 24 * _HOUR_S), ("reset", _HOUR_S)]
)
def test_a_link_ends_by_itself(post: Post, purpose: str, life_s: int) -> None:
    """A link works until the second before its end: seven days, or sixty minutes for a reset."""
    _activated(post) if purpose == "reset" else None
    post.work(reset() if purpose == "reset" else invitation())
    path = post.links()[0]
    post.move_clock(life_s - 1)
    assert post.visitor().get(path).status == 200
    post.move_clock(1)
    assert post.visitor().get(path).status == 410
    assert post.set_password(path).status == 410


def test_using_one_link_ends_the_others(post: Post) -> None:
    """Who asked three times has one way in; the other two say that the password changed since."""
    _activated(post)
    for number in range(3):
        post.move_clock(1)
        post.work(reset(f"again-{number}"))
    newest, *others = post.links()[:3]
    assert post.set_password(newest, "Waterlelie9").status == 303
    for path in others:
        assert post.set_password(path, "Klaproos88").status == 410


@pytest.mark.parametrize(
    "path",
    [
        f"/activate/{uuid.UUID(int=0x4000_8000_0000_0000_0000)}",
        "/activate/kort",
        "/activate/" + "x" * 36,
        "/activate/" + "a" * 300,
        "/activate/%00",
        "/activate/..%2f..%2flogin",
    ],
)
def test_what_is_no_link_of_ours_is_not_found(post: Post, path: str) -> None:
    """Guessing gives one page, with the way to a new link."""
    seen = post.visitor().get(path)
    assert seen.status == 404
    assert 'href="/password/forgotten"' in seen.text


def test_a_link_fits_its_own_page_only(post: Post) -> None:
    """The token of a reset opens no activation, and the other way round."""
    post.work(invitation())
    token = post.links()[0].rpartition("/")[2]
    assert post.visitor().get(f"/password/{token}").status == 404
    assert post.visitor().get(f"/activate/{token.upper()}").status == 200


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("", "", "wachtwoord"),
        ("kort1", "kort1", "te kort"),
        ("x1" * 11, "x1" * 11, "te lang"),
        ("alleenletters", "alleenletters", "cijfer"),
        ("123456789", "123456789", "letter"),
        (PASSWORD, PASSWORD + "x", "niet hetzelfde"),
    ],
)
def test_a_password_outside_the_rules_is_told(
    post: Post, password: str, again: str, said: str
) -> None:
    """The page says which rule is broken; the link stays good."""
    post.work(invitation())
    answer = post.set_password(post.links()[0], password, again)
    assert answer.status == 400
    assert said in answer.text
    assert post.set_password(post.links()[0]).status == 303


def test_who_does_not_tick_the_box_keeps_the_link(post: Post) -> None:
    """A failed check is told; the link is not used up."""
    post.work(invitation())
    form = {"password": PASSWORD, "password_again": PASSWORD, "g-recaptcha-response": "never"}
    assert post.visitor().post(post.links()[0], form).status == 403
    assert post.set_password(post.links()[0]).status == 303


def test_a_changed_password_is_told_by_mail(post: Post) -> None:
    """After a reset the owner hears of it; after an activation there is nothing to tell."""
    _activated(post)
    assert post.queued() == []
    post.work(reset())
    assert post.set_password(post.links()[0], "Waterlelie9").status == 303
    told = post.queued()
    assert [message["kind"] for message in told] == ["password_changed"]
    assert post.work(*told) == []
    assert post.house.mails()[0]["to"] == [NOOR]
    assert "/password/forgotten" in post.house.mails()[0]["text"]


def test_the_first_look_is_noted_and_no_other(post: Post) -> None:
    """The coordinator sees that a link was opened; every later look, or a dead link, only reads."""
    _activated(post)
    post.work(reset())
    paths = [*post.links(), "/password/" + "a" * 36]
    calls: list[str] = []

    def count(model: Any, **_: Any) -> None:
        calls.append(model.name)

    events = product_aws.client("dynamodb").meta.events
    events.register("before-call", count, unique_id="look")
    statuses = [post.visitor().get(path).status for path in paths * 2]
    events.unregister("before-call", unique_id="look")
    assert statuses == [200, 410, 404] * 2
    assert calls.count("UpdateItem") == 2, "the link, and the mail it stands in"
    assert set(calls) == {"GetItem", "BatchGetItem", "UpdateItem"}
    states = {item["request_id"]: item["state"] for item in post.items("MAIL_TABLE")}
    assert states["r2"] == "opened"


def test_a_look_at_a_bounced_mail_takes_nothing_back(post: Post) -> None:
    """A scanner may open a link of a mail that nobody receives."""
    post.work(invitation())
    [mail] = post.items("MAIL_TABLE")
    post.house.report_mail(mail_reports.event("bounce", mail["message_id"], "r1", "set"))
    assert post.visitor().get(post.links()[0]).status == 200
    assert post.items("MAIL_TABLE")[0]["state"] == "bounced"


@pytest.mark.parametrize("purpose", ["activation", "reset"])
def test_a_link_that_is_too_old_is_renewed_in_one_tap(post: Post, purpose: str) -> None:
    """The page of an expired link mails a new one, once an hour, without a captcha."""
    _activated(post) if purpose == "reset" else None
    post.work(reset() if purpose == "reset" else invitation())
    old = post.links()[0]
    post.move_clock(7 * 24 * _HOUR_S)
    shown = post.visitor().get(old)
    assert (shown.status, shown.hidden_fields()) == (410, {"again": "yes"})
    for _ in range(2):
        asked = post.visitor().post(old, shown.hidden_fields())
        assert asked.status == 200
        assert NOOR in asked.text
        assert asked.headers["referrer-policy"] == "no-referrer"
    assert post.work(*post.queued()) == []
    new, still_old = post.links()[:2]
    assert still_old == old
    assert post.set_password(new, "Waterlelie9").status == 303


@pytest.mark.parametrize("path", ["/activate/" + "a" * 36, None])
def test_only_an_expired_link_is_renewed(post: Post, path: str | None) -> None:
    """A link that was used, and one that never was, have no mail sent."""
    _activated(post)
    answer = post.visitor().post(path or post.links()[0], {"again": "yes"})
    assert answer.status in {404, 410}
    assert post.queued() == []


def test_a_reset_offers_to_sign_out_everywhere(post: Post) -> None:
    """Before signing in: one press, and no browser is signed in with this account any more."""
    _activated(post)
    account = post.credential()
    assert account
    open_browser = signed_in(post.house, account.account_id, SCHOOL, "teacher")
    assert open_browser.get("/account").status == 200
    post.work(reset())
    visitor = post.visitor()
    form = {"password": "Waterlelie9", "password_again": "Waterlelie9"}
    done = visitor.post(post.links()[0], {**form, captcha.FIELD: google.issue_token()})
    assert done.location == "/login?welcome=1"
    assert "Overal uitloggen" in visitor.get(done.location).text
    assert "Overal uitloggen" not in post.visitor().get(done.location).text
    ended = visitor.post("/login/elsewhere")
    assert "Overal uitgelogd" in visitor.get(ended.location).text
    assert open_browser.get("/account").location.startswith("/login")


def test_the_offer_ends_and_is_nobody_elses(post: Post) -> None:
    """Without the cookie, with an invented one, and after a quarter of an hour nobody is out."""
    _activated(post)
    account = post.credential()
    assert account
    post.work(reset())
    visitor = post.visitor()
    form = {"password": "Waterlelie9", "password_again": "Waterlelie9"}
    visitor.post(post.links()[0], {**form, captcha.FIELD: google.issue_token()})
    post.move_clock(15 * 60)
    open_browser = signed_in(post.house, account.account_id, SCHOOL, "teacher")
    stranger = post.visitor()
    stranger.cookies["__Host-reset"] = "0b0ce9c7-3e34-4a57-9d5d-2f4c2b2a9e11"
    for who in (visitor, post.visitor(), stranger):
        assert who.post("/login/elsewhere").location == "/login?welcome=late"
    assert open_browser.get("/account").status == 200


def test_each_end_of_a_link_has_its_words(post: Post) -> None:
    """Used, used elsewhere, changed by another page: the page says which."""
    _activated(post)
    post.work(reset("one"), reset("two"))
    newest, other = post.links()[:2]
    assert post.set_password(newest, "Waterlelie9").status == 303
    assert "al gebruikt" in post.visitor().get(newest).text
    assert "andere link gebruikt" in post.visitor().get(other).text
    post.work(reset("three"))
    credential = post.credential()
    assert credential
    dynamodb.transact([credentials.set_password(credential, "changed on the account's own page")])
    assert "daarna veranderd" in post.visitor().get(post.links()[0]).text


@pytest.mark.parametrize(
    "mistake",
    [
        lambda token: token[:-1],
        lambda token: token + "0",
        lambda token: token.replace("-", "%252D"),
        lambda token: token.replace("4", "%34").replace("-", "%2D") + "%00",
        lambda token: token[::-1],
    ],
)
def test_a_mangled_link_says_what_to_do(post: Post, mistake: Callable[[str], str]) -> None:
    """Cut off, too long, encoded twice, with a control character: one page, and nothing changed."""
    post.work(invitation())
    [path] = post.links()
    before = [post.items(name) for name in ("MAIL_LINKS_TABLE", "MAIL_TABLE", "CREDENTIALS_TABLE")]
    place, _, token = path.rpartition("/")
    for answer in (
        post.visitor().get(f"{place}/{mistake(token)}"),
        post.set_password(f"{place}/{mistake(token)}"),
    ):
        assert answer.status in {400, 404}
    after = [post.items(name) for name in ("MAIL_LINKS_TABLE", "MAIL_TABLE", "CREDENTIALS_TABLE")]
    assert before == after
    assert post.set_password(path).status == 303


def test_a_page_behind_a_link_tells_its_address_to_nobody(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    """Good or dead, no cache keeps the page, no referrer names it and no log has its token."""
    post.work(invitation())
    [path] = post.links()
    with caplog.at_level(logging.INFO):
        seen = [post.visitor().get(path)]
        assert post.set_password(path).status == 303
        seen.append(post.visitor().get(path))
    for page in seen:
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
    assert caplog.records
    assert path.rpartition("/")[2] not in str([vars(record) for record in caplog.records])


def test_two_links_to_a_first_password_are_one_password(post: Post) -> None:
    """Who was invited twice and used one link has a password; the other link leads to sign-in."""
    post.work(invitation(), invitation("r9", scope="school#43"))
    used, other = post.links()
    assert post.set_password(used).status == 303
    before = post.credential()
    late = post.set_password(other, "Waterlelie9")
    assert late.status == 410
    assert 'href="/login"' in late.text
    assert post.credential() == before
    active = [item for item in post.items("ACCOUNTS_TABLE") if "activated_at_epoch_s" in item]
    assert sorted(item["scope"] for item in active) == [SCHOOL, "school#43"]


def test_a_first_link_sets_no_second_password(post: Post) -> None:
    """An old invitation is no way around the hour that a reset has."""
    post.work(invitation(), reset())
    newest, oldest = post.links()
    assert (newest.split("/")[1], oldest.split("/")[1]) == ("activate", "activate")
    assert post.set_password(newest).status == 303
    assert post.set_password(oldest, "Waterlelie9").status == 410


@pytest.mark.parametrize("account_id", [None, "8"])
def test_a_link_ends_with_its_account(post: Post, account_id: str | None) -> None:
    """When the address is nobody's any more, or somebody else's, an old link sets nothing."""
    post.work(invitation())
    [path] = post.links()
    key = {"address_key": credentials.staff_key(NOOR)}
    dynamodb.delete(require("CREDENTIALS_TABLE"), key)
    if account_id:
        dynamodb.transact([credentials.claim(key["address_key"], account_id, "nl")])
    assert post.visitor().get(path).status == 410
    assert post.set_password(path).status == 410
    found = post.credential()
    assert found is None or found.password_hash is None


def test_a_busy_store_uses_no_link_up(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a transaction met another, nothing was changed: the page says to try again."""
    post.work(invitation())
    [path] = post.links()

    def meets_another(_operations: object) -> None:
        raise TransactionRefused(("TransactionConflict", "None", "None"))

    with monkeypatch.context() as patch:
        patch.setattr(dynamodb, "transact", meets_another)
        assert post.set_password(path).status == 503
    assert post.set_password(path).status == 303


def test_a_password_is_the_same_on_two_keyboards(post: Post) -> None:
    """Typed once with one accented key and once with two, it is one password."""
    post.work(invitation())
    assert post.set_password(post.links()[0], "caf\u00e9s 2026", "cafe\u0301s 2026").status == 303
    credential = post.credential()
    assert credential is not None
    kept = kept_hashes.opened(credential.password_hash, owner=credential.account_id)
    assert passwords.verify(kept, "cafe\u0301s 2026")


def test_a_solved_check_sets_one_password(post: Post) -> None:
    """A captcha answer that was used before is refused, and the second link stays good."""
    post.work(invitation(), invitation("r8", address="bas@vlieger.example"))
    form = {"password": PASSWORD, "password_again": PASSWORD, captcha.FIELD: google.issue_token()}
    [hers], [his] = post.links(), post.links("bas@vlieger.example")
    assert post.visitor().post(hers, form).status == 303
    assert post.visitor().post(his, form).status == 403
    assert post.set_password(his).status == 303


def test_a_check_that_nobody_answers_is_told(post: Post) -> None:
    """When the check is out of reach nothing is set, and the link stays good."""
    post.work(invitation())
    google.set_mode("down")
    refused = post.set_password(post.links()[0])
    assert refused.status == 503
    assert "Google" in refused.text
    google.reset()
    assert post.set_password(post.links()[0]).status == 303


@pytest.mark.parametrize("mode", ["fail", "down", "low_score"])
def test_our_own_check_sets_a_password_too(post: Post, mode: str) -> None:
    """Whoever Google does not pass gets the form again with our own check, and comes through."""
    post.work(invitation())
    [path] = post.links()
    google.set_mode(mode)
    refused = post.set_password(path)
    assert refused.status in {403, 503}
    form = {"password": PASSWORD, "password_again": PASSWORD}
    form[captcha.ALTCHA_FIELD] = solved(refused.text)
    assert post.visitor().post(path, form).status == 303


@pytest.mark.soak
def test_of_fifty_with_one_token_one_consumes_it(post: Post) -> None:
    """Below the page: fifty transactions that all saw the link good, one goes through."""
    _activated(post)
    for number in range(rounds(2)):
        post.move_clock(2 * _HOUR_S)
        post.work(reset(f"race-{number}"))
        link = link_store.find_link(post.links()[0].rpartition("/")[2])
        known = post.credential()
        assert link
        assert known

        def consume(turn: int, link: Link = link, known: Credential = known) -> bool:
            try:
                link_store.consume(link, known, f"hash-{turn}", now_epoch_s=post.now_epoch_s)
            except link_store.LinkLost:
                return False
            return True

        with ThreadPoolExecutor(50) as pool:
            assert sum(pool.map(consume, range(50))) == 1


@pytest.mark.soak
@pytest.mark.parametrize("_race", range(often(2)))
def test_of_many_simultaneous_uses_one_sets_the_password(post: Post, _race: int) -> None:
    """All that saw the link good set one password; the others hear that it was used."""
    post.work(invitation())
    [path] = post.links()
    words = [f"Waterlelie{number}" for number in range(50 if IS_SOAK else 8)]
    all_have_looked = threading.Barrier(len(words), timeout=20)
    consume = link_store.consume

    def together(*given: object, **named: int) -> None:
        all_have_looked.wait()
        consume(*given, **named)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(link_store, "consume", together)
        with ThreadPoolExecutor(len(words)) as pool:
            answers = list(pool.map(lambda word: post.set_password(path, word).status, words))
    assert sorted(answers) == [303] + [410] * (len(words) - 1)
    credential = post.credential()
    assert credential is not None
    assert credential.password_version == 1
