"""The developer controls under /_local/: never packaged into a function.

They move the clock, start the night, make the stand-ins misbehave and show the mails, so that a
person or a test can bring about what otherwise takes a year.
"""

import datetime as dt
import html
import importlib
import json
import time
from collections.abc import Callable
from typing import Any

from infra.local import app_codes, mail_reports
from infra.local.faults import Faults
from infra.local.gateway import HttpRequest, HttpResponse
from infra.local.home import Home
from infra.local.house import House
from infra.local.state import Snapshot
from schoolpoort import captcha, clock, pepper_keys

Controls = dict[tuple[str, str], Callable[[Any, Any], HttpResponse]]

FAULTS = Faults()
_network: dict[str, str] = {}
_snapshots: dict[int, Snapshot] = {}


def seems_from(peer: str) -> str:
    """Return the address that requests from this machine seem to come from."""
    return _network.get(peer, peer)


def remember(house: House) -> None:
    """Keep the house as it is now as the state that reset returns to."""
    _snapshots[house.port] = Snapshot.take(house)


def _json(value: Any, status: int = 200) -> HttpResponse:
    headers = (("Content-Type", "application/json; charset=utf-8"),)
    return HttpResponse(status, headers, json.dumps(value, ensure_ascii=False).encode())


def _page(title: str, body: str) -> HttpResponse:
    text = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><h1>{title}</h1>{body}</html>'
    )
    return HttpResponse(200, (("Content-Type", "text/html; charset=utf-8"),), text.encode())


def _stand_in(name: str) -> Any:
    return importlib.import_module(f"infra.local.stand_ins.{name}")


def _index(controls: Controls) -> HttpResponse:
    items = "".join(
        f"<li><code>{method} {html.escape(path)}</code> {(view.__doc__ or '').splitlines()[0]}</li>"
        for (method, path), view in controls.items()
    )
    links = "".join(
        f'<p><a href="/_local/{path}">{name}</a></p>'
        for path, name in (("mailbox", "Mailbox"), ("people.json", "People"), ("codes", "Codes"))
    )
    return _page("Developer controls", f"{links}<ul>{items}</ul>")


def _mailbox(house: Home, _body: Any) -> HttpResponse:
    """Show the mails sent, newest first."""
    parts = []
    for mail in house.mails():
        head = html.escape(f"{', '.join(mail['to'])} · {mail['subject']}")
        text = _linked(mail["text"])
        parts.append(f"<details open><summary>{head}</summary><pre>{text}</pre></details>")
    return _page("Mailbox", "".join(parts) or "<p>No mail yet.</p>")


def _linked(text: str) -> str:
    words = []
    for line in html.escape(text).splitlines():
        if line.strip().startswith("http"):
            words.append(f'<a href="{line.strip()}">{line.strip()}</a>')
        else:
            words.append(line)
    return "\n".join(words)


def _mailbox_json(house: Home, _body: Any) -> HttpResponse:
    """Give the mails as data."""
    return _json(house.mails())


def _people(house: Home, _body: Any) -> HttpResponse:
    """List the invented people and how each signs in."""
    return _json(house.people)


def _codes(_house: Home, _body: Any) -> HttpResponse:
    """Show the codes of everybody's authenticator app."""
    rows = "".join(
        f"<li><code>{code}</code> {html.escape(address)}"
        f"{f' in {wait} seconds' if wait else ''}</li>"
        for address, code, wait in app_codes.shown(clock.now_epoch_s())
    )
    return _page("Codes", f"<p>Reload for newer ones; each works once.</p><ul>{rows}</ul>")


def _app_code(_house: Home, body: Any) -> HttpResponse:
    """Take a code of somebody's app: {"address": "…"}, with "secret" for a new app."""
    if "secret" in body:
        app_codes.remember(body["address"], body["secret"])
    return _json({"code": app_codes.next_code(body["address"])})


def _clock(house: House, body: Any) -> HttpResponse:
    """Move the one clock: {"advance_s": n} or {"now": "<RFC 3339>"}."""
    if "now" in body:
        wanted = dt.datetime.fromisoformat(body["now"]).timestamp()
        house.move_clock(int(wanted - time.time()))
    else:
        house.move_clock(house.clock_offset_s + int(body["advance_s"]))
    now = dt.datetime.fromtimestamp(time.time() + house.clock_offset_s, dt.UTC)
    return _json({"now": now.isoformat()})


def _night(house: House, _body: Any) -> HttpResponse:
    """Run tonight's sync now and answer with its summary."""
    failures = len(house.failures)
    house.run_schedules()
    house.pump_until_idle()
    # The morning counts what the night did, which by now is worked off.
    house.invoke("RosterKeyWatchFunction", {"job": "keys"})
    return _json({"done": True, "failures": len(house.failures) - failures})


def _captcha(_house: Home, body: Any) -> HttpResponse:
    """Choose what the stand-in siteverify answers: {"mode": "pass|fail|down|…"}."""
    _stand_in("google").set_mode(body["mode"])
    # A mood of its own for each: what was learnt of the one before must not hide this one.
    captcha.forget()
    return _json({"mode": body["mode"]})


def _captcha_token(_house: Home, _body: Any) -> HttpResponse:
    """Issue a fresh, single-use token for the field g-recaptcha-response."""
    return _json({"token": _stand_in("google").issue_token()})


def _mail_event(home: Home, body: Any) -> HttpResponse:
    """Report of a mail: {"message_id": "…", "type": "send|delivery|bounce|complaint"}."""
    request_id = home.mail_request(body["message_id"])
    if request_id is None:
        return _json({"error": "no such mail"}, 404)
    report = mail_reports.event(
        body["type"], body["message_id"], request_id, home.configuration_set
    )
    home.report_mail(report)
    return _json({"request_id": request_id, "type": body["type"]})


def _faults(_house: House, body: Any) -> HttpResponse:
    """Inject faults of AWS: {"service": "dynamodb", "error": "throttle", "rate": 0.1}."""
    FAULTS.service = body["service"]
    FAULTS.error = body["error"]
    FAULTS.rate = float(body["rate"])
    return _json(body)


def _set_network(_house: House, body: Any) -> HttpResponse:
    """Choose where requests from this machine seem to come from: {"ip": "…"}."""
    _network["127.0.0.1"] = body["ip"]
    return _json(body)


def _failures(house: House, _body: Any) -> HttpResponse:
    """List the crashes of functions since the start."""
    return _json(house.failures)


def _reset(house: House, _body: Any) -> HttpResponse:
    """Go back to the seed."""
    _snapshots[house.port].restore(house)
    FAULTS.clear()
    _network.clear()
    _stand_in("google").set_mode("pass")
    captcha.forget()
    pepper_keys.forget()
    _stand_in("las").clear_fixtures()
    house.move_clock(0)
    return _json({"reset": True})


ANYWHERE: Controls = {
    ("GET", "/_local/mailbox"): _mailbox,
    ("GET", "/_local/mailbox.json"): _mailbox_json,
    ("GET", "/_local/people.json"): _people,
    ("GET", "/_local/codes"): _codes,
    ("POST", "/_local/app-code"): _app_code,
    ("GET", "/_local/captcha/token"): _captcha_token,
    ("POST", "/_local/captcha"): _captcha,
    ("POST", "/_local/mail-event"): _mail_event,
}
"""Controls that work wherever the functions run."""

_IN_THIS_PROCESS: Controls = {
    ("GET", "/_local/failures.json"): _failures,
    ("POST", "/_local/clock"): _clock,
    ("POST", "/_local/night"): _night,
    ("POST", "/_local/faults"): _faults,
    ("POST", "/_local/network"): _set_network,
    ("POST", "/_local/reset"): _reset,
}


def answer(
    home: Home, request: HttpRequest, controls: Controls = ANYWHERE | _IN_THIS_PROCESS
) -> HttpResponse:
    """Answer a developer control; bad input gets 400 with the reason."""
    try:
        body = json.loads(request.body) if request.body else {}
    except ValueError:
        return _json({"error": "the body is not JSON"}, 400)
    if request.path == "/_local/":
        return _index(controls)
    if request.path.startswith("/_local/las/") and request.method == "POST":
        return _las(request.path.rpartition("/")[2], body)
    control = controls.get((request.method, request.path))
    if control is None:
        return _json({"error": "no such control; GET /_local/ lists them"}, 404)
    try:
        return control(home, body)
    except (KeyError, TypeError, ValueError) as error:
        return _json({"error": f"not understood: {error}"}, 400)


def _las(brin6: str, body: Any) -> HttpResponse:
    """Let a school's stand-in administration system do something else next, or refuse a key."""
    try:
        if "revoke" in body:
            _stand_in("las").revoke(body["revoke"])
            return _json({"brin6": brin6, "revoked": True})
        _stand_in("las").set_fixture(brin6, body["fixture"])
    except (KeyError, ValueError) as error:
        return _json({"error": f"no such fixture: {error}"}, 400)
    return _json({"brin6": brin6, "fixture": body["fixture"]})
