"""The papers function on an empty cloud: asked as other functions ask it."""

from dataclasses import dataclass

from infra.local import cloud as local_cloud
from infra.local.house import House
from schoolpoort import paper_requests, papers
from schoolpoort.paper_requests import Offer
from schoolpoort.papers import Paper
from tests.papers.samples import BOARD


@dataclass(slots=True)
class Workshop:
    """The house, and what a caller of `paper_requests` does."""

    house: House

    def work(self) -> None:
        """Let the worker do all that is on its queue."""
        self.house.pump_until_idle()

    def offer(self, offer: Offer) -> Paper:
        """Ask for an offer, have it made, and read it."""
        paper_id = paper_requests.render_offer(offer)
        self.work()
        return papers.find(offer.board.board_number, paper_id)

    def content(self, paper: Paper) -> bytes:
        """Return the object of a paper as it stands in the bucket."""
        found = local_cloud.client("s3").get_object(
            Bucket=self.house.cloud.references["PapersBucket"],
            Key=paper.object_key,
            VersionId=paper.object_version,
        )
        content: bytes = found["Body"].read()
        return content

    def of_board(self, board_number: str = BOARD) -> list[Paper]:
        """Return every paper of a board."""
        return papers.of_board(board_number)
