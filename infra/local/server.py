"""Puts the house, the stand-ins and the developer controls on one port of this machine."""

import functools
import importlib
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from infra.local import controls, uploads
from infra.local.gateway import HttpRequest, HttpResponse
from infra.local.house import House
from infra.local.stand_ins.http import StandInRequest

STAND_INS = {"/_google/": "google", "/_las/": "las", "/_publisher/": "publisher"}
_LONGEST_WORK_S = 60
_POLL_EVERY_S = 0.05


def outside(request: HttpRequest) -> HttpResponse | None:
    """Answer for the world outside, where a stand-in has that path; else None."""
    for prefix, module in STAND_INS.items():
        if request.path.startswith(prefix):
            return _stand_in(module, request)
    return None


def _stand_in(module: str, request: HttpRequest) -> HttpResponse:
    handle = importlib.import_module(f"infra.local.stand_ins.{module}").handle
    query = dict(parse_qsl(request.target.partition("?")[2], keep_blank_values=True))
    headers = {name.lower(): value for name, value in request.headers}
    answer = handle(StandInRequest(request.method, request.path, query, headers, request.body))
    if answer is None:
        return HttpResponse(404)
    return HttpResponse(answer.status, tuple(answer.headers), answer.body)


def of_house(house: House) -> "Server":
    """Return a server for a house of this process, with the worker of its queues."""
    return Server(house.port, functools.partial(answer, house), house.pump)


def answer(house: House, request: HttpRequest) -> HttpResponse:
    """Answer whatever is asked on the port."""
    path = request.path
    if path.startswith("/_local/"):
        return controls.answer(house, request)
    if path.startswith(uploads.PREFIX) and request.method == "POST":
        return uploads.accept(house, request)
    if path.startswith(uploads.PREFIX) and request.method == "GET":
        return uploads.hand_out(request)
    return outside(request) or house.call(request)


class _Handler(BaseHTTPRequestHandler):
    """One connection; what answers hangs on the server."""

    protocol_version = "HTTP/1.1"
    server_version = "Schoolpoort"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave together

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        peer = self.client_address[0]
        request = HttpRequest(
            self.command,
            self.path,
            tuple(self.headers.items()),
            self.rfile.read(length) if length else b"",
            controls.seems_from(peer),
        )
        response = self.server.answer(request)  # type: ignore[attr-defined]
        if response.status == 0:
            self.close_connection = True
            return
        self.send_response(response.status)
        for name, value in response.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Say nothing: the functions' own log lines tell what happened."""


class Server:
    """A port of this machine, and a worker beside it, as threads of this process.

    `work` is called over and over; it returns whether there was something to do.
    """

    def __init__(
        self, port: int, answer: Callable[[HttpRequest], HttpResponse], work: Callable[[], Any]
    ) -> None:
        self._http = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
        self._http.daemon_threads = True
        self._http.answer = answer  # type: ignore[attr-defined]
        self._work = work
        self._ending = threading.Event()
        self._threads = [
            threading.Thread(target=self._http.serve_forever, name="http", daemon=True),
            threading.Thread(target=self._keep_working, name="work", daemon=True),
        ]

    def _keep_working(self) -> None:
        while not self._ending.is_set():
            if not self._work():
                self._ending.wait(_POLL_EVERY_S)

    def start(self) -> None:
        """Begin to answer."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop answering and wait for the threads."""
        self._ending.set()
        self._http.shutdown()
        self._http.server_close()
        for thread in self._threads:
            thread.join(timeout=_LONGEST_WORK_S)
