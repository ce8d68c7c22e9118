"""What the helpdesk lets everybody know: a text in both languages, for whom, from when, till when.

    (typed) --look--> preview --publish--> planned --starts--> shown --ends--> past
                                              └────── take down ──────┘──> taken down

Nothing of it is secret: a notice stands on sign-in pages, where nobody is known yet.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

SCHEMA_VERSION = 1
LONGEST_TEXT = 400
LONGEST = dt.timedelta(days=60)
"""A notice that stands longer is furniture; it is written anew."""

HISTORY_DAYS = 90
KEEP_S = (HISTORY_DAYS + 5) * 24 * 60 * 60
_LENGTH_OF_BRIN6 = 6
SEVERITIES = ("info", "warning", "danger")
SUPPLIERS = {
    "parnassys": "ParnasSys",
    "esis": "ESIS",
    "unilogic": "Unilogic",
    "eduscope": "EduScope",
}
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed, and per field the code of what is wrong with it."""

    audience: str
    brin: str
    severity: str
    text_nl: str
    text_en: str
    starts: str
    ends: str
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Audience:
    """For whom: `kind` is all, supplier, publisher or school; `label` is how people call it."""

    kind: str
    ref: str
    label: str


def read(fields: Mapping[str, str], *, now_epoch_s: int) -> Form:
    """Read the form; who gives no begin means now."""
    begin = fields.get("starts", "").strip() or _local(now_epoch_s)
    form = Form(
        audience=fields.get("audience", ""),
        brin=fields.get("brin", "").strip().upper()[:_LENGTH_OF_BRIN6],
        severity=fields.get("severity", ""),
        text_nl=_text(fields.get("text_nl", "")),
        text_en=_text(fields.get("text_en", "")),
        starts=begin,
        ends=fields.get("ends", "").strip(),
    )
    errors: dict[str, str] = {}
    if form.severity not in SEVERITIES:
        errors["severity"] = "missing"
    for name, text in (("text_nl", form.text_nl), ("text_en", form.text_en)):
        if not text or len(text) > LONGEST_TEXT:
            errors[name] = "long" if text else "missing"
    starts, ends = moment(form.starts), moment(form.ends)
    if starts is None:
        errors["starts"] = "invalid"
    if ends is None:
        errors["ends"] = "invalid"
    elif ends <= now_epoch_s:
        errors["ends"] = "past"
    elif starts is not None and not starts < ends <= starts + LONGEST.total_seconds():
        errors["ends"] = "order"
    return replace(form, errors=errors)


def _text(typed: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in typed).split())


def moment(typed: str) -> int | None:
    """Return a moment that a browser's field for date and time holds, in Amsterdam; or None."""
    try:
        at = dt.datetime.fromisoformat(typed)
        return int(at.replace(tzinfo=AMSTERDAM).timestamp()) if at.tzinfo is None else None
    except (ValueError, OverflowError):
        return None


def _local(epoch_s: int) -> str:
    return dt.datetime.fromtimestamp(epoch_s, AMSTERDAM).strftime("%Y-%m-%dT%H:%M")


def item(form: Form, audience: Audience, notice_id: str, by: str) -> dict[str, Any]:
    """Return the stored form of a notice that was read without errors."""
    ends = moment(form.ends) or 0
    return {
        "part": "notice",
        "item_key": notice_id,
        "audience": audience.kind,
        "ref": audience.ref,
        "label": audience.label,
        "severity": form.severity,
        "nl": form.text_nl,
        "en": form.text_en,
        "starts_at_epoch_s": moment(form.starts),
        "ends_at_epoch_s": ends,
        "taken_down_at_epoch_s": None,
        "written_by": by,
        "expires_at_epoch_s": ends + KEEP_S,
        "schema_version": SCHEMA_VERSION,
    }


def public(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return what everybody may read of a notice: no person."""
    names = ("audience", "ref", "label", "severity", "nl", "en")
    return {
        "id": item["item_key"],
        **{name: item[name] for name in names},
        "starts": item["starts_at_epoch_s"],
        "ends": item["taken_down_at_epoch_s"] or item["ends_at_epoch_s"],
    }


def state(item: Mapping[str, Any], *, now_epoch_s: int) -> str:
    """Return where a stored notice stands: planned, shown, past or taken_down."""
    if item["taken_down_at_epoch_s"] is not None:
        return "taken_down"
    if now_epoch_s < item["starts_at_epoch_s"]:
        return "planned"
    return "shown" if now_epoch_s < item["ends_at_epoch_s"] else "past"


def open_ones(items: Iterable[Mapping[str, Any]], *, now_epoch_s: int) -> list[dict[str, Any]]:
    """Return what is shown or planned, the gravest first: the static copy holds this."""
    found = [
        public(one) for one in items if state(one, now_epoch_s=now_epoch_s) in {"shown", "planned"}
    ]
    return sorted(
        found, key=lambda one: (-SEVERITIES.index(one["severity"]), one["starts"], one["id"])
    )


def current(copy: Iterable[Mapping[str, Any]], *, now_epoch_s: int) -> list[Mapping[str, Any]]:
    """Return what of a copy is shown at a moment."""
    return [one for one in copy if one["starts"] <= now_epoch_s < one["ends"]]
