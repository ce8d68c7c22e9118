"""The overview of a board as a file for an audit: the same facts as JSON and as CSV, in one zip.

It counts and names nobody but who asked for it. The same overview gives the same bytes.
"""

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from onboarding.board_overview import Line

SCHEMA_VERSION = 1
_NO_DATE = (2026, 1, 1, 0, 0, 0)
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_README = """\
Overzicht van de scholen van jullie bestuur / Overview of the schools of your board

overview.json   alle gegevens, met wie het vroeg en wanneer / all facts, with who asked and when
overview.csv    dezelfde gegevens voor een rekenblad / the same facts for a spreadsheet

level: danger = nu iets doen / act now, warning = vraagt aandacht / needs attention,
       info = ter informatie / for information, success = in orde / in order
second_steps: number van de of collega's met een account heeft een app of passkey
              number of the of colleagues with an account have an app or a passkey
coordinators: hoeveel ICT-coordinatoren een account hebben / how many ICT coordinators have one
dormant: accounts die 180 dagen niet gebruikt zijn / accounts that were not used for 180 days
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked for an overview, of which board, and when (RFC 3339, Amsterdam)."""

    board_number: str
    board_name: str
    by: str
    at: str


def as_zip(asked: Asked, lines: Sequence[Line]) -> bytes:
    """Return the file."""
    rows = [_row(line) for line in lines]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (
            ("overview.json", _json(asked, rows)),
            ("overview.csv", _csv(asked, rows)),
            ("LEESMIJ.txt", _README),
        ):
            archive.writestr(zipfile.ZipInfo(name, _NO_DATE), text.encode())
    return out.getvalue()


def _row(line: Line) -> dict[str, Any]:
    place = line.place
    row: dict[str, Any] = {"brin": place.brin6, "school": place.name, "place": place.place}
    for name, cell in line.cells.items():
        row |= {f"{name}_level": cell.level.value, f"{name}_state": cell.code}
    return row | {
        "agreement_ends_on": line.agreement.day.isoformat() if line.agreement.day else "",
        "second_steps_number": line.second_steps.number,
        "second_steps_of": line.second_steps.of,
        "coordinators_number": line.coordinators.number,
        "dormant_number": line.dormant.number,
    }


def _json(asked: Asked, rows: Sequence[dict[str, Any]]) -> str:
    said = {
        "schema_version": SCHEMA_VERSION,
        "board_number": asked.board_number,
        "board": asked.board_name,
        "asked_by": asked.by,
        "asked_at": asked.at,
        "schools": rows,
    }
    return json.dumps(said, indent=2, ensure_ascii=False)


def _csv(asked: Asked, rows: Sequence[dict[str, Any]]) -> str:
    """Return RFC 4180 with the mark that lets Excel read UTF-8, and who asked in each row."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    names = list(rows[0]) if rows else []
    writer.writerow([*names, "asked_by", "asked_at"])
    for row in rows:
        writer.writerow(_harmless(str(value)) for value in (*row.values(), asked.by, asked.at))
    return "\ufeff" + out.getvalue()


def _harmless(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text
