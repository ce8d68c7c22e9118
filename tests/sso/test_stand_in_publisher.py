"""A library that is not ours signs people in through us, over real HTTP."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from infra.local import server as local_server
from infra.local.house import House
from infra.local.stand_ins import publisher as stand_in
from schoolpoort import sessions
from sso import publishers
from tests.sso.world import PUBLISHER, TEACHER, World


@pytest.fixture
def served(aws: House) -> Iterator[World]:
    """Return the school with the house on its port; publishers live where the port says."""
    world = World(aws)
    world.build()
    for slug in stand_in.PUBLISHERS:
        publishers.register(stand_in.registration(aws.stand_in_url, slug))
    server = local_server.of_house(aws)
    server.start()
    stand_in.reset()
    yield world
    server.stop()
    aws.move_clock(0)
    assert aws.failures == []


@pytest.fixture
def browser(served: World) -> Iterator[requests.Session]:
    """Return a real HTTP client in which the teacher is signed in with us."""
    secret = served.visitor(TEACHER).cookies[sessions.COOKIE_NAME]
    with requests.Session() as session:
        session.trust_env = False
        session.cookies.set(sessions.COOKIE_NAME, secret, domain="localhost.local")
        yield session


def _heading(text: str) -> str:
    found = re.search(r"<h1>(.*?)</h1>", text)
    return found[1] if found else ""


def test_one_click_signs_a_teacher_in_at_the_publisher(
    served: World, browser: requests.Session
) -> None:
    """Tile, publisher, question, code, tokens, userinfo: the app knows who came, by a new name."""
    answer = browser.get(f"{served.issuer}/apps/{PUBLISHER}", timeout=20)
    assert urlsplit(answer.url).path == f"/_publisher/{PUBLISHER}/home"
    assert _heading(answer.text).startswith("Signed in at Rekenrijk as ")
    assert "Noor" in answer.text
    assert "5 Rood" in answer.text
    assert "de Wit" not in answer.text
    assert [hop.status_code for hop in answer.history] == [303, 303, 303, 303]
    (row,) = served.ledger()
    assert row["publisher_id"] == PUBLISHER


def test_two_publishers_know_a_person_by_two_names(
    served: World, browser: requests.Session
) -> None:
    """Pairwise: what Rekenrijk calls the teacher means nothing to Leeshoek."""
    served.put_coverage(declared=(PUBLISHER, "leeshoek"))
    coordinator = served.visitor("8")
    coordinator.post("/console/publishers/leeshoek", {"action": "link", "fields": ""})
    headings = [
        _heading(browser.get(f"{served.issuer}/apps/{slug}", timeout=20).text)
        for slug in (PUBLISHER, "leeshoek")
    ]
    names = [heading.rpartition(" ")[2] for heading in headings]
    assert all(len(name) == 43 for name in names)
    assert names[0] != names[1]


def test_it_works_on_the_moved_clock(served: World, browser: requests.Session) -> None:
    """A year later on the house's clock the library still accepts our times."""
    served.house.move_clock(31_536_000)
    secret = served.visitor(TEACHER).cookies[sessions.COOKIE_NAME]
    browser.cookies.set(sessions.COOKIE_NAME, secret, domain="localhost.local")
    answer = browser.get(f"{served.issuer}/apps/{PUBLISHER}", timeout=20)
    assert _heading(answer.text).startswith("Signed in at Rekenrijk as ")


def test_who_signs_out_there_stays_signed_in_here(served: World, browser: requests.Session) -> None:
    """The publisher's session is its own."""
    browser.get(f"{served.issuer}/apps/{PUBLISHER}", timeout=20)
    site = f"{served.house.stand_in_url}/_publisher/{PUBLISHER}"
    out = browser.post(f"{site}/logout", timeout=20)
    assert _heading(out.text) == "Nobody is signed in at Rekenrijk"
    again = browser.get(f"{site}/login", timeout=20)
    assert _heading(again.text).startswith("Signed in at Rekenrijk as ")


def test_a_stranger_cannot_finish_a_sign_on(served: World, browser: requests.Session) -> None:
    """A code carried to another browser signs nobody in there (login CSRF)."""
    site = f"{served.house.stand_in_url}/_publisher/{PUBLISHER}"
    begun = browser.get(f"{site}/login", timeout=20, allow_redirects=False)
    answered = browser.get(begun.headers["location"], timeout=20, allow_redirects=False)
    stranger = requests.get(answered.headers["location"], timeout=20)
    assert stranger.status_code == 400
    assert _heading(stranger.text) == "Rekenrijk could not sign you in"


def test_a_refusal_without_a_page_reaches_the_publisher(served: World) -> None:
    """prompt=none for who is not signed in ends at the publisher with login_required."""
    site = f"{served.house.stand_in_url}/_publisher/{PUBLISHER}"
    with requests.Session() as nobody:
        nobody.trust_env = False
        answer = nobody.get(f"{site}/login?prompt=none", timeout=20)
    assert answer.status_code == 400
    assert "login_required" in answer.text


def test_another_issuer_cannot_start_a_sign_on(served: World) -> None:
    """The publisher begins nothing for who is not its provider."""
    site = f"{served.house.stand_in_url}/_publisher/{PUBLISHER}"
    answer = requests.get(f"{site}/login?iss=https://elders.example", timeout=20)
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/_publisher/onbekend/home", f"/_publisher/{PUBLISHER}/elders"])
def test_other_addresses_do_not_exist(served: World, path: str) -> None:
    """Only the invented publishers and their four pages are there."""
    assert requests.get(f"{served.house.stand_in_url}{path}", timeout=20).status_code == 404
