"""AWS answered below botocore: requests are built, signed and parsed, but no network is crossed."""

import base64
import json
from typing import Any

from botocore.awsrequest import AWSResponse

PEPPER = b"k" * 32
SEALED_HASH = (
    "pepper$1$6X15fScQRF+SShoWnbGAe6iRVsHadOFCVHBA9VmVmnr030zH3J06DuhqKzI8hb5iwF7fo9/"
    "X9OdswZsYLeJAga2l8+hFQg11PNHmQHPsTW9v8pISOwL1cbTyKGdvswcEbSAvakMsZdl8mzcJfxbHug6"
    "c/e6qTw6+tuujhF8="
)
"""A hash of today's parameters, sealed under the pepper for account 7."""

ANSWERS: dict[str, dict[str, Any]] = {
    "BatchGetItem": {
        "Responses": {
            "credentials": [
                {
                    "address_key": {"S": "staff#noor.dewit@school.example"},
                    "account_id": {"S": "7"},
                    "password_hash": {"S": SEALED_HASH},
                    "password_version": {"N": "1"},
                    "language": {"S": "nl"},
                    "schema_version": {"N": "1"},
                }
            ]
        },
        "UnprocessedKeys": {},
    },
    "GetItem pepper#1": {
        "Item": {
            "address_key": {"S": "pepper#1"},
            "wrapped_key": {"B": "d3JhcHBlZA=="},
            "schema_version": {"N": "1"},
        }
    },
    "Decrypt": {"Plaintext": base64.b64encode(PEPPER).decode()},
    "TransactWriteItems": {},
    "Query": {
        "Items": [
            {
                "account_id": {"S": "7"},
                "scope": {"S": "school#42"},
                "scope_name": {"S": "Basisschool De Vlieger"},
                "display_name": {"S": "Noor de Wit"},
                "roles": {"L": [{"S": "teacher"}]},
                "address": {"S": "noor.dewit@school.example"},
                "person_id": {"S": "9"},
                "invited_at_epoch_s": {"N": "1800000000"},
                "activated_at_epoch_s": {"N": "1800000000"},
                "schema_version": {"N": "1"},
            }
        ],
        "Count": 1,
    },
    "GetSecretValue": {
        "SecretString": '{"recaptcha_secret": "invented", "altcha_key": "invented too"}',
        "Name": "captcha",
    },
}

calls: list[str] = []

EXPECTED_CALLS = [
    "GetSecretValue",
    "BatchGetItem",
    "GetItem",
    "Decrypt",
    "TransactWriteItems",
    "Query",
    "TransactWriteItems",
]
_SEE_OTHER = 303


def confirm(answer: dict[str, Any]) -> None:
    """Raise SystemExit unless a subject signed in with exactly the expected calls."""
    if answer["statusCode"] != _SEE_OTHER or "__Host-sid=" not in str(answer):
        message = f"not signed in: {answer}"
        raise SystemExit(message)
    if calls != EXPECTED_CALLS:
        message = f"other calls than the peers: {calls}"
        raise SystemExit(message)


class Raw:
    """The part of a urllib3 answer that botocore reads."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Any:
        """Yield the body at once."""
        yield self._body


def answer(request: Any, **_: Any) -> AWSResponse:
    """Answer a signed request, as a `before-send` handler of botocore."""
    target = request.headers["X-Amz-Target"]
    name = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
    calls.append(name)
    asked = name
    if name == "GetItem":
        asked = f"GetItem {json.loads(request.body)['Key']['address_key']['S']}"
    body = json.dumps(ANSWERS[asked]).encode()
    headers = {"content-type": "application/x-amz-json-1.0"}
    return AWSResponse(request.url, 200, headers, Raw(body))
