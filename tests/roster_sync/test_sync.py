"""A school's roster by night and by hand, against a LAS over real HTTP."""

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from infra.local import las_xml, rosters
from infra.local import uploads as local_uploads
from infra.local.stand_ins import las
from roster_sync import link_store, roster_store, store
from roster_sync.causes import Cause
from roster_sync.runs import Outcome, Run
from schoolpoort import aws, dynamodb
from schoolpoort import rosters as reader
from schoolpoort.errors import StoreUnavailable
from schoolpoort.settings import require
from tests.roster_sync.samples import BRIN6, YEAR
from tests.roster_sync.school import SCHOOL_ID, School

_OFFICIAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "edexml-2.1"
_REFUSED = {
    "interne_fout": Cause.LAS_INTERNAL,
    "tijdelijk_niet_beschikbaar": Cause.LAS_UNAVAILABLE,
    "ongeldig_bericht": Cause.MESSAGE_REFUSED,
    "ongeldige_klant": Cause.CLIENT_UNKNOWN,
    "autorisatie_ongeldig": Cause.KEY_REFUSED,
    "xsdversie_ongeldig": Cause.VERSION_REFUSED,
    "geengegevens": Cause.NO_DATA,
    "truncated": Cause.LAS_GARBLED,
    "html_503": Cause.LAS_UNAVAILABLE,
    "half": Cause.TOO_FEW_PEOPLE,
    "wrong_school": Cause.WRONG_SCHOOL,
    "previous_year": Cause.WRONG_YEAR,
    "empty": Cause.EMPTY,
    "doctype": Cause.LAS_GARBLED,
    "fault_with_200": Cause.LAS_INTERNAL,
    "silent": Cause.LAS_UNREACHABLE,
}


def _people(items: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {key: item for key, item in items.items() if key.startswith(("group#", "person#"))}


def _upload(school: School, content: bytes) -> Run:
    """Put a file where a browser's form puts it, and let the house notice."""
    bucket, key = require("UPLOADS_BUCKET"), f"edexml/{SCHOOL_ID}/123"
    aws.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    local_uploads._notify(school.house, bucket, key, len(content))
    return school.work()


def _uploads_left() -> int:
    listed = aws.client("s3").list_objects_v2(Bucket=require("UPLOADS_BUCKET"))
    return int(listed["KeyCount"])


def test_first_night_brings_the_whole_school(school: School) -> None:
    """After one night everybody of the LAS is there, with groups, and nobody twice."""
    school.link()
    run = school.night()
    rows = rosters.of_school(BRIN6, YEAR)
    assert (run.trigger, run.result.outcome) == ("night", Outcome.APPLIED)
    total = {"pupils": len(rows.pupils), "staff": len(rows.staff), "groups": len(rows.groups)}
    assert run.result.counts["total"] == total
    summary = reader.summary(SCHOOL_ID)
    assert (summary.pupils, summary.staff) == (len(rows.pupils), len(rows.staff))
    assert [group.name for group in reader.groups(SCHOOL_ID)][:3] == [
        "Groep 1",
        "Groep 2",
        "Groep 3",
    ]
    staff = reader.staff(SCHOOL_ID)
    assert {one.address for one in staff} == {row.address for row in rows.staff}
    assert reader.person(SCHOOL_ID, staff[0].person_id) == staff[0]


def test_what_rule_7_bans_is_in_no_item(school: School) -> None:
    """Neither ECK iD nor birth date of any pupil is in the table; the report counts them."""
    school.link()
    run = school.night()
    stored = repr(school.roster_items())
    for pupil in rosters.of_school(BRIN6, YEAR).pupils:
        assert pupil.eck_id not in stored
        assert pupil.birth_date not in stored
    assert run.result.dropped == {"birth_date": 70}


def test_unchanged_school_costs_three_calls_and_one_record(school: School) -> None:
    """The second night reads once, opens the key, writes the run record, and that is all."""
    school.link()
    school.night()
    before = school.roster_items()
    school.next_day()
    las.set_fixture(BRIN6, "reordered")
    school.house.run_schedules()
    school.calls.clear()
    run = school.work()
    assert run.result.outcome == Outcome.UNCHANGED
    # The Query is the test's own, for the newest run.
    assert [call for call in school.calls if call != "Query"] == [
        "BatchGetItem",
        "Decrypt",
        "UpdateItem",
    ]
    assert school.roster_items() == before


@pytest.mark.parametrize("fixture", sorted(_REFUSED))
def test_bad_answer_changes_nothing_and_is_named(school: School, fixture: str) -> None:
    """Faults, empty, broken, other schools' and half answers leave every person as he was."""
    school.link()
    school.night()
    before = _people(school.roster_items())
    school.next_day()
    las.set_fixture(BRIN6, fixture)
    run = school.night()
    assert run.result.cause == _REFUSED[fixture]
    assert run.result.outcome in {Outcome.REFUSED, Outcome.FAILED}
    assert _people(school.roster_items()) == before
    las.clear_fixtures()
    school.next_day()
    assert school.night().result.outcome == Outcome.UNCHANGED


def test_changes_are_told_per_group(school: School) -> None:
    """One pupil moves up and three are new: the report says so for group 5."""
    school.link()
    school.night()
    school.next_day()
    las.set_fixture(BRIN6, "moved")
    run = school.night()
    assert run.result.outcome == Outcome.APPLIED
    assert list(run.result.report) == [
        {
            "name": "Groep 5",
            "added": 3,
            "changed": 0,
            "left": 0,
            "moved": [{"to": "Groep 6", "count": 1}],
        }
    ]


def test_only_what_changed_is_written(school: School) -> None:
    """One leaver is one person written, beside the feed and the run."""
    school.link()
    school.night()
    before = school.roster_items()
    school.next_day()
    las.set_fixture(BRIN6, "some_left")
    run = school.night()
    after = school.roster_items()
    changed = [key for key in after if after[key] != before.get(key)]
    assert len([key for key in changed if key.startswith("person#")]) == 1
    assert len(changed) == 2
    assert run.result.counts["pupils"]["left"] == 1


def test_many_leavers_wait_until_they_are_back(school: School) -> None:
    """Eight leavers of 70 are held, said again the next night, and solved by the LAS itself."""
    school.link()
    school.night()
    before = _people(school.roster_items())
    las.set_fixture(BRIN6, "many_left")
    for _ in range(2):
        school.next_day()
        run = school.night()
        assert (run.result.outcome, run.result.cause) == (Outcome.HELD, Cause.MANY_LEAVERS)
        assert run.result.held == {"left_pupil": 8}
    assert _people(school.roster_items()) == before
    las.clear_fixtures()
    school.next_day()
    assert school.night().result.outcome == Outcome.APPLIED
    assert _people(school.roster_items()) == before


def test_feed_without_staff_leaves_the_staff(school: School) -> None:
    """An answer that says nothing about staff makes nobody of them leave."""
    school.link()
    school.night()
    school.next_day()
    las.set_fixture(BRIN6, "no_staff")
    assert school.night().result.counts["staff"]["left"] == 0
    assert len(reader.staff(SCHOOL_ID)) == len(rosters.of_school(BRIN6, YEAR).staff)


def test_night_that_is_planned_twice_runs_once(school: School) -> None:
    """A school has one run per night, however often its message comes."""
    school.link()
    school.house.run_schedules()
    school.house.run_schedules()
    school.work()
    school.night()
    assert len(store.latest_runs(SCHOOL_ID, 10)) == 1


def test_without_an_agreement_nothing_is_fetched(school: School) -> None:
    """The gate is before the LAS: not even the key is opened."""
    school.link()
    school.cover("2020-01-01", until=school.today().isoformat())
    school.house.run_schedules()
    school.calls.clear()
    run = school.work()
    assert (run.result.outcome, run.result.cause) == (Outcome.REFUSED, Cause.NO_AGREEMENT)
    assert "Decrypt" not in school.calls
    assert _people(school.roster_items()) == {}


def test_refused_key_is_remembered_until_it_works(school: School) -> None:
    """The link says that its key is refused, and that it works again."""
    school.link()
    las.set_fixture(BRIN6, "autorisatie_ongeldig")
    school.night()
    link = link_store.link(SCHOOL_ID)
    assert link is not None
    assert link.status == "refused"
    las.clear_fixtures()
    school.next_day()
    school.night()
    link = link_store.link(SCHOOL_ID)
    assert link is not None
    assert link.status == "working"


def test_sealed_key_opens_for_its_own_school_only(school: School) -> None:
    """A sealed key that is moved to another school opens nothing."""
    school.link()
    link = link_store.link(SCHOOL_ID)
    assert link is not None
    assert link.key is not None
    assert link_store.open_key(SCHOOL_ID, link.key) == las.key_of(BRIN6)
    with pytest.raises(aws.client("kms").exceptions.InvalidCiphertextException):
        link_store.open_key("4201", link.key)


def test_run_that_is_cut_off_while_writing_is_done_again(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the store fails half way, the message comes again and ends with the same school."""
    school.link()
    real = dynamodb.batch_write
    written: list[int] = []

    def half(table: str, *, puts: Sequence[dict[str, Any]], deletes: Sequence[Any] = ()) -> None:
        if written or all(put["school_id"] != SCHOOL_ID for put in puts):
            real(table, puts=puts, deletes=deletes)
            return
        written.append(len(puts) // 2)
        real(table, puts=puts[: written[0]])
        raise StoreUnavailable

    monkeypatch.setattr(dynamodb, "batch_write", half)
    school.house.run_schedules()
    school.house.pump()
    assert len(_people(school.roster_items())) == written[0]
    event = {"Records": [{"messageId": "1", "body": json.dumps(_night_message(school))}]}
    assert school.house.invoke("RosterWorkerFunction", event) == {"batchItemFailures": []}
    rows = rosters.of_school(BRIN6, YEAR)
    everybody = len(rows.pupils) + len(rows.staff) + len(rows.groups)
    assert len(_people(school.roster_items())) == everybody


def _night_message(school: School) -> dict[str, str]:
    return {"school_id": SCHOOL_ID, "trigger": "night", "night": school.today().isoformat()}


def test_second_run_waits_for_the_first(school: School) -> None:
    """While one run changes the school, another hands its message back."""
    school.link()
    now = int(dt.datetime(2026, 11, 24, 11, tzinfo=dt.UTC).timestamp())
    roster_store.take_lease(SCHOOL_ID, "another", now)
    event = {"Records": [{"messageId": "9", "body": json.dumps(_night_message(school))}]}
    answer = school.house.invoke("RosterWorkerFunction", event)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "9"}]}
    school.at(dt.datetime(2026, 11, 24, 11, 10, tzinfo=dt.UTC))
    answer = school.house.invoke("RosterWorkerFunction", event)
    assert answer == {"batchItemFailures": []}


def test_file_brings_the_school_and_is_removed(school: School) -> None:
    """An EDEXML file does what a pull does, and does not stay."""
    run = _upload(school, las_xml.edexml(rosters.of_school(BRIN6, YEAR)))
    assert (run.trigger, run.result.outcome) == ("file", Outcome.APPLIED)
    assert reader.summary(SCHOOL_ID).pupils == 70
    assert _uploads_left() == 0


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"<EDEX><leerlingen>", Cause.FILE_MALFORMED),
        (b"<!DOCTYPE EDEX><EDEX/>", Cause.FILE_FORBIDDEN),
        (b"PK\x03\x04 a zip", Cause.FILE_OTHER_KIND),
        (las_xml.edexml(rosters.of_school("12AB00", YEAR)), Cause.WRONG_SCHOOL),
        (las_xml.edexml(rosters.of_school(BRIN6, "2025-2026")), Cause.WRONG_YEAR),
    ],
)
def test_bad_file_changes_nothing_and_is_removed(
    school: School, content: bytes, cause: Cause
) -> None:
    """A broken, forbidden or other school's file is refused with the reason and deleted."""
    run = _upload(school, content)
    assert (run.result.outcome, run.result.cause) == (Outcome.REFUSED, cause)
    assert school.roster_items().keys() <= {"feed"}
    assert _uploads_left() == 0


def test_file_without_an_agreement_is_not_read(school: School) -> None:
    """Without coverage a file is refused unread, and deleted."""
    school.cover("2020-01-01", until="2021-01-01")
    run = _upload(school, las_xml.edexml(rosters.of_school(BRIN6, YEAR)))
    assert (run.result.outcome, run.result.cause) == (Outcome.REFUSED, Cause.NO_AGREEMENT)
    assert _uploads_left() == 0


@pytest.mark.skipif(not _OFFICIAL.is_dir(), reason="the official EDEXML samples are not here")
def test_official_sample_is_imported_in_its_own_school_year(school: School) -> None:
    """In 2014 the official sample of school 99ZZ comes in, without its BSNs."""
    school.at(dt.datetime(2014, 11, 26, 12, tzinfo=dt.UTC))
    school.register("99ZZ00")
    dynamodb.delete(require("REGISTRY_TABLE"), {"entry": f"location#{BRIN6}"})
    school.cover("2014-01-01")
    run = _upload(school, (_OFFICIAL / "EDEXML.Voorbeeld.2.1.xml").read_bytes())
    assert run.result.outcome == Outcome.APPLIED
    assert run.result.counts["total"] == {"pupils": 2, "staff": 3, "groups": 8}
    assert run.result.dropped["bsn"] == 2
    assert "133456785" not in repr(school.roster_items())


def test_unknown_messages_are_let_go(school: School) -> None:
    """What S3 sends to try the queue, and keys that are not ours, harm nobody."""
    bodies = [
        {"Event": "s3:TestEvent"},
        {"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": "edexml/-/1"}}}]},
    ]
    records = [
        {"messageId": str(number), "body": json.dumps(body)} for number, body in enumerate(bodies)
    ]
    answer = school.house.invoke("RosterWorkerFunction", {"Records": records})
    assert answer == {"batchItemFailures": []}
