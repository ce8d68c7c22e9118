"""DynamoDB in memory, in its own typed form: what roster_sync asks of it, sizes and units counted.

moto looks through a whole table for each query and would be most of what is measured. This one
knows the forms of expression that our code writes and refuses any other. Units are reckoned as
AWS does: a write unit for each KiB begun, a read unit for each 4 KiB begun (half of one where an
older answer is allowed), two of either in a transaction.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

Typed = dict[str, Any]
Stored = tuple[Typed, int]

KEYS: Mapping[str, tuple[str, ...]] = {
    "ROSTER_TABLE": ("school_id", "item_key"),
    "ECK_TABLE": ("school_id", "item_key"),
    "COVERAGE_TABLE": ("school_id",),
    "REGISTRY_TABLE": ("entry",),
    "ACCOUNTS_TABLE": ("account_id", "scope"),
}
"""The tables, each called after the setting that names it, and their keys."""

_WRITE_UNIT_BYTES = 1024
_READ_UNIT_BYTES = 4096
_TERM = re.compile(r"(?P<name>\S+) (?P<sign>=|<|IN) (?P<values>\S.*)")
_EXISTS = re.compile(r"attribute_(?P<which>exists|not_exists)\((?P<name>\S+)\)")
_ACTION = re.compile(r"(SET|REMOVE) (.*?)(?= SET | REMOVE |$)")


class NotUnderstood(Exception):
    """Our code wrote an expression that this stand-in does not know."""


def size_of(typed: Mapping[str, Any]) -> int:
    """Return the size of a typed value as DynamoDB reckons it, in bytes."""
    ((kind, value),) = typed.items()
    match kind:
        case "M":
            return 3 + size_of_item(value) + len(value)
        case "L":
            return 3 + sum(1 + size_of(entry) for entry in value)
        case "S" | "N":
            return len(value.encode())
        case "B":
            return len(value)
        case _:
            return 1


def size_of_item(item: Mapping[str, Any]) -> int:
    """Return the size of an item in bytes: of its names and of its values."""
    return sum(len(name) + size_of(value) for name, value in item.items())


class Tables:
    """The tables, and how many units were spent on them."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, dict[str, Stored]]] = {
            table: defaultdict(dict) for table in KEYS
        }
        self.units: Counter[str] = Counter()

    def forget(self, table: str, partition: str) -> int:
        """Drop a partition and return how many bytes it had."""
        gone = self.items[table].pop(partition, {})
        return sum(size for _, size in gone.values())

    def get_item(self, TableName: str, Key: Typed, **more: Any) -> Typed:  # noqa: N803
        """Answer a GetItem."""
        item, size = self._found(TableName, Key)
        self._read(size, consistent=bool(more.get("ConsistentRead")))
        return {"Item": item} if item else {}

    def batch_get_item(self, RequestItems: Mapping[str, Any]) -> Typed:  # noqa: N803
        """Answer a BatchGetItem."""
        answers: dict[str, list[Typed]] = {}
        for table, asked in RequestItems.items():
            found = [self._found(table, key) for key in asked["Keys"]]
            for _, size in found:
                self._read(size, consistent=asked["ConsistentRead"])
            answers[table] = [item for item, _ in found if item]
        return {"Responses": answers}

    def query(self, TableName: str, KeyConditionExpression: str, **more: Any) -> Typed:  # noqa: N803
        """Answer a Query of a partition or, where an index is named, of a small table."""
        names, values = more.get("ExpressionAttributeNames", {}), more["ExpressionAttributeValues"]
        first, _, second = KeyConditionExpression.partition(" AND ")
        name, value = first.split(" = ")
        wanted = values[value]["S"]
        if "IndexName" in more:
            partitions = self.items[TableName].values()
            own = [one for part in partitions for one in part.values()]
            attribute = names.get(name, name)
            found = [one for one in own if one[0].get(attribute) == {"S": wanted}]
        else:
            partition = self.items[TableName].get(wanted, {})
            keys = sorted(key for key in partition if _lies_in(key, second, values))
            found = [partition[key] for key in keys]
        if not more.get("ScanIndexForward", True):
            found.reverse()
        found = found[: more.get("Limit")]
        self._read(sum(size for _, size in found), consistent="IndexName" not in more)
        return {"Items": [item for item, _ in found]}

    def put_item(self, TableName: str, Item: Typed, **more: Any) -> Typed:  # noqa: N803
        """Answer a PutItem."""
        before, size = self._found(TableName, Item)
        self._check(before, more)
        self._store(TableName, Item, size)
        return {}

    def update_item(self, TableName: str, Key: Typed, **more: Any) -> Typed:  # noqa: N803
        """Answer an UpdateItem."""
        before, size = self._found(TableName, Key)
        self._check(before, more)
        item = {**(before or Key), **Key}
        names, values = more.get("ExpressionAttributeNames", {}), more
        for action, what in _ACTION.findall(more["UpdateExpression"]):
            for part in what.split(", "):
                name, _, value = part.partition(" = ")
                if action == "REMOVE":
                    item.pop(names.get(name, name), None)
                else:
                    item[names.get(name, name)] = values["ExpressionAttributeValues"][value]
        self._store(TableName, item, size)
        return {"Attributes": item}

    def batch_write_item(self, RequestItems: Mapping[str, Any]) -> Typed:  # noqa: N803
        """Answer a BatchWriteItem."""
        for table, requests in RequestItems.items():
            for request in requests:
                if "PutRequest" in request:
                    self.put_item(table, request["PutRequest"]["Item"])
                else:
                    self._remove(table, request["DeleteRequest"]["Key"])
        return {}

    def transact_write_items(self, TransactItems: list[Any]) -> Typed:  # noqa: N803
        """Answer a TransactWriteItems of puts and updates: all or none."""
        operations = [next(iter(one.items())) for one in TransactItems]
        for kind, asked in operations:
            key = asked["Item"] if kind == "Put" else asked["Key"]
            self._check(self._found(asked["TableName"], key)[0], asked)
        spent = self.units["write"]
        for kind, asked in operations:
            (self.put_item if kind == "Put" else self.update_item)(**asked)
        self.units["write"] += self.units["write"] - spent
        return {}

    def _place(self, table: str, key: Typed) -> tuple[dict[str, Stored], str]:
        first, *rest = (key[name]["S"] for name in KEYS[table])
        return self.items[table][first], rest[0] if rest else ""

    def _found(self, table: str, key: Typed) -> tuple[Typed | None, int]:
        partition, name = self._place(table, key)
        return partition.get(name, (None, 0))

    def _store(self, table: str, item: Typed, size_before: int) -> None:
        partition, name = self._place(table, item)
        size = size_of_item(item)
        partition[name] = (item, size)
        self.units["write"] += max(1, math.ceil(max(size, size_before) / _WRITE_UNIT_BYTES))

    def _remove(self, table: str, key: Typed) -> None:
        partition, name = self._place(table, key)
        _, size = partition.pop(name, (None, 0))
        self.units["write"] += max(1, math.ceil(size / _WRITE_UNIT_BYTES))

    def _read(self, size: int, *, consistent: bool) -> None:
        # Halves of units are counted, so that whole numbers stay whole.
        self.units["read_halves"] += max(1, math.ceil(size / _READ_UNIT_BYTES)) * (1 + consistent)

    @staticmethod
    def _check(item: Typed | None, asked: Mapping[str, Any]) -> None:
        condition = asked.get("ConditionExpression")
        if condition is None or _holds(condition, item or {}, asked):
            return
        answer: Any = {"Error": {"Code": "ConditionalCheckFailedException"}, "Item": item or {}}
        raise ClientError(answer, "Write")


def _lies_in(key: str, condition: str, values: Typed) -> bool:
    if not condition:
        return True
    if condition.startswith("begins_with("):
        return key.startswith(values[condition[:-1].split(", ")[1]]["S"])
    _, found, bounds = condition.partition(" BETWEEN ")
    if not found:
        raise NotUnderstood(condition)
    first, last = (values[name]["S"] for name in bounds.split(" AND "))
    return bool(first <= key <= last)


def _holds(condition: str, item: Typed, asked: Mapping[str, Any]) -> bool:
    return any(
        all(_is_true(term, item, asked) for term in terms.split(" AND "))
        for terms in condition.split(" OR ")
    )


def _is_true(term: str, item: Typed, asked: Mapping[str, Any]) -> bool:
    names = asked.get("ExpressionAttributeNames", {})
    if exists := _EXISTS.fullmatch(term):
        name = exists["name"]
        return (names.get(name, name) in item) is (exists["which"] == "exists")
    found = _TERM.fullmatch(term)
    if found is None:
        raise NotUnderstood(term)
    mine = item.get(names.get(found["name"], found["name"]))
    theirs = list(_values(found["values"], asked["ExpressionAttributeValues"]))
    if found["sign"] == "<":
        return mine is not None and int(mine["N"]) < int(theirs[0]["N"])
    return mine in theirs


def _values(text: str, values: Typed) -> Iterator[Typed]:
    for name in text.strip("()").split(", "):
        yield values[name]
