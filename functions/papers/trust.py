"""The roots under which a board's own signature is accepted: the files of `trusted/`."""

from pathlib import Path

from asn1crypto import pem, x509

FOLDER = Path(__file__).parent / "trusted"


def roots() -> tuple[x509.Certificate, ...]:
    """Return every root, in the order of their file names."""
    return tuple(_certificate(path) for path in sorted(FOLDER.glob("*.pem")))


def _certificate(path: Path) -> x509.Certificate:
    _, _, encoded = pem.unarmor(path.read_bytes())
    return x509.Certificate.load(encoded)
