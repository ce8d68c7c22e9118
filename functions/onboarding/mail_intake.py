"""Turns a mail to the request mailbox into the same request as the form makes.

The six items stand in the mail as lines "BRIN: 99AA". What a mail does not say stays empty, and
the helpdesk completes it; the one signed PDF is its attachment. Of the mail itself only the
verdicts of who received it are kept (virus, SPF, DKIM, DMARC).
"""

import email
import email.policy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr

from onboarding import request_forms
from onboarding.account_request import Claim

_LABELS: Mapping[str, tuple[str, ...]] = {
    "board_name": ("naam bestuur", "bestuur", "board"),
    "board_number": ("bestuursnummer", "bestuurs nummer", "board number"),
    "school_name": ("naam school", "school", "schoolnaam", "school name"),
    "brin": ("brin", "brinnummer", "brin nummer", "brin code"),
    "location_code": ("locatiecode", "vestiging", "vestigingscode", "location code"),
    "director_name": ("directeur", "bestuurder", "naam bestuurder", "director"),
    "director_function": ("functie", "functie bestuurder", "function"),
    "director_address": ("e mail bestuurder", "email bestuurder", "e mail directeur"),
    "first_name": ("voornaam", "first name"),
    "name_prefix": ("tussenvoegsel", "prefix"),
    "surname": ("achternaam", "surname", "last name"),
    "address": ("e mail", "email", "e mail beheerder", "e mailadres"),
    "country": ("land", "country"),
}
_BY_LABEL = {label: name for name, labels in _LABELS.items() for label in labels}
_LINE = re.compile(r"^[\s>*\-\d.)]*([A-Za-z][A-Za-z \-]{2,30}?)\s*:\s*(.+?)\s*$", re.MULTILINE)
_VERDICTS = {
    "X-SES-Virus-Verdict": "virus",
    "X-SES-Spam-Verdict": "spam",
}
_RESULT = re.compile(r"\b(spf|dkim|dmarc)=(\w+)")
_LARGEST_PDF = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ReadMail:
    """What a mail asked for; `verdicts` are words such as "dmarc:pass virus:pass"."""

    claim: Claim
    paper: bytes | None
    verdicts: str


def read(content: bytes) -> ReadMail | None:
    """Read a mail; None for one that machines send, or in which nothing of a request stands."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    if _is_automatic(message):
        return None
    fields = {"variant": "nl", **_fields(message)}
    paper = _pdf(message)
    if len(fields) == 1 and paper is None:
        return None
    fields.setdefault("address", parseaddr(str(message.get("From", "")))[1])
    if fields.get("country"):
        fields["variant"] = "abroad"
    claim, _ = request_forms.read(fields)
    return ReadMail(claim, paper, _verdicts(message))


def _is_automatic(message: EmailMessage) -> bool:
    """Say whether a machine sent it: an answer to it could go round for ever (RFC 3834)."""
    told = str(message.get("Auto-Submitted", "no")).casefold()
    return told != "no" or "List-Id" in message or not message.get("From")


def _fields(message: EmailMessage) -> dict[str, str]:
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None:
        return {}
    try:
        text = str(body.get_content())
    except (LookupError, UnicodeError):
        return {}
    if body.get_content_subtype() == "html":
        text = re.sub(r"<[^>]+>", "", re.sub(r"(?i)<br\s*/?>|</p>|</div>|</tr>", "\n", text))
    found: dict[str, str] = {}
    for label, value in _LINE.findall(text[:50_000]):
        name = _BY_LABEL.get(" ".join(label.casefold().replace("-", " ").split()))
        if name:
            found.setdefault(name, value)
    return found


def _pdf(message: EmailMessage) -> bytes | None:
    """Return the one attachment that calls itself a PDF; of several nobody knows which is meant."""
    found = [
        part
        for part in message.walk()
        if part.get_content_type() == "application/pdf"
        or str(part.get_filename() or "").casefold().endswith(".pdf")
    ]
    if len(found) != 1:
        return None
    content = found[0].get_payload(decode=True)
    if not isinstance(content, bytes) or not 0 < len(content) <= _LARGEST_PDF:
        return None
    return content


def _verdicts(message: EmailMessage) -> str:
    told = [
        f"{name}:{str(message[header]).casefold()}"
        for header, name in _VERDICTS.items()
        if header in message
    ]
    # Only the topmost line is of the receiver; the sender may have written others.
    first = next(iter(message.get_all("Authentication-Results", [])), "")
    if str(first).strip().startswith("amazonses.com"):
        told += [f"{name}:{result}" for name, result in _RESULT.findall(str(first))]
    return " ".join(told)
