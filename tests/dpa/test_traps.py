"""Twenty ways in which a naive build fails: each has tests that carry its number in their name.

1  a flag on a school                    11  the address that a stranger gave
2  a code that vanished                  12  calls from outside that move a state
3  numbers that lose their zeros         13  reminders without end, or in the summer
4  encodings and columns                 14  a board that ends takes schools along
5  the last day, and midnight            15  names in logs and subjects
6  a list that acts by itself            16  promises in hours that nobody works
7  a renewal by silence, a gap           17  letters that a font lacks
8  "valid" that is not                   18  PDF libraries at the sign-in
9  our own seal runs out                 19  no way but one through a service of others
10  one of two who must sign              20  signing that asks for too much
"""

import re
from pathlib import Path

import pytest

from dpa.app import ROUTES
from infra.local.visitor import Visitor
from tests.dpa.desk import Desk
from tests.dpa.samples import BOARD, CONFIRMER
from tests.dpa.test_signing_pages import FORM, act, offer, sign, the_agreement, verify

_TRAPS = range(1, 21)


def test_each_trap_has_a_test_of_its_own() -> None:
    """None is forgotten when tests are renamed or moved."""
    folder = Path(__file__).parents[1]
    named: set[int] = set()
    for place in ("dpa", "papers", "onboarding"):
        for path in (folder / place).glob("test_*.py"):
            found = re.findall(r"def test_trap_([0-9]+)_", path.read_text("utf-8"))
            named.update(int(number) for number in found)
    assert named >= set(_TRAPS)


@pytest.mark.parametrize("path", sorted(path for method, path in ROUTES if method == "POST"))
def test_trap_12_no_call_from_outside_moves_an_agreement(desk: Desk, path: str) -> None:
    """Whoever has neither a session nor a code changes nothing, whatever the form says."""
    offer(desk)
    found = the_agreement(desk)
    filled = path.replace("{agreement_id}", found["agreement_id"])
    filled = filled.replace("{invitation_id}", found["signers"][0])
    filled = filled.replace("{change_id}", "77").replace("{act}", "sign")
    form = {"board_number": BOARD, "name": FORM["director_name"], "authority": "yes"}
    before = desk.everything()
    answer = Visitor(desk.house.call).post(filled, form)
    assert answer.status in {200, 303, 403, 404}
    assert desk.everything() == before


def test_trap_15_no_name_of_a_director_is_in_a_log_or_a_subject(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """From the offer to the last mail: only ids are logged, only the board is in a subject."""
    offer(desk)
    sign(desk, FORM["director_address"], FORM["director_name"])
    verify(desk)
    act(desk, "confirm", CONFIRMER)
    assert the_agreement(desk)["state"] == "active"
    logged = " ".join(str(record.__dict__) for record in caplog.records)
    assert "agreement" in logged
    subjects = " ".join(mail["subject"] for mail in desk.house.mails())
    for said in ("Sjoukje", "Łord", FORM["director_address"], FORM["contact_address"]):
        assert said not in logged
        assert said not in subjects


def test_trap_19_every_board_can_sign_with_us_alone(desk: Desk) -> None:
    """Kennisnet's service is one class of evidence beside others, shown as such, never needed."""
    desk.sign(evidence="central_service")
    assert the_agreement(desk)["evidence_class"] == "central_service"
    assert "Kennisnet" in desk.director().get("/board/agreements").text
    assert "Kennisnet" not in desk.director().get("/board/agreements/offer").text
