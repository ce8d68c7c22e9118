"""Everything random: identifiers, mail tokens and secrets, all from the system's CSPRNG."""

import base64
import hashlib
import re
import secrets
import uuid

_LARGEST_EXACT_INTEGER = 2**53 - 1
"""Publishers' clients read ids as 64-bit or JavaScript numbers; both hold these exactly."""

RECOVERY_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: no I, L, O or U, so that a code on paper is read in one way."""

TROUBLE_ALPHABET = "BCDFGHJKMNPQRSTVWXZ"
"""Capitals to read out over a telephone: no vowels, so no words, and no look-alikes."""

TROUBLE_LENGTH = 8
"""Of 19 letters: 1.7e10 codes, open to few people, each for an hour."""

_CODE_ALPHABET = "2345679bcdfghjkmnpqrstvwxz"

_TOKEN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def new_id() -> str:
    """Return a random positive integer below 2**53 as decimal text.

    The caller claims it with a conditional write, so that no id is ever given out twice.
    """
    return str(1 + secrets.randbelow(_LARGEST_EXACT_INTEGER))


def new_token() -> str:
    """Return a GUID of 36 characters (uuid4, 122 random bits) for a link in a mail."""
    return str(uuid.uuid4())


def is_token(value: str) -> bool:
    """Say whether a text has the exact form of a mail token."""
    return _TOKEN.fullmatch(value) is not None


def new_secret() -> str:
    """Return 256 random bits as 43 base64url characters, for cookies and codes."""
    return secrets.token_urlsafe(32)


def new_nonce() -> str:
    """Return 256 random bits as 64 hexadecimal digits: no secret, only never the same."""
    return secrets.token_hex(32)


def new_totp_secret() -> str:
    """Return 160 random bits as 32 base32 characters, the length that RFC 4226 (4) advises."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def new_recovery_secret() -> str:
    """Return 50 random bits as ten characters of an alphabet without look-alikes."""
    return "".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(10))


def new_school_code() -> str:
    """Return seven random letters and digits for a poster: no words, no look-alikes."""
    return "".join(secrets.choice(_CODE_ALPHABET) for _ in range(7))


def new_badge_secret() -> str:
    """Return 128 random bits as 22 base64url characters, so that a QR stays coarse."""
    return secrets.token_urlsafe(16)


def new_lesson_code() -> str:
    """Return six random letters and digits for one lesson, of the same alphabet."""
    return "".join(secrets.choice(_CODE_ALPHABET) for _ in range(6))


def new_trouble_code() -> str:
    """Return eight random letters that stand for a browser for an hour."""
    return "".join(secrets.choice(TROUBLE_ALPHABET) for _ in range(TROUBLE_LENGTH))


def new_pin() -> str:
    """Return four random digits; the caller passes over those that everybody tries first."""
    return f"{secrets.randbelow(10_000):04d}"


def new_mailed_code() -> str:
    """Return eight random digits for a mail, good for a quarter of an hour and few tries."""
    return f"{secrets.randbelow(100_000_000):08d}"


def sha256_hex(value: str) -> str:
    """Return the SHA-256 of a text as 64 hexadecimal digits: how secrets are stored."""
    return hashlib.sha256(value.encode()).hexdigest()
