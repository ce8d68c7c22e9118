"""The coordinator's pages, through the gateway, with the function's own role."""

import re

import pytest

from infra.local import las_xml, rosters
from infra.local.gateway import HttpRequest
from infra.local.stand_ins import las
from infra.local.uploads import accept
from infra.local.visitor import Visitor
from roster_sync import night_store
from roster_sync.causes import OWNERS, Cause
from roster_sync.runs import Outcome
from schoolpoort.web import render
from tests.roster_sync.samples import BRIN6, YEAR
from tests.roster_sync.school import SCHOOL_ID, School

_KEY = {"supplier": "parnassys", "authorisation_key": las.key_of(BRIN6)}


def test_school_without_a_link_is_told_what_to_do(school: School) -> None:
    """The page asks for the key and offers a file instead."""
    coordinator = school.coordinator()
    page = coordinator.get("/console/roster")
    assert page.status == 200
    assert "Nog geen koppeling" in page.text
    assert "/console/roster/file" in page.text
    assert 'href="/console/roster/key"' in page.text
    assert 'name="authorisation_key"' in coordinator.get("/console/roster/key").text


def test_right_key_is_kept_sealed_and_shown_by_four_characters(school: School) -> None:
    """After the LAS accepted it, only the last four characters of a key are ever shown."""
    coordinator = school.coordinator()
    answer = coordinator.post("/console/roster/key", _KEY)
    assert (answer.status, answer.location) == (303, "/console/roster?key=stored")
    page = coordinator.get("/console/roster?key=stored")
    assert "eindigt op AA00" in page.text
    assert las.key_of(BRIN6) not in page.text
    assert las.key_of(BRIN6) not in repr(school.roster_items())
    assert night_store.schools() == [(SCHOOL_ID, "parnassys")]


@pytest.mark.parametrize(
    ("key", "fixture", "words"),
    [
        ("sleutel-fout", "normal", "accepteert deze sleutel niet"),
        ("kort", "normal", "lijkt niet op een autorisatiesleutel"),
        (las.key_of(BRIN6), "tijdelijk_niet_beschikbaar", "even niet bereikbaar"),
        (las.key_of(BRIN6), "wrong_school", "gegevens van een andere school"),
    ],
)
def test_key_that_does_not_work_is_not_kept(
    school: School, key: str, fixture: str, words: str
) -> None:
    """The page says why and what to do, never the key, and nothing is stored."""
    las.set_fixture(BRIN6, fixture)
    form = {"supplier": "parnassys", "authorisation_key": key}
    page = school.coordinator().post("/console/roster/key", form)
    assert page.status == 422
    assert words in page.text
    assert f">{key}<" not in page.text
    assert school.roster_items() == {}


def test_key_of_a_school_without_agreement_is_not_even_tried(school: School) -> None:
    """Its proof would be an answer full of pupils, which needs the agreement."""
    school.cover("2020-01-01", until="2021-01-01")
    las.set_fixture(BRIN6, "interne_fout")
    page = school.coordinator().post("/console/roster/key", _KEY)
    assert page.status == 422
    assert "nog geen overeenkomst" in page.text


def test_unknown_supplier_is_refused(school: School) -> None:
    """Only suppliers of the list are ever asked."""
    form = {"supplier": "http://intern", "authorisation_key": las.key_of(BRIN6)}
    assert school.coordinator().post("/console/roster/key", form).status == 400


def test_sync_now_shows_progress_then_the_report(school: School) -> None:
    """The page renews itself without a script until the run is done, and then says what came."""
    school.link()
    coordinator = school.coordinator()
    started = coordinator.post("/console/roster/sync")
    assert re.fullmatch(r"/console/roster/runs/\d{12}-\d+", started.location)
    busy = coordinator.get(started.location)
    assert "We zijn bezig" in busy.text
    assert busy.headers["refresh"] == "2"
    assert coordinator.post("/console/roster/sync").location == started.location
    school.work()
    done = coordinator.get(started.location)
    assert "refresh" not in done.headers
    assert "Bijgewerkt" in done.text
    assert "Groep 1: 8 nieuw" in done.text
    assert "70 leerlingen, 16 collega\u2019s, 10 groepen" in done.text
    roster = coordinator.get("/console/roster")
    assert "Groep 5/6" in roster.text
    assert "70 leerlingen en 16 collega\u2019s in schooljaar 2026-2027" in roster.text


def test_sync_without_an_agreement_says_so(school: School) -> None:
    """The run is refused with the reason and who must act."""
    school.cover("2020-01-01", until="2021-01-01")
    coordinator = school.coordinator()
    started = coordinator.post("/console/roster/sync")
    assert school.work().result.outcome == Outcome.REFUSED
    page = coordinator.get(started.location)
    assert "Je bestuur heeft nog geen overeenkomst met ons" in page.text
    assert "Je bestuur is nu aan zet." in page.text


def test_run_that_never_ended_does_not_renew_for_ever(school: School) -> None:
    """After a quarter of an hour a run counts as cut off, and a new one may begin."""
    school.link()
    coordinator = school.coordinator()
    first = coordinator.post("/console/roster/sync").location
    school.house.move_clock(school.house.clock_offset_s + 1000)
    page = coordinator.get(first)
    assert "refresh" not in page.headers
    assert "niet afgekomen" in page.text
    assert coordinator.post("/console/roster/sync").location != first
    school.work()


@pytest.mark.parametrize("run_id", ["001795474800-5", "onzin", "001795474800-night"])
def test_unknown_runs_are_not_found(school: School, run_id: str) -> None:
    """Another school's run, and no run at all, are the same: nothing here."""
    assert school.coordinator().get(f"/console/roster/runs/{run_id}").status == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/console/roster"),
        ("GET", "/console/roster/file"),
        ("GET", "/console/roster/file/received"),
        ("GET", "/console/roster/runs/001795474800-5"),
        ("GET", "/console/roster/waiting"),
        ("POST", "/console/roster/waiting"),
        ("POST", "/console/roster/sync"),
        ("GET", "/console/roster/key"),
        ("POST", "/console/roster/key"),
    ],
)
def test_pages_are_for_the_coordinator_alone(school: School, method: str, path: str) -> None:
    """A teacher is refused, and who is not signed in goes to the door."""
    teacher = school.coordinator("teacher")
    stranger = Visitor(school.house.call)
    if method == "GET":
        assert (teacher.get(path).status, stranger.get(path).status) == (403, 303)
    else:
        assert (teacher.post(path).status, stranger.post(path).status) == (403, 303)


def test_file_goes_from_form_to_report(school: School) -> None:
    """The presigned form takes the file, the page waits, and the report counts what was dropped."""
    coordinator = school.coordinator()
    form = coordinator.get("/console/roster/file")
    action = re.search(r'action="(http[^"]+)"', form.text)
    assert action is not None
    assert action[1].split("/_s3")[0] in form.headers["content-security-policy"]
    content = las_xml.edexml(rosters.of_school(BRIN6, YEAR))
    landing = _post_file(school, action[1], form.hidden_fields(), content)
    waiting = coordinator.get(landing)
    assert "Je bestand is aangekomen" in waiting.text
    assert waiting.headers["refresh"] == "2"
    school.work()
    report = coordinator.get(coordinator.get(landing).location)
    assert "Wat we hebben weggegooid" in report.text
    assert "Geboortedata" in report.text


def _post_file(school: School, url: str, fields: dict[str, str], content: bytes) -> str:
    """Send a form with a file, as a browser does, and return the path that it is sent on to."""
    mark = "grens"
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="e.xml"\r\n\r\n'
    body = "".join([*parts, head]).encode() + content + f"\r\n--{mark}--\r\n".encode()
    headers = (("content-type", f"multipart/form-data; boundary={mark}"),)
    path = "/_s3/" + url.partition("/_s3/")[2]
    answer = accept(school.house, HttpRequest("POST", path, headers, body, "127.0.0.1"))
    assert answer.status == 303, answer.body
    location = dict(answer.headers)["Location"]
    return location.removeprefix(school.house.base_url)


def test_received_page_is_for_the_schools_own_files(school: School) -> None:
    """Another school's upload is not found."""
    page = school.coordinator().get("/console/roster/file/received?key=edexml/4201/1")
    assert page.status == 404


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_has_words_in_both_languages(aws: object, language: str, cause: Cause) -> None:
    """No run ends with an empty notice: title, explanation and owner are always said."""
    page = render(
        "roster_sync/key_refused.html",
        language,
        cause=cause,
        owner=OWNERS[cause],
        supplier="esis",
        request=type("Request", (), {"path": "/"}),
        nonce="n",
    )
    words = re.search(r'notice-title">(.+?)</p><p>(.+?)</p>\s*<p>(.+?)</p>', page, re.DOTALL)
    assert words is not None


@pytest.mark.parametrize("fixture", ["many_left", "moved", "half", "truncated", "no_staff"])
def test_every_kind_of_run_has_its_page(school: School, fixture: str) -> None:
    """Held, applied, refused and failed runs are all shown, in both languages."""
    school.link()
    coordinator = school.coordinator()
    school.night()
    school.next_day()
    coordinator = school.coordinator()
    las.set_fixture(BRIN6, fixture)
    run = school.night()
    for language in ("nl", "en"):
        page = coordinator.get(f"/console/roster/runs/{run.run_id}?lang={language}")
        assert page.status == 200
    if fixture == "many_left":
        assert "8 pupils are no longer in the data." in page.text
    if fixture == "moved":
        assert "Groep 5: 3 new, 1 to Groep 6" in page.text
