"""The door of S3 on one machine: browsers post files by presigned form, queues are told.

Files go out by presigned address, for as long as it says.

The form's policy is held as S3 holds it: expiry, exact fields, key and size. The signature is
not checked, because the house makes no real credentials.
"""

import base64
import binascii
import datetime as dt
import io
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from werkzeug.formparser import parse_form_data

from infra.local import cloud as local_cloud
from infra.local import template
from infra.local.gateway import HttpRequest, HttpResponse
from schoolpoort import clock

if TYPE_CHECKING:
    from infra.local.house import House

PREFIX = "/_s3/"


class PolicyBroken(Exception):
    """A posted form is not what its policy allows; S3 would answer 400 or 403."""


def accept(house: "House", request: HttpRequest) -> HttpResponse:
    """Store a posted file and report it, or answer as S3 does when the policy is broken."""
    bucket = request.path.removeprefix(PREFIX).strip("/")
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": request.header("content-type"),
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.input": io.BytesIO(request.body),
    }
    _, form, files = parse_form_data(environ)
    file = files.get("file")
    if file is None:
        return HttpResponse(400, (), b"<Error><Code>InvalidArgument</Code></Error>")
    with file.stream as stream:
        content = stream.read()
    fields = {name: value for name, value in form.items() if name != "file"}
    try:
        _check(bucket, fields, len(content))
    except PolicyBroken as error:
        body = f"<Error><Code>AccessDenied</Code><Message>{error}</Message></Error>"
        return HttpResponse(403, (("Content-Type", "application/xml"),), body.encode())
    key = fields["key"]
    local_cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    _notify(house, bucket, key, len(content))
    location = fields.get("success_action_redirect")
    if location is None:
        return HttpResponse(204)
    mark = "&" if "?" in location else "?"
    return HttpResponse(303, (("Location", f"{location}{mark}bucket={bucket}&key={key}"),))


def hand_out(request: HttpRequest) -> HttpResponse:
    """Give an object by a presigned address, or answer as S3 does when its time is over."""
    query = dict(parse_qsl(request.target.partition("?")[2]))
    bucket, _, key = unquote(request.path.removeprefix(PREFIX)).partition("/")
    try:
        is_over = clock.now_epoch_s() > int(query["moment"]) + int(query["X-Amz-Expires"])
    except (KeyError, ValueError):
        is_over = True
    if is_over:
        body = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
        return HttpResponse(403, (("Content-Type", "application/xml"),), body)
    version = {"VersionId": query["versionId"]} if "versionId" in query else {}
    s3 = local_cloud.client("s3")
    try:
        found = s3.get_object(Bucket=bucket, Key=key, **version)
    except (s3.exceptions.NoSuchKey, s3.exceptions.NoSuchBucket):
        return HttpResponse(404)
    headers = tuple(
        (name, query[f"response-{name.lower()}"])
        for name in ("Content-Type", "Content-Disposition", "Cache-Control")
        if f"response-{name.lower()}" in query
    )
    return HttpResponse(200, headers, found["Body"].read())


def _check(bucket: str, fields: dict[str, str], size: int) -> None:
    """Raise PolicyBroken unless the fields and the size are what the policy says."""
    try:
        policy = json.loads(base64.b64decode(fields.pop("policy", ""), validate=True))
    except (binascii.Error, ValueError) as error:
        message = "no readable policy"
        raise PolicyBroken(message) from error
    if dt.datetime.fromisoformat(policy["expiration"]) < dt.datetime.now(dt.UTC):
        message = "policy expired"
        raise PolicyBroken(message)
    allowed: dict[str, str] = {}
    for condition in policy["conditions"]:
        if isinstance(condition, dict):
            allowed |= condition
        elif condition[0] == "content-length-range" and not condition[1] <= size <= condition[2]:
            message = "file too large or empty"
            raise PolicyBroken(message)
    for name, value in {**fields, "bucket": bucket}.items():
        if name != "x-amz-signature" and allowed.get(name) != value:
            message = f"field {name} is not what the policy says"
            raise PolicyBroken(message)


def _notify(house: "House", bucket: str, key: str, size: int) -> None:
    """Send the template's notifications for a new object."""
    for logical_id, resource in template.resources("AWS::S3::Bucket"):
        if house.cloud.references[logical_id] != bucket:
            continue
        rules = resource["Properties"].get("NotificationConfiguration", {})
        for rule in rules.get("QueueConfigurations", []):
            if key.startswith(rule["Filter"]["S3Key"]["Rules"][0]["Value"]):
                queue = rule["Queue"]["Fn::GetAtt"][0]
                local_cloud.client("sqs").send_message(
                    QueueUrl=house.cloud.references[queue],
                    MessageBody=json.dumps(_event(bucket, key, size)),
                )


def _event(bucket: str, key: str, size: int) -> dict[str, Any]:
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": local_cloud.REGION,
        "eventName": "ObjectCreated:Post",
        "s3": {"bucket": {"name": bucket}, "object": {"key": key, "size": size}},
    }
    return {"Records": [record]}
