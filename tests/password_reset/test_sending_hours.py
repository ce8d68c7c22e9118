"""When invitations leave: school days, school hours, Dutch time."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from password_reset import sending_hours
from password_reset.sending_hours import Period

_ZONE = ZoneInfo("Europe/Amsterdam")
_MOMENTS = st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2040, 1, 1)).map(  # noqa: DTZ001 - the zone is put on here
    lambda moment: int(moment.replace(tzinfo=_ZONE).timestamp())
)
_HOLIDAYS = (Period(dt.date(2026, 12, 19), dt.date(2027, 1, 3)),)


def _at(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=_ZONE).timestamp())


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-24 06:59:59", False),
        ("2026-11-24 07:00:00", True),
        ("2026-11-24 17:59:59", True),
        ("2026-11-24 18:00:00", False),
        ("2026-11-28 12:00:00", False),
        ("2026-12-18 12:00:00", True),
        ("2026-12-19 12:00:00", False),
        ("2026-12-21 12:00:00", False),
        ("2027-01-04 12:00:00", True),
        ("2027-03-26 12:00:00", False),
        ("2027-03-29 12:00:00", False),
        ("2027-04-27 12:00:00", False),
        ("2025-04-26 12:00:00", False),
        ("2027-05-06 12:00:00", False),
        ("2027-05-07 12:00:00", False),
        ("2027-05-17 12:00:00", False),
        ("2027-05-18 12:00:00", True),
    ],
)
def test_the_hours_are_those_of_schools(moment: str, is_open: bool) -> None:
    """From seven to six, not in the weekend, on public holidays or in listed holidays."""
    assert sending_hours.is_open(_at(moment), _HOLIDAYS) is is_open


@given(_MOMENTS)
def test_what_waits_leaves_at_an_open_moment_soon(now_epoch_s: int) -> None:
    """The next opening is open, not in the past, and without holidays within five days."""
    opens = sending_hours.next_opening(now_epoch_s, ())
    assert sending_hours.is_open(int(opens.timestamp()), ())
    assert 0 <= int(opens.timestamp()) - now_epoch_s < 5 * 24 * 3600 + 3600


@pytest.mark.parametrize(
    ("year", "easter"),
    [(2024, (3, 31)), (2025, (4, 20)), (2026, (4, 5)), (2027, (3, 28)), (2038, (4, 25))],
)
def test_easter_is_where_the_calendar_has_it(year: int, easter: tuple[int, int]) -> None:
    """Known dates, the latest possible one among them."""
    assert sending_hours.easter_sunday(year) == dt.date(year, *easter)


@given(st.integers(1900, 2200))
def test_easter_is_a_sunday_in_spring(year: int) -> None:
    """Between 22 March and 25 April, as the church reckons."""
    easter = sending_hours.easter_sunday(year)
    assert easter.weekday() == 6
    assert dt.date(year, 3, 22) <= easter <= dt.date(year, 4, 25)


def test_a_list_of_holidays_is_read_or_refused() -> None:
    """What the deployment gives is read whole; a slip of the pen stops, and drops nothing."""
    assert sending_hours.read_periods("") == ()
    assert sending_hours.read_periods("2026-12-19/2027-01-03,") == _HOLIDAYS
    for wrong in ("2026-12-19", "2026-13-19/2027-01-03", "x/y"):
        with pytest.raises(ValueError, match=r".+"):
            sending_hours.read_periods(wrong)
    for_ever = (Period(dt.date(2026, 1, 1), dt.date(2030, 1, 1)),)
    with pytest.raises(ValueError, match="no school day"):
        sending_hours.next_opening(_at("2026-11-24 12:00:00"), for_ever)
