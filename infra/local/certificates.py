"""A small authority of our own, to rehearse suppliers who want to see a certificate of ours.

authority = Authority.make("Invented authority")
server, client = authority.issue("127.0.0.1"), authority.issue("schoolpoort")
context = server_context(server, authority)   # for a server that asks for a client certificate
"""

import datetime as dt
import ipaddress
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_LIFE = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key, both PEM."""

    certificate: str
    private_key: str


@dataclass(frozen=True, slots=True)
class Authority:
    """Who signs certificates here; `certificate` is what others must trust, as PEM."""

    certificate: str
    _name: x509.Name
    _key: ec.EllipticCurvePrivateKey

    @classmethod
    def make(cls, name: str) -> "Authority":
        """Return a new authority that signed itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        own = _name(name)
        builder = _builder(own, own, key, is_authority=True)
        return cls(_pem(builder.sign(key, hashes.SHA256())), own, key)

    def issue(self, name: str) -> Pair:
        """Return a certificate for an address on this machine, or for a client by name."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_name(name), self._name, key, is_authority=False)
        try:
            place: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
        except ValueError:
            place = x509.DNSName(name)
        builder = builder.add_extension(x509.SubjectAlternativeName([place]), critical=False)
        signer = self._key.public_key()
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer), critical=False
        )
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return Pair(_pem(builder.sign(self._key, hashes.SHA256())), private.decode())


def server_context(own: Pair, clients_of: Authority | None) -> ssl.SSLContext:
    """Return what a server needs; with an authority it serves only clients that this one knows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "own.pem")
        path.write_text(own.certificate + own.private_key, "ascii")
        context.load_cert_chain(path)
    if clients_of is not None:
        context.load_verify_locations(cadata=clients_of.certificate)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, *, is_authority: bool
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    public = key.public_key()
    usage = x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(usage, critical=True)
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
