"""The papers function on an empty cloud: asked as other functions ask it."""

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from infra.local import cloud as local_cloud
from infra.local import server as local_server
from infra.local.gateway import HttpRequest, HttpResponse
from infra.local.house import House
from infra.local.visitor import Visitor
from schoolpoort import clock, dynamodb, paper_requests, papers
from schoolpoort.paper_requests import Countersigning, Offer
from schoolpoort.papers import Paper
from schoolpoort.settings import require
from tests.papers.samples import AGREEMENT, BOARD, CONFIRMED_AT, signature
from tests.signed_in import signed_in


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

    def upload(
        self, content: bytes, *, board_number: str = BOARD, agreement_id: str = AGREEMENT
    ) -> Paper:
        """Send a file by the presigned form, have it checked, and read what came of it."""
        paper_id, answer = self.send(content, board_number=board_number, agreement_id=agreement_id)
        if answer.status != 303:
            raise AssertionError(answer.body)
        self.work()
        return papers.find(board_number, paper_id)

    def send(
        self, content: bytes, *, board_number: str = BOARD, agreement_id: str = AGREEMENT
    ) -> tuple[str, HttpResponse]:
        """Send a file by the presigned form; return the paper's id and what S3 answers."""
        form, paper_id = paper_requests.upload_form(
            board_number, agreement_id, redirect_to="/board/papers?sent={paper_id}"
        )
        edge = uuid.uuid4().hex
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in form.fields.items()
        ]
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="x.pdf"\r\n'
            "Content-Type: application/pdf\r\n\r\n"
        )
        body = "".join(parts).encode() + head.encode() + content + f"\r\n--{edge}--\r\n".encode()
        headers = (("content-type", f"multipart/form-data; boundary={edge}"),)
        request = HttpRequest("POST", form.url, headers, body, "127.0.0.1")
        return paper_id, self.house.post_file(form.url, request)

    def countersign(self, offer: Paper, upload: Paper | None = None, **changes: Any) -> Paper:
        """Ask for our seal on an offer, have it made, and read it."""
        asked = {
            "board_number": offer.board_number,
            "agreement_id": offer.agreement_id,
            "offer_id": offer.paper_id,
            "upload_id": upload.paper_id if upload else "",
            "signatures": (signature(),),
            "confirmed_at_epoch_s": CONFIRMED_AT,
            **changes,
        }
        paper_id = paper_requests.countersign(Countersigning(**asked))
        self.work()
        return papers.find(offer.board_number, paper_id)

    def director(self, board_number: str = BOARD) -> Visitor:
        """Return a browser of somebody of a board."""
        return signed_in(self.house, f"9{board_number}", f"board#{board_number}", "board")

    def helpdesk(self) -> Visitor:
        """Return a browser of somebody of the helpdesk."""
        return signed_in(self.house, "8001", "helpdesk", "helpdesk")

    def fetch(self, address: str) -> HttpResponse:
        """Open an address that a page sends somebody to."""
        parts = urlsplit(address)
        request = HttpRequest("GET", f"{parts.path}?{parts.query}", (), b"", "127.0.0.1")
        return local_server.answer(self.house, request)

    def take_messages(self) -> list[str]:
        """Take the messages off the queue of the worker, without working."""
        sqs, url = local_cloud.client("sqs"), self.house.cloud.references["PapersQueue"]
        taken = []
        while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in found:
                taken.append(message["Body"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return taken

    def deliver(self, message: str) -> bool:
        """Give the worker one message; say whether it was finished."""
        event = {"Records": [{"messageId": "1", "body": message}]}
        answer = self.house.invoke("PapersWorkerFunction", event)
        return bool(answer == {"batchItemFailures": []})

    def forget(self, board_number: str, paper_id: str) -> None:
        """Remove a row, as if it had not been written yet."""
        key = {"board_number": board_number, "paper_id": paper_id}
        dynamodb.delete(require("PAPERS_TABLE"), key)

    def uploads_left(self) -> list[str]:
        """Return what still lies where files come in."""
        bucket = self.house.cloud.references["UploadsBucket"]
        listed = local_cloud.client("s3").list_objects_v2(Bucket=bucket)
        return [found["Key"] for found in listed.get("Contents", [])]

    def content(self, paper: Paper) -> bytes:
        """Return the object of a paper as it stands in the bucket."""
        found = local_cloud.client("s3").get_object(
            Bucket=self.house.cloud.references["PapersBucket"],
            Key=paper.object_key,
            VersionId=paper.object_version,
        )
        content: bytes = found["Body"].read()
        return content

    def at(self, epoch_s: int) -> None:
        """Let it be another moment."""
        self.house.move_clock(0)
        self.house.move_clock(epoch_s - clock.now_epoch_s())

    def check_seal(self) -> Any:
        """Do what the schedule does every day; None when it fails."""
        return self.house.invoke("SealCheckFunction", {})

    def sha256(self, paper: Paper) -> str:
        """Return the hash of the object of a paper."""
        return hashlib.sha256(self.content(paper)).hexdigest()

    def of_board(self, board_number: str = BOARD) -> list[Paper]:
        """Return every paper of a board."""
        return papers.of_board(board_number)
