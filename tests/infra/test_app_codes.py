"""The authenticator apps of the invented people."""

import pyotp
from hypothesis import given
from hypothesis import strategies as st

from infra.local import app_codes
from login import totp

_ADDRESS = "noor@school.example"
_BEGIN_EPOCH_S = 1_790_000_000


@given(second=st.integers(0, 90), typing_s=st.integers(0, 4))
def test_a_code_still_counts_when_it_was_typed(second: int, typing_s: int) -> None:
    """However close to its end a step is, the code handed out is good for seconds after."""
    secret = pyotp.random_base32()
    kept = app_codes.kept()
    app_codes.remember(_ADDRESS, secret)
    now = _BEGIN_EPOCH_S + second
    [code] = [code for address, code, _ in app_codes.shown(now) if address == _ADDRESS]
    app_codes.put_back(kept)
    found = totp.matching_step(secret, code, now_epoch_s=now + typing_s, last_step=0)
    assert found is not None
