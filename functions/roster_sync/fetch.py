"""Fetches a school's roster from its LAS, with the keys that may be used today.

First the school's own key; then the one before it, while that is kept; then the supplier's general
key, until the day from which keys are needed. What the LAS says of the own key is remembered, and
told to the school once when a key stops working.

A school may get another BRIN. Its system says the new code some day, before or after the registry
does: the old one is asked for as long as that is answered, then the one that the registry has.
"""

from dataclasses import dataclass, replace

from roster_sync import key_dates, key_notices, las_secrets, link_store, suppliers, uwlr_client
from roster_sync.causes import Cause, FeedRefused
from roster_sync.link_store import LinkChanged
from roster_sync.links import Link, LinkStatus
from roster_sync.model import Feed
from roster_sync.suppliers import Supplier
from roster_sync.uwlr_answer import NothingChanged
from schoolpoort import registry
from schoolpoort.coverage import amsterdam_day

Answer = Feed | NothingChanged

_MAY_BE_RENUMBERED = frozenset({Cause.KEY_REFUSED, Cause.NO_DATA, Cause.MESSAGE_REFUSED})
"""What a LAS says of a code that it does not know, or knows no more."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a LAS answered, and the code of BRIN and location that it has to be of."""

    answer: Answer
    brin6: str


def fetch(school_id: str, link: Link, school_year: str, now_epoch_s: int) -> Fetched:
    """Return what a school's LAS answers; raises FeedRefused with the cause."""
    supplier = suppliers.listed().get(link.supplier)
    if supplier is None:
        raise FeedRefused(Cause.NO_LINK)
    if link.key is None:
        otherwise = _cause_of_none(link)
        return _with_general_key(school_id, supplier, link, school_year, now_epoch_s, otherwise)
    try:
        key = link_store.open_key(school_id, link.key)
        answer = _ask(school_id, supplier, link, school_year, key)
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
) -> Fetched:
    if link.previous_key is not None:
        key = link_store.open_key(school_id, link.previous_key)
        try:
            return _ask(school_id, supplier, link, school_year, key)
        except FeedRefused as error:
            if error.cause != Cause.KEY_REFUSED:
                raise
    otherwise = Cause.KEY_REFUSED
    return _with_general_key(school_id, supplier, link, school_year, now_epoch_s, otherwise)


def _with_general_key(
    school_id: str,
    supplier: Supplier,
    link: Link,
    school_year: str,
    now_epoch_s: int,
    otherwise: Cause,
) -> Fetched:
    key = general_key(supplier, now_epoch_s)
    if key is None:
        raise FeedRefused(otherwise)
    return _ask(school_id, supplier, link, school_year, key)


def general_key(supplier: Supplier, now_epoch_s: int) -> str | None:
    """Return the supplier's general key while schools may still be read with it, or None."""
    key = las_secrets.of_supplier(supplier).general_key
    if key is None:
        return None
    due = link_store.key_dates().get(supplier.name)
    return None if key_dates.is_needed(due, amsterdam_day(now_epoch_s)) else key


def _cause_of_none(link: Link) -> Cause:
    return Cause.KEY_WITHDRAWN if link.status == "withdrawn" else Cause.KEY_NEEDED


def _ask(school_id: str, supplier: Supplier, link: Link, school_year: str, key: str) -> Fetched:
    """Ask under the code of the link; where that is no longer it, under that of the registry."""
    try:
        answer = _answer(supplier, link, school_year, key)
        if _says(answer) in {None, link.brin6}:
            return Fetched(answer, link.brin6)
        said: Fetched | FeedRefused = Fetched(answer, link.brin6)
    except FeedRefused as error:
        if error.cause not in _MAY_BE_RENUMBERED:
            raise
        said = error
    renumbered = _renumbered(school_id, link)
    if renumbered is None:
        return _as_said(said)
    if isinstance(said, FeedRefused):
        try:
            said = Fetched(_answer(supplier, renumbered, school_year, key), renumbered.brin6)
        except FeedRefused:
            return _as_said(said)
    if _says(said.answer) not in {None, renumbered.brin6}:
        return said
    link_store.renumber_link(school_id, link, renumbered)
    return Fetched(said.answer, renumbered.brin6)


def _as_said(said: Fetched | FeedRefused) -> Fetched:
    if isinstance(said, FeedRefused):
        raise said
    return said


def _renumbered(school_id: str, link: Link) -> Link | None:
    """Return a link under the code that its school has by now, or None when that is the same."""
    school = registry.school(school_id)
    if school is None or school.brin6 == link.brin6:
        return None
    return replace(link, brin6=school.brin6)


def _says(answer: Answer) -> str | None:
    """Return which school an answer says it is of; None when it says nothing of schools."""
    return None if isinstance(answer, NothingChanged) else answer.school.brin6


def _answer(supplier: Supplier, link: Link, school_year: str, key: str) -> Answer:
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
