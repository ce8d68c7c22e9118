"""A question to the helpdesk: the form, and where somebody stood when he asked.

    open ──► answered    the answer went by mail
      └────► closed      nothing to answer

A question holds what a person typed and an address to answer to, so it stands in no log, and both
are forgotten some time after it was handled.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from schoolpoort import addresses

LONGEST_TEXT = 2000
LONGEST_ANSWER = 5000
_LONGEST_WORDS = 200
_LONGEST_ADDRESS = 255
_PATH = re.compile(r"/[A-Za-z0-9/_-]{0,100}")
_LINK_IN_MAIL = re.compile(r"/(activate|password)/(?!forgotten$).+")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was filled in. `words` is what was searched for, `path` the page he came from.

    `address` is normalised; `errors` has a code per wrong field.
    """

    text: str
    typed_address: str
    address: str
    words: str
    path: str
    errors: Mapping[str, str]


def read(fields: Mapping[str, str]) -> Asked:
    """Read the form."""
    errors = {}
    text = fields.get("text", "").replace("\r\n", "\n").strip()
    if not text:
        errors["text"] = "missing"
    elif len(text) > LONGEST_TEXT:
        errors["text"] = "too_long"
    typed = fields.get("address", "")[:_LONGEST_ADDRESS]
    address = ""
    try:
        address = addresses.normalise(typed)
    except addresses.InvalidAddress:
        errors["address"] = "invalid"
    return Asked(
        text[: LONGEST_TEXT * 2],
        typed,
        address,
        fields.get("words", "").strip()[:_LONGEST_WORDS],
        safe_path(fields.get("path", "")),
        errors,
    )


def safe_path(path: str) -> str:
    """Return the page somebody came from, without anything secret; empty where that is unclear.

    A link of a mail opens an account, so of such a page only its kind is kept.
    """
    bare = path.partition("?")[0]
    if not _PATH.fullmatch(bare):
        return ""
    found = _LINK_IN_MAIL.fullmatch(bare)
    return f"/{found[1]}" if found else bare
