"""The record of sign-ins as a file: for a spreadsheet (CSV), or whole, to be checked (JSON).

How a JSON file is checked without us stands in docs/record.md; a test runs what stands there.
"""

import csv
import dataclasses
import datetime as dt
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from login.seal_store import Record

SCHEMA_VERSION = 1
_COLUMNS = ("time", "who", "action", "outcome", "reason", "about", "place", "address", "id")
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet compute a cell instead of showing it (OWASP, CSV injection)."""


def as_csv(events: Sequence[Mapping[str, Any]], addresses: Mapping[str, str]) -> str:
    """Return events as CSV (RFC 4180, with a mark that lets Excel read UTF-8)."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(_COLUMNS)
    for event in events:
        writer.writerow(
            harmless(text)
            for text in (
                moment(event["at_epoch_s"]),
                event["account_id"] or "",
                event["action"],
                event["outcome"],
                event["reason"],
                event["subject"] or "",
                event["place"] or "",
                addresses.get(event["event_id"], ""),
                event["event_id"],
            )
        )
    return "\ufeff" + out.getvalue()


def harmless(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def as_json(
    records: Sequence[Record],
    between: tuple[str, str],
    addresses: Mapping[str, str],
    *,
    now_epoch_s: int,
) -> str:
    """Return the events of streams between two ids, with their seals, as they are stored."""
    return json.dumps(
        {
            "schema_version": SCHEMA_VERSION,
            "exported_at_epoch_s": now_epoch_s,
            "streams": [
                {
                    "stream": record.head.stream,
                    "from": between[0],
                    "to": between[1],
                    "head": dataclasses.asdict(record.head),
                    "seals": record.chain,
                    "events": record.events,
                }
                for record in records
            ],
            "addresses": dict(addresses),
        },
        separators=(",", ":"),
        ensure_ascii=False,
    )


def moment(epoch_s: int) -> str:
    """Return a moment as RFC 3339 in UTC."""
    return dt.datetime.fromtimestamp(epoch_s, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
