"""The two fields of the sign-in form, checked by hand: the cold path needs no more."""

from collections.abc import Mapping
from dataclasses import dataclass

from schoolpoort import addresses, captcha

_LONGEST_ADDRESS = 254
"""RFC 5321, as corrected: no mail can be sent to a longer one."""


@dataclass(frozen=True, slots=True)
class SignInForm:
    """What was typed, and per field the code of what is wrong with it.

    `address` is normalised, and empty when the field is wrong.
    """

    typed_email: str
    address: str
    unsafe_password: str
    captcha_token: str
    next_path: str
    errors: Mapping[str, str]


def read(fields: Mapping[str, str]) -> SignInForm:
    """Read the form; nothing in it is trusted, nothing in it is refused by an exception."""
    typed_email = fields.get("email", "")[: _LONGEST_ADDRESS + 1]
    password = fields.get("password", "")
    errors = {}
    address = ""
    if not typed_email.strip():
        errors["email"] = "missing"
    else:
        try:
            address = addresses.normalise(typed_email)
        except addresses.InvalidAddress:
            errors["email"] = "invalid"
        if len(typed_email) > _LONGEST_ADDRESS:
            errors["email"] = "invalid"
    if not password:
        errors["password"] = "missing"  # noqa: S105 - a field and its code
    return SignInForm(
        typed_email=typed_email,
        address=address,
        unsafe_password=password,
        captcha_token=captcha.answer(fields),
        next_path=fields.get("next", ""),
        errors=errors,
    )
