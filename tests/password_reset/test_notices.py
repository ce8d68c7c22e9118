"""Mails that tell an owner what somebody else may be doing."""

from collections.abc import Callable

import pytest

from schoolpoort import credentials, dynamodb, settings
from tests.password_reset.post import NOOR, Post


@pytest.mark.parametrize(
    ("at", "key"), [("", credentials.staff_key), ("home", credentials.home_key)]
)
def test_an_owner_hears_that_somebody_guesses(
    post: Post, at: str, key: Callable[[str], str]
) -> None:
    """Only who has a password; the function that asks does not know whether there is anybody."""
    message = {"kind": "guessed", "request_id": f"g1{at}", "address": NOOR, "at": at}
    assert post.work(message) == []
    assert post.house.mails() == []
    credential = {"address_key": key(NOOR), "account_id": "7", "password_hash": "x"}
    more = {"password_version": 1, "language": "nl"}
    dynamodb.put(settings.require("CREDENTIALS_TABLE"), credential | more)
    assert post.work(message | {"request_id": f"g2{at}"}) == []
    (mail,) = post.house.mails()
    assert mail["subject"] == "Iemand probeert je wachtwoord te raden"
    assert "niet geblokkeerd" in mail["text"]
    assert ("tweede stap" in mail["text"]) is (at == "")


@pytest.mark.parametrize("browser", ["Firefox, Windows", ""])
def test_an_owner_hears_of_a_browser_that_was_not_known(post: Post, browser: str) -> None:
    """What it calls itself, what to do if it was somebody else, and where to look."""
    message = {"kind": "new_device", "request_id": f"d{browser}", "address": NOOR}
    assert post.work(message | {"language": "nl", "browser": browser}) == []
    (mail,) = post.house.mails()
    assert mail["subject"] == "Je hebt ingelogd met een andere browser"
    assert browser in mail["text"]
    assert "/account" in mail["text"]


@pytest.mark.parametrize(
    ("news", "subject", "said"),
    [
        ("added", "Er is een passkey aan je account toegevoegd", "net is toegevoegd"),
        ("removed", "Er is een passkey van je account weggehaald", "net weggehaald"),
        ("suspected", "Een passkey van je account is misschien gekopieerd", "niemand mee binnen"),
    ],
)
def test_an_owner_hears_of_passkeys(post: Post, news: str, subject: str, said: str) -> None:
    """What happened, what to do if it was somebody else, and where."""
    message = {"kind": "passkey", "request_id": f"p{news}", "address": NOOR}
    assert post.work(message | {"language": "nl", "news": news}) == []
    (mail,) = post.house.mails()
    assert mail["subject"] == subject
    assert said in " ".join(mail["text"].split())
    assert "/account/passkeys" in mail["text"]
