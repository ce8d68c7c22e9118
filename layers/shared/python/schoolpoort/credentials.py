"""The one shared write of the house: addresses and their passwords.

An item stands under "staff#<address>" or "home#<address>": it claims the address for one account
and holds its password hash, so that a sign-in finds both with one call. `login` reads it and
renews hashes, `password_reset` claims addresses and sets passwords. A staff account and a home
account at one address are two items and know nothing of each other.
"""

from dataclasses import dataclass

from schoolpoort import dynamodb
from schoolpoort.dynamodb import Item, Put, Update
from schoolpoort.settings import require

SCHEMA_VERSION = 1
_TABLE = "CREDENTIALS_TABLE"


@dataclass(frozen=True, slots=True)
class Credential:
    """An address that is an account's name.

    `password_hash` is None until the account is activated. `password_version` grows with every
    change, and every link and conditional write names the version it knows.
    """

    address_key: str
    account_id: str
    password_hash: str | None
    password_version: int
    language: str


def staff_key(address: str) -> str:
    """Return the key of a normalised staff address."""
    return f"staff#{address}"


def home_key(address: str) -> str:
    """Return the key of a normalised address of a parent's home account."""
    return f"home#{address}"


def find(address_key: str) -> Credential | None:
    """Return the credential of an address, read consistently, or None; one call."""
    item = dynamodb.get(require(_TABLE), {"address_key": address_key}, consistent=True)
    return None if item is None else _from_item(item)


def _from_item(item: Item) -> Credential:
    return Credential(
        address_key=item["address_key"],
        account_id=item["account_id"],
        password_hash=item.get("password_hash"),
        password_version=item["password_version"],
        language=item["language"],
    )


def claim(address_key: str, account_id: str, language: str) -> Put:
    """Return the operation that gives an address to a new account, without a password yet.

    The transaction it stands in is refused when the address is somebody's already.
    """
    return Put(
        require(_TABLE),
        {
            "address_key": address_key,
            "account_id": account_id,
            "password_version": 0,
            "language": language,
            "schema_version": SCHEMA_VERSION,
        },
        "attribute_not_exists(address_key)",
    )


def set_password(credential: Credential, password_hash: str) -> Update:
    """Return the operation that sets a password and moves its version on.

    The transaction it stands in is refused when the password changed since `credential` was read.
    """
    return Update(
        require(_TABLE),
        {"address_key": credential.address_key},
        "SET password_hash = :hash, password_version = :next",
        "account_id = :account AND password_version = :known",
        values={
            ":hash": password_hash,
            ":next": credential.password_version + 1,
            ":account": credential.account_id,
            ":known": credential.password_version,
        },
    )


def renew_hash(credential: Credential, password_hash: str) -> None:
    """Store the same password under today's parameters; raises ConditionFailed after a change.

    The version stays: links and sessions do not notice.
    """
    dynamodb.update(
        require(_TABLE),
        {"address_key": credential.address_key},
        "SET password_hash = :hash",
        condition="password_version = :known AND password_hash = :old",
        values={
            ":hash": password_hash,
            ":known": credential.password_version,
            ":old": credential.password_hash,
        },
    )
