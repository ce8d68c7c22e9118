"""Mails as raw MIME: text and HTML from templates, in the reader's language or in both.

No personal data in a subject, no tracking, nothing loaded from elsewhere.
"""

import textwrap
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import Any

from schoolpoort.web import render

_LANGUAGES = ("nl", "en")
_SENDER = "Schoolpoort"
_COLUMNS = 72
_SEVEN_BIT = "quoted-printable"
"""What every relay passes on as it is: SES takes no promise of eight clean bits (RFC 2045, 6.7)."""

_ON_THE_WIRE = SMTP.clone(max_line_length=998)
"""Headers unfolded up to what RFC 5322 (2.1.1) allows: a folded subject is shown with a space."""


def compose(
    template: str, language: str, *, to: str, sender: str, now_epoch_s: int, **values: Any
) -> bytes:
    """Return a mail ready to send.

    `template` names mail/<template>.{subject.txt,txt,html}; an empty `language` gives both,
    Dutch first.
    """
    languages = (language,) if language in _LANGUAGES else _LANGUAGES
    message = EmailMessage(policy=SMTP)
    message["Subject"] = " / ".join(
        _rendered(template, "subject.txt", one, values).strip() for one in languages
    )
    message["From"] = f"{_SENDER} <{sender}>"
    message["To"] = to
    message["Date"] = formatdate(now_epoch_s)
    message["Auto-Submitted"] = "auto-generated"
    texts = [_wrapped(_rendered(template, "txt", one, values)) for one in languages]
    message.set_content("\n----\n\n".join(texts), cte=_SEVEN_BIT)
    bodies = [_rendered(template, "html", one, values) for one in languages]
    html = render(
        "password_reset/mail/frame.html", languages[0], bodies=bodies, languages=languages
    )
    message.add_alternative(html, subtype="html", cte=_SEVEN_BIT)
    return message.as_bytes(policy=_ON_THE_WIRE)


def _wrapped(text: str) -> str:
    """Break lines at 72 columns; the address of a link stays whole."""
    return "".join(
        f"{part}\n"
        for line in text.splitlines()
        for part in textwrap.wrap(line, _COLUMNS, break_long_words=False, break_on_hyphens=False)
        or [""]
    )


def _rendered(template: str, part: str, language: str, values: dict[str, Any]) -> str:
    return render(f"password_reset/mail/{template}.{part}", language, **values)
