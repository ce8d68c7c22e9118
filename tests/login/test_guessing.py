"""Guessing passwords is slow, and the right one always gets in."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.local.house import House
from infra.local.stand_ins import google
from infra.local.visitor import Answer, Visitor
from login import password_door, store, throttle
from schoolpoort import dynamodb, ids, sessions
from schoolpoort.settings import require
from tests.amounts import often, rounds
from tests.login.door import NOOR, Door

COOKIE = sessions.COOKIE_NAME
TICKET = password_door.TICKET_COOKIE
WRONG = "helemaal fout 1"


def exhaust(door: Door, email: str = NOOR) -> Visitor:
    """Guess until the account's budget is empty and return the guesser."""
    guesser = door.visitor("198.51.100.9")
    for _ in range(throttle.ACCOUNT.failures):
        assert door.sign_in(guesser, email=email, password=WRONG).status == 401
    return guesser


def test_the_eleventh_guess_has_to_wait(door: Door) -> None:
    """After ten failures the answer is 429, when to come back, and a ticket for this browser."""
    guesser = exhaust(door)
    answer = door.sign_in(guesser, password=WRONG)
    assert answer.status == 429
    assert answer.headers["retry-after"] == "20"
    assert "Wacht 20 seconden" in answer.text
    assert "niet geblokkeerd" in answer.text
    (line,) = answer.set_cookies
    assert line.startswith(f"{TICKET}=")
    assert "HttpOnly" in line


def test_no_password_is_hashed_on_an_empty_budget(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An attacker who has used up a budget buys no argon2 from us."""
    guesser = exhaust(door)

    def must_not_run(*_: object) -> bool:
        raise AssertionError

    monkeypatch.setattr("schoolpoort.passwords.verify", must_not_run)
    assert door.sign_in(guesser, password=WRONG).status == 429


def test_the_right_password_gets_in_after_the_wait(door: Door) -> None:
    """While somebody else guesses without end, the owner is in with a due ticket."""
    exhaust(door)
    owner = door.visitor()
    assert door.sign_in(owner).status == 429
    door.move_clock(throttle.TICKET_DELAY_S)
    answer = door.sign_in(owner)
    assert (answer.status, answer.location) == (303, "/apps")
    assert len(door.calls) == 4
    assert TICKET not in owner.cookies
    assert COOKIE in owner.cookies


def test_an_early_try_keeps_the_ticket_and_shortens_nothing(door: Door) -> None:
    """Trying too early tells the rest of the wait and does not start it anew."""
    exhaust(door)
    owner = door.visitor()
    door.sign_in(owner)
    ticket = owner.cookies[TICKET]
    door.move_clock(throttle.TICKET_DELAY_S - 1)
    answer = door.sign_in(owner)
    assert answer.headers["retry-after"] == "1"
    assert "Wacht 1 seconde en" in answer.text
    assert owner.cookies[TICKET] == ticket
    door.move_clock(1)
    assert door.sign_in(owner).status == 303


def test_a_failed_check_does_not_use_a_ticket_up(door: Door) -> None:
    """Only an evaluated attempt uses up a ticket."""
    exhaust(door)
    owner = door.visitor()
    door.sign_in(owner)
    door.move_clock(throttle.TICKET_DELAY_S)
    assert door.sign_in(owner, token="never-issued").status == 403
    assert TICKET in owner.cookies
    assert door.sign_in(owner).status == 303


def test_a_ticket_is_good_for_one_attempt(door: Door) -> None:
    """A wrong password with a due ticket uses it up; the next one waits again."""
    exhaust(door)
    owner = door.visitor()
    door.sign_in(owner)
    door.move_clock(throttle.TICKET_DELAY_S)
    kept = owner.cookies[TICKET]
    assert door.sign_in(owner, password=WRONG).status == 401
    owner.cookies[TICKET] = kept
    answer = door.sign_in(owner)
    assert answer.status == 429
    assert owner.cookies[TICKET] != kept


def test_a_ticket_is_for_one_account(door: Door) -> None:
    """A ticket got with another address does not open a guessed account."""
    exhaust(door)
    exhaust(door, "niemand@vlieger.example")
    other = door.visitor()
    door.sign_in(other, email="niemand@vlieger.example")
    door.move_clock(throttle.TICKET_DELAY_S)
    assert door.sign_in(other, email=NOOR, password=WRONG).status == 429


@pytest.mark.parametrize("value", ["x", "a" * 43, "a" * 5000, "é" * 43, "%00", '"; Path=/'])
def test_an_invented_ticket_is_worth_nothing(door: Door, value: str) -> None:
    """Whatever stands in the cookie, without a ticket of ours the wait begins."""
    exhaust(door)
    owner = door.visitor()
    owner.cookies[TICKET] = value
    assert door.sign_in(owner).status == 429


def test_the_unknown_wait_like_the_known(door: Door) -> None:
    """An address that nobody has is budgeted and given tickets like any other."""
    guesser = exhaust(door, "niemand@vlieger.example")
    answer = door.sign_in(guesser, email="niemand@vlieger.example", password=WRONG)
    assert (answer.status, answer.headers["retry-after"]) == (429, "20")


def test_a_new_window_fills_the_budget(door: Door) -> None:
    """Five minutes later guesses count from nothing again."""
    guesser = exhaust(door)
    door.move_clock(throttle.ACCOUNT.window_s)
    assert door.sign_in(guesser, password=WRONG).status == 401


def test_one_network_guessing_many_accounts_has_to_wait(door: Door, aws: House) -> None:
    """Sixty failures of one address use up its budget; another address is not touched."""
    for number in range(throttle.SOURCE.failures):
        spent = throttle.draws(
            account_hash=str(number), source_ip="203.0.113.5", now_epoch_s=_now(aws)
        )
        reserved = store.reserve_by_budget(f"token {number}", spent, now_epoch_s=_now(aws))
        assert reserved is store.Reservation.GRANTED
    assert door.sign_in(door.visitor("203.0.113.5")).status == 429
    assert door.sign_in(door.visitor("203.0.113.6")).status == 303


def _now(house: House) -> int:
    from schoolpoort import clock

    return clock.now_epoch_s()


def test_right_passwords_behind_one_address_wait_for_nobody(door: Door, aws: House) -> None:
    """A whole school behind one address signs in, for right passwords cost no budget."""
    for _ in range(throttle.ACCOUNT.failures + 2):
        assert door.sign_in(door.visitor()).status == 303


@pytest.mark.soak
def test_one_captcha_token_wins_once_among_fifty(door: Door) -> None:
    """Fifty clients use one token at once: exactly one attempt is evaluated, in every round."""
    for number in range(rounds(3)):
        draws = throttle.draws(
            account_hash=ids.new_secret(),
            source_ip=f"192.0.{number // 250}.{number % 250}",
            now_epoch_s=_now(door.house),
        )
        token = ids.new_secret()
        barrier = threading.Barrier(50)

        def reserve(_: int, token: str = token, barrier: threading.Barrier = barrier) -> object:
            barrier.wait()
            return store.reserve_by_budget(token, draws, now_epoch_s=_now(door.house))  # noqa: B023

        with ThreadPoolExecutor(50) as pool:
            results = list(pool.map(reserve, range(50)))
        assert results.count(store.Reservation.GRANTED) == 1
        assert results.count(store.Reservation.CAPTCHA_REPLAYED) == 49


@pytest.mark.soak
@pytest.mark.parametrize("_race", range(often(1)))
def test_a_budget_grants_exactly_its_failures_among_many(door: Door, _race: int) -> None:
    """Thirty attempts at once on one account: exactly ten are evaluated."""
    draws = throttle.draws(
        account_hash="f" * 64, source_ip="192.0.2.1", now_epoch_s=_now(door.house)
    )

    def reserve(number: int) -> object:
        return store.reserve_by_budget(f"token {number}", draws, now_epoch_s=_now(door.house))

    with ThreadPoolExecutor(10) as pool:
        results = list(pool.map(reserve, range(30)))
    assert results.count(store.Reservation.GRANTED) == 10


@pytest.mark.soak
@pytest.mark.parametrize("_race", range(often(1)))
def test_one_ticket_wins_once_among_ten(door: Door, _race: int) -> None:
    """Ten clients with one due ticket and tokens of their own: exactly one is evaluated."""
    now = _now(door.house)
    ticket = throttle.new_ticket(ticket_secret="s" * 43, account_hash="f" * 64, now_epoch_s=now)
    store.put_ticket(ticket)

    def reserve(number: int) -> object:
        return store.reserve_by_ticket(
            f"token {number}",
            ticket_secret="s" * 43,
            account_hash="f" * 64,
            now_epoch_s=now + throttle.TICKET_DELAY_S,
        )

    with ThreadPoolExecutor(10) as pool:
        results = list(pool.map(reserve, range(10)))
    assert results.count(store.Reservation.GRANTED) == 1


def test_a_replayed_token_says_that_the_check_failed(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When Google itself would pass a token twice, our own record refuses the second use."""
    token = google.issue_token()
    monkeypatch.setattr(google, "_outcome_of", lambda _: google.Solved(_now(door.house), ""))
    assert door.sign_in(door.visitor(), token=token).status == 303
    answer = door.sign_in(door.visitor(), token=token)
    assert answer.status == 403
    assert "De controle is niet gelukt" in answer.text


@settings(
    max_examples=often(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 14)), min_size=1, max_size=4))
def test_the_right_password_never_waits_longer_than_thirty_seconds(
    door: Door, waves: list[tuple[int, int]]
) -> None:
    """However guesses are spread over time, the owner is in at once or 30 s after asking."""
    for pause_s, guesses in waves:
        door.move_clock(pause_s)
        for _ in range(guesses):
            door.sign_in(door.visitor("198.51.100.9"), password=WRONG)
        if guesses % 2:
            guessed_everywhere(door, throttle.EVERYWHERE.failures)
        owner = door.visitor()
        first = door.sign_in(owner)
        if first.status == 429:
            wait_s = int(first.headers["retry-after"])
            assert wait_s <= 30
            door.move_clock(wait_s)
            for _ in range(3):
                door.sign_in(door.visitor("198.51.100.9"), password=WRONG)
            first = door.sign_in(owner)
        assert first.status == 303


def test_an_owner_who_keeps_trying_is_in_within_thirty_seconds(door: Door) -> None:
    """Impatience costs nothing: a try every second is let in when the ticket is due."""
    exhaust(door)
    owner = door.visitor()
    answers: list[Answer] = []
    for _ in range(31):
        answers.append(door.sign_in(owner))
        if answers[-1].status == 303:
            break
        door.move_clock(1)
    assert answers[-1].status == 303
    assert len(answers) <= 31


# --- guessing at many accounts ----------------------------------------------------------------


def guessed_everywhere(door: Door, count: int) -> None:
    """Let so many passwords be wrong just now, of whatever accounts."""
    counter = throttle.everywhere_draw(door.now_epoch_s)
    item = {"budget_key": counter.budget_key, "spent": count}
    dynamodb.put(
        require("THROTTLE_TABLE"), {**item, "expires_at_epoch_s": counter.expires_at_epoch_s}
    )


def test_wrong_passwords_of_everybody_are_counted(door: Door) -> None:
    """Known addresses and unknown ones alike, right passwords not."""
    for email in (NOOR, "niemand@vlieger.example"):
        assert door.sign_in(door.visitor(), email=email, password=WRONG).status == 401
    assert door.sign_in(door.visitor()).status == 303
    key = {"budget_key": throttle.everywhere_draw(door.now_epoch_s).budget_key}
    item = dynamodb.get(require("THROTTLE_TABLE"), key)
    assert item
    assert item["spent"] == 2


def test_while_many_are_guessed_at_a_new_browser_waits_first(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No password is looked at before the wait, and the right one is in after 20 s."""
    guessed_everywhere(door, throttle.EVERYWHERE.failures)
    owner = door.visitor()
    with monkeypatch.context() as costly:
        costly.setattr("schoolpoort.passwords.verify", None)
        first = door.sign_in(owner)
    assert (first.status, first.headers["retry-after"]) == (429, "20")
    door.move_clock(20)
    assert door.sign_in(owner).status == 303


def test_while_many_are_guessed_at_a_known_browser_is_in_at_once(door: Door) -> None:
    """Whoever signed in here before does not notice."""
    owner = door.visitor()
    assert door.sign_in(owner).status == 303
    guessed_everywhere(door, 10 * throttle.EVERYWHERE.failures)
    assert door.sign_in(owner).status == 303


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_usual_morning_is_no_attack(spent: int, last_week: int) -> None:
    """What was wrong a week ago too, twice over, is how people type."""
    is_attack = throttle.is_guessed_everywhere(spent, last_week)
    assert is_attack == (spent >= 1000 + 2 * last_week)
    now, then = throttle.everywhere_keys(spent + 604_800)
    assert then == throttle.everywhere_draw(spent).budget_key != now
