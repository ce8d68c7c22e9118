"""A real HTTP server on loopback that answers as a test says, or as the stand-in LAS."""

import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from infra.local.stand_ins import las
from infra.local.stand_ins.http import StandInRequest

Answer = Callable[[BaseHTTPRequestHandler, bytes], None]


class _Server(ThreadingHTTPServer):
    """A server whose failed handshakes are no news."""

    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(answer: Answer, trust: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve on a free port, over TLS when told how, and yield the base address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with contextlib.suppress(ConnectionError):
                answer(self, body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = _Server(("127.0.0.1", 0), Handler)
    if trust is not None:
        server.socket = trust.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"{'https' if trust else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def send(
    handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str] | None = None
) -> None:
    """Answer at once with a status, headers and a body of known length."""
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def stand_in(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    """Answer as the stand-in LAS does."""
    headers = {name.lower(): value for name, value in handler.headers.items()}
    answer = las.handle(StandInRequest("POST", handler.path, {}, headers, body))
    if answer is None or answer.status == 0:
        handler.close_connection = True
        return
    send(handler, answer.status, answer.body, dict(answer.headers))
