"""Two hundred invented requests: honest, sloppy and forged, as facts for the checks."""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import replace

from onboarding import pdf_facts
from onboarding.account_request import Claim
from onboarding.likeness import hosts_of
from onboarding.request_checks import Facts
from schoolpoort.registry import Board, Location
from tests.onboarding.papers import WRONG_KINDS, pdf

TODAY = dt.date(2026, 11, 24)
_PEOPLE = (
    ("Sjoerd", "van ’t", "Hoff"), ("Zoë", "van der", "Poël"), ("Noor", "", "Bakker"),
    ("Jörgen", "de", "Wit"), ("Fatima", "", "El Amrani"), ("Wietske", "ter", "Schegget"),
    ("Renée", "", "Dubois"), ("Daan", "van den", "Ouden"), ("Ymkje", "", "Hoekstra"),
)  # fmt: skip
_TOWNS = (
    "wilgendam",
    "eschveen",
    "zonnedorp",
    "vliegerdam",
    "wraldsted",
    "molenwijk",
    "bergdrecht",
)
_KINDS = ("Openbare Basisschool", "Kindcentrum", "Jenaplanschool", "Christelijke Basisschool")
_NAMES = ("De Regenboog", "’t Kompas", "De Hoge Esch", "De Molenwiek", "Het Baken", "De Ster")


def honest(number: int) -> Facts:
    """Return a request in which everything is right, in one of the ways in which that is so."""
    chance = random.Random(number)
    town = _TOWNS[number % len(_TOWNS)]
    host = f"{town}scholen.nl"
    director, person = chance.sample(_PEOPLE, 2)
    brin = f"{chance.randrange(10, 99)}{chance.choice('ABCDEFGH')}{chance.choice('KLMNOP')}"
    board = Board(f"{10_000 + number}", f"Stg. Openb. Prim. Onderw. {town.title()}", town.upper())
    board = replace(board, website=f"www.{host}")
    name = f"{chance.choice(_KINDS)} {chance.choice(_NAMES)}"
    location = Location(
        "7", f"{brin}00", name, town.upper(), None, None, None, board.number, None, None
    )
    claim = Claim(
        board_name=f"Stichting Openbaar Primair Onderwijs {town.title()}",
        board_number=board.number,
        school_name=name,
        brin=brin,
        director_name=" ".join(part for part in director if part),
        director_function="directeur-bestuurder",
        director_address=f"{director[0][0].lower()}.directeur@{host}",
        first_name=person[0],
        name_prefix=person[1],
        surname=person[2],
        address=f"ict@{host}",
    )
    return Facts(
        claim=claim,
        today=TODAY,
        paper=pdf_facts.read(_paper(claim, chance)),
        board=board,
        location=location,
        is_changing=False,
        coverage=chance.choice(("covered_board", "uncovered", "pending")),
        coordinators=0,
        others=0,
        known_hosts=hosts_of([board.website]),
        authority=chance.choice(("sole", "")),
        mail_verdicts=chance.choice(("", "virus:pass spf:pass dkim:pass dmarc:pass")),
    )


def _paper(claim: Claim, chance: random.Random) -> bytes:
    text = f"Aanvraag {claim.brin} {claim.school_name}\n{claim.director_name}\n{claim.display_name}"
    if chance.random() < 1 / 4:
        return pdf()
    signed_on = (TODAY - dt.timedelta(days=chance.randrange(40))).strftime("%Y%m%d")
    return pdf(text, signed_on=signed_on if chance.random() < 1 / 2 else "")


def _with(change: Callable[[Facts], Facts]) -> Callable[[int], Facts]:
    return lambda number: change(honest(number))


def _claimed(facts: Facts, **changed: str) -> Facts:
    return replace(facts, claim=replace(facts.claim, **changed))  # type: ignore[arg-type]


def _host(facts: Facts) -> str:
    return next(iter(facts.known_hosts))


SLOPPY: tuple[Callable[[int], Facts], ...] = (
    _with(lambda facts: _claimed(facts, board_name=facts.claim.board_name.split()[-1])),
    _with(lambda facts: _claimed(facts, school_name="de school")),
    _with(lambda facts: _claimed(facts, address="juf.noor@gmail.com")),
    _with(lambda facts: _claimed(facts, location_code="07")),
    _with(lambda facts: replace(facts, paper=None)),
    _with(lambda facts: replace(facts, paper=pdf_facts.read(pdf("99ZZ een andere school")))),
)
"""What people forget or mistype."""

FORGED: dict[str, Callable[[int], Facts]] = {
    "a letter of the domain is another": _with(
        lambda facts: _claimed(facts, address=f"ict@{_host(facts).replace('scholen', 'schoien')}")
    ),
    "a nought for an o": _with(
        lambda facts: _claimed(
            facts, director_address=f"d@{_host(facts).replace('scholen', 'sch0len')}"
        )
    ),
    "rn for m": _with(
        lambda facts: _claimed(facts, address=f"ict@{_host(facts).replace('l', '1', 1)}")
    ),
    "a hyphen in the domain": _with(
        lambda facts: _claimed(facts, address=f"ict@{_host(facts).replace('scholen', '-scholen')}")
    ),
    "another end of the domain": _with(
        lambda facts: _claimed(facts, address=f"ict@{_host(facts).replace('.nl', '.net')}")
    ),
    "a domain of letters of elsewhere": _with(
        lambda facts: _claimed(facts, address="ict@xn--wilgendmscholen-ckb.nl")
    ),
    "a free address for the director": _with(
        lambda facts: _claimed(facts, director_address="bestuurder@gmail.com")
    ),
    "a domain of his own": _with(
        lambda facts: _claimed(
            facts, address="ict@snel-ingelogd.example", director_address="d@snel-ingelogd.example"
        )
    ),
    "the board of another school": _with(
        lambda facts: replace(facts, location=replace(facts.location, board_number="99999"))  # type: ignore[type-var]
    ),
    "a school that is closed": _with(
        lambda facts: replace(facts, location=replace(facts.location, closed_on="2026-08-01"))  # type: ignore[type-var]
    ),
    "a board that is not": _with(lambda facts: replace(facts, board=None)),
    "a school that is not": _with(lambda facts: replace(facts, location=None)),
    "a school that has a coordinator": _with(lambda facts: replace(facts, coordinators=2)),
    "a paper of another school": _with(
        lambda facts: replace(
            facts, paper=pdf_facts.read(pdf("Aanvraag 99ZZ", signed_on="20261120"))
        )
    ),
    "a paper that runs": _with(
        lambda facts: replace(facts, paper=pdf_facts.read(WRONG_KINDS["a file that runs"]))
    ),
    "no paper but a page": _with(
        lambda facts: replace(facts, paper=pdf_facts.read(WRONG_KINDS["a web page"]))
    ),
    "a signature of tomorrow": _with(
        lambda facts: replace(
            facts, paper=pdf_facts.read(pdf(facts.claim.brin, signed_on="20270301"))
        )
    ),
    "an old signature": _with(
        lambda facts: replace(
            facts, paper=pdf_facts.read(pdf(facts.claim.brin, signed_on="20250301"))
        )
    ),
    "a mail that is not of whom it says": _with(
        lambda facts: replace(facts, mail_verdicts="spf:fail dkim:none dmarc:fail")
    ),
    "another name for the board": _with(
        lambda facts: _claimed(facts, board_name="Onderwijsgroep Zuid")
    ),
    "the director in both roles": _with(
        lambda facts: _claimed(facts, address=facts.claim.director_address)
    ),
}
"""What attackers do, by its name."""


def all_cases(count: int = 200) -> dict[str, list[Facts]]:
    """Return so many requests, by what they are."""
    cases: dict[str, list[Facts]] = {"honest": [], "sloppy": [], "forged": []}
    forgeries = list(FORGED.values())
    for number in range(count):
        kind = ("honest", "sloppy", "forged")[number % 3]
        if kind == "honest":
            cases[kind].append(honest(number))
        else:
            made = SLOPPY if kind == "sloppy" else forgeries
            cases[kind].append(made[number // 3 % len(made)](number))
    return cases
