"""What is told and what is written down about it."""

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from schoolpoort.rosters import GroupMembership, Person
from sso import claims, ledger
from sso.release_gate import BASE_FIELDS, OPTIONAL_FIELDS
from tests.sso.test_grants import GRANT, NOW

PERSON = Person(
    person_id="77",
    kind="staff",
    given_name="Noor",
    prefix="de",
    surname="Wit",
    year_group=None,
    address="noor@wilgenhof.example",
    roles_in_las=("Leerkracht",),
    groups=(GroupMembership("501", "5 Rood", "5"),),
    active=True,
)


@given(st.frozensets(st.sampled_from([*BASE_FIELDS, *OPTIONAL_FIELDS])))
def test_userinfo_tells_the_granted_fields_and_no_other(fields: frozenset[str]) -> None:
    """The names of the claims are exactly the fields of the grant."""
    grant = dataclasses.replace(GRANT, fields=tuple(sorted(fields)))
    assert set(claims.of_userinfo(grant, subject="s", person=PERSON)) == fields


def test_an_id_token_never_names_a_person_or_group() -> None:
    """Whatever is granted, the token holds the base fields and the facts of the sign-in."""
    grant = dataclasses.replace(GRANT, fields=(*BASE_FIELDS, *OPTIONAL_FIELDS))
    told = claims.of_id_token(grant, subject="s", issuer="https://poort.example", now_epoch_s=NOW)
    assert told == {
        "iss": "https://poort.example",
        "aud": "rekenrijk",
        "iat": NOW,
        "exp": NOW + 300,
        "auth_time": NOW - 30,
        "acr": "urn:schoolpoort:acr:password",
        "amr": ["pwd"],
        "sub": "s",
        "role": "teacher",
        "school_ref": "42",
        "nonce": "n",
    }


def test_a_nonce_that_was_not_sent_is_not_made_up() -> None:
    """Without a nonce in the request there is none in the token."""
    grant = dataclasses.replace(GRANT, nonce=None)
    told = claims.of_id_token(grant, subject="s", issuer="i", now_epoch_s=NOW)
    assert "nonce" not in told


def test_who_has_left_the_roster_has_no_name_to_tell() -> None:
    """A person whom the school no longer has, or never had, is told of without name and groups."""
    grant = dataclasses.replace(GRANT, fields=(*BASE_FIELDS, *OPTIONAL_FIELDS))
    left = dataclasses.replace(PERSON, active=False)
    assert set(claims.of_userinfo(grant, subject="s", person=left)) == set(BASE_FIELDS)
    assert set(claims.of_userinfo(grant, subject="s", person=None)) == set(BASE_FIELDS)


def _row(now_epoch_s: int, publisher: str = "rekenrijk", new_id: str = "5") -> dict[str, object]:
    grant = dataclasses.replace(GRANT, client_id=publisher)
    return ledger.item(
        grant,
        new_id=new_id,
        publisher_name=publisher.title(),
        agreement_id="900",
        now_epoch_s=now_epoch_s,
    )


@given(st.lists(st.integers(0, 9_000_000_000), min_size=2, max_size=6))
def test_rows_sort_by_time(moments: list[int]) -> None:
    """The order of the keys is the order of the releases."""
    keys = [str(_row(moment)["entry_key"]) for moment in sorted(moments)]
    assert keys == sorted(keys)


def test_a_row_names_fields_and_no_values() -> None:
    """The ledger says that a first name left, never which."""
    row = _row(NOW)
    assert row["fields"] == ["sub", "role", "school_ref", "given_name"]
    assert "Noor" not in repr(row)
    assert row["agreement_ids"] == ["900"]
    assert row["why"] == "sign_on"


def test_the_page_groups_by_publisher_latest_first() -> None:
    """Each publisher stands once, with every field it ever heard in the list."""
    rows = [_row(NOW + 2, "leeshoek"), _row(NOW + 1), _row(NOW)]
    rows[2]["fields"] = ["sub", "groups"]
    shared = ledger.by_publisher([ledger.of_item(row) for row in rows])
    assert [party.publisher_name for party in shared] == ["Leeshoek", "Rekenrijk"]
    assert shared[1].fields == ("sub", "role", "school_ref", "given_name", "groups")
    assert len(shared[1].entries) == 2
