"""A substitute at a quarter past eight: added by a colleague, in by a code, out at six."""

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor
from zoneinfo import ZoneInfo

import pytest

from infra.local.house import House
from infra.local.visitor import Answer, Visitor
from login import handover_pages, throttle
from schoolpoort import clock, coverage, credentials, dynamodb, rosters, sessions
from schoolpoort.settings import require
from tests.amounts import often
from tests.login.test_pupils import group_of
from tests.signed_in import signed_in

SUSANNE = "susanne.vanderlaan@invalpool.example"
_ZONE = ZoneInfo("Europe/Amsterdam")


def at(house: House, hour: int, minute: int = 0) -> None:
    """Make it this time of day in Amsterdam, tomorrow."""
    house.move_clock(0)
    now = clock.now_epoch_s()
    day = dt.datetime.fromtimestamp(now, _ZONE).date() + dt.timedelta(days=1)
    then = dt.datetime.combine(day, dt.time(hour, minute), _ZONE)
    house.move_clock(int(then.timestamp()) - now)


@pytest.fixture
def teacher(house: House, school_id: str, group_id: str) -> Visitor:
    """Return the teacher of a group, at a quarter past eight."""
    at(house, 8, 15)
    person = next(
        one
        for one in rosters.staff(school_id)
        if [each.group_id for each in one.groups] == [group_id]
    )
    return signed_in(house, "840", f"school#{school_id}", "teacher", person_id=person.person_id)


def add(who: Visitor, group_id: str, address: str = SUSANNE, name: str = "Susanne") -> Answer:
    """Send the form."""
    form = {"display_name": name, "address": address, "group_ids": group_id}
    return who.post("/substitute", form)


def code_of(who: Visitor, added: Answer) -> str:
    """Show a code and return it."""
    account_id = added.location.rpartition("=")[2]
    page = who.post("/groups/handover", {"account_id": account_id})
    found = re.search(r'lesson-code">([^<]+)<', page.text)
    assert found, page.text
    return found[1]


def enter(visitor: Visitor, code: str) -> Answer:
    """Type a code."""
    return visitor.post("/login/substitute", {"lesson": code})


def test_a_substitute_is_in_by_a_code(
    house: House, teacher: Visitor, school_id: str, group_id: str
) -> None:
    """Added, a code, the group and no other, without a password; at six o'clock it is over."""
    added = add(teacher, group_id)
    assert added.location.startswith("/substitute?given=")
    assert "Een code laten zien" in teacher.get(added.location).text
    phone = Visitor(house.call)
    assert enter(phone, code_of(teacher, added).lower()).location == f"/groups/{group_id}"
    assert phone.get(f"/groups/{group_id}").status == 200
    assert phone.get(f"/groups/{group_of(school_id, 'Groep 8')}").status == 403
    assert phone.get("/apps").status == 200
    assert phone.get("/substitute").status == 403
    at(house, 17, 59)
    assert phone.get("/groups").location.startswith("/login")
    other = Visitor(house.call)
    assert enter(other, "7K2QP-9M4TD").status == 400


def test_it_ends_at_six(house: House, teacher: Visitor, school_id: str, group_id: str) -> None:
    """At 17:59 the group is open, at 18:00 it is not, whatever the session."""
    account_id = add(teacher, group_id).location.rpartition("=")[2]
    item = dynamodb.get(
        require("ACCOUNTS_TABLE"), {"account_id": account_id, "scope": f"school#{school_id}"}
    )
    assert item
    grants = item["grants"]
    offset = house.clock_offset_s
    for later_s, status in ((34_800, 200), (35_100, 403)):
        house.move_clock(offset + later_s)
        who = signed_in(
            house, account_id, f"school#{school_id}", "substitute", grants=grants, revision=1
        )
        assert who.get(f"/groups/{group_id}").status == status


def test_a_code_works_once_and_half_an_hour(house: House, teacher: Visitor, group_id: str) -> None:
    """Of fifty at once exactly one is in; after half an hour nobody."""
    added = add(teacher, group_id)
    for _ in range(often(1)):
        code = code_of(teacher, added)
        phones = [Visitor(house.call, source_ip=f"145.20.31.{one}") for one in range(50)]
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(enter, phones, [code] * 50))
        assert sorted(one.status for one in answers) == [303] + [400] * 49
    late = code_of(teacher, added)
    house.move_clock(house.clock_offset_s + handover_pages.LIFE_S)
    assert enter(Visitor(house.call), late).status == 400


def test_the_coordinator_is_told_and_stops_it_in_one_tap(
    house: House, teacher: Visitor, school_id: str, group_id: str
) -> None:
    """A mail to each coordinator without a name in its subject; one press, and the phone is out."""
    noor = signed_in(house, "841", f"school#{school_id}", "ict_coordinator", scope_name="S")
    added = add(teacher, group_id)
    house.pump_until_idle()
    told = [one for one in house.mails() if "invaller" in one["subject"].lower()]
    assert told
    assert all("Susanne" in one["text"] and "Susanne" not in one["subject"] for one in told)
    assert "Groep 6" in told[0]["text"]
    phone = Visitor(house.call)
    enter(phone, code_of(teacher, added))
    page = noor.get("/console/people/roles").text
    assert "Nu stoppen" in page
    account_id = added.location.rpartition("=")[2]
    stopped = noor.post("/console/people/stop", {"account_id": account_id})
    assert "Stopgezet" in noor.get(stopped.location).text
    assert phone.get(f"/groups/{group_id}").status == 403
    again = noor.post("/console/people/stop", {"account_id": account_id})
    assert again.location.endswith("done=changed")
    assert teacher.post("/groups/handover", {"account_id": account_id}).status == 404


def test_who_has_an_account_elsewhere_has_the_group_at_once(
    house: House, teacher: Visitor, school_id: str, group_id: str
) -> None:
    """No code is offered and none is made: the own password lets in."""
    credential = {
        "address_key": credentials.staff_key(SUSANNE),
        "account_id": "850",
        "password_version": 1,
        "password_hash": "kept",
        "language": "nl",
    }
    dynamodb.put(require("CREDENTIALS_TABLE"), credential)
    elsewhere = signed_in(house, "850", "school#4242", "teacher", address=SUSANNE)
    assert elsewhere.get("/groups").status == 200
    added = add(teacher, group_id)
    assert added.location == "/substitute?given=850"
    assert "heeft al een wachtwoord" in teacher.get(added.location).text
    assert teacher.post("/groups/handover", {"account_id": "850"}).status == 404
    grants = dynamodb.get(
        require("ACCOUNTS_TABLE"), {"account_id": "850", "scope": f"school#{school_id}"}
    )
    assert grants
    assert grants["roles"] == ["substitute"]


def test_only_own_and_parallel_groups(
    house: House, teacher: Visitor, school_id: str, group_id: str
) -> None:
    """A teacher offers no group of other years; a coordinator offers them all."""
    other = group_of(school_id, "Groep 8")
    page = teacher.get(f"/substitute?group={group_id}").text
    assert f'value="{group_id}" checked' in re.sub(r' aria-[^=]+="[^"]*"', "", page)
    assert other not in page
    assert add(teacher, other).status == 400
    noor = signed_in(house, "842", f"school#{school_id}", "ict_coordinator", scope_name="S")
    assert other in noor.get("/substitute").text
    assert add(noor, other).status == 303


def test_a_longer_role_is_left_alone(
    house: House, teacher: Visitor, school_id: str, group_id: str
) -> None:
    """Whom the coordinator gave weeks is not cut back to today; two of today are put together."""
    noor = signed_in(house, "843", f"school#{school_id}", "ict_coordinator", scope_name="S")
    other = group_of(school_id, "Groep 8")
    add(noor, other)
    assert add(teacher, group_id).status == 303
    (item,) = [
        one
        for one in items_of(school_id)
        if one.get("address") == SUSANNE and "substitute" in one["roles"]
    ]
    assert set(item["grants"]["substitute"]["group_ids"]) == {other, group_id}
    until = (coverage.amsterdam_day(clock.now_epoch_s()) + dt.timedelta(days=10)).isoformat()
    longer = {"role": "substitute", "address": "jan@invalpool.example", "display_name": "Jan"}
    given = noor.post("/console/people/new", {**longer, "group_ids": other, "until": until})
    assert given.status == 303, given.text
    refused = add(teacher, group_id, "jan@invalpool.example", "Jan")
    assert (refused.status, "Dit is al een invaller" in refused.text) == (409, True)


def items_of(school_id: str) -> list[dynamodb.Item]:
    """Return the stored places of a school."""
    return dynamodb.query(
        require("ACCOUNTS_TABLE"),
        "#scope = :scope",
        names={"#scope": "scope"},
        values={":scope": f"school#{school_id}"},
        index="by_scope",
    )


def test_after_six_it_is_tomorrow(house: House, teacher: Visitor, group_id: str) -> None:
    """The page says what to do, and the form gives nothing."""
    at(house, 18, 0)
    late = signed_in(house, "844", "school#4242", "ict_coordinator")
    assert "Vandaag is voorbij" in late.get("/substitute").text
    assert add(late, group_id).status == 400


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("", SUSANNE),
        ("Susanne", "x"),
        ("Susanne", ""),
        ("a" * 81, SUSANNE),
        ("Su\nsanne\0", SUSANNE),
    ],
)
def test_a_broken_form_gives_nothing(
    house: House, teacher: Visitor, school_id: str, group_id: str, name: str, typed: str
) -> None:
    """The fields say what is the matter and nobody is added."""
    before = len(items_of(school_id))
    assert add(teacher, group_id, typed, name).status == 400
    assert add(teacher, "1").status == 400
    assert len(items_of(school_id)) == before


def test_another_teacher_shows_no_code(
    house: House, teacher: Visitor, school_id: str, group_id: str
) -> None:
    """Only who added the substitute; and nobody sees how another's comes in."""
    added = add(teacher, group_id)
    noor = signed_in(house, "845", f"school#{school_id}", "ict_coordinator", scope_name="S")
    account_id = added.location.rpartition("=")[2]
    assert noor.post("/groups/handover", {"account_id": account_id}).status == 404
    assert noor.get(added.location).status == 404
    assert teacher.post("/groups/handover", {"account_id": ""}).status == 404


def test_a_code_takes_over_no_account(
    house: House, teacher: Visitor, school_id: str, group_id: str
) -> None:
    """With the session of a code nothing of the account is changed: it must show who it is."""
    phone = Visitor(house.call)
    enter(phone, code_of(teacher, add(teacher, group_id)))
    assert "/account/confirm" in phone.get("/account/second-factor").location
    form = {"current": "x", "password": "zeven zalmen 7", "password_again": "zeven zalmen 7"}
    phone.post("/account/password", form)
    known = credentials.find(credentials.staff_key(SUSANNE))
    assert known
    assert known.password_hash is None


def test_guesses_of_codes_run_out(house: House, teacher: Visitor, group_id: str) -> None:
    """Of one network; what is no code costs nothing."""
    house.move_clock(house.clock_offset_s + 300 - clock.now_epoch_s() % 300)
    guesser = Visitor(house.call, source_ip="145.20.32.1")
    for _ in range(throttle.HANDOVERS.failures):
        assert enter(guesser, "7K2QP-9M4TD").status == 400
    assert enter(guesser, "7K2QP-9M4TD").status == 429
    assert enter(guesser, "\x00é").status == 400
    assert sessions.COOKIE_NAME not in guesser.cookies
