"""What the seed, the controls and the server need of a house, wherever its functions run.

`make serve` has one in its own process (`infra.local.house`), `make stack` one that speaks to the
emulator (`infra.stack.house`).
"""

from typing import Any, Protocol

from infra.local.gateway import HttpRequest, HttpResponse


class Home(Protocol):
    """A house that a visitor can walk through, with its mailbox and its queues."""

    people: list[dict[str, Any]]
    """The invented people, once the house has been filled."""

    @property
    def base_url(self) -> str:
        """Return the address of the house for browsers."""

    @property
    def stand_in_url(self) -> str:
        """Return the address of the outside world: another site than the house."""

    @property
    def configuration_set(self) -> str:
        """Return the name of the set that mails are sent with."""

    def call(self, request: HttpRequest) -> HttpResponse:
        """Answer a request to the house."""

    def post_file(self, url: str, request: HttpRequest) -> HttpResponse:
        """Post a file to where a form of the house points: the store for files."""

    def deploy(self, helpdesk: list[str]) -> None:
        """Do what CloudFormation's custom resource does at each deployment, if nobody did yet."""

    def pump_until_idle(self) -> None:
        """Return once the queues are worked off, with what the work itself adds to them."""

    def report_mail(self, event: dict[str, Any]) -> None:
        """Publish an event of SES about a mail, as SES does over the event bus."""

    def mail_request(self, message_id: str) -> str | None:
        """Return the request that a mail was sent for, or None for an unknown mail."""

    def mails(self) -> list[dict[str, Any]]:
        """Return all mails, newest first: to, from, subject, text, html, sent_at, message_id."""
