"""What a failed call of AWS may tell the log."""

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from schoolpoort import aws

_REJECTED = ClientError(
    {"Error": {"Code": "MessageRejected", "Message": "not verified: noa@example.nl"}}, "SendEmail"
)
_TIMEOUT = ReadTimeoutError(endpoint_url="https://email.eu-west-1.amazonaws.com")


@pytest.mark.parametrize(
    ("error", "told"),
    [(_REJECTED, "SendEmail: MessageRejected"), (_TIMEOUT, "ReadTimeoutError")],
    ids=["refused", "cut off"],
)
def test_a_failure_names_the_call_and_nobody(error: Exception, told: str) -> None:
    """A line says which call failed and with which code; AWS's own words name people."""
    assert aws.failure(error) == told
