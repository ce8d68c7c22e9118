"""Passkeys on an account's credential item: the operations that add, use and take away one.

All passkeys of an account are one map, so that what a role needs is decided in one condition: the
last one cannot go in two browsers at once.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from schoolpoort import coverage, credentials
from schoolpoort.credentials import Credential
from schoolpoort.dynamodb import Update
from schoolpoort.second_factors import Passkey


def add(
    credential: Credential, ref: str, passkey: Passkey, new_code_hashes: Mapping[str, str] | None
) -> Update:
    """Return the operation that keeps a passkey, with codes for paper where there were none.

    The transaction it stands in is refused when the password or the passkeys changed since
    `credential` was read.
    """
    known = passkeys_of(credential)
    kept = dataclasses.asdict(passkey)
    values: dict[str, Any] = {":version": credential.password_version}
    if known:
        expression = "SET passkeys.#ref = :one"
        condition = "attribute_not_exists(passkeys.#ref) AND size(passkeys) = :count"
        values |= {":one": kept, ":count": len(known)}
    else:
        expression = "SET passkeys = :all"
        condition = "attribute_not_exists(passkeys)"
        values |= {":all": {ref: kept}}
    if new_code_hashes is not None:
        expression += ", recovery_hashes = :codes"
        values |= {":codes": dict(new_code_hashes)}
    return _update(
        credential,
        expression,
        f"password_version = :version AND {condition}",
        names={"#ref": ref} if known else None,
        values=values,
    )


def use(credential: Credential, ref: str, count: int, *, now_epoch_s: int) -> Update:
    """Return the operation that keeps a use; refused when the passkey was used or went meanwhile.

    Only a device that counts is refused: one that does not always stands at 0. The day stands with
    the account too, as after a password (login.arrival): one transaction changes an item once.
    """
    return _update(
        credential,
        "SET passkeys.#ref.sign_count = :count, passkeys.#ref.used_at_epoch_s = :now,"
        " used_on = :day",
        "passkeys.#ref.sign_count = :known",
        names={"#ref": ref},
        values={
            ":count": count,
            ":now": now_epoch_s,
            ":day": coverage.amsterdam_day(now_epoch_s).isoformat(),
            ":known": passkeys_of(credential)[ref].sign_count,
        },
    )


def suspect(credential: Credential, ref: str, *, now_epoch_s: int) -> Update:
    """Return the operation that keeps that a passkey may have been copied."""
    return _update(
        credential,
        "SET passkeys.#ref.suspected_at_epoch_s = :now",
        "attribute_exists(passkeys.#ref)",
        names={"#ref": ref},
        values={":now": now_epoch_s},
    )


def remove(credential: Credential, ref: str) -> Update:
    """Return the operation that takes a passkey away; with the last one and no app, the codes too.

    The transaction it stands in is refused when the passkeys, or whether there is an app, changed
    since `credential` was read.
    """
    count = len(passkeys_of(credential))
    has_app = credentials.has_app(credential)
    expression = "REMOVE passkeys.#ref"
    if count == 1:
        expression = "REMOVE passkeys" if has_app else "REMOVE passkeys, recovery_hashes"
    app = "attribute_exists" if has_app else "attribute_not_exists"
    return _update(
        credential,
        expression,
        f"attribute_exists(passkeys.#ref) AND size(passkeys) = :count AND {app}(totp_secret)",
        names={"#ref": ref},
        values={":count": count},
    )


def passkeys_of(credential: Credential) -> Mapping[str, Passkey]:
    """Return the passkeys of an account by their reference."""
    return credential.second_factor.passkeys if credential.second_factor else {}


def _update(
    credential: Credential,
    expression: str,
    condition: str,
    *,
    names: Mapping[str, str] | None,
    values: Mapping[str, Any],
) -> Update:
    table, key = credentials.key(credential.address_key)
    return Update(table, key, expression, condition, names=names, values=values)
