"""Asking for a new link tells nobody whether an address is known."""

import re

import pytest

from infra.local.stand_ins import google
from infra.local.visitor import Answer
from schoolpoort import aws as product_aws
from schoolpoort import captcha
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
    assert seen[0][0] == ["PutItem", "SendMessage"]


def test_asking_queues_no_token(post: Post) -> None:
    """The queue holds who asked; the token is made when the mail is."""
    _ask(post, " Noor.deWit@Vlieger.example ")
    [message] = post.queued()
    assert message.keys() == {"kind", "request_id", "address", "at"}
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
