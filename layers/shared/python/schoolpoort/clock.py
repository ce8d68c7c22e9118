"""The one clock that all code reads, in whole seconds since the epoch (UTC).

Domain modules take the time as an argument; only handlers and stores ask for it here. The
local house moves it, so that "tomorrow night" can be tried today.
"""

import time
from collections.abc import Callable

_source: Callable[[], float] = time.time


def now_epoch_s() -> int:
    """Return the current time as whole seconds since 1970-01-01 UTC."""
    return int(_source())


def replace_source(source: Callable[[], float]) -> None:
    """Make every reader of this clock see another time; only the local house calls this."""
    global _source  # noqa: PLW0603 - one clock is the point of this module
    _source = source
