"""A deployment publishes what pages look like, invites the first helpdesk, and always answers."""

import json
import logging
from typing import Any

import pytest

from deployment import app
from infra.local import cloud as local_cloud
from infra.local.gateway import HttpRequest
from infra.local.house import House
from schoolpoort import static_files
from tests.deployment.cloudformation import FIRST, SIGNATURE, CloudFormation
from tests.onboarding import aws_faults

HANNA = "hanna.hulp@schoolpoort.example"
DAAN = "daan.desk@schoolpoort.example"


def _queued(house: House) -> list[dict[str, Any]]:
    """Return what was put on the mail queue, and take it off."""
    sqs, url = local_cloud.client("sqs"), house.cloud.references["MailQueue"]
    found = []
    while received := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in received:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def _published(house: House) -> dict[str, Any]:
    """Return the objects of the static bucket by key, with their headers and content."""
    s3, bucket = local_cloud.client("s3"), house.cloud.references["StaticBucket"]
    listed = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    return {each["Key"]: s3.get_object(Bucket=bucket, Key=each["Key"]) for each in listed}


# --- the answer -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_every_event_is_answered_with_success(cloudformation: CloudFormation, kind: str) -> None:
    """The answer names stack, request and resource as they were sent, at the given address."""
    answer = cloudformation.send(kind)
    assert answer == {
        "Status": "SUCCESS",
        "Reason": "done",
        "PhysicalResourceId": "deployment",
        "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/deur/1",
        "RequestId": "7e8f",
        "LogicalResourceId": "Deployment",
    }
    assert cloudformation.house.failures == []


def test_the_answer_has_no_content_type(cloudformation: CloudFormation) -> None:
    """The presigned address of CloudFormation was signed for an empty one."""
    cloudformation.send("Create")
    assert cloudformation.content_types == [""]


def test_the_resource_keeps_its_name(cloudformation: CloudFormation) -> None:
    """Another physical id would make CloudFormation delete the one before."""
    names = {cloudformation.send(kind)["PhysicalResourceId"] for kind in ("Create", "Update")}
    assert names == {cloudformation.event("Update", FIRST)["PhysicalResourceId"]}


def test_an_answer_that_is_not_taken_is_given_again(cloudformation: CloudFormation) -> None:
    """A hiccup of S3 does not let a stack wait for an hour."""
    cloudformation.statuses = [503, 500]
    assert cloudformation.send("Create")["Status"] == "SUCCESS"
    assert cloudformation.tries == 3


def test_an_answer_that_is_never_taken_fails_the_call(cloudformation: CloudFormation) -> None:
    """Lambda then runs the event again, which is safe."""
    cloudformation.statuses = [403, 403, 403]
    with pytest.raises(app.ReportRefused) as caught:
        app.handler(cloudformation.event("Delete", FIRST), None)
    assert cloudformation.answers == []
    assert SIGNATURE not in str(caught.value)


def test_an_address_where_nobody_listens_reaches_no_log(
    aws: House, caplog: pytest.LogCaptureFixture
) -> None:
    """The signed address of the answer is a secret, also when it does not work."""
    caplog.set_level(logging.DEBUG)
    side = CloudFormation(aws, f"http://127.0.0.1:9/answer?{SIGNATURE}")
    with pytest.raises(app.ReportRefused) as caught:
        app.handler(side.event("Delete", FIRST), None)
    assert SIGNATURE not in caplog.text + repr(caught.getrepr())
    assert caught.value.__cause__ is caught.value.__context__ is None


# --- what goes wrong ------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["PutObject", "SendMessage"])
@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_a_refused_call_is_answered_with_its_code(
    cloudformation: CloudFormation, kind: str, operation: str
) -> None:
    """The reason names the operation and the code, and nothing of the message of AWS."""
    with aws_faults.watched() as calls:
        calls.refuses = lambda name, _number: name == operation
        answer = cloudformation.send(kind)
    assert answer["Status"] == "FAILED"
    assert answer["Reason"] == f"{operation}: AccessDenied"
    assert cloudformation.house.failures == []


def test_a_call_without_an_answer_is_answered(cloudformation: CloudFormation) -> None:
    """A network that fails is named by its kind, without an address."""
    with aws_faults.watched() as calls:
        calls.loses = lambda name, _number: name == "PutObject"
        answer = cloudformation.send("Create")
    assert (answer["Status"], answer["Reason"]) == ("FAILED", "ReadTimeoutError")


@pytest.mark.parametrize("wrong", ["", "geen adres", "hanna@", "hanna@schoolpoort.example\nBcc:x"])
def test_a_wrong_address_fails_before_anybody_is_invited(
    cloudformation: CloudFormation, wrong: str
) -> None:
    """The reason says what kind of fault it is, without the address."""
    answer = cloudformation.send("Create", [HANNA, wrong])
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("InvalidAddress: ")
    assert "hanna" not in answer["Reason"]
    assert _queued(cloudformation.house) == []


def test_a_missing_setting_is_named(
    cloudformation: CloudFormation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A template that forgets a variable learns which."""
    monkeypatch.delenv("STATIC_BUCKET")
    answer = cloudformation.send("Create")
    assert (answer["Status"], "STATIC_BUCKET" in answer["Reason"]) == ("FAILED", True)


def test_a_deletion_touches_nothing(cloudformation: CloudFormation) -> None:
    """The resource has nothing of its own to delete: files and people stay."""
    with aws_faults.watched() as calls:
        cloudformation.send("Delete")
    assert calls.made == []


def test_addresses_stay_out_of_the_log(
    cloudformation: CloudFormation, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has the kind of event and the outcome."""
    caplog.set_level(logging.INFO)
    cloudformation.send("Create")
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert "SUCCESS" in logged
    assert "hanna" not in logged.lower()
    assert SIGNATURE not in logged


# --- static files ---------------------------------------------------------------------------


def test_every_static_file_is_published_under_its_hashed_name(
    cloudformation: CloudFormation,
) -> None:
    """The name that a page uses is the key, and the content is that of the layer."""
    cloudformation.send("Create")
    published = _published(cloudformation.house)
    assert set(published) == {url.lstrip("/") for url, _, _ in static_files.all_files()}
    key = static_files.url("schoolpoort.css").lstrip("/")
    content = (static_files.FOLDER / "schoolpoort.css").read_bytes()
    assert published[key]["Body"].read() == content


def test_a_published_file_may_be_kept_for_ever(cloudformation: CloudFormation) -> None:
    """Its name changes with its content, so every browser may keep it a year without asking."""
    cloudformation.send("Create")
    published = _published(cloudformation.house)
    assert published
    for key, found in published.items():
        assert found["CacheControl"] == "public, max-age=31536000, immutable", key
        suffix = f".{key.rpartition('.')[2]}"
        assert found["ContentType"] == static_files.CONTENT_TYPES[suffix]


def test_the_style_that_a_page_names_is_there(cloudformation: CloudFormation) -> None:
    """The house serves from the bucket what its own pages link to."""
    cloudformation.send("Create")
    path = static_files.url("schoolpoort.css")
    answer = cloudformation.house.call(HttpRequest("GET", path, (), b"", "127.0.0.1"))
    assert (answer.status, bool(answer.body)) == (200, True)


def test_an_update_leaves_older_files(cloudformation: CloudFormation) -> None:
    """A page that was opened before the deployment keeps its looks."""
    s3, house = local_cloud.client("s3"), cloudformation.house
    older = "static/0000000000000000/schoolpoort.css"
    s3.put_object(Bucket=house.cloud.references["StaticBucket"], Key=older, Body=b"old")
    cloudformation.send("Update", before=FIRST)
    published = _published(house)
    assert older in published
    assert len(published) == 1 + len(list(static_files.all_files()))


# --- the first people of the helpdesk ---------------------------------------------------------


def test_the_first_helpdesk_people_are_invited(cloudformation: CloudFormation) -> None:
    """One message an address, with the role, the scope and a name made from the address."""
    cloudformation.send("Create")
    queued = sorted(_queued(cloudformation.house), key=lambda message: str(message["address"]))
    assert [message["address"] for message in queued] == [DAAN, HANNA]
    assert queued[1]["display_name"] == "Hanna Hulp"
    for message in queued:
        assert (message["kind"], message["scope"]) == ("invitation", "helpdesk")
        assert message["roles"] == ["helpdesk"]
        assert "@" not in message["request_id"]


def test_an_address_in_two_spellings_is_one_person(cloudformation: CloudFormation) -> None:
    """Capitals and spaces around the comma do not make two messages."""
    cloudformation.send("Create", [HANNA, " Hanna.HULP@schoolpoort.EXAMPLE "])
    assert [message["address"] for message in _queued(cloudformation.house)] == [HANNA]


def test_an_update_invites_nobody_again(cloudformation: CloudFormation) -> None:
    """Not even after the mail job has forgotten the first request."""
    cloudformation.send("Create")
    _queued(cloudformation.house)
    cloudformation.send("Update", before=FIRST)
    assert _queued(cloudformation.house) == []


def test_an_update_invites_who_is_new(cloudformation: CloudFormation) -> None:
    """An address that the stack did not have before gets its mail."""
    cloudformation.send("Update", [*FIRST, "nieuw@schoolpoort.example"], before=FIRST)
    assert [m["address"] for m in _queued(cloudformation.house)] == ["nieuw@schoolpoort.example"]


def test_a_wrong_address_can_be_rolled_back(cloudformation: CloudFormation) -> None:
    """The update back to good addresses succeeds, whatever the bad ones were."""
    assert cloudformation.send("Update", [*FIRST, "geen adres"], before=FIRST)["Status"] == "FAILED"
    back = cloudformation.send("Update", FIRST, before=[*FIRST, "geen adres"])
    assert back["Status"] == "SUCCESS"
    assert _queued(cloudformation.house) == []


def test_a_repeated_creation_sends_one_mail_each(cloudformation: CloudFormation) -> None:
    """Lambda may run an event twice: the request id of an address is the same both times."""
    cloudformation.send("Create")
    cloudformation.send("Create")
    cloudformation.house.pump_until_idle()
    mailed = sorted(mail["to"][0] for mail in cloudformation.house.mails())
    assert mailed == [DAAN, HANNA]
