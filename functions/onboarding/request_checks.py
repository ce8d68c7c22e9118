"""The checks C01 to C20 of a request: green, amber or red, each with what it rests on.

A check never decides: red only stops the short way, and people read the rest. C05 to C08 are
about the cryptography of a signature, which another function looks at; until then they are amber
for everybody, and marked so, lest they drown what is special about one request.
"""

import datetime as dt
import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from onboarding import likeness
from onboarding.pdf_facts import PdfFacts
from onboarding.registry_spelling import folded_words
from schoolpoort.registry import Board, Location

if TYPE_CHECKING:
    from onboarding.account_request import Claim

_ALIKE, _HARDLY_ALIKE = 0.9, 0.6
_MOST_PAGES = 20
_SIGNED_WITHIN = dt.timedelta(days=60)
_JOINT = 2
_ANY_BRIN = re.compile(r"\b[0-9]{2}[A-Z]{2}\b")


class Verdict(enum.StrEnum):
    """What a check says."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Check:
    """A verdict; `reason` names the sentence that people read, `evidence` what it rests on."""

    code: str
    verdict: Verdict
    reason: str
    evidence: str = ""
    is_always: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the checks look at, gathered beforehand.

    `known_hosts` are the domains of the board and its schools as DUO lists them, and of the address
    that the helpdesk found for the board. `authority` is "sole", "joint" or nothing.
    """

    claim: "Claim"
    today: dt.date
    paper: PdfFacts | None
    board: Board | None
    location: Location | None
    is_changing: bool
    coverage: str
    coordinators: int
    others: int
    known_hosts: frozenset[str]
    authority: str
    mail_verdicts: str


def run(facts: Facts) -> tuple[Check, ...]:
    """Return all checks, in order."""
    return tuple(sorted((*_of_paper(facts), *_of_school(facts), *_of_people(facts)), key=_code))


def _code(check: Check) -> str:
    return check.code


def _green(code: str, reason: str, evidence: str = "") -> Check:
    return Check(code, Verdict.GREEN, reason, evidence)


def _amber(code: str, reason: str, evidence: str = "", *, always: bool = False) -> Check:
    return Check(code, Verdict.AMBER, reason, evidence, always)


def _red(code: str, reason: str, evidence: str = "") -> Check:
    return Check(code, Verdict.RED, reason, evidence)


def _of_paper(facts: Facts) -> Iterator[Check]:
    paper = facts.paper
    if paper is None:
        yield _red("C01", "paper_missing")
        return
    if not paper.is_pdf or not paper.is_whole:
        yield _red("C01", "no_pdf" if not paper.is_pdf else "pdf_broken", paper.sha256[:16])
    elif paper.is_encrypted:
        yield _red("C01", "pdf_locked")
    else:
        yield _green("C01", "pdf_reads", paper.sha256[:16])
    if paper.is_active or "virus:fail" in facts.mail_verdicts:
        yield _red("C02", "pdf_active")
    else:
        yield _green("C02", "pdf_quiet")
    yield _pages(paper)
    yield from _signatures(facts, paper)
    yield _text(facts, paper)


def _pages(paper: PdfFacts) -> Check:
    if paper.pages > _MOST_PAGES:
        return _amber("C03", "many_pages", str(paper.pages))
    if not paper.text:
        return _amber("C03", "scan", str(paper.pages))
    return _green("C03", "pages", str(paper.pages))


def _signatures(facts: Facts, paper: PdfFacts) -> Iterator[Check]:
    count = paper.signatures
    is_digital = count > 0
    if is_digital:
        yield _green("C04", "signed_digitally", str(count))
    else:
        yield _amber("C04", "signed_by_hand", always=True)
    reason = "not_validated" if is_digital else "nothing_to_validate"
    for code in ("C05", "C06", "C07", "C08"):
        yield _amber(code, reason, always=True)
    yield _moment(facts.today, paper)
    if facts.authority == "joint" and count < _JOINT:
        yield _amber("C10", "two_must_sign", str(count))
    elif facts.authority:
        yield _green("C10", "enough_signed", str(count))
    else:
        yield _amber("C10", "authority_unknown", always=True)


def _moment(today: dt.date, paper: PdfFacts) -> Check:
    signed_on = paper.signed_on
    if signed_on is None:
        return _amber("C09", "moment_unknown", always=True)
    told = signed_on.isoformat()
    if signed_on > today + dt.timedelta(days=1):
        return _red("C09", "signed_ahead", told)
    if today - signed_on > _SIGNED_WITHIN:
        return _amber("C09", "signed_long_ago", told)
    return _green("C09", "signed_lately", told)


def _text(facts: Facts, paper: PdfFacts) -> Check:
    if not paper.text:
        return _amber("C20", "text_unreadable", always=True)
    claim, upper = facts.claim, paper.text.upper()
    others = set(_ANY_BRIN.findall(upper)) - {claim.brin}
    if claim.brin and claim.brin not in upper:
        return (
            _red("C20", "other_brin", " ".join(sorted(others)))
            if others
            else _amber("C20", "text_lacks", claim.brin)
        )
    words = set(folded_words(paper.text))
    wanted = [claim.director_name, claim.surname]
    lacking = [name for name in wanted if not set(folded_words(name)[-1:]) <= words]
    if lacking:
        return _amber("C20", "text_lacks", ", ".join(lacking))
    return _green("C20", "text_agrees")


def _of_school(facts: Facts) -> Iterator[Check]:
    claim, location, board = facts.claim, facts.location, facts.board
    if claim.variant == "abroad" and location is None:
        yield _amber("C11", "abroad", claim.country)
    elif board is None:
        yield _red("C11", "board_unknown", claim.board_number)
    elif location is None:
        yield _red("C11", "school_unknown", claim.brin6)
    elif location.board_number != claim.board_number:
        yield _red("C11", "other_board", location.board_number)
    else:
        yield _green("C11", "codes_agree", f"{claim.board_number} {claim.brin6}")
    if board is not None:
        yield _board_name(claim.board_name, board.name)
    if location is not None:
        yield from _open(facts, location)
    if facts.coverage in {"covered_board", "covered_school", "pending"}:
        yield _green("C15", "covered" if facts.coverage != "pending" else "agreement_pending")
    else:
        yield _amber("C15", "not_covered")
    yield _coordinators(facts)
    if facts.others:
        yield _amber("C17", "other_requests", str(facts.others))
    else:
        yield _green("C17", "only_request")


def _board_name(typed: str, listed: str) -> Check:
    score = likeness.names(typed, listed)
    if score >= _ALIKE:
        return _green("C12", "name_agrees", listed)
    if score >= _HARDLY_ALIKE:
        return _amber("C12", "name_differs", listed)
    return _red("C12", "other_name", listed)


def _open(facts: Facts, location: Location) -> Iterator[Check]:
    score = likeness.names(facts.claim.school_name, location.name)
    closed = location.closed_on
    if closed is not None and closed <= facts.today.isoformat():
        yield _red("C13", "school_closed", closed)
    elif score < _HARDLY_ALIKE:
        yield _amber("C13", "other_school_name", location.name)
    else:
        yield _green("C13", "school_open", location.name)
    if facts.is_changing or closed is not None:
        yield _amber("C14", "school_changing", closed or "")
    else:
        yield _green("C14", "school_stays")


def _coordinators(facts: Facts) -> Check:
    if not facts.coordinators:
        return _green("C16", "no_coordinator")
    if facts.claim.coordinator_gone:
        return _amber("C16", "coordinator_gone", str(facts.coordinators))
    return _red("C16", "coordinator_there", str(facts.coordinators))


def _of_people(facts: Facts) -> Iterator[Check]:
    claim = facts.claim
    if claim.address and claim.address == claim.director_address:
        yield _amber("C18", "same_person", likeness.host_of(claim.address))
    elif "dmarc:fail" in facts.mail_verdicts:
        yield _red("C18", "mail_not_proven", facts.mail_verdicts)
    else:
        yield _host("C18", claim.address, facts.known_hosts)
    yield _host("C19", claim.director_address, facts.known_hosts)


def _host(code: str, address: str, known: frozenset[str]) -> Check:
    host = likeness.host_of(address)
    if host in known:
        return _green(code, "host_known", host)
    mimicked = likeness.mimicked(host, known)
    if mimicked is not None:
        return _red(code, "host_mimics", f"{host} / {mimicked}")
    if likeness.is_free_mail(host):
        return _amber(code, "host_free", host)
    return _amber(code, "host_unknown", f"{host} / {', '.join(sorted(known)) or '-'}")
