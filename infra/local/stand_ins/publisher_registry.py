"""The invented publishers: what each is, asks and hands in to be registered with us."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc.jwk import ECKey

PREFIX = "/_publisher"
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class Invented:
    """An invented publisher: its name, what it makes, and what it needs to know and why."""

    name: str
    summary: Mapping[str, str]
    needs: tuple[Mapping[str, Any], ...] = ()


PUBLISHERS: Mapping[str, Invented] = {
    "rekenrijk": Invented(
        "Rekenrijk",
        {"nl": "Rekenen voor groep 3 tot en met 8.", "en": "Arithmetic for year groups 3 to 8."},
        (
            {
                "field": "given_name",
                "why": {"nl": "om je te begroeten", "en": "to greet you"},
            },
            {
                "field": "groups",
                "why": {
                    "nl": "om de lessen van je eigen groepen klaar te zetten",
                    "en": "to lay out the lessons of your own groups",
                },
            },
        ),
    ),
    "leeshoek": Invented(
        "Leeshoek",
        {"nl": "Leesboeken op elk niveau.", "en": "Books to read at every level."},
    ),
    "wereldwijs": Invented(
        "Wereldwijs",
        {"nl": "Wereldoriëntatie met filmpjes.", "en": "The world around us, in films."},
    ),
}


def registration(base_url: str, slug: str = "rekenrijk") -> dict[str, Any]:
    """Return the registration that a publisher on `base_url` hands in."""
    invented = PUBLISHERS[slug]
    home = f"{base_url}{PREFIX}/{slug}"
    return {
        "client_id": slug,
        "name": invented.name,
        "summary": dict(invented.summary),
        "initiate_login_uri": f"{home}/login",
        "target_link_uri": f"{home}/home",
        "redirect_uris": [f"{home}/callback"],
        "jwks": {"keys": [client_key(slug).as_dict(private=False)]},
        "needs": [dict(need) for need in invented.needs],
    }


def client_key(slug: str) -> ECKey:
    """Return a publisher's own key: made from its name, so that registrations survive a restart."""
    number = int.from_bytes(hashlib.sha512(f"stand-in {slug}".encode()).digest(), "big")
    private = ec.derive_private_key(number % (_P256_ORDER - 1) + 1, ec.SECP256R1())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return ECKey.import_key(pem, {"kid": f"{slug}-1", "use": "sig", "alg": "ES256"})
