"""Which ranges can be a school's network, and who is in one."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from login import networks, pupil_access
from login.networks import SchoolNetwork, Unfit
from login.pupil_access import Device, Place, SchoolAccess

NOW = 1_800_000_000
DAY_S = 24 * 60 * 60


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("145.20.30.40", "145.20.30.40/32"),
        (" 145.20.30.40 ", "145.20.30.40/32"),
        ("145.20.30.77/24", "145.20.30.0/24"),
        ("2001:610:1:2:3:4:5:6", "2001:610:1:2::/64"),
        ("2001:610:1::/48", "2001:610:1::/48"),
    ],
)
def test_a_school_network_is_read(typed: str, read: str) -> None:
    """An address is a range of one; an IPv6 address stands for its subscriber's /64."""
    assert str(networks.read(typed)) == read


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", Unfit.MALFORMED),
        ("school", Unfit.MALFORMED),
        ("145.20.30", Unfit.MALFORMED),
        ("145.20.30.40/33", Unfit.MALFORMED),
        ("145.20.30.40; DROP", Unfit.MALFORMED),
        ("192.168.1.1", Unfit.NOT_PUBLIC),
        ("10.0.0.0/24", Unfit.NOT_PUBLIC),
        ("127.0.0.1", Unfit.NOT_PUBLIC),
        ("100.64.0.1", Unfit.NOT_PUBLIC),
        ("224.0.0.1", Unfit.NOT_PUBLIC),
        ("fe80::1", Unfit.NOT_PUBLIC),
        ("::1", Unfit.NOT_PUBLIC),
        ("145.20.0.0/23", Unfit.TOO_WIDE),
        ("0.0.0.0/0", Unfit.TOO_WIDE),
        ("2001:610::/32", Unfit.TOO_WIDE),
        ("178.229.1.1", Unfit.OF_PHONES),
        ("89.205.200.0/24", Unfit.OF_PHONES),
    ],
)
def test_other_ranges_are_refused_with_the_reason(typed: str, why: Unfit) -> None:
    """Broken, private, over-wide and mobile ranges each have their own answer."""
    assert networks.read(typed) is why


def test_only_the_local_house_takes_loopback() -> None:
    """On one machine, and nowhere else, the machine itself may be the school."""
    assert str(networks.read("127.0.0.1", is_local=True)) == "127.0.0.1/32"
    assert networks.read("192.168.1.1", is_local=True) is Unfit.NOT_PUBLIC


@given(typed=st.one_of(st.text(), st.ip_addresses().map(str)))
def test_whatever_is_typed_is_a_small_public_range_or_refused(typed: str) -> None:
    """No text raises, and no text becomes a range that others than the school are in."""
    found = networks.read(typed)
    if isinstance(found, Unfit):
        return
    assert found.is_global
    assert found.num_addresses <= 2 ** (8 if found.version == 4 else 80)


def known(*cidrs: str, seen_at: int = NOW) -> tuple[SchoolNetwork, ...]:
    """Return registered ranges."""
    return tuple(SchoolNetwork(cidr, NOW, seen_at) for cidr in cidrs)


@pytest.mark.parametrize(
    ("source_ip", "is_in"),
    [
        ("145.20.30.40", True),
        ("::ffff:145.20.30.40", True),
        ("145.20.31.40", False),
        ("2001:610:1:2::99", True),
        ("2001:610:1:3::99", False),
        ("", False),
        ("unknown", False),
    ],
)
def test_an_address_is_in_its_range(source_ip: str, is_in: bool) -> None:
    """IPv4, IPv4 in IPv6 clothes, IPv6, and no address at all."""
    ranges = known("145.20.30.0/24", "2001:610:1:2::/64")
    assert (networks.of_address(source_ip, ranges) is not None) is is_in


def test_every_address_of_a_range_is_in_it_and_its_neighbours_are_not() -> None:
    """The first and the last count, the ones beside them do not."""
    ranges = known("145.20.30.16/28")
    first, last = ipaddress.ip_address("145.20.30.16"), ipaddress.ip_address("145.20.30.31")
    for address, is_in in ((first, True), (last, True), (first - 1, False), (last + 1, False)):
        assert (networks.of_address(str(address), ranges) is not None) is is_in


def access(*ranges: SchoolNetwork, device_until: int = 0) -> SchoolAccess:
    """Return a school with these ranges and a device."""
    device = Device("hash", "tablet", NOW, device_until)
    return SchoolAccess("42", "code", ranges, (device,), {}, frozenset())


@pytest.mark.parametrize(("days", "opens"), [(0, True), (59, True), (60, False), (400, False)])
def test_a_network_is_forgotten_after_sixty_days(days: int, opens: bool) -> None:
    """What nobody used for sixty days opens only after the coordinator says that it is ours."""
    place = pupil_access.place_of(
        access(*known("145.20.30.0/24", seen_at=NOW - days * DAY_S)),
        source_ip="145.20.30.1",
        device_hash=None,
        now_epoch_s=NOW,
    )
    assert (place.is_known, place.is_forgotten) == (opens, not opens)


@pytest.mark.parametrize(
    ("device_hash", "until", "opens"),
    [
        ("hash", NOW + 1, True),
        ("hash", NOW, False),
        ("other", NOW + 1, False),
        (None, NOW + 1, False),
    ],
)
def test_a_device_opens_anywhere_for_its_year(
    device_hash: str | None,
    until: int,
    opens: bool,
) -> None:
    """The device that was enrolled, as long as that counts, and no other."""
    place = pupil_access.place_of(
        access(device_until=until), source_ip="8.8.8.8", device_hash=device_hash, now_epoch_s=NOW
    )
    assert place == Place(is_known=opens)


@pytest.mark.parametrize(
    ("years", "youngest", "names", "reads"),
    [
        (["1", "2"], 1, False, False),
        (["3"], 3, False, True),
        (["4", "3"], 3, False, True),
        (["4", "5"], 4, True, True),
        (["8"], 8, True, True),
        ([None, ""], None, False, True),
    ],
)
def test_the_youngest_of_a_group_decides(
    years: list[str | None],
    youngest: int | None,
    names: bool,
    reads: bool,
) -> None:
    """First names stand there from year group 4; where the year is not known, no name does."""
    found = pupil_access.youngest_year(years)
    assert found == youngest
    assert pupil_access.shows_names(found) is names
    assert pupil_access.reads(found) is reads
