"""Our own seal: a key in KMS, a certificate that the house issued to itself, a PAdES signature.

The key never leaves KMS. KMS is given the message itself (at most 4,096 bytes: the signed
attributes of a signature are some 300, what a certificate says some 500), never a hash of it,
because then it is KMS that says what was hashed.

The certificate is made once for each number and kept for ever (`store.certificate`).
"""

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any

from asn1crypto import algos, core, keys, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import Signer

ALGORITHM = "ECDSA_SHA_256"
FIELD = "Zegel"
LIFE = dt.timedelta(days=3653)
_LARGEST_MESSAGE_BYTES = 4096
_LONGEST_SIGNATURE_BYTES = 72
"""An ECDSA signature of P-256 in DER: two numbers of at most 33 bytes, and their frame."""

Sign = Callable[[bytes], bytes]
"""Signs a message with the seal key (SHA-256, ECDSA) and returns the signature in DER."""


def certificate(
    public_key: bytes, sign: Sign, *, name: str, number: int, at: dt.datetime
) -> x509.Certificate:
    """Return a self-issued certificate of the seal key, valid for ten years from a moment.

    `public_key` is SubjectPublicKeyInfo in DER. The serial number is made of key and `number`.
    """
    info = keys.PublicKeyInfo.load(public_key)
    key_id = hashlib.sha256(public_key).digest()[:20]
    serial = hashlib.sha256(public_key + number.to_bytes(4)).digest()[:16]
    subject = x509.Name.build({"common_name": name, "organizational_unit_name": f"Zegel {number}"})
    begins = at.replace(microsecond=0)
    said = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": int.from_bytes(serial) >> 1,
            "signature": {"algorithm": "sha256_ecdsa"},
            "issuer": subject,
            "validity": {"not_before": _time(begins), "not_after": _time(begins + LIFE)},
            "subject": subject,
            "subject_public_key_info": info,
            "extensions": _extensions(key_id),
        }
    )
    return x509.Certificate(
        {
            "tbs_certificate": said,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature_value": core.OctetBitString(sign(said.dump())),
        }
    )


def _time(moment: dt.datetime) -> x509.Time:
    return x509.Time({"utc_time" if moment.year < 2050 else "general_time": moment})  # noqa: PLR2004 - RFC 5280, 4.1.2.5


def _extensions(key_id: bytes) -> list[dict[str, Any]]:
    usage = x509.KeyUsage({"digital_signature", "non_repudiation"})
    return [
        {"extn_id": "basic_constraints", "critical": True, "extn_value": {"ca": False}},
        {"extn_id": "key_usage", "critical": True, "extn_value": usage},
        {"extn_id": "key_identifier", "critical": False, "extn_value": key_id},
    ]


class _KmsSigner(Signer):
    """Lets KMS sign what pyHanko prepares."""

    def __init__(self, own: x509.Certificate, sign: Sign) -> None:
        super().__init__(
            signing_cert=own,
            signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
        )
        self._sign = sign

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,
        dry_run: bool = False,  # noqa: FBT001, FBT002 - pyHanko's own form
    ) -> bytes:
        """Return the signature; a dry run asks only how long it may be."""
        if digest_algorithm != "sha256" or len(data) > _LARGEST_MESSAGE_BYTES:
            raise ValueError(digest_algorithm)
        return bytes(_LONGEST_SIGNATURE_BYTES) if dry_run else self._sign(data)


class _Signer(signers.PdfSigner):
    """States the moment of the decision instead of the moment at which this machine works."""

    at: dt.datetime

    def init_signing_session(self, *given: Any, **named: Any) -> Any:
        """Begin as pyHanko does, at our moment."""
        session = super().init_signing_session(*given, **named)
        session.system_time = self.at
        return session


def sealed(
    writer: IncrementalPdfFileWriter,
    own: x509.Certificate,
    sign: Sign,
    *,
    at: dt.datetime,
    certifies: bool,
) -> bytes:
    """Return a document with our seal, which extends the bytes that were read.

    With `certifies` nothing at all may be added after it (DocMDP, no changes): for a document that
    nobody signed before. Else our signature stands beside the other.
    """
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        name=own.subject.native["common_name"],
        reason="Meegetekend door de verwerker",
        certify=certifies,
        docmdp_permissions=MDPPerm.NO_CHANGES if certifies else MDPPerm.FILL_FORMS,
    )
    signer = _Signer(metadata, _KmsSigner(own, sign))
    signer.at = at
    content: bytes = signer.sign_pdf(writer).getvalue()
    return content
