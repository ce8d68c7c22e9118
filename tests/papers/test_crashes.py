"""A job that ends halfway and comes again leaves what it would have left at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from infra.local import cloud as local_cloud
from schoolpoort import aws as product_aws
from schoolpoort import paper_requests, papers
from schoolpoort.papers import Kind, Paper, State
from tests.papers import files
from tests.papers.samples import CONFIRMED_AT, offer, signature
from tests.papers.workshop import Workshop

_SERVICES = ("dynamodb", "kms", "s3")


class Crash(Exception):
    """The process is gone; nothing of ours catches this."""


@dataclass(slots=True)
class _Crashing:
    """Ends a job at its n-th call of AWS, before or after that happened; below zero never."""

    left: int = -1
    is_after: bool = False
    calls: list[str] = field(default_factory=list)

    def before(self, model: Any, **_: Any) -> None:
        """Hear of a call that is about to be made."""
        self.calls.append(model.name)
        self._count(is_after=False)

    def after(self, **_: Any) -> None:
        """Hear of a call that was answered."""
        self._count(is_after=True)

    def _count(self, *, is_after: bool) -> None:
        if self.left < 0 or is_after is not self.is_after:
            return
        self.left -= 1
        if self.left < 0:
            raise Crash


@pytest.fixture
def crashing(workshop: Workshop) -> Iterator[_Crashing]:
    """Return what ends a job of this process at a chosen call."""
    watch = _Crashing()
    hooks = {name: product_aws.client(name).meta.events for name in _SERVICES}
    for name, events in hooks.items():
        events.register(f"before-call.{name}", watch.before, unique_id="papers-before")
        events.register(f"after-call.{name}", watch.after, unique_id="papers-after")
    yield watch
    for name, events in hooks.items():
        events.unregister(f"before-call.{name}", unique_id="papers-before")
        events.unregister(f"after-call.{name}", unique_id="papers-after")


def _offer_of(board_number: str) -> paper_requests.Offer:
    usual = offer()
    return replace(usual, board=replace(usual.board, board_number=board_number))


def _ask_for_offer(_workshop: Workshop, board_number: str) -> str:
    return paper_requests.render_offer(_offer_of(board_number))


def _send_scan(workshop: Workshop, board_number: str) -> str:
    return workshop.send(files.scan(), board_number=board_number)[0]


def _send_script(workshop: Workshop, board_number: str) -> str:
    return workshop.send(_SCRIPT, board_number=board_number)[0]


def _ask_for_seal(workshop: Workshop, board_number: str) -> str:
    offered = workshop.offer(_offer_of(board_number))
    workshop.forget("seal", "certificate#1")
    asked = paper_requests.Countersigning(
        board_number, offered.agreement_id, offered.paper_id, "", (signature(),), CONFIRMED_AT
    )
    return paper_requests.countersign(asked)


def _ask_for_all(workshop: Workshop, board_number: str) -> str:
    workshop.countersign(workshop.offer(_offer_of(board_number)))
    return paper_requests.bundle(board_number, asked_at_epoch_s=CONFIRMED_AT)


_SCRIPT = files.with_script(files.scan())
_JOBS: dict[str, Callable[[Workshop, str], str]] = {
    "an offer": _ask_for_offer,
    "an upload": _send_scan,
    "a refused upload": _send_script,
    "a countersigned paper": _ask_for_seal,
    "a bundle": _ask_for_all,
}


def _versions(workshop: Workshop, paper: Paper) -> int:
    bucket = workshop.house.cloud.references["PapersBucket"]
    listed = local_cloud.client("s3").list_object_versions(Bucket=bucket, Prefix=paper.object_key)
    return len(listed.get("Versions", []))


@pytest.mark.parametrize("is_after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("what", _JOBS)
def test_a_crash_at_any_call_leaves_the_same(
    workshop: Workshop, crashing: _Crashing, what: str, is_after: bool
) -> None:
    """The same state, one object of one version, and nothing left on the way in."""
    crashing.is_after = is_after
    calls = 0
    while True:
        board_number = str(50_000 + calls)
        paper_id = _JOBS[what](workshop, board_number)
        [message] = workshop.take_messages()
        crashing.left = calls
        was_whole = workshop.deliver(message)
        crashing.left = -1
        assert was_whole or workshop.house.failures.pop().rstrip().endswith("Crash")
        assert workshop.deliver(message)
        paper = papers.find(board_number, paper_id)
        wanted = State.REFUSED if what == "a refused upload" else State.READY
        assert paper.state is wanted, calls
        assert _versions(workshop, paper) == 1, calls
        assert paper.sha256 == workshop.sha256(paper)
        assert workshop.uploads_left() == []
        if was_whole:
            break
        calls += 1
    assert calls >= 3


def test_two_workers_at_once_make_one_paper(workshop: Workshop) -> None:
    """Whoever comes second goes on with the object that stands there."""
    offered = workshop.offer(offer())
    first = workshop.countersign(offered)
    workshop.forget(first.board_number, first.paper_id)
    again = workshop.countersign(offered)
    assert replace(again, made_at_epoch_s=0) == replace(first, made_at_epoch_s=0)
    assert {one.kind for one in workshop.of_board()} == {Kind.COUNTERSIGNED, Kind.OFFER}
