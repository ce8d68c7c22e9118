"""What a stand-in receives and answers; the local gateway carries both over real HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StandInRequest:
    """A request to a stand-in; header names are lower case, `query` holds first values."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class StandInResponse:
    """A stand-in's answer; status 0 cuts the connection without one."""

    status: int
    body: bytes = b""
    headers: list[tuple[str, str]] = field(default_factory=list)
