"""The one request that every subject answers: API Gateway's REST proxy event of a sign-in."""

from typing import Any
from urllib.parse import urlencode

FIELDS = {
    "email": "noor.dewit@school.example",
    "password": "zeven zalmen 7",
    "g-recaptcha-response": "a token of the bench",
    "next": "",
}


def of(body: str, content_type: str) -> dict[str, Any]:
    """Return the event of a POST to /login with this body."""
    headers = {
        "Host": "schoolpoort.example",
        "Content-Type": content_type,
        "User-Agent": "bench",
        "Sec-Fetch-Site": "same-origin",
    }
    return {
        "resource": "/login",
        "path": "/login",
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "requestId": "0f5a3c1e-bench",
            "resourcePath": "/login",
            "httpMethod": "POST",
            "path": "/login",
            "stage": "live",
            "identity": {"sourceIp": "192.0.2.7", "userAgent": "bench"},
        },
        "body": body,
        "isBase64Encoded": False,
    }


def form() -> dict[str, Any]:
    """Return the event of a browser's form."""
    return of(urlencode(FIELDS), "application/x-www-form-urlencoded")
