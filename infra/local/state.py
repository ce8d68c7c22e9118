"""The whole data of the local house at one moment, to return to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import moto.s3.models

from infra.local import app_codes, mailbox, template
from infra.local import cloud as local_cloud

if TYPE_CHECKING:
    from infra.local.house import House


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every item, every mail and every paper; queues and uploads are empty in a snapshot."""

    items: dict[str, list[dict[str, Any]]]
    mails: tuple[Any, ...]
    apps: tuple[dict[str, str], dict[str, int]]
    papers: dict[str, list[Any]]

    @classmethod
    def take(cls, house: House) -> Snapshot:
        """Copy all tables and mails."""
        tables = [name for name, _ in template.resources("AWS::DynamoDB::Table")]
        items = {name: _scan(house.cloud.references[name]) for name in tables}
        papers = {key: list(versions) for key, versions in _papers(house).lists()}
        return cls(items, mailbox.kept(), app_codes.kept(), papers)

    def restore(self, house: House) -> None:
        """Make the tables and the mailbox what they were; empty the queues and the uploads."""
        for name, resource in template.resources("AWS::DynamoDB::Table"):
            table = house.cloud.references[name]
            keys = [entry["AttributeName"] for entry in resource["Properties"]["KeySchema"]]
            _replace(table, keys, self.items[name])
        for name, _ in template.resources("AWS::SQS::Queue"):
            local_cloud.client("sqs").purge_queue(QueueUrl=house.cloud.references[name])
        _empty(house.cloud.references["UploadsBucket"])
        _empty(house.cloud.references["StaticBucket"], "static/now/")
        self._put_papers_back(house)
        mailbox.put_back(self.mails)
        app_codes.put_back(self.apps)

    def _put_papers_back(self, house: House) -> None:
        """Go past the service's own door: what is locked there stays for years."""
        papers = _papers(house)
        papers.clear()
        for key, versions in self.papers.items():
            papers.setlist(key, list(versions))


def _papers(house: House) -> Any:
    backend = moto.s3.models.s3_backends[local_cloud.ACCOUNT][local_cloud.PARTITION]
    return backend.buckets[house.cloud.references["PapersBucket"]].keys


def _empty(bucket: str, prefix: str = "") -> None:
    s3 = local_cloud.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for found in page.get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=found["Key"])


def _scan(table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for page in local_cloud.client("dynamodb").get_paginator("scan").paginate(TableName=table):
        found.extend(page["Items"])
    return found


def _replace(table: str, keys: list[str], items: list[dict[str, Any]]) -> None:
    dynamodb = local_cloud.client("dynamodb")
    wanted = {_key(item, keys): item for item in items}
    for item in _scan(table):
        before = wanted.pop(_key(item, keys), None)
        if before is None:
            dynamodb.delete_item(TableName=table, Key={name: item[name] for name in keys})
        elif before != item:
            dynamodb.put_item(TableName=table, Item=before)
    for item in wanted.values():
        dynamodb.put_item(TableName=table, Item=item)


def _key(item: dict[str, Any], keys: list[str]) -> str:
    return repr([item[name] for name in keys])
