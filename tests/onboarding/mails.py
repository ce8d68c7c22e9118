"""Mails to the mailbox of requests."""

from email.message import EmailMessage

MAIL = """Geachte helpdesk,

Naam bestuur: Vereniging Basisschool De Hoge Esch
Bestuursnummer: 90002
- Naam school: Basisschool De Hoge Esch
BRIN: 99BA
Directeur: Sjoerd van 't Hoff
Functie: directeur-bestuurder
E-mail bestuurder: s.vanthoff@hogeesch.example
Voornaam: Zoë
Tussenvoegsel: van der
Achternaam: Poël
"""


def mail(body: str = MAIL, *papers: bytes, html: bool = False, **headers: str) -> bytes:
    """Return a mail with these papers attached."""
    message = EmailMessage()
    message["From"] = "Zoë <z.vanderpoel@hogeesch.example>"
    message["To"] = "aanvraag@schoolpoort.example"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(
        body.replace("\n", "<br>\n") if html else body, subtype="html" if html else "plain"
    )
    for paper in papers:
        message.add_attachment(paper, maintype="application", subtype="pdf", filename="a.pdf")
    return message.as_bytes()
