"""The AWS services of the house on one machine: moto, filled from template.yaml.

The resources are made with their services' own calls, not with moto's CloudFormation, which
imports every service it knows and would double the time until the house is ready.

moto's conditional writes are not atomic between threads, so one lock stands around every
operation (docs/decisions).
"""

import functools
import json
import os
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import botocore.session
import moto.core.models
import moto.core.serialize
from botocore.client import BaseClient
from moto import mock_aws

from infra.local import template

REGION = "eu-west-1"
ACCOUNT = "123456789012"
PARTITION = "aws"
_ONE_AT_A_TIME = threading.RLock()
_STACK = "schoolpoort"
# The kinds of DynamoDB's values that moto keeps as they are on the wire.
_PLAIN = {"S", "N", "BOOL", "NULL", "SS", "NS"}


@functools.cache
def client(service: str) -> BaseClient:
    """Return a client of the house itself, which no role binds."""
    return botocore.session.get_session().create_client(service, region_name=REGION)


@dataclass(slots=True)
class Cloud:
    """A running emulation: what each logical id became, and how to end it."""

    references: dict[str, Any]
    attributes: dict[str, str]
    _mock: Any = field(repr=False)

    def environment(self, function: str) -> dict[str, str]:
        """Return the environment variables that the template gives a function."""
        variables = template.functions()[function]["Environment"]["Variables"]
        resolved = template.resolve(variables, self.references, self.attributes)
        return {name: str(value) for name, value in resolved.items()}

    def stop(self) -> None:
        """Forget everything that the emulation holds."""
        self._mock.stop()
        client.cache_clear()


def start(parameters: Mapping[str, str]) -> Cloud:
    """Start moto and create every stateful resource of the template in it."""
    os.environ["AWS_DEFAULT_REGION"] = REGION
    # Going back to the seed purges queues more often than once a minute.
    os.environ["MOTO_SQS_ENFORCE_STRICT_QUEUE_PURGE_BEHAVIOUR"] = "false"
    _make_operations_atomic()
    _answer_plain_values_at_once()
    mock = mock_aws()
    mock.start()
    references: dict[str, Any] = {
        "AWS::Region": REGION,
        "AWS::AccountId": ACCOUNT,
        "AWS::Partition": PARTITION,
        "AWS::StackName": _STACK,
        **_parameters(parameters),
    }
    cloud = Cloud(references, {}, mock)
    for create in (
        _create_keys,
        _create_tables,
        _create_queues,
        _create_buckets,
        _create_secrets,
        _create_mail,
    ):
        create(cloud)
    cloud.attributes.update(_attributes(cloud))
    return cloud


def _parameters(given: Mapping[str, str]) -> dict[str, str]:
    declared = template.load()["Parameters"]
    return {
        name: str(given.get(name, parameter.get("Default", "")))
        for name, parameter in declared.items()
    }


def _make_operations_atomic() -> None:
    stubber: Any = type(moto.core.models.botocore_stubber)
    if hasattr(stubber, "one_at_a_time"):
        return
    answer = stubber.__call__

    def locked(self: Any, *arguments: Any, **named: Any) -> Any:
        with _ONE_AT_A_TIME:
            return answer(self, *arguments, **named)

    stubber.__call__ = locked
    stubber.one_at_a_time = True


def _answer_plain_values_at_once() -> None:
    """Pass what is in wire format already: member by member it took most of a test's time."""
    serializer: Any = moto.core.serialize.BaseJSONSerializer
    if hasattr(serializer, "passes_plain_values"):
        return
    structure = serializer._serialize_type_structure  # noqa: SLF001 - moto has no seam here

    def passed(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name == "AttributeValue" and isinstance(value, dict) and value.keys() <= _PLAIN:
            serialized[key] = value
        else:
            structure(self, serialized, value, shape, key)

    serializer._serialize_type_structure = passed  # noqa: SLF001
    serializer.passes_plain_values = True


def _create_keys(cloud: Cloud) -> None:
    for logical_id, resource in template.resources("AWS::KMS::Key"):
        properties = resource["Properties"]
        made = client("kms").create_key(
            Description=properties["Description"],
            KeySpec=properties.get("KeySpec", "SYMMETRIC_DEFAULT"),
            KeyUsage=properties.get("KeyUsage", "ENCRYPT_DECRYPT"),
        )
        cloud.references[logical_id] = made["KeyMetadata"]["KeyId"]


def _create_tables(cloud: Cloud) -> None:
    dynamodb = client("dynamodb")
    for logical_id, resource in template.resources("AWS::DynamoDB::Table"):
        properties = resource["Properties"]
        indexes = properties.get("GlobalSecondaryIndexes")
        dynamodb.create_table(
            TableName=logical_id,
            BillingMode=properties["BillingMode"],
            AttributeDefinitions=properties["AttributeDefinitions"],
            KeySchema=properties["KeySchema"],
            **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
        )
        cloud.references[logical_id] = logical_id


def _create_queues(cloud: Cloud) -> None:
    sqs = client("sqs")
    queues = dict(template.resources("AWS::SQS::Queue"))
    for logical_id in queues:
        cloud.references[logical_id] = sqs.create_queue(QueueName=logical_id)["QueueUrl"]
    for logical_id, resource in queues.items():
        properties = resource["Properties"]
        attributes = {}
        if "VisibilityTimeout" in properties:
            attributes["VisibilityTimeout"] = str(properties["VisibilityTimeout"])
        if "RedrivePolicy" in properties:
            policy = template.resolve(
                properties["RedrivePolicy"], cloud.references, _attributes(cloud)
            )
            attributes["RedrivePolicy"] = json.dumps(policy)
        if attributes:
            url = cloud.references[logical_id]
            sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)


def _create_buckets(cloud: Cloud) -> None:
    for logical_id, resource in template.resources("AWS::S3::Bucket"):
        name = f"{_STACK}-{logical_id.lower()}"
        client("s3").create_bucket(
            Bucket=name,
            CreateBucketConfiguration={"LocationConstraint": REGION},
            # With it the bucket keeps versions too.
            ObjectLockEnabledForBucket=resource["Properties"].get("ObjectLockEnabled", False),
        )
        cloud.references[logical_id] = name


def _create_secrets(cloud: Cloud) -> None:
    for logical_id, resource in template.resources("AWS::SecretsManager::Secret"):
        content = {}
        if "GenerateSecretString" in resource["Properties"]:
            generated = template.resolve(
                resource["Properties"]["GenerateSecretString"], cloud.references, {}
            )
            content = json.loads(generated["SecretStringTemplate"])
            content[generated["GenerateStringKey"]] = secrets.token_urlsafe()
        made = client("secretsmanager").create_secret(
            Name=logical_id, SecretString=json.dumps(content)
        )
        cloud.references[logical_id] = cloud.attributes[f"{logical_id}.Id"] = made["ARN"]


def _create_mail(cloud: Cloud) -> None:
    ses = client("sesv2")
    for logical_id, _ in template.resources("AWS::SES::ConfigurationSet"):
        ses.create_configuration_set(ConfigurationSetName=logical_id)
        cloud.references[logical_id] = logical_id
    for logical_id, resource in template.resources("AWS::SES::EmailIdentity"):
        name = template.resolve(resource["Properties"]["EmailIdentity"], cloud.references, {})
        ses.create_email_identity(EmailIdentity=name)
        cloud.references[logical_id] = name


def _attributes(cloud: Cloud) -> dict[str, str]:
    """Return the ARN of every stateful resource, as GetAtt gives it."""
    found = {}
    for logical_id, resource in template.load()["Resources"].items():
        made = cloud.references.get(logical_id)
        arn = _arn(resource["Type"], str(made)) if made else None
        if arn:
            found[f"{logical_id}.Arn"] = arn
    return found


def _arn(kind: str, made: str) -> str | None:
    """Return the ARN of a resource by its Ref; queues are named by their URL."""
    match kind:
        case "AWS::DynamoDB::Table":
            return f"arn:{PARTITION}:dynamodb:{REGION}:{ACCOUNT}:table/{made}"
        case "AWS::SQS::Queue":
            name = made.rpartition("/")[2]
            return f"arn:{PARTITION}:sqs:{REGION}:{ACCOUNT}:{name}"
        case "AWS::S3::Bucket":
            return f"arn:{PARTITION}:s3:::{made}"
        case "AWS::KMS::Key":
            return f"arn:{PARTITION}:kms:{REGION}:{ACCOUNT}:key/{made}"
        case _:
            return None
