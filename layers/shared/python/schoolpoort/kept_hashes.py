"""How a hash is kept: sealed under today's pepper for its owner.

The owner is an account id, or "pupil-<person id>": a text that was copied to another item opens
nothing there, and neither does a bare PHC text.
"""

from schoolpoort import argon2id, pepper, pepper_keys
from schoolpoort.log import logger
from schoolpoort.pepper import SealBroken


def sealed(phc: str, *, owner: str) -> str:
    """Return the text to store; raises StoreUnavailable, so that nothing is kept unsealed."""
    return pepper.seal(pepper_keys.current(), phc, owner=owner)


def opened(stored: str | None, *, owner: str) -> str | None:
    """Return the PHC text of what is stored; None where nothing is, or nothing of this owner.

    Where nothing is stored the key is asked for too, so that a known and an unknown account
    answer alike. Raises StoreUnavailable without the key: a sign-in never goes past it.
    """
    today = pepper_keys.current()
    if stored is None:
        return None
    try:
        number = pepper.number_of(stored)
        key = today if number == today.number else pepper_keys.numbered(number)
        return pepper.unseal(key, stored, owner=owner)
    except SealBroken:
        logger.exception("a kept hash does not open: the table was changed by other hands")
        return None


def is_outdated(stored: str, phc: str) -> bool:
    """Say whether the key or the parameters are older than today's."""
    return pepper.number_of(stored) != pepper_keys.current().number or argon2id.is_outdated(phc)
