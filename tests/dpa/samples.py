"""Invented agreements, and the days on which their tests happen."""

import datetime as dt
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from dpa.agreement import Agreement, EvidenceClass, Model
from dpa.agreement_states import State

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
BOARD = "40001"
RECORDER = "8001"
CONFIRMER = "8002"


def moment(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> int:
    """Return the epoch seconds of a moment on the clocks of Amsterdam."""
    return int(dt.datetime(year, month, day, hour, minute, tzinfo=AMSTERDAM).timestamp())


NOON = moment(2026, 11, 24)


def agreement(**changes: Any) -> Agreement:
    """Return an active agreement for all schools of the board, with fields changed."""
    usual = Agreement(
        agreement_id="900",
        board_number=BOARD,
        board_name="Stichting De Vlieger",
        state=State.ACTIVE,
        model=Model.V4,
        evidence_class=EvidenceClass.SCAN,
        signatory="Bas Buis",
        reference="VO-1",
        effective_from=dt.date(2024, 8, 1),
        scope_codes=(),
        recorded_by=RECORDER,
        recorded_at_epoch_s=NOON,
    )
    return replace(usual, **changes)
