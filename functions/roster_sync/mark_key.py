"""The key that ECK iDs are marked under: in the roster table, as a data key under KMS.

It is never replaced: with another key nobody would be recognised (docs/decisions).
"""

import functools
from collections.abc import Mapping
from typing import Any

from roster_sync.marks import KEY_BYTES
from schoolpoort import aws, dynamodb
from schoolpoort.errors import ConditionFailed
from schoolpoort.settings import require

_TABLE = "ROSTER_TABLE"
_KEY = {"school_id": "keys", "item_key": "key#eck_mark"}
_CONTEXT = {"purpose": "eck_mark"}


@functools.cache
def mark_key() -> bytes:
    """Return the key, the same for ever; the first caller ever makes it.

    Two or three calls in a process, then none: it is wrapped in the table, bare only in memory.
    """
    item = dynamodb.get(require(_TABLE), _KEY, consistent=True) or _made()
    answer = aws.client("kms").decrypt(
        KeyId=require("SECRETS_KEY_ID"),
        CiphertextBlob=item["wrapped_key"],
        EncryptionContext=_CONTEXT,
    )
    return bytes(answer["Plaintext"])


def _made() -> Mapping[str, Any]:
    made = aws.client("kms").generate_data_key_without_plaintext(
        KeyId=require("SECRETS_KEY_ID"), NumberOfBytes=KEY_BYTES, EncryptionContext=_CONTEXT
    )
    item = {**_KEY, "wrapped_key": bytes(made["CiphertextBlob"]), "schema_version": 1}
    try:
        dynamodb.put(require(_TABLE), item, unless_exists="item_key")
    except ConditionFailed as error:
        return error.item or {}
    return item
