"""The roots under which a board's own signature is accepted: the files of `trusted/`."""

import hashlib
from pathlib import Path

from asn1crypto import pem, x509
from pyhanko.version import __version__ as library_version

FOLDER = Path(__file__).parent / "trusted"


def roots() -> tuple[x509.Certificate, ...]:
    """Return every root, in the order of their file names."""
    return tuple(_certificate(path) for path in sorted(FOLDER.glob("*.pem")))


def judged_with() -> dict[str, str]:
    """Return by what a signature is judged now, to be kept with the verdict.

    Who looks years later at a paper that was accepted sees under which list of roots that was, and
    by which version of the library.
    """
    encoded = sorted(one.dump() for one in roots())
    listed = hashlib.sha256(b"".join(hashlib.sha256(one).digest() for one in encoded))
    return {"pyhanko": library_version, "roots_sha256": listed.hexdigest()}


def _certificate(path: Path) -> x509.Certificate:
    _, _, encoded = pem.unarmor(path.read_bytes())
    return x509.Certificate.load(encoded)
