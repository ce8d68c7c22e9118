"""One-time codes in mails: a reader of the mail links table, which password_reset owns.

Whoever wants to know that somebody reads an address asks for a challenge and queues its id; the
mail job mints the code and keeps only a hash of both. So a code is in the mail and nowhere else.
How often one may guess, and that a code is used once, is kept with the challenge, by who asked.
"""

from schoolpoort import dynamodb, ids
from schoolpoort.settings import require

LIFE_S = 15 * 60


def key(challenge_id: str, code: str) -> dict[str, str]:
    """Return the key of a code's item."""
    return {"link_key": f"code#{ids.sha256_hex(f'{challenge_id}#{code}')}"}


def is_right(challenge_id: str, code: str, *, now_epoch_s: int) -> bool:
    """Say whether a code was mailed for a challenge and may still be used; one GetItem."""
    item = dynamodb.get(require("MAIL_LINKS_TABLE"), key(challenge_id, code), consistent=True)
    return item is not None and now_epoch_s < int(item["expires_at_epoch_s"])
