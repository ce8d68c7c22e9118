"""DynamoDB with plain dictionaries: marshalling, paging and errors, nothing else.

Values are str, int, bool, None, bytes, set[str], list and dict. Keys and conditions are
DynamoDB's own expressions, because they are the contract that roles and tests look at.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import (
    ClientError,
    HTTPClientError,
)
from botocore.exceptions import (
    ConnectionError as EndpointError,
)

from schoolpoort.aws import client
from schoolpoort.errors import ConditionFailed, StoreError, StoreUnavailable, TransactionRefused

Item = dict[str, Any]

_BATCH_GET_LIMIT = 100
_BATCH_WRITE_LIMIT = 25
_BATCH_ROUNDS = 8
_UNAVAILABLE = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "InternalServerError",
        "ServiceUnavailable",
        "TransactionInProgressException",
        "TransactionConflictException",
    }
)


def marshal(value: Any) -> dict[str, Any]:
    """Turn a plain value into DynamoDB's typed form; raises TypeError for anything else."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case bytes():
            return {"B": value}
        case set() | frozenset():
            return {"SS": sorted(value)}
        case list() | tuple():
            return {"L": [marshal(entry) for entry in value]}
        case Mapping():
            return {"M": {name: marshal(entry) for name, entry in value.items()}}
        case _:
            raise TypeError(type(value).__name__)


def unmarshal(typed: Mapping[str, Any]) -> Any:
    """Turn DynamoDB's typed form back into a plain value."""
    ((kind, value),) = typed.items()
    match kind:
        case "S" | "BOOL":
            return value
        case "B":
            return bytes(value)
        case "N":
            return int(value)
        case "NULL":
            return None
        case "SS":
            return set(value)
        case "L":
            return [unmarshal(entry) for entry in value]
        case "M":
            return {name: unmarshal(entry) for name, entry in value.items()}
        case _:
            raise TypeError(kind)


def _typed(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: marshal(value) for name, value in item.items()}


def _plain(item: Mapping[str, Any]) -> Item:
    return {name: unmarshal(value) for name, value in item.items()}


def _expression(
    names: Mapping[str, str] | None, values: Mapping[str, Any] | None, condition: str | None
) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    if condition:
        parts["ConditionExpression"] = condition
    if names:
        parts["ExpressionAttributeNames"] = dict(names)
    if values:
        parts["ExpressionAttributeValues"] = _typed(values)
    return parts


def _call(operation: str, **arguments: Any) -> Any:
    try:
        return getattr(client("dynamodb"), operation)(**arguments)
    except ClientError as error:
        raise _translated(error) from error
    except (EndpointError, HTTPClientError) as error:
        raise StoreUnavailable from error


def _translated(error: ClientError) -> ClientError | StoreError:
    code: str = error.response["Error"]["Code"]
    if code == "ConditionalCheckFailedException":
        item = error.response.get("Item")
        return ConditionFailed(_plain(item) if item else None)
    if code == "TransactionCanceledException":
        reasons = error.response.get("CancellationReasons", [])
        return TransactionRefused(tuple(reason.get("Code", "None") for reason in reasons))
    if code in _UNAVAILABLE:
        return StoreUnavailable()
    unknown: ClientError = error
    return unknown


def get(table: str, key: Mapping[str, Any], *, consistent: bool = False) -> Item | None:
    """Return one item by its full key, or None."""
    answer = _call("get_item", TableName=table, Key=_typed(key), ConsistentRead=consistent)
    return _plain(answer["Item"]) if "Item" in answer else None


def put(table: str, item: Mapping[str, Any], *, unless_exists: str | None = None) -> None:
    """Write one item; with `unless_exists` naming a key attribute, only where none stands.

    Raises ConditionFailed with what stood there.
    """
    extra: dict[str, Any] = {}
    if unless_exists:
        extra = {
            "ConditionExpression": "attribute_not_exists(#key)",
            "ExpressionAttributeNames": {"#key": unless_exists},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    _call("put_item", TableName=table, Item=_typed(item), **extra)


def put_once(table: str, item: Mapping[str, Any], *, key: str) -> bool:
    """Write one item where none stands, and say whether that was so; `key` names a key attribute.

    For whoever may come twice and has nothing to learn from what stands there.
    """
    try:
        put(table, item, unless_exists=key)
    except ConditionFailed:
        return False
    return True


def update(
    table: str,
    key: Mapping[str, Any],
    expression: str,
    *,
    condition: str | None = None,
    names: Mapping[str, str] | None = None,
    values: Mapping[str, Any] | None = None,
) -> Item:
    """Change one item and return it as it is now; raises ConditionFailed."""
    answer = _call(
        "update_item",
        TableName=table,
        Key=_typed(key),
        UpdateExpression=expression,
        ReturnValues="ALL_NEW",
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
        **_expression(names, values, condition),
    )
    return _plain(answer["Attributes"])


def delete(
    table: str,
    key: Mapping[str, Any],
    *,
    condition: str | None = None,
    names: Mapping[str, str] | None = None,
    values: Mapping[str, Any] | None = None,
) -> None:
    """Remove one item; raises ConditionFailed."""
    _call(
        "delete_item",
        TableName=table,
        Key=_typed(key),
        **_expression(names, values, condition),
    )


def query(
    table: str,
    condition: str,
    *,
    values: Mapping[str, Any],
    names: Mapping[str, str] | None = None,
    index: str | None = None,
    newest_first: bool = False,
    limit: int | None = None,
) -> list[Item]:
    """Return all items (at most `limit`) that a key condition names, following the pages.

    A table shows every write before it; an index may show it a moment later.
    """
    arguments: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": condition,
        "ScanIndexForward": not newest_first,
        "ConsistentRead": index is None,
        **_expression(names, values, None),
    }
    if index:
        arguments["IndexName"] = index
    if limit:
        arguments["Limit"] = limit
    items: list[Item] = []
    while True:
        answer = _call("query", **arguments)
        items.extend(_plain(item) for item in answer["Items"])
        if "LastEvaluatedKey" not in answer or (limit and len(items) >= limit):
            return items[:limit]
        arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def scan(table: str, *, names: Sequence[str], index: str) -> list[Item]:
    """Return these attributes of every item of an index: for runs in the background only."""
    aliases = {f"#n{number}": name for number, name in enumerate(names)}
    arguments: dict[str, Any] = {
        "TableName": table,
        "IndexName": index,
        "ProjectionExpression": ", ".join(aliases),
        "ExpressionAttributeNames": aliases,
    }
    items: list[Item] = []
    while True:
        answer = _call("scan", **arguments)
        items.extend(_plain(item) for item in answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return items
        arguments["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def batch_get(
    keys: Sequence[tuple[str, Mapping[str, Any]]], *, consistent: bool = False
) -> list[Item | None]:
    """Return items of any tables, in the order asked, None where absent; a call per hundred keys.

    A key may be asked more than once, and asking for none costs no call. Raises StoreUnavailable
    when the store keeps leaving keys unread.
    """
    parts = [
        keys[start : start + _BATCH_GET_LIMIT] for start in range(0, len(keys), _BATCH_GET_LIMIT)
    ]
    return [item for part in parts for item in _get_part(part, consistent=consistent)]


def _get_part(
    keys: Sequence[tuple[str, Mapping[str, Any]]], *, consistent: bool
) -> list[Item | None]:
    wanted: dict[str, Any] = {}
    for table, key in keys:
        # DynamoDB refuses a call that names a key twice.
        empty = {"Keys": [], "ConsistentRead": consistent}
        listed = wanted.setdefault(table, empty)["Keys"]
        if (typed := _typed(key)) not in listed:
            listed.append(typed)
    found: dict[str, list[Item]] = {table: [] for table in wanted}
    for _ in range(_BATCH_ROUNDS):
        answer = _call("batch_get_item", RequestItems=wanted)
        for table, items in answer["Responses"].items():
            found[table].extend(_plain(item) for item in items)
        wanted = answer.get("UnprocessedKeys") or {}
        if not wanted:
            break
    else:
        raise StoreUnavailable
    return [_matching(found[table], key) for table, key in keys]


def _matching(items: Iterable[Item], key: Mapping[str, Any]) -> Item | None:
    for item in items:
        if all(item.get(name) == value for name, value in key.items()):
            return item
    return None


def batch_write(
    table: str,
    *,
    puts: Iterable[Mapping[str, Any]] = (),
    deletes: Iterable[Mapping[str, Any]] = (),
) -> None:
    """Write and remove many items of one table, 25 a call; raises StoreUnavailable."""
    requests: list[Any] = [{"PutRequest": {"Item": _typed(item)}} for item in puts]
    requests += [{"DeleteRequest": {"Key": _typed(key)}} for key in deletes]
    for start in range(0, len(requests), _BATCH_WRITE_LIMIT):
        left = {table: requests[start : start + _BATCH_WRITE_LIMIT]}
        for _ in range(_BATCH_ROUNDS):
            left = _call("batch_write_item", RequestItems=left).get("UnprocessedItems") or {}
            if not left:
                break
        else:
            raise StoreUnavailable


@dataclass(frozen=True, slots=True)
class Put:
    """Write an item, as one operation of a transaction."""

    table: str
    item: Mapping[str, Any]
    condition: str | None = None
    names: Mapping[str, str] | None = None
    values: Mapping[str, Any] | None = None

    def request(self) -> dict[str, Any]:
        """Return DynamoDB's form of the operation."""
        extra = _expression(self.names, self.values, self.condition)
        return {"Put": {"TableName": self.table, "Item": _typed(self.item), **extra}}


@dataclass(frozen=True, slots=True)
class Update:
    """Change an item, as one operation of a transaction."""

    table: str
    key: Mapping[str, Any]
    expression: str
    condition: str | None = None
    names: Mapping[str, str] | None = None
    values: Mapping[str, Any] | None = None

    def request(self) -> dict[str, Any]:
        """Return DynamoDB's form of the operation."""
        extra = _expression(self.names, self.values, self.condition)
        extra["UpdateExpression"] = self.expression
        return {"Update": {"TableName": self.table, "Key": _typed(self.key), **extra}}


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove an item, as one operation of a transaction."""

    table: str
    key: Mapping[str, Any]
    condition: str | None = None
    names: Mapping[str, str] | None = None
    values: Mapping[str, Any] | None = None

    def request(self) -> dict[str, Any]:
        """Return DynamoDB's form of the operation."""
        extra = _expression(self.names, self.values, self.condition)
        return {"Delete": {"TableName": self.table, "Key": _typed(self.key), **extra}}


@dataclass(frozen=True, slots=True)
class Check:
    """Require a state of an item that the transaction does not change."""

    table: str
    key: Mapping[str, Any]
    condition: str
    names: Mapping[str, str] | None = None
    values: Mapping[str, Any] | None = None

    def request(self) -> dict[str, Any]:
        """Return DynamoDB's form of the operation."""
        extra = _expression(self.names, self.values, self.condition)
        return {"ConditionCheck": {"TableName": self.table, "Key": _typed(self.key), **extra}}


Operation = Put | Update | Delete | Check


def transact(operations: Sequence[Operation]) -> None:
    """Do all operations or none; raises TransactionRefused with a code per operation."""
    _call("transact_write_items", TransactItems=[entry.request() for entry in operations])
