"""Faults of AWS on request: a share of calls answers with an error, below botocore's retries."""

import random
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSResponse

_ERRORS = {
    "throttle": (400, "ThrottlingException"),
    "unavailable": (503, "ServiceUnavailable"),
    "internal": (500, "InternalServerError"),
}


@dataclass(slots=True)
class Faults:
    """Which share of which service's calls fails, and how; none until asked."""

    service: str = ""
    error: str = "throttle"
    rate: float = 0.0

    def install(self, session: Any) -> None:
        """Stand before the emulator in every client of a botocore session."""
        session.register("before-send", self._answer, unique_id="schoolpoort-faults")

    def clear(self) -> None:
        """Let all calls through again."""
        self.rate = 0.0

    def _answer(self, request: Any, event_name: str = "", **_: Any) -> AWSResponse | None:
        if not self.rate or f".{self.service}." not in event_name:
            return None
        if random.random() >= self.rate:
            return None
        status, code = _ERRORS[self.error]
        body = f'{{"__type": "{code}", "message": "injected"}}'.encode()
        answer = AWSResponse(request.url, status, {"x-amzn-errortype": code}, None)
        answer._content = body  # noqa: SLF001 - botocore has no public way to give a body
        return answer
