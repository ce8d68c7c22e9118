"""Forms say what is wrong with each field, and take what Dutch boards really are."""

import datetime as dt

import pytest

from dpa import forms, parties

_TODAY = dt.date(2026, 11, 24)
_AGREEMENT = {
    "board_number": "40001",
    "model": "4.0",
    "evidence": "scan",
    "signatory": "Sjoerdtsje Łukasz-’t Hoen",
    "reference": "VO-2024-001",
    "effective_from": "2024-08-01",
}
_DECLARATION = {"party_id": "rekenrijk", "signed_on": "2024-08-01", "valid_until": ""}
_PUBLISHERS = {"rekenrijk": "Rekenrijk"}


def _agreement_errors(**changes: str) -> dict[str, str]:
    return dict(forms.read_agreement({**_AGREEMENT, **changes}, today=_TODAY).errors)


def _declaration_errors(**changes: str) -> dict[str, str]:
    fields = {**_DECLARATION, **changes}
    return dict(forms.read_declaration(fields, _PUBLISHERS, today=_TODAY).errors)


def test_a_whole_form_has_no_errors() -> None:
    """Names with an apostrophe, a stroke and Frisian letters are names."""
    form = forms.read_agreement(_AGREEMENT, today=_TODAY)
    assert form.errors == {}
    assert form.signatory == "Sjoerdtsje Łukasz-’t Hoen"
    assert form.effective_from == dt.date(2024, 8, 1)


def test_an_empty_form_names_every_field() -> None:
    """Nothing is assumed."""
    assert set(forms.read_agreement({}, today=_TODAY).errors) == set(_AGREEMENT)


@pytest.mark.parametrize(
    "number", ["", "4001", "400011", "4000a", "٤٠٠٠١", "²0001", "4 001", "-0001"]
)
def test_a_board_number_is_five_plain_digits(number: str) -> None:
    """Digits of other scripts are no board number."""
    assert _agreement_errors(board_number=number) == {"board_number": "five_digits"}


def test_a_board_number_keeps_its_leading_zero_and_loses_its_blanks() -> None:
    """It is text, not a number."""
    form = forms.read_agreement({**_AGREEMENT, "board_number": " 04002 "}, today=_TODAY)
    assert form.board_number == "04002"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("model", "5.0", "choose"),
        ("model", "", "choose"),
        ("evidence", "word of honour", "choose"),
        ("signatory", " ", "text"),
        ("signatory", "x" * 121, "text"),
        ("signatory", "Bas\x00Buis", "text"),
        ("reference", "", "text"),
        ("reference", "one\ntwo", "text"),
        ("effective_from", "", "date"),
        ("effective_from", "1 augustus", "date"),
        ("effective_from", "2024-02-30", "date"),
        ("effective_from", "2014-12-31", "date"),
        ("effective_from", "0001-01-01", "date"),
        ("effective_from", "2028-11-27", "date"),
        ("effective_from", "9999-12-31", "date"),
    ],
)
def test_each_field_is_refused_by_itself(field: str, value: str, code: str) -> None:
    """One error for one fault, at its field."""
    assert _agreement_errors(**{field: value}) == {field: code}


@pytest.mark.parametrize("day", ["2015-01-01", "2027-08-01", "2028-11-25"])
def test_days_from_2015_to_two_years_ahead_are_taken(day: str) -> None:
    """A board that starts next August signs this spring."""
    assert _agreement_errors(effective_from=day) == {}


@pytest.mark.parametrize(
    ("party_id", "party_name"), [("rekenrijk", "Rekenrijk"), ("las:parnassys", "ParnasSys")]
)
def test_a_known_party_brings_its_own_name(party_id: str, party_name: str) -> None:
    """What was typed as a name does not count for a party that we know."""
    fields = {**_DECLARATION, "party_id": party_id, "party_name": "Iets anders"}
    form = forms.read_declaration(fields, _PUBLISHERS, today=_TODAY)
    assert (form.party_id, form.party_name, form.errors) == (party_id, party_name, {})


def test_another_party_is_named_and_found_again_by_its_name() -> None:
    """The same name in other letters and with other spaces is the same party."""
    found = {
        forms.read_declaration(
            {**_DECLARATION, "party_id": "other", "party_name": name}, _PUBLISHERS, today=_TODAY
        ).party_id
        for name in ("Klasnet BV", " klasnet   bv ", "KLASNET BV")
    }
    assert len(found) == 1
    assert found.isdisjoint({parties.id_of_name("Klasnet Plus BV"), "other"})


def test_a_named_party_never_passes_for_a_publisher() -> None:
    """Whoever types a publisher's id as a name opens nothing with it."""
    fields = {**_DECLARATION, "party_id": "other", "party_name": "rekenrijk"}
    form = forms.read_declaration(fields, _PUBLISHERS, today=_TODAY)
    assert form.party_id not in _PUBLISHERS


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"party_id": ""}, {"party_id": "choose"}),
        ({"party_id": "unknown"}, {"party_id": "choose"}),
        ({"party_id": "las:unknown"}, {"party_id": "choose"}),
        ({"party_id": "other"}, {"party_name": "text"}),
        ({"party_id": "other", "party_name": "x" * 121}, {"party_name": "text"}),
        ({"signed_on": ""}, {"signed_on": "date"}),
        ({"signed_on": "2026-11-25"}, {"signed_on": "date"}),
        ({"signed_on": "2014-12-31"}, {"signed_on": "date"}),
        ({"valid_until": "2024-08-01"}, {"valid_until": "date"}),
        ({"valid_until": "2024-07-31"}, {"valid_until": "date"}),
        ({"valid_until": "soon"}, {"valid_until": "date"}),
        ({"signed_on": "soon", "valid_until": "2027-08-01"}, {"signed_on": "date"}),
        ({"signed_on": "2026-11-24", "valid_until": "2026-11-25"}, {}),
    ],
)
def test_a_declaration_is_checked_field_by_field(
    changes: dict[str, str], expected: dict[str, str]
) -> None:
    """Signed today is fine, signed tomorrow is not; an end comes after the signature."""
    assert _declaration_errors(**changes) == expected
