"""Where a person may be sent after signing in."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from login import return_path


@pytest.mark.parametrize(
    "path", ["/", "/apps", "/console/roster?page=2", "/oauth2/authorize?a=%2F&b=c", "/a//b"]
)
def test_pages_of_the_house_are_returned_to(path: str) -> None:
    """An address of this house is kept as it is."""
    assert return_path.safe(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "apps",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/apps\r\nSet-Cookie: a=b",
        "/apps\n",
        "/apps\x00",
        "/ap ps",
        "/pagina\u2019s",
        "/%\u202e",
        "/a/../../b",
        "/..",
        "/" + "a" * 2048,
    ],
)
def test_everything_else_is_not(path: str) -> None:
    """Other sites, control characters, dots and oversize are refused."""
    assert return_path.safe(path) is None


@pytest.mark.parametrize("path", ["/login", "/login?next=/login", "/logout", "/password/x"])
def test_nobody_is_sent_round_in_a_circle(path: str) -> None:
    """Pages for who is not signed in are no place to return to."""
    assert return_path.safe(path) is None


@given(st.text(alphabet=st.sampled_from("/\\.:@?#%ab \t\r\n\x00e"), max_size=12))
def test_a_browser_stays_on_this_host(text: str) -> None:
    """Whatever is accepted, a browser resolves to this very host and scheme."""
    path = return_path.safe(text)
    if path is not None:
        parts = urlsplit(urljoin("https://schoolpoort.example/login", path))
        assert (parts.scheme, parts.netloc) == ("https", "schoolpoort.example")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/oauth2/authorize?x", True),
        ("/apps/leesdorp", True),
        ("/apps", False),
        ("/console", False),
    ],
)
def test_addresses_that_lead_to_another_site_are_known(path: str, expected: bool) -> None:
    """Sign-on and tiles answer with another site, the rest does not."""
    assert return_path.leads_out(path) is expected


@pytest.mark.parametrize(
    ("scope", "home"),
    [("school#1", "/apps"), ("board#40001", "/board"), ("helpdesk", "/helpdesk")],
)
def test_each_work_place_has_a_start_page(scope: str, home: str) -> None:
    """A school starts at the tiles, a board and the helpdesk at their own page."""
    assert return_path.home_of(scope) == home
