"""The rule of acceptance: one signed file passes, and each way to spoil it has words of its own."""

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from pyhanko.sign.fields import MDPPerm

from papers import signatures
from papers.offer_paper import offer_pdf
from papers.signatures import Expected, judge
from schoolpoort.papers import Refusal
from tests.amounts import IS_SOAK
from tests.papers import signing
from tests.papers.samples import offer
from tests.papers.signing import AT

_FLIPS = 5_000 if IS_SOAK else 150
_OFFERED = offer_pdf(offer())[0]
_DIRECTOR = signing.signer()
_SIGNED = signing.signed(_OFFERED, _DIRECTOR)
_EXPECTED = Expected(1, [_DIRECTOR.root], AT, _OFFERED)


def test_a_good_file_is_accepted() -> None:
    """Signed by somebody under our list of roots, and nothing else."""
    verdict = judge(_SIGNED, _EXPECTED)
    assert verdict.refusal is None
    assert verdict.seen[0]["subject"] == "Common Name: Bas Buis"


def _twice(content: bytes) -> bytes:
    return signing.signed(content, signing.signer("Iemand Anders"), "Tweede")


def _tampered_where_it_shows(content: bytes) -> bytes:
    return signing.flipped(content, content.index(b"stream") + 40)


_SPOILED: dict[str, tuple[Callable[[bytes], bytes], Refusal]] = {
    "one bit of what was signed": (
        lambda _: signing.flipped(_SIGNED, len(_OFFERED) + 40),
        Refusal.ALTERED,
    ),
    "one bit of the offer": (
        lambda _: _tampered_where_it_shows(_SIGNED),
        Refusal.OTHER_TEXT,
    ),
    "bytes behind the end": (lambda _: _SIGNED + b"\n% nog iets", Refusal.ADDED_TO),
    "a page overlaid after signing": (lambda _: signing.overlaid(_SIGNED), Refusal.ADDED_TO),
    "another title after signing": (lambda _: signing.other_title(_SIGNED), Refusal.ADDED_TO),
    "a page overlaid before signing": (
        lambda offered: signing.signed(signing.overlaid(offered), _DIRECTOR),
        Refusal.OTHER_TEXT,
    ),
    "another offer": (
        lambda _: signing.signed(offer_pdf(offer(agreement_id="77"))[0], _DIRECTOR),
        Refusal.OTHER_TEXT,
    ),
    "an unknown root": (
        lambda offered: signing.signed(offered, signing.signer(root="Vreemd")),
        Refusal.UNKNOWN_SIGNER,
    ),
    "a certificate that is not for signing": (
        lambda offered: signing.signed(
            offered, signing.signer(may_sign=False), signer_key_usage={"digital_signature"}
        ),
        Refusal.UNKNOWN_SIGNER,
    ),
    "no signature": (lambda offered: offered, Refusal.NOT_SIGNED),
    "a signature too many": (lambda _: _twice(_SIGNED), Refusal.TOO_MANY_SIGNATURES),
    "no room for our signature": (
        lambda offered: signing.signed(
            offered, _DIRECTOR, certify=True, docmdp_permissions=MDPPerm.NO_CHANGES
        ),
        Refusal.LOCKED,
    ),
    "half of the file": (lambda _: _SIGNED[: len(_SIGNED) // 2], Refusal.SIGNATURE_UNREADABLE),
    "nothing at all": (lambda _: b"", Refusal.SIGNATURE_UNREADABLE),
}


@pytest.mark.parametrize("how", _SPOILED)
def test_trap_8_each_way_to_spoil_a_file_is_refused(how: str) -> None:
    """`valid`, `trusted` and `bottom_line` each call some of these fine; together they do not."""
    spoil, refusal = _SPOILED[how]
    assert judge(spoil(_OFFERED), _EXPECTED).refusal is refusal


def test_trap_8_no_roots_but_ours() -> None:
    """Neither the machine's own roots nor the one in the file itself makes a signer known."""
    assert judge(_SIGNED, replace(_EXPECTED, roots=[])).refusal is Refusal.UNKNOWN_SIGNER
    leaf = replace(_EXPECTED, roots=[_DIRECTOR.certificate])
    assert judge(_SIGNED, leaf).refusal is None


def test_a_certificate_that_has_expired_is_said_to_have() -> None:
    """Judged at the moment that we are told, not at the one that the file claims."""
    late = signing.signer(ends=AT + dt.timedelta(days=1))
    expected = Expected(1, [late.root], AT + dt.timedelta(days=2), _OFFERED)
    signed = signing.signed(_OFFERED, late)
    assert judge(signed, expected).refusal is Refusal.CERTIFICATE_EXPIRED
    assert judge(signed, replace(expected, at=AT)).refusal is None


def test_two_directors_sign_one_after_the_other() -> None:
    """The second signature is no change to the first, and both are asked for."""
    both = _twice(_SIGNED)
    assert judge(both, replace(_EXPECTED, count=2)).refusal is None
    assert judge(_SIGNED, replace(_EXPECTED, count=2)).refusal is Refusal.NOT_SIGNED


@pytest.mark.soak
def test_no_flipped_bit_of_what_was_signed_is_accepted() -> None:
    """A changed bit is refused or lies in the hole of the signature; nothing escapes as a crash."""
    chance = random.Random(20261124)
    own_hole = signing.hole(_SIGNED)
    expected = replace(_EXPECTED, offered=b"")
    accepted = []
    for _ in range(_FLIPS):
        at = chance.randrange(len(_SIGNED))
        # Most of a file is letters: half of the tries go to where the structure is.
        if chance.random() < 0.5:
            at = chance.randrange(len(_OFFERED) - 4_000, len(_SIGNED))
        changed = signing.flipped(_SIGNED, at, chance.randrange(8))
        if judge(changed, expected).refusal is None:
            accepted.append(at)
    assert [at for at in accepted if at not in own_hole] == []


def test_the_hole_of_a_signature_is_why_the_whole_file_is_hashed() -> None:
    """The padding behind a signature can be changed unseen, so a paper is known by its hash."""
    last = signing.hole(_SIGNED)[-1]
    assert judge(signing.flipped(_SIGNED, last), _EXPECTED).refusal is None


def _raising(error: Exception) -> Callable[[object], object]:
    def raise_it(_: object) -> object:
        raise error

    return raise_it


@pytest.mark.parametrize("kind", signatures.UNREADABLE, ids=lambda kind: kind.__name__)
def test_each_kind_of_exception_means_not_accepted(
    kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What pyHanko and its parts raise on broken files never leaves the rule."""
    error = kind.__new__(kind)
    monkeypatch.setattr(signatures, "PdfFileReader", _raising(error))
    assert judge(_SIGNED, _EXPECTED).refusal is Refusal.SIGNATURE_UNREADABLE


def test_running_out_of_memory_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tuple is narrow: what says nothing of the file is not taken for an answer about it."""
    monkeypatch.setattr(signatures, "PdfFileReader", _raising(MemoryError()))
    with pytest.raises(MemoryError):
        judge(_SIGNED, _EXPECTED)


def test_nothing_about_a_signer_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The library would write the names in a certificate that it does not trust."""
    caplog.set_level(0)
    judge(_SIGNED, replace(_EXPECTED, roots=[]))
    assert "Bas Buis" not in caplog.text
    assert "pyhanko" not in caplog.text
