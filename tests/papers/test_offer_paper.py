"""The offer as a paper: the same bytes every day, every letter of every name, all it must say."""

import datetime as dt
import hashlib
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from papers import letters
from papers.letters import UnknownCharacter
from papers.offer_paper import offer_pdf
from schoolpoort import agreement_texts
from schoolpoort.paper_requests import Offer, Party, Signatory
from schoolpoort.papers import Refusal, State
from tests.amounts import often
from tests.papers.samples import AGREEMENT, HARD_NAMES, TEXT, offer, schools
from tests.papers.workshop import Workshop

_ROOT = Path(__file__).resolve().parents[2]


def _read(made: Offer) -> PdfReader:
    return PdfReader(io.BytesIO(offer_pdf(made)[0]))


def _flat(text: str) -> str:
    return "".join(text.split())


_ELSEWHERE = """
import hashlib, sys
sys.path[:0] = ["functions", "layers/shared/python", "."]
from papers.offer_paper import offer_pdf
from tests.papers.samples import offer, schools
print(hashlib.sha256(offer_pdf(offer(schools=schools(57)))[0]).hexdigest())
"""


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland"])
def test_trap_17_the_same_offer_gives_the_same_bytes_anywhere(zone: str) -> None:
    """Another process, another hash seed, another zone: the offered hash can be made again."""
    here = hashlib.sha256(offer_pdf(offer(schools=schools(57)))[0]).hexdigest()
    environment = {"PYTHONHASHSEED": "7", "TZ": zone, "PATH": "/usr/bin:/bin"}
    there = subprocess.run(  # noqa: S603 - our own few lines above
        [sys.executable, "-c", _ELSEWHERE],
        cwd=_ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert there.stdout.strip() == here


def test_another_offer_gives_other_bytes() -> None:
    """One more school, another day or another name is another paper."""
    made = [
        offer(),
        offer(schools=schools(4)),
        offer(dated_on=dt.date(2026, 11, 25)),
        offer(signatories=(Signatory("Wiebe Wiersma", "bestuurder"),)),
        offer(covers_all_schools=False),
    ]
    assert len({offer_pdf(one)[0] for one in made}) == len(made)


def test_trap_17_every_letter_of_every_name_is_on_the_paper() -> None:
    """Typographic apostrophes, Polish, Welsh, Turkish, Czech, Frisian; and nothing is markup."""
    text = _flat("\n".join(page.extract_text() for page in _read(offer(schools=schools(8))).pages))
    for name in HARD_NAMES:
        assert _flat(name) in text, name
    assert _flat("Bas van ’t Buis-Çelik") in text


_LATIN = "".join(chr(code) for code in (*range(0x20, 0x7F), *range(0xA1, 0x180)) if code != 0xAD)


def test_the_letters_hold_all_of_latin_as_europe_writes_it() -> None:
    """Latin-1 and Latin Extended-A whole, with quotes and dashes: the names of DUO's list."""
    letters.require_all([_LATIN, "‘’‚“”„–—…•€ȘșȚțƒ"])


def test_a_letter_that_we_lack_is_said_and_not_drawn_as_a_box(workshop: Workshop) -> None:
    """An empty box in a name would be a name that nobody signed."""
    with pytest.raises(UnknownCharacter, match=r"U\+5B78"):
        letters.require_all(["學校"])
    strange = offer(signatories=(Signatory("學", "bestuurder"),))
    paper = workshop.offer(strange)
    assert (paper.state, paper.refusal) == (State.REFUSED, Refusal.UNKNOWN_CHARACTER)


@pytest.mark.soak
@settings(max_examples=often(10))
@given(st.text(_LATIN, max_size=200), st.integers(0, 57), st.booleans())
def test_any_name_and_any_number_of_schools_makes_a_paper(
    name: str, count: int, covers_all: bool
) -> None:
    """Long, empty or full of angle brackets: it is drawn, and reads back."""
    board = Party(name, "", "40001", "", "", "")
    made = offer(board=board, schools=schools(count), covers_all_schools=covers_all)
    content, pages = offer_pdf(made)
    assert len(PdfReader(io.BytesIO(content)).pages) == pages


def test_each_page_says_which_agreement_which_text_and_that_it_is_a_sample() -> None:
    """A page that comes loose is known, and nobody takes the sample for the model."""
    pages = _read(offer()).pages
    for number, page in enumerate(pages, 1):
        text = page.extract_text()
        assert f"Overeenkomst {AGREEMENT} · tekst {TEXT}" in text
        assert f"pagina {number} van {len(pages)}" in text
        assert "VOORBEELD" in text
        assert "Sample: an invented text" in text


def test_the_parts_stand_in_order() -> None:
    """The agreement, three annexes, the school overview and the sheet to sign, each on its page."""
    heads = [page.extract_text() for page in _read(offer()).pages]
    wanted = ("Verwerkersovereenkomst", "Bijlage 1", "Bijlage 2", "Bijlage 3")
    places = [
        next(at for at, text in enumerate(heads) if said in "".join(text.splitlines()[:6]))
        for said in (*wanted, "Scholenoverzicht", "Tekenblad")
    ]
    assert places == sorted(places)
    assert len(set(places)) == len(places)


def test_the_file_says_what_it_is() -> None:
    """Title, subject, maker and the day of the offer, in the file itself."""
    found = _read(offer()).metadata
    assert found
    assert found.title == "Verwerkersovereenkomst Stichting De Vlieger"
    assert AGREEMENT in str(found.subject)
    assert TEXT in str(found.subject)
    assert found.creation_date == dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)


def test_the_paper_can_be_read_aloud() -> None:
    """It has a language, a tree with headings and tables, and English is marked as English."""
    root: Any = _read(offer()).trailer["/Root"]
    assert root["/Lang"] == "nl-NL"
    assert root["/MarkInfo"]["/Marked"]
    roles: set[tuple[str, str]] = set()
    waiting: list[Any] = [root["/StructTreeRoot"]["/K"]]
    while waiting:
        element: Any = waiting.pop().get_object()
        if not isinstance(element, dict):
            continue
        roles.add((str(element["/S"])[1:], str(element.get("/Lang", ""))))
        waiting.extend(element["/K"])
    wanted = {("H1", "nl-NL"), ("H2", "nl-NL"), ("P", "nl-NL"), ("P", "en-GB"), ("TH", "nl-NL")}
    assert wanted | {("Table", ""), ("TR", ""), ("TD", "nl-NL")} <= roles


def test_each_text_of_the_house_is_whole() -> None:
    """Both languages have the same blocks, name known places only; the sample says so."""
    for version in agreement_texts.versions():
        text = agreement_texts.read(version)
        values = dict.fromkeys(agreement_texts.PLACES, "x")
        for part in text.parts:
            for block in part:
                whole = agreement_texts.filled(block, values, values)
                assert "$" not in whole.dutch + whole.english
        assert text.is_sample is version.startswith("sample-")
        assert len(text.parts) == 4
