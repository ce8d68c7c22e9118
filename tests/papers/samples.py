"""Invented offers, and names that are hard on letters."""

import datetime as dt
from dataclasses import replace
from typing import Any

from schoolpoort.paper_requests import Offer, Party, School, Signatory, Signature

BOARD = "40001"
OTHER_BOARD = "40002"
AGREEMENT = "900719925474"
TEXT = "sample-4.0-1.0.0"
CONFIRMED_AT = int(dt.datetime(2026, 11, 24, 11, tzinfo=dt.UTC).timestamp())
HARD_NAMES = (
    "’t Kompas",
    "Ús Skoalle Sûnenswâld",
    "De Łódźstraat",
    "Ysgol ŵ ŷ â",
    "Çelik-Ğündoğan",
    "Dvořák & Šimůnek <b>",
    "Ĳsbrechtum ĳsvogel",
    "Coöperatie “Ën”",
)


def schools(count: int) -> tuple[School, ...]:
    """Return that many invented schools, with every hard name among them."""
    return tuple(
        School(
            f"{10 + number // 26:02d}{chr(65 + number % 26)}B{number % 3:02d}",
            HARD_NAMES[number % len(HARD_NAMES)],
            "Sint-Annaparochie",
        )
        for number in range(count)
    )


def offer(**changes: Any) -> Offer:
    """Return an offer for three schools of a board, with fields changed."""
    usual = Offer(
        agreement_id=AGREEMENT,
        text_version=TEXT,
        dated_on=dt.date(2026, 11, 24),
        effective_from=dt.date(2027, 1, 1),
        board=Party(
            name="Stichting De Vlieger",
            legal_form="stichting",
            board_number=BOARD,
            chamber_number="01234567",
            address="Dorpsstraat 1, 1234 AB",
            place="Vliegerdam",
        ),
        signatories=(Signatory("Bas van ’t Buis-Çelik", "voorzitter college van bestuur"),),
        covers_all_schools=True,
        schools=schools(3),
    )
    return replace(usual, **changes)


def signature(**changes: Any) -> Signature:
    """Return how the director signed, with fields changed."""
    usual = Signature(
        name="Bas van ’t Buis-Çelik",
        function="voorzitter college van bestuur",
        evidence_class="scan",
        shown_as="op papier, gezien als scan",
        signed_at_epoch_s=CONFIRMED_AT - 86_400,
        reference="VO-2026-001",
    )
    return replace(usual, **changes)
