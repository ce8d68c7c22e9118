"""The items that a sign-in leaves: a session and an event."""

import pytest

from login import audit, session_start
from schoolpoort import sessions

NOW = 1_800_000_000


def who(scope: str = "school#42") -> session_start.SignedIn:
    """Return an invented teacher."""
    return session_start.SignedIn(
        account_id="7", display_name="Noor de Wit", scope=scope, person_id="9", language="nl"
    )


def item(scope: str = "school#42") -> dict[str, object]:
    """Return her session's item."""
    return session_start.session_item(
        who(scope), session_hash="f" * 64, stage="local", now_epoch_s=NOW
    )


def test_a_new_session_is_what_the_reader_reads() -> None:
    """The item of a start reads back as the session of that person."""
    session = sessions.of_item(item())
    assert session == sessions.Session(
        session_hash="f" * 64,
        account_id="7",
        kind="staff",
        display_name="Noor de Wit",
        scope="school#42",
        school_id="42",
        person_id="9",
        expires_at_epoch_s=NOW + 12 * 60 * 60,
        authenticated_at_epoch_s=NOW,
        language="nl",
        confirmed_at_epoch_s=NOW,
    )


@pytest.mark.parametrize("scope", ["board#40001", "helpdesk"])
def test_only_a_school_gives_a_school_id(scope: str) -> None:
    """A board's or the helpdesk's session belongs to no school, and the index wants no null."""
    assert "school_id" not in item(scope)
    assert sessions.of_item(item(scope)).school_id is None


def event(scope: str | None, at: int = NOW) -> dict[str, object]:
    """Return the event of a refused attempt."""
    return audit.event(
        new_id="5",
        action="sign_in",
        outcome="refused",
        reason="wrong",
        account_id="7",
        scope=scope,
        at_epoch_s=at,
    )


@pytest.mark.parametrize(
    ("scope", "stream"),
    [("school#42", "school#42"), ("board#40001", "none"), ("helpdesk", "none"), (None, "none")],
)
def test_a_school_has_a_stream_of_its_own(scope: str | None, stream: str) -> None:
    """Attempts without a school share one stream."""
    assert event(scope)["stream"] == stream


def test_events_sort_by_time() -> None:
    """The key of an event orders a stream by time, also when a digit is added."""
    moments = [5, 999_999_999, 1_000_000_000, NOW]
    keys = [str(event(None, at)["event_id"]) for at in moments]
    assert keys == sorted(keys)


def test_an_event_waits_for_its_seal_and_is_kept_a_year() -> None:
    """A new event is unsealed and ends after a year."""
    made = event("school#42")
    assert made["sealed"] is False
    assert made["expires_at_epoch_s"] == NOW + 365 * 24 * 60 * 60
