"""Asks a LAS over HTTPS, within limits that hold whatever it does.

The address comes from the list in LAS_ENDPOINTS, never from a school. No redirect is followed, no
compression is accepted, and an answer is cut off while it is read, not after.
"""

import functools
import json
import time

import urllib3
from urllib3.exceptions import HTTPError, ReadTimeoutError

from roster_sync.causes import Cause, FeedRefused
from roster_sync.model import Feed
from roster_sync.uwlr_answer import NothingChanged, read_answer
from roster_sync.uwlr_envelope import SOAP_ACTION, Question, envelope
from roster_sync.xml_input import LARGEST_DOCUMENT_BYTES
from schoolpoort import settings

_CONNECT_S = 3.0
_CHUNK_BYTES = 64 * 1024
_REDIRECTS = range(300, 400)

PATIENCE_S = 20.0
"""How long an answer may take at night, and a person's "sync now"."""

PATIENCE_OF_A_PAGE_S = 10.0
"""How long a person who entered a key waits: the page itself must come within 29 s."""


def question(brin6: str, school_year: str, authorisation_key: str) -> Question:
    """Return the question for a school, in the name that suppliers know us by."""
    return Question(
        brin6=brin6,
        school_year=school_year,
        client_name=settings.require("LAS_CLIENT_NAME"),
        client_code=settings.require("LAS_CLIENT_CODE"),
        authorisation_key=authorisation_key,
    )


def endpoints() -> dict[str, str]:
    """Return the addresses that we may ask, by supplier; raises SettingRefused for a bad one."""
    found: dict[str, str] = json.loads(settings.require("LAS_ENDPOINTS"))
    for url in found.values():
        settings.check_url("LAS_ENDPOINTS", url)
    return found


def ask(url: str, asked: Question, *, patience_s: float = PATIENCE_S) -> Feed | NothingChanged:
    """Return what a LAS answers; raises FeedRefused with the cause."""
    headers = {
        "Content-Type": "text/xml; charset=utf-8",
        "SOAPAction": f'"{SOAP_ACTION}"',
        "Accept": "text/xml",
        "Accept-Encoding": "identity",
    }
    ends_at = time.monotonic() + patience_s
    try:
        response = _pool().request(
            "POST",
            url,
            body=envelope(asked),
            headers=headers,
            timeout=urllib3.Timeout(connect=_CONNECT_S, read=patience_s),
            redirect=False,
            preload_content=False,
            decode_content=False,
        )
    except ReadTimeoutError as error:
        raise FeedRefused(Cause.LAS_SLOW) from error
    except HTTPError as error:
        raise FeedRefused(Cause.LAS_UNREACHABLE) from error
    try:
        return read_answer(response.status, _read(response, ends_at))
    except ReadTimeoutError as error:
        raise FeedRefused(Cause.LAS_SLOW) from error
    except HTTPError as error:
        raise FeedRefused(Cause.LAS_GARBLED) from error
    finally:
        # Not returned to the pool: what is left of a cut-off answer must not be the next one's.
        response.close()


def _read(response: urllib3.BaseHTTPResponse, ends_at: float) -> bytes:
    """Return the body; raises FeedRefused as soon as it is too large, too slow or not plain."""
    if response.status in _REDIRECTS:
        raise FeedRefused(Cause.LAS_REDIRECTS)
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise FeedRefused(Cause.LAS_GARBLED)
    content = bytearray()
    while chunk := response.read1(_CHUNK_BYTES):
        content += chunk
        if len(content) > LARGEST_DOCUMENT_BYTES:
            raise FeedRefused(Cause.LAS_TOO_LARGE)
        if time.monotonic() > ends_at:
            raise FeedRefused(Cause.LAS_SLOW)
    return bytes(content)


@functools.cache
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(retries=False, maxsize=1)
