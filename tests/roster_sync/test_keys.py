"""A school's authorisation key: replaced, refused, taken back, and needed from a day on."""

import datetime as dt
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.stand_ins import las
from infra.local.visitor import Visitor
from roster_sync import (
    key_dates,
    key_watch,
    las_secrets,
    link_store,
    night_store,
    withdrawal,
)
from roster_sync.causes import Cause
from roster_sync.links import Link
from roster_sync.runs import Outcome
from schoolpoort import aws, dynamodb
from schoolpoort.settings import require
from tests.roster_sync.samples import BRIN6
from tests.roster_sync.school import SCHOOL_ID, School
from tests.signed_in import signed_in

_KEY = las.key_of(BRIN6)
_NEWER = f"{_KEY}-tweede"
_STOPPED = "De koppeling met je administratiesysteem werkt niet meer"
_TAKEN_BACK = "De sleutel van je administratiesysteem is ingetrokken"
_DUE = dt.date(2026, 12, 25)
_PAGE = "/helpdesk/roster/keys"


def _link() -> Link:
    found = link_store.link(SCHOOL_ID)
    assert found is not None
    return found


def _last_fours() -> tuple[str | None, str | None]:
    link = _link()
    return (
        link.key.last_four if link.key else None,
        link.previous_key.last_four if link.previous_key else None,
    )


def _people() -> int:
    values = {":school": SCHOOL_ID, ":person": "person#"}
    where = "school_id = :school AND begins_with(item_key, :person)"
    items = dynamodb.query(require("ROSTER_TABLE"), where, values=values)
    return sum(item["active"] for item in items)


@pytest.fixture
def helpdesk(school: School) -> Visitor:
    """Return a browser in which the helpdesk is signed in."""
    return signed_in(school.house, "9", "helpdesk", "helpdesk")


@pytest.fixture
def general_key(school: School, las_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the supplier have given us a key for schools without one of their own."""
    entry = {"parnassys": {"url": las_url, "secret": True}}
    monkeypatch.setenv("LAS_ENDPOINTS", json.dumps(entry))
    secret = json.dumps({"parnassys": {"general_key": las.GENERAL_KEY}})
    _put_secret(secret)
    yield
    _put_secret("{}")


def _put_secret(content: str) -> None:
    arn = require("LAS_SECRET_ARN")
    aws.client("secretsmanager").put_secret_value(SecretId=arn, SecretString=content)
    las_secrets.forget()


def test_a_new_key_stands_beside_the_old_one_until_it_brought_a_night(school: School) -> None:
    """The old key is let go only after the new one brought a roster."""
    school.link()
    school.link(_NEWER)
    assert _last_fours() == ("eede", "AA00")
    page = school.coordinator().get("/console/roster")
    assert "eindigt op AA00; blijft tot de nieuwe een nacht gegevens heeft gebracht" in page.text
    assert school.night().result.outcome == Outcome.APPLIED
    assert _last_fours() == ("eede", None)


def test_the_old_key_still_opens_when_the_new_one_stops(school: School) -> None:
    """In the overlap both are valid: the night goes on, and the school hears of the new one."""
    school.mailed_coordinator()
    school.link()
    school.link(_NEWER)
    las.revoke(_NEWER)
    assert school.night().result.outcome == Outcome.APPLIED
    assert _link().status == "refused"
    assert school.subjects() == [_STOPPED]


def test_a_key_that_is_refused_leaves_the_one_before_it(school: School) -> None:
    """A wrong new key takes nothing away."""
    school.link()
    before = school.roster_items()
    form = {"supplier": "parnassys", "authorisation_key": "sleutel-onzin"}
    assert school.coordinator().post("/console/roster/key", form).status == 422
    assert school.roster_items() == before


def test_a_key_that_stops_working_is_told_once(school: School) -> None:
    """One mail with the steps and a banner, not one each night; all people stay."""
    school.mailed_coordinator()
    school.link()
    school.night()
    people = _people()
    las.revoke(_KEY)
    for _ in range(3):
        school.next_day()
        assert school.night().result.cause == Cause.KEY_REFUSED
    assert school.subjects() == [_STOPPED]
    (mail,) = school.house.mails()
    assert "In ParnasSys: School, Beheer, Koppelingen." in mail["text"]
    assert mail["text"].count("/console/roster/key") == 1
    assert "De Vlieger" in mail["text"]
    assert _people() == people
    page = school.mailed_coordinator().get("/console/roster")
    assert "accepteert deze sleutel niet" in page.text


def test_a_second_refusal_after_a_repair_is_told_again(school: School) -> None:
    """Each time that a key stops is an occasion of its own."""
    school.mailed_coordinator()
    school.link()
    las.revoke(_KEY)
    school.night()
    school.next_day()
    school.link(_NEWER)
    school.next_day()
    las.revoke(_NEWER)
    school.night()
    assert school.subjects() == [_STOPPED, _STOPPED]


def test_a_key_entered_meanwhile_is_not_blamed(school: School) -> None:
    """What the LAS says of a key that was replaced since says nothing of the new one."""
    school.link()
    old = _link()
    school.link(_NEWER)
    with pytest.raises(link_store.LinkChanged):
        link_store.change_link(SCHOOL_ID, old, old.checked("refused", 1))
    assert _link().status == "working"


def test_the_key_page_shows_the_steps_of_the_supplier(school: School) -> None:
    """Before and after there is a key, the page says how to make one."""
    coordinator = school.coordinator()
    assert "School, Beheer, Koppelingen" in coordinator.get("/console/roster/key").text
    school.link()
    page = coordinator.get("/console/roster/key?lang=en")
    assert "The key that you have now stays valid" in page.text
    assert _KEY not in page.text


def test_a_supplier_with_hosts_of_its_customers_asks_for_one_label(
    school: School, las_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A school fills in its part of the address; what would be another host is refused."""
    address = "http://{customer}.esis.example/uwlr"
    monkeypatch.setenv("LAS_ENDPOINTS", json.dumps({"esis": address}))
    coordinator = school.coordinator()
    assert 'name="customer"' in coordinator.get("/console/roster/key").text
    form = {"supplier": "esis", "authorisation_key": _KEY}
    for customer in ("", "127.0.0.1", "evil.example/", "a@b"):
        page = coordinator.post("/console/roster/key", {**form, "customer": customer})
        assert page.status == 422
        assert "Vul alleen het eerste deel in" in page.text
    assert school.roster_items() == {}


def test_the_helpdesk_looks_before_it_takes_keys_back(school: School, helpdesk: Visitor) -> None:
    """The list is shown with what would happen to each line; nothing changes yet."""
    school.link()
    listed = f"{BRIN6} AA00\n99ZZ00\nonzin\n{BRIN6.lower()[:4]}\n\n"
    page = helpdesk.post(f"{_PAGE}/withdraw", {"keys": listed})
    assert page.status == 200
    assert page.text.count("wordt ingetrokken") == 2
    assert "deze school staat niet in de lijst" in page.text
    assert "geen BRIN met locatie" in page.text
    assert _link().has_valid_key


def test_keys_taken_back_stop_the_link_and_are_told(school: School, helpdesk: Visitor) -> None:
    """The key is gone from the store, a mail says so, accounts stay, and a new key mends it."""
    school.mailed_coordinator()
    school.link()
    school.night()
    people = _people()
    page = helpdesk.post(f"{_PAGE}/withdraw", {"keys": f"{BRIN6} AA00", "sure": "yes"})
    assert "1 sleutel is ingetrokken" in page.text
    assert (_link().status, _link().key, _link().previous_key) == ("withdrawn", None, None)
    assert school.subjects() == [_TAKEN_BACK]
    school.next_day()
    run = school.night()
    assert (run.result.outcome, run.result.cause) == (Outcome.FAILED, Cause.KEY_WITHDRAWN)
    assert _people() == people
    assert "Sleutel ingetrokken" in school.mailed_coordinator().get("/console/roster").text
    tomorrow = signed_in(school.house, "9", "helpdesk", "helpdesk")
    again = tomorrow.post(f"{_PAGE}/withdraw", {"keys": BRIN6, "sure": "yes"})
    assert "heeft geen sleutel" in again.text
    school.link(_NEWER)
    school.next_day()
    assert school.night().result.cause is None


def test_a_key_that_was_replaced_since_is_left_alone(school: School, helpdesk: Visitor) -> None:
    """The last four characters tell which key was wrong."""
    school.link(_NEWER)
    page = helpdesk.post(f"{_PAGE}/withdraw", {"keys": f"{BRIN6} AA00", "sure": "yes"})
    assert "heeft intussen een andere sleutel" in page.text
    assert _link().has_valid_key


@pytest.mark.parametrize("typed", ["", "\n \n", "99AA00\n" + "\n".join(map(str, range(300)))])
def test_a_list_that_is_none_or_too_long_is_refused(helpdesk: Visitor, typed: str) -> None:
    """Nothing to do, or more than one page can wait for, is said at once."""
    assert helpdesk.post(f"{_PAGE}/withdraw", {"keys": typed}).status == 400


def test_a_day_is_set_postponed_and_emptied(school: School, helpdesk: Visitor) -> None:
    """The helpdesk's day of a supplier is what counts, and an empty one counts nothing down."""
    for typed, kept in (
        ("2026-12-25", {"parnassys": _DUE}),
        ("2027-02-01", {"parnassys": dt.date(2027, 2, 1)}),
        ("", {}),
    ):
        form = {"supplier": "parnassys", "due-parnassys": typed}
        assert helpdesk.post(f"{_PAGE}/day", form).location == f"{_PAGE}?done=day"
        assert link_store.key_dates() == kept


@pytest.mark.parametrize(
    "typed", ["2026-11-24", "2020-01-01", "2031-01-01", "morgen", "2026-13-01"]
)
def test_a_day_that_cannot_be_is_refused(school: School, helpdesk: Visitor, typed: str) -> None:
    """Today, the past, the far future and no day at all leave everything as it was."""
    form = {"supplier": "parnassys", "due-parnassys": typed}
    page = helpdesk.post(f"{_PAGE}/day", form)
    assert page.status == 400
    assert "Kies een dag na vandaag" in page.text
    assert link_store.key_dates() == {}
    assert helpdesk.post(f"{_PAGE}/day", {**form, "supplier": "magister"}).status == 400


@pytest.mark.usefixtures("general_key")
def test_a_school_without_a_key_counts_down_and_then_stops(
    school: School, helpdesk: Visitor
) -> None:
    """Read with the general key, told at 30, 7 and 1 days, stopped on the day; accounts stay."""
    school.mailed_coordinator()
    school.link("")
    assert (_link().status, _link().key) == ("none", None)
    helpdesk.post(f"{_PAGE}/day", {"supplier": "parnassys", "due-parnassys": _DUE.isoformat()})
    told = []
    for day in range(33):
        school.at(dt.datetime(2026, 11, 24, 6, tzinfo=dt.UTC) + dt.timedelta(days=day))
        before = len(school.subjects())
        key_watch.handler({}, None)
        key_watch.handler({}, None)
        told += [(_DUE - school.today()).days] * (len(school.subjects()) - before)
        if school.today() < _DUE:
            assert school.night().result.cause is None
    assert told == [30, 7, 1]
    assert school.subjects()[0].startswith("Nog 1 dag om de sleutel")
    people = _people()
    run = school.night()
    assert (run.result.outcome, run.result.cause) == (Outcome.FAILED, Cause.KEY_NEEDED)
    assert _people() == people
    page = school.mailed_coordinator().get("/console/roster")
    assert "De koppeling is gestopt" in page.text
    assert school.coordinator().post("/console/roster/key", {"supplier": "parnassys"}).status == 422


@pytest.mark.usefixtures("general_key")
def test_a_postponed_day_is_told_anew(school: School, helpdesk: Visitor) -> None:
    """After a postponement the countdown begins again, and the page says the new day."""
    coordinator = school.mailed_coordinator()
    school.link("")
    form = {"supplier": "parnassys", "due-parnassys": "2026-11-30"}
    helpdesk.post(f"{_PAGE}/day", form)
    key_watch.handler({}, None)
    assert "Zonder sleutel nog 6 dagen" in coordinator.get("/console/roster").text
    helpdesk.post(f"{_PAGE}/day", {**form, "due-parnassys": "2026-12-20"})
    key_watch.handler({}, None)
    assert [subject[:6] for subject in school.subjects()] == ["Nog 26", "Nog 6 "]


@pytest.mark.usefixtures("general_key")
def test_a_school_with_a_key_hears_nothing(school: School, helpdesk: Visitor) -> None:
    """Countdown and mails are for who has no key that works."""
    coordinator = school.mailed_coordinator()
    school.link()
    helpdesk.post(f"{_PAGE}/day", {"supplier": "parnassys", "due-parnassys": "2026-11-30"})
    assert key_watch.handler({}, None) == {"schools_told": 0}
    assert "Zonder sleutel" not in coordinator.get("/console/roster").text
    assert "1 school is gekoppeld" in helpdesk.get(_PAGE).text


@pytest.mark.usefixtures("general_key")
def test_a_refused_key_falls_back_to_the_general_one(school: School) -> None:
    """Until the day, a school with a wrong key is still read; it hears that its key is wrong."""
    school.link()
    las.revoke(_KEY)
    assert school.night().result.outcome == Outcome.APPLIED
    assert _link().status == "refused"


def test_without_a_general_key_a_key_is_needed(school: School) -> None:
    """Nothing is tried, and the page says what to do."""
    page = school.coordinator().post("/console/roster/key", {"supplier": "parnassys"})
    assert page.status == 422
    assert "wil een eigen sleutel" in page.text
    assert night_store.schools() == []


@given(st.dates(dt.date(2026, 1, 1), dt.date(2028, 1, 1)), st.integers(-5, 60))
def test_notices_come_at_thirty_seven_and_one(due: dt.date, left: int) -> None:
    """A missed day is made up for; before the thirtieth and from the day itself there is none."""
    notice = key_dates.notice_due(due, due - dt.timedelta(days=left))
    expected = None if left < 1 or left > 30 else 30 if left > 7 else 7 if left > 1 else 1
    assert notice == expected


@given(st.text(max_size=80))
def test_any_text_is_a_list_of_lines(typed: str) -> None:
    """Reading a list never fails, and every line that is no school is shown as such."""
    for line in withdrawal.read_lines(typed):
        assert line.found == "unreadable"
        assert line.typed.strip() == line.typed
