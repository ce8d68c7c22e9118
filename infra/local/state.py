"""The whole data of the local house at one moment, to return to."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import moto.dynamodb.models
import moto.s3.models

from infra.local import app_codes, mailbox, template
from infra.local import cloud as local_cloud

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.local.house import House


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every item, every mail and every paper; queues and uploads are empty in a snapshot.

    `items` holds the emulated tables themselves, pickled: through the service's own door a return
    would cost more than the test that asked for it.
    """

    items: dict[str, bytes]
    mails: tuple[Any, ...]
    apps: tuple[dict[str, str], dict[str, int]]
    papers: dict[str, list[Any]]

    @classmethod
    def take(cls, house: House) -> Snapshot:
        """Copy all tables and mails."""
        items = {name: pickle.dumps(table.items) for name, table in _tables(house)}
        papers = {key: list(versions) for key, versions in _papers(house).lists()}
        return cls(items, mailbox.kept(), app_codes.kept(), papers)

    def restore(self, house: House) -> None:
        """Make the tables and the mailbox what they were; empty the queues and the uploads."""
        for name, table in _tables(house):
            if pickle.dumps(table.items) != self.items[name]:
                table.items = pickle.loads(self.items[name])  # noqa: S301 - this process made it
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


def _tables(house: House) -> Iterator[tuple[str, Any]]:
    backend = moto.dynamodb.models.dynamodb_backends[local_cloud.ACCOUNT][local_cloud.REGION]
    for name, _ in template.resources("AWS::DynamoDB::Table"):
        yield name, backend.tables[house.cloud.references[name]]


def _papers(house: House) -> Any:
    backend = moto.s3.models.s3_backends[local_cloud.ACCOUNT][local_cloud.PARTITION]
    return backend.buckets[house.cloud.references["PapersBucket"]].keys


def _empty(bucket: str, prefix: str = "") -> None:
    s3 = local_cloud.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for found in page.get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=found["Key"])
