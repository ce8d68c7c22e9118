"""Fetches a school's roster from its LAS, with the keys that may be used today.

First the school's own key; then the one before it, while that is kept; then the supplier's general
key, until the day from which keys are needed. What the LAS says of the own key is remembered, and
told to the school once when a key stops working.
"""

from roster_sync import key_dates, key_notices, las_secrets, link_store, suppliers, uwlr_client
from roster_sync.causes import Cause, FeedRefused
from roster_sync.link_store import LinkChanged
from roster_sync.links import Link, LinkStatus
from roster_sync.model import Feed
from roster_sync.suppliers import Supplier
from roster_sync.uwlr_answer import NothingChanged
from schoolpoort.coverage import amsterdam_day

Answer = Feed | NothingChanged


def fetch(school_id: str, link: Link, school_year: str, now_epoch_s: int) -> Answer:
    """Return what a school's LAS answers; raises FeedRefused with the cause."""
    supplier = suppliers.listed().get(link.supplier)
    if supplier is None:
        raise FeedRefused(Cause.NO_LINK)
    if link.key is None:
        return _with_general_key(supplier, link, school_year, now_epoch_s, _cause_of_none(link))
    try:
        answer = _ask(supplier, link, school_year, link_store.open_key(school_id, link.key))
    except FeedRefused as error:
        if error.cause == Cause.KEY_REFUSED:
            _remember(school_id, link, "refused", now_epoch_s)
            return _with_older_keys(school_id, supplier, link, school_year, now_epoch_s)
        if error.cause == Cause.NO_DATA:
            _remember(school_id, link, "working", now_epoch_s)
        raise
    _remember(school_id, link, "working", now_epoch_s)
    return answer


def _with_older_keys(
    school_id: str, supplier: Supplier, link: Link, school_year: str, now_epoch_s: int
) -> Answer:
    if link.previous_key is not None:
        key = link_store.open_key(school_id, link.previous_key)
        try:
            return _ask(supplier, link, school_year, key)
        except FeedRefused as error:
            if error.cause != Cause.KEY_REFUSED:
                raise
    return _with_general_key(supplier, link, school_year, now_epoch_s, Cause.KEY_REFUSED)


def _with_general_key(
    supplier: Supplier, link: Link, school_year: str, now_epoch_s: int, otherwise: Cause
) -> Answer:
    key = general_key(supplier, now_epoch_s)
    if key is None:
        raise FeedRefused(otherwise)
    return _ask(supplier, link, school_year, key)


def general_key(supplier: Supplier, now_epoch_s: int) -> str | None:
    """Return the supplier's general key while schools may still be read with it, or None."""
    key = las_secrets.of_supplier(supplier).general_key
    if key is None:
        return None
    due = link_store.key_dates().get(supplier.name)
    return None if key_dates.is_needed(due, amsterdam_day(now_epoch_s)) else key


def _cause_of_none(link: Link) -> Cause:
    return Cause.KEY_WITHDRAWN if link.status == "withdrawn" else Cause.KEY_NEEDED


def _ask(supplier: Supplier, link: Link, school_year: str, key: str) -> Answer:
    asked = uwlr_client.question(link.brin6, school_year, key, link.xsd_version)
    answer, _ = uwlr_client.ask_in_any_version(uwlr_client.door(supplier, link.customer), asked)
    return answer


def _remember(school_id: str, link: Link, status: LinkStatus, now_epoch_s: int) -> None:
    """Store what a key turned out to be, only when that is news; no answer is no news."""
    after = link if link.status == status else link.checked(status, now_epoch_s)
    if status == "working":
        after = after.without_previous()
    if after == link:
        return
    if status == "refused":
        # Before the state, so that a crash between the two sends no mail too few; the request's id
        # makes it one.
        about = str(link.checked_at_epoch_s)
        key_notices.tell(school_id, "key_refused", link.supplier, about=about)
    try:
        link_store.change_link(school_id, link, after)
    except LinkChanged:
        # A key was entered while the LAS answered: what it said is of another key.
        return
