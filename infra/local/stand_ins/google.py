"""A stand-in for Google's reCAPTCHA: the client script, tokens, siteverify, assessments, bad days.

A token works once and for two minutes on the house's clock, as Google's do. One that was asked
for with an action is v3's: its verdict has that action and a score. `set_mode` chooses
what siteverify answers next; every mode is one that was seen of the real one or of what stands
between it and us.
"""

import datetime as dt
import json
import re
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from infra.local.stand_ins.http import StandInRequest, StandInResponse
from schoolpoort import clock, settings

TOKEN_LIFE_S = 120
SILENCE_S = 5.0
MODES = (
    "pass",
    "fail",
    "down",
    "slow",
    "garbage",
    "html",
    "string_true",
    "expired",
    "old_challenge",
    "future_challenge",
    "wrong_hostname",
    "no_hostname",
    "wrong_action",
    "low_score",
    "no_score",
    "duplicate",
    "success_with_errors",
    "invalid_secret",
    "unknown_error",
    "list",
    "server_error",
)

_PREFIX = "/_google/recaptcha"
_ASSESSMENTS = re.compile(r"/v1/projects/[a-z0-9-]+/assessments")
_SCRIPT = Path(__file__).with_name("google_api.js")
_A_DAY_S = 24 * 60 * 60
_ANYWHERE = ("Access-Control-Allow-Origin", "*")


@dataclass(frozen=True, slots=True)
class Solved:
    """When a challenge was solved, and for which action if it is v3's."""

    at_epoch_s: int
    action: str


_LOCK = threading.Lock()
_issued: dict[str, "Solved"] = {}
_mode = "pass"


def set_mode(mode: str) -> None:
    """Choose what siteverify answers from now on; raises ValueError for an unknown mode."""
    global _mode  # noqa: PLW0603 - the stand-in is one service with one mood
    if mode not in MODES:
        raise ValueError(mode)
    _mode = mode


def issue_token(action: str = "") -> str:
    """Return a fresh token, as solving the challenge gives; with an action it is v3's."""
    token = f"local-{secrets.token_urlsafe(24)}"
    with _LOCK:
        _issued[token] = Solved(clock.now_epoch_s(), action)
    return token


def reset() -> None:
    """Forget all tokens and pass again."""
    with _LOCK:
        _issued.clear()
    set_mode("pass")


def handle(request: StandInRequest) -> StandInResponse | None:
    """Answer a request below /_google/recaptcha, or None for any other."""
    if not request.path.startswith(f"{_PREFIX}/"):
        return None
    match request.method, request.path.removeprefix(_PREFIX):
        case "GET", "/api.js":
            script = ("Content-Type", "text/javascript; charset=utf-8")
            return StandInResponse(200, _SCRIPT.read_bytes(), [script])
        case "GET", "/token":
            text = ("Content-Type", "text/plain; charset=utf-8")
            action = request.query.get("action", "")
            return StandInResponse(200, issue_token(action).encode(), [text, _ANYWHERE])
        case "GET", "/enterprise.js":
            script = ("Content-Type", "text/javascript; charset=utf-8")
            return StandInResponse(200, _SCRIPT.read_bytes(), [script])
        case "POST", "/api/siteverify":
            return _siteverify(request.body)
        case "POST", path if _ASSESSMENTS.fullmatch(path):
            return _assessments(request)
    return StandInResponse(404)


def _siteverify(body: bytes) -> StandInResponse:
    form = parse_qs(body.decode("utf-8", "replace"))
    token = form.get("response", [""])[0]
    return _bad_day() or _answer(json.dumps(_verdict(_mode, _outcome_of(token))).encode())


def _assessments(request: StandInRequest) -> StandInResponse:
    """Answer as createAssessment does; without a key it refuses, as for a key that is not ours."""
    if _mode == "invalid_secret" or not request.headers.get("x-goog-api-key"):
        refused = {"error": {"code": 403, "status": "PERMISSION_DENIED"}}
        return _answer(json.dumps(refused).encode(), status=403)
    event = json.loads(request.body)["event"]
    broken = _bad_day()
    if broken is not None:
        return broken
    verdict = _verdict(_mode, _outcome_of(event["token"]))
    return _answer(json.dumps(_assessment(verdict, event)).encode())


def _assessment(verdict: Mapping[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """Return a verdict of siteverify in the form of an assessment, with the same faults."""
    codes = verdict.get("error-codes", [])
    token = {"valid": verdict["success"], "invalidReason": "DUPE" if codes else ""}
    names = {"hostname": "hostname", "challenge_ts": "createTime", "action": "action"}
    token |= {ours: verdict[theirs] for theirs, ours in names.items() if theirs in verdict}
    return {
        "name": "projects/1/assessments/1",
        "event": dict(event),
        "tokenProperties": token,
        "riskAnalysis": {"score": verdict["score"], "reasons": []} if "score" in verdict else {},
    }


def _bad_day() -> StandInResponse | None:
    """Return an answer that is no verdict, where the mode is one of those; after a silence."""
    if _mode == "slow":
        time.sleep(SILENCE_S)
    match _mode:
        case "down":
            return StandInResponse(0)
        case "garbage":
            return _answer(b'{"success": tr')
        case "html":
            return _answer(b"<!doctype html><title>Error 500</title>", "text/html")
        case "list":
            return _answer(b'["success"]')
        case "server_error":
            return StandInResponse(
                503, b'{"success": true}', [("Content-Type", "application/json")]
            )
    return None


def _answer(body: bytes, kind: str = "application/json", status: int = 200) -> StandInResponse:
    return StandInResponse(status, body, [("Content-Type", f"{kind}; charset=utf-8")])


def _outcome_of(token: str) -> Solved | None:
    """Use up a token and return how it was solved, or None for one that does not count."""
    with _LOCK:
        solved = _issued.pop(token, None)
    if solved is None or clock.now_epoch_s() - solved.at_epoch_s > TOKEN_LIFE_S:
        return None
    return solved


def _verdict(mode: str, solved: Solved | None) -> dict[str, Any]:
    if solved is None:
        return {"success": False, "error-codes": ["timeout-or-duplicate"]}
    solved_at, action = solved.at_epoch_s, solved.action or "login"
    good: dict[str, Any] = {
        "success": True,
        "challenge_ts": _timestamp(solved_at),
        "hostname": _hostname(),
    }
    if solved.action:
        good |= {"action": action, "score": 0.9}
    changes: Mapping[str, Mapping[str, Any]] = {
        "string_true": {"success": "true"},
        "old_challenge": {"challenge_ts": _timestamp(solved_at - _A_DAY_S)},
        "future_challenge": {"challenge_ts": _timestamp(solved_at + _A_DAY_S)},
        "wrong_hostname": {"hostname": "elders.voorbeeld.example"},
        "wrong_action": {"action": "something_else", "score": 0.9},
        "low_score": {"action": action, "score": 0.1},
        "no_score": {"action": action, "score": None},
        "success_with_errors": {"error-codes": ["timeout-or-duplicate"]},
    }
    refusals = {
        "fail": "invalid-input-response",
        "expired": "timeout-or-duplicate",
        "duplicate": "timeout-or-duplicate",
        "invalid_secret": "invalid-input-secret",
        "unknown_error": "a-code-of-next-year",
    }
    if mode in refusals:
        return {"success": False, "error-codes": [refusals[mode]]}
    verdict = {**good, **changes.get(mode, {})}
    if mode == "no_hostname":
        del verdict["hostname"]
    return verdict


def _timestamp(epoch_s: int) -> str:
    return dt.datetime.fromtimestamp(epoch_s, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _hostname() -> str:
    return urlsplit(settings.require("PUBLIC_BASE_URL")).hostname or ""
