"""What an account has beside its password, as it stands on its credential item."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schoolpoort.dynamodb import Item


@dataclass(frozen=True, slots=True)
class Passkey:
    """A key that never leaves its owner's devices, of which we hold the public half (WebAuthn).

    `credential_id` is base64url, `public_key` a COSE key. `sign_count` is the last that was seen,
    0 where a device counts nothing; `suspected_at_epoch_s` when a lower one came, as of a copy.
    """

    credential_id: str
    public_key: bytes = field(repr=False)
    sign_count: int
    transports: tuple[str, ...]
    name: str
    added_at_epoch_s: int
    used_at_epoch_s: int | None = None
    suspected_at_epoch_s: int | None = None


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What proves somebody beside the password: codes of an app, passkeys, and codes on paper.

    `wrapped_secret` is the app's secret under KMS, empty without an app; `last_step` the last
    30-second step of which a code was used; `recovery_hashes` holds an argon2id hash per unused
    code, by its number; `passkeys` stand by their reference.
    """

    wrapped_secret: bytes
    since_epoch_s: int
    last_step: int
    recovery_hashes: Mapping[str, str] = field(repr=False)
    passkeys: Mapping[str, Passkey] = field(default_factory=dict)

    @property
    def has_app(self) -> bool:
        """Say whether codes of an app count."""
        return self.wrapped_secret != b""


def of_item(item: Item) -> SecondFactor | None:
    """Read the second factor from an account's credential item; None without app and passkeys."""
    if "totp_secret" not in item and "passkeys" not in item:
        return None
    return SecondFactor(
        wrapped_secret=item.get("totp_secret", b""),
        since_epoch_s=item.get("totp_since_epoch_s", 0),
        last_step=item.get("totp_last_step", 0),
        recovery_hashes=item.get("recovery_hashes", {}),
        passkeys={ref: _passkey(kept) for ref, kept in item.get("passkeys", {}).items()},
    )


def _passkey(kept: Mapping[str, Any]) -> Passkey:
    return Passkey(**{**kept, "transports": tuple(kept["transports"])})
