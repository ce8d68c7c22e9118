"""Which suppliers may be asked, and at which addresses: only what the deployment lists."""

import json
from typing import Any

import pytest

from roster_sync import suppliers
from schoolpoort.errors import SettingRefused

_ESIS = "https://{customer}.esis.example/uwlr2.2.svc"


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that reads a list as a deployment to AWS would have it."""
    monkeypatch.setenv("STAGE", "production")

    def read(entries: Any) -> dict[str, suppliers.Supplier]:
        monkeypatch.setenv("LAS_ENDPOINTS", json.dumps(entries))
        return suppliers.listed()

    return read


def test_an_address_alone_is_enough(listed: Any) -> None:
    """A supplier without wishes of its own is a name and an address."""
    found = listed({"parnassys": "https://las.example/uwlr"})["parnassys"]
    assert found.url("") == "https://las.example/uwlr"
    assert (found.xsd_version, found.headers, found.has_secret) == ("2.2", {}, False)
    assert not found.needs_customer


def test_a_supplier_may_want_more(listed: Any) -> None:
    """Version, headers, a secret and a host for each customer are configuration."""
    entry = {"url": _ESIS, "xsdversie": "2.3", "headers": {"X-Client": "sp"}, "secret": True}
    found = listed({"esis": entry})["esis"]
    assert found.needs_customer
    assert found.url("regenboog") == "https://regenboog.esis.example/uwlr2.2.svc"
    assert (found.xsd_version, found.headers, found.has_secret) == ("2.3", {"X-Client": "sp"}, True)


@pytest.mark.parametrize(
    "entry",
    [
        "http://las.example/uwlr",
        "https://localhost/uwlr",
        "https://127.0.0.1/uwlr",
        "https://user:word@las.example/",
        "https://las.example/#part",
        "https:///uwlr",
        "ftp://las.example/",
        "https://{customer}/uwlr",
        "https://{customer}.nl/uwlr",
        "https://las.example/{customer}",
        "https://x{customer}.las.example/",
        {"url": "https://las.example/", "xsdversie": "2.1"},
        {"url": "https://las.example/", "headers": {"X": "a\r\nHost: elsewhere"}},
        {"url": "https://las.example/", "headers": {"X Y": "a"}},
        {"address": "https://las.example/"},
        7,
        ["https://las.example/"],
    ],
)
def test_a_bad_entry_stops_the_function(listed: Any, entry: Any) -> None:
    """An address that leads inside, or is none, is refused before anything is asked."""
    with pytest.raises(SettingRefused):
        listed({"parnassys": entry})


@pytest.mark.parametrize("entries", [[], "x", None, 3])
def test_a_list_of_another_shape_stops_the_function(listed: Any, entries: Any) -> None:
    """What is no object from supplier to entry is refused."""
    with pytest.raises(SettingRefused):
        listed(entries)


@pytest.mark.parametrize(
    "text",
    [
        *("", "-a", "a-", "a.b", "a/b", "a@b", "127.0.0.1", "a:80", "A", "é", "a" * 64),
        *("a#", "a?b", "evil.example/", "..", "%2e", "a b", "a\n", "[::1]"),
    ],
)
def test_what_is_no_label_chooses_no_host(text: str) -> None:
    """A school fills in one label: never a dot, a slash, a port or a user."""
    assert not suppliers.is_customer(text)


def test_a_label_is_a_customer() -> None:
    """Letters, digits and hyphens within are what host names are made of."""
    assert all(map(suppliers.is_customer, ["regenboog", "o-b-s-4", "7", "a" * 63]))
