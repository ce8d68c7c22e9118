"""What the two kinds of check have in common: what a page shows, and what an answer is worth."""

import enum
from dataclasses import dataclass


class CaptchaVerdict(enum.Enum):
    """What is known about who sent a form."""

    PASSED = "passed"
    FAILED = "failed"
    DOUBTED = "doubted"
    """Google's score is too low to be sure: our own check may still decide."""
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Widget:
    """What a page needs to show a check: the macro `captcha` draws it.

    `kind` is "v2", "v3" or "enterprise" (Google's, with `script_url` and `site_key`) or "altcha"
    (our own, with `challenge` as JSON). `csp_sources` go into the page's policy; `own_script` is a
    static file.
    """

    kind: str
    action: str
    own_script: str
    script_url: str = ""
    site_key: str = ""
    challenge: str = ""
    csp_sources: tuple[str, ...] = ()
