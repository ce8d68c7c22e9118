"""A bare boto3 handler: no framework, no page, the same calls, the Logger loaded."""

from typing import Any
from urllib.parse import parse_qs

import argon2
from aws_lambda_powertools import Logger

from infra.bench.subjects import event, stub, work

logger = Logger(service="bench")
hasher = argon2.PasswordHasher()


def handler(proxied: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer a sign-in with a cookie."""
    form = {name: values[0] for name, values in parse_qs(proxied["body"]).items()}
    source_ip = proxied["requestContext"]["identity"]["sourceIp"]
    secret = work.sign_in(form["email"], form["g-recaptcha-response"], source_ip)
    logger.info("signed in")
    cookie = f"__Host-sid={secret}; Path=/; Secure; HttpOnly; SameSite=Lax"
    headers = {"Location": ["/apps"], "Set-Cookie": [cookie]}
    return {"statusCode": 303, "multiValueHeaders": headers, "body": ""}


def run() -> None:
    """Answer the first sign-in."""
    answer = handler(event.form(), None)
    stub.confirm(answer)
