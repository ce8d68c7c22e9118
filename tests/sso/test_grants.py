"""Codes and access tokens: short, hashed, bound to who asked for them."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sso import authorization_request, grants
from sso.errors import TokenRefused
from sso.grants import Grant
from sso.registration import Publisher
from tests.sso.test_authorization_request import RIGHT
from tests.sso.world import CALLBACK, PUBLISHER, VERIFIER, challenge_of

NOW = 1_790_000_000
CODE = "c" * 43
GRANT = Grant(
    client_id=PUBLISHER,
    account_id="7",
    school_id="42",
    person_id="77",
    role="teacher",
    fields=("sub", "role", "school_ref", "given_name"),
    nonce="n",
    authenticated_at_epoch_s=NOW - 30,
)


def _item(publisher: Publisher) -> dict[str, object]:
    asked = authorization_request.read(RIGHT, publisher, CALLBACK)
    return grants.code_item(CODE, GRANT, asked, now_epoch_s=NOW)


def _redeem(item: dict[str, object], **changes: object) -> Grant:
    presented: dict[str, object] = {
        "client_id": PUBLISHER,
        "redirect_uri": CALLBACK,
        "verifier": VERIFIER,
        "now_epoch_s": NOW + 59,
        **changes,
    }
    return grants.check_redemption(item, **presented)  # type: ignore[arg-type]


def test_a_code_brings_exactly_what_was_granted(publisher: Publisher) -> None:
    """What comes out of the table is what went in, to the last second."""
    assert _redeem(_item(publisher)) == GRANT
    assert grants.of_item(grants.access_token_item("t", GRANT, now_epoch_s=NOW)) == GRANT


def test_neither_code_nor_access_token_is_stored(publisher: Publisher) -> None:
    """A copy of the table redeems nothing: it holds hashes and no name of a person."""
    stored = repr(_item(publisher)) + repr(grants.access_token_item("t" * 43, GRANT, now_epoch_s=1))
    assert CODE not in stored
    assert "t" * 43 not in stored
    assert VERIFIER not in stored


def test_a_code_lives_a_minute_and_is_remembered_longer(publisher: Publisher) -> None:
    """The code ends after 60 s; its item stays as long as a token bought with it may live."""
    item = _item(publisher)
    assert item["redeemable_until_epoch_s"] == NOW + 60
    assert item["expires_at_epoch_s"] == NOW + 60 + grants.ACCESS_TOKEN_LIFE_S
    assert grants.CODE_LIFE_S <= 60
    assert grants.ACCESS_TOKEN_LIFE_S == 600


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"now_epoch_s": NOW + 60}, "code_expired"),
        ({"client_id": "leeshoek"}, "code_of_another_client"),
        ({"redirect_uri": CALLBACK + "/"}, "redirect_uri_differs"),
        ({"redirect_uri": ""}, "redirect_uri_differs"),
        ({"verifier": VERIFIER[:-1] + "x"}, "code_verifier_wrong"),
        ({"verifier": ""}, "code_verifier_wrong"),
        ({"verifier": challenge_of(VERIFIER)}, "code_verifier_wrong"),
    ],
)
def test_a_code_in_the_wrong_hands_is_worth_nothing(
    publisher: Publisher, changes: dict[str, object], reason: str
) -> None:
    """Too late, another client, another address or another verifier: invalid_grant."""
    with pytest.raises(TokenRefused) as refused:
        _redeem(_item(publisher), **changes)
    assert (refused.value.error, refused.value.reason) == ("invalid_grant", reason)


def test_the_example_of_the_rfc_holds() -> None:
    """The verifier and challenge of RFC 7636, appendix B, belong together."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert grants.answers_challenge(verifier, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")


@given(st.text(max_size=140), st.text("abcXYZ019-_", min_size=43, max_size=43))
def test_no_other_text_answers_a_challenge(verifier: str, challenge: str) -> None:
    """A text answers only the challenge that is its hash, and only in the allowed alphabet."""
    allowed = 43 <= len(verifier) <= 128 and verifier.isascii()
    expected = allowed and challenge_of(verifier) == challenge
    assert grants.answers_challenge(verifier, challenge) == expected


def test_plain_answers_nothing() -> None:
    """The challenge itself, sent as verifier, is no answer (method plain)."""
    assert not grants.answers_challenge(challenge_of(VERIFIER), challenge_of(VERIFIER))


def test_codes_and_tokens_cannot_be_swapped() -> None:
    """The same text as a code and as a token names two items."""
    assert grants.code_key(CODE) != grants.access_token_key(CODE)


def test_a_grant_without_nonce_or_person_survives_the_table(publisher: Publisher) -> None:
    """What is absent stays absent."""
    bare = dataclasses.replace(GRANT, nonce=None, person_id=None)
    assert grants.of_item(grants.access_token_item("t", bare, now_epoch_s=NOW)) == bare
