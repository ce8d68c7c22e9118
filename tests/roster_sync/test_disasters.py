"""Generated disasters: whatever comes instead of a feed, nobody is lost and the cause is named.

Every case is a school of some size, a disaster and chance; its number is its seed.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from infra.local import las_xml, rosters
from infra.local.rosters import Rows
from infra.local.stand_ins import las_fixtures
from roster_sync import brake, edexml_file, held, marks, matching, plan, screening
from roster_sync.brake import Expected
from roster_sync.causes import Cause, FeedRefused
from roster_sync.feed_hash import feed_hash
from roster_sync.model import Feed, Roster
from roster_sync.records import Snapshot
from roster_sync.take_over import cause_of
from roster_sync.uwlr_answer import NothingChanged, read_answer
from tests.amounts import often
from tests.roster_sync.samples import DAY, YEAR, ids, stored

_CASES = often(100)
_KEY = bytes(32)
_SOURCE = "parnassys"
_NAMED_PERCENT = 95
_BRINS = ("00AA00", "00AA01", "99AA00", "99ZZ02")


@dataclass(frozen=True, slots=True)
class Sent:
    """What came instead of a feed, and the causes that are right for it; None is no trouble."""

    content: bytes
    causes: frozenset[Cause | None]
    status: int = 200
    is_file: bool = False


Disaster = Callable[[Rows, random.Random], Sent]


def _sent(content: bytes, *causes: Cause | None, status: int = 200) -> Sent:
    return Sent(content, frozenset(causes), status)


def _fixture(name: str, *causes: Cause | None) -> Disaster:
    def disaster(rows: Rows, _chance: random.Random) -> Sent:
        made = las_fixtures.FIXTURES[name](rows)
        return _sent(made.body, *causes, status=made.status)

    return disaster


def _fault(code: str, cause: Cause) -> Disaster:
    return lambda _rows, chance: _sent(
        las_xml.fault(code), cause, status=chance.choice([200, 500, 400])
    )


def _cut(rows: Rows, chance: random.Random) -> Sent:
    """Break the connection anywhere, but for the very last bytes."""
    content = las_xml.answer(rows)
    return _sent(content[: chance.randrange(1, len(content) - 20)], Cause.LAS_GARBLED)


def _scratched(rows: Rows, chance: random.Random) -> Sent:
    """One tag lost its bracket."""
    content = las_xml.answer(rows)
    opening = [at for at, byte in enumerate(content) if byte == ord("<")]
    at = chance.choice(opening)
    return _sent(content[:at] + b"&" + content[at + 1 :], Cause.LAS_GARBLED)


def _thinned(rows: Rows, chance: random.Random) -> Sent:
    """More than a fifth of the pupils and all of the staff are missing."""
    missing = chance.uniform(0.3, 0.95)
    kept = tuple(one for one in rows.pupils if chance.random() > missing) or rows.pupils[:1]
    staff = rows.staff[: len(rows.staff) // 3]
    return _sent(las_xml.answer(replace(rows, pupils=kept, staff=staff)), Cause.TOO_FEW_PEOPLE)


def _leavers(rows: Rows, chance: random.Random) -> Sent:
    """Between the measure of leavers and a fifth: the rest is applied, these wait."""
    count = len(rows.pupils)
    gone = set(chance.sample(range(count), count * 14 // 100))
    kept = tuple(one for at, one in enumerate(rows.pupils) if at not in gone)
    return _sent(las_xml.answer(replace(rows, pupils=kept)), Cause.MANY_LEAVERS)


def _renumbered(rows: Rows, _chance: random.Random) -> Sent:
    """Give everybody another key and another ECK iD overnight."""
    pupils = tuple(replace(one, key=f"x{one.key}", eck_id=f"{one.eck_id}x") for one in rows.pupils)
    return _sent(las_xml.answer(replace(rows, pupils=pupils)), Cause.TOO_FEW_PEOPLE)


def _of(change: Callable[[Rows], Rows], *causes: Cause | None) -> Disaster:
    return lambda rows, _chance: _sent(las_xml.answer(change(rows)), *causes)


def _last_year(rows: Rows) -> Rows:
    return rosters.of_school(rows.brin6, "2025-2026")


def _filed(disaster: Callable[[bytes], bytes], *causes: Cause | None) -> Disaster:
    """Let the same come by the other door, as a file."""

    def made(rows: Rows, _chance: random.Random) -> Sent:
        content = disaster(las_xml.edexml(rows))
        return Sent(content, frozenset(causes), is_file=True)

    return made


_DISASTERS: dict[str, Disaster] = {
    "headers only": _of(lambda rows: replace(rows, groups=(), pupils=(), staff=()), Cause.EMPTY),
    "pupils gone": _of(lambda rows: replace(rows, pupils=()), Cause.EMPTY),
    "groups gone": _of(lambda rows: replace(rows, groups=()), Cause.NO_GROUPS),
    "staff gone": _of(lambda rows: replace(rows, staff=()), None),
    "other school": _of(lambda rows: replace(rows, brin6="88XX00"), Cause.WRONG_SCHOOL),
    "other location": _of(lambda rows: replace(rows, brin6="00AA09"), Cause.WRONG_SCHOOL),
    "last year": _of(_last_year, Cause.WRONG_YEAR),
    "half file": _cut,
    "scratched": _scratched,
    "thinned": _thinned,
    "leavers": _leavers,
    "renumbered": _renumbered,
    "mark of bytes": _fixture("byte_order_mark", None),
    "sixteen bits": _fixture("utf_16", None),
    "reordered": _fixture("reordered", None),
    "other prefixes": _fixture("odd_prefixes", None),
    "mojibake": _fixture("mojibake", Cause.LETTERS_BROKEN),
    "windows letters": _fixture("cp1252", Cause.LAS_GARBLED),
    "dummy keys": _fixture("hash_keys", None),
    "keys twice": _fixture("key_twice", Cause.KEPT_APART),
    "ECK iDs twice": _fixture("eck_id_twice", Cause.KEPT_APART),
    "web page": _fixture("html_200", Cause.LAS_WEB_PAGE),
    "maintenance": _fixture("html_503", Cause.LAS_UNAVAILABLE),
    "nothing found": _fixture("geengegevens", Cause.NO_DATA),
    "document type": _fixture("doctype", Cause.LAS_GARBLED),
    "laughs": _fixture("laughs", Cause.LAS_GARBLED),
    "first version": _fixture("old_version", Cause.LAS_OLD_VERSION),
    "too large": _fixture("too_large", Cause.LAS_TOO_LARGE),
    "refused key": _fault("Client.AutorisatieOngeldig", Cause.KEY_REFUSED),
    "inner error": _fault("Server.InterneFout", Cause.LAS_INTERNAL),
    "for a while": _fault("Server.TijdelijkNietBeschikbaar", Cause.LAS_UNAVAILABLE),
    "no bytes": lambda _rows, _chance: _sent(b"", Cause.LAS_GARBLED),
    "file, half": _filed(lambda content: content[: len(content) // 2], Cause.FILE_MALFORMED),
    "file, a zip": _filed(lambda content: b"PK\x03\x04" + content, Cause.FILE_OTHER_KIND),
    "file, latin": _filed(
        lambda content: content.replace(b"UTF-8", b"ISO-8859-1"), Cause.LETTERS_BROKEN
    ),
    "file, document type": _filed(
        lambda content: content.replace(b"?>", b"?><!DOCTYPE EDEX>", 1), Cause.FILE_FORBIDDEN
    ),
}


def _before(rows: Rows) -> tuple[Snapshot, str]:
    feed = read_answer(200, las_xml.answer(rows))
    assert isinstance(feed, Feed)
    roster = screening.screen(feed, YEAR, DAY).roster
    return stored(_marked(roster), _SOURCE), feed_hash(roster)


def _marked(roster: Roster) -> Roster:
    return marks.marked(roster, _KEY)


def _after(before: Snapshot, digest: str, brin6: str, sent: Sent) -> tuple[Snapshot, Cause | None]:
    """Return what a school is after the pure part of a run, and the cause that it names."""
    try:
        feed = (
            edexml_file.read_file(sent.content)
            if sent.is_file
            else read_answer(sent.status, sent.content)
        )
    except FeedRefused as error:
        return before, error.cause
    if isinstance(feed, NothingChanged):
        return before, None
    wrong = brake.wrong_sender(feed.school, Expected(brin6, YEAR))
    if wrong is not None:
        return before, wrong
    roster = screening.screen(feed, YEAR, DAY).roster
    if feed_hash(roster) == digest:
        return before, None
    return _judged(before, matching.match(before, _marked(roster), _SOURCE))


def _judged(before: Snapshot, matched: matching.Matched) -> tuple[Snapshot, Cause | None]:
    lacking = brake.too_little(before, matched, DAY)
    if lacking is not None:
        return before, lacking
    whole = plan.diff(before, matched, ids())
    verdict = brake.judge(before, whole, day=DAY, school_year=YEAR)
    waiting = held.held(verdict.waiting, verdict.refused, matched.apart, set())
    return plan.apply(before, verdict.tonight), cause_of(waiting.counts())


@pytest.mark.soak
def test_nobody_is_lost_and_the_cause_is_named() -> None:
    """Of all generated disasters: no person lost, and at least 95 % called by the right name."""
    wrong: Counter[str] = Counter()
    for number in range(_CASES):
        chance = random.Random(f"disaster {number}")
        size = chance.randint(5, 30)
        rows = rosters.of_school(chance.choice(_BRINS), YEAR, pupils_per_group=size)
        before, digest = _before(rows)
        name = sorted(_DISASTERS)[number % len(_DISASTERS)]
        sent = _DISASTERS[name](rows, chance)
        after, cause = _after(before, digest, rows.brin6, sent)
        lost = [
            one
            for person_id, one in before.people.items()
            if one.active and not after.people[person_id].active
        ]
        assert lost == [], f"{name} ({number}) lost {len(lost)}"
        if cause not in sent.causes:
            wrong[f"{name}: {cause}"] += 1
    assert sum(wrong.values()) * 100 <= (100 - _NAMED_PERCENT) * _CASES, wrong


@pytest.mark.parametrize("name", sorted(_DISASTERS))
def test_every_kind_of_disaster_is_named(name: str) -> None:
    """Each kind at least once, whatever the number of generated ones."""
    rows = rosters.of_school("99AA00", YEAR, pupils_per_group=12)
    before, digest = _before(rows)
    sent = _DISASTERS[name](rows, random.Random(name))
    after, cause = _after(before, digest, rows.brin6, sent)
    assert cause in sent.causes
    assert [one for one in after.people.values() if not one.active] == []
