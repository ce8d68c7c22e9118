"""Looks every day how long the certificate of the seal is still valid; fails when that is short.

Failing is the alarm: the function's error alarm goes off every day until somebody acts, and also
when the check itself cannot be done. What to do stands in infra/runbooks/seal.md.
"""

from collections.abc import Mapping
from typing import Any

from papers import store
from schoolpoort import clock
from schoolpoort.errors import SchoolpoortError
from schoolpoort.log import logger
from schoolpoort.settings import require

WARNING_DAYS = 60
_DAY_S = 86_400


class SealExpiresSoon(SchoolpoortError):
    """The certificate in use ends within two months."""

    def __init__(self, days_left: int) -> None:
        super().__init__(f"{days_left} days left, see the runbook of the seal")


def handler(_event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Return how many days the certificate in use is valid; raises SealExpiresSoon."""
    number = int(require("SEAL_CERTIFICATE_NUMBER"))
    found = store.certificate(number)
    if found is None:
        # It is made by the first paper that is sealed, and lasts ten years from then.
        return {"certificate": number, "days_left": None}
    days_left = (found.valid_until_epoch_s - clock.now_epoch_s()) // _DAY_S
    said = {"certificate": number, "days_left": days_left}
    logger.info("seal checked", extra=said)
    if days_left <= WARNING_DAYS:
        raise SealExpiresSoon(days_left)
    return said
