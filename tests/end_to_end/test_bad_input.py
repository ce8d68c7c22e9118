"""What is wrong gets a clear answer with what to do, never a stack trace, and changes nothing."""

import pytest
import urllib3
from wire import Controls, Person


@pytest.mark.stack_walk
@pytest.mark.parametrize("path", ["/no/such/page", "/apps/../etc/passwd", "/helpdesk/x", "/%00"])
def test_unknown_addresses_get_a_page(somebody: Person, path: str) -> None:
    """An address that does not exist is a 404 page with a way on."""
    seen = somebody.get(path)
    assert seen.status == 404
    assert 'href="/help"' in seen.text
    assert "Traceback" not in seen.text


@pytest.mark.serve_only
def test_a_wrong_method_is_told(somebody: Person) -> None:
    """A known address with another method is 405, from the edge itself."""
    assert somebody.post("/help").status == 405


def test_a_form_of_another_site_is_refused(base_url: str) -> None:
    """A browser says where a form comes from, and we listen."""
    answer = urllib3.request(
        "POST",
        f"{base_url}/logout",
        headers={"Sec-Fetch-Site": "cross-site", "Content-Type": "text/plain"},
        redirect=False,
    )
    assert answer.status == 403


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{not json", "application/json"),
        (b"email=%ZZ&password=%FF%FE", "application/x-www-form-urlencoded"),
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b"email=a&" * 9000, "application/x-www-form-urlencoded"),
    ],
)
def test_malformed_forms_are_refused(base_url: str, body: bytes, kind: str) -> None:
    """A body that is no form of ours is a 4xx page."""
    answer = urllib3.request(
        "POST", f"{base_url}/login", body=body, headers={"Content-Type": kind}, redirect=False
    )
    assert 400 <= answer.status < 500
    assert b"Traceback" not in answer.data


@pytest.mark.parametrize(
    "cookie", ["__Host-sid=" + "A" * 43, "__Host-sid=;;;", "\x01=2", "__Host-sid"]
)
def test_bad_cookies_are_nobody(base_url: str, cookie: str) -> None:
    """A cookie that is not ours is not signed in, and nothing breaks."""
    answer = urllib3.request("GET", f"{base_url}/apps", headers={"Cookie": cookie}, redirect=False)
    assert answer.status == 303


@pytest.mark.parametrize("path", ["/console", "/board", "/helpdesk", "/console/people", "/account"])
def test_work_places_ask_to_sign_in(somebody: Person, path: str) -> None:
    """Who is not signed in comes back to the page after signing in."""
    seen = somebody.get(path)
    assert seen.status == 303
    assert seen.location.endswith(f"/login?next={path}")


def test_a_teacher_is_not_let_into_other_work_places(base_url: str) -> None:
    """A role opens its own work place only."""
    who = Controls(base_url).people("teacher")[0]
    teacher = Person(base_url)
    assert teacher.sign_in(who["address"], who["password"]).status == 303
    for path in ("/console", "/board", "/helpdesk", "/console/people", "/helpdesk/agreements"):
        assert teacher.get(path).status == 403, path


def test_every_answer_has_the_security_headers(somebody: Person) -> None:
    """Pages, redirects and errors carry the headers of the house."""
    for path in ("/login", "/apps", "/no/such/page", "/health"):
        headers = somebody.get(path).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["cache-control"] == "no-store", path
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert "max-age" in headers["strict-transport-security"], path
