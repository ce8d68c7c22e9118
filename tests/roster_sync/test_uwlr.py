"""The question to a LAS, every answer it can give, and the limits that hold meanwhile."""

import gzip
import socket
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from lxml import etree

from infra.local import las_xml, rosters
from infra.local.stand_ins import las
from roster_sync import uwlr_client
from roster_sync.causes import Cause, FeedRefused
from roster_sync.las_http import Door
from roster_sync.model import Feed
from roster_sync.uwlr_answer import NothingChanged, read_answer
from roster_sync.uwlr_envelope import Question, envelope
from roster_sync.xml_input import LARGEST_DOCUMENT_BYTES
from tests.roster_sync.las_server import Answer, send, serving
from tests.roster_sync.samples import BRIN6, YEAR

_KEY = las.key_of(BRIN6)
_SCHEMAS = Path(__file__).resolve().parents[3] / "shared" / "data" / "uwlr-2.2" / "Schemas"
QUESTION = Question(BRIN6, YEAR, "schoolpoort", "local-client-code", _KEY)


@pytest.fixture(autouse=True)
def _local(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let loopback be an address that may be asked, as in the house on one machine."""
    monkeypatch.setenv("STAGE", "local")


def _cause(status: int, content: bytes) -> Cause:
    with pytest.raises(FeedRefused) as refused:
        read_answer(status, content)
    return refused.value.cause


def _asked(answer: Answer, *, patience_s: float = 2) -> Cause:
    with serving(answer) as url, pytest.raises(FeedRefused) as refused:
        uwlr_client.ask(Door(url), QUESTION, patience_s=patience_s)
    return refused.value.cause


def test_question_has_the_names_and_order_of_the_standard() -> None:
    """Header and body are those of HaalLeerlinggegevens, with values escaped."""
    asked = Question("12AB01", YEAR, "naam & co", "code<", "sleutel")
    root = etree.fromstring(envelope(asked))
    assert [(etree.QName(one).localname, one.text) for one in root[0][0]] == [
        ("autorisatiesleutel", "sleutel"),
        ("klantcode", "code<"),
        ("klantnaam", "naam & co"),
    ]
    assert [(etree.QName(one).localname, one.text) for one in root[1][0]] == [
        ("schooljaar", YEAR),
        ("brincode", "12AB"),
        ("dependancecode", "01"),
        ("xsdversie", "2.2"),
    ]


def test_question_never_shows_its_secrets() -> None:
    """A question that lands in a log shows neither key nor code."""
    assert _KEY not in repr(QUESTION)
    assert "local-client-code" not in repr(QUESTION)


@pytest.mark.skipif(not _SCHEMAS.is_dir(), reason="the UWLR schemas are not on this machine")
def test_question_is_valid_against_the_schema() -> None:
    """The body is what the UWLR 2.2 schema describes."""
    schema = etree.XMLSchema(etree.parse(_SCHEMAS / "UWLR_Leerlinggegevens_v2p2.xsd"))
    schema.assertValid(etree.fromstring(envelope(QUESTION))[1][0])


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("Server.InterneFout", Cause.LAS_INTERNAL),
        ("Server.TijdelijkNietBeschikbaar", Cause.LAS_UNAVAILABLE),
        ("Client.OngeldigBericht", Cause.MESSAGE_REFUSED),
        ("Client.OngeldigeKlantIdentificatie", Cause.CLIENT_UNKNOWN),
        ("Client.AutorisatieOngeldig", Cause.KEY_REFUSED),
        ("Client.XsdVersieOngeldig", Cause.VERSION_REFUSED),
        ("odd:prefix:Client.AutorisatieOngeldig", Cause.KEY_REFUSED),
        ("Client.LeerlingOngeldig", Cause.LAS_FAULT),
    ],
)
@pytest.mark.parametrize("status", [200, 500])
def test_faults_are_named_whatever_their_prefix_and_status(
    code: str, cause: Cause, status: int
) -> None:
    """A fault is known by what follows its last colon, also under status 200."""
    assert _cause(status, las_xml.fault(code)) == cause


@pytest.mark.parametrize(
    ("status", "content", "cause"),
    [
        (503, b"<!DOCTYPE html><html><body>503</body></html>", Cause.LAS_UNAVAILABLE),
        (502, b"", Cause.LAS_UNAVAILABLE),
        (500, b"Internal Server Error", Cause.LAS_INTERNAL),
        (200, b"<html><body>Welkom</body></html>", Cause.LAS_WEB_PAGE),
        (200, las_xml.answer(rosters.of_school(BRIN6, YEAR))[:-400], Cause.LAS_GARBLED),
        (200, las_xml.short_answer("geengegevens"), Cause.NO_DATA),
        (200, las_xml.short_answer("ietsanders"), Cause.LAS_GARBLED),
        (
            200,
            las_xml.short_answer("geengegevens").replace(
                b"leerresultaten/2/", b"leerresultaten/1/"
            ),
            Cause.LAS_OLD_VERSION,
        ),
        (200, b"<x/>" + b" " * LARGEST_DOCUMENT_BYTES, Cause.LAS_TOO_LARGE),
    ],
)
def test_answers_without_a_feed_are_named(status: int, content: bytes, cause: Cause) -> None:
    """The body is read first; without one that says more, the status tells."""
    assert _cause(status, content) == cause


def test_no_changes_is_no_feed_and_no_fault() -> None:
    """Geenwijzigingen is an answer of its own."""
    assert isinstance(read_answer(200, las_xml.short_answer("geenwijzigingen")), NothingChanged)


def test_client_gets_a_roster_over_http(las_url: str) -> None:
    """The stand-in LAS understands the question and its roster is read."""
    feed = uwlr_client.ask(Door(las_url), QUESTION)
    assert isinstance(feed, Feed)
    assert len(feed.pupils) == len(rosters.of_school(BRIN6, YEAR).pupils)


@pytest.mark.parametrize(
    ("question", "cause"),
    [
        (Question(BRIN6, YEAR, "schoolpoort", "local-client-code", "verkeerd"), Cause.KEY_REFUSED),
        (Question("00AA01", YEAR, "schoolpoort", "local-client-code", _KEY), Cause.KEY_REFUSED),
        (Question(BRIN6, YEAR, "schoolpoort", "local-client-code", ""), Cause.KEY_REFUSED),
        (Question(BRIN6, YEAR, "schoolpoort", "fout", _KEY), Cause.CLIENT_UNKNOWN),
        (Question(BRIN6, "26-27", "schoolpoort", "local-client-code", _KEY), Cause.MESSAGE_REFUSED),
    ],
)
def test_stand_in_checks_as_a_real_one(las_url: str, question: Question, cause: Cause) -> None:
    """A wrong key, school, customer or message gets the fault of the standard."""
    with pytest.raises(FeedRefused) as refused:
        uwlr_client.ask(Door(las_url), question)
    assert refused.value.cause == cause


def test_redirects_are_not_followed() -> None:
    """An address that sends us on gets no second question."""
    seen = []

    def elsewhere(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        seen.append(handler.path)
        send(handler, 307, b"", {"Location": "/again"})

    assert _asked(elsewhere) == Cause.LAS_REDIRECTS
    assert seen == ["/"]


def test_compressed_answers_are_refused() -> None:
    """We ask for none, so a compressed answer is no answer."""

    def gzipped(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        send(handler, 200, b"\x1f\x8b", {"Content-Encoding": "gzip"})

    assert _asked(gzipped) == Cause.LAS_GARBLED


def test_answer_is_cut_off_at_the_limit() -> None:
    """An endless answer is not read to its end."""

    def endless(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.close_connection = True
        while True:
            handler.wfile.write(b" " * 1_000_000)

    assert _asked(endless, patience_s=10) == Cause.LAS_TOO_LARGE


def test_answer_that_stops_half_way_is_garbled() -> None:
    """A connection that breaks off leaves nothing usable."""

    def broken(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"<soap>")
        handler.close_connection = True

    assert _asked(broken) == Cause.LAS_GARBLED


def test_slow_drip_is_ended() -> None:
    """A byte now and then does not keep us waiting for ever."""

    def drip(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)

    began = time.monotonic()
    assert _asked(drip, patience_s=0.5) == Cause.LAS_SLOW
    assert time.monotonic() - began < 3


def test_headers_that_drip_are_ended() -> None:
    """The deadline is over the whole answer: a header now and then does not stretch it."""

    def drip(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        for number in range(90):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n" if number == 0 else b"X-Slow: 1\r\n")
            handler.wfile.flush()
            time.sleep(0.05)

    began = time.monotonic()
    assert _asked(drip, patience_s=0.5) == Cause.LAS_SLOW
    assert time.monotonic() - began < 3


def test_gzip_bomb_is_not_opened() -> None:
    """Four kilobytes that would become four megabytes are refused as they are."""
    bomb = gzip.compress(b" " * 4_000_000)

    def compressed(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        send(handler, 200, bomb, {"Content-Encoding": "gzip"})

    assert _asked(compressed) == Cause.LAS_GARBLED


def test_loopback_is_asked_nothing_outside_the_local_house(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A host name that leads to this machine is hung up on before the key is sent."""
    monkeypatch.setenv("STAGE", "production")
    seen: list[bytes] = []
    assert _asked(lambda _handler, body: seen.append(body)) == Cause.LAS_FORBIDDEN_ADDRESS
    assert seen == []


@pytest.mark.parametrize("peer", ["10.0.0.8", "169.254.169.254", "::1", "fd00::1", "100.64.0.1"])
def test_addresses_inside_are_not_public(peer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Private, link-local and shared addresses are hung up on, whatever name led there."""
    monkeypatch.setenv("STAGE", "production")

    class Inside(socket.socket):
        def getpeername(self) -> tuple[str, int]:
            return peer, 443

    with Inside() as plain:
        monkeypatch.setattr(socket, "create_connection", lambda *_, **__: plain)
        with pytest.raises(FeedRefused) as refused:
            uwlr_client.ask(Door("https://las.example/"), QUESTION)
    assert refused.value.cause == Cause.LAS_FORBIDDEN_ADDRESS


def test_older_version_is_asked_for_when_ours_is_refused(
    las_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A LAS that does not know 2.3 is asked once more, in 2.2."""
    monkeypatch.setattr(las, "VERSIONS", frozenset({"2.2"}))
    newer = replace(QUESTION, xsd_version="2.3")
    feed, version = uwlr_client.ask_in_any_version(Door(las_url), newer)
    assert isinstance(feed, Feed)
    assert version == "2.2"


def test_no_version_below_ours_is_asked_for(las_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below 2.2 ECK iDs are left out, so a LAS that speaks only that is refused."""
    monkeypatch.setattr(las, "VERSIONS", frozenset({"2.1"}))
    with pytest.raises(FeedRefused) as refused:
        uwlr_client.ask_in_any_version(Door(las_url), QUESTION)
    assert refused.value.cause == Cause.VERSION_REFUSED


def test_extra_headers_go_with_every_question() -> None:
    """What a supplier wants beside the standard is sent, and never shown."""
    seen: list[str | None] = []

    def note(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        seen.append(handler.headers["X-Subscription"])
        send(handler, 200, las_xml.short_answer("geenwijzigingen"))

    with serving(note) as url:
        door = Door(url, {"X-Subscription": "abonnement"})
        assert isinstance(uwlr_client.ask(door, QUESTION), NothingChanged)
    assert seen == ["abonnement"]
    assert "abonnement" not in repr(door)


def test_silence_is_ended() -> None:
    """A LAS that accepts the question and says nothing is slow."""

    def silent(_handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        time.sleep(1)

    assert _asked(silent, patience_s=0.3) == Cause.LAS_SLOW


def test_nobody_there_is_unreachable() -> None:
    """A port on which nobody listens is told at once."""
    with serving(lambda handler, _body: send(handler, 200, b"")) as url:
        pass
    with pytest.raises(FeedRefused) as refused:
        uwlr_client.ask(Door(url), QUESTION)
    assert refused.value.cause == Cause.LAS_UNREACHABLE
