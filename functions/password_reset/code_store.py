"""What password_reset keeps of mailed codes: a hash, until it ends."""

from schoolpoort import dynamodb, mailed_codes
from schoolpoort.settings import require

SCHEMA_VERSION = 1


def keep(challenge_id: str, code: str, *, expires_at_epoch_s: int) -> None:
    """Keep the hash of a challenge and its code; the code itself is in the mail only."""
    item = {
        **mailed_codes.key(challenge_id, code),
        "expires_at_epoch_s": expires_at_epoch_s,
        "schema_version": SCHEMA_VERSION,
    }
    dynamodb.put(require("MAIL_LINKS_TABLE"), item)
