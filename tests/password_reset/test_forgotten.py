"""Asking for a new link tells nobody whether an address is known."""

import re

import pytest

from infra.local.stand_ins import google
from infra.local.visitor import Answer, Visitor
from login import pupil_store
from schoolpoort import aws as product_aws
from schoolpoort import captcha, dynamodb, school_networks
from tests.password_reset.post import NOOR, Post, invitation
from tests.solver import solved

_CHANCE = re.compile(r'nonce="[^"]+"|[0-9a-f]{8}\b')


def _ask(post: Post, email: str, token: str | None = None) -> Answer:
    form = {"email": email, captcha.FIELD: token or google.issue_token()}
    return post.visitor().post("/password/forgotten", form)


def test_known_and_unknown_addresses_get_the_same(post: Post) -> None:
    """The page, its headers and the AWS calls are the same for both."""
    post.work(invitation())
    seen: list[tuple[list[str], str, list[str]]] = []
    for email in (NOOR, "niemand@vliegerx.example"):
        calls: list[str] = []

        def count(model: object, calls: list[str] = calls, **_: object) -> None:
            calls.append(model.name)  # type: ignore[attr-defined]

        for service in ("dynamodb", "sqs"):
            product_aws.client(service).meta.events.register("before-call", count, unique_id="n")
        answer = _ask(post, email)
        for service in ("dynamodb", "sqs"):
            product_aws.client(service).meta.events.unregister("before-call", unique_id="n")
        assert answer.status == 200
        text = _CHANCE.sub("", answer.text.replace(email, "…"))
        seen.append((calls, text, sorted(answer.headers)))
    assert seen[0] == seen[1]
    assert seen[0][0] == ["GetItem", "TransactWriteItems", "SendMessage"]


def test_asking_queues_no_token(post: Post) -> None:
    """The queue holds who asked; the token is made when the mail is."""
    _ask(post, " Noor.deWit@Vlieger.example ")
    [message] = post.queued()
    assert message.keys() == {"kind", "request_id", "address"}
    assert message["address"] == NOOR


@pytest.mark.parametrize(
    ("email", "said"),
    [("", "Vul je e-mailadres in"), ("noor", "e-mailadres"), ("a@b\r\nBcc: c@d.example", "adres")],
)
def test_what_is_no_address_is_told(post: Post, email: str, said: str) -> None:
    """A mistake in the address is told on the page, and nothing is queued."""
    answer = _ask(post, email)
    assert answer.status == 400
    assert said in answer.text
    assert post.queued() == []


def test_a_captcha_answer_is_good_for_one_mail(post: Post) -> None:
    """A machine that repeats one solved challenge sends one mail."""
    token = google.issue_token()
    assert _ask(post, NOOR, token).status == 200
    assert _ask(post, NOOR, token).status == 403
    assert len(post.queued()) == 1


@pytest.mark.parametrize(("mode", "status"), [("fail", 403), ("down", 503), ("garbage", 503)])
def test_when_the_check_does_not_pass_nothing_is_sent(post: Post, mode: str, status: int) -> None:
    """A refused check and an unreachable one each have their own page."""
    google.set_mode(mode)
    assert _ask(post, NOOR).status == status
    assert post.queued() == []


@pytest.mark.parametrize("mode", ["fail", "down", "low_score"])
def test_our_own_check_takes_over(post: Post, mode: str) -> None:
    """Whoever Google does not pass asks with our own check, once for each solution."""
    google.set_mode(mode)
    page = _ask(post, NOOR).text
    form = {"email": NOOR, captcha.ALTCHA_FIELD: solved(page)}
    assert post.visitor().post("/password/forgotten", form).status == 200
    assert post.visitor().post("/password/forgotten", form).status == 403
    assert len(post.queued()) == 1


def test_an_address_is_mailed_three_times_an_hour_and_five_a_day(post: Post) -> None:
    """The page says the same every time, for a known and for an unknown address."""
    post.work(invitation())
    post.move_clock(24 * 3600 - post.now_epoch_s % (24 * 3600))
    for email in (NOOR, "niemand@vlieger.example"):
        pages = [_ask(post, email) for _ in range(4)]
        assert {page.status for page in pages} == {200}
        assert len({_CHANCE.sub("", page.text) for page in pages}) == 1
        assert len(post.queued()) == 3
    post.move_clock(3600)
    assert [_ask(post, NOOR).status for _ in range(3)] == [200] * 3
    assert len(post.queued()) == 2
    post.move_clock(24 * 3600)
    _ask(post, NOOR)
    assert len(post.queued()) == 1


def _ask_from(post: Post, source_ip: str, number: int) -> Answer:
    form = {"email": f"a{number}@vlieger.example", captcha.FIELD: google.issue_token()}
    return Visitor(post.house.call, source_ip).post("/password/forgotten", form)


@pytest.mark.parametrize(
    "source_ips",
    [("203.0.113.7",), ("2001:db8:1:2::1", "2001:db8:1:2:3::9"), ("::ffff:203.0.113.7",)],
)
def test_a_network_asks_twenty_times_an_hour(post: Post, source_ips: tuple[str, ...]) -> None:
    """The twenty-first hears that it was not mailed and what to do; other networks go on."""
    for number in range(20):
        assert _ask_from(post, source_ips[number % len(source_ips)], number).status == 200
    refused = _ask_from(post, source_ips[0], 20)
    assert refused.status == 429
    assert "ICT-coördinator" in refused.text
    assert len(post.queued()) == 20
    assert _ask_from(post, "198.51.100.1", 21).status == 200


@pytest.mark.parametrize("source_ip", ["145.20.30.40", "::ffff:145.20.30.40", "2a02:a44:1:1::7"])
def test_a_school_asks_more_often(post: Post, source_ip: str) -> None:
    """On the first morning a whole school asks from one address that it registered."""
    for cidr in ("145.20.30.0/24", "2a02:a44:1:1::/64"):
        added = pupil_store.add_network("42", cidr, added_by="7", now_epoch_s=post.now_epoch_s)
        dynamodb.transact(added)
    assert [_ask_from(post, source_ip, number).status for number in range(25)] == [200] * 25
    for cidr in ("145.20.30.0/24", "2a02:a44:1:1::/64"):
        dynamodb.transact(pupil_store.remove_network("42", cidr))
    assert not school_networks.is_at_school(source_ip, now_epoch_s=post.now_epoch_s)


def test_one_mail_lists_both_accounts(post: Post) -> None:
    """Who works at a school and has a child there gets one mail with a link for each account."""
    post.work(invitation(language="en"))
    post.work({"kind": "home_invitation", "request_id": "h1", "address": NOOR, "school_name": "S"})
    staff, home = post.links()[1], post.links()[0]
    for path in (staff, home):
        assert post.set_password(path).status == 303
    before = len(post.house.mails())
    assert _ask(post, NOOR).status == 200
    assert post.work(*post.queued()) == []
    assert len(post.house.mails()) == before + 1
    newest = post.house.mails()[0]
    assert "as a parent" in newest["text"]
    assert "where you work" in newest["text"]
    at_school, at_home = post.links()[:2]
    assert post.set_password(at_school, "Waterlelie9").location == "/login?welcome=1"
    assert post.set_password(at_home, "Klaproos88x").location == "/login/home?welcome=1"


def test_asking_costs_three_calls_and_mailing_three_more(post: Post) -> None:
    """From the form to the mail at SES: network, budgets, queue; look, take, send."""
    post.work(invitation())
    calls: list[str] = []

    def count(model: object, **_: object) -> None:
        calls.append(model.name)  # type: ignore[attr-defined]

    for service in ("dynamodb", "sqs", "sesv2"):
        product_aws.client(service).meta.events.register("before-call", count, unique_id="n")
    assert _ask(post, NOOR).status == 200
    [message] = post.queued()
    queue_calls = {"ReceiveMessage", "DeleteMessage"}
    assert [name for name in calls if name not in queue_calls] == [
        "GetItem",
        "TransactWriteItems",
        "SendMessage",
    ]
    calls.clear()
    assert post.work(message) == []
    for service in ("dynamodb", "sqs", "sesv2"):
        product_aws.client(service).meta.events.unregister("before-call", unique_id="n")
    assert calls == ["BatchGetItem", "TransactWriteItems", "SendEmail", "UpdateItem"]
