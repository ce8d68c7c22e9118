"""Every page of the house leads to its own article."""

import re
from pathlib import Path

import pytest

from help import library
from schoolpoort import help_articles

_ROOT = Path(__file__).resolve().parents[2]
_TEMPLATES = {
    str(path.relative_to(folder)): path.read_text("utf-8")
    for folder in [
        *(_ROOT / "functions").glob("*/templates"),
        _ROOT / "layers/shared/python/schoolpoort/templates",
    ]
    for path in folder.rglob("*.html")
}
_EXTENDS = re.compile(r'{% extends "([^"]+)" %}')


def _frames() -> set[str]:
    """Return the templates that others extend, which nobody sees by themselves."""
    return {found for text in _TEMPLATES.values() for found in _EXTENDS.findall(text)}


def _is_in_the_shell(name: str) -> bool:
    found = _EXTENDS.search(_TEMPLATES[name])
    return found is not None and (found[1] == "shell.html" or _is_in_the_shell(found[1]))


_PAGES = sorted(name for name in _TEMPLATES if _is_in_the_shell(name) and name not in _frames())


@pytest.fixture(autouse=True)
def _mail_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_DOMAIN", "schoolpoort.example")


def test_there_are_pages() -> None:
    """The list below is not empty by mistake."""
    assert len(_PAGES) > 40


@pytest.mark.parametrize("name", _PAGES)
def test_each_page_has_an_article_that_exists(name: str) -> None:
    """Help in the header of a page leads to an answer, or for the help itself to its start."""
    slug = help_articles.of(name)
    assert slug in library.articles("nl") or (slug == "" and name.startswith("help/"))


def test_every_article_named_exists() -> None:
    """No name in the table is a typing error."""
    known = library.articles("nl").keys()
    named = {*help_articles._OF_FUNCTION.values(), *help_articles._OF_TEMPLATE.values()} - {""}
    assert named <= known
