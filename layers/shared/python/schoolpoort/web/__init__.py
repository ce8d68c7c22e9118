"""Requests, answers and pages, as every function of the house sees them."""

from schoolpoort.web.dispatch import Route, View, dispatch
from schoolpoort.web.pages import page, render
from schoolpoort.web.problems import (
    BadRequest,
    ConfirmationRequired,
    Conflict,
    Forbidden,
    Gone,
    HttpProblem,
    MethodNotAllowed,
    NotFound,
    SecondFactorRequired,
    SignInRequired,
    TooLarge,
    TooManyRequests,
    Unavailable,
)
from schoolpoort.web.request import Request
from schoolpoort.web.response import Response, cookie, json_response, redirect

__all__ = [
    "BadRequest",
    "ConfirmationRequired",
    "Conflict",
    "Forbidden",
    "Gone",
    "HttpProblem",
    "MethodNotAllowed",
    "NotFound",
    "Request",
    "Response",
    "Route",
    "SecondFactorRequired",
    "SignInRequired",
    "TooLarge",
    "TooManyRequests",
    "Unavailable",
    "View",
    "cookie",
    "dispatch",
    "json_response",
    "page",
    "redirect",
    "render",
]
