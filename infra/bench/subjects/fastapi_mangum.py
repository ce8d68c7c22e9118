"""FastAPI behind Mangum with the same extras: the framework many would take.

FastAPI and Mangum live in the bench's own environment only.
"""

import json
from types import SimpleNamespace

import argon2
from aws_lambda_powertools import Logger
from fastapi import FastAPI, Request, Response  # type: ignore[import-not-found]
from mangum import Mangum  # type: ignore[import-not-found]
from pydantic import BaseModel, Field

from infra.bench.subjects import event, stub, work

logger = Logger(service="bench")
hasher = argon2.PasswordHasher()
app = FastAPI()


class SignIn(BaseModel):
    """The body, as FastAPI wants it."""

    email: str = Field(max_length=254)
    password: str = Field(max_length=1000)
    token: str = Field(alias="g-recaptcha-response", max_length=8192)
    next: str = ""


@app.post("/login", status_code=303)  # type: ignore[untyped-decorator]
async def sign_in(form: SignIn, request: Request, response: Response) -> None:
    """Answer a sign-in with a cookie."""
    source_ip = request.client.host if request.client else ""
    secret = work.sign_in(form.email, form.token, source_ip)
    logger.info("signed in")
    response.headers["Location"] = "/apps"
    response.set_cookie("__Host-sid", secret, secure=True, httponly=True, samesite="lax")


handler = Mangum(app, lifespan="off")


def run() -> None:
    """Answer the first sign-in."""
    context = SimpleNamespace(aws_request_id="bench")
    answer = handler(event.of(json.dumps(event.FIELDS), "application/json"), context)
    stub.confirm(answer)
