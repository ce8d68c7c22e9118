"""The release gate: nothing leaves that not everybody allows."""

import dataclasses
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schoolpoort import authority
from sso.release_gate import (
    BASE_FIELDS,
    OPTIONAL_FIELDS,
    Reason,
    Refusal,
    Release,
    Situation,
    decide,
)

OPEN = Situation(
    session_kind="staff",
    roles=frozenset({"teacher"}),
    is_covered=True,
    is_declared=True,
    linked_fields=frozenset({"given_name", "groups"}),
    needed_fields=frozenset({"given_name", "groups"}),
)

_FIELDS = st.frozensets(
    st.sampled_from([*BASE_FIELDS, *OPTIONAL_FIELDS, "surname", "eckid", "address", "bsn"])
)
_SITUATIONS = st.builds(
    Situation,
    session_kind=st.sampled_from(["staff", "pupil", "home", ""]),
    roles=st.frozensets(st.sampled_from(get_args(authority.Role))),
    is_covered=st.booleans(),
    is_declared=st.booleans(),
    linked_fields=st.none() | _FIELDS,
    needed_fields=_FIELDS,
)


def test_what_all_allow_leaves() -> None:
    """With every party's yes the base fields and the needed, linked fields leave."""
    assert decide(OPEN) == Release("teacher", (*BASE_FIELDS, "given_name", "groups"))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"roles": frozenset()}, Reason.NO_ROLE),
        ({"roles": frozenset({"board", "helpdesk"})}, Reason.NO_ROLE),
        ({"session_kind": "pupil"}, Reason.NO_ROLE),
        ({"is_covered": False}, Reason.NO_AGREEMENT),
        ({"is_declared": False}, Reason.NO_DECLARATION),
        ({"linked_fields": None}, Reason.NO_LINK),
    ],
)
def test_each_party_alone_can_refuse(change: dict[str, object], reason: Reason) -> None:
    """One missing yes is enough, and the refusal says whose it is."""
    assert decide(dataclasses.replace(OPEN, **change)) == Refusal(reason)  # type: ignore[arg-type]


def test_the_reason_told_first_is_the_one_that_must_be_solved_first() -> None:
    """Without agreement, declaration and link the agreement is what the person hears of."""
    nothing = dataclasses.replace(OPEN, is_covered=False, is_declared=False, linked_fields=None)
    assert decide(nothing) == Refusal(Reason.NO_AGREEMENT)


def test_a_link_of_before_a_new_need_does_not_release_it() -> None:
    """What a publisher asks for after the school made the link stays here."""
    before = dataclasses.replace(OPEN, linked_fields=frozenset({"given_name"}))
    assert decide(before) == Release("teacher", (*BASE_FIELDS, "given_name"))


def test_what_the_publisher_needs_no_longer_stays_here() -> None:
    """A link does not release what the publisher stopped asking for."""
    less = dataclasses.replace(OPEN, needed_fields=frozenset())
    assert decide(less) == Release("teacher", BASE_FIELDS)


def test_a_coordinator_who_teaches_is_told_as_a_teacher() -> None:
    """Of two roles the publisher hears the one that the app is for."""
    both = dataclasses.replace(OPEN, roles=frozenset({"ict_coordinator", "teacher"}))
    assert decide(both) == Release("teacher", (*BASE_FIELDS, "given_name", "groups"))
    trainee = dataclasses.replace(OPEN, roles=frozenset({"trainee", "teacher"}))
    assert decide(trainee) == decide(both)
    alone = dataclasses.replace(OPEN, roles=frozenset({"ict_coordinator"}))
    assert isinstance(decide(alone), Release)
    assert decide(alone).role == "ict_coordinator"  # type: ignore[union-attr]


@given(_SITUATIONS)
def test_no_field_leaves_that_not_all_allow(situation: Situation) -> None:
    """In every situation: base fields, and of the others only what is known, needed and linked."""
    outcome = decide(situation)
    if isinstance(outcome, Refusal):
        return
    extra = set(outcome.fields) - set(BASE_FIELDS)
    assert extra <= set(OPTIONAL_FIELDS)
    assert extra <= situation.needed_fields
    assert extra <= (situation.linked_fields or frozenset())
    assert outcome.role in situation.roles
    assert len(set(outcome.fields)) == len(outcome.fields)


@given(_SITUATIONS)
def test_a_release_needs_every_yes(situation: Situation) -> None:
    """In every situation: a release exactly when role, agreement, declaration and link stand."""
    everybody = (
        situation.session_kind == "staff"
        and bool(situation.roles & frozenset(authority.CLASS_ROLES))
        and situation.is_covered
        and situation.is_declared
        and situation.linked_fields is not None
    )
    assert isinstance(decide(situation), Release) == everybody


@given(_SITUATIONS, st.sampled_from(["is_covered", "is_declared"]))
def test_taking_a_yes_away_never_releases_more(situation: Situation, name: str) -> None:
    """A party that says no can only close the gate."""
    changes: dict[str, bool] = {name: False}
    assert isinstance(decide(dataclasses.replace(situation, **changes)), Refusal)  # type: ignore[arg-type]
