"""Was it a person who filled in this form? A small port; nothing passes by default.

Two adapters stand behind it. Google's reCAPTCHA is the usual one. ALTCHA, a sum that the
visitor's own device does, is ours alone: it takes over when Google cannot be asked, when its
script does not load, when it doubts or refuses somebody, and by choice (CAPTCHA_PROVIDER). So
nobody is let through because Google is away, and nobody stands before a closed door.

    token = captcha.answer(request.form())
    verdict = captcha.check(token, request.source_ip, action)     PASSED, and then
    reserve captcha.replay_key(token) in a table of the caller's   so that it counts once
    captcha.widget(action, after=token, refused=…)                 for the page that comes next
"""

from collections.abc import Mapping

from schoolpoort import clock, settings
from schoolpoort.captcha import keys, recaptcha
from schoolpoort.captcha.port import CaptchaVerdict, Widget
from schoolpoort.errors import SettingRefused
from schoolpoort.ids import sha256_hex
from schoolpoort.log import logger

__all__ = [
    "ALTCHA_FIELD",
    "FIELD",
    "REPLAY_LIFE_S",
    "WAY_FIELD",
    "CaptchaVerdict",
    "Widget",
    "answer",
    "check",
    "forget",
    "replay_key",
    "widget",
]

FIELD = "g-recaptcha-response"
"""The form field that Google's script fills."""
ALTCHA_FIELD = "altcha"
"""The form field that our own script fills."""
WAY_FIELD = "captcha_way"
"""Says "own" when Google's script did not load in the browser."""

REPLAY_LIFE_S = 3900
"""How long a used token is remembered: longer than either kind counts."""

_OWN = "altcha:"
_ASKS_FOR_OWN = "altcha?"


def answer(fields: Mapping[str, str]) -> str:
    """Return the one token that stands for what a form says about the check; "" for nothing.

    Opaque to callers; `check`, `replay_key` and `widget` understand it.
    """
    solution = fields.get(ALTCHA_FIELD, "")
    if solution:
        return _OWN + solution
    token = fields.get(FIELD, "")
    if not token and fields.get(WAY_FIELD) == "own":
        return _ASKS_FOR_OWN
    return token


def replay_key(token: str) -> str:
    """Return the key under which a caller reserves a token, so that it works once.

    A solution has many spellings, so it is known by its challenge.
    """
    if token.startswith(_OWN):
        from schoolpoort.captcha import altcha  # noqa: PLC0415 - a sign-in by Google needs it not

        challenge_id = altcha.challenge_id(token.removeprefix(_OWN))
        if challenge_id is not None:
            return f"captcha#{sha256_hex(_OWN + challenge_id)}"
    return f"captcha#{sha256_hex(token)}"


def widget(action: str, *, after: str = "", refused: bool = False) -> Widget:
    """Return what a page needs for the macro `captcha`.

    `after` is the token of the form that this page answers and `refused` whether the check refused
    it: who was refused, or did our own check already, gets our own check.
    Its sources go into the page's policy as csp_script, csp_frame and csp_connect.
    Raises SettingRefused, and StoreUnavailable when our own key cannot be read.
    """
    is_own = refused or after.startswith((_OWN, _ASKS_FOR_OWN)) or not _google_is_chosen()
    if not is_own:
        google = recaptcha.widget(action)
        if recaptcha.is_asked(clock.now_epoch_s()):
            return google
    from schoolpoort.captcha import altcha  # noqa: PLC0415 - see replay_key

    return altcha.widget(action)


def check(token: str, remote_ip: str, action: str) -> CaptchaVerdict:
    """Judge the answer to a challenge; `action` must equal the one that the page named.

    Raises SettingRefused when this stage may not use its settings.
    """
    is_google = _google_is_chosen()
    if token == _ASKS_FOR_OWN:
        return _refused("google_did_not_load", CaptchaVerdict.UNREACHABLE)
    if token.startswith(_OWN):
        from schoolpoort.captcha import altcha  # noqa: PLC0415 - see replay_key

        return altcha.check(token.removeprefix(_OWN), action)
    if not token:
        return _refused("missing", CaptchaVerdict.FAILED)
    if not is_google:
        return _refused("google_not_chosen", CaptchaVerdict.FAILED)
    return recaptcha.check(token, remote_ip, action)


def forget() -> None:
    """Forget the secrets and what was learnt of Google, as a new execution environment has."""
    keys.read.cache_clear()
    recaptcha.forget()


def _google_is_chosen() -> bool:
    name = "CAPTCHA_PROVIDER"
    provider = settings.optional(name, "google")
    if provider not in {"google", "altcha"}:
        raise SettingRefused(name, "it is google or altcha")
    return provider == "google"


def _refused(reason: str, verdict: CaptchaVerdict) -> CaptchaVerdict:
    logger.info("captcha refused", extra={"reason": reason})
    return verdict
