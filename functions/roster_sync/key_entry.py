"""Stores a school's authorisation key, after the LAS itself accepted it."""

from dataclasses import dataclass, field

from roster_sync import brake, fetch, link_store, links, uwlr_client
from roster_sync.brake import Expected
from roster_sync.causes import Cause, FeedRefused
from roster_sync.links import Link, SealedKey
from roster_sync.school_year import school_year
from roster_sync.suppliers import Supplier, is_customer
from roster_sync.uwlr_answer import NothingChanged
from roster_sync.uwlr_envelope import XsdVersion
from schoolpoort import clock, coverage
from schoolpoort.coverage import amsterdam_day


@dataclass(frozen=True, slots=True)
class Entry:
    """What a coordinator filled in; `customer` only where the supplier asks for it."""

    supplier: Supplier
    customer: str = ""
    typed_key: str = field(default="", repr=False)


def enter_key(school_id: str, brin6: str, entry: Entry) -> None:
    """Try a key at the LAS and store it sealed; raises FeedRefused and stores nothing otherwise.

    Without a key the supplier's general one is tried, as long as schools may do with that. The
    answer that proves a key is thrown away: people come in by a sync only. A key that worked until
    now is kept beside the new one until that has brought a roster.
    """
    now = clock.now_epoch_s()
    day = amsterdam_day(now)
    # The proof of a key is an answer full of pupils, so it too needs the agreement (rule 4).
    if not coverage.is_covered(coverage.of_school(school_id), day):
        raise FeedRefused(Cause.NO_AGREEMENT)
    customer = entry.customer.strip().lower() if entry.supplier.needs_customer else ""
    if entry.supplier.needs_customer and not is_customer(customer):
        raise FeedRefused(Cause.CUSTOMER_MALFORMED)
    key, used = _keys(entry, now)
    version = _try(brin6, school_year(day), Entry(entry.supplier, customer), used)
    before = link_store.link(school_id)
    link_store.put_link(
        school_id,
        Link(
            supplier=entry.supplier.name,
            brin6=brin6,
            key=None if key is None else link_store.seal_key(school_id, key),
            status="none" if key is None else "working",
            checked_at_epoch_s=now,
            previous_key=_kept(before, entry.supplier, customer),
            customer=customer,
            xsd_version=version,
        ),
    )


def _keys(entry: Entry, now_epoch_s: int) -> tuple[str | None, str]:
    """Return the school's own key, or None, and the key to ask with."""
    if not entry.typed_key.strip():
        general = fetch.general_key(entry.supplier, now_epoch_s)
        if general is None:
            raise FeedRefused(Cause.KEY_NEEDED)
        return None, general
    key = links.clean_key(entry.typed_key)
    if key is None:
        raise FeedRefused(Cause.KEY_MALFORMED)
    return key, key


def _kept(before: Link | None, supplier: Supplier, customer: str) -> SealedKey | None:
    """Return which older key stays valid beside a new one: the last that worked at this LAS."""
    if before is None or (before.supplier, before.customer) != (supplier.name, customer):
        return None
    return before.key if before.has_valid_key else before.previous_key


def _try(brin6: str, year: str, entry: Entry, key: str) -> XsdVersion:
    """Return the version of UWLR in which the LAS accepted a key; raises FeedRefused."""
    asked = uwlr_client.question(brin6, year, key, entry.supplier.xsd_version)
    try:
        answer, version = uwlr_client.ask_in_any_version(
            uwlr_client.door(entry.supplier, entry.customer),
            asked,
            patience_s=uwlr_client.PATIENCE_OF_A_PAGE_S,
        )
    except FeedRefused as error:
        # A LAS without data for this year (in the holidays) did accept the key.
        if error.cause == Cause.NO_DATA:
            return entry.supplier.xsd_version
        raise
    if isinstance(answer, NothingChanged):
        return version
    wrong = brake.wrong_sender(answer.school, Expected(brin6, year))
    if wrong == Cause.WRONG_SCHOOL:
        raise FeedRefused(wrong)
    return version
