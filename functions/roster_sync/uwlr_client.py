"""Asks a LAS for a school's roster, in the newest version of UWLR that both of us speak."""

from dataclasses import replace

from roster_sync import las_http, las_secrets
from roster_sync.causes import Cause, FeedRefused
from roster_sync.las_http import Door
from roster_sync.model import Feed
from roster_sync.suppliers import Supplier
from roster_sync.uwlr_answer import NothingChanged, read_answer
from roster_sync.uwlr_envelope import (
    SOAP_ACTION,
    Question,
    XsdVersion,
    envelope,
    one_version_down,
)
from schoolpoort import settings

_HEADERS = {
    "Content-Type": "text/xml; charset=utf-8",
    "SOAPAction": f'"{SOAP_ACTION}"',
    "Accept": "text/xml",
    "Accept-Encoding": "identity",
    "User-Agent": "Schoolpoort",
}

PATIENCE_S = 20.0
"""How long an answer may take at night, and a person's "sync now"."""

PATIENCE_OF_A_PAGE_S = 10.0
"""How long a person who entered a key waits: the page itself must come within 29 s."""


def question(
    brin6: str, school_year: str, authorisation_key: str, xsd_version: XsdVersion = "2.2"
) -> Question:
    """Return the question for a school, in the name that suppliers know us by."""
    return Question(
        brin6=brin6,
        school_year=school_year,
        client_name=settings.require("LAS_CLIENT_NAME"),
        client_code=settings.require("LAS_CLIENT_CODE"),
        authorisation_key=authorisation_key,
        xsd_version=xsd_version,
    )


def door(supplier: Supplier, customer: str = "") -> Door:
    """Return where and how a supplier is asked for one of its customers."""
    confidence = las_secrets.of_supplier(supplier)
    headers = {**supplier.headers, **confidence.headers}
    return Door(supplier.url(customer), headers, confidence.trust)


def ask(at: Door, asked: Question, *, patience_s: float = PATIENCE_S) -> Feed | NothingChanged:
    """Return what a LAS answers; raises FeedRefused with the cause."""
    status, content = las_http.post(at, envelope(asked), _HEADERS, patience_s=patience_s)
    return read_answer(status, content)


def ask_in_any_version(
    at: Door, asked: Question, *, patience_s: float = PATIENCE_S
) -> tuple[Feed | NothingChanged, XsdVersion]:
    """Return the answer and the version it came in, which is one down where ours was refused.

    Raises FeedRefused with the cause.
    """
    lower = one_version_down(asked.xsd_version)
    try:
        return ask(at, asked, patience_s=patience_s), asked.xsd_version
    except FeedRefused as error:
        if error.cause != Cause.VERSION_REFUSED or lower is None:
            raise
    return ask(at, replace(asked, xsd_version=lower), patience_s=patience_s), lower
