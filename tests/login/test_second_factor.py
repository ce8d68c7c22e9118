"""The steps after the password: set up an app, show a code, choose a place."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from infra.local.visitor import Visitor
from login import session_start, throttle, totp
from login.entry import Step
from schoolpoort import credentials, dynamodb, ids, sessions, settings
from tests.amounts import often
from tests.login.door import BAS, NOOR, PASSWORD, Door, letters, put_account

CODE = "/login/code"
SET_UP = "/login/second-factor"
CHOICE = "/login/choice"
WRONG = "Deze code werkt niet"


@pytest.fixture
def bas(door: Door) -> Visitor:
    """Return a board member who set up his app some time ago."""
    visitor = door.visitor()
    door.enter(visitor, BAS)
    return visitor


def half_way(door: Door, email: str = BAS) -> Visitor:
    """Return somebody whose password was right and who has a step to go."""
    visitor = door.visitor()
    assert door.sign_in(visitor, email).status == 303
    return visitor


def paper_codes(door: Door, visitor: Visitor, email: str = BAS) -> list[str]:
    """Set up an app and return the codes on paper that the page shows."""
    shown = visitor.get(SET_UP)
    door.apps[email] = letters(shown)
    answer = visitor.post(SET_UP, {**shown.hidden_fields(), "code": door.code(email)})
    assert answer.status == 200
    return [part.partition("<")[0] for part in answer.text.split("<li><code>")[1:]]


def opens(visitor: Visitor) -> bool:
    """Say whether somebody is in."""
    return visitor.get("/account").status == 200


# --- set up ---------------------------------------------------------------------------------


def test_a_board_member_sets_up_an_app_first(door: Door) -> None:
    """Without a second factor a right password leads to setting one up, and to nothing else."""
    visitor = half_way(door)
    assert not opens(visitor)
    assert visitor.get(CODE).location == SET_UP
    assert len(paper_codes(door, visitor)) == 10
    assert opens(visitor)
    assert visitor.get("/board").status == 200


@pytest.mark.parametrize("role", ["ict_coordinator", "board", "helpdesk"])
def test_strong_roles_need_one(door: Door, role: str) -> None:
    """Coordinators, boards and the helpdesk cannot go on without."""
    put_account(NOOR, "7", "school#42", name="Noor", roles=["teacher", role], password=PASSWORD)
    assert door.sign_in(door.visitor()).location == SET_UP


def test_a_teacher_needs_none(door: Door, visitor: Visitor) -> None:
    """A teacher without a second factor is in with the password."""
    assert door.sign_in(visitor).location == "/apps"


def test_a_wrong_first_code_stores_nothing(door: Door) -> None:
    """The same letters are shown again, and the account has no second factor yet."""
    visitor = half_way(door)
    shown = visitor.get(SET_UP)
    again = visitor.post(SET_UP, {**shown.hidden_fields(), "code": "000000"})
    assert (again.status, letters(again)) == (400, letters(shown))
    assert WRONG in again.text
    found = credentials.find(credentials.staff_key(BAS))
    assert found is not None
    assert found.second_factor is None


@pytest.mark.parametrize("setup", ["", "%%%", "AAAA", "é"])
def test_a_form_that_is_not_ours_sets_nothing_up(door: Door, setup: str) -> None:
    """Bytes that KMS did not make for this account are no secret."""
    visitor = half_way(door)
    answer = visitor.post(SET_UP, {"setup": setup, "code": "123456"})
    assert answer.status == 400
    assert not opens(visitor)


def test_a_secret_of_another_account_is_refused(door: Door) -> None:
    """The form of one account does not work for another: the secret is bound to its account."""
    put_account("h@desk.example", "9", "helpdesk", name="H", roles=["helpdesk"], password=PASSWORD)
    shown = half_way(door).get(SET_UP)
    code = totp.code_at(letters(shown), door.now_epoch_s // totp.STEP_S)
    other = half_way(door, "h@desk.example")
    answer = other.post(SET_UP, {**shown.hidden_fields(), "code": code})
    assert answer.status == 400


def test_the_secret_is_stored_under_kms_only(door: Door, bas: Visitor) -> None:
    """Neither the letters nor a code on paper stands in the table."""
    assert opens(bas)
    (item,) = [item for item in door.items("CREDENTIALS_TABLE") if "totp_secret" in item]
    assert door.apps[BAS].encode() not in item["totp_secret"]
    assert all(kept.startswith("pepper$1$") for kept in item["recovery_hashes"].values())


def test_two_browsers_set_up_one_app(door: Door) -> None:
    """Of two that set up at once one wins; the other starts again with the code of the winner."""
    first, second = half_way(door), half_way(door)
    shown = second.get(SET_UP)
    paper_codes(door, first)
    code = totp.code_at(letters(shown), door.now_epoch_s // totp.STEP_S)
    answer = second.post(SET_UP, {**shown.hidden_fields(), "code": code})
    assert answer.status == 400
    assert not opens(second)


# --- a code ---------------------------------------------------------------------------------


def test_a_code_of_the_app_lets_in(door: Door, bas: Visitor) -> None:
    """After the password the code, and then the page that was asked for."""
    assert opens(bas)
    visitor = door.visitor()
    assert door.sign_in(visitor, BAS, next="/board/agreements").location == CODE
    assert not opens(visitor)
    answer = visitor.post(CODE, {"code": door.code(BAS)})
    assert (answer.status, answer.location) == (303, "/board/agreements")
    assert opens(visitor)


def test_the_password_alone_makes_four_calls(door: Door, bas: Visitor) -> None:
    """Being asked for a code costs no call more than being let in."""
    assert opens(bas)
    door.sign_in(door.visitor(), BAS)
    assert door.calls == ["BatchGetItem", "TransactWriteItems", "Query", "TransactWriteItems"]


def test_a_code_works_once(door: Door, bas: Visitor) -> None:
    """A code that somebody looked over a shoulder for is worth nothing once used."""
    assert opens(bas)
    code = door.code(BAS)
    first, second = half_way(door), half_way(door)
    assert first.post(CODE, {"code": code}).status == 303
    refused = second.post(CODE, {"code": code})
    assert (refused.status, WRONG in refused.text) == (401, True)


def test_the_browser_gets_another_secret_at_each_step(door: Door, bas: Visitor) -> None:
    """The cookie of the password opens nothing after the code, nor the other way round."""
    assert opens(bas)
    visitor = half_way(door)
    before = visitor.cookies[sessions.COOKIE_NAME]
    visitor.post(CODE, {"code": door.code(BAS)})
    assert visitor.cookies[sessions.COOKIE_NAME] != before
    visitor.cookies[sessions.COOKIE_NAME] = before
    assert not opens(visitor)


@pytest.mark.parametrize("typed", ["", "000000", "abc", "9-AAAAA-AAAAA", "1" * 5000])
def test_a_wrong_code_is_told_and_recorded(door: Door, bas: Visitor, typed: str) -> None:
    """The page says so, the step stays, the record names the reason."""
    assert opens(bas)
    visitor = half_way(door)
    assert visitor.post(CODE, {"code": typed}).status == 401
    (event,) = [event for event in door.events() if event["action"] == "second_factor"]
    assert (event["outcome"], event["reason"], event["scope"]) == (
        "refused",
        "wrong",
        "board#40001",
    )
    assert visitor.get(CODE).status == 200


def test_guessing_codes_runs_dry_and_paper_still_works(door: Door) -> None:
    """After five wrong codes of the app not even the right one counts; a code on paper does."""
    owner = half_way(door)
    paper = paper_codes(door, owner)
    guesser = half_way(door)
    for _ in range(throttle.CODES[0].failures):
        assert guesser.post(CODE, {"code": "000000"}).status == 401
    waits = guesser.post(CODE, {"code": door.code(BAS)})
    assert waits.status == 429
    assert "codes op papier" in waits.text
    owner = half_way(door)
    assert owner.post(CODE, {"code": paper[3]}).status == 303
    assert opens(owner)


def test_a_right_code_costs_no_budget(door: Door, bas: Visitor) -> None:
    """What was reserved for a wrong code comes back with a right one."""
    assert opens(bas)
    half_way(door).post(CODE, {"code": door.code(BAS)})
    spent = [
        item["spent"]
        for item in door.items("THROTTLE_TABLE")
        if item["budget_key"].startswith("code") and "spent" in item
    ]
    assert spent == [0, 0, 0]


def test_a_code_on_paper_works_once(door: Door) -> None:
    """It lets in and is crossed out; the others stay."""
    paper = paper_codes(door, half_way(door))
    first, second = half_way(door), half_way(door)
    assert first.post(CODE, {"code": paper[0].lower()}).status == 303
    assert second.post(CODE, {"code": paper[0]}).status == 401
    assert second.post(CODE, {"code": paper[9]}).status == 303


def at_the_code(door: Door) -> Visitor:
    """Return a browser of the board member that is asked for a code, without its password."""
    secret = ids.new_secret()
    half = session_start.Half(
        session_hash=ids.sha256_hex(secret),
        account_id="8",
        display_name="Bas Buis",
        step=Step.CODE,
        next_path="",
        language="nl",
        proved_at_epoch_s=None,
    )
    item = session_start.half_item(half, stage="local", now_epoch_s=door.now_epoch_s)
    dynamodb.put(settings.require("SESSIONS_TABLE"), item)
    return Visitor(door.house.call, cookies={sessions.COOKIE_NAME: secret})


def _race(door: Door, code: str) -> list[int]:
    people = [at_the_code(door) for _ in range(50)]

    def show(visitor: Visitor) -> int:
        return visitor.post(CODE, {"code": code}).status

    with ThreadPoolExecutor(len(people)) as pool:
        return sorted(pool.map(show, people))


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["app", "paper"])
def test_of_many_with_one_code_one_gets_in(door: Door, kind: str) -> None:
    """One code, fifty browsers at once: one is in, the others hear that it does not work."""
    paper = iter(paper_codes(door, half_way(door)))
    make: dict[str, Callable[[], str]] = {
        "app": lambda: door.code(BAS),
        "paper": lambda: next(paper),
    }
    for _ in range(min(often(1), 10)):
        statuses = _race(door, make[kind]())
        assert statuses.count(303) == 1
        assert set(statuses[1:]) <= {401, 429}
        door.move_clock(throttle.CODES[2].window_s)


def test_a_half_session_ends_after_a_quarter(door: Door, bas: Visitor) -> None:
    """Who walks away between password and code starts again."""
    assert opens(bas)
    visitor = half_way(door)
    door.move_clock(session_start.HALF_LIFE_S)
    assert visitor.get(CODE).location.startswith("/login")
    assert visitor.post(CODE, {"code": door.code(BAS)}).location.startswith("/login")


def test_starting_again_leaves_nothing_behind(door: Door, bas: Visitor) -> None:
    """Somebody else at the keyboard cannot go on with a password that was right."""
    assert opens(bas)
    visitor = half_way(door)
    kept = dict(visitor.cookies)
    assert visitor.post("/logout").status == 303
    visitor.cookies.update(kept)
    assert visitor.get(CODE).location.startswith("/login")


def test_who_lost_the_last_place_on_the_way_is_told(door: Door, bas: Visitor) -> None:
    """A membership that went between password and code opens nothing."""
    assert opens(bas)
    visitor = half_way(door)
    dynamodb.delete(settings.require("ACCOUNTS_TABLE"), {"account_id": "8", "scope": "board#40001"})
    assert visitor.post(CODE, {"code": door.code(BAS)}).status == 403


# --- a choice -------------------------------------------------------------------------------


@pytest.fixture
def two_places(door: Door) -> None:
    """Let the teacher work at two schools."""
    put_account(NOOR, "7", "school#43", name="Noor de Wit", roles=["teacher"], password=PASSWORD)


@pytest.mark.usefixtures("two_places")
def test_who_works_at_two_places_chooses(door: Door, visitor: Visitor) -> None:
    """After the password both places are offered, and the chosen one opens."""
    assert door.sign_in(visitor).location == CHOICE
    page = visitor.get(CHOICE)
    assert 'value="school#42"' in page.text
    assert 'value="school#43"' in page.text
    assert not opens(visitor)
    assert visitor.post(CHOICE, {"scope": "school#43"}).location == "/apps"
    assert [event["scope"] for event in door.events() if event["reason"] == "signed_in"] == [
        "school#43"
    ]


@pytest.mark.usefixtures("two_places")
@pytest.mark.parametrize("scope", ["", "school#44", "helpdesk", "profile"])
def test_nobody_chooses_another_place(door: Door, visitor: Visitor, scope: str) -> None:
    """A place that is not this person's asks again and opens nothing."""
    door.sign_in(visitor)
    assert visitor.post(CHOICE, {"scope": scope}).location == CHOICE
    assert not opens(visitor)


def test_every_step_asks_for_the_step_before(door: Door, visitor: Visitor) -> None:
    """Without a right password, or with a full session, no step opens."""
    for path in (CODE, SET_UP, CHOICE):
        assert visitor.get(path).location.startswith("/login?next=")
    door.sign_in(visitor)
    for path in (CODE, SET_UP, CHOICE):
        assert visitor.get(path).location.startswith("/login?next=")
