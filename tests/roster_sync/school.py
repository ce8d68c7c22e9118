"""One covered school on an empty cloud, its coordinator, and what a test asks of them."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from infra.local.house import House
from infra.local.stand_ins import las
from infra.local.visitor import Visitor
from roster_sync import store
from roster_sync.runs import Run
from schoolpoort import clock, credentials, dynamodb
from schoolpoort.coverage import amsterdam_day
from schoolpoort.settings import require
from tests.roster_sync.samples import BRIN6
from tests.signed_in import signed_in

SCHOOL_ID = "4200"
_NOON_OF_A_SCHOOL_DAY = dt.datetime(2026, 11, 24, 11, tzinfo=dt.UTC)


@dataclass(slots=True)
class School:
    """The school, the house that serves it and the AWS operations since `calls` was cleared."""

    house: House
    calls: list[str] = field(default_factory=list)

    def at(self, moment: dt.datetime) -> None:
        """Let it be another moment."""
        self.house.move_clock(0)
        self.house.move_clock(int(moment.timestamp()) - clock.now_epoch_s())

    def at_noon(self) -> None:
        """Let it be a school day."""
        self.at(_NOON_OF_A_SCHOOL_DAY)

    def register(self, brin6: str = BRIN6) -> None:
        """Put the school in the registry."""
        item = {
            "entry": f"location#{brin6}",
            "brin6": brin6,
            "school_id": SCHOOL_ID,
            "name": "De Vlieger",
            "street": "Dorpsstraat 1",
            "place": "Vliegerdam",
            "postcode": "1234 AB",
            "board_number": "40001",
            "schema_version": 1,
        }
        dynamodb.put(require("REGISTRY_TABLE"), item)

    def cover(self, since: str = "2020-01-01", until: str | None = None) -> None:
        """Let an agreement cover the school for some days."""
        period = {
            "state": "covered_board",
            "agreement_id": "1",
            "since": since,
            "until": until,
        }
        item = {
            "school_id": SCHOOL_ID,
            "board_number": "40001",
            "periods": [period],
            "declarations": [],
        }
        dynamodb.put(require("COVERAGE_TABLE"), item)

    def coordinator(self, *roles: str, account_id: str = "7") -> Visitor:
        """Return a browser in which the coordinator is signed in."""
        scope = f"school#{SCHOOL_ID}"
        held = roles or ("ict_coordinator",)
        return signed_in(self.house, account_id, scope, *held, activated_at_epoch_s=1)

    def mailed_coordinator(self, language: str = "nl") -> Visitor:
        """Return the coordinator, who has a password and so gets mails."""
        credential = {
            "address_key": credentials.staff_key("hanna@example.nl"),
            "account_id": "7",
            "language": language,
            "password_hash": "x",
            "password_version": 1,
        }
        dynamodb.put(require("CREDENTIALS_TABLE"), credential)
        return self.coordinator()

    def subjects(self) -> list[str]:
        """Return the subjects of the mails that were sent, newest first."""
        self.house.pump_until_idle(5)
        return [mail["subject"] for mail in self.house.mails()]

    def link(self, key: str = las.key_of(BRIN6)) -> None:
        """Store the school's right key, as its coordinator does."""
        form = {"supplier": "parnassys", "authorisation_key": key}
        answer = self.coordinator().post("/console/roster/key", form)
        if answer.location != "/console/roster?key=stored":
            raise AssertionError(answer.text)

    def night(self) -> Run:
        """Let the night come: plan it, work its messages off, return the newest run."""
        self.house.run_schedules()
        return self.work()

    def work(self) -> Run:
        """Work off the queue and return the newest run."""
        self.house.pump_until_idle(5)
        return store.latest_runs(SCHOOL_ID, 1)[0]

    def next_day(self) -> None:
        """Let a day pass."""
        self.house.move_clock(self.house.clock_offset_s + 24 * 60 * 60)

    def today(self) -> dt.date:
        """Return the day in the Netherlands."""
        return amsterdam_day(clock.now_epoch_s())

    def roster_items(self) -> dict[str, dict[str, Any]]:
        """Return everything stored of the school but its runs and their reverses, by key."""
        values = {":school": SCHOOL_ID}
        items = dynamodb.query(require("ROSTER_TABLE"), "school_id = :school", values=values)
        passing = ("run#", "undo#")
        return {
            item["item_key"]: item for item in items if not item["item_key"].startswith(passing)
        }
