"""An e-mail address has one spelling, and none that can write a header of a mail."""

import contextlib
import unicodedata
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schoolpoort import addresses
from schoolpoort.addresses import InvalidAddress

_LOCAL_PARTS = st.text("abcXYZ019.!#$%&'*+/=?^_`{|}~-", min_size=1, max_size=64).filter(
    lambda text: ".." not in text and text.strip(".") == text
)
_LABELS = st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,8}[a-zA-Z0-9])?", fullmatch=True).filter(
    lambda label: not label.lower().startswith("xn--")
)
_HOSTS = st.lists(_LABELS, min_size=1, max_size=3).map(lambda labels: ".".join([*labels, "nl"]))
_ADDRESSES = st.builds("{}@{}".format, _LOCAL_PARTS, _HOSTS)


@given(_ADDRESSES)
def test_every_spelling_is_one_address(address: str) -> None:
    """Case, spaces around it and a dot at its end make no other address."""
    normal = addresses.normalise(address)
    assert normal == address.lower()
    for spelling in (address.upper(), address.swapcase(), f"  {address}\t\n", f"{address}."):
        assert addresses.normalise(spelling) == normal


@given(st.text(max_size=80) | st.builds("{}@{}.nl".format, st.text(max_size=30), st.text()))
def test_what_comes_out_stays_as_it_is(text: str) -> None:
    """Whatever is typed is refused or becomes an address that does not change any more."""
    with contextlib.suppress(InvalidAddress):
        normal = addresses.normalise(text)
        assert addresses.normalise(normal) == normal
        assert normal.isascii()
        assert len(normal) <= 254


@given(
    _ADDRESSES,
    st.characters(categories=["Cc", "Cf", "Co", "Cn"]),
    st.integers(min_value=1),
)
def test_a_control_character_is_refused_wherever_it_stands(
    address: str, character: str, place: int
) -> None:
    """Line breaks, null bytes and invisible characters inside an address are no address."""
    assume(unicodedata.normalize("NFC", character) == character)
    at = place % (len(address) - 1) + 1
    with pytest.raises(InvalidAddress) as refused:
        addresses.normalise(address[:at] + character + address[at:])
    assert refused.value.reason == "control_character"


@given(_ADDRESSES)
def test_an_address_is_itself_in_a_mail(address: str) -> None:
    """A header names the address as it is, alone and on one line."""
    normal = addresses.normalise(address)
    mail = EmailMessage(policy=SMTP.clone(max_line_length=998))
    mail["To"] = normal
    assert mail.as_bytes() == f"To: {normal}\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "no_at"),
        ("noor", "no_at"),
        ("@vlieger.example", "no_at"),
        ("noor@", "no_at"),
        ("a@b@vlieger.example", "local_part"),
        ("noor de@vlieger.example", "local_part"),
        ('"noor"@vlieger.example', "local_part"),
        ("Noor <noor@vlieger.example>", "local_part"),
        ("noor@vlieger.example,bas@vlieger.example", "local_part"),
        (".noor@vlieger.example", "local_part"),
        ("noor.@vlieger.example", "local_part"),
        ("no..or@vlieger.example", "local_part"),
        ("n" * 65 + "@vlieger.example", "local_part"),
        ("jörgen@vlieger.example", "local_part"),
        ("nооr@vlieger.example", "local_part"),
        ("noor@vlieger", "host"),
        ("noor@192.0.2.7", "host"),
        ("noor@[192.0.2.7]", "host"),
        ("noor@-vlieger.example", "host"),
        ("noor@vlieger-.example", "host"),
        ("noor@vlie_ger.example", "host"),
        ("noor@vlieger..example", "host"),
        ("noor@" + "v" * 64 + ".example", "host"),
        ("n" * 60 + "@" + ".".join(["v" * 60] * 4) + ".nl", "too_long"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(address: str, reason: str) -> None:
    """The reason names the part that is wrong, and repeats nothing of the address."""
    with pytest.raises(InvalidAddress) as refused:
        addresses.normalise(address)
    assert refused.value.reason == reason
    assert str(refused.value) == f"invalid address: {reason}"


@pytest.mark.parametrize(
    ("address", "normal"),
    [
        ("noor@bücher.example", "noor@xn--bcher-kva.example"),
        ("NOOR@BÜCHER.example", "noor@xn--bcher-kva.example"),
        ("noor@bu\u0308cher.example", "noor@xn--bcher-kva.example"),
        ("noor+les@vlieger.example", "noor+les@vlieger.example"),
        ("n" * 64 + "@vlieger.example", "n" * 64 + "@vlieger.example"),
    ],
)
def test_an_address_keeps_what_belongs_to_it(address: str, normal: str) -> None:
    """A host is written in ASCII; a plus tag stays."""
    assert addresses.normalise(address) == normal


@pytest.mark.parametrize(
    ("text", "is_placeholder"),
    [
        ("geen@vlieger.example", True),
        (" Onbekend@vlieger.example ", True),
        ("n.v.t.", True),
        ("NoReply@vlieger.example", True),
        ("noor@example.com", True),
        ("noor@Example.org", True),
        ("noor@vlieger.example", False),
        ("geenstra@vlieger.example", False),
        ("noor@examples.nl", False),
        ("", False),
    ],
)
def test_a_placeholder_is_told_from_an_address(text: str, is_placeholder: bool) -> None:
    """What administrations fill in for nobody is known, whole words only."""
    assert addresses.is_placeholder(text) is is_placeholder
