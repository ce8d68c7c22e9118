"""A board takes its overview along for an audit: what is in the file, and who may have it."""

import csv
import datetime as dt
import io
import json
import zipfile

import pytest

from infra.local import cloud as local_cloud
from infra.local.visitor import Visitor
from onboarding import board_overview, evidence, evidence_store
from onboarding.board_overview import Facts
from onboarding.evidence import Asked
from schoolpoort.coverage import CoverageState
from schoolpoort.registry import Location
from schoolpoort.roster_nights import SchoolNight
from tests.onboarding.desk import Desk
from tests.onboarding.lists import boards, locations
from tests.signed_in import signed_in

_PATH = "/board/evidence"


@pytest.fixture
def full(desk: Desk) -> Desk:
    """Return the desk with two schools of one board."""
    desk.bring(locations(2))
    desk.bring(boards("04002"))
    return desk


def _director(desk: Desk, board: str = "04002") -> Visitor:
    return signed_in(desk.house, f"81{board}", f"board#{board}", "board")


def _content(desk: Desk, evidence_id: str) -> bytes:
    """Return the file that was kept."""
    bucket = desk.house.cloud.references["RequestPapersBucket"]
    key = f"evidence/04002/{evidence_id}.zip"
    found: bytes = local_cloud.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    return found


def _files(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_an_overview_is_made_recorded_and_fetched(full: Desk) -> None:
    """JSON and CSV say the same of each school, with who asked; the page lists it."""
    director = _director(full)
    made = director.post(_PATH)
    assert (made.status, made.location.startswith(f"{_PATH}?made=")) == (303, True)
    evidence_id = made.location.partition("=")[2]
    files = _files(_content(full, evidence_id))
    said = json.loads(files["overview.json"])
    assert (said["asked_by"], said["board_number"]) == ("Hanna Hulp", "04002")
    rows = list(csv.DictReader(io.StringIO(files["overview.csv"].removeprefix("\ufeff"))))
    same = [{name: str(value) for name, value in row.items()} for row in said["schools"]]
    who = {"asked_by": said["asked_by"], "asked_at": said["asked_at"]}
    assert rows == [row | who for row in same]
    assert [row["school"] for row in rows] == ["School 00", "School 01"]
    assert rows[0]["agreement_state"] == "uncovered"
    shown = director.get(made.location).text
    assert "Jullie overzicht is klaar" in shown
    assert evidence_store.fingerprint(_content(full, evidence_id))[:16] in shown
    fetched = director.get(f"{_PATH}/{evidence_id}")
    assert (fetched.status, f"evidence/04002/{evidence_id}.zip" in fetched.location) == (303, True)


def test_an_overview_is_of_its_board_alone(full: Desk) -> None:
    """Another board neither fetches it nor sees that it was made."""
    made = _director(full).post(_PATH)
    evidence_id = made.location.partition("=")[2]
    other = _director(full, "90001")
    assert other.get(f"{_PATH}/{evidence_id}").status == 404
    assert "Hanna Hulp</td>" not in other.get(made.location).text


def test_an_overview_is_gone_after_two_years(full: Desk) -> None:
    """The record says so before the store has taken it away."""
    made = _director(full).post(_PATH)
    evidence_id = made.location.partition("=")[2]
    full.wait(evidence_store.KEPT_S)
    director = _director(full)
    assert director.get(f"{_PATH}/{evidence_id}").status == 404
    assert evidence_id not in director.get(_PATH).text


def test_a_board_without_schools_gets_an_empty_overview(full: Desk) -> None:
    """Nothing breaks where there is nothing to say."""
    made = _director(full, "90001").post(_PATH)
    assert made.status == 303


def test_no_name_becomes_a_formula() -> None:
    """A spreadsheet shows a name that begins like a formula, and computes nothing."""
    place = Location("1", "12AB00", "=1+1", "Emst", None, None, None, "04002", None, None)
    night, day = SchoolNight(has_link=False, has_roster=False), dt.date(2026, 3, 2)
    facts = Facts(place, CoverageState.UNCOVERED, None, night, ())
    line = board_overview.line_of(facts, day)
    asked = Asked("04002", "Ús Skoalle", "@Noor", day.isoformat())
    files = _files(evidence.as_zip(asked, [line]))
    assert '"\'=1+1"' in files["overview.csv"]
    assert '"\'@Noor"' in files["overview.csv"]
    assert evidence.as_zip(asked, [line]) == evidence.as_zip(asked, [line])
