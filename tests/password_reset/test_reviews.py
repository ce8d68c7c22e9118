"""The yearly confirmation, the reminders, and roles that end by themselves."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.visitor import Visitor
from password_reset import reviews
from password_reset.reviews import Ending
from schoolpoort import dynamodb, memberships
from schoolpoort.memberships import Grant
from schoolpoort.settings import require
from tests.password_reset.post import SCHOOL, Post
from tests.password_reset.staff_room import (
    ROLES,
    coordinator,
    days_pass,
    events,
    give,
    in_days,
    member,
    night,
    open_school,
    today,
)
from tests.signed_in import signed_in

JORGEN = "jorgen.vanthof@vlieger.example"
DAY = dt.date(2026, 11, 24)
_DAYS = st.integers(-800, 800).map(lambda days: DAY + dt.timedelta(days=days))
_GRANTS = st.dictionaries(
    st.sampled_from(["trainee", "substitute", "ict_coordinator"]),
    st.builds(Grant, st.none() | _DAYS, st.just(frozenset[str]()), _DAYS, st.just("9")),
)


def _grant(until: dt.date | None = None, confirmed_on: dt.date = DAY) -> Grant:
    return Grant(until, frozenset(), confirmed_on, "9")


@given(_GRANTS, st.none() | _DAYS, _DAYS)
def test_the_next_day_is_always_ahead(
    grants: dict[str, Grant], unused: dt.date | None, today: dt.date
) -> None:
    """Whoever is put down for a day is put down for a later one; nobody is looked at for ever."""
    on = reviews.next_day(grants, unused_since=unused, today=today)
    assert on is None or on > today
    assert (on is None) is (not grants)


@given(_GRANTS, st.none() | _DAYS, _DAYS, st.integers(1, 60))
def test_no_night_misses_anything(
    grants: dict[str, Grant], unused: dt.date | None, start: dt.date, asleep: int
) -> None:
    """Nights that run each day, and one after a sleep, end the same roles and remind if any did."""
    standing = reviews.review(grants, unused_since=unused, due=start, today=start)
    grants = {role: one for role, one in grants.items() if role not in standing.endings}
    end = start + dt.timedelta(days=asleep)
    due = reviews.next_day(grants, unused_since=unused, today=start)
    if due is None or due > end:
        return
    at_once = reviews.review(grants, unused_since=unused, due=due, today=end)
    reminded, left = False, dict(grants)
    for number in range(1, asleep + 1):
        day = start + dt.timedelta(days=number)
        on = reviews.next_day(left, unused_since=unused, today=day - dt.timedelta(days=1))
        if on is None or on > day:
            continue
        found = reviews.review(left, unused_since=unused, due=on, today=day)
        reminded |= found.reminds
        left = {role: one for role, one in left.items() if role not in found.endings}
    assert set(left) == set(grants) - set(at_once.endings)
    assert reminded or not at_once.reminds


@pytest.mark.parametrize(
    ("grant", "unused", "ending"),
    [
        (_grant(DAY), None, None),
        (_grant(DAY - dt.timedelta(days=1)), None, Ending.ENDED),
        (_grant(confirmed_on=DAY - dt.timedelta(days=364)), None, None),
        (_grant(confirmed_on=DAY - dt.timedelta(days=365)), None, Ending.NOT_CONFIRMED),
        (_grant(), DAY - dt.timedelta(days=59), None),
        (_grant(), DAY - dt.timedelta(days=60), Ending.NOT_USED),
    ],
)
def test_when_a_role_ends(grant: Grant, unused: dt.date | None, ending: Ending | None) -> None:
    """After its last day, a year after it was confirmed, or unused for sixty days: never before."""
    found = reviews.review({"trainee": grant}, unused_since=unused, due=DAY, today=DAY)
    assert found.endings == ({"trainee": ending} if ending else {})


@pytest.mark.parametrize(
    ("confirmed", "used", "ending", "warns"),
    [
        (200, 149, None, False),
        (200, 150, None, True),
        (200, 179, None, True),
        (200, 165, None, False),
        (200, 180, Ending.IDLE, False),
        (10, 180, None, False),
        (200, 0, None, False),
    ],
)
def test_when_a_role_that_is_not_used_ends(
    confirmed: int, used: int, ending: Ending | None, warns: bool
) -> None:
    """Half a year after the last sign-in, or after somebody last said that it is right."""
    grant = _grant(confirmed_on=DAY - dt.timedelta(days=confirmed))
    day = DAY - dt.timedelta(days=used)
    due = DAY - dt.timedelta(days=6)
    found = reviews.review({"trainee": grant}, unused_since=None, used_on=day, due=due, today=DAY)
    assert found.endings == ({"trainee": ending} if ending else {})
    assert (found.warns_of is not None) is warns


@given(_GRANTS, _DAYS, st.integers(0, 400))
def test_who_comes_in_is_never_idle(grants: dict[str, Grant], start: dt.date, days: int) -> None:
    """Whoever signs in today has half a year from today, whatever was confirmed when."""
    today = start + dt.timedelta(days=days)
    found = reviews.review(grants, unused_since=None, used_on=today, due=start, today=today)
    assert Ending.IDLE not in found.endings.values()
    assert found.warns_of is None or days >= 150


@pytest.fixture
def noor(post: Post) -> Visitor:
    """Return the one coordinator of a school with three groups."""
    open_school()
    return coordinator(post, "901")


def _reminders(post: Post) -> list[str]:
    assert post.work(*post.queued()) == []
    return [mail["to"][0] for mail in post.house.mails() if "console/people/roles" in mail["text"]]


def in_words(days: int) -> str:
    """Return a day from today as mails write it."""
    return (today() + dt.timedelta(days=days)).strftime("%d-%m-%Y")


def _account(post: Post, address: str, account_id: str = "901", used_on: str = "") -> None:
    item = {"address_key": f"staff#{address}", "account_id": account_id, "used_on": used_on}
    more = {"password_version": 1, "password_hash": "x", "language": "nl"}
    dynamodb.put(require("CREDENTIALS_TABLE"), item | more)


def test_a_substitute_leaves_by_himself(post: Post, noor: Visitor) -> None:
    """A week before, the coordinator hears of it once; after the last day the role is tidied up."""
    _account(post, "901@vlieger.example")
    give(noor, "substitute", JORGEN, group_ids="31", until=in_days(20))
    assert night(post)["ended"] == 0
    days_pass(post, 13)
    assert night(post) == {"ended": 0, "schools_reminded": 1}
    assert night(post) == {"ended": 0, "schools_reminded": 0}
    assert _reminders(post) == ["901@vlieger.example"]
    days_pass(post, 8)
    assert night(post)["ended"] == 1
    assert night(post)["ended"] == 0
    stored = member(post, JORGEN)
    assert (stored["roles"], stored["grants"]) == ([], {})
    [event] = events(post, action="ended")
    assert (event["by"], event["about"]) == ("house", stored["account_id"])
    assert "review_on" not in stored


def test_an_invitation_that_nobody_used_ends(post: Post, noor: Visitor) -> None:
    """After sixty days without a password the role is gone, and its page says why."""
    give(noor, "internal_support", JORGEN)
    days_pass(post, 59)
    assert night(post)["ended"] == 0
    days_pass(post, 1)
    assert night(post)["ended"] == 1
    path = f"/console/people/{member(post, JORGEN)['account_id']}"
    page = coordinator(post, "909").get(path).text
    assert "nooit gebruikt" in page


def _long_ago(post: Post, account_id: str, role: str, days: int) -> None:
    grant = {"until": "", "group_ids": [], "confirmed_on": in_days(-days), "given_by": "901"}
    due = {"review": "staff", "review_on": in_days(0), "activated_at_epoch_s": 1}
    place = {"grants": {role: grant}, "address": f"{account_id}@vlieger.example"}
    signed_in(post.house, account_id, SCHOOL, role, **place, **due)


def test_an_account_that_is_not_used_is_warned_and_then_ended(post: Post, noor: Visitor) -> None:
    """Two warnings to the person, none that names him to others; a sign-in keeps the role."""
    for account_id in ("905", "906"):
        _long_ago(post, account_id, "internal_support", 151)
        _account(post, f"{account_id}@vlieger.example", account_id, used_on=in_days(-151))
    _account(post, "901@vlieger.example")
    assert night(post) == {"ended": 0, "schools_reminded": 0}
    assert "Klopt dit nog?" in noor.get(ROLES).text
    assert "niet ingelogd sinds" in noor.get(ROLES).text
    days_pass(post, 22)
    assert night(post) == {"ended": 0, "schools_reminded": 1}
    assert post.work(*post.queued()) == []
    warned = [one for one in post.house.mails() if one["to"][0] == "905@vlieger.example"]
    assert [in_words(7) in one["text"] for one in warned] == [True]
    _account(post, "906@vlieger.example", "906", used_on=in_days(0))
    days_pass(post, 7)
    assert night(post)["ended"] == 1
    assert member(post, "905@vlieger.example")["roles"] == []
    assert member(post, "906@vlieger.example")["roles"] == ["internal_support"]
    assert [one["about"] for one in events(post, action="idle")] == ["905"]


def test_a_role_is_confirmed_for_another_year(post: Post, noor: Visitor) -> None:
    """A month before the year is over the page asks; the tick is good for a year."""
    _account(post, "901@vlieger.example")
    _long_ago(post, "905", "internal_support", 335)
    assert night(post) == {"ended": 0, "schools_reminded": 1}
    assert _reminders(post) == ["901@vlieger.example"]
    assert "Klopt dit nog?" in noor.get(ROLES).text
    assert noor.post(ROLES, {"account_id": "905"}).location == f"{ROLES}?done=confirmed"
    assert "Klopt dit nog?" not in noor.get(ROLES).text
    days_pass(post, 40)
    assert night(post)["ended"] == 0
    grant = memberships.from_item(member(post, "905@vlieger.example")).grants["internal_support"]
    assert reviews.confirm_by(grant) == today() + dt.timedelta(days=325)
    assert [one["about"] for one in events(post, action="confirmed")] == ["905"]


def test_a_role_that_nobody_confirms_ends(post: Post, noor: Visitor) -> None:
    """The forgotten account has no role after a year, whatever else happens."""
    _long_ago(post, "905", "internal_support", 365)
    _long_ago(post, "906", "internal_support", 364)
    assert night(post)["ended"] == 1
    assert member(post, "905@vlieger.example")["roles"] == []
    assert member(post, "906@vlieger.example")["roles"] == ["internal_support"]
    assert [one["about"] for one in events(post, action="not_confirmed")] == ["905"]


def test_the_last_coordinator_is_reminded_and_not_ended(post: Post) -> None:
    """Nobody confirmed him: with a successor his role ends, without one he is asked weekly."""
    _long_ago(post, "901", "ict_coordinator", 365)
    _account(post, "901@vlieger.example")
    assert night(post) == {"ended": 0, "schools_reminded": 1}
    assert _reminders(post) == ["901@vlieger.example"]
    stored = member(post, "901@vlieger.example")
    assert (stored["roles"], stored["review_on"]) == (["ict_coordinator"], in_days(7))
    days_pass(post, 7)
    coordinator(post, "902")
    assert night(post)["ended"] == 1
    assert member(post, "901@vlieger.example")["roles"] == []


def test_an_invited_coordinator_is_asked_about_too(post: Post) -> None:
    """Whom the helpdesk invited as the first administrator stands on the same calendar."""
    place = {"scope": SCHOOL, "scope_name": "De Vlieger", "person_id": None}
    message = {"kind": "invitation", "request_id": "first", "address": JORGEN, "language": "nl"}
    named = {"display_name": "Jörgen", "roles": ["ict_coordinator"]}
    assert post.work(message | place | named) == []
    stored = member(post, JORGEN)
    assert stored["grants"]["ict_coordinator"]["given_by"] == "helpdesk"
    assert stored["review_on"] == in_days(60)


def test_nothing_of_the_person_stands_in_the_reminder(post: Post, noor: Visitor) -> None:
    """The mail says where to look, not at whom."""
    _account(post, "901@vlieger.example")
    _long_ago(post, "905", "internal_support", 335)
    night(post)
    _reminders(post)
    [mail] = [one for one in post.house.mails() if "905" not in one["to"][0]]
    assert "Hanna" not in mail["text"] + mail["html"] + mail["subject"]
