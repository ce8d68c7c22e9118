"""What suppliers gave us in confidence: client certificates, authorities, headers, general keys.

LAS_SECRET_ARN is one secret of Secrets Manager, JSON from supplier to any of: `certificate` and
`private_key` (PEM, with which we show who we are), `authority` (PEM, the only one that the
supplier's own certificate may come from), `headers`, and `general_key` (with which schools without
a key of their own may be read until the day on which a key is needed).
"""

import functools
import json
import os
import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from roster_sync.suppliers import Supplier, are_headers
from schoolpoort import aws, settings
from schoolpoort.errors import SettingRefused

_SETTING = "LAS_SECRET_ARN"


@dataclass(frozen=True, slots=True)
class Confidence:
    """What one supplier gave us; `trust` is None for what every browser trusts."""

    trust: ssl.SSLContext | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    general_key: str | None = field(default=None, repr=False)


NOTHING = Confidence()


def of_supplier(supplier: Supplier) -> Confidence:
    """Return what a supplier gave us; one call in the life of a process, none without a secret.

    Raises SettingRefused when the secret is not what was asked for.
    """
    return _read().get(supplier.name, NOTHING) if supplier.has_secret else NOTHING


def forget() -> None:
    """Have the secret read again, as a new execution environment does."""
    _read.cache_clear()


@functools.cache
def _read() -> dict[str, Confidence]:
    arn = settings.require(_SETTING)
    stored = aws.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    try:
        return {name: _confidence(entry) for name, entry in json.loads(stored).items()}
    except (ValueError, KeyError, TypeError, AttributeError, ssl.SSLError) as error:
        # The content must not end up in a log, so neither does the parser's message.
        raise SettingRefused(_SETTING, "it is not the JSON that is asked for") from (
            error.with_traceback(None)
        )


def _confidence(entry: Mapping[str, Any]) -> Confidence:
    headers = {str(name): str(value) for name, value in entry.get("headers", {}).items()}
    if not are_headers(headers):
        raise ValueError
    return Confidence(_trust(entry), headers, entry.get("general_key") or None)


def _trust(entry: Mapping[str, Any]) -> ssl.SSLContext | None:
    certificate, authority = entry.get("certificate"), entry.get("authority")
    if certificate is None and authority is None:
        return None
    context = ssl.create_default_context(cadata=authority)
    if certificate is not None:
        _load(context, f"{certificate.strip()}\n{entry['private_key']}")
    return context


def _load(context: ssl.SSLContext, pem: str) -> None:
    # OpenSSL reads a certificate from a file only; this one is ours alone and gone at once.
    descriptor, path = tempfile.mkstemp()
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(pem)
        context.load_cert_chain(path)
    finally:
        os.unlink(path)  # noqa: PTH108 - beside mkstemp and fdopen
