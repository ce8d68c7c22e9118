"""Codes of an app, as pure rules."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from login import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()
NOW = 1_800_000_000
STEP = NOW // totp.STEP_S

_SECRETS = st.binary(min_size=20, max_size=20).map(lambda raw: base64.b32encode(raw).decode())
_STEPS = st.integers(min_value=1, max_value=2**32)


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_are_those_of_the_standard(at: int, code: str) -> None:
    """The vectors of RFC 6238, appendix B, cut to six digits."""
    assert totp.code_at(SECRET, at // totp.STEP_S) == code


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("123456", "123456"),
        (" 123 456\n", "123456"),
        ("12345", None),
        ("1234567", None),
        ("12345a", None),
        ("١٢٣٤٥٦", None),
        ("", None),
    ],
)
def test_six_digits_are_a_code(typed: str, read: str | None) -> None:
    """Spaces as apps show them are fine, other digits of Unicode are none."""
    assert totp.read(typed) == read


@pytest.mark.parametrize(("age", "counts"), [(-1, False), (0, True), (1, True), (2, False)])
def test_a_code_counts_for_its_step_and_the_next(age: int, counts: bool) -> None:
    """A code of the future or of more than a step ago does not count."""
    code = totp.code_at(SECRET, STEP - age)
    found = totp.matching_step(SECRET, code, now_epoch_s=NOW, last_step=0)
    assert found == (STEP - age if counts else None)


@given(secret=_SECRETS, step=_STEPS, last=_STEPS)
def test_a_used_step_never_counts_again(secret: str, step: int, last: int) -> None:
    """Whatever was used last, only a later step counts, and then that very step."""
    code = totp.code_at(secret, step)
    found = totp.matching_step(secret, code, now_epoch_s=step * totp.STEP_S, last_step=last)
    assert found is None or found > last
    if step > last:
        assert found is not None


def test_the_address_for_an_app_names_the_house() -> None:
    """An app shows who the code is for; the secret is its letters."""
    address = totp.address_for_app(SECRET, "Noor de Wit")
    assert address.startswith("otpauth://totp/Schoolpoort:Noor%20de%20Wit?")
    assert f"secret={SECRET}" in address
