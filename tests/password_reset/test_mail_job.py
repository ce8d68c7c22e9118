"""A request is one mail, also when something fails half way."""

import email
import json
import logging
import random
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

import password_reset
from infra.local.state import Snapshot
from password_reset import address_record, mail_store, mail_text
from schoolpoort import aws as product_aws
from tests.amounts import IS_SOAK, often
from tests.password_reset.post import (
    NOOR,
    PASSWORD,
    SAID,
    SCHOOL,
    Post,
    broken,
    cut_off,
    invitation,
    reset,
)

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
    """Asking again leaves the newest three; the others say that there is a newer one."""
    post.work(invitation())
    for number in range(4):
        post.move_clock(1)
        post.work(reset(f"again-{number}"))
    seen = [post.visitor().get(path) for path in post.links()]
    assert [page.status for page in seen] == [200, 200, 200, 410, 410]
    assert "nieuwere link" in seen[-1].text


def test_a_link_of_more_than_an_hour_makes_room(post: Post) -> None:
    """Only links of the last hour stay beside a new one: asking again later leaves one way in."""
    post.work(invitation())
    post.move_clock(address_record.USABLE_BESIDE_S)
    post.work(reset())
    assert [post.visitor().get(path).status for path in post.links()] == [200, 410]


@pytest.mark.parametrize("number", range(3))
def test_a_refusal_of_the_store_is_tried_again(post: Post, number: int) -> None:
    """Whichever call is refused, the message comes back and the next try sends one mail."""
    with broken("dynamodb", number, error=_refusal()) as seen:
        failed = post.work(invitation())
    assert failed == ["0"], seen
    was_sent = len(post.house.mails())
    assert was_sent == (1 if seen[-1] == "UpdateItem" else 0)
    post.move_clock(mail_store.CLAIM_LIFE_S if was_sent else 0)
    assert post.work(invitation()) == []
    assert len(post.house.mails()) == was_sent + 1
    assert post.set_password(post.links()[0]).status == 303


def test_a_refusal_of_ses_is_tried_again_at_once(post: Post) -> None:
    """A no of SES is no doubt: the request is free again."""
    with broken("sesv2", 0, error=_refusal()):
        assert post.work(invitation()) == ["0"]
    assert [item["state"] for item in post.items("MAIL_TABLE")] == ["released"]
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
    """Refused five times, a mail still goes out at the sixth, and it pushed no earlier link out."""
    caplog.set_level(logging.INFO)
    post.work(invitation("earlier"))
    told = f"{code} for {NOOR}"
    for _ in range(5):
        refusal = ClientError({"Error": {"Code": code, "Message": told}}, "SendEmail")
        with broken("sesv2", 0, error=refusal):
            assert post.work(invitation()) == ["0"]
        assert {item["state"] for item in post.items("MAIL_TABLE")} == {"sent", "released"}
    assert post.work(invitation()) == []
    assert len(post.house.mails()) == 2
    assert [post.visitor().get(path).status for path in post.links()] == [200, 200]
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
    post.move_clock(mail_store.CLAIM_LIFE_S - 1)
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


def _leave_claimed(post: Post, request_id: str, address: str = NOOR) -> None:
    """Claim a request as a run does that ends before it sends."""
    request = mail_store.Request(request_id, "invitation", address, "")
    desk = mail_store.look(request_id, address)
    assert mail_store.take(request, desk, "claimed", (), (), now_epoch_s=post.now_epoch_s)


@pytest.mark.soak
@pytest.mark.parametrize("_race", range(often(2)))
def test_of_many_simultaneous_runs_one_sends(post: Post, _race: int) -> None:
    """Four runs of one message, at once or just after a crash, are one mail; the others wait."""
    with ThreadPoolExecutor(4) as pool:
        for request_id, left_by_a_crash in (("new", False), ("left", True)):
            address = f"{request_id}@vlieger.example"
            if left_by_a_crash:
                _leave_claimed(post, request_id, address)
                post.move_clock(mail_store.CLAIM_LIFE_S)
            wanted = invitation(request_id, address=address)
            start = threading.Barrier(4, timeout=20)

            def run(_: int, wanted: Any = wanted, start: Any = start) -> list[str]:
                start.wait()
                return post.work(wanted)

            list(pool.map(run, range(4)))
            assert len(post.links(address)) == 1
            assert post.work(wanted) == []
    assert len(post.house.mails()) == 2


def test_who_comes_second_after_a_crash_waits(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another run took the request over: it is not done until that run says so."""
    _leave_claimed(post, "r1")
    post.move_clock(mail_store.CLAIM_LIFE_S)
    with monkeypatch.context() as patch:
        patch.setattr(mail_store, "take", lambda *_, **__: False)
        assert post.work(invitation()) == ["0"]
    assert post.work(invitation()) == []
    assert len(post.house.mails()) == 1


@pytest.mark.soak
@pytest.mark.parametrize("_race", range(often(2)))
def test_two_places_at_once_are_one_account(post: Post, _race: int) -> None:
    """Two invitations of one new address at one moment make one account with both places."""
    other = invitation("r9", scope="school#43", scope_name="De Wilgen")
    look = mail_store.look
    both_have_looked = threading.Barrier(2, timeout=20)
    firsts: list[str] = []

    def together(
        request_id: str, address: str, place: tuple[str, str] | None = None
    ) -> mail_store.Desk:
        desk = look(request_id, address, place)
        if request_id not in firsts:
            firsts.append(request_id)
            both_have_looked.wait()
        return desk

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as pool:
        patch.setattr(mail_store, "look", together)
        assert list(pool.map(post.work, (invitation(), other))) == [[], []]
    places = [item for item in post.items("ACCOUNTS_TABLE") if item["scope"] != "profile"]
    assert sorted(place["scope"] for place in places) == [SCHOOL, "school#43"]
    assert len({place["account_id"] for place in places}) == 1
    assert [post.visitor().get(path).status for path in post.links()] == [200, 200]


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
        days=7,
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


def _composed(template: str, language: str) -> bytes:
    sender = "deur@schoolpoort.example"
    return mail_text.compose(
        template, language, to=NOOR, sender=sender, now_epoch_s=1_800_000_000, **SAID
    )


@pytest.mark.parametrize("template", sorted(_TEMPLATES))
@pytest.mark.parametrize("language", ["nl", "en", ""])
def test_a_text_fits_seventy_two_columns(template: str, language: str) -> None:
    """As plain text no line is longer, but for the address of a link, which stands alone."""
    message = email.message_from_bytes(_composed(template, language), policy=SMTP)
    text = next(message.iter_parts()).get_content()
    wide = [line for line in text.splitlines() if len(line) > 72]
    assert all(re.fullmatch(r"https://\S+", line) for line in wide)
    assert "\n\n\n\n" not in text


@pytest.mark.parametrize("template", sorted(_TEMPLATES))
@pytest.mark.parametrize("language", ["nl", "en", ""])
def test_a_subject_is_one_clean_line(template: str, language: str) -> None:
    """On the wire as well as read: no fold, no space around it, and nothing of the person."""
    raw = _composed(template, language)
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


_WORK = {
    "an invitation of somebody new": (invitation(),),
    "a second place": (invitation("r0"), invitation(scope="school#43", scope_name="De Wilgen")),
    "another role": (invitation("r0"), invitation(roles=["ict_coordinator"], person_id=None)),
    "a link for two accounts": (
        invitation("r0"),
        {"kind": "home_invitation", "request_id": "h0", "address": NOOR, "school_name": "S"},
        reset("r1"),
    ),
    "a parent": (
        {"kind": "home_invitation", "request_id": "r1", "address": NOOR, "school_name": "S"},
    ),
    "nobody": (reset("r1"),),
}
"""Messages, of which the last one is worked on while the process ends."""


def _calls(post: Post, message: dict[str, Any]) -> list[tuple[str, str]]:
    """Work a message off and return its AWS calls: service and operation."""
    calls: list[tuple[str, str]] = []
    for service in ("dynamodb", "sesv2"):

        def note(model: Any, service: str = service, **_: Any) -> None:
            calls.append((service, model.name))

        product_aws.client(service).meta.events.register("before-call", note, unique_id="all")
    assert post.work(message) == []
    for service in ("dynamodb", "sesv2"):
        product_aws.client(service).meta.events.unregister("before-call", unique_id="all")
    return calls


def test_who_has_the_place_already_costs_no_more(post: Post) -> None:
    """A reminder names the account, so that one look finds everything, as a first mail's does."""
    first = [name for _, name in _calls(post, invitation("first"))]
    assert len(first) == 4
    account = post.credential()
    assert account
    reminder = invitation("again", account_id=account.account_id)
    assert [name for _, name in _calls(post, reminder)] == first
    assert len(post.links()) == 2


def _left(post: Post) -> list[Any]:
    """Return what tables and mailbox hold, without what differs by chance or by the hour."""
    claimed = [item for item in post.items("CREDENTIALS_TABLE") if "account_id" in item]
    accounts = {item["account_id"] for item in claimed}
    tables = [
        sorted(
            str(
                {
                    name: value
                    for name, value in item.items()
                    if not name.endswith(("_epoch_s", "_id", "_hash"))
                    and name not in {"token_hashes", "recent", "link_key", "record_version"}
                }
            )
            for item in post.items(table)
        )
        for table in ("CREDENTIALS_TABLE", "ACCOUNTS_TABLE", "MAIL_TABLE")
    ]
    usable = [post.visitor().get(path).status for path in post.links()]
    return [len(accounts), tables, usable.count(200)]


@pytest.mark.parametrize("what", _WORK)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_at_any_call_leaves_the_same(post: Post, what: str, when: str) -> None:
    """A run that ends before or after each of its calls, and is done again, ends as if it had not.

    One mail is sent, but for an end between the send and its record: then there are two.
    """
    *earlier, message = _WORK[what]
    empty = Snapshot.take(post.house)
    assert post.work(*earlier) == []
    calls = _calls(post, message)
    wanted, mails = _left(post), len(post.house.mails())
    for number, (service, operation) in enumerate(calls):
        empty.restore(post.house)
        assert post.work(*earlier) == []
        before = len([name for name, _ in calls[:number] if name == service])
        with pytest.raises(_Crash), cut_off(service, before, _Crash(), when=when):
            post.work(message)
        post.move_clock(mail_store.CLAIM_LIFE_S)
        assert post.work(message) == []
        was_sent = operation == "UpdateItem" and "sesv2" in dict(calls[:number])
        was_sent |= (service, when) == ("sesv2", "after")
        is_recorded = was_sent and operation == "UpdateItem" and when == "after"
        extra = 1 if was_sent and not is_recorded else 0
        assert len(post.house.mails()) == mails + extra, (operation, when)
        state = _left(post)
        assert state[:2] == wanted[:2], (operation, when)
        assert wanted[2] <= state[2] <= wanted[2] + 2 * extra


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


@pytest.mark.soak
def test_a_burst_that_ses_throttles_loses_nothing(post: Post) -> None:
    """Of many requests at once, with one refusal in ten, each becomes one mail and no more."""
    count = 1000 if IS_SOAK else 40
    chance = random.Random(7)
    waiting = [invitation(f"r{n}", address=f"a{n}@vlieger.example") for n in range(count)]
    refusals = 0

    def refuse(**_: Any) -> None:
        nonlocal refusals
        if chance.random() < 0.1:
            refusals += 1
            raise ClientError({"Error": {"Code": "TooManyRequestsException"}}, "SendEmail")

    events = product_aws.client("sesv2").meta.events
    events.register("before-call", refuse, unique_id="throttle")
    while waiting:
        batch, waiting = waiting[:5], waiting[5:]
        waiting += [batch[int(number)] for number in post.work(*batch)]
    events.unregister("before-call", unique_id="throttle")
    assert refusals > 0
    assert len(post.house.mails()) == count
    assert len({mail["to"][0] for mail in post.house.mails()}) == count
    assert {item["state"] for item in post.items("MAIL_TABLE")} == {"sent"}


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
