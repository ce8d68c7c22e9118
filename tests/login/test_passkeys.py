"""What a browser is asked for a passkey, and which answers count: every refusal of its own."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from login import passkey_challenges, passkeys
from login.passkeys import Refusal, Sent
from schoolpoort.second_factors import Passkey
from tests.login.authenticator import Authenticator, b64, tampered

NOW = 1_800_000_000
HOUSE = passkeys.house_at("https://schoolpoort.example")
PEPPER = b"p" * 32
NONCE = "ab" * 32
CHALLENGE = b"c" * 40


def device(**changes: Any) -> Authenticator:
    """Return a device at the right origin, or with something wrong."""
    return Authenticator(**({"origin": HOUSE.origin} | changes))


def read(answer: str) -> Sent:
    """Return an answer that can be read."""
    sent = passkeys.read(answer)
    assert sent is not None
    return sent


def made(at: Authenticator, **wrong: Any) -> Passkey | Refusal:
    """Return what the answer of a device to the question for a new passkey is worth."""
    options = passkeys.to_add(
        HOUSE, CHALLENGE, account_id="7", address="noor@vlieger.example", known=()
    )
    return passkeys.judge_new(read(at.make(options, **wrong)), HOUSE, name="x", now_epoch_s=NOW)


def kept(at: Authenticator) -> Passkey:
    """Return the passkey that a device made."""
    passkey = made(at)
    assert isinstance(passkey, Passkey)
    return passkey


def shown(at: Authenticator, passkey: Passkey, **wrong: Any) -> int | Refusal:
    """Return what the answer of a device to the question for a passkey is worth."""
    question = passkeys.to_show(HOUSE, CHALLENGE, [passkey])
    return passkeys.judge(read(at.show(question, **wrong)), passkey, HOUSE)


# --- the question -------------------------------------------------------------------------------


def test_a_question_asks_for_a_discoverable_verified_key_and_nothing_of_the_device() -> None:
    """Finger, face or PIN are required, the browser finds the key, the maker is not asked."""
    passkey = kept(device())
    options = passkeys.to_add(HOUSE, CHALLENGE, account_id="7", address="n@x.example", known=[])
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["attestation"] == "none"
    assert options["rp"]["id"] == "schoolpoort.example"
    question = passkeys.to_show(HOUSE, CHALLENGE, [passkey])
    assert question["userVerification"] == "required"
    assert question["allowCredentials"][0]["transports"] == ["hybrid", "internal"]
    assert "transports" not in passkeys.to_show(HOUSE, CHALLENGE, [replace(passkey, transports=())])


def test_a_device_is_told_which_keys_there_are() -> None:
    """So that it makes no second one for the same account."""
    passkey = kept(device())
    options = passkeys.to_add(
        HOUSE, CHALLENGE, account_id="7", address="n@x.example", known=[passkey]
    )
    assert [one["id"] for one in options["excludeCredentials"]] == [passkey.credential_id]


@pytest.mark.parametrize("base_url", ["http://localhost:8080", "https://poort.example:8443"])
def test_host_and_origin_follow_from_the_configuration(base_url: str) -> None:
    """The host has no port, the origin has."""
    house = passkeys.house_at(base_url)
    assert house.origin == base_url
    assert house.host == base_url.split("/")[2].partition(":")[0]


# --- a new passkey ------------------------------------------------------------------------------


def test_a_right_answer_makes_a_passkey() -> None:
    """It is kept with its public half, its count, and the ways to reach it that we know."""
    passkey = kept(device())
    assert (passkey.name, passkey.added_at_epoch_s, passkey.sign_count) == ("x", NOW, 0)
    assert passkey.transports == ("hybrid", "internal")
    assert len(passkeys.ref_of(passkey.credential_id)) == 32


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"origin": "https://schoolpoort.example.evil"}, {}),
        ({"origin": "http://schoolpoort.example"}, {}),
        ({"host": "evil.example"}, {}),
        ({"is_verified": False}, {}),
        ({"is_present": False}, {}),
        ({}, {"challenge": b64(b"another")}),
        ({}, {"type": "webauthn.get"}),
    ],
)
def test_a_new_passkey_with_something_wrong_is_none(
    changes: dict[str, Any], wrong: dict[str, Any]
) -> None:
    """Another origin, host, kind of answer, or nobody who was verified."""
    if "challenge" in wrong:
        sent = read(
            device().make(passkeys.to_add(HOUSE, b"x", account_id="7", address="a", known=()))
        )
        sent = replace(sent, challenge=CHALLENGE)
        assert passkeys.judge_new(sent, HOUSE, name="", now_epoch_s=NOW) is Refusal.INVALID
    else:
        assert made(device(**changes), **wrong) is Refusal.INVALID


def test_an_id_that_is_not_that_of_the_key_is_refused() -> None:
    """Nobody claims the id of another's passkey with a key of his own."""
    other = kept(device())
    options = passkeys.to_add(HOUSE, CHALLENGE, account_id="7", address="a", known=())
    said = json.loads(device().make(options))
    said["id"] = said["rawId"] = other.credential_id
    sent = read(json.dumps(said))
    assert passkeys.judge_new(sent, HOUSE, name="", now_epoch_s=NOW) is Refusal.INVALID


# --- showing one --------------------------------------------------------------------------------


def test_a_right_answer_counts_on() -> None:
    """The count of the device is what is kept next."""
    at = device()
    passkey = kept(at)
    assert shown(at, passkey) == 1
    assert shown(at, replace(passkey, sign_count=1)) == 2


def test_a_device_that_does_not_count_stays_at_zero() -> None:
    """Passkeys of a password app never count, and are no copies for that."""
    at = device(step=0)
    passkey = kept(at)
    assert [shown(at, passkey) for _ in range(3)] == [0, 0, 0]


@pytest.mark.parametrize("known", [1, 2, 100])
def test_a_count_that_did_not_grow_is_a_copy(known: int) -> None:
    """The same count or a lower one came from somewhere else than the last."""
    at = device()
    passkey = kept(at)
    assert shown(at, replace(passkey, sign_count=known)) is Refusal.COPIED


def test_a_count_that_fell_to_zero_is_a_copy() -> None:
    """A device that counted once counts for ever."""
    at = device(step=0)
    assert shown(at, replace(kept(at), sign_count=5)) is Refusal.COPIED


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"origin": "https://evil.example"}, {}),
        ({"origin": "https://schoolpoort.example:444"}, {}),
        ({"host": "evil.example"}, {}),
        ({"is_verified": False}, {}),
        ({"is_present": False}, {}),
        ({}, {"type": "webauthn.create"}),
    ],
)
def test_an_answer_with_something_wrong_counts_for_nothing(
    changes: dict[str, Any], wrong: dict[str, Any]
) -> None:
    """A true signature over the wrong things is no proof."""
    at = device()
    passkey = kept(at)
    for name, value in changes.items():
        setattr(at, name, value)
    assert shown(at, passkey, **wrong) is Refusal.INVALID


@pytest.mark.parametrize("part", ["signature", "authenticatorData"])
def test_a_changed_answer_counts_for_nothing(part: str) -> None:
    """One bit of the signature, or of what was signed."""
    at = device()
    passkey = kept(at)
    answer = tampered(at.show(passkeys.to_show(HOUSE, CHALLENGE)), part)
    assert passkeys.judge(read(answer), passkey, HOUSE) is Refusal.INVALID


def test_the_key_of_another_counts_for_nothing() -> None:
    """A signature of another key under the id of this one."""
    at, other = device(), device()
    passkey, _ = kept(at), kept(other)
    other.keys[-1].credential_id = at.keys[-1].credential_id
    assert shown(other, passkey) is Refusal.INVALID


def test_an_answer_out_of_a_frame_is_not_read() -> None:
    """No other site asks for our passkeys inside its own page."""
    assert passkeys.read(device(is_framed=True).make(_options())) is None


def _options() -> dict[str, Any]:
    return passkeys.to_add(HOUSE, CHALLENGE, account_id="7", address="a", known=())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '"text"',
        "[" * 60_000,
        '{"id":"x","response":null}',
        '{"id":"x","response":{"clientDataJSON":7}}',
        '{"id":"x","response":{"clientDataJSON":"e30"}}',
        '{"id":"","response":{"clientDataJSON":"eyJjaGFsbGVuZ2UiOiJhYWFhIn0"}}',
        '{"id":"x","response":{"clientDataJSON":"%%%%"}}',
    ],
)
def test_what_is_no_answer_is_not_read(text: str) -> None:
    """Nothing of that kind raises."""
    assert passkeys.read(text) is None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    st.lists,
    max_leaves=4,
)


@given(
    part=st.sampled_from(
        ["attestationObject", "authenticatorData", "signature", "transports", "id"]
    ),
    value=st.binary(max_size=80).map(b64) | _JSON,
)
def test_no_answer_raises(part: str, value: object) -> None:
    """Whatever stands in an answer, it is refused or counts."""
    at = device()
    for answer in (at.make(_options()), at.show(passkeys.to_show(HOUSE, CHALLENGE))):
        said = json.loads(answer)
        if part == "id":
            said["rawId"] = value
        else:
            said["response"][part] = value
        sent = passkeys.read(json.dumps(said))
        if sent is None:
            continue
        passkeys.judge_new(sent, HOUSE, name="", now_epoch_s=NOW)
        passkeys.judge(sent, Passkey("x", b"\xa0", 0, (), "", NOW), HOUSE)


# --- challenges ---------------------------------------------------------------------------------


def challenge() -> bytes:
    """Return a challenge for signing in, of one browser."""
    return passkey_challenges.make("sign_in", "browser", PEPPER, nonce=NONCE, now_epoch_s=NOW)


def test_a_challenge_is_for_one_browser_purpose_key_and_quarter() -> None:
    """Whatever else it is shown for, it is not ours."""
    life_s = passkey_challenges.LIFE_S

    def holds(
        purpose: Any = "sign_in", browser: str = "browser", pepper: bytes = PEPPER, after_s: int = 0
    ) -> bool:
        return passkey_challenges.is_ours(
            challenge(), purpose, browser, pepper, now_epoch_s=NOW + after_s
        )

    assert holds()
    assert holds(after_s=life_s - 1)
    assert not holds(after_s=life_s)
    assert not holds(browser="another")
    assert not holds(purpose="confirm")
    assert not holds(pepper=b"q" * 32)


@given(st.binary(max_size=60))
def test_no_other_bytes_are_a_challenge(value: bytes) -> None:
    """Bytes of any length are not ours, and raise nothing."""
    assert not passkey_challenges.is_ours(value, "sign_in", "browser", PEPPER, now_epoch_s=NOW)


@given(st.integers(0, 39), st.integers(1, 255))
def test_a_changed_challenge_is_not_ours(at: int, change: int) -> None:
    """Its end cannot be put off, nor anything else in it be changed."""
    made = bytearray(challenge())
    made[at] ^= change
    assert not passkey_challenges.is_ours(
        bytes(made), "sign_in", "browser", PEPPER, now_epoch_s=NOW
    )
