"""Where the pepper's keys are: in the credentials table, each as a data key under KMS.

The item of a key stands under "pepper#<number>". A deployment makes the one that the template
names, and functions of the house open a key once in the life of their process.
"""

from typing import Any

from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as EndpointError

from schoolpoort import aws, dynamodb
from schoolpoort.errors import ConditionFailed, StoreUnavailable
from schoolpoort.pepper import KEY_BYTES, Pepper
from schoolpoort.settings import require

SCHEMA_VERSION = 1
_TABLE = "CREDENTIALS_TABLE"
_opened: dict[int, Pepper] = {}


def current() -> Pepper:
    """Return the key that new hashes are sealed under; raises StoreUnavailable."""
    return numbered(int(require("PEPPER_NUMBER")))


def numbered(number: int) -> Pepper:
    """Return a key, with two AWS calls the first time; raises StoreUnavailable without it."""
    if number not in _opened:
        _opened[number] = _open(number)
    return _opened[number]


def forget() -> None:
    """Open every key anew, as another process would."""
    _opened.clear()


def make(number: int) -> None:
    """Make a key unless it is there; nobody sees it, and an older one stays as it is."""
    made = aws.client("kms").generate_data_key_without_plaintext(
        KeyId=require("SECRETS_KEY_ID"),
        NumberOfBytes=KEY_BYTES,
        EncryptionContext=_context(number),
    )
    item = {
        **_key(number),
        "wrapped_key": made["CiphertextBlob"],
        "schema_version": SCHEMA_VERSION,
    }
    try:
        dynamodb.put(require(_TABLE), item, unless_exists="address_key")
    except ConditionFailed:
        return


def _open(number: int) -> Pepper:
    item = dynamodb.get(require(_TABLE), _key(number), consistent=True)
    if item is None:
        raise StoreUnavailable
    try:
        answer = aws.client("kms").decrypt(
            KeyId=require("SECRETS_KEY_ID"),
            CiphertextBlob=item["wrapped_key"],
            EncryptionContext=_context(number),
        )
    except (ClientError, EndpointError, HTTPClientError) as error:
        raise StoreUnavailable from error
    return Pepper(number, bytes(answer["Plaintext"]))


def _key(number: int) -> dict[str, Any]:
    return {"address_key": f"pepper#{number}"}


def _context(number: int) -> dict[str, str]:
    return {"purpose": "pepper", "number": str(number)}
