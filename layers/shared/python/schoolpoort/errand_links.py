"""Links in mails that are for one errand and no password: a request's status, a board's answer.

`password_reset` mints them and owns the table, whoever runs the errand reads them here. One errand
never goes by mail: its token is a cookie of the browser that just set a password.
Only a hash of the token is stored.
"""

from schoolpoort import dynamodb, ids
from schoolpoort.settings import require

END_SESSIONS = "end_sessions"
"""The errand of whoever set another password by a link: sign out everywhere, before signing in."""

END_SESSIONS_COOKIE = "__Host-reset"
END_SESSIONS_LIFE_S = 15 * 60

_TABLE = "ERRAND_LINKS_TABLE"
SCHEMA_VERSION = 1


def mint(errand: str, subject: str, *, expires_at_epoch_s: int) -> str:
    """Make a link for an errand about a subject, and return its token of 36 characters."""
    token = ids.new_token()
    item = {
        "token_hash": ids.sha256_hex(token),
        "errand": errand,
        "subject": subject,
        "expires_at_epoch_s": expires_at_epoch_s,
        "schema_version": SCHEMA_VERSION,
    }
    dynamodb.put(require(_TABLE), item, unless_exists="token_hash")
    return token


def subject(token: str, errand: str, *, now_epoch_s: int) -> str | None:
    """Return what a link of this errand is about, or None for no such link; one GetItem."""
    if not ids.is_token(token):
        return None
    item = dynamodb.get(require(_TABLE), {"token_hash": ids.sha256_hex(token)}, consistent=True)
    if item is None or item["errand"] != errand or item["expires_at_epoch_s"] <= now_epoch_s:
        return None
    return str(item["subject"])
