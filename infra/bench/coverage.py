"""Measures coverage for 6,100 schools of 750 boards, and writes docs/benchmarks/coverage.md.

Every board is read, every school computed, and what differs is written, through the store of dpa
and the readers of the house. The tables answer from memory, in DynamoDB's own typed form: moto
looks through a whole table for each query, which would measure nothing but moto. Times are of the
processor, on one core.
"""

import datetime as dt
import os
import platform
import time
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

from schoolpoort import dynamodb

_OUT = Path(__file__).parents[2] / "docs" / "benchmarks" / "coverage.md"
_BOARDS = 750
_SCHOOLS = 6_100
_MOVED = 400
"""So many schools changed board between the lists of 2021 and 2026."""
_BAR_S = 10
_KEYS = {
    "AGREEMENTS_TABLE": ("board_number", "item_key"),
    "REGISTRY_TABLE": ("entry",),
    "COVERAGE_TABLE": ("school_id",),
}
_BY_BOARD = "by_board"

Typed = dict[str, Any]


class _Tables:
    """The tables in memory: what the store asks of DynamoDB, counted."""

    def __init__(self) -> None:
        self.items: dict[str, dict[tuple[str, ...], Typed]] = {name: {} for name in _KEYS}
        self.by_board: dict[str, dict[str, dict[tuple[str, ...], Typed]]] = {
            name: defaultdict(dict) for name in _KEYS
        }
        self.calls: Counter[str] = Counter()

    def call(self, operation: str, **asked: Any) -> Any:
        """Answer in the place of the SDK."""
        self.calls[operation] += 1
        return getattr(self, f"_{operation}")(**asked)

    def _key(self, table: str, item: Typed) -> tuple[str, ...]:
        return tuple(item[name]["S"] for name in _KEYS[table])

    def _put(self, table: str, item: Typed) -> None:
        key = self._key(table, item)
        before = self.items[table].get(key)
        for old in (before,) if before else ():
            self.by_board[table][old.get("board_number", {"S": ""})["S"]].pop(key, None)
        self.items[table][key] = item
        self.by_board[table][item.get("board_number", {"S": ""})["S"]][key] = item

    def _batch_write_item(self, RequestItems: Any) -> Typed:  # noqa: N803 - the SDK's name
        ((table, requests),) = RequestItems.items()
        for request in requests:
            self._put(table, request["PutRequest"]["Item"])
        return {}

    def _batch_get_item(self, RequestItems: Any) -> Typed:  # noqa: N803 - the SDK's name
        answers = {}
        for table, asked in RequestItems.items():
            found = (self.items[table].get(self._key(table, key)) for key in asked["Keys"])
            answers[table] = [item for item in found if item]
        return {"Responses": answers}

    def _get_item(self, TableName: str, Key: Typed, **_: Any) -> Typed:  # noqa: N803
        found = self.items[TableName].get(self._key(TableName, Key))
        return {"Item": found} if found else {}

    def _query(self, TableName: str, ExpressionAttributeValues: Typed, **_: Any) -> Typed:  # noqa: N803
        """Answer "board_number = :a AND begins_with(…, :b)", the only form that is asked here."""
        board, prefix = (one["S"] for one in ExpressionAttributeValues.values())
        name = "item_key" if TableName == "AGREEMENTS_TABLE" else "entry"
        found = self.by_board[TableName][board].values()
        return {"Items": [item for item in found if item[name]["S"].startswith(prefix)]}


def main() -> int:
    """Measure and write; ends with 1 when the bar is not held."""
    tables, usual = _Tables(), dynamodb._call  # noqa: SLF001 - the one door to DynamoDB
    os.environ.update({name: name for name in _KEYS})
    dynamodb._call = tables.call  # noqa: SLF001
    try:
        _fill()
        lines = [_measured(tables, "all for the first time")]
        lines.append(_measured(tables, "again, with nothing changed"))
        _move()
        lines.append(_measured(tables, f"after {_MOVED} schools changed board"))
    finally:
        dynamodb._call = usual  # noqa: SLF001
    python = f"{platform.python_implementation()} {platform.python_version()}"
    text = [
        "# Coverage of the whole country",
        "",
        f"`make bench`, {python}, {platform.machine()}, {os.cpu_count()} cores, {dt.date.today()}.",  # noqa: DTZ011
        "",
        (
            f"{_SCHOOLS:,} schools of {_BOARDS} boards, each with two agreements and a "
            "declaration, through the store, with tables that answer from memory."
        ),
        f"Bar: under {_BAR_S} s on one core, and only rows that changed are written.",
        "",
        "| what | processor time | reads | rows written |",
        "|---|---|---|---|",
        *(line for line, _ in lines),
        "",
        (
            "Not in the times are the SDK's own work and the way to AWS, some milliseconds a read. "
            "A decision in the registry computes its own boards only."
        ),
    ]
    _OUT.write_text("\n".join(text) + "\n", "utf-8")
    print("\n".join(text))
    return int(max(spent for _, spent in lines) > _BAR_S)


def _measured(tables: _Tables, what: str) -> tuple[str, float]:
    from dpa import effects
    from schoolpoort import clock

    now = clock.now_epoch_s()
    tables.calls.clear()
    started = time.process_time()
    rows = sum(effects.settle(f"{10_000 + one}", now).rows_written for one in range(_BOARDS))
    spent = time.process_time() - started
    reads = sum(count for name, count in tables.calls.items() if name != "batch_write_item")
    return f"| {what} | {spent:.1f} s | {reads:,} | {rows:,} |", spent


def _fill() -> None:
    """Write boards, schools, agreements and declarations as their owners write them."""
    from dpa.agreement import Agreement, EvidenceClass, Model, item_of
    from dpa.agreement_states import State
    from schoolpoort import settings

    usual = Agreement(
        agreement_id="",
        board_number="",
        board_name="Stichting",
        state=State.ACTIVE,
        model=Model.V4,
        evidence_class=EvidenceClass.SCAN,
        signatory="Bas Buis",
        reference="VO-1",
        effective_from=dt.date(2024, 8, 1),
        scope_codes=(),
        recorded_by="1",
        recorded_at_epoch_s=1_700_000_000,
    )
    signed = []
    for one in range(_BOARDS):
        number = f"{10_000 + one}"
        new = replace(usual, agreement_id=f"9{number}", board_number=number)
        old = replace(
            new,
            agreement_id=f"8{number}",
            state=State.SUPERSEDED,
            model=Model.V3,
            effective_from=dt.date(2018, 8, 1),
            ends_on=dt.date(2024, 8, 1),
        )
        signed += [
            {**item_of(each), "item_key": f"agreement#{each.agreement_id}"} for each in (old, new)
        ]
        signed.append(
            {
                "board_number": number,
                "item_key": "declaration#rekenrijk",
                "party_id": "rekenrijk",
                "party_name": "Rekenrijk",
                "since": "2024-08-01",
                "until": None,
                "version": 1,
                "last_event_hash": "",
            }
        )
    dynamodb.batch_write(settings.require("AGREEMENTS_TABLE"), puts=signed)
    dynamodb.batch_write(
        settings.require("REGISTRY_TABLE"), puts=[_school(one, one) for one in range(_SCHOOLS)]
    )


def _school(number: int, board: int) -> dict[str, Any]:
    brin6 = f"{number:04d}00"
    return {
        "entry": f"location#{brin6}",
        "brin6": brin6,
        "school_id": str(number),
        "name": f"School {number}",
        "place": "Wilgendam",
        "board_number": f"{10_000 + board % _BOARDS}",
    }


def _move() -> None:
    """Let schools change board as the registry records it: the school, and its tenures."""
    from onboarding import tenure_rules
    from schoolpoort import clock, coverage, settings, tenures

    now = clock.now_epoch_s()
    items = []
    for number in range(_MOVED):
        items.append(_school(number, number + 1))
        held = tenure_rules.moved(
            (),
            from_board=f"{10_000 + number % _BOARDS}",
            to_board=f"{10_000 + (number + 1) % _BOARDS}",
            day=coverage.amsterdam_day(now),
            now_epoch_s=now,
        )
        items.append(tenures.to_item(str(number), held))
    dynamodb.batch_write(settings.require("REGISTRY_TABLE"), puts=items)


if __name__ == "__main__":
    raise SystemExit(main())
