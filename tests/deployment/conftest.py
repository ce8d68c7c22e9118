"""What the tests of deployment share: CloudFormation beside an empty cloud."""

from collections.abc import Iterator

import pytest

from infra.local import cloud as local_cloud
from infra.local.house import House
from tests.deployment.cloudformation import CloudFormation, listening


@pytest.fixture
def cloudformation(aws: House) -> Iterator[CloudFormation]:
    """Let CloudFormation stand beside an empty cloud; the bucket is empty too."""
    s3, bucket = local_cloud.client("s3"), aws.cloud.references["StaticBucket"]
    for version in s3.list_object_versions(Bucket=bucket).get("Versions", []):
        s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
    with listening(aws) as side:
        yield side
