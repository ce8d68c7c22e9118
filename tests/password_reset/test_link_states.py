"""The states of a link as pure rules: the declared table, and random lives that never leave it."""

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from password_reset import address_record, mail_links
from password_reset.address_record import MOST_USABLE, AddressRecord
from password_reset.mail_links import (
    TRANSITIONS,
    USABLE,
    Link,
    LinkEvent,
    LinkState,
    Purpose,
    Standing,
)
from schoolpoort.credentials import Credential
from tests.amounts import IS_SOAK

_LIFE_S: Mapping[Purpose, int] = {Purpose.ACTIVATION: 7 * 24 * 3600, Purpose.RESET: 3600}
_STAFF = Credential("staff#a@b.example", "7", None, 0, "nl")
_HOME = Credential("home#a@b.example", "8", None, 0, "nl")
_MOVES = {(before, after) for (before, _), after in TRANSITIONS.items()}


class LivesOfLinks(RuleBasedStateMachine):
    """An address with two accounts: links are made, shown and used while time and people go on."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000_000
        self.number = 0
        self.record = AddressRecord("a@b.example")
        self.accounts = {one.address_key: one for one in (_STAFF, _HOME)}
        self.links: dict[str, Link] = {}
        self.seen: dict[str, LinkState] = {}
        self.used_with_version: set[tuple[str, int]] = set()

    @initialize()
    def begin(self) -> None:
        """Nothing is mailed yet."""

    def state_of(self, link: Link) -> LinkState:
        """Return where a link is now."""
        return mail_links.state(
            link,
            self.accounts.get(link.address_key),
            self.record.standing(link),
            now_epoch_s=self.now,
        )

    @rule(whom=st.sets(st.sampled_from([_STAFF.address_key, _HOME.address_key]), min_size=1))
    def mail(self, whom: set[str]) -> None:
        """One mail with a link for each account that is there."""
        made = []
        for key in sorted(whom & self.accounts.keys()):
            account = self.accounts[key]
            purpose = Purpose.RESET if account.password_hash else Purpose.ACTIVATION
            self.number += 1
            made.append(
                mail_links.issue(
                    purpose,
                    f"t{self.number}",
                    account,
                    request_id=f"r{self.number}",
                    now_epoch_s=self.now,
                    life_s=_LIFE_S[purpose],
                )
            )
        if made:
            self.record = address_record.with_links(self.record, made, (), now_epoch_s=self.now)
            self.links |= {link.token_hash: link for link in made}

    @rule(number=st.integers(0, 30))
    def look(self, number: int) -> None:
        """Somebody, or a scanner, looks at a link."""
        for link in list(self.links.values())[number : number + 1]:
            if self.state_of(link) is LinkState.ISSUED:
                shown = TRANSITIONS[LinkState.ISSUED, LinkEvent.SHOWN]
                self.links[link.token_hash] = replace(link, written=shown)

    @rule(number=st.integers(0, 30))
    def use(self, number: int) -> None:
        """Somebody sets a password with a link, as the transaction does."""
        for link in list(self.links.values())[number : number + 1]:
            state = self.state_of(link)
            if state not in USABLE:
                continue
            account = self.accounts[link.address_key]
            known = (account.account_id, link.password_version)
            assert known not in self.used_with_version, "two links set the same password aside"
            self.used_with_version.add(known)
            self.links[link.token_hash] = replace(link, written=TRANSITIONS[state, LinkEvent.USED])
            used = {**self.record.used, link.address_key: link.password_version}
            self.record = replace(self.record, used=used)
            self.accounts[link.address_key] = replace(
                account, password_hash="h", password_version=account.password_version + 1
            )

    @rule(key=st.sampled_from([_STAFF.address_key, _HOME.address_key]))
    def change_password(self, key: str) -> None:
        """Somebody changes the password on the account's own page."""
        account = self.accounts.get(key)
        if account is not None and account.password_hash:
            version = account.password_version + 1
            self.accounts[key] = replace(account, password_version=version)

    @rule(key=st.sampled_from([_STAFF.address_key, _HOME.address_key]))
    def move_address(self, key: str) -> None:
        """Give the address to another account."""
        self.number += 1
        if self.number % 5 == 0 and key in self.accounts:
            self.accounts[key] = Credential(key, f"other-{self.number}", None, 0, "nl")

    @rule(by_s=st.sampled_from([1, 600, 3599, 3600, 86_400, 7 * 86_400]))
    def wait(self, by_s: int) -> None:
        """Time passes."""
        self.now += by_s

    @invariant()
    def every_move_is_declared(self) -> None:
        """No link makes a move that the table does not name."""
        for token_hash, link in self.links.items():
            before = self.seen.get(token_hash, LinkState.ISSUED)
            after = self.state_of(link)
            assert before is after or (before, after) in _MOVES, (before, after)
            self.seen[token_hash] = after

    @invariant()
    def at_most_three_are_usable(self) -> None:
        """Whoever asks often has three ways in for an account, and no more."""
        for key in self.accounts:
            usable = [
                link
                for link in self.links.values()
                if link.address_key == key and self.state_of(link) in USABLE
            ]
            assert len(usable) <= MOST_USABLE


TestLivesOfLinks = LivesOfLinks.TestCase
TestLivesOfLinks.settings = settings(
    max_examples=200 if IS_SOAK else 15,
    stateful_step_count=100 if IS_SOAK else 30,
    deadline=None,
)


def test_the_table_names_every_state_and_event() -> None:
    """All but UNKNOWN is reached, every event leads somewhere, and a used link moves no more."""
    reached = {LinkState.ISSUED, *TRANSITIONS.values()}
    assert reached == set(LinkState) - {LinkState.UNKNOWN}
    assert {event for _, event in TRANSITIONS} == set(LinkEvent)
    assert all(before is not LinkState.CONSUMED for before, _ in TRANSITIONS)


def test_no_dead_link_lives_again() -> None:
    """From a state that cannot be used no move leads to one that can."""
    assert [move for move in _MOVES if move[0] not in USABLE and move[1] in USABLE] == []
    assert (LinkState.OPENED, LinkState.ISSUED) not in _MOVES


_LINKS = st.builds(
    Link,
    token_hash=st.integers(0, 99).map(str),
    purpose=st.sampled_from(Purpose),
    address_key=st.just(_STAFF.address_key),
    account_id=st.sampled_from(["7", "8"]),
    password_version=st.integers(0, 2),
    issued_at_epoch_s=st.integers(0, 10_000),
    expires_at_epoch_s=st.integers(50, 15_000),
    written=st.sampled_from([LinkState.ISSUED, LinkState.OPENED, LinkState.CONSUMED]),
)


@given(_LINKS, st.none() | st.just(_STAFF), st.integers(0, 20_000), st.booleans())
def test_only_a_whole_link_can_be_used(
    link: Link, credential: Credential | None, now_epoch_s: int, is_newest: bool
) -> None:
    """A link is good only unused, newest, in time, for the same account and the same password."""
    is_whole = (
        credential is not None
        and link.written is not LinkState.CONSUMED
        and link.account_id == credential.account_id
        and link.password_version == credential.password_version
        and is_newest
        and now_epoch_s < link.expires_at_epoch_s
    )
    standing = Standing(is_newest, used_version=-1)
    state = mail_links.state(link, credential, standing, now_epoch_s=now_epoch_s)
    assert (state in USABLE) is is_whole


@given(st.lists(_LINKS, max_size=8, unique_by=lambda link: link.token_hash), st.integers(0, 20_000))
def test_a_new_link_leaves_two_of_the_last_hour(links: list[Link], now_epoch_s: int) -> None:
    """What stays are the newest two that are young enough, and the new one."""
    recent = tuple(
        address_record.Recent(link.token_hash, link.address_key, link.issued_at_epoch_s)
        for link in links
    )
    record = AddressRecord("a@b.example", recent=recent)
    new = mail_links.issue(
        Purpose.RESET, "new", _STAFF, request_id="r", now_epoch_s=now_epoch_s, life_s=3600
    )
    after = address_record.with_links(record, [new], (), now_epoch_s=now_epoch_s)
    kept = {one.token_hash: one.issued_at_epoch_s for one in after.recent}
    assert kept.pop("new") == now_epoch_s
    young = sorted(
        one.issued_at_epoch_s for one in recent if one.issued_at_epoch_s > now_epoch_s - 3600
    )
    assert sorted(kept.values()) == young[-(MOST_USABLE - 1) :]
    assert address_record.from_item("a@b.example", after.item()) == after
