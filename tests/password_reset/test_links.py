"""A mailed link sets one password, once; whatever else is done with it says what to do."""

import logging
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.stand_ins import google
from password_reset import mail_links, store
from password_reset.mail_links import Link, LinkState, Purpose
from schoolpoort import aws as product_aws
from schoolpoort import captcha, credentials, dynamodb, kept_hashes, passwords
from schoolpoort.credentials import Credential
from schoolpoort.errors import TransactionRefused
from schoolpoort.settings import require
from tests.amounts import often
from tests.password_reset.post import NOOR, PASSWORD, SCHOOL, Post, invitation, reset
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


def test_looking_at_a_link_writes_nothing(post: Post) -> None:
    """A look costs reads only, whether the link is good, used or no link at all."""
    _activated(post)
    post.work(reset())
    paths = [*post.links(), "/password/" + "a" * 36]
    calls: list[str] = []

    def count(model: Any, **_: Any) -> None:
        calls.append(model.name)

    events = product_aws.client("dynamodb").meta.events
    events.register("before-call", count, unique_id="look")
    statuses = [post.visitor().get(path).status for path in paths]
    events.unregister("before-call", unique_id="look")
    assert statuses == [200, 410, 404]
    assert set(calls) == {"GetItem"}


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
@pytest.mark.parametrize("_race", range(often(2)))
def test_of_many_simultaneous_uses_one_sets_the_password(post: Post, _race: int) -> None:
    """Eight requests that all saw the link good set one password; seven hear that it was used."""
    post.work(invitation())
    [path] = post.links()
    words = [f"Waterlelie{number}" for number in range(8)]
    all_have_looked = threading.Barrier(len(words), timeout=20)
    consume = store.consume

    def together(*given: object, **named: int) -> None:
        all_have_looked.wait()
        consume(*given, **named)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "consume", together)
        with ThreadPoolExecutor(len(words)) as pool:
            answers = list(pool.map(lambda word: post.set_password(path, word).status, words))
    assert sorted(answers) == [303] + [410] * 7
    credential = post.credential()
    assert credential is not None
    assert credential.password_version == 1


_CREDENTIAL = Credential("staff#a@b.example", "7", None, 3, "nl")
_LINKS = st.builds(
    Link,
    token_hash=st.just("t"),
    purpose=st.sampled_from(Purpose),
    address_key=st.just(_CREDENTIAL.address_key),
    account_id=st.sampled_from(["7", "8"]),
    password_version=st.integers(2, 4),
    issued_at_epoch_s=st.integers(0, 100),
    expires_at_epoch_s=st.integers(50, 150),
    is_consumed=st.booleans(),
)


@given(_LINKS, st.none() | st.just(_CREDENTIAL), st.integers(0, 200), st.integers(0, 200))
def test_a_dead_link_never_lives_again(
    link: Link, credential: Credential | None, now_epoch_s: int, later_s: int
) -> None:
    """Every change of state over time is one that the table allows."""
    before = mail_links.state(link, credential, now_epoch_s=now_epoch_s)
    after = mail_links.state(link, credential, now_epoch_s=now_epoch_s + later_s)
    assert after is before or after in mail_links.TRANSITIONS[before]


@given(_LINKS, st.none() | st.just(_CREDENTIAL), st.integers(0, 200))
def test_only_a_whole_link_can_be_used(
    link: Link, credential: Credential | None, now_epoch_s: int
) -> None:
    """A link is good only unused, in time, for the same account and the same password."""
    is_whole = (
        credential is not None
        and not link.is_consumed
        and link.account_id == credential.account_id
        and link.password_version == credential.password_version
        and now_epoch_s < link.expires_at_epoch_s
    )
    state = mail_links.state(link, credential, now_epoch_s=now_epoch_s)
    assert (state is LinkState.ISSUED) is is_whole


@given(st.lists(_LINKS, max_size=8))
def test_a_new_link_leaves_two_beside_it(links: list[Link]) -> None:
    """What is pushed out are the oldest, and never more than leaves three with the new one."""
    gone = mail_links.surplus(links)
    assert len(links) - len(gone) == min(len(links), mail_links.MOST_USABLE - 1)
    kept = sorted(link.issued_at_epoch_s for link in links)[len(gone) :]
    assert all(link.issued_at_epoch_s <= min(kept, default=100) for link in gone)
