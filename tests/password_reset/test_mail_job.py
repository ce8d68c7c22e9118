"""A request is one mail, also when something fails half way."""

import json
import logging

import pytest
from botocore.exceptions import ClientError

from password_reset import mail_links, store
from tests.password_reset.post import NOOR, PASSWORD, SCHOOL, Post, broken, invitation, reset


class _Crash(BaseException):
    """The process ends here, as when Lambda stops it."""


def _refusal() -> ClientError:
    return ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "Any")


def test_an_invitation_makes_an_account_and_one_mail(post: Post) -> None:
    """The invited person gets a link; the account waits for its password."""
    assert post.work(invitation()) == []
    assert len(post.links()) == 1
    credential = post.credential()
    assert credential is not None
    assert credential.password_hash is None
    [member] = [item for item in post.items("ACCOUNTS_TABLE") if item["scope"] == SCHOOL]
    assert member["roles"] == ["teacher"]
    assert "activated_at_epoch_s" not in member


def test_a_message_that_comes_twice_is_one_mail(post: Post) -> None:
    """SQS hands a message out more than once at times."""
    assert post.work(invitation(), invitation()) == []
    assert post.work(invitation()) == []
    assert len(post.house.mails()) == 1


def test_an_invitation_to_another_place_adds_it(post: Post) -> None:
    """Somebody with a password gets the second place at once, and is told without a link."""
    post.work(invitation())
    assert post.set_password(post.links()[0]).status == 303
    assert post.work(invitation("r9", scope="board#40001", roles=["board"], person_id=None)) == []
    scopes = {item["scope"]: item for item in post.items("ACCOUNTS_TABLE")}
    assert scopes["board#40001"]["activated_at_epoch_s"] == post.now_epoch_s
    newest = post.house.mails()[0]
    assert "/login" in newest["text"]
    assert "/activate/" not in newest["text"]


def test_an_invitation_to_the_same_place_adds_the_role(post: Post) -> None:
    """A teacher who becomes coordinator keeps both roles, and who he is in the roster."""
    post.work(invitation())
    post.work(invitation("r9", roles=["ict_coordinator"], person_id=None))
    [member] = [item for item in post.items("ACCOUNTS_TABLE") if item["scope"] == SCHOOL]
    assert member["roles"] == ["ict_coordinator", "teacher"]
    assert member["person_id"] == "9"


def test_a_reset_for_nobody_sends_nothing(post: Post) -> None:
    """An unknown address gets no mail, and the request is done."""
    assert post.work(reset(address="niemand@vlieger.example")) == []
    assert post.house.mails() == []
    [state] = post.items("MAIL_TABLE")
    assert state["state"] == "nobody"


def test_three_links_stay_usable_and_older_ones_go(post: Post) -> None:
    """Asking again leaves the newest three; what they push out is deleted."""
    post.work(invitation())
    for number in range(4):
        post.move_clock(1)
        post.work(reset(f"again-{number}"))
    assert len(post.items("MAIL_LINKS_TABLE")) == mail_links.MOST_USABLE
    statuses = [post.visitor().get(path).status for path in post.links()]
    assert statuses == [200, 200, 200, 404, 404]


@pytest.mark.parametrize("number", range(5))
def test_a_refusal_of_the_store_is_tried_again(post: Post, number: int) -> None:
    """Whichever call is refused, the message comes back and the next try sends one mail."""
    with broken("dynamodb", number, error=_refusal()) as seen:
        failed = post.work(invitation())
    assert failed == ["0"], seen
    post.move_clock(0 if number else store.CLAIM_LIFE_S)
    assert post.work(invitation()) == []
    assert len(post.house.mails()) == 1
    assert post.set_password(post.links()[0]).status == 303


def test_a_refusal_of_ses_is_tried_again_at_once(post: Post) -> None:
    """A no of SES is no doubt: the request is free again."""
    with broken("sesv2", 0, error=_refusal()):
        assert post.work(invitation()) == ["0"]
    assert post.items("MAIL_TABLE") == []
    assert post.work(invitation()) == []
    assert len(post.house.mails()) == 1


@pytest.mark.parametrize("number", range(6))
def test_a_crash_before_any_call_ends_in_one_mail(post: Post, number: int) -> None:
    """A process that ends before its n-th call to the store leaves at most ten minutes' wait."""
    with pytest.raises(_Crash), broken("dynamodb", number, error=_Crash()) as seen:  # type: ignore[arg-type]
        post.work(invitation())
    was_sent = len(post.house.mails())
    assert was_sent == (1 if seen[-1] == "UpdateItem" else 0)
    if number:
        assert post.work(invitation()) == ["0"], "another run may be sending"
    post.move_clock(store.CLAIM_LIFE_S)
    assert post.work(invitation()) == []
    assert len(post.house.mails()) == was_sent + 1
    assert post.set_password(post.links()[0]).status == 303


def test_a_token_is_nowhere_but_in_its_mail(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    """No table, log line or subject holds a token; no log line or subject an address or name."""
    with caplog.at_level(logging.INFO):
        post.work(invitation())
        assert post.set_password(post.links()[0]).status == 303
    token = post.links()[0].rpartition("/")[2]
    tables = ("MAIL_LINKS_TABLE", "MAIL_TABLE", "ACCOUNTS_TABLE", "CREDENTIALS_TABLE")
    stored = json.dumps([post.items(name) for name in tables], default=str)
    ours = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert "mail sent" in ours
    subjects = " ".join(mail["subject"] for mail in post.house.mails())
    assert token not in stored + ours + subjects
    assert NOOR not in ours + subjects
    assert PASSWORD not in stored + ours
    assert "Noor" not in subjects


@pytest.mark.parametrize(
    ("language", "spoken"),
    [("nl", {"wachtwoord"}), ("en", {"password"}), ("", {"wachtwoord", "password"})],
)
def test_a_mail_speaks_the_language_of_its_reader(
    post: Post, language: str, spoken: set[str]
) -> None:
    """Where the language is not known, a mail says it in Dutch and in English."""
    post.work(invitation(language=language))
    [mail] = post.house.mails()
    assert {word for word in ("wachtwoord", "password") if word in mail["text"]} == spoken
    assert mail["subject"] == mail["subject"].strip()
    assert mail["html"].count("/activate/") >= 1
