"""One POST to a LAS, within limits that hold whatever the other side does.

The whole exchange has one deadline, headers and handshake included: a drip of bytes does not
stretch it. No redirect is followed, no compression is accepted, an answer is cut off while it is
read, and outside the local house nothing is sent to an address that is not public.
"""

import functools
import http.client
import io
import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from roster_sync.causes import Cause, FeedRefused
from roster_sync.xml_input import LARGEST_DOCUMENT_BYTES
from schoolpoort import settings

_CONNECT_S = 3.0
_SHORTEST_S = 0.001
_CHUNK_BYTES = 64 * 1024
_REDIRECTS = range(300, 400)


@dataclass(frozen=True, slots=True)
class Door:
    """Where a LAS is asked; `trust` is how to know its certificate and show ours."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    trust: ssl.SSLContext | None = None


def post(
    door: Door, body: bytes, headers: Mapping[str, str], *, patience_s: float
) -> tuple[int, bytes]:
    """Return status and body of the answer; raises FeedRefused with the cause."""
    parts = urlsplit(door.url)
    connection = _Connection(
        parts.hostname or "", parts.port, parts.scheme, door.trust, _Deadline(patience_s)
    )
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    try:
        response = _response(connection, path, body, {**headers, **door.headers})
        return response.status, _read(response)
    finally:
        connection.hang_up()


def _response(
    connection: "_Connection", path: str, body: bytes, headers: Mapping[str, str]
) -> http.client.HTTPResponse:
    try:
        connection.connect()
    except ssl.SSLCertVerificationError as error:
        raise FeedRefused(Cause.LAS_UNTRUSTED) from error
    except ssl.SSLError as error:
        raise FeedRefused(_of_handshake(error)) from error
    except (OSError, UnicodeError) as error:
        raise FeedRefused(Cause.LAS_UNREACHABLE) from error
    try:
        connection.request("POST", path, body=body, headers=headers)
        return connection.getresponse()
    except TimeoutError as error:
        raise FeedRefused(Cause.LAS_SLOW) from error
    except ssl.SSLError as error:
        # TLS 1.3 tells only now that it wanted another certificate of ours.
        raise FeedRefused(_of_handshake(error)) from error
    except OSError as error:
        raise FeedRefused(Cause.LAS_UNREACHABLE) from error
    except http.client.HTTPException as error:
        raise FeedRefused(Cause.LAS_GARBLED) from error


def _of_handshake(error: ssl.SSLError) -> Cause:
    """Return whether they refused the certificate that we showed, or something else."""
    reason = error.reason or ""
    is_ours = "ALERT" in reason and any(
        word in reason for word in ("CERTIFICATE", "UNKNOWN_CA", "HANDSHAKE_FAILURE")
    )
    return Cause.CERTIFICATE_REFUSED if is_ours else Cause.LAS_UNREACHABLE


def _read(response: http.client.HTTPResponse) -> bytes:
    """Return the body; raises FeedRefused as soon as it is too large, too slow or not plain."""
    if response.status in _REDIRECTS:
        raise FeedRefused(Cause.LAS_REDIRECTS)
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise FeedRefused(Cause.LAS_GARBLED)
    content = bytearray()
    try:
        while chunk := response.read1(_CHUNK_BYTES):
            content += chunk
            if len(content) > LARGEST_DOCUMENT_BYTES:
                raise FeedRefused(Cause.LAS_TOO_LARGE)
    except TimeoutError as error:
        raise FeedRefused(Cause.LAS_SLOW) from error
    except (OSError, http.client.HTTPException) as error:
        raise FeedRefused(Cause.LAS_GARBLED) from error
    if response.length:
        # read1 ends quietly when a body is shorter than was announced.
        raise FeedRefused(Cause.LAS_GARBLED)
    return bytes(content)


class _Deadline:
    """The moment at which an exchange has taken long enough."""

    def __init__(self, patience_s: float) -> None:
        self._ends_at = time.monotonic() + patience_s

    def left_s(self) -> float:
        """Return how long is left; raises TimeoutError when nothing is."""
        left = self._ends_at - time.monotonic()
        if left < _SHORTEST_S:
            raise TimeoutError
        return left


class _Connection(http.client.HTTPConnection):
    """A connection whose every wait counts against one deadline."""

    def __init__(
        self,
        host: str,
        port: int | None,
        scheme: str,
        trust: ssl.SSLContext | None,
        deadline: _Deadline,
    ) -> None:
        self.default_port = 443 if scheme == "https" else 80
        super().__init__(host, port)
        self._trust = (trust or _public_trust()) if scheme == "https" else None
        self._deadline = deadline
        self._connected: socket.socket | None = None
        self.sock: Any = None

    def connect(self) -> None:
        """Open the connection; raises OSError, and FeedRefused for an address inside."""
        patience_s = min(_CONNECT_S, self._deadline.left_s())
        connected = socket.create_connection((self.host, self.port), timeout=patience_s)
        self._connected = connected
        _check_peer(connected)
        connected.settimeout(self._deadline.left_s())
        if self._trust is not None:
            self._connected = self._trust.wrap_socket(connected, server_hostname=self.host)
        self.sock = _TimedSocket(self._connected, self._deadline)

    def hang_up(self) -> None:
        """Close the socket itself, which an answer may still be read from after `close`."""
        if self._connected is not None:
            self._connected.close()


@functools.cache
def _public_trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _check_peer(connected: socket.socket) -> None:
    """Refuse a host name that leads inside, before anything is said to it."""
    if settings.is_local():
        return
    if not ipaddress.ip_address(connected.getpeername()[0]).is_global:
        raise FeedRefused(Cause.LAS_FORBIDDEN_ADDRESS)


class _TimedSocket:
    """What http.client needs of a socket, with the time that is left as the limit of each wait."""

    def __init__(self, connected: socket.socket, deadline: _Deadline) -> None:
        self._connected = connected
        self._deadline = deadline

    def sendall(self, content: bytes) -> None:
        self._connected.settimeout(self._deadline.left_s())
        self._connected.sendall(content)

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._connected, self._deadline))

    def close(self) -> None:
        """Do nothing: http.client closes early, and whoever opened it hangs up."""


class _TimedReader(io.RawIOBase):
    """Reads from a socket until the deadline."""

    def __init__(self, connected: socket.socket, deadline: _Deadline) -> None:
        super().__init__()
        self._connected = connected
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connected.settimeout(self._deadline.left_s())
        return self._connected.recv_into(buffer)
