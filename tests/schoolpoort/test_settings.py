"""A function refuses to start with a setting that is missing or sends people out unprotected."""

import pytest

from schoolpoort import settings
from schoolpoort.errors import SettingMissing, SettingRefused


@pytest.fixture(autouse=True)
def _live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGE", "live")


def test_a_setting_is_what_the_template_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting is read as it stands, each time it is asked."""
    monkeypatch.setenv("TABLE", "a")
    assert settings.require("TABLE") == "a"
    monkeypatch.setenv("TABLE", "b")
    assert settings.require("TABLE") == "b"
    assert settings.optional("TABLE", "c") == "b"


@pytest.mark.parametrize("value", [None, ""])
def test_an_absent_setting_is_missing(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    """Absent and empty are the same: missing where required, the default where optional."""
    monkeypatch.delenv("TABLE", raising=False)
    if value is not None:
        monkeypatch.setenv("TABLE", value)
    with pytest.raises(SettingMissing, match="TABLE"):
        settings.require("TABLE")
    assert settings.optional("TABLE") == ""
    assert settings.optional("TABLE", "c") == "c"


@pytest.mark.parametrize(
    "address",
    [
        "http://schoolpoort.example",
        "ftp://schoolpoort.example",
        "schoolpoort.example",
        "//schoolpoort.example",
        "https://",
        "https:///path",
        "https://localhost",
        "https://LOCALHOST:8443",
        "https://127.0.0.1:8080/x",
        "https://[::1]",
        "https://[broken",
        "HTTP://schoolpoort.example",
    ],
)
def test_plain_http_and_this_machine_are_refused(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """Outside the local stage an address is https to another machine, or nothing starts."""
    monkeypatch.setenv("PLACE_URL", address)
    with pytest.raises(SettingRefused, match="PLACE_URL") as refused:
        settings.require_url("PLACE_URL")
    assert address not in str(refused.value)


def test_the_local_house_may_use_its_own_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the local stage, and in no other, an address may be this machine."""
    monkeypatch.setenv("PLACE_URL", "http://localhost:8080/")
    monkeypatch.setenv("STAGE", "local")
    assert settings.is_local()
    assert settings.require_url("PLACE_URL") == "http://localhost:8080"
    for stage in ("live", "test", "LOCAL", ""):
        monkeypatch.setenv("STAGE", stage)
        assert not settings.is_local()
        with pytest.raises(SettingRefused):
            settings.require_url("PLACE_URL")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://schoolpoort.example/", "https://schoolpoort.example"),
        ("https://schoolpoort.example", "https://schoolpoort.example"),
        ("HTTPS://schoolpoort.example/poort/", "HTTPS://schoolpoort.example/poort"),
    ],
)
def test_an_address_loses_its_last_slash(
    monkeypatch: pytest.MonkeyPatch, given: str, kept: str
) -> None:
    """A path can be put behind it without a second slash."""
    monkeypatch.setenv("PLACE_URL", given)
    assert settings.require_url("PLACE_URL") == kept
