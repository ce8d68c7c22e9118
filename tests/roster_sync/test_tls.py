"""A LAS that shows its certificate and asks for ours, as ESIS does, over real TLS."""

import json
from collections.abc import Iterator

import pytest

from infra.local.certificates import Authority, Pair, server_context
from infra.local.house import House
from infra.local.stand_ins import las
from roster_sync import las_secrets, uwlr_client
from roster_sync.causes import Cause, FeedRefused
from roster_sync.model import Feed
from roster_sync.suppliers import Supplier
from schoolpoort import aws as product_aws
from schoolpoort.errors import SettingRefused
from schoolpoort.settings import require
from tests.roster_sync.las_server import serving, stand_in
from tests.roster_sync.samples import BRIN6, YEAR

_AUTHORITY = Authority.make("Invented authority")
_STRANGER = Authority.make("Somebody else")
_OURS = _AUTHORITY.issue("schoolpoort")


@pytest.fixture
def esis(aws: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supplier]:
    """Serve a LAS that wants to see a certificate of the invented authority."""
    monkeypatch.setenv("LAS_CLIENT_NAME", "schoolpoort")
    monkeypatch.setenv("LAS_CLIENT_CODE", "local-client-code")
    context = server_context(_AUTHORITY.issue("127.0.0.1"), _AUTHORITY)
    with serving(stand_in, context) as base:
        yield Supplier("esis", f"{base}/_las/esis", has_secret=True)
    las_secrets.forget()


def _give(**secret: object) -> None:
    product_aws.client("secretsmanager").put_secret_value(
        SecretId=require("LAS_SECRET_ARN"), SecretString=json.dumps({"esis": secret})
    )
    las_secrets.forget()


def _shown(pair: Pair) -> dict[str, str]:
    return {"certificate": pair.certificate, "private_key": pair.private_key}


def _asked(supplier: Supplier) -> Feed | Cause:
    question = uwlr_client.question(BRIN6, YEAR, las.key_of(BRIN6))
    try:
        answer = uwlr_client.ask(uwlr_client.door(supplier), question, patience_s=5)
    except FeedRefused as error:
        return error.cause
    assert isinstance(answer, Feed)
    return answer


def test_a_las_that_asks_for_our_certificate_gets_it(esis: Supplier) -> None:
    """With certificate, key and authority from the secret, the roster comes."""
    _give(authority=_AUTHORITY.certificate, **_shown(_OURS))
    assert isinstance(_asked(esis), Feed)


def test_a_certificate_of_another_authority_is_refused_by_the_las(esis: Supplier) -> None:
    """It is our matter, and is called so."""
    _give(authority=_AUTHORITY.certificate, **_shown(_STRANGER.issue("schoolpoort")))
    assert _asked(esis) in {Cause.CERTIFICATE_REFUSED, Cause.LAS_UNREACHABLE}


def test_without_our_certificate_nothing_comes(esis: Supplier) -> None:
    """A LAS that wants one answers nothing without it."""
    _give(authority=_AUTHORITY.certificate)
    assert _asked(esis) in {Cause.CERTIFICATE_REFUSED, Cause.LAS_UNREACHABLE}


def test_a_las_of_another_authority_is_asked_nothing(esis: Supplier) -> None:
    """Its certificate comes from somebody whom we do not trust, so it never sees the key."""
    _give(authority=_STRANGER.certificate, **_shown(_OURS))
    assert _asked(esis) == Cause.LAS_UNTRUSTED


def test_a_public_las_must_be_known_to_everybody(esis: Supplier) -> None:
    """Without an authority of its own a LAS must have a certificate that browsers trust."""
    _give()
    assert _asked(esis) == Cause.LAS_UNTRUSTED


@pytest.mark.parametrize(
    "content",
    [
        "onzin",
        "[]",
        '{"esis": {"certificate": "x", "private_key": "y"}}',
        '{"esis": {"authority": "geen certificaat"}}',
        '{"esis": {"headers": {"X": "a\\nb"}}}',
        '{"esis": []}',
    ],
)
def test_a_bad_secret_is_named_without_its_content(esis: Supplier, content: str) -> None:
    """What is no secret of ours stops the function, and its words reach no log."""
    arn = require("LAS_SECRET_ARN")
    product_aws.client("secretsmanager").put_secret_value(SecretId=arn, SecretString=content)
    las_secrets.forget()
    with pytest.raises(SettingRefused) as refused:
        uwlr_client.door(esis)
    assert "LAS_SECRET_ARN" in str(refused.value)
    assert "certificaat" not in str(refused.value)


def test_headers_in_confidence_are_sent_and_not_shown(esis: Supplier) -> None:
    """A subscription key goes as a header and stands in no repr."""
    _give(headers={"X-Subscription": "geheim-abonnement"})
    door = uwlr_client.door(esis)
    assert door.headers["X-Subscription"] == "geheim-abonnement"
    assert "geheim" not in repr(door)
    assert "geheim" not in repr(las_secrets.of_supplier(esis))
