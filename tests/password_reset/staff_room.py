"""A school with groups and coordinators, for the tests of roles that are given by hand."""

import datetime as dt
import itertools
from typing import Any

from infra.local.visitor import Answer, Visitor
from schoolpoort import clock, coverage, dynamodb
from schoolpoort.settings import require
from tests.password_reset.post import SCHOOL, Post
from tests.signed_in import signed_in

ROLES = "/console/people/roles"
NEW = "/console/people/new"
GROUPS = ("31", "32", "33")
_DAY_S = 24 * 3600
_ids = itertools.count(5000)


def open_school(school_id: str = "42") -> None:
    """Give a school three groups of this year, and one of last year."""
    for group_id in (*GROUPS, "39"):
        dynamodb.put(
            require("ROSTER_TABLE"),
            {
                "school_id": school_id,
                "item_key": f"group#{group_id}",
                "kind": "base",
                "name": f"Groep {group_id}",
                "year_group": "3",
                "school_year": "2026-2027",
                "active": group_id != "39",
            },
        )


def coordinator(
    post: Post, account_id: str = "", scope: str = SCHOOL, **membership: Any
) -> Visitor:
    """Return a coordinator who is in, with a password and without a last day."""
    place = {"activated_at_epoch_s": 1, "address": f"{account_id or 'x'}@vlieger.example"}
    return signed_in(
        post.house,
        account_id or str(next(_ids)),
        scope,
        "ict_coordinator",
        **{**place, **membership},
    )


def today() -> dt.date:
    """Return the day in Amsterdam, by the product's clock."""
    return coverage.amsterdam_day(clock.now_epoch_s())


def in_days(days: int) -> str:
    """Return a day from today as a form has it."""
    return (today() + dt.timedelta(days=days)).isoformat()


def give(who: Visitor, role: str, address: str, **fields: str) -> Answer:
    """Send the form that gives a role."""
    form = {"role": role, "address": address, "display_name": "Jörgen van ’t Hof", **fields}
    return who.post(NEW, form)


def member(post: Post, address: str, scope: str = SCHOOL) -> dict[str, Any]:
    """Return the stored place of an address."""
    [found] = [
        item
        for item in post.items("ACCOUNTS_TABLE")
        if item["scope"] == scope and item["address"] == address
    ]
    return found


def events(post: Post, **wanted: str) -> list[dict[str, Any]]:
    """Return what was recorded with these values, oldest first."""
    found = [
        item
        for item in post.items("PEOPLE_EVENTS_TABLE")
        if all(item[name] == value for name, value in wanted.items())
    ]
    return sorted(found, key=lambda item: item["event_id"])


def night(post: Post) -> dict[str, Any]:
    """Run the nightly job as its role."""
    answer = post.house.invoke("ReviewFunction", {})
    assert answer is not None, post.house.failures
    return dict(answer)


def days_pass(post: Post, days: int) -> None:
    """Let days pass."""
    post.move_clock(days * _DAY_S)
