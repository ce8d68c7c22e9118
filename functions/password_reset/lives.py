"""How long links work, and when invitations leave: the deployment decides."""

import datetime as dt

from password_reset import sending_hours
from password_reset.mail_links import Purpose
from schoolpoort import mail_requests
from schoolpoort.settings import optional, require

_DAY_S = 24 * 60 * 60
_MINUTE_S = 60


def activation_days() -> int:
    """Return how many days a first link works."""
    return int(require("ACTIVATION_LINK_DAYS"))


def reset_minutes() -> int:
    """Return how many minutes a link to another password works."""
    return int(require("RESET_LINK_MINUTES"))


def of(purpose: Purpose) -> int:
    """Return how many seconds a link works."""
    if purpose is Purpose.ACTIVATION:
        return activation_days() * _DAY_S
    return reset_minutes() * _MINUTE_S


def is_open(now_epoch_s: int) -> bool:
    """Say whether invitations leave now."""
    return _always() or sending_hours.is_open(now_epoch_s, _holidays())


def next_opening(now_epoch_s: int) -> dt.datetime | None:
    """Return when invitations leave that are asked for now; None for at once."""
    if is_open(now_epoch_s):
        return None
    return sending_hours.next_opening(now_epoch_s, _holidays())


def _always() -> bool:
    return require("INVITATION_HOURS") != mail_requests.SCHOOL_HOURS


def _holidays() -> tuple[sending_hours.Period, ...]:
    return sending_hours.read_periods(optional("SCHOOL_HOLIDAYS"))
