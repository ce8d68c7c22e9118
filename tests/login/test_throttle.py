"""The rules of budgets and tickets, without a store."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from login import throttle

NOW = 1_800_000_000
ACCOUNT_HASH = "a" * 64
OTHER_HASH = "b" * 64


def draws(now: int = NOW, source_ip: str = "192.0.2.7") -> tuple[throttle.Draw, ...]:
    """Return what an attempt draws on."""
    return throttle.draws(account_hash=ACCOUNT_HASH, source_ip=source_ip, now_epoch_s=now)


def ticket(now: int = NOW) -> dict[str, object]:
    """Return a ticket of the account."""
    return throttle.new_ticket(ticket_secret="t" * 43, account_hash=ACCOUNT_HASH, now_epoch_s=now)


def test_an_attempt_draws_on_its_account_and_its_network() -> None:
    """The two budgets are ten failures of an account and sixty of a network in five minutes."""
    account, hour, source = draws()
    assert account.budget_key.startswith(f"account#{ACCOUNT_HASH}#")
    assert hour.budget_key.startswith(f"account_hour#{ACCOUNT_HASH}#")
    assert source.budget_key.startswith("source#")
    assert (account.failures, hour.failures, source.failures) == (10, 50, 60)
    assert (throttle.ACCOUNT.window_s, throttle.SOURCE.window_s) == (300, 300)


def test_a_school_has_ten_times_the_budget_on_the_same_counter() -> None:
    """All of a school comes from one address; what was spent before it was registered counts."""
    home = draws()
    school = throttle.draws(
        account_hash=ACCOUNT_HASH, source_ip="192.0.2.7", now_epoch_s=NOW, is_at_school=True
    )
    assert school[-1].budget_key == home[-1].budget_key
    assert (school[-1].failures, school[:-1]) == (600, home[:-1])


def test_a_known_browser_draws_on_its_own_budget_only() -> None:
    """Twenty failures a quarter for a browser and an account, whatever others do."""

    def of(name: str, account_hash: str = ACCOUNT_HASH) -> throttle.Draw:
        (draw,) = throttle.device_draws(
            account_hash=account_hash, device_name=name, now_epoch_s=NOW
        )
        return draw

    assert (of("a").failures, throttle.DEVICE.window_s) == (20, 900)
    assert len({of("a").budget_key, of("b").budget_key, of("a", OTHER_HASH).budget_key}) == 3
    assert not throttle.is_of_account(of("a"))


def test_no_address_stands_in_a_budget() -> None:
    """The network is kept as a hash, as the account is."""
    assert "192.0.2.7" not in draws()[-1].budget_key


def test_a_counter_outlives_its_window() -> None:
    """A counter may be forgotten only when its window is long over."""
    for draw in draws():
        assert draw.expires_at_epoch_s > NOW + 300


def test_windows_follow_each_other() -> None:
    """Within a window attempts share a counter; the next window starts a new one."""
    start = NOW - NOW % 300
    assert draws(start) == draws(start + 299)
    assert draws(start + 300)[0].budget_key != draws(start)[0].budget_key


@pytest.mark.parametrize(
    ("source_ip", "prefix"),
    [
        ("192.0.2.7", "192.0.2.7/32"),
        ("2001:db8:12:34ff::1", "2001:db8:12:3400::/56"),
        ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ("", "unknown"),
        ("192.0.2.7, 10.0.0.1", "unknown"),
        ("192.0.2.007", "unknown"),
        ("school", "unknown"),
    ],
)
def test_a_network_is_an_ipv4_address_or_a_56(source_ip: str, prefix: str) -> None:
    """One household is one network in either family; what is no address shares one budget."""
    assert throttle.source_prefix(source_ip) == prefix


@given(st.integers(0, 2**72 - 1), st.integers(0, 2**72 - 1))
def test_an_ipv6_subscriber_cannot_change_networks(first: int, second: int) -> None:
    """Every address of one /56 draws on one budget."""
    base = 0x20010DB8_00000000_00000000_00000000
    texts = [f"{base + low:032x}" for low in (first, second)]
    with_colons = [":".join(text[i : i + 4] for i in range(0, 32, 4)) for text in texts]
    assert throttle.source_prefix(with_colons[0]) == throttle.source_prefix(with_colons[1])


def test_a_ticket_is_due_within_half_a_minute() -> None:
    """The rule of the product: at most thirty seconds of waiting."""
    wait = throttle.remaining_wait_s(ticket(), account_hash=ACCOUNT_HASH, now_epoch_s=NOW)
    assert wait is not None
    assert 0 < wait <= 30


def test_a_ticket_is_stored_without_its_secret() -> None:
    """The table knows a hash, the browser the secret."""
    assert "t" * 43 not in str(ticket())


@pytest.mark.parametrize(
    ("passed_s", "expected"), [(0, 20), (19, 1), (20, 0), (919, 0), (920, None), (10**6, None)]
)
def test_a_ticket_counts_from_due_until_it_ends(passed_s: int, expected: int | None) -> None:
    """A ticket waits, then counts for a quarter of an hour, then never again."""
    wait = throttle.remaining_wait_s(
        ticket(), account_hash=ACCOUNT_HASH, now_epoch_s=NOW + passed_s
    )
    assert wait == expected


def test_a_ticket_of_another_account_never_counts() -> None:
    """A ticket is for the account that it was given for."""
    late = NOW + 25
    assert throttle.remaining_wait_s(ticket(), account_hash=OTHER_HASH, now_epoch_s=late) is None
    assert throttle.remaining_wait_s(None, account_hash=ACCOUNT_HASH, now_epoch_s=late) is None


@given(st.lists(st.integers(NOW, NOW + 3600), max_size=60))
def test_no_window_grants_more_than_its_budget(moments: list[int]) -> None:
    """Counting draws as the store does, no window of the account grants an eleventh failure."""
    counters: Counter[str] = Counter()
    granted: Counter[int] = Counter()
    for moment in sorted(moments):
        account, *_ = draws(moment)
        if counters[account.budget_key] < account.failures:
            counters[account.budget_key] += 1
            granted[moment // 300] += 1
    assert all(count <= 10 for count in granted.values())
