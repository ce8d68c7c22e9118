"""What pages ask a browser for a passkey, as the JSON that their script hands on."""

import json
import re

from login import passkey_proof, passkeys, way_in
from login.own_security import Owner
from login.passkey_challenges import LIFE_S, Purpose
from login.passkey_proof import Asked
from login.session_start import Half
from schoolpoort import clock, ids
from schoolpoort.second_factors import SecondFactor
from schoolpoort.web import Request, Response, cookie, json_response

COOKIE_NAME = "__Host-passkey"
"""Names a browser that asks to sign in, so that a question counts in that browser alone."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


def ask_sign_in(request: Request) -> Response:
    """POST /login/passkey/question: what the browser is to sign, and the cookie that it goes with.

    The page of signing in asks this by its script, so that showing the page costs nothing more.
    """
    secret = _secret_of(request) or ids.new_secret()
    question = passkey_proof.question(_asked_of_browser(secret))
    kept = cookie(COOKIE_NAME, secret, max_age_s=LIFE_S, strict=True)
    return json_response(question).with_cookie(kept)


def asked_of_browser(request: Request) -> Asked:
    """Return where an answer of somebody who wants to sign in belongs."""
    return _asked_of_browser(_secret_of(request) or "")


def _secret_of(request: Request) -> str | None:
    value = request.cookies.get(COOKIE_NAME, "")
    return value if _SECRET.fullmatch(value) else None


def _asked_of_browser(secret: str) -> Asked:
    return Asked("sign_in", ids.sha256_hex(secret), clock.now_epoch_s())


def asked_of_half(half: Half, purpose: Purpose) -> Asked:
    """Return where an answer of somebody on the way in belongs."""
    return Asked(purpose, half.session_hash, clock.now_epoch_s())


def asked_of_owner(owner: Owner, purpose: Purpose) -> Asked:
    """Return where an answer of somebody who is in belongs."""
    return Asked(purpose, owner.session.session_hash, clock.now_epoch_s())


def for_code(half: Half, factor: SecondFactor) -> str:
    """Ask for one of somebody's passkeys as the second step."""
    asked = asked_of_half(half, "code")
    return json.dumps(passkey_proof.question(asked, factor.passkeys.values()))


def for_confirm(owner: Owner, factor: SecondFactor) -> str:
    """Ask for one of somebody's passkeys before a sensitive act."""
    asked = asked_of_owner(owner, "confirm")
    return json.dumps(passkey_proof.question(asked, factor.passkeys.values()))


def for_enrolment(half: Half) -> str:
    """Ask for a first passkey of somebody who needs a second step."""
    address = way_in.places(half)[0].address
    return _to_add(asked_of_half(half, "add"), half.account_id, address, None)


def for_another(owner: Owner) -> str:
    """Ask for another passkey of somebody who is in."""
    address = owner.credential.address_key.partition("#")[2]
    factor = owner.credential.second_factor
    asked = asked_of_owner(owner, "add")
    return _to_add(asked, owner.session.account_id, address, factor)


def _to_add(asked: Asked, account_id: str, address: str, factor: SecondFactor | None) -> str:
    known = factor.passkeys.values() if factor else ()
    challenge = passkey_proof.new_challenge(asked)
    options = passkeys.to_add(
        passkey_proof.house(), challenge, account_id=account_id, address=address, known=known
    )
    return json.dumps(options)
