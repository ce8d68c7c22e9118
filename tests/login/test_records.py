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
        nonce="5",
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


def test_an_event_is_kept_a_year_and_of_a_pupil_a_month() -> None:
    """An event says itself when it may be forgotten."""
    assert event("school#42")["expires_at_epoch_s"] == NOW + 365 * 24 * 60 * 60
    made = audit.event(
        nonce="6",
        action="sign_in",
        outcome="done",
        reason="picture",
        account_id="pupil-3",
        scope="school#42",
        at_epoch_s=NOW,
        pupil_at="home",
        source_ip="192.0.2.7",
    )
    assert (made["stream"], made["place"]) == ("pupils#42", "home")
    assert made["expires_at_epoch_s"] == NOW + 30 * 24 * 60 * 60
    assert audit.address_row(made) is None
    assert "192.0.2.7" not in str(made)


def test_the_address_of_staff_stands_apart_for_a_fortnight() -> None:
    """What is kept and sealed of an event has no address; the row beside it ends by itself."""
    made = event("school#42") | {"source_ip": "192.0.2.7"}
    assert "192.0.2.7" not in str(audit.stored(made))
    row = audit.address_row(made)
    assert row is not None
    assert row["source_ip"] == "192.0.2.7"
    assert row["expires_at_epoch_s"] == NOW + 14 * 24 * 60 * 60


def test_the_id_of_an_event_tells_nothing_of_its_nonce() -> None:
    """A seal outlives the event and keeps its id: the nonce must not follow from it."""
    made = event("school#42")
    assert str(made["nonce"]) not in str(made["event_id"]).partition("#")[2]
