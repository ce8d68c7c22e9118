"""Stores a school's authorisation key, after the LAS itself accepted it."""

from roster_sync import brake, links, store, uwlr_client
from roster_sync.brake import Expected
from roster_sync.causes import Cause, FeedRefused
from roster_sync.links import Link
from roster_sync.school_year import school_year
from roster_sync.uwlr_answer import NothingChanged
from schoolpoort import clock, coverage
from schoolpoort.coverage import amsterdam_day


def enter_key(school_id: str, brin6: str, supplier: str, typed: str) -> None:
    """Try a key at the LAS and store it sealed; raises FeedRefused and stores nothing otherwise.

    The answer that proves the key is thrown away: people come in by a sync only.
    """
    now = clock.now_epoch_s()
    day = amsterdam_day(now)
    # The proof of a key is an answer full of pupils, so it too needs the agreement (rule 4).
    if not coverage.is_covered(coverage.of_school(school_id), day):
        raise FeedRefused(Cause.NO_AGREEMENT)
    key = links.clean_key(typed)
    if key is None:
        raise FeedRefused(Cause.KEY_MALFORMED)
    _try(brin6, school_year(day), supplier, key)
    store.put_link(
        school_id,
        Link(
            supplier=supplier,
            brin6=brin6,
            key_ciphertext=store.seal_key(school_id, key),
            key_last_four=links.last_four(key),
            status="working",
            checked_at_epoch_s=now,
        ),
    )


def _try(brin6: str, year: str, supplier: str, key: str) -> None:
    url = uwlr_client.endpoints()[supplier]
    try:
        answer = uwlr_client.ask(
            url,
            uwlr_client.question(brin6, year, key),
            patience_s=uwlr_client.PATIENCE_OF_A_PAGE_S,
        )
    except FeedRefused as error:
        # A LAS without data for this year (in the holidays) did accept the key.
        if error.cause == Cause.NO_DATA:
            return
        raise
    if isinstance(answer, NothingChanged):
        return
    wrong = brake.wrong_sender(answer.school, Expected(brin6, year))
    if wrong == Cause.WRONG_SCHOOL:
        raise FeedRefused(wrong)
