"""What onboarding keeps of requests: the requests, boards' addresses and directors' authority."""

from typing import Any

from onboarding import account_request, request_states
from onboarding.account_request import AccountRequest
from onboarding.request_states import State
from schoolpoort import aws, dynamodb
from schoolpoort.dynamodb import Item, Operation, Put
from schoolpoort.errors import SchoolpoortError, StoreUnavailable, TransactionRefused
from schoolpoort.settings import require

SCHEMA_VERSION = 1
_DAY_S = 24 * 3600
_KEPT_S = {State.ACTIVATED: 730 * _DAY_S}
_KEPT_ENDED_S = 182 * _DAY_S
"""How long a request is kept after its end: two years when somebody came in, else half a year."""


class ChangedMeanwhile(SchoolpoortError):
    """Somebody else changed the request first; nothing was written."""


class AlreadyApproved(SchoolpoortError):
    """Another request for the same school was approved already; nothing was written."""


def find(request_id: str) -> AccountRequest | None:
    """Return a request, or None."""
    item = dynamodb.get(_table(), _key(request_id), consistent=True)
    return None if item is None else account_request.from_item(item)


def add(request: AccountRequest) -> None:
    """Keep a new request."""
    dynamodb.put(_table(), _item(request), unless_exists="entry")


def save(request: AccountRequest, *, known_version: int, claims_school: bool = False) -> None:
    """Write a changed request; raises ChangedMeanwhile, or AlreadyApproved for a second one.

    With `claims_school` this request is the one by which the school gets its administrator.
    """
    operations: list[Operation] = [
        Put(
            _table(),
            _item(request),
            "#version = :known",
            names={"#version": "version"},
            values={":known": known_version},
        )
    ]
    if claims_school:
        claim = {
            "entry": f"approved#{_school_of(request)}",
            "request_id": request.request_id,
            "schema_version": SCHEMA_VERSION,
        }
        unless = "attribute_not_exists(entry) OR request_id = :own OR released = :yes"
        values = {":own": request.request_id, ":yes": True}
        operations.append(Put(_table(), claim, unless, values=values))
    try:
        dynamodb.transact(operations)
    except TransactionRefused as error:
        if error.reasons[:1] == ("ConditionalCheckFailed",):
            raise ChangedMeanwhile(request.request_id) from error
        if "ConditionalCheckFailed" in error.reasons:
            raise AlreadyApproved(request.request_id) from error
        raise StoreUnavailable from error


def release_school(request: AccountRequest) -> None:
    """Let another request for the school be approved: this one was frozen."""
    item = {
        "entry": f"approved#{_school_of(request)}",
        "request_id": request.request_id,
        "released": True,
        "schema_version": SCHEMA_VERSION,
    }
    dynamodb.put(_table(), item)


def _school_of(request: AccountRequest) -> str:
    return request.claim.brin6 or request.request_id


def waiting() -> list[AccountRequest]:
    """Return what stands in the queue, oldest first; one Query."""
    items = dynamodb.query(_table(), "queue = :open", values={":open": "open"}, index="by_queue")
    return [account_request.from_item(item) for item in items]


def watched() -> list[AccountRequest]:
    """Return what was invited and is not active yet, oldest first; one Query."""
    items = dynamodb.query(_table(), "queue = :open", values={":open": "invited"}, index="by_queue")
    return [account_request.from_item(item) for item in items]


def others_of_school(request: AccountRequest) -> int:
    """Return how many other undecided requests there are for the same school; one Query."""
    if not request.claim.brin6:
        return 0
    items = dynamodb.query(
        _table(), "brin6 = :school", values={":school": request.claim.brin6}, index="by_school"
    )
    states = {state.value for state in request_states.UNDECIDED}
    return sum(
        item["state"] in states and item["request_id"] != request.request_id for item in items
    )


def contact(board_number: str) -> Item | None:
    """Return the board's registered address: `address`, `source`, `seen_on`, `recorded_by`."""
    return dynamodb.get(_table(), {"entry": f"contact#{board_number}"}, consistent=True)


def authority(board_number: str, director: str, *, now_epoch_s: int) -> Item | None:
    """Return what was seen of a director's authority within its time: `kind`, `method`, …."""
    found = dynamodb.get(_table(), _authority_key(board_number, director), consistent=True)
    return found if found and found["valid_until_epoch_s"] > now_epoch_s else None


def record(what: str, board_number: str, director: str, **seen: Any) -> None:
    """Keep a board's address ("contact") or what was seen of a director ("authority")."""
    is_contact = what == "contact"
    key = (
        {"entry": f"contact#{board_number}"}
        if is_contact
        else _authority_key(board_number, director)
    )
    dynamodb.put(_table(), {**key, **seen, "schema_version": SCHEMA_VERSION})


def _authority_key(board_number: str, director: str) -> dict[str, str]:
    return {"entry": f"authority#{board_number}#{' '.join(director.casefold().split())}"}


def keep_paper(key: str, content: bytes) -> None:
    """Keep the signed PDF with the request."""
    aws.client("s3").put_object(
        Bucket=require("REQUEST_PAPERS_BUCKET"),
        Key=key,
        Body=content,
        ContentType="application/pdf",
    )


def paper_url(key: str) -> str:
    """Return an address at which somebody may fetch a paper for a minute, as a file."""
    return str(
        aws.client("s3").generate_presigned_url(
            "get_object",
            Params={
                "Bucket": require("REQUEST_PAPERS_BUCKET"),
                "Key": key,
                "ResponseContentDisposition": 'attachment; filename="request.pdf"',
                "ResponseContentType": "application/pdf",
            },
            ExpiresIn=60,
        )
    )


def _item(request: AccountRequest) -> dict[str, Any]:
    item = {**_key(request.request_id), **account_request.to_item(request)}
    if request.is_open:
        item["queue"] = "open"
    elif request.state is State.INVITED:
        item["queue"] = "invited"
    if request.claim.brin6:
        item["brin6"] = request.claim.brin6
    if request.state in request_states.ENDED:
        kept_s = _KEPT_S.get(request.state, _KEPT_ENDED_S)
        item["expires_at_epoch_s"] = request.changed_at_epoch_s + kept_s
    return {**item, "schema_version": SCHEMA_VERSION}


def _key(request_id: str) -> dict[str, str]:
    return {"entry": f"request#{request_id}"}


def _table() -> str:
    return require("REQUESTS_TABLE")
