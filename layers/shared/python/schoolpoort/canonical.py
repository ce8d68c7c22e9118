"""The digest of a plain value: the same for the same content, whoever stored it in between."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def digest(value: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a value's canonical JSON, in hexadecimal.

    Canonical is: names sorted, no spaces, UTF-8 without escapes.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
