"""The authenticator apps of the invented people, on no phone.

The house keeps what each page of setting up showed, as a phone would. A code counts once, so this
hands out each step once and says how long until the next.
"""

import time

import pyotp

from schoolpoort import clock

_STEP_S = 30
# How long a code may take from here to the form: it must still count when it arrives there.
_TYPING_S = 5
_secrets: dict[str, str] = {}
_used: dict[str, int] = {}


def remember(address: str, secret: str) -> None:
    """Keep the secret that a page showed."""
    _secrets[address] = secret
    _used.pop(address, None)


def secret_of(address: str) -> str:
    """Return the secret of somebody's app, or an empty text."""
    return _secrets.get(address, "")


def kept() -> tuple[dict[str, str], dict[str, int]]:
    """Return the apps as they are, to put back later."""
    return dict(_secrets), dict(_used)


def put_back(apps: tuple[dict[str, str], dict[str, int]]) -> None:
    """Hold these apps and no others."""
    secrets, used = apps
    _secrets.clear()
    _secrets.update(secrets)
    _used.clear()
    _used.update(used)


def shown(now_epoch_s: float) -> list[tuple[str, str, int]]:
    """Return per address the code that its app shows next, and in how many seconds."""
    return [
        (
            address,
            pyotp.TOTP(secret).at(_next_step(address, int(now_epoch_s)) * _STEP_S),
            round(wait_s(address, now_epoch_s)),
        )
        for address, secret in sorted(_secrets.items())
    ]


def wait_s(address: str, now_epoch_s: float) -> float:
    """Return how long until somebody's app has a code that was not used yet."""
    step = _next_step(address, int(now_epoch_s))
    return max(0.0, step * _STEP_S - now_epoch_s)


def next_code(address: str) -> str:
    """Return a code that was not used yet, waiting for one if that must be."""
    now = clock.now_epoch_s()
    step = _next_step(address, now)
    time.sleep(wait_s(address, now))
    _used[address] = step
    return pyotp.TOTP(_secrets[address]).at(step * _STEP_S)


def _next_step(address: str, now_epoch_s: int) -> int:
    # The step before the current one counts too, so it is handed out first.
    return max((now_epoch_s + _TYPING_S) // _STEP_S - 1, _used.get(address, 0) + 1)
