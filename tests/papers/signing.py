"""An issuer, signers and signed files, made for tests; nobody else trusts them."""

import datetime as dt
import functools
import io
from dataclasses import dataclass
from typing import Any

from asn1crypto import keys, x509
from cryptography import x509 as made
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

AT = dt.datetime(2026, 11, 24, 11, tzinfo=dt.UTC)
_LONG = dt.timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate with its key, and the root that issued it."""

    certificate: x509.Certificate
    key: Any
    root: x509.Certificate


@functools.cache
def issuer(name: str) -> tuple[made.Certificate, ec.EllipticCurvePrivateKey]:
    """Return a root, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    return _built(name, name, key.public_key(), key, is_root=True), key


def signer(
    name: str = "Bas Buis",
    *,
    root: str = "Wortel",
    ends: dt.datetime = AT + _LONG,
    may_sign: bool = True,
) -> Signer:
    """Return somebody who signs under a root."""
    top, top_key = issuer(root)
    key = ec.generate_private_key(ec.SECP256R1())
    own = _built(name, root, key.public_key(), top_key, ends=ends, may_sign=may_sign)
    encoded = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return Signer(_read(own), keys.PrivateKeyInfo.load(encoded), _read(top))


def _built(
    name: str,
    issued_by: str,
    public_key: Any,
    issuer_key: Any,
    *,
    is_root: bool = False,
    ends: dt.datetime = AT + _LONG,
    may_sign: bool = True,
) -> made.Certificate:
    usage = made.KeyUsage(
        digital_signature=True,
        content_commitment=may_sign,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_root,
        crl_sign=is_root,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        made.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issued_by))
        .public_key(public_key)
        .serial_number(made.random_serial_number())
        .not_valid_before(AT - _LONG)
        .not_valid_after(ends)
        .add_extension(made.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(issuer_key, hashes.SHA256())
    )


def _name(name: str) -> made.Name:
    return made.Name([made.NameAttribute(NameOID.COMMON_NAME, name)])


def _read(certificate: made.Certificate) -> x509.Certificate:
    return x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def signed(content: bytes, by: Signer, field: str = "Bestuur", **more: Any) -> bytes:
    """Return a file with somebody's signature (PAdES) added to it."""
    metadata = signers.PdfSignatureMetadata(
        field_name=field, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, **more
    )
    store = SimpleCertificateStore()
    store.register(by.root)
    inner = signers.SimpleSigner(
        signing_cert=by.certificate, signing_key=by.key, cert_registry=store
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    found: bytes = signers.PdfSigner(metadata, inner).sign_pdf(writer).getvalue()
    return found


def overlaid(content: bytes) -> bytes:
    """Return a file in which another text was put over its first page, as a new revision."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    over = generic.StreamObject(stream_data=b"1 1 1 rg 0 0 600 850 re f")
    page["/Contents"] = generic.ArrayObject([page.raw_get("/Contents"), writer.add_object(over)])
    writer.update_container(page)
    return _written(writer)


def other_title(content: bytes) -> bytes:
    """Return a file whose Info dictionary was replaced, as a new revision."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    info = generic.DictionaryObject({generic.pdf_name("/Title"): generic.pdf_string("Anders")})
    writer.set_info(writer.add_object(info))
    return _written(writer)


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def flipped(content: bytes, at: int, bit: int = 0) -> bytes:
    """Return a file with one bit changed."""
    changed = bytearray(content)
    changed[at] ^= 1 << bit
    return bytes(changed)


def hole(content: bytes) -> range:
    """Return the place of the last signature itself, which no signature can cover."""
    start = content.rindex(b"/Contents <") + len(b"/Contents <")
    return range(start, content.index(b">", start))
