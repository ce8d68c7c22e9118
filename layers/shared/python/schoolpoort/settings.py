"""The environment of a function, as the template gives it.

Overrides that send people, passwords or pupils' data over plain http, or to this machine, are
for the local house only: any function refuses to start with one in another stage.
"""

import os
from urllib.parse import urlsplit

from schoolpoort.errors import SettingMissing, SettingRefused

_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def require(name: str) -> str:
    """Return an environment variable; raises SettingMissing when absent or empty."""
    value = os.environ.get(name, "")
    if not value:
        raise SettingMissing(name)
    return value


def optional(name: str, default: str = "") -> str:
    """Return an environment variable, or the default when it is absent or empty."""
    return os.environ.get(name, "") or default


def is_local() -> bool:
    """Say whether this is the house on one machine."""
    return optional("STAGE") == "local"


def require_url(name: str) -> str:
    """Return a base address without its trailing slash.

    Raises SettingRefused for plain http or a loopback host unless the stage is local.
    """
    value = require(name).rstrip("/")
    check_url(name, value)
    return value


def check_url(name: str, value: str) -> None:
    """Raise SettingRefused unless an address is https and not this machine, or the stage local."""
    if is_local():
        return
    try:
        parts = urlsplit(value)
    except ValueError as error:
        raise SettingRefused(name, "it is no address") from error
    if parts.scheme != "https":
        raise SettingRefused(name, "only https is allowed outside the local stage")
    if parts.hostname is None or parts.hostname in _LOOPBACK_HOSTS:
        raise SettingRefused(name, "this machine is no address outside the local stage")
