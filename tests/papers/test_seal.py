"""The seal: a key that never leaves KMS, a certificate of our own, an alarm before it ends."""

import datetime as dt
from typing import Any

import pytest
from asn1crypto import x509
from cryptography import x509 as read_by_others
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from infra.local import cloud as local_cloud
from infra.local import template
from papers import seal, store
from schoolpoort import aws as product_aws
from schoolpoort import clock
from tests.papers.samples import CONFIRMED_AT, offer
from tests.papers.workshop import Workshop

_DAY_S = 86_400


def _made(workshop: Workshop) -> store.SealCertificate:
    workshop.countersign(workshop.offer(offer()))
    found = store.certificate(1)
    assert found
    return found


def test_the_certificate_is_one_that_others_read(workshop: Workshop) -> None:
    """Self-issued, ten years, for signing alone, of the key in KMS."""
    made = read_by_others.load_der_x509_certificate(_made(workshop).encoded)
    key_id = workshop.house.cloud.references["SealKey"]
    public = local_cloud.client("kms").get_public_key(KeyId=key_id)["PublicKey"]
    assert made.issuer == made.subject
    assert made.not_valid_after_utc - made.not_valid_before_utc == seal.LIFE
    assert made.not_valid_before_utc.timestamp() == CONFIRMED_AT
    usage = made.extensions.get_extension_for_class(read_by_others.KeyUsage).value
    assert usage.content_commitment
    assert not usage.key_cert_sign
    own = x509.Certificate.load(_made(workshop).encoded)
    assert own.public_key.dump() == public
    key = made.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(made.signature, made.tbs_certificate_bytes, ec.ECDSA(hashes.SHA256()))


def test_kms_is_given_the_message_and_hashes_it_itself(workshop: Workshop) -> None:
    """RAW and at most 4,096 bytes, so that no emulator and no mistake signs a hash of a hash."""
    asked: list[bytes] = []
    events = product_aws.client("kms").meta.events

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        if model.name == "Sign":
            asked.append(params["body"])

    events.register("before-call.kms", note, unique_id="papers-kms")
    _made(workshop)
    events.unregister("before-call.kms", unique_id="papers-kms")
    assert len(asked) == 2  # the certificate, and the paper
    for body in asked:
        assert b'"MessageType": "RAW"' in body
        assert b'"SigningAlgorithm": "ECDSA_SHA_256"' in body
        assert len(body) < 4096


def test_what_is_too_long_for_kms_is_not_signed() -> None:
    """More than KMS takes is a mistake of ours, seen before anything is sent."""
    import asyncio

    own = seal.certificate(_PUBLIC, lambda _: b"\x30\0", name="x", number=1, at=_AT)
    signer = seal._KmsSigner(own, lambda message: message)
    with pytest.raises(ValueError, match="sha256"):
        asyncio.run(signer.async_sign_raw(b"x" * 4097, "sha256"))
    with pytest.raises(ValueError, match="sha512"):
        asyncio.run(signer.async_sign_raw(b"x", "sha512"))


_AT = dt.datetime(2026, 11, 24, 11, tzinfo=dt.UTC)
_KEY = ec.generate_private_key(ec.SECP256R1())
_PUBLIC = _KEY.public_key().public_bytes(
    serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
)


def test_another_number_is_another_certificate_of_the_same_key() -> None:
    """Serial numbers differ, so that nobody takes the one for the other."""
    one, other = (
        seal.certificate(_PUBLIC, lambda _: b"\x30\0", name="x", number=number, at=_AT)
        for number in (1, 2)
    )
    assert one.serial_number != other.serial_number
    assert one.public_key.dump() == other.public_key.dump()


def test_trap_9_an_alarm_goes_off_sixty_days_before_the_end(workshop: Workshop) -> None:
    """On the day before it is quiet; from then on the check fails every day, which is the alarm."""
    assert workshop.check_seal() == {"certificate": 1, "days_left": None}
    ends = _made(workshop).valid_until_epoch_s
    workshop.at(ends - 61 * _DAY_S - 60)
    assert workshop.check_seal() == {"certificate": 1, "days_left": 61}
    workshop.at(ends - 60 * _DAY_S - 60)
    assert workshop.check_seal() is None
    assert "60 days left" in workshop.house.failures.pop()
    workshop.at(ends + _DAY_S)
    assert workshop.check_seal() is None
    assert "-1 days left" in workshop.house.failures.pop()
    assert clock.now_epoch_s() >= ends


def test_the_check_has_a_schedule_and_an_alarm() -> None:
    """Without both nobody would hear of it."""
    targets = [
        one["Properties"]["Target"]["Arn"]["Fn::GetAtt"][0]
        for _, one in template.resources("AWS::Scheduler::Schedule")
    ]
    assert "SealCheckFunction" in targets
    alarm = template.load()["Resources"]["SealCheckErrorsAlarm"]["Properties"]
    assert alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}]
