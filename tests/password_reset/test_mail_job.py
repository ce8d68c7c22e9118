"""A request is one mail, also when something fails half way."""

import email
import json
import logging
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

import password_reset
from password_reset import mail_links, mail_text, store
from schoolpoort import credentials, dynamodb, settings
from tests.amounts import often
from tests.password_reset.post import NOOR, PASSWORD, SCHOOL, Post, broken, invitation, reset

_MAILS = Path(password_reset.__path__[0]) / "templates" / "password_reset" / "mail"
_TEMPLATES = {path.name.partition(".")[0] for path in _MAILS.glob("*.subject.txt")}


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


@pytest.mark.parametrize(
    "code",
    [
        "MessageRejected",
        "MailFromDomainNotVerifiedException",
        "SendingPausedException",
        "TooManyRequestsException",
        "BadRequestException",
    ],
)
def test_each_refusal_of_ses_frees_the_request(
    post: Post, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Refused five times, a mail still goes out at the sixth, with at most three links made."""
    caplog.set_level(logging.INFO)
    told = f"{code} for {NOOR}"
    for _ in range(5):
        refusal = ClientError({"Error": {"Code": code, "Message": told}}, "SendEmail")
        with broken("sesv2", 0, error=refusal):
            assert post.work(invitation()) == ["0"]
        assert post.items("MAIL_TABLE") == []
    assert post.work(invitation()) == []
    assert len(post.house.mails()) == 1
    assert len(post.items("MAIL_LINKS_TABLE")) == mail_links.MOST_USABLE
    logged = str([vars(record) for record in caplog.records])
    assert code in logged
    assert NOOR not in logged


def test_a_ses_out_of_reach_is_no_doubt(post: Post) -> None:
    """Nobody answered, so nothing was sent: the next try need not wait."""
    gone = EndpointConnectionError(endpoint_url="https://email.example")
    with broken("sesv2", 0, error=gone):
        assert post.work(invitation()) == ["0"]
    assert post.work(invitation()) == []
    assert len(post.house.mails()) == 1


def test_a_send_that_timed_out_waits(post: Post) -> None:
    """SES may have taken it: ten minutes long nobody sends it again."""
    lost = ReadTimeoutError(endpoint_url="https://email.example")
    with broken("sesv2", 0, error=lost):
        assert post.work(invitation()) == ["0"]
    post.move_clock(store.CLAIM_LIFE_S - 1)
    assert post.work(invitation()) == ["0"]
    assert post.house.mails() == []
    post.move_clock(1)
    assert post.work(invitation()) == []
    assert len(post.house.mails()) == 1


@pytest.mark.parametrize(
    "error", [_refusal(), ReadTimeoutError(endpoint_url="https://email.example")]
)
def test_one_mail_that_waits_holds_up_no_other(post: Post, error: Exception) -> None:
    """Of a batch only the message that failed comes back; the others are sent."""
    batch = [invitation(f"r{n}", address=f"a{n}@vlieger.example") for n in range(3)]
    with broken("sesv2", 1, error=error):
        assert post.work(*batch) == ["1"]
    assert {mail["to"][0] for mail in post.house.mails()} == {
        "a0@vlieger.example",
        "a2@vlieger.example",
    }


@pytest.mark.soak
@pytest.mark.parametrize("_race", range(often(2)))
def test_of_many_simultaneous_runs_one_sends(post: Post, _race: int) -> None:
    """Four runs of one message, at once or just after a crash, are one mail; the others wait."""
    with ThreadPoolExecutor(4) as pool:
        for request_id, left_by_a_crash in (("new", False), ("left", True)):
            if left_by_a_crash:
                store.claim_mail(request_id, "invitation", now_epoch_s=post.now_epoch_s)
                post.move_clock(store.CLAIM_LIFE_S)
            wanted = invitation(request_id, address=f"{request_id}@vlieger.example")
            start = threading.Barrier(4, timeout=20)

            def run(_: int, wanted: Any = wanted, start: Any = start) -> list[str]:
                start.wait()
                return post.work(wanted)

            list(pool.map(run, range(4)))
            assert len(post.links(f"{request_id}@vlieger.example")) == 1
            assert post.work(wanted) == []
    assert len(post.house.mails()) == 2


def test_who_comes_second_after_a_crash_waits(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another run took the request over: it is not done until that run says so."""
    store.claim_mail("r1", "invitation", now_epoch_s=post.now_epoch_s)
    post.move_clock(store.CLAIM_LIFE_S)
    with monkeypatch.context() as patch:
        patch.setattr(store, "take_over_mail", lambda *_, **__: False)
        assert post.work(invitation()) == ["0"]
    assert post.work(invitation()) == []
    assert len(post.house.mails()) == 1


@pytest.mark.parametrize("number", range(2))
def test_an_address_taken_meanwhile_is_tried_again(post: Post, number: int) -> None:
    """Two invitations of one new address make one account with both places, and two mails."""
    other = invitation("r9", scope="school#43", scope_name="De Wilgen")
    messages = [invitation(), other] if number else [other, invitation()]
    found = credentials.find

    def nobody_yet(address_key: str) -> None:
        found(address_key)

    assert post.work(messages[0]) == []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(credentials, "find", nobody_yet)
        assert post.work(messages[1]) == ["0"]
    assert post.work(messages[1]) == []
    places = [item for item in post.items("ACCOUNTS_TABLE") if item["scope"] != "profile"]
    assert sorted(place["scope"] for place in places) == [SCHOOL, "school#43"]
    assert len({place["account_id"] for place in places}) == 1
    assert len(post.house.mails()) == 2


def test_a_mail_has_the_headers_that_it_needs(post: Post) -> None:
    """From us, to one person, marked as made by a machine, with text and HTML of one content."""
    raw = mail_text.compose(
        "activation",
        "nl",
        to=NOOR,
        sender="deur@schoolpoort.example",
        now_epoch_s=1_800_000_000,
        display_name="Noor <b>de</b> Wit",
        scope_name="’t Kompas & co",
        link="https://schoolpoort.example/activate/x",
    )
    mail = email.message_from_bytes(raw, policy=SMTP)
    assert mail["From"] == "Schoolpoort <deur@schoolpoort.example>"
    assert mail["To"] == NOOR
    assert mail["Date"] == "Fri, 15 Jan 2027 08:00:00 -0000"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert all(mail[name] is None for name in ("Cc", "Bcc", "Reply-To"))
    text, html = (part.get_content() for part in mail.iter_parts())
    assert "Noor <b>de</b> Wit" in text
    assert "’t Kompas & co" in text
    assert "Noor &lt;b&gt;de&lt;/b&gt; Wit" in html
    assert "’t Kompas &amp; co" in html
    assert "https://schoolpoort.example/activate/x" in text
    assert not re.search(r"(src|background)=|url\(|@import|<img|<link|<script", html)


@pytest.mark.parametrize("template", sorted(_TEMPLATES))
@pytest.mark.parametrize("language", ["nl", "en", ""])
def test_a_subject_is_one_clean_line(template: str, language: str) -> None:
    """On the wire as well as read: no fold, no space around it, and nothing of the person."""
    raw = mail_text.compose(
        template,
        language,
        to=NOOR,
        sender="deur@schoolpoort.example",
        now_epoch_s=1_800_000_000,
        display_name="Noor de Wit",
        scope_name="De Vlieger",
        child_name="Sanne",
        school_name="De Vlieger",
        supplier="esis",
        due="2027-01-31",
        days_left=7,
        question="Hoe dan?",
        answer="Zo.",
        news="offered",
        board_name="Stichting De Vlieger",
        name="Noor de Wit",
        reason="",
        day="31-01-2027",
        code="1234 5678",
        minutes=15,
        about="received",
        details=(),
        browser="Firefox",
        account="n.thart@regenboog.example",
        is_home=False,
        link="https://schoolpoort.example/activate/x",
    )
    [line] = [line for line in raw.split(b"\r\n") if line.lower().startswith(b"subject:")]
    following = raw.split(line + b"\r\n")[1]
    assert not following.startswith((b" ", b"\t"))
    subject = line.decode("ascii").removeprefix("Subject: ")
    assert subject
    assert subject == subject.strip()
    read = str(email.message_from_bytes(raw, policy=SMTP)["Subject"])
    assert read == read.strip()
    for personal in ("Noor", "Wit", "Vlieger", "@", "://"):
        assert personal not in read


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
