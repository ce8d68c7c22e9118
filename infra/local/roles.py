"""Holds every AWS call of a function against the statements that the template gives it.

In the local house a call that the role would not allow is refused on the spot, as on AWS. Every
call is also recorded, so that the suite can ask which permissions nobody needs.

The evaluator knows what our template uses: Allow statements with exact actions, resources with
`*`, and conditions StringEquals and ForAllValues:StringLike on the keys that a call carries.
"""

import contextvars
import fnmatch
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from infra.local import template
from infra.local.cloud import ACCOUNT, PARTITION, REGION, Cloud

acting_function: contextvars.ContextVar[str | None] = contextvars.ContextVar(
    "acting_function", default=None
)
"""The logical id of the function that is running here, or None for the house itself."""

_EQUALS = "StringEquals"
_ALL_LIKE = "ForAllValues:StringLike"
_TRANSACT_ACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


@dataclass(frozen=True, slots=True)
class Access:
    """One permission that a call needs: an action on a resource, with its condition keys."""

    action: str
    resource: str
    keys: Mapping[str, str]


def accesses(service: str, operation: str, params: Mapping[str, Any]) -> Iterator[Access]:
    """Yield what a call needs; raises KeyError for a service that this house does not use."""
    yield from _READERS[service](operation, params)


def _table_arn(name: str) -> str:
    return f"arn:{PARTITION}:dynamodb:{REGION}:{ACCOUNT}:table/{name}"


def _dynamodb(operation: str, params: Mapping[str, Any]) -> Iterator[Access]:
    if operation == "TransactWriteItems":
        for entry in params["TransactItems"]:
            ((kind, inner),) = entry.items()
            action = f"dynamodb:{_TRANSACT_ACTIONS[kind]}"
            yield Access(action, _table_arn(inner["TableName"]), {})
    elif "RequestItems" in params:
        for table in params["RequestItems"]:
            yield Access(f"dynamodb:{operation}", _table_arn(table), {})
    else:
        arn = _table_arn(params["TableName"])
        if "IndexName" in params:
            arn = f"{arn}/index/{params['IndexName']}"
        yield Access(f"dynamodb:{operation}", arn, _leading_key(params))


def _leading_key(params: Mapping[str, Any]) -> dict[str, str]:
    # The one table that a role may write a part of; the condition reads its partition key.
    found = params.get("Item", {}).get("address_key")
    return {} if found is None else {"dynamodb:LeadingKeys": next(iter(found.values()))}


def _sqs(operation: str, params: Mapping[str, Any]) -> Iterator[Access]:
    name = params["QueueUrl"].rpartition("/")[2]
    action = operation.removesuffix("Batch")
    yield Access(f"sqs:{action}", f"arn:{PARTITION}:sqs:{REGION}:{ACCOUNT}:{name}", {})


def _s3(operation: str, params: Mapping[str, Any]) -> Iterator[Access]:
    arn = f"arn:{PARTITION}:s3:::{params['Bucket']}"
    if "Key" in params:
        arn = f"{arn}/{params['Key']}"
    versioned = "Version" if operation == "GetObject" and "VersionId" in params else ""
    yield Access(f"s3:{operation}{versioned}", arn, {})
    if "ObjectLockMode" in params:
        yield Access("s3:PutObjectRetention", arn, {})


def _kms(operation: str, params: Mapping[str, Any]) -> Iterator[Access]:
    # Without a key a decryption asks for any key, which no statement of ours allows.
    key = params.get("KeyId", "")
    context = params.get("EncryptionContext", {})
    keys = {f"kms:EncryptionContext:{name}": value for name, value in context.items()}
    if "SigningAlgorithm" in params:
        keys["kms:SigningAlgorithm"] = params["SigningAlgorithm"]
    yield Access(f"kms:{operation}", f"arn:{PARTITION}:kms:{REGION}:{ACCOUNT}:key/{key}", keys)


def _sesv2(operation: str, params: Mapping[str, Any]) -> Iterator[Access]:
    sender = params.get("FromEmailAddress", "")
    keys = {"ses:FromAddress": sender}
    action = f"ses:{operation}"
    if "Raw" in params.get("Content", {}):
        action = "ses:SendRawEmail"
    home = f"arn:{PARTITION}:ses:{REGION}:{ACCOUNT}"
    yield Access(action, f"{home}:identity/{sender.rpartition('@')[2].rstrip('>')}", keys)
    yield Access(action, f"{home}:configuration-set/{params['ConfigurationSetName']}", keys)


def _secretsmanager(operation: str, params: Mapping[str, Any]) -> Iterator[Access]:
    yield Access(f"secretsmanager:{operation}", params["SecretId"], {})


_READERS = {
    "dynamodb": _dynamodb,
    "sqs": _sqs,
    "s3": _s3,
    "kms": _kms,
    "sesv2": _sesv2,
    "secretsmanager": _secretsmanager,
}


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def permission(statement: Mapping[str, Any], access: Access) -> str | None:
    """Return the action pattern by which a statement allows an access, or None."""
    if statement["Effect"] != "Allow":
        return None
    patterns = [
        action
        for action in _many(statement["Action"])
        if fnmatch.fnmatchcase(access.action.lower(), action.lower())
    ]
    if not patterns or not any(
        fnmatch.fnmatchcase(access.resource, resource) for resource in _many(statement["Resource"])
    ):
        return None
    condition = statement.get("Condition", {})
    if not set(condition) <= {_EQUALS, _ALL_LIKE}:
        return None
    for name, wanted in condition.get(_EQUALS, {}).items():
        if access.keys.get(name) not in _many(wanted):
            return None
    for name, likes in condition.get(_ALL_LIKE, {}).items():
        if not any(fnmatch.fnmatchcase(access.keys.get(name, ""), like) for like in _many(likes)):
            return None
    return str(patterns[0])


def denied(function: str, operation: str, what: str) -> ClientError:
    """Return the error that AWS answers when a role does not allow a call."""
    message = f"{function} may not {what}"
    error = {"Error": {"Code": "AccessDeniedException", "Message": message}}
    return ClientError(error, operation)


class Roles:
    """The statements of every function, resolved, and what its calls have used of them."""

    def __init__(self, cloud: Cloud) -> None:
        self._statements = {
            name: template.resolve(template.statements(name), cloud.references, cloud.attributes)
            for name in template.functions()
        }
        self._used: set[tuple[str, str, str]] = set()
        self._lock = threading.Lock()

    def install(self, session: Any) -> None:
        """Watch every call of a botocore session's clients."""
        session.register("before-parameter-build", self._check)

    def _check(self, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        function = acting_function.get()
        if function is None:
            return
        service = model.service_model.service_name
        for access in accesses(service, model.name, params):
            if not self.use(function, access):
                raise denied(function, model.name, f"{access.action} on {access.resource}")

    def use(self, function: str, access: Access) -> bool:
        """Say whether a function's role allows an access, and remember what allowed it."""
        for statement in self._statements[function]:
            pattern = permission(statement, access)
            if pattern is not None:
                with self._lock:
                    self._used.add((function, statement["Sid"], pattern))
                return True
        return False

    def save(self, path: Path) -> None:
        """Write what was used as JSON lines, added to what stands there."""
        with self._lock:
            lines = [json.dumps(entry) for entry in sorted(self._used)]
        if lines:
            with path.open("a", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
