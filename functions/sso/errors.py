"""What can be wrong between a publisher and us.

SchoolpoortError
└── SsoError
    ├── RegistrationRefused   a publisher's registration lacks something or is not safe
    ├── RequestUnsafe         there is no trustworthy way back: a page for the person
    ├── RequestRefused        the publisher hears an OAuth error at his own address
    └── TokenRefused          the publisher's server hears an OAuth error as JSON
"""

from schoolpoort.errors import SchoolpoortError


class SsoError(SchoolpoortError):
    """The root of what this context raises on purpose."""


class RegistrationRefused(SsoError):
    """A publisher's registration is not accepted; `code` says which part."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class RequestUnsafe(SsoError):
    """A sign-on request whose sender or return address is not registered (RFC 6749, 4.1.2.1)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class RequestRefused(SsoError):
    """A sign-on request that the publisher must change; `error` is OAuth's own code."""

    def __init__(self, error: str, reason: str) -> None:
        super().__init__(f"{error}: {reason}")
        self.error = error
        self.reason = reason


class TokenRefused(SsoError):
    """A request of a publisher's server that is not granted; `error` is OAuth's own code.

    `challenge` is what the answer's WWW-Authenticate says (RFC 6750, 3), empty for none.
    """

    def __init__(self, error: str, reason: str, *, status: int = 400, challenge: str = "") -> None:
        super().__init__(f"{error}: {reason}")
        self.error = error
        self.reason = reason
        self.status = status
        self.challenge = challenge
