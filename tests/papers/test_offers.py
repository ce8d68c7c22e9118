"""An offer that is asked for becomes a paper, once."""

import hashlib

from schoolpoort import paper_requests, papers
from schoolpoort.papers import Kind, Refusal, State
from tests.papers.samples import BOARD, offer
from tests.papers.workshop import Workshop


def test_an_offer_is_queued_and_then_ready(workshop: Workshop) -> None:
    """The paper has its hash, its size and its pages, and the object is what they say."""
    paper_id = paper_requests.render_offer(offer())
    assert papers.find(BOARD, paper_id).state is State.QUEUED
    workshop.work()
    paper = papers.find(BOARD, paper_id)
    content = workshop.content(paper)
    assert (paper.state, paper.kind, paper.mime) == (State.READY, Kind.OFFER, "application/pdf")
    assert paper.sha256 == hashlib.sha256(content).hexdigest()
    assert (paper.size_bytes, paper.pages) == (len(content), 8)
    assert papers.of_agreement(BOARD, offer().agreement_id) == [paper]


def test_asking_twice_makes_one_paper(workshop: Workshop) -> None:
    """The same offer has the same id and one object, however often its message comes."""
    first = workshop.offer(offer())
    assert workshop.offer(offer()) == first
    assert workshop.of_board() == [first]


def test_a_text_that_the_house_lacks_is_refused(workshop: Workshop) -> None:
    """Nobody signs what nobody can read."""
    paper = workshop.offer(offer(text_version="../../etc"))
    assert (paper.state, paper.refusal) == (State.REFUSED, Refusal.UNKNOWN_TEXT)
