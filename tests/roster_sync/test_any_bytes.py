"""Whatever bytes come, both readers give a feed or refuse it; nothing else ever gets out."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from infra.local import las_xml, rosters
from roster_sync import edexml_file, screening
from roster_sync.causes import FeedRefused
from roster_sync.feed_hash import feed_hash
from roster_sync.model import Feed
from roster_sync.uwlr_answer import NothingChanged, read_answer
from tests.roster_sync.samples import BRIN6, DAY, YEAR

_ROWS = rosters.of_school(BRIN6, YEAR, pupils_per_group=1)
_ANSWER = las_xml.answer(_ROWS)
_FILE = las_xml.edexml(_ROWS)
_PIECES = (
    *(b"<", b">", b"&", b'"', b"\x00", b"\xff", b"]]>", b"<!--", b"-->", b"<![CDATA[", b"<?x?>"),
    *(b"&amp;", b"&#0;", b"&#x10FFFF;", b"<!DOCTYPE x>", b' key=""', b' xmlns="urn:x"', b"-1-1-"),
    "ÃÂ\u0085\u200b\u0301".encode(),
)


def _mangled(whole: bytes) -> st.SearchStrategy[bytes]:
    """Return documents that were cut, doubled and sprinkled with odd pieces."""
    place = st.integers(0, len(whole))
    edit = st.tuples(place, place, st.sampled_from(_PIECES) | st.binary(max_size=8))
    return st.lists(edit, min_size=1, max_size=6).map(lambda edits: _edited(whole, edits))


def _edited(whole: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for at, until, piece in edits:
        if at <= until < at + 40:
            whole = whole[:at] + piece + whole[until:]
        else:
            whole = whole[:at] + piece + whole[at:]
    return whole


def _holds(read: Callable[[], Feed | NothingChanged]) -> None:
    try:
        feed = read()
    except FeedRefused:
        return
    if isinstance(feed, Feed):
        roster = screening.screen(feed, YEAR, DAY).roster
        assert len(feed_hash(roster)) == 64


@given(_mangled(_ANSWER) | st.binary(max_size=200), st.sampled_from([200, 302, 404, 500, 503]))
def test_any_answer_is_a_feed_or_refused(content: bytes, status: int) -> None:
    """A LAS may answer anything at all."""
    _holds(lambda: read_answer(status, content))


@given(_mangled(_FILE) | st.binary(max_size=200))
def test_any_file_is_a_feed_or_refused(content: bytes) -> None:
    """So may whoever uploads a file."""
    _holds(lambda: edexml_file.read_file(content))
