"""Google's reCAPTCHA over classic siteverify: the checkbox (v2), or a score without one (v3).

Its own checks follow Google's documentation: success is exactly true, the host is ours, the
challenge is at most two minutes old, and any error code means no. v3 also names the action and a
score. An answer that is none (a cut line, silence, HTML) is UNREACHABLE; after five of those in a
row Google is left alone for a while (breaker.py), which costs a person no waiting.
"""

import datetime as dt
import functools
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from schoolpoort import aws, clock, settings
from schoolpoort.captcha import breaker, keys
from schoolpoort.captcha.port import CaptchaVerdict, Widget
from schoolpoort.errors import SettingRefused
from schoolpoort.log import logger

if TYPE_CHECKING:
    import urllib3

LARGEST_AGE_S = 120
LEAST_SCORE = 0.5
"""Google's own advice for a v3 score to begin with; RECAPTCHA_SCORES has others per action."""

_LARGEST_TOKEN = 8192
_LARGEST_ANSWER_BYTES = 64 * 1024
_CLOCK_SKEW_S = 60
_GOOGLE = "https://www.google.com/recaptcha"
_OUR_FAULT = frozenset({"missing-input-secret", "invalid-input-secret", "bad-request"})
_TEST_SITE_KEY = "6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI"


class _Line:
    """What this execution environment knows of the line to Google."""

    breaker = breaker.Breaker()


def forget() -> None:
    """Think well of Google again."""
    _Line.breaker = breaker.Breaker()


def is_asked(now_epoch_s: int) -> bool:
    """Say whether Google would be asked now; if not, a page need not show its check."""
    return breaker.may_ask(_Line.breaker, now_epoch_s)


def widget(action: str) -> Widget:
    """Return what a page needs to show Google's check; raises SettingRefused."""
    base = _base_url()
    parts = urlsplit(base)
    own = (f"{parts.scheme}://{parts.netloc}/",)
    google = ("https://www.google.com/recaptcha/", "https://www.gstatic.com/recaptcha/")
    return Widget(
        kind=_kind(),
        action=action,
        own_script="captcha.js",
        script_url=f"{base}/api.js",
        site_key=_site_key(),
        csp_sources=google if base == _GOOGLE else own,
    )


def check(response_token: str, remote_ip: str, action: str) -> CaptchaVerdict:
    """Ask Google about the answer to a challenge; raises SettingRefused."""
    if not response_token or len(response_token) > _LARGEST_TOKEN:
        logger.info("captcha refused", extra={"reason": "no_token"})
        return CaptchaVerdict.FAILED
    _site_key()
    url = f"{_base_url()}/api/siteverify"
    is_v3, least_score = _kind() == "v3", _least_score(action)
    now_epoch_s = clock.now_epoch_s()
    if not is_asked(now_epoch_s):
        logger.warning("captcha unreachable", extra={"error": "breaker_open"})
        return CaptchaVerdict.UNREACHABLE
    _Line.breaker = breaker.asked(_Line.breaker, now_epoch_s)
    answer = _ask(url, {"response": response_token, "remoteip": remote_ip})
    _note(is_success=answer is not None)
    if answer is None:
        return CaptchaVerdict.UNREACHABLE
    reason = refusal(
        answer,
        hostname=urlsplit(settings.require_url("PUBLIC_BASE_URL")).hostname or "",
        action=action,
        now_epoch_s=clock.now_epoch_s(),
        is_v3=is_v3,
        least_score=least_score,
    )
    if reason is None:
        return CaptchaVerdict.PASSED
    logger.info("captcha refused", extra={"reason": reason})
    if reason == "low_score":
        return CaptchaVerdict.DOUBTED
    if reason != "our_fault":
        return CaptchaVerdict.FAILED
    # A renewed secret changes no function, so what runs would keep the old one for hours.
    keys.read.cache_clear()
    return CaptchaVerdict.UNREACHABLE


def _note(*, is_success: bool) -> None:
    before = _Line.breaker.state
    _Line.breaker = breaker.answered(_Line.breaker, clock.now_epoch_s(), is_success=is_success)
    if _Line.breaker.state is not before:
        logger.warning("captcha breaker", extra={"state": _Line.breaker.state.value})


def refusal(
    answer: Mapping[str, Any],
    *,
    hostname: str,
    action: str,
    now_epoch_s: int,
    is_v3: bool = False,
    least_score: float = LEAST_SCORE,
) -> str | None:
    """Return why an answer of siteverify does not count, as a code for the log, or None.

    "our_fault" means that Google refuses our own credentials: the person can do nothing about it.
    An answer that has an action or a score is judged as v3's, whatever the site key is said to be.
    """
    codes = answer.get("error-codes") or []
    if isinstance(codes, list) and not _OUR_FAULT.isdisjoint(map(str, codes)):
        return "our_fault"
    if codes:
        return "error_codes"
    if answer.get("success") is not True:
        return "not_successful"
    if answer.get("hostname") != hostname:
        return "hostname"
    has_score = is_v3 or "action" in answer or "score" in answer
    if has_score and answer.get("action") != action:
        return "action"
    age_s = _age_s(answer.get("challenge_ts"), now_epoch_s)
    if age_s is None or not -_CLOCK_SKEW_S <= age_s <= LARGEST_AGE_S:
        return "age"
    return _score_refusal(answer.get("score"), least_score) if has_score else None


def _score_refusal(score: object, least_score: float) -> str | None:
    """Return why a score does not count; NaN lies in no range."""
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        return "no_score"
    return None if score >= least_score else "low_score"


def _age_s(challenge_ts: object, now_epoch_s: int) -> float | None:
    if not isinstance(challenge_ts, str):
        return None
    try:
        at = dt.datetime.fromisoformat(challenge_ts)
    except ValueError:
        return None
    return None if at.tzinfo is None else now_epoch_s - at.timestamp()


def _ask(url: str, fields: Mapping[str, str]) -> dict[str, Any] | None:
    # botocore has loaded urllib3 already; a page that only shows the check never needs it.
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    try:
        form = {"secret": keys.read().recaptcha_secret, **fields}
        response = _pool().request(
            "POST", url, fields=form, encode_multipart=False, preload_content=False
        )
        try:
            body = response.read(_LARGEST_ANSWER_BYTES)
        finally:
            response.close()
    except (HTTPError, ClientError, BotoCoreError) as error:
        logger.warning("captcha unreachable", extra={"error": aws.failure(error)})
        return None
    return _parsed(response.status, body)


def _parsed(status: int, body: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if status != 200 or not isinstance(answer, dict):  # noqa: PLR2004 - HTTP's OK
        logger.warning("captcha unreachable", extra={"error": "no_verdict", "status": status})
        return None
    return answer


@functools.cache
def _pool() -> "urllib3.PoolManager":
    import urllib3  # noqa: PLC0415 - see _ask

    # A token is verified once, so only a connection that was never made may be tried again.
    once = urllib3.Retry(total=1, connect=1, read=0, redirect=0, status=0, other=0)
    timeout = urllib3.Timeout(connect=1.0, read=2.0)
    return urllib3.PoolManager(timeout=timeout, retries=once)


def _site_key() -> str:
    key = settings.require("RECAPTCHA_SITE_KEY")
    if key == _TEST_SITE_KEY and not settings.is_local():
        name = "RECAPTCHA_SITE_KEY"
        raise SettingRefused(name, "Google's public test key passes everybody")
    return key


def _base_url() -> str:
    url = settings.optional("RECAPTCHA_URL", _GOOGLE).rstrip("/")
    settings.check_url("RECAPTCHA_URL", url)
    return url


def _kind() -> str:
    name = "RECAPTCHA_KIND"
    kind = settings.optional(name, "v2")
    if kind not in {"v2", "v3"}:
        raise SettingRefused(name, "it is v2 or v3")
    return kind


def _least_score(action: str) -> float:
    """Return the score that an action asks for; raises SettingRefused for what is none."""
    name = "RECAPTCHA_SCORES"
    try:
        scores = json.loads(settings.optional(name, "{}"))
        least = scores.get(action, scores.get("default", LEAST_SCORE))
    except (ValueError, AttributeError) as error:
        raise SettingRefused(name, "it is no JSON object") from error
    if isinstance(least, bool) or not isinstance(least, int | float) or not 0 < least <= 1:
        raise SettingRefused(name, "a score lies above 0 and is at most 1")
    return float(least)
