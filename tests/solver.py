"""Does our own check as a browser does, from the page that shows it."""

import base64
import html
import json
import re
from typing import Any

import altcha

_CHALLENGE = re.compile(r'data-altcha="([^"]+)"')


def challenge_of(page: str) -> dict[str, Any]:
    """Return the challenge that a page shows; IndexError when it shows none."""
    found: dict[str, Any] = json.loads(html.unescape(_CHALLENGE.findall(page)[0]))
    return found


def solve(challenge: dict[str, Any]) -> dict[str, Any]:
    """Return the solution of a challenge with the challenge, as the form sends them."""
    found = altcha.solve_challenge(altcha.Challenge.from_dict(challenge), counter_start=250)
    assert found is not None
    solution = {"counter": found.counter, "derivedKey": found.derived_key}
    return {"challenge": challenge, "solution": solution}


def packed(payload: object) -> str:
    """Return what the field holds for a payload."""
    return base64.b64encode(json.dumps(payload).encode()).decode()


def solved(page: str) -> str:
    """Return the value of the field `altcha` for a page."""
    return packed(solve(challenge_of(page)))
