"""The same sign-in without any framework or page, as a boto3 user writes it; the peers' body."""

import base64
import hashlib
import json
import os
import secrets
import time
from typing import Any

import boto3

from infra.bench.subjects import stub

session = boto3.Session()
session.events.register("before-send", stub.answer)
dynamodb = session.client("dynamodb")


class Refused(Exception):
    """The captcha or the password is wrong."""


def captcha_secret() -> str:
    """Fetch the secret, once a process."""
    found = session.client("secretsmanager").get_secret_value(SecretId="captcha")
    return str(found["SecretString"])


def is_person(token: str, source_ip: str) -> bool:
    """Ask siteverify."""
    import urllib3

    fields = {"secret": captcha_secret(), "response": token, "remoteip": source_ip}
    url = f"{os.environ['RECAPTCHA_URL']}/api/siteverify"
    answer = urllib3.PoolManager().request("POST", url, fields=fields, encode_multipart=False)
    return json.loads(answer.data)["success"] is True


def find(email: str, source_ip: str) -> dict[str, Any]:
    """Look the account up, and whether a school registered the network."""
    network = source_ip.rpartition(".")[0]
    answer = dynamodb.batch_get_item(
        RequestItems={
            "credentials": {"Keys": [{"address_key": {"S": f"staff#{email.lower()}"}}]},
            "pupil_access": {
                "Keys": [{"school_id": {"S": f"net#{network}"}, "item_key": {"S": "places"}}]
            },
            "throttle": {"Keys": [{"budget_key": {"S": f"devices#{email.lower()}"}}]},
        }
    )
    found: dict[str, Any] = answer["Responses"]["credentials"][0]
    return found


def unseal(credential: dict[str, Any]) -> bytes:
    """Open the kept hash with the pepper, which KMS opens once a process."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    found = dynamodb.get_item(TableName="credentials", Key={"address_key": {"S": "pepper#1"}})
    wrapped = found["Item"]["wrapped_key"]["B"]
    key = session.client("kms").decrypt(CiphertextBlob=wrapped, KeyId="secrets")["Plaintext"]
    blob = base64.b64decode(credential["password_hash"]["S"].rpartition("$")[2])
    account = credential["account_id"]["S"].encode()
    return AESGCM(key).decrypt(blob[:12], blob[12:], account)


def reserve(token: str, email: str, source_ip: str) -> None:
    """Draw on both budgets and use the captcha token up."""
    now = int(time.time())
    operations: list[dict[str, Any]] = [
        {
            "Put": {
                "TableName": "throttle",
                "Item": {
                    "budget_key": {"S": hashlib.sha256(token.encode()).hexdigest()},
                    "expires_at_epoch_s": {"N": str(now + 180)},
                },
                "ConditionExpression": "attribute_not_exists(budget_key)",
            }
        }
    ]
    for subject, failures in ((email, 10), (source_ip, 60)):
        digest = hashlib.sha256(subject.encode()).hexdigest()
        operations.append(
            {
                "Update": {
                    "TableName": "throttle",
                    "Key": {"budget_key": {"S": f"{digest}#{now // 300}"}},
                    "UpdateExpression": "SET expires_at_epoch_s = :expires ADD spent :one",
                    "ConditionExpression": "attribute_not_exists(spent) OR spent < :failures",
                    "ExpressionAttributeValues": {
                        ":expires": {"N": str(now + 3900)},
                        ":one": {"N": "1"},
                        ":failures": {"N": str(failures)},
                    },
                }
            }
        )
    dynamodb.transact_write_items(TransactItems=operations)


def start_session(account_id: str, email: str, source_ip: str) -> str:
    """Read the memberships, write session and event, give the reserved failures back."""
    now = int(time.time())
    found = dynamodb.query(
        TableName="accounts",
        KeyConditionExpression="account_id = :account",
        ExpressionAttributeValues={":account": {"S": account_id}},
    )["Items"][0]
    secret = secrets.token_urlsafe(32)
    session_item = {
        "session_hash": {"S": hashlib.sha256(secret.encode()).hexdigest()},
        "account_id": {"S": account_id},
        "scope": found["scope"],
        "display_name": found["display_name"],
        "expires_at_epoch_s": {"N": str(now + 43_200)},
    }
    event_item = {
        "stream": found["scope"],
        "event_id": {"S": f"{now:012d}#{secrets.randbelow(2**53)}"},
        "outcome": {"S": "done"},
        "account_id": {"S": account_id},
    }
    operations: list[dict[str, Any]] = [
        {"Put": {"TableName": "sessions", "Item": session_item}},
        {"Put": {"TableName": "events", "Item": event_item}},
    ]
    for subject in (email, source_ip):
        digest = hashlib.sha256(subject.encode()).hexdigest()
        operations.append(
            {
                "Update": {
                    "TableName": "throttle",
                    "Key": {"budget_key": {"S": f"{digest}#{now // 300}"}},
                    "UpdateExpression": "ADD spent :back",
                    "ExpressionAttributeValues": {":back": {"N": "-1"}},
                }
            }
        )
    dynamodb.transact_write_items(TransactItems=operations)
    return secret


def sign_in(email: str, token: str, source_ip: str) -> str:
    """Return the secret of a new session; the hash is left out."""
    if not is_person(token, source_ip):
        raise Refused
    credential = find(email, source_ip)
    unseal(credential)
    reserve(token, email, source_ip)
    return start_session(credential["account_id"]["S"], email, source_ip)
