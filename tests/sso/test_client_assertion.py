"""A publisher's server proves who it is with its own key, once, and shortly."""

import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from infra.local.stand_ins import publisher as stand_in
from infra.local.stand_ins.publisher_registry import client_key
from sso import client_assertion, registration
from sso.client_assertion import Assertion
from sso.errors import TokenRefused
from sso.registration import Publisher
from tests.sso.world import PUBLISHER, SITE

NOW = 1_790_000_000
AUDIENCES = {"https://poort.example", "https://poort.example/oauth2/token"}
KID = f"{PUBLISHER}-1"


def _claims(**changes: Any) -> dict[str, Any]:
    claims = {
        "iss": PUBLISHER,
        "sub": PUBLISHER,
        "aud": "https://poort.example/oauth2/token",
        "jti": "once",
        "iat": NOW,
        "exp": NOW + 60,
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def _signed(slug: str = PUBLISHER, header: dict[str, Any] | None = None, **changes: Any) -> str:
    pem = client_key(slug).as_pem(private=True)
    headers = {"kid": KID} if header is None else header
    return jwt.encode(_claims(**changes), pem, algorithm="ES256", headers=headers)


def _verify(publisher: Publisher, assertion: str) -> Assertion:
    return client_assertion.verify(assertion, publisher, audiences=AUDIENCES, now_epoch_s=NOW)


def _reason(publisher: Publisher, assertion: str) -> str:
    with pytest.raises(TokenRefused) as refused:
        _verify(publisher, assertion)
    assert refused.value.error == "invalid_client"
    return refused.value.reason


def _part(value: Any) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def test_a_right_proof_holds(publisher: Publisher) -> None:
    """The client, the id of the proof and its end are read from it."""
    assert client_assertion.claimed_client_id(_signed()) == PUBLISHER
    assert _verify(publisher, _signed()) == Assertion(PUBLISHER, "once", NOW + 60)


@pytest.mark.parametrize("audience", [*sorted(AUDIENCES), ["https://poort.example"]])
def test_the_proof_may_name_us_in_two_ways(publisher: Publisher, audience: Any) -> None:
    """The issuer and the token endpoint are both our name, alone or as a list of one."""
    assert _verify(publisher, _signed(aud=audience)).jti == "once"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "leeshoek"}, "assertion_of_another"),
        ({"sub": "leeshoek"}, "assertion_of_another"),
        ({"iss": None}, "assertion_of_another"),
        ({"aud": None}, "assertion_for_another"),
        ({"aud": "https://elders.example"}, "assertion_for_another"),
        ({"aud": ["https://poort.example", "https://elders.example"]}, "assertion_for_another"),
        ({"aud": []}, "assertion_for_another"),
        ({"aud": {"a": 1}}, "assertion_for_another"),
        ({"exp": None}, "assertion_expired"),
        ({"exp": NOW}, "assertion_expired"),
        ({"exp": NOW + 3631}, "assertion_lives_too_long"),
        ({"exp": "soon"}, "assertion_times"),
        ({"exp": True}, "assertion_times"),
        ({"iat": NOW + 31}, "assertion_from_the_future"),
        ({"nbf": NOW + 31}, "assertion_from_the_future"),
        ({"jti": None}, "assertion_without_jti"),
        ({"jti": ""}, "assertion_without_jti"),
        ({"jti": 7}, "assertion_without_jti"),
        ({"jti": "j" * 256}, "assertion_without_jti"),
    ],
)
def test_each_claim_is_held_to_its_meaning(
    publisher: Publisher, changes: dict[str, Any], reason: str
) -> None:
    """A rightly signed proof with one wrong claim is refused for that claim."""
    pem = client_key(PUBLISHER).as_pem(private=True)
    payload = json.dumps(_claims(**changes)).encode()
    text = jwt.api_jws.encode(payload, pem, algorithm="ES256", headers={"kid": KID})
    assert _reason(publisher, text) == reason


def test_the_key_of_another_publisher_signs_nothing(publisher: Publisher) -> None:
    """A proof in somebody's name with another key is refused."""
    assert _reason(publisher, _signed("leeshoek")) == "assertion_signature"


def test_a_changed_payload_breaks_the_signature(publisher: Publisher) -> None:
    """A signature over other claims does not hold."""
    header, _, signature = _signed().split(".")
    changed = f"{header}.{_part(_claims(jti='twice'))}.{signature}"
    assert _reason(publisher, changed) == "assertion_signature"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS256", "RS256", "ES384", "", None])
def test_the_algorithm_is_that_of_the_key(publisher: Publisher, algorithm: str | None) -> None:
    """`none`, shared secrets and algorithms of other keys are never tried."""
    header = {"typ": "JWT", "alg": algorithm, "kid": KID}
    text = f"{_part(header)}.{_part(_claims())}."
    assert _reason(publisher, text) in {"assertion_algorithm", "assertion_signature"}


def test_our_public_key_is_no_shared_secret(publisher: Publisher) -> None:
    """HS256 with the registered public key as secret (the classic mix-up) is refused."""
    import hashlib
    import hmac

    pem = client_key(PUBLISHER).as_pem(private=False)
    text = f"{_part({'alg': 'HS256', 'kid': KID})}.{_part(_claims())}"
    signature = hmac.digest(pem, text.encode(), hashlib.sha256)
    assert _reason(publisher, f"{text}.{_part(signature)}") == "assertion_algorithm"


@pytest.mark.parametrize(
    "extra",
    [
        {"jwk": client_key("leeshoek").as_dict(private=False)},
        {"jku": "https://elders.example/jwks"},
        {"x5u": "https://elders.example/x"},
    ],
)
def test_a_key_in_the_proof_itself_is_not_looked_at(
    publisher: Publisher, extra: dict[str, Any]
) -> None:
    """Only the registered key counts, wherever the proof points."""
    text = _signed("leeshoek", header={"kid": KID, **extra})
    assert _reason(publisher, text) == "assertion_signature"


def test_an_unknown_critical_header_is_refused(publisher: Publisher) -> None:
    """What a proof calls critical and we do not know is a reason to refuse (RFC 7515, 4.1.11)."""
    text = _signed(header={"kid": KID, "crit": ["exp2"], "exp2": 1})
    assert _reason(publisher, text) == "assertion_signature"


def test_a_key_is_found_by_its_name_or_because_it_is_the_only_one(publisher: Publisher) -> None:
    """Without a name one key is clear enough; another name is not guessed at."""
    assert _verify(publisher, _signed(header={})).jti == "once"
    assert _reason(publisher, _signed(header={"kid": "other"})) == "assertion_key_unknown"


def test_two_keys_may_stand_side_by_side_while_one_replaces_the_other() -> None:
    """During a rotation both keys sign, each by its own name."""
    item = stand_in.registration(SITE, PUBLISHER)
    other = client_key("leeshoek").as_dict(private=False)
    item["jwks"] = {"keys": [*item["jwks"]["keys"], other]}
    rotating = registration.check(item, is_http_allowed=True)
    assert _verify(rotating, _signed()).jti == "once"
    assert _verify(rotating, _signed("leeshoek", header={"kid": "leeshoek-1"})).jti == "once"
    assert _reason(rotating, _signed(header={})) == "assertion_key_unknown"


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
def test_a_publisher_may_have_an_rsa_key(algorithm: str) -> None:
    """Older publishers sign with RSA of at least 2048 bits."""
    private = rsa.generate_private_key(65537, 2048)
    public = jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    item = stand_in.registration(SITE, PUBLISHER)
    item["jwks"] = {"keys": [{**public, "kid": "r"}]}
    older = registration.check(item, is_http_allowed=True)
    text = jwt.encode(_claims(), private, algorithm=algorithm, headers={"kid": "r"})
    assert _verify(older, text).jti == "once"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b.c",
        "..",
        f"{_part({'alg': 'ES256'})}.{_part([])}.",
        f"{_part({'alg': 'ES256'})}.{_part(b'[' * 3000)}.",
        f"{_part({'alg': 'ES256'})}.{_part({'sub': ['a']})}.",
        f"{_part({'alg': 'ES256', 'kid': 5})}.{_part({'sub': 'a'})}.",
        "é.é.é",
        "a" * 9000,
    ],
)
def test_a_text_that_is_no_proof_names_nobody(text: str) -> None:
    """Garbage is invalid_client, never a crash."""
    with pytest.raises(TokenRefused) as refused:
        client_assertion.claimed_client_id(text)
    assert refused.value.error == "invalid_client"


@given(st.text(max_size=200))
def test_no_text_crashes_the_reader(text: str) -> None:
    """Whatever a client sends as its proof, the answer is an OAuth error."""
    registered = registration.of_item(stand_in.registration(SITE, PUBLISHER))
    with pytest.raises(TokenRefused):
        client_assertion.claimed_client_id(text)
    with pytest.raises(TokenRefused):
        _verify(registered, text)
