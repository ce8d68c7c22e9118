"""Whether a signed PDF may be accepted: one rule, and words for each way to fail it.

Accepted is a file with exactly the expected signatures, each whole, valid and under a root of our
own list; the last over the entire file; the others changed by nothing but a later signature; and
what was signed is the offer, byte for byte, with nothing put over it before the signature.

pyHanko says more than one thing about a signature, and three of them mislead: `valid` is true of a
tampered file, `trusted` of an overlaid page, and `bottom_line` of one with bytes appended. All are
asked, with the coverage and the kind of changes. Roots come from our list and nowhere else: neither
from the system nor from the file. Nothing is fetched.
"""

import datetime as dt
import io
import logging
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from asn1crypto import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    ModificationLevel,
    StandardDiffPolicy,
    SuspiciousModification,
)
from pyhanko.sign.diff_analysis.constants import (
    ACROFORM_EXEMPT_STRICT_COMPARISON,
    ROOT_EXEMPT_STRICT_COMPARISON,
)
from pyhanko.sign.diff_analysis.form_rules_api import FormUpdatingRule
from pyhanko.sign.diff_analysis.rules.file_structure_rules import CatalogModificationRule
from pyhanko.sign.diff_analysis.rules.form_field_rules import (
    SigFieldCreationRule,
    SigFieldModificationRule,
)
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError

from schoolpoort.papers import Refusal

# They write the names in certificates, which are of people, with a traceback for each bad file.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)

UNREADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    InvalidSignature,
    LookupError,
    NotImplementedError,
    PathError,
    PdfError,
    RecursionError,
    SignatureValidationError,
    SigningError,
    SuspiciousModification,
    TypeError,
    UnsupportedAlgorithm,
    ValueError,
    struct.error,
    zlib.error,
)
"""What pyHanko and what it stands on raise on broken files, seen in a fuzz of flipped bits. Each
means the same to us: not accepted. Running out of memory or time is none of them."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a file should be: how many signatures, over which offer, under which roots, when.

    `offered` is what the file must begin with: the offer, or what we sealed; empty asks only about
    the signatures. `at` is the moment at which certificates must be valid. `is_sealed` says that
    the last signature is our seal: between it and what was offered stands our proof of signing,
    and nobody signs after it.
    """

    count: int
    roots: Sequence[x509.Certificate]
    at: dt.datetime
    offered: bytes = b""
    is_sealed: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a file is not accepted, or None; and what was seen of each signature, for the desk."""

    refusal: Refusal | None
    seen: tuple[dict[str, Any], ...] = ()


def judge(content: bytes, expected: Expected) -> Verdict:
    """Say whether a signed file is accepted; never raises for what is in the file."""
    try:
        return _judged(content, expected)
    except UNREADABLE:
        return Verdict(Refusal.SIGNATURE_UNREADABLE)


def _judged(content: bytes, expected: Expected) -> Verdict:
    reader = PdfFileReader(io.BytesIO(content))
    found = reader.embedded_regular_signatures
    if len(found) < expected.count or not found:
        return Verdict(Refusal.NOT_SIGNED)
    if len(found) > expected.count:
        return Verdict(Refusal.TOO_MANY_SIGNATURES)
    if not content.startswith(expected.offered):
        return Verdict(Refusal.OTHER_TEXT)
    statuses = [validate_pdf_signature(one, _context(expected)) for one in found]
    seen = tuple(_seen(status) for status in statuses)
    for status in statuses:
        refusal = _refusal(status, expected.at, is_last=status is statuses[-1])
        if refusal:
            return Verdict(refusal, seen)
    if expected.is_sealed:
        return Verdict(None, seen)
    if any(one.docmdp_level is MDPPerm.NO_CHANGES for one in found):
        return Verdict(Refusal.LOCKED, seen)
    if expected.offered and not _signs_the_offer(reader, expected.offered):
        return Verdict(Refusal.OTHER_TEXT, seen)
    return Verdict(None, seen)


def _context(expected: Expected) -> ValidationContext:
    return ValidationContext(
        trust_roots=list(expected.roots),
        allow_fetching=False,
        revocation_mode="soft-fail",
        moment=expected.at,
    )


def _refusal(status: PdfSignatureStatus, at: dt.datetime, *, is_last: bool) -> Refusal | None:
    if not status.intact or not status.valid:
        return Refusal.ALTERED
    if is_last and status.coverage is not SignatureCoverageLevel.ENTIRE_FILE:
        return Refusal.ADDED_TO
    allowed = ModificationLevel.NONE if is_last else ModificationLevel.FORM_FILLING
    level = status.modification_level
    if level is None or level > allowed or not status.docmdp_ok:
        return Refusal.ADDED_TO
    if not status.trusted:
        ends = status.signing_cert.not_valid_after
        return Refusal.CERTIFICATE_EXPIRED if ends < at else Refusal.UNKNOWN_SIGNER
    return None if status.bottom_line else Refusal.ALTERED


_POLICY = StandardDiffPolicy(
    global_rules=[
        # A first signature that certifies says so in the catalogue.
        CatalogModificationRule(ignored_keys=ROOT_EXEMPT_STRICT_COMPARISON | {"/Perms"}),
        *DEFAULT_DIFF_POLICY.global_rules[1:],
    ],
    form_rule=FormUpdatingRule(
        field_rules=[SigFieldCreationRule(), SigFieldModificationRule()],
        ignored_acroform_keys=ACROFORM_EXEMPT_STRICT_COMPARISON | {"/SigFlags"},
    ),
)


def _signs_the_offer(reader: PdfFileReader, offered: bytes) -> bool:
    """Say whether nothing but signatures came between the offer and the end of the file.

    A file may begin with the very bytes of the offer and yet show other words: a page put over
    it before the signature is covered by that signature.
    """
    revisions = PdfFileReader(io.BytesIO(offered)).total_revisions
    result = _POLICY.review_file(reader, reader.get_historical_resolver(revisions - 1))
    if isinstance(result, SuspiciousModification):
        return False
    return bool(result.modification_level <= ModificationLevel.FORM_FILLING)


def _seen(status: PdfSignatureStatus) -> dict[str, Any]:
    signed_at = status.signer_reported_dt
    certificate = status.signing_cert
    return {
        "intact": status.intact,
        "valid": status.valid,
        "trusted": status.trusted,
        "coverage": status.coverage.name if status.coverage else "",
        "changes": status.modification_level.name if status.modification_level is not None else "",
        "subject": certificate.subject.human_friendly,
        "issuer": certificate.issuer.human_friendly,
        "certificate_sha256": certificate.sha256.hex(),
        "signed_at_epoch_s": int(signed_at.timestamp()) if signed_at else None,
    }
