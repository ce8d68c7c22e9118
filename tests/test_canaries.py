"""The search for secrets finds one wherever it lies: otherwise its silence means nothing."""

from collections.abc import Callable

import pytest

from infra.local import cloud as local_cloud
from infra.local import mailbox, seed
from infra.local.house import House
from schoolpoort import dynamodb, ids, passwords
from schoolpoort.log import logger
from schoolpoort.settings import require
from tests.canaries import Canaries

_BORN: dict[str, Callable[[], str]] = {
    "a cookie": lambda: ids.new_secret(),  # noqa: PLW0108 - looked up when it is asked
    "a password": lambda: seed.PASSWORD,
    "an authorisation key": lambda: "sleutel-09ZA",
    "an ECK iD": lambda: "https://ketenid.example/0123abcd",
    "a signed token": lambda: "eyJhbGciOiJFUzI1NiJ9.e30.c2ln",
}


@pytest.fixture
def planted(aws: House, canaries: Canaries) -> Canaries:
    """Return a search of a house without data, which a test may foul."""
    assert aws.failures == []
    canaries.begin()
    return canaries


def _mail(subject: str, text: str) -> None:
    sender = require("MAIL_FROM")
    raw = f"From: {sender}\nTo: a@example.nl\nSubject: {subject}\n\n{text}"
    local_cloud.client("sesv2").send_email(
        FromEmailAddress=sender,
        Destination={"ToAddresses": ["a@example.nl"]},
        Content={"Raw": {"Data": raw.encode()}},
    )


@pytest.mark.parametrize("kind", _BORN)
def test_a_secret_is_found_in_a_table(planted: Canaries, kind: str) -> None:
    """A cookie, password, key, ECK iD or token in a row is found, however deep it lies."""
    assert planted.leaks() == []
    secret = _BORN[kind]()
    item = {"session_hash": "x", "deep": [{"deeper": f"before {secret} after"}]}
    dynamodb.put(require("SESSIONS_TABLE"), item)
    assert planted.leaks() == [f"table {require('SESSIONS_TABLE')}"]


@pytest.mark.parametrize("kind", _BORN)
def test_a_secret_is_found_in_a_log_line(planted: Canaries, kind: str) -> None:
    """A secret among the fields of a line is found; a line without one is left alone."""
    logger.warning("nothing to see", extra={"reason": "x"})
    assert planted.leaks() == []
    logger.info("careless", extra={"seen": _BORN[kind]()})
    assert "log" in planted.leaks()


def test_an_address_is_found_in_a_log_line(planted: Canaries) -> None:
    """Nobody's address stands in a line either."""
    logger.info("careless", extra={"who": "noa.el-idrissi@example.nl"})
    assert "log (an address)" in planted.leaks()


@pytest.mark.parametrize("kind", _BORN)
def test_a_secret_is_found_in_a_mail(planted: Canaries, kind: str) -> None:
    """A secret is found in a subject and in a text."""
    _mail("Welkom", f"Beste Noa, {_BORN[kind]()}")
    assert planted.leaks() == ["mail body"]
    mailbox.put_back(())
    _mail(f"Welkom {_BORN[kind]()}", "Beste Noa")
    assert planted.leaks() == ["mail subject"]


def test_a_link_stands_in_its_mail_and_nowhere_else(planted: Canaries) -> None:
    """The token of a mailed link belongs in the text of a mail, not in its subject or a table."""
    token = ids.new_token()
    _mail("Welkom", f"https://schoolpoort.example/staff/invitation/{token}")
    assert planted.leaks() == []
    dynamodb.put(require("SESSIONS_TABLE"), {"session_hash": token})
    assert planted.leaks() == [f"table {require('SESSIONS_TABLE')}"]


def test_a_chosen_password_is_searched_too(planted: Canaries) -> None:
    """Whatever password is hashed is looked for from then on."""
    passwords.hash_password("Zeilboot8wolk")
    logger.info("careless", extra={"seen": "Zeilboot8wolk"})
    assert "log" in planted.leaks()
