"""The checks: no honest request is red, and every forged one shows something of its own."""

import pytest

from onboarding import likeness, request_checks
from onboarding.request_checks import Check, Facts, Verdict
from tests.onboarding.request_cases import FORGED, all_cases, honest

_CODES = [f"C{number:02d}" for number in range(1, 21)]


def _telling(facts: Facts) -> list[Check]:
    """Return what is red or amber about this request, and not about all."""
    checks = request_checks.run(facts)
    return [one for one in checks if one.verdict is not Verdict.GREEN and not one.is_always]


def test_no_honest_request_is_red() -> None:
    """Of two hundred requests a third is honest: amber may be, red may not."""
    cases = all_cases()
    assert sum(len(found) for found in cases.values()) == 200
    for facts in cases["honest"]:
        assert [one for one in _telling(facts) if one.verdict is Verdict.RED] == []


def test_every_forged_request_shows_something_of_its_own() -> None:
    """More than an honest request with the same school and paper would show."""
    for facts in all_cases()["forged"]:
        assert _telling(facts) != []


@pytest.mark.parametrize("kind", FORGED)
def test_each_forgery_is_seen(kind: str) -> None:
    """What an honest twin does not have is red or amber, whatever number it is."""
    for number in range(12):
        twin = {(one.code, one.reason) for one in _telling(honest(number))}
        own = {(one.code, one.reason) for one in _telling(FORGED[kind](number))}
        assert own - twin, kind


def test_all_twenty_are_there_in_order() -> None:
    """An honest request has an answer to each check."""
    assert [one.code for one in request_checks.run(honest(3))] == _CODES


def test_what_nobody_validated_is_amber_for_all() -> None:
    """C05 to C08 wait for another function, and say so."""
    found = {one.code: one for one in request_checks.run(honest(1))}
    for code in ("C05", "C06", "C07", "C08"):
        assert (found[code].verdict, found[code].is_always) == (Verdict.AMBER, True)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (
            "Stg. Openb. Prim. Onderw. Wilgendam",
            "Stichting Openbaar Primair Onderwijs Wilgendam",
            1,
        ),
        ("Vereniging De Hoge Esch", "vereniging de hoge esch", 1),
        ("Vereniging De Hoge Esch", "Stichting Kindcentra Zonneveld", 0),
        ("", "Stichting", 0),
    ],
)
def test_duos_abbreviations_are_the_same_name(one: str, other: str, alike: int) -> None:
    """A board writes itself in full, DUO does not."""
    assert (likeness.names(one, other) >= 0.9) is bool(alike)


@pytest.mark.parametrize(
    ("host", "mimics"),
    [
        ("wilgendam.nl", False),
        ("wilgendarn.nl", True),
        ("wi1gendam.nl", True),
        ("wilgen-dam.nl", True),
        ("wilgendan.nl", True),
        ("zonneveld.nl", False),
        ("gmail.com", False),
        ("xn--wilgendm-1za.nl", True),
    ],
)
def test_a_domain_that_only_looks_like_the_boards(host: str, *, mimics: bool) -> None:
    """One letter, a hyphen, letters that look alike, or letters of elsewhere."""
    assert (likeness.mimicked(host, ["wilgendam.nl"]) is not None) is mimics


@pytest.mark.parametrize(
    ("place", "host"),
    [
        ("Noor@Mail.Wilgendam.NL", "wilgendam.nl"),
        ("www.wilgendam.nl", "wilgendam.nl"),
        ("https://wilgendam.nl/over", "wilgendam.nl"),
        ("geen", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_where_an_address_or_a_website_stands(place: str, host: str) -> None:
    """Only the last two names count."""
    assert likeness.host_of(place) == host
