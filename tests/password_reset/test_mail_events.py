"""What SES reports of a mail only ever moves it on, in whatever order the reports come."""

import logging
from itertools import permutations

import pytest

from infra.local import mail_reports
from password_reset import mail_store
from password_reset.mail_events import MailState, before
from tests.password_reset.post import NOOR, Post, invitation

_KINDS = ("send", "delivery", "bounce", "complaint")


def _report(post: Post, kind: str, request_id: str = "r1") -> None:
    event = mail_reports.event(kind, "message-1", request_id, post.house.configuration_set)
    post.house.report_mail(event)


def _leave_claimed(post: Post) -> None:
    request = mail_store.Request("r1", "invitation", NOOR, "")
    desk = mail_store.look("r1", NOOR)
    assert mail_store.take(request, desk, "claimed", (), (), now_epoch_s=post.now_epoch_s)


def _state(post: Post) -> str:
    [item] = post.items("MAIL_TABLE")
    return str(item["state"])


@pytest.mark.parametrize("order", list(permutations(_KINDS)))
def test_any_order_of_reports_ends_the_same(post: Post, order: tuple[str, ...]) -> None:
    """The worst that was reported stands, whichever report came last."""
    post.work(invitation())
    for kind in order:
        _report(post, kind)
    assert _state(post) == "complained"


@pytest.mark.parametrize(
    ("kind", "state"),
    [("send", "sent"), ("delivery", "delivered"), ("bounce", "bounced")],
)
def test_a_report_is_kept_with_its_request(post: Post, kind: str, state: str) -> None:
    """A report that comes twice says the same as once."""
    post.work(invitation())
    _report(post, kind)
    _report(post, kind)
    assert _state(post) == state


def test_a_report_before_the_record_stands(post: Post) -> None:
    """SES may be faster than the run that sent the mail: its record takes nothing back."""
    _leave_claimed(post)
    _report(post, "bounce")
    mail_store.record("r1", "message-1")
    assert _state(post) == "bounced"


def test_the_report_of_a_send_ends_the_doubt(post: Post) -> None:
    """A run that was cut off just after SES took the mail is not done again."""
    _leave_claimed(post)
    _report(post, "send")
    post.move_clock(mail_store.CLAIM_LIFE_S)
    assert post.work(invitation()) == []
    assert post.house.mails() == []


def test_a_report_of_no_mail_of_ours_writes_nothing(post: Post) -> None:
    """A mail without our tag, an unknown request and an unknown kind are passed over."""
    _report(post, "bounce", "never-asked")
    opened = mail_reports.event("send", "m", "r1", "set")
    opened["detail"]["eventType"] = "Open"
    post.house.report_mail(opened)
    untagged = mail_reports.event("bounce", "m", "r1", "set")
    del untagged["detail"]["mail"]["tags"]["request_id"]
    post.house.report_mail(untagged)
    assert post.items("MAIL_TABLE") == []


def test_the_row_of_states_is_whole() -> None:
    """Each state can be reached from every one before it and from no other."""
    assert [len(before(state)) for state in MailState] == [0, 1, 2, 3, 4, 5]
    assert before(MailState.OPENED) == (MailState.CLAIMED, MailState.SENT, MailState.DELIVERED)


def test_a_report_holds_no_address_in_the_log(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    """The log says that a mail bounced and why, not whose."""
    post.work(invitation())
    caplog.clear()
    with caplog.at_level(logging.INFO, "schoolpoort"):
        _report(post, "bounce")
    told = " ".join(str(vars(record)) for record in caplog.records if record.name == "schoolpoort")
    assert "Permanent" in told
    assert NOOR not in told
