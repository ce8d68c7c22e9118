"""The errors of the shared code.

SchoolpoortError
├── SettingMissing        an environment variable that the template must give is absent
├── SettingRefused        a setting is not allowed in this stage (for example plain http)
└── StoreError            the data store did not do what was asked
    ├── ConditionFailed       a conditional write found another state; `.item` is what was there
    ├── TransactionRefused    `.reasons` holds one code per operation, in order
    └── StoreUnavailable      throttled, timed out or unreachable: nothing was written
"""

from collections.abc import Mapping
from typing import Any


class SchoolpoortError(Exception):
    """The root of every error that our own code raises on purpose."""


class SettingMissing(SchoolpoortError):
    """An environment variable that the template must give is absent."""

    def __init__(self, name: str) -> None:
        super().__init__(f"setting {name} is missing from the environment")


class SettingRefused(SchoolpoortError):
    """A setting has a value that this stage does not allow."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"setting {name} is refused: {reason}")


class StoreError(SchoolpoortError):
    """The data store did not do what was asked."""


class ConditionFailed(StoreError):
    """A conditional write found another state than it required.

    `item` is what stood there (plain values), or None when nothing did.
    """

    def __init__(self, item: Mapping[str, Any] | None = None) -> None:
        super().__init__("the condition of a write does not hold")
        self.item = item


class TransactionRefused(StoreError):
    """A transaction wrote nothing; `reasons` has one code per operation, in order.

    Codes are DynamoDB's own: "None", "ConditionalCheckFailed", "TransactionConflict", …
    """

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__(f"transaction refused: {', '.join(reasons)}")
        self.reasons = reasons


class StoreUnavailable(StoreError):
    """The store is throttled, timed out or unreachable; the caller may try later."""
