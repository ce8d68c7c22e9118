"""The one shared write of the house: addresses and their passwords.

An item stands under "staff#<address>" or "home#<address>": it claims the address for one account
and holds its password hash, so that a sign-in finds both with one call. `login` reads it and
renews hashes, `password_reset` claims addresses and sets passwords. A staff account and a home
account at one address are two items and know nothing of each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schoolpoort import dynamodb, second_factors
from schoolpoort.dynamodb import Item, Put, Update
from schoolpoort.second_factors import SecondFactor
from schoolpoort.settings import require

SCHEMA_VERSION = 1
_TABLE = "CREDENTIALS_TABLE"


@dataclass(frozen=True, slots=True)
class Credential:
    """An address that is an account's name.

    `password_hash` is None until the account is activated. `password_version` grows with every
    change, and every link and conditional write names the version it knows. `used_on` is a day on
    which somebody came in with it, at most a week before the last time; empty before the first.
    """

    address_key: str
    account_id: str
    password_hash: str | None
    password_version: int
    language: str
    second_factor: SecondFactor | None = None
    used_on: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """How an account is kept: nothing that opens it. `used_on` as in Credential."""

    has_second_factor: bool
    used_on: str


def staff_key(address: str) -> str:
    """Return the key of a normalised staff address."""
    return f"staff#{address}"


def home_key(address: str) -> str:
    """Return the key of a normalised address of a parent's home account."""
    return f"home#{address}"


def key(address_key: str) -> tuple[str, dict[str, str]]:
    """Return the table and key of an address, for a read together with others."""
    return require(_TABLE), {"address_key": address_key}


def of_item(item: Item | None) -> Credential | None:
    """Read a credential from the stored form."""
    return None if item is None else _from_item(item)


def find(address_key: str) -> Credential | None:
    """Return the credential of an address, read consistently, or None; one call."""
    table, item_key = key(address_key)
    return of_item(dynamodb.get(table, item_key, consistent=True))


def have_second_factor(address_keys: Sequence[str]) -> list[bool]:
    """Say of each address, in order, whether it has a second factor; a call per hundred."""
    keys = [(require(_TABLE), {"address_key": key}) for key in address_keys]
    found = dynamodb.batch_get(keys) if keys else []
    return [item is not None and second_factors.of_item(item) is not None for item in found]


def uses(address_keys: Sequence[str]) -> list[Use]:
    """Return how the account of each address, in order, is kept; a call per hundred."""
    found = dynamodb.batch_get([key(address_key) for address_key in address_keys])
    return [
        Use(
            has_second_factor=second_factors.of_item(item or {}) is not None,
            used_on=(item or {}).get("used_on", ""),
        )
        for item in found
    ]


def _from_item(item: Item) -> Credential:
    return Credential(
        address_key=item["address_key"],
        account_id=item["account_id"],
        password_hash=item.get("password_hash"),
        password_version=item["password_version"],
        language=item["language"],
        second_factor=second_factors.of_item(item),
        used_on=item.get("used_on", ""),
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


def renew_hash(credential: Credential, password_hash: str) -> Update:
    """Return the operation that stores the same password under today's parameters and pepper.

    The version stays: links and sessions do not notice. The transaction it stands in is refused
    when another was quicker.
    """
    return Update(
        require(_TABLE),
        {"address_key": credential.address_key},
        "SET password_hash = :hash",
        "password_version = :known AND password_hash = :old",
        values={
            ":hash": password_hash,
            ":known": credential.password_version,
            ":old": credential.password_hash,
        },
    )


def used(credential: Credential, day: str) -> Update:
    """Return the operation that notes a day on which somebody came in; for once a week."""
    return Update(
        require(_TABLE),
        {"address_key": credential.address_key},
        "SET used_on = :day",
        "account_id = :account",
        values={":day": day, ":account": credential.account_id},
    )


def last_used(address_keys: Sequence[str]) -> list[str]:
    """Return of each address, in order, the day it was used, or nothing; a call per hundred."""
    keys = [(require(_TABLE), {"address_key": key}) for key in address_keys]
    return [(item or {}).get("used_on", "") for item in dynamodb.batch_get(keys)]


def set_second_factor(credential: Credential, factor: SecondFactor) -> Update:
    """Return the operation that gives an account an app, or another in its place, and its codes.

    Passkeys stay. The transaction it stands in is refused when the app or the password changed
    since `credential` was read.
    """
    known = credential.second_factor if has_app(credential) else None
    same = "totp_secret = :old" if known else "attribute_not_exists(totp_secret)"
    values = {
        ":secret": factor.wrapped_secret,
        ":since": factor.since_epoch_s,
        ":step": factor.last_step,
        ":codes": dict(factor.recovery_hashes),
        ":version": credential.password_version,
    }
    return Update(
        require(_TABLE),
        {"address_key": credential.address_key},
        "SET totp_secret = :secret, totp_since_epoch_s = :since, totp_last_step = :step,"
        " recovery_hashes = :codes",
        f"password_version = :version AND {same}",
        values=values | ({":old": known.wrapped_secret} if known else {}),
    )


def use_step(credential: Credential, factor: SecondFactor, step: int) -> Update:
    """Return the operation that uses up the code of a step, and of every step before it."""
    return Update(
        require(_TABLE),
        {"address_key": credential.address_key},
        "SET totp_last_step = :step",
        "totp_secret = :secret AND totp_last_step < :step",
        values={":secret": factor.wrapped_secret, ":step": step},
    )


def use_recovery_code(credential: Credential, factor: SecondFactor, number: str) -> Update:
    """Return the operation that uses up one recovery code."""
    return Update(
        require(_TABLE),
        {"address_key": credential.address_key},
        "REMOVE recovery_hashes.#number",
        "recovery_hashes.#number = :hash",
        names={"#number": number},
        values={":hash": factor.recovery_hashes[number]},
    )


def set_recovery_codes(credential: Credential, hashes: Mapping[str, str]) -> Update:
    """Return the operation that puts other recovery codes in the place of those that there are.

    The transaction it stands in is refused when the second factor is gone by then, or the password
    changed.
    """
    return Update(
        require(_TABLE),
        {"address_key": credential.address_key},
        "SET recovery_hashes = :codes",
        "password_version = :version AND attribute_exists(recovery_hashes)",
        values={":codes": dict(hashes), ":version": credential.password_version},
    )


def has_app(credential: Credential) -> bool:
    """Say whether codes of an app count for an account."""
    return credential.second_factor is not None and credential.second_factor.has_app


def remove_second_factor(credential: Credential) -> Update:
    """Return the operation that takes the second factor away, whichever it is by then."""
    return Update(
        require(_TABLE),
        {"address_key": credential.address_key},
        "REMOVE totp_secret, totp_since_epoch_s, totp_last_step, recovery_hashes, passkeys",
        "account_id = :account",
        values={":account": credential.account_id},
    )
