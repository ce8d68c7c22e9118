"""Hashes are sealed under a key that the table does not hold in the clear."""

import base64
import logging
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st

from infra.local.house import House
from schoolpoort import aws as product_aws
from schoolpoort import dynamodb, kept_hashes, passwords, pepper, pepper_keys
from schoolpoort.errors import StoreUnavailable
from schoolpoort.pepper import Pepper, SealBroken
from schoolpoort.settings import require

_KEYS = st.builds(Pepper, st.integers(1, 999_999), st.binary(min_size=32, max_size=32))
_PHC = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"


@given(_KEYS, st.text(), st.text())
def test_what_is_sealed_opens_for_its_owner(key: Pepper, phc: str, owner: str) -> None:
    """Sealed and opened again is the same text, and the seal names its key."""
    phc, owner = (text.encode("utf-8", "ignore").decode() for text in (phc, owner))
    sealed = pepper.seal(key, phc, owner=owner)
    assert pepper.unseal(key, sealed, owner=owner) == phc
    assert pepper.number_of(sealed) == key.number
    assert phc not in sealed or len(phc) < 8


@given(_KEYS, _KEYS, st.text("ab7-", max_size=6), st.text("ab7-", max_size=6))
def test_no_other_key_or_owner_opens(one: Pepper, other: Pepper, mine: str, yours: str) -> None:
    """A sealed text opens with its own key for its own owner, and else says so."""
    sealed = pepper.seal(one, _PHC, owner=mine)
    if one.key != other.key:
        with pytest.raises(SealBroken):
            pepper.unseal(other, sealed, owner=mine)
    if mine != yours:
        with pytest.raises(SealBroken):
            pepper.unseal(one, sealed, owner=yours)


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_changed_byte_breaks_the_seal(where: int, flip: int) -> None:
    """No byte of a sealed text can be changed, the nonce included."""
    key = Pepper(1, b"k" * 32)
    head, _, body = pepper.seal(key, _PHC, owner="7").rpartition("$")
    blob = bytearray(base64.b64decode(body))
    blob[where % len(blob)] ^= flip
    with pytest.raises(SealBroken):
        pepper.unseal(key, f"{head}${base64.b64encode(blob).decode()}", owner="7")


@pytest.mark.parametrize(
    "stored",
    ["", _PHC, "pepper$1$", "pepper$0$AAAA", "pepper$x$AAAA", "pepper$1$AAA", "pepper$1$AAAA", "é"],
)
def test_what_is_no_sealed_text_opens_nothing(stored: str) -> None:
    """A bare hash, a damaged text and one that is too short are no passwords."""
    with pytest.raises(SealBroken):
        pepper.unseal(Pepper(1, b"k" * 32), stored, owner="7")


def test_a_key_is_never_shown() -> None:
    """A pepper that is written out by accident does not show its key."""
    assert "kkkk" not in repr(Pepper(1, b"k" * 32))


def test_the_table_holds_no_key_in_the_clear(aws: House) -> None:
    """What a deployment stores opens with KMS only."""
    key = pepper_keys.current()
    item = dynamodb.get(require("CREDENTIALS_TABLE"), {"address_key": "pepper#1"})
    assert item is not None
    assert len(key.key) == pepper.KEY_BYTES
    assert key.key not in item["wrapped_key"]


def test_a_process_opens_a_key_once(aws: House) -> None:
    """The key costs a GetItem and a Decrypt the first time, and nothing after."""
    calls: list[str] = []

    def count(event_name: str = "", **_: Any) -> None:
        calls.append(event_name.rpartition(".")[2])

    clients = [product_aws.client(service).meta.events for service in ("dynamodb", "kms")]
    for events in clients:
        events.register("before-send", count, unique_id="pepper")
    for _ in range(3):
        pepper_keys.current()
    for events in clients:
        events.unregister("before-send", unique_id="pepper")
    assert calls == ["GetItem", "Decrypt"]


def test_a_key_that_is_there_stays(aws: House) -> None:
    """Another deployment makes no other key, or every password would be lost."""
    before = pepper_keys.current()
    aws.deploy([])
    pepper_keys.forget()
    assert pepper_keys.current() == before


def test_without_its_key_nobody_is_judged(aws: House) -> None:
    """Known or not, an account has to wait while the key cannot be had: nothing fails open."""
    sealed = kept_hashes.sealed(_PHC, owner="7")
    dynamodb.delete(require("CREDENTIALS_TABLE"), {"address_key": "pepper#1"})
    pepper_keys.forget()
    for stored in (sealed, None):
        with pytest.raises(StoreUnavailable):
            kept_hashes.opened(stored, owner="7")
    with pytest.raises(StoreUnavailable):
        kept_hashes.sealed(_PHC, owner="7")


@pytest.mark.parametrize(
    "failure",
    [
        ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "Decrypt"),
        ClientError({"Error": {"Code": "AccessDeniedException", "Message": ""}}, "Decrypt"),
        EndpointConnectionError(endpoint_url="https://kms.example"),
    ],
)
def test_without_kms_nobody_is_judged(
    aws: House, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """A KMS that is busy, refuses or is away is a house that says to come back."""

    def fails(**_: object) -> None:
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(product_aws.client("kms"), "decrypt", fails)
        with pytest.raises(StoreUnavailable):
            kept_hashes.opened(None, owner="7")
    assert kept_hashes.opened(None, owner="7") is None


def test_a_hash_of_another_account_opens_nothing(
    aws: House, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever copies his own hash over somebody's in the table gets in nowhere, and is noticed."""
    sealed = kept_hashes.sealed(passwords.hash_password("Zonnebloem4you"), owner="7")
    with caplog.at_level(logging.ERROR):
        assert kept_hashes.opened(sealed, owner="8") is None
        assert kept_hashes.opened(_PHC, owner="7") is None
    assert len(caplog.records) == 2
    assert sealed not in caplog.text
    assert kept_hashes.opened(sealed, owner="7") is not None


def test_another_key_needs_nobodys_password(aws: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a change of key what was sealed before opens still, and is outdated."""
    phc = passwords.hash_password("Zonnebloem4you")
    old = kept_hashes.sealed(phc, owner="7")
    assert not kept_hashes.is_outdated(old, phc)
    monkeypatch.setenv("PEPPER_NUMBER", "2")
    pepper_keys.make(2)
    assert kept_hashes.opened(old, owner="7") == phc
    assert kept_hashes.is_outdated(old, phc)
    new = kept_hashes.sealed(phc, owner="7")
    assert new.startswith("pepper$2$")
    assert not kept_hashes.is_outdated(new, phc)
    assert kept_hashes.opened(new, owner="7") == phc
