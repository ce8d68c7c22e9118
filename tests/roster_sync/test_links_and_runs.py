"""Links and run records: what is shown, how ids sort, what is stored."""

import datetime as dt

import pytest

from roster_sync import links, runs
from roster_sync.causes import OWNERS, Cause
from roster_sync.runs import Outcome, Result, Run


def test_keys_lose_the_white_space_of_copying() -> None:
    """A key that was pasted with spaces and line ends is the key."""
    assert links.clean_key(" abc-\n def 123\t") == "abc-def123"


@pytest.mark.parametrize("typed", ["", "kort", "x" * 65, "sleutel\u2013met", "s\x00leutel"])
def test_what_cannot_be_a_key_is_none(typed: str) -> None:
    """Too short, too long and signs that no key has are no key."""
    assert links.clean_key(typed) is None


def test_link_never_shows_the_sealed_key() -> None:
    """A link in a log shows four characters at most."""
    key = links.SealedKey(b"sealed", links.last_four("sleutel-1234"))
    link = links.Link("esis", "00AA00", key, "working", 0, previous_key=key)
    assert "sealed" not in repr(link)
    assert key.last_four == "1234"
    assert links.link_of(links.link_item("7", link)) == link


def test_run_ids_sort_by_time_and_a_night_has_one() -> None:
    """A later run has a greater id; the run of a night is the same for every delivery."""
    night = runs.night_run_id(dt.date(2026, 11, 24))
    assert night == "001795474800-night"
    assert runs.new_run_id(1_795_474_801, "5") > night > runs.new_run_id(1_795_474_799, "5")
    assert runs.is_run_id(night)


@pytest.mark.parametrize("text", ["", "1-1", "001795474800-0", "001795474800-night2", "x" * 30])
def test_other_texts_are_no_run_ids(text: str) -> None:
    """Only the exact form is looked up."""
    assert not runs.is_run_id(text)


def test_run_reads_back_from_its_stored_form() -> None:
    """A run is the same after a way through the store."""
    result = Result(
        Outcome.HELD, Cause.MANY_LEAVERS, {"total": {"pupils": 1}}, (), {"left_pupil": 4}
    )
    run = Run("001795474800-5", "now", 1_795_474_800, 1_795_474_801, result)
    read = runs.run_of(runs.run_item("7", run))
    assert read == Run(
        run.run_id, "now", run.started_at_epoch_s, run.finished_at_epoch_s, read.result
    )
    assert (read.result.outcome, read.result.cause, read.result.held) == (
        Outcome.HELD,
        Cause.MANY_LEAVERS,
        {"left_pupil": 4},
    )


def test_every_cause_has_an_owner() -> None:
    """Nothing goes wrong without somebody who can do the next step."""
    assert set(OWNERS) == set(Cause)
