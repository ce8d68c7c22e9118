"""AWS clients, made once per execution environment from one botocore session.

botocore itself rather than boto3: the same clients without the resource layer, which would
retry and page where nobody sees it (docs/decisions).
"""

import functools
from typing import Any

import botocore
import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

# Left to itself botocore builds its long user agent anew for every call, a tenth of a call's work.
_USER_AGENT = f"schoolpoort botocore/{botocore.__version__}"
_CONFIG = Config(
    connect_timeout=1,
    read_timeout=5,
    retries={"mode": "standard", "max_attempts": 3},
    parameter_validation=False,
    user_agent=_USER_AGENT,
)
# A send that timed out may have been taken: only the mail job knows when to try again.
_SES = Config(retries={"mode": "standard", "total_max_attempts": 1})
# Presigned forms are signed the old way unless asked, which encrypted buckets refuse.
_S3 = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
_OWN_CONFIG = {"s3": _CONFIG.merge(_S3), "sesv2": _CONFIG.merge(_SES)}


@functools.cache
def session() -> botocore.session.Session:
    """Return the one session that all clients share."""
    return botocore.session.get_session()


@functools.cache
def client(service: str) -> Any:
    """Return the one client of an AWS service ("dynamodb", "sqs", "kms", …)."""
    return session().create_client(service, config=_OWN_CONFIG.get(service, _CONFIG))


def failure(error: Exception) -> str:
    """Return what failed, for a log line: "SendEmail: AccessDenied", or the kind of error.

    Never the message of AWS itself, which repeats names and addresses.
    """
    if isinstance(error, ClientError):
        return f"{error.operation_name}: {error.response['Error']['Code']}"
    return type(error).__name__


def forget_clients() -> None:
    """Drop the session and its clients; the local house does this when its endpoints change."""
    client.cache_clear()
    session.cache_clear()
