"""Google's reCAPTCHA: the checkbox (v2), a score without one (v3), or an Enterprise assessment.

v2 and v3 are judged by classic siteverify, Enterprise by its own service (enterprise.py).

Its own checks follow Google's documentation: success is exactly true, the host is ours, the
challenge is at most two minutes old, and any error code means no. v3 also names the action and a
score. An answer that is none (a cut line, silence, HTML) is UNREACHABLE; after five of those in a
row Google is left alone for a while (breaker.py), which costs a person no waiting.
"""

import functools
import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from schoolpoort import aws, clock, settings
from schoolpoort.captcha import breaker, keys, scores
from schoolpoort.captcha.port import CaptchaVerdict, Widget
from schoolpoort.errors import SettingRefused
from schoolpoort.log import logger

if TYPE_CHECKING:
    import urllib3

LEAST_SCORE = 0.5
"""Google's own advice for a v3 score to begin with; RECAPTCHA_SCORES has others per action."""

_LARGEST_TOKEN = 8192
_LARGEST_ANSWER_BYTES = 64 * 1024
_GOOGLE = "https://www.google.com/recaptcha"
_OUR_FAULT = frozenset({"missing-input-secret", "invalid-input-secret", "bad-request"})
_REFUSES_US: dict[str, Any] = {"error": "our credentials"}
_PROJECT = re.compile(r"[a-z0-9][a-z0-9-]{3,62}")
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
    kind = _kind()
    if kind == "enterprise":
        _project()
    return Widget(
        kind=kind,
        action=action,
        own_script="captcha.js",
        script_url=f"{base}/{'enterprise' if kind == 'enterprise' else 'api'}.js",
        site_key=_site_key(),
        csp_sources=google if base == _GOOGLE else own,
    )


def check(response_token: str, remote_ip: str, action: str) -> CaptchaVerdict:
    """Ask Google about the answer to a challenge; raises SettingRefused."""
    if not response_token or len(response_token) > _LARGEST_TOKEN:
        logger.info("captcha refused", extra={"reason": "no_token"})
        return CaptchaVerdict.FAILED
    kind, least_score = _kind(), _least_score(action)
    ask = _assessment(response_token, remote_ip, action) if kind == "enterprise" else None
    _site_key()
    url = f"{_base_url()}/api/siteverify"
    now_epoch_s = clock.now_epoch_s()
    if not is_asked(now_epoch_s):
        logger.warning("captcha unreachable", extra={"error": "breaker_open"})
        return CaptchaVerdict.UNREACHABLE
    _Line.breaker = breaker.asked(_Line.breaker, now_epoch_s)
    if ask is not None:
        answer = ask()
    else:
        answer = _ask(url, {"response": response_token, "remoteip": remote_ip})
    _note(is_success=answer is not None)
    if answer is None:
        return CaptchaVerdict.UNREACHABLE
    return _verdict(_reason(answer, kind, action, least_score))


def _reason(answer: Mapping[str, Any], kind: str, action: str, least_score: float) -> str | None:
    hostname = urlsplit(settings.require_url("PUBLIC_BASE_URL")).hostname or ""
    now_epoch_s = clock.now_epoch_s()
    if kind == "enterprise":
        from schoolpoort.captcha import enterprise  # noqa: PLC0415 - only who chose it pays

        return (
            "our_fault"
            if answer is _REFUSES_US
            else enterprise.refusal(
                answer,
                hostname=hostname,
                action=action,
                now_epoch_s=now_epoch_s,
                least_score=least_score,
            )
        )
    return refusal(
        answer,
        hostname=hostname,
        action=action,
        now_epoch_s=now_epoch_s,
        is_v3=kind == "v3",
        least_score=least_score,
    )


def _verdict(reason: str | None) -> CaptchaVerdict:
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
    if not scores.is_fresh(answer.get("challenge_ts"), now_epoch_s):
        return "age"
    return scores.refusal(answer.get("score"), least_score) if has_score else None


def _ask(url: str, fields: Mapping[str, str]) -> dict[str, Any] | None:
    """Ask siteverify; None when there is no verdict."""
    got = _sent(
        lambda secret: _pool().request(
            "POST",
            url,
            fields={"secret": secret, **fields},
            encode_multipart=False,
            preload_content=False,
        )
    )
    return None if got is None else _parsed(*got)


def _assessment(token: str, remote_ip: str, action: str) -> Callable[[], dict[str, Any] | None]:
    """Return what asks for an assessment; raises SettingRefused before anything is asked."""
    from schoolpoort.captcha import enterprise  # noqa: PLC0415 - only who chose it pays

    base = _base_url()
    url = enterprise.address(enterprise.HOST if base == _GOOGLE else base, _project())
    body = enterprise.question(token, site_key=_site_key(), action=action, remote_ip=remote_ip)

    def ask() -> dict[str, Any] | None:
        kind = {"Content-Type": "application/json"}
        got = _sent(
            lambda key: _pool().request(
                "POST",
                url,
                body=body,
                headers={**kind, "X-Goog-Api-Key": key},
                preload_content=False,
            )
        )
        if got is not None and got[0] in enterprise.OUR_FAULT:
            return _REFUSES_US
        return None if got is None else _parsed(*got)

    return ask


def _sent(
    request: "Callable[[str], urllib3.BaseHTTPResponse]",
) -> tuple[int, bytes] | None:
    """Send a request that is made with our secret; return status and body, None for silence."""
    # botocore has loaded urllib3 already; a page that only shows the check never needs it.
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    try:
        response = request(keys.read().recaptcha_secret)
        try:
            body = response.read(_LARGEST_ANSWER_BYTES)
        finally:
            response.close()
    except (HTTPError, ClientError, BotoCoreError) as error:
        logger.warning("captcha unreachable", extra={"error": aws.failure(error)})
        return None
    return response.status, body


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
    if kind not in {"v2", "v3", "enterprise"}:
        raise SettingRefused(name, "it is v2, v3 or enterprise")
    return kind


def _project() -> str:
    name = "RECAPTCHA_PROJECT"
    project = settings.optional(name)
    if not _PROJECT.fullmatch(project):
        raise SettingRefused(name, "it is the id of a project at Google Cloud")
    return project


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
