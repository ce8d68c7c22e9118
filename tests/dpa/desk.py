"""Two boards with schools, two people of the helpdesk and the directors, on an empty cloud."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from infra.local.house import House
from infra.local.visitor import Answer, Visitor
from schoolpoort import clock, coverage, dynamodb
from schoolpoort.coverage import Coverage, CoverageState
from schoolpoort.settings import require
from tests.dpa.samples import BOARD, CONFIRMER, NOON, RECORDER
from tests.dpa.sending import post_file
from tests.papers.files import scan
from tests.signed_in import signed_in

OTHER_BOARD = "04002"
DIRECTOR = "9001"
PUBLISHER = "rekenrijk"


@dataclass(slots=True)
class Desk:
    """The house, and the AWS operations since `calls` was cleared."""

    house: House
    calls: list[str] = field(default_factory=list)

    def at(self, epoch_s: int) -> None:
        """Let it be another moment."""
        self.house.move_clock(0)
        self.house.move_clock(epoch_s - clock.now_epoch_s())

    def now(self) -> int:
        """Return the moment that the house believes it is."""
        return clock.now_epoch_s()

    def build(self) -> None:
        """Write what other contexts would have written."""
        self.at(NOON)
        for number, name in ((BOARD, "Stichting De Vlieger"), (OTHER_BOARD, "Ús Skoalle")):
            board = {"entry": f"board#{number}", "number": number, "name": name, "place": "Dam"}
            dynamodb.put(require("REGISTRY_TABLE"), board)
        self.put_school("41", "12AB00", "De Vlieger")
        self.put_school("42", "12AB01", "’t Kompas")
        self.put_school("43", "13CD00", "De Wilgen", board_number=OTHER_BOARD)
        for table, item in (
            ("PUBLISHERS_TABLE", {"client_id": "catalog", "publisher_ids": [PUBLISHER]}),
            ("PUBLISHERS_TABLE", {"client_id": PUBLISHER, "name": "Rekenrijk"}),
        ):
            dynamodb.put(require(table), item)

    def put_school(
        self, school_id: str, brin6: str, name: str, *, board_number: str = BOARD
    ) -> None:
        """Put a location in the registry."""
        item = {
            "entry": f"location#{brin6}",
            "brin6": brin6,
            "school_id": school_id,
            "name": name,
            "place": "Vliegerdam",
            "board_number": board_number,
        }
        dynamodb.put(require("REGISTRY_TABLE"), item)

    def helpdesk(self, account_id: str = RECORDER) -> Visitor:
        """Return a browser of somebody at the helpdesk."""
        return self.person(account_id, "helpdesk", "helpdesk")

    def director(self, board_number: str = BOARD, account_id: str = DIRECTOR) -> Visitor:
        """Return a browser of somebody of a board."""
        return self.person(account_id, f"board#{board_number}", "board")

    def person(self, account_id: str, scope: str, *roles: str) -> Visitor:
        """Return a browser in which somebody is signed in."""
        return signed_in(self.house, account_id, scope, *roles)

    def record(self, visitor: Visitor | None = None, **changes: str) -> Answer:
        """Send the form of a signed agreement, changed."""
        form = {
            "board_number": BOARD,
            "model": "4.0",
            "evidence": "scan",
            "signatory": "Bas Buis",
            "reference": "VO-2024-001",
            "effective_from": "2024-08-01",
            **changes,
        }
        visitor = visitor or self.helpdesk()
        if form["evidence"] == "central_service" and "paper" not in form:
            form["paper"] = self.send_export(visitor, form["board_number"])
        return visitor.post("/helpdesk/agreements", form)

    def send_export(
        self, visitor: Visitor, board_number: str = BOARD, content: bytes | None = None
    ) -> str:
        """Send in what Kennisnet's service exported by the form on the page; have it looked at.

        Return the id of the paper that it became.
        """
        place = f"/helpdesk/agreements/exports?board={board_number}"
        landed = post_file(
            self.house, visitor.get(place).text, scan() if content is None else content
        )
        self.house.pump_until_idle()
        return landed.rpartition("paper=")[2].partition("&")[0]

    def confirm(
        self,
        visitor: Visitor | None = None,
        *,
        agreement_id: str | None = None,
        board_number: str = BOARD,
    ) -> Answer:
        """Press the button of the second person for the board's one agreement."""
        found = agreement_id or self.agreements(board_number)[0]["agreement_id"]
        path = f"/helpdesk/agreements/{found}/activate"
        return (visitor or self.helpdesk(CONFIRMER)).post(path, {"board_number": board_number})

    def sign(self, **changes: str) -> None:
        """Record an agreement and confirm it, with two people."""
        recorded = self.record(None, **changes)
        confirmed = self.confirm(board_number=changes.get("board_number", BOARD))
        if (recorded.status, confirmed.status) != (303, 303):
            raise AssertionError(recorded.text + confirmed.text)

    def declare(self, visitor: Visitor | None = None, **changes: str) -> Answer:
        """Send the form of a declaration, changed."""
        form = {"party_id": PUBLISHER, "signed_on": "2024-08-01", "valid_until": "", **changes}
        return (visitor or self.director()).post("/board/declarations", form)

    def items(self, board_number: str = BOARD, prefix: str = "") -> list[dict[str, Any]]:
        """Return what is stored of a board, or of a list of all boards."""
        found = dynamodb.query(
            require("AGREEMENTS_TABLE"), "board_number = :b", values={":b": board_number}
        )
        return [item for item in found if item["item_key"].startswith(prefix)]

    def agreements(self, board_number: str = BOARD) -> list[dict[str, Any]]:
        """Return the stored agreements of a board."""
        return self.items(board_number, "agreement#")

    def everything(self) -> list[dict[str, Any]]:
        """Return what is stored of agreements and coverage, to see that nothing changed."""
        boards = [
            item
            for name in (BOARD, OTHER_BOARD, "waiting", "confirmed")
            for item in self.items(name)
        ]
        rows = [
            dynamodb.get(require("COVERAGE_TABLE"), {"school_id": school_id}) or {}
            for school_id in ("41", "42", "43")
        ]
        return boards + rows

    def coverage(self, school_id: str) -> Coverage:
        """Return the coverage of a school as every other function reads it."""
        return coverage.of_school(school_id)

    def state(self, school_id: str, day: dt.date | None = None) -> CoverageState:
        """Return the state of a school on a day, by itself today."""
        today = coverage.amsterdam_day(clock.now_epoch_s())
        return coverage.coverage_on(self.coverage(school_id), day or today)
