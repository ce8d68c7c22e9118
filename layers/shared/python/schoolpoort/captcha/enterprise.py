"""reCAPTCHA Enterprise: an assessment of a token, with a score (projects.assessments.create).

    POST …/v1/projects/<project>/assessments    {"event": {"token", "siteKey", "expectedAction", …}}
    200  {"tokenProperties": {"valid", "invalidReason", "hostname", "action", "createTime"},
          "riskAnalysis": {"score", "reasons"}, …}

The key of the API goes in a header, because addresses are written to logs. Nothing counts but a
token that is exactly valid, for our host and action, fresh, and with a score that is a number.
"""

import json
from collections.abc import Mapping
from typing import Any

from schoolpoort.captcha import scores

HOST = "https://recaptchaenterprise.googleapis.com"
OUR_FAULT = frozenset({400, 401, 403, 404})
"""Google refuses our project, key or site key with these; the person can do nothing about it."""


def address(base: str, project: str) -> str:
    """Return where an assessment is made; a project is letters, digits and dashes."""
    return f"{base}/v1/projects/{project}/assessments"


def question(token: str, *, site_key: str, action: str, remote_ip: str) -> bytes:
    """Return the body that asks for an assessment of a token."""
    event = {
        "token": token,
        "siteKey": site_key,
        "expectedAction": action,
        "userIpAddress": remote_ip,
    }
    return json.dumps({"event": event}).encode()


def refusal(
    answer: Mapping[str, Any],
    *,
    hostname: str,
    action: str,
    now_epoch_s: int,
    least_score: float,
) -> str | None:
    """Return why an assessment does not count, as a code for the log, or None."""
    if "error" in answer:
        return "error_codes"
    token, risk = answer.get("tokenProperties"), answer.get("riskAnalysis")
    if not isinstance(token, Mapping) or not isinstance(risk, Mapping):
        return "not_successful"
    if token.get("valid") is not True or _names_a_reason(token.get("invalidReason")):
        return "not_successful"
    if token.get("hostname") != hostname:
        return "hostname"
    if token.get("action") != action:
        return "action"
    if not scores.is_fresh(token.get("createTime"), now_epoch_s):
        return "age"
    return scores.refusal(risk.get("score"), least_score)


def _names_a_reason(reason: object) -> bool:
    return reason not in {None, "", "INVALID_REASON_UNSPECIFIED"}
