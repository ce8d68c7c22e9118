"""What a publisher must hand in before anybody is sent to it."""

from typing import Any

import pytest

from infra.local.stand_ins import publisher as stand_in
from sso import registration
from sso.errors import RegistrationRefused
from tests.sso.world import PUBLISHER

HTTPS = "https://rekenrijk.example"


def _item(**changes: Any) -> dict[str, Any]:
    return {**stand_in.registration(HTTPS, PUBLISHER), **changes}


def _code_of(item: dict[str, Any]) -> str:
    with pytest.raises(RegistrationRefused) as refused:
        registration.check(item, is_http_allowed=False)
    return refused.value.code


@pytest.mark.parametrize("slug", stand_in.PUBLISHERS)
def test_every_invented_publisher_can_be_registered(slug: str) -> None:
    """The stand-ins hand in what a real publisher must."""
    item = stand_in.registration(HTTPS, slug)
    assert registration.check(item, is_http_allowed=False).client_id == slug


def test_the_sector_is_the_publisher_unless_it_says_otherwise() -> None:
    """Two clients of one publisher may share their people's names, by a sector of its own."""
    assert registration.of_item(_item()).sector == PUBLISHER
    assert registration.of_item(_item(sector="rekenhuis")).sector == "rekenhuis"


@pytest.mark.parametrize(
    "name",
    [
        "client_id",
        "name",
        "summary",
        "initiate_login_uri",
        "target_link_uri",
        "redirect_uris",
        "jwks",
        "needs",
    ],
)
def test_nothing_may_be_left_out(name: str) -> None:
    """A registration without one of its parts is refused."""
    item = _item()
    del item[name]
    assert _code_of(item) == "incomplete"


@pytest.mark.parametrize(
    "client_id",
    ["", "a", "catalog", "key#pairwise", "Rekenrijk", "reken rijk", "9lives", "a" * 64, "né"],
)
def test_an_id_can_never_be_taken_for_another_item(client_id: str) -> None:
    """Ids that name our own items, or need escaping anywhere, are refused."""
    assert _code_of(_item(client_id=client_id)) == "client_id"
    assert not registration.is_client_id(client_id)


@pytest.mark.parametrize(
    "uri",
    [
        "http://rekenrijk.example/callback",
        "https://rekenrijk.example/callback#part",
        "https://rekenrijk.example/*",
        "https://user@rekenrijk.example/callback",
        "https:///callback",
        "javascript:alert(1)",
        "/callback",
        "",
        "https://rekenrijk.example/call back",
        "https://rekenrijk.example\\@elders.example/",
        "https://rekenrijk.example/\r\nSet-Cookie: a=b",
    ],
)
def test_an_address_is_whole_plain_and_https(uri: str) -> None:
    """Return addresses that could lead elsewhere, or over plain http, are refused."""
    assert _code_of(_item(redirect_uris=[uri])) == "address"
    assert _code_of(_item(initiate_login_uri=uri)) == "address"


def test_without_a_return_address_nobody_is_registered() -> None:
    """At least one return address is needed."""
    assert _code_of(_item(redirect_uris=[])) == "address"


_EC = stand_in.registration(HTTPS, PUBLISHER)["jwks"]["keys"][0]


@pytest.mark.parametrize(
    "keys",
    [
        [],
        [{**_EC, "d": "AAAA"}],
        [{**_EC, "crv": "P-384"}],
        [{"kty": "oct", "k": "c2VjcmV0"}],
        [{"kty": "oct"}],
        [{"kty": "RSA", "n": "A" * 171, "e": "AQAB"}],
        [_EC, {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}],
    ],
)
def test_only_public_keys_of_a_strong_kind_are_taken(keys: list[dict[str, str]]) -> None:
    """Private parts, shared secrets, other curves and short RSA keys are refused."""
    assert _code_of(_item(jwks={"keys": keys})) == "key"


@pytest.mark.parametrize(
    "need",
    [
        {"field": "eckid", "why": {"nl": "x", "en": "x"}},
        {"field": "sub", "why": {"nl": "x", "en": "x"}},
        {"field": "given_name", "why": {"nl": "x"}},
    ],
)
def test_a_need_is_a_known_field_with_a_reason_in_both_languages(need: dict[str, Any]) -> None:
    """What a school cannot read or what never leaves cannot be asked for."""
    assert _code_of(_item(needs=[need])) == "need"


def test_the_words_are_there_in_both_languages() -> None:
    """A school reads who the publisher is in its own language."""
    assert _code_of(_item(summary={"nl": "Rekenen"})) == "words"
    assert _code_of(_item(name="  ")) == "words"
