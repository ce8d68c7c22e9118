"""What can be wrong with a request: each becomes a page with words and a reference.

HttpProblem
├── BadRequest        400  the form or address is not what this page understands
├── Forbidden         403  signed in, but not for this
├── CrossSite         403  a form that another site sent
├── NotFound          404
├── MethodNotAllowed  405
├── Conflict          409  somebody else was first, or it is already so
├── Gone              410  it was there once
├── TooLarge          413
├── TooManyRequests   429
└── Unavailable       503  a part that we need does not answer; nothing was changed
SignInRequired             no problem page: the way to /login and back
"""

from typing import Any

from schoolpoort.errors import SchoolpoortError


class HttpProblem(SchoolpoortError):
    """A request ends here, with a page.

    `code` is the reason for the log, never shown; `kind` chooses the words of the shared page.
    `template` and `values` may name a page of the
    function's own; without it the shared error page speaks.
    """

    status = 500
    kind = "internal"

    def __init__(self, code: str, *, template: str | None = None, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.template = template
        self.values = values


class BadRequest(HttpProblem):
    """The form or address is not what this page understands."""

    status = 400
    kind = "bad_request"


class Forbidden(HttpProblem):
    """Signed in, but not allowed to do this."""

    status = 403
    kind = "forbidden"


class CrossSite(HttpProblem):
    """A form that another site sent in this person's name."""

    status = 403
    kind = "cross_site"


class NotFound(HttpProblem):
    """There is nothing at this address."""

    status = 404
    kind = "not_found"


class MethodNotAllowed(HttpProblem):
    """The address exists, the method does not."""

    status = 405
    kind = "method_not_allowed"


class Conflict(HttpProblem):
    """Somebody else was first, or it is already so."""

    status = 409
    kind = "conflict"


class Gone(HttpProblem):
    """What was asked existed once and is over."""

    status = 410
    kind = "gone"


class TooLarge(HttpProblem):
    """The body is larger than any form of ours."""

    status = 413
    kind = "too_large"


class TooManyRequests(HttpProblem):
    """Too much in too short a time."""

    status = 429
    kind = "too_many_requests"


class Unavailable(HttpProblem):
    """A part that we need does not answer; nothing was changed."""

    status = 503
    kind = "unavailable"


class SignInRequired(SchoolpoortError):
    """Nobody is signed in; after signing in the person comes back to `return_to`.

    `address` is the page that asks for what is missing.
    """

    address = "/login"

    def __init__(self, return_to: str) -> None:
        super().__init__("sign-in required")
        self.return_to = return_to


class SecondFactorRequired(SignInRequired):
    """Signed in, but what this role may do needs a second factor, and there is none yet."""

    address = "/account/second-factor"


class ConfirmationRequired(SignInRequired):
    """Signed in a while ago; before this act the person shows once more who he is."""

    address = "/account/confirm"
