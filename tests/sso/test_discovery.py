"""What publishers' software reads about us, and whether it is true."""

import json
from typing import Any

from infra.local import template
from tests.sso.world import World


def _configuration(world: World) -> dict[str, Any]:
    answer = world.machine("GET", "/.well-known/openid-configuration")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("application/json")
    found: dict[str, Any] = json.loads(answer.text)
    return found


def test_every_required_field_is_there(world: World) -> None:
    """OpenID Connect Discovery 1.0, 3 names these as required."""
    required = {
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "response_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
    }
    assert required <= set(_configuration(world))


def test_every_address_is_a_route_of_the_template(world: World) -> None:
    """What discovery names can be asked for, below the issuer's own address."""
    found = _configuration(world)
    routes = {route.path for route in template.routes()}
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"):
        assert found[name].startswith(found["issuer"])
        assert found[name].removeprefix(found["issuer"]) in routes


def test_it_promises_only_what_is_strong(world: World) -> None:
    """No plain, no none, no shared secrets, no implicit flow."""
    found = _configuration(world)
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["response_types_supported"] == ["code"]
    assert found["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert found["subject_types_supported"] == ["pairwise"]
    assert found["authorization_response_iss_parameter_supported"] is True
    assert found["request_uri_parameter_supported"] is False
    algorithms = [
        *found["id_token_signing_alg_values_supported"],
        *found["token_endpoint_auth_signing_alg_values_supported"],
    ]
    assert not [name for name in algorithms if name == "none" or name.startswith("HS")]


def test_the_issuer_never_comes_from_the_request(world: World) -> None:
    """A forged Host changes nothing in what we call ourselves."""
    answer = world.machine("GET", "/.well-known/openid-configuration", host="elders.example")
    assert json.loads(answer.text)["issuer"] == world.issuer


def test_both_may_be_kept_for_an_hour(world: World) -> None:
    """Publishers need not ask at every sign-on."""
    for path in ("/.well-known/openid-configuration", "/oauth2/jwks"):
        answer = world.machine("GET", path)
        assert answer.headers["cache-control"] == "public, max-age=3600"


def test_the_published_key_is_public(world: World) -> None:
    """The set holds one signing key and no private part."""
    (key,) = json.loads(world.machine("GET", "/oauth2/jwks").text)["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")
