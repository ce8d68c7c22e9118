"""With whom a board may have an agreement of its own: publishers, LAS suppliers, anyone else.

A publisher's id is that of its registration, which the release gate asks for. A LAS supplier's id
begins with "las:". Any other party, such as a network environment, is named by the board; its id
is made of that name, so that a second statement about it takes the place of the first.
"""

import unicodedata

from schoolpoort import ids

LAS_SUPPLIERS: tuple[tuple[str, str], ...] = (
    ("las:parnassys", "ParnasSys"),
    ("las:esis", "Esis"),
)
OTHER = "other"
_DIGEST_LENGTH = 16


def id_of_name(name: str) -> str:
    """Return the id of a party that the board names; letter case and spacing do not count."""
    plain = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    return f"{OTHER}:{ids.sha256_hex(plain)[:_DIGEST_LENGTH]}"
