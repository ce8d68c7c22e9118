"""reCAPTCHA as a port: was it a person who filled in this form? Three answers, none by default.

The adapter speaks Google's classic siteverify (v2, and v3's action when it is given). Its own
checks follow Google's documentation: success is exactly true, the host is ours, the challenge is
at most two minutes old, and any error code means no. An answer that is none (a cut line, silence,
HTML) is UNREACHABLE, and the page says so; nothing is let through because Google is away.

A token proves one attempt: the caller reserves `replay_key(token)` in a table of its own.
"""

import datetime as dt
import enum
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from schoolpoort import aws, clock, settings
from schoolpoort.errors import SettingRefused
from schoolpoort.ids import sha256_hex
from schoolpoort.log import logger

if TYPE_CHECKING:
    import urllib3

FIELD = "g-recaptcha-response"
"""The form field that Google's script fills."""

LARGEST_AGE_S = 120
REPLAY_LIFE_S = 180
"""How long a used token is remembered: longer than Google itself accepts one."""

_LARGEST_TOKEN = 8192
_LARGEST_ANSWER_BYTES = 64 * 1024
_CLOCK_SKEW_S = 60
_GOOGLE = "https://www.google.com/recaptcha"
_OUR_FAULT = frozenset({"missing-input-secret", "invalid-input-secret", "bad-request"})
_TEST_SITE_KEY = "6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI"
_TEST_SECRET = "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe"  # noqa: S105 - public: passes everybody


class CaptchaVerdict(enum.Enum):
    """What is known about who sent a form."""

    PASSED = "passed"
    FAILED = "failed"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Widget:
    """What a page needs to show the check: the script, the key, the sources for its policy."""

    script_url: str
    site_key: str
    csp_sources: tuple[str, ...]


def replay_key(response_token: str) -> str:
    """Return the key under which a caller reserves a token, so that it works once."""
    return f"captcha#{sha256_hex(response_token)}"


def widget() -> Widget:
    """Return what a page needs for the macro `captcha`; raises SettingRefused.

    Its sources go into the page's policy as csp_script, csp_frame and csp_connect.
    """
    base = _base_url()
    parts = urlsplit(base)
    own = (f"{parts.scheme}://{parts.netloc}/",)
    google = ("https://www.google.com/recaptcha/", "https://www.gstatic.com/recaptcha/")
    return Widget(
        script_url=f"{base}/api.js",
        site_key=_site_key(),
        csp_sources=google if base == _GOOGLE else own,
    )


def check(response_token: str, remote_ip: str, action: str) -> CaptchaVerdict:
    """Ask Google about the answer to a challenge.

    `action` must equal the one that the page named, where Google reports one (v3).
    Raises SettingRefused when this stage may not use its settings.
    """
    if not response_token or len(response_token) > _LARGEST_TOKEN:
        return CaptchaVerdict.FAILED
    _site_key()
    url = f"{_base_url()}/api/siteverify"
    answer = _ask(url, {"response": response_token, "remoteip": remote_ip})
    if answer is None:
        return CaptchaVerdict.UNREACHABLE
    host = urlsplit(settings.require_url("PUBLIC_BASE_URL")).hostname or ""
    reason = refusal(answer, hostname=host, action=action, now_epoch_s=clock.now_epoch_s())
    if reason is None:
        return CaptchaVerdict.PASSED
    logger.info("captcha refused", extra={"reason": reason})
    if reason != "our_fault":
        return CaptchaVerdict.FAILED
    # A renewed secret changes no function, so what runs would keep the old one for hours.
    _secret.cache_clear()
    return CaptchaVerdict.UNREACHABLE


def refusal(
    answer: Mapping[str, Any], *, hostname: str, action: str, now_epoch_s: int
) -> str | None:
    """Return why an answer of siteverify does not count, as a code for the log, or None.

    "our_fault" means that Google refuses our own credentials: the person can do nothing about it.
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
    if "action" in answer and answer["action"] != action:
        return "action"
    age_s = _age_s(answer.get("challenge_ts"), now_epoch_s)
    if age_s is None or not -_CLOCK_SKEW_S <= age_s <= LARGEST_AGE_S:
        return "age"
    return None


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
        form = {"secret": _secret(), **fields}
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


@functools.cache
def _secret() -> str:
    arn = settings.require("RECAPTCHA_SECRET_ARN")
    secret = aws.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    if secret == _TEST_SECRET and not settings.is_local():
        name = "RECAPTCHA_SECRET_ARN"
        raise SettingRefused(name, "Google's public test secret passes everybody")
    return str(secret)


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
