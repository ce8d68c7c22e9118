"""Requests as people live them: who asks, two of the helpdesk, the board, and their mails."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from infra.local import seed
from infra.local.house import House
from infra.local.visitor import Answer, Visitor
from tests.onboarding.papers import pdf
from tests.signed_in import signed_in

FORM: Mapping[str, str] = {
    "variant": "nl",
    "board_name": "Vereniging Basisschool De Hoge Esch",
    "board_number": "90002",
    "school_name": "Basisschool De Hoge Esch",
    "brin": "99BA",
    "location_code": "",
    "director_name": "Sjoerd van ’t Hoff",
    "director_function": "directeur-bestuurder",
    "director_address": "s.vanthoff@hogeesch.example",
    "first_name": "Zoë",
    "name_prefix": "van der",
    "surname": "Poël",
    "address": "z.vanderpoel@hogeesch.example",
}
"""An honest request for a school that nobody administers yet."""
CONTACT = "bestuur@hogeesch.example"
PAPER = pdf(
    "Aanvraag eerste beheerder\n99BA Basisschool De Hoge Esch\nSjoerd van ’t Hoff\nZoë van der Poël"
)
_LINK = re.compile(r"https?://[^\s/]+(/request/(?:board/)?[0-9a-f-]{36})")


@dataclass
class Office:
    """The seeded house with two people of the helpdesk."""

    house: House
    first: Visitor = field(init=False)
    second: Visitor = field(init=False)
    third: Visitor = field(init=False)

    def __post_init__(self) -> None:
        """Let three colleagues sign in."""
        self.first = signed_in(self.house, "8001", "helpdesk", "helpdesk")
        self.second = signed_in(self.house, "8002", "helpdesk", "helpdesk")
        self.third = signed_in(self.house, "8003", "helpdesk", "helpdesk")

    def send(self, **changed: str) -> Answer:
        """Fill in and send the public form."""
        form = {**FORM, **changed, **seed.captcha()}
        return Visitor(self.house.call).post("/request", form)

    def mail_to(self, address: str, about: str = "") -> str:
        """Return the text of the newest mail to an address, or nothing."""
        self.house.pump_until_idle()
        for mail in self.house.mails():
            if address in mail["to"] and about in mail["subject"] + mail["text"]:
                return str(mail["text"])
        return ""

    def link_to(self, address: str) -> str:
        """Return the path of the newest link of a request that was mailed to an address."""
        self.house.pump_until_idle()
        for mail in self.house.mails():
            found = _LINK.search(mail["text"])
            if address in mail["to"] and found:
                return found[1]
        raise AssertionError(address)

    def add_paper(self, link: str, content: bytes = PAPER) -> None:
        """Add a PDF on the page of a request, and let it be checked."""
        answer = seed.upload(self.house, Visitor(self.house.call), link, content)
        assert answer.status == 303, answer.text
        self.house.pump_until_idle()

    def complete(self, content: bytes = PAPER, **changed: str) -> str:
        """Send a request with its paper; return its page at the helpdesk."""
        before = self._queue()
        assert self.send(**changed).location == "/request/sent"
        self.add_paper(self.link_to(changed.get("address", FORM["address"])), content)
        [place] = set(self._queue()) - set(before)
        return place

    def newest(self) -> str:
        """Return the page of the newest request in the queue."""
        return self._queue()[-1]

    def _queue(self) -> list[str]:
        shown = self.first.get("/helpdesk/requests").text
        return re.findall(r'href="(/helpdesk/requests/[0-9]+)"', shown)

    def looked_up(self, place: str) -> None:
        """Record the board's registered address and a call that confirmed the request."""
        self.act(self.first, place, "contact", address=CONTACT, source="rio")
        self.act(self.first, place, "call", outcome="confirmed")

    def act(self, who: Visitor, place: str, action: str, **fields: str) -> Answer:
        """Press a button of a request's page, which must work."""
        answer = who.post(place, {"action": action, **fields})
        assert answer.location == f"{place}?done={action}", answer.text
        return answer

    def granted(self, content: bytes = PAPER, **changed: str) -> str:
        """Bring a request as far as an invitation; return its page."""
        place = self.complete(content, **changed)
        self.looked_up(place)
        self.act(self.first, place, "propose", decision="approve", note="gezien")
        self.act(self.second, place, "agree", note="akkoord")
        self.house.pump_until_idle()
        return place
