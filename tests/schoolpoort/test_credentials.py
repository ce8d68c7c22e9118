"""An address is one account's, and a password changes only where nobody changed it before."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from infra.local.house import House
from schoolpoort import credentials, dynamodb
from schoolpoort.credentials import Credential
from schoolpoort.dynamodb import Update
from schoolpoort.errors import TransactionRefused
from schoolpoort.second_factors import SecondFactor
from schoolpoort.settings import require
from tests.amounts import rounds

_NOOR = "noor.dewit@vlieger.example"
_KEY = credentials.staff_key(_NOOR)


@pytest.fixture
def claimed(aws: House) -> Credential:
    """Claim the address of Noor for account 7."""
    dynamodb.transact([credentials.claim(_KEY, "7", "nl")])
    found = credentials.find(_KEY)
    assert found is not None
    return found


def test_a_claimed_address_waits_for_its_password(claimed: Credential) -> None:
    """A new credential names its account and has no password."""
    assert claimed == Credential(_KEY, "7", None, 0, "nl")


def test_an_address_nobody_claimed_is_nobodys(aws: House) -> None:
    """An unknown key has no credential."""
    assert credentials.find(_KEY) is None


def test_an_address_is_claimed_once(claimed: Credential) -> None:
    """A second claim is refused with everything beside it, and the first stays."""
    other = credentials.staff_key("bas@vlieger.example")
    operations = [credentials.claim(other, "8", "en"), credentials.claim(_KEY, "8", "en")]
    with pytest.raises(TransactionRefused) as refused:
        dynamodb.transact(operations)
    assert refused.value.reasons == ("None", "ConditionalCheckFailed")
    assert credentials.find(_KEY) == claimed
    assert credentials.find(other) is None


def test_work_and_home_know_nothing_of_each_other(claimed: Credential) -> None:
    """A teacher who is also a parent has two credentials at one address."""
    home = credentials.home_key(_NOOR)
    dynamodb.transact([credentials.claim(home, "8", "nl")])
    assert credentials.find(home) == Credential(home, "8", None, 0, "nl")
    assert credentials.find(_KEY) == claimed


def test_setting_a_password_moves_its_version(claimed: Credential) -> None:
    """The next version of the same credential has the new hash."""
    dynamodb.transact([credentials.set_password(claimed, "hash-1")])
    assert credentials.find(_KEY) == Credential(_KEY, "7", "hash-1", 1, "nl")


def test_of_two_who_knew_the_same_version_one_sets_the_password(claimed: Credential) -> None:
    """Who comes second with an old version changes nothing."""
    dynamodb.transact([credentials.set_password(claimed, "hash-1")])
    with pytest.raises(TransactionRefused):
        dynamodb.transact([credentials.set_password(claimed, "hash-2")])
    assert credentials.find(_KEY) == Credential(_KEY, "7", "hash-1", 1, "nl")


def test_a_password_is_not_set_for_another_account(claimed: Credential) -> None:
    """Where the address became somebody else's, the password stays as it is."""
    other = Credential(_KEY, "8", None, 0, "nl")
    with pytest.raises(TransactionRefused):
        dynamodb.transact([credentials.set_password(other, "hash-8")])
    assert credentials.find(_KEY) == claimed


def test_a_password_makes_no_account(aws: House) -> None:
    """Setting the password of an address that nobody has writes nothing."""
    with pytest.raises(TransactionRefused):
        dynamodb.transact([credentials.set_password(Credential(_KEY, "7", None, 0, "nl"), "h")])
    assert credentials.find(_KEY) is None


def test_renewing_a_hash_keeps_the_version(claimed: Credential) -> None:
    """The same password under newer parameters ends no link: its version stays."""
    dynamodb.transact([credentials.set_password(claimed, "old")])
    kept = credentials.find(_KEY)
    assert kept is not None
    dynamodb.transact([credentials.renew_hash(kept, "new")])
    assert credentials.find(_KEY) == Credential(_KEY, "7", "new", 1, "nl")


def test_a_hash_is_not_renewed_after_a_change(claimed: Credential) -> None:
    """A sign-in that began before a change never brings the old password back."""
    dynamodb.transact([credentials.set_password(claimed, "old")])
    before = credentials.find(_KEY)
    assert before is not None
    dynamodb.transact([credentials.set_password(before, "changed")])
    with pytest.raises(TransactionRefused):
        dynamodb.transact([credentials.renew_hash(before, "old under new parameters")])
    after = credentials.find(_KEY)
    assert after is not None
    assert (after.password_hash, after.password_version) == ("changed", 2)
    other = Credential(_KEY, "7", "other hash", 2, "nl")
    with pytest.raises(TransactionRefused):
        dynamodb.transact([credentials.renew_hash(other, "x")])


def test_what_is_stored_says_how_it_is_written(claimed: Credential) -> None:
    """An item carries its schema's version, and no hash before there is a password."""
    stored = dynamodb.get(require("CREDENTIALS_TABLE"), {"address_key": _KEY})
    assert stored is not None
    assert stored["schema_version"] == credentials.SCHEMA_VERSION
    assert "password_hash" not in stored


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["app", "paper"])
def test_of_fifty_with_one_code_one_uses_it(claimed: Credential, kind: str) -> None:
    """All saw the code unused; one transaction goes through, in every round."""
    for number in range(rounds(3)):
        factor = SecondFactor(b"wrapped", 1, number, {"0": "hash-0", "1": f"hash-{number}"})
        known = credentials.find(_KEY)
        assert known
        dynamodb.transact([credentials.set_second_factor(known, factor)])
        uses: dict[str, Callable[[], Update]] = {
            "app": lambda: credentials.use_step(known, factor, factor.last_step + 1),  # noqa: B023
            "paper": lambda: credentials.use_recovery_code(known, factor, "1"),  # noqa: B023
        }
        with ThreadPoolExecutor(50) as pool:
            won = sum(pool.map(lambda _: _goes_through(uses[kind]()), range(50)))  # noqa: B023
        assert won == 1


def _goes_through(use: Update) -> bool:
    """Say whether a transaction was the first; one that met another on the item tries again."""
    while True:
        try:
            dynamodb.transact([use])
        except TransactionRefused as refused:
            if "ConditionalCheckFailed" in refused.reasons:
                return False
        else:
            return True
