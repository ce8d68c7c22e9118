"""ALTCHA: the visitor's own device does a sum that costs a guessing machine more than us.

A challenge is a number to be found by trying PBKDF2 (protocol 2 of ALTCHA, checked by its own
library). It is signed with a key of ours and carries its form and its end, so nothing is stored
until it is used: the caller then reserves the challenge, and no second solution of it counts.
"""

import base64
import json
import secrets
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from schoolpoort import aws, clock
from schoolpoort.captcha import keys
from schoolpoort.captcha.port import CaptchaVerdict, Widget
from schoolpoort.errors import StoreUnavailable
from schoolpoort.log import logger

LIFE_S = 3600
"""How long a challenge counts: a form may stand open over a break."""

COST = 2_000
LEAST = 250
MOST = 500
"""PBKDF2 iterations for one try, and how many tries a device needs: 375 on average.

Some 0.75 million iterations: 0.2 to 0.4 s in a desktop's browser, up to 2.4 s with its processor
slowed six times, as a school tablet's is; all while the person types. To make one costs us 2 ms,
to judge one 0.1 ms.
"""

_ALGORITHM = "PBKDF2/SHA-256"
_LARGEST_SOLUTION = 4096


def widget(action: str) -> Widget:
    """Return a fresh challenge for a form; raises StoreUnavailable without our key."""
    import altcha  # noqa: PLC0415 - only who gets our own check pays for it

    try:
        key = keys.read().altcha_key
    except (ClientError, BotoCoreError) as error:
        logger.warning("captcha key unreadable", extra={"error": aws.failure(error)})
        raise StoreUnavailable from error
    ends = clock.now_epoch_s() + LIFE_S
    challenge = altcha.create_challenge(
        _ALGORITHM,
        COST,
        counter=LEAST + secrets.randbelow(MOST - LEAST),
        # Our own field and not the protocol's, so that the house's clock decides.
        data={"action": action, "expires_at_epoch_s": ends, "most": MOST},
        hmac_secret=f"challenge {key}",
        hmac_key_secret=f"solution {key}",
    )
    text = json.dumps(challenge.to_dict(), separators=(",", ":"))
    return Widget("altcha", action, "altcha.js", challenge=text)


def check(solution: str, action: str) -> CaptchaVerdict:
    """Judge a solution; UNREACHABLE when our own key cannot be read."""
    try:
        key = keys.read().altcha_key
    except (ClientError, BotoCoreError) as error:
        logger.warning("captcha unreachable", extra={"error": aws.failure(error)})
        return CaptchaVerdict.UNREACHABLE
    reason = refusal(solution, key=key, action=action, now_epoch_s=clock.now_epoch_s())
    if reason is None:
        return CaptchaVerdict.PASSED
    logger.info("captcha refused", extra={"reason": f"altcha_{reason}"})
    if reason == "signature":
        # Signed elsewhere with a renewed key, or forged: the next one is held against what is kept.
        keys.read.cache_clear()
    return CaptchaVerdict.FAILED


def refusal(solution: str, *, key: str, action: str, now_epoch_s: int) -> str | None:
    """Return why a solution does not count, as a code for the log, or None."""
    import altcha  # noqa: PLC0415 - see widget

    payload = _payload(solution)
    if payload is None:
        return "shape"
    result = altcha.verify_solution(
        altcha.Payload.from_dict(payload),
        f"challenge {key}",
        hmac_key_secret=f"solution {key}",
    )
    if result.invalid_signature:
        return "signature"
    if not result.verified:
        return "solution"
    data = payload["challenge"]["parameters"]["data"]
    if data["action"] != action:
        return "action"
    return None if now_epoch_s < data["expires_at_epoch_s"] else "age"


def challenge_id(solution: str) -> str | None:
    """Return what names the challenge of a solution, however that is spelt; None for nonsense."""
    payload = _payload(solution)
    return None if payload is None else str(payload["challenge"]["parameters"]["nonce"])


def _payload(solution: str) -> dict[str, Any] | None:
    """Read a solution as far as its shape goes; nothing in it is trusted yet."""
    if len(solution) > _LARGEST_SOLUTION:
        return None
    try:
        payload = json.loads(base64.b64decode(solution, validate=True))
        challenge, found = payload["challenge"], payload["solution"]
        texts = (
            *(challenge["parameters"][name] for name in ("algorithm", "nonce", "salt")),
            challenge["signature"],
            found["derivedKey"],
        )
        is_whole = (
            all(isinstance(text, str) for text in texts)
            and type(challenge["parameters"]["cost"]) is int
            and isinstance(challenge["parameters"]["data"], dict)
            and "counter" in found
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return payload if is_whole else None
