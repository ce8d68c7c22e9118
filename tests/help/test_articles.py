"""The articles: whole, in both languages, with links that lead somewhere."""

import re
from pathlib import Path

import pytest

from help import library
from help.article import THEMES, ArticleBroken, parse
from help.search import search
from infra.local import template

_LINK = re.compile(r"\]\(([^)]+)\)")
_LANGUAGES = ("nl", "en")
_SLUGS = sorted(path.stem for path in (library.FOLDER / "nl").glob("*.md"))
_ROOT = Path(__file__).resolve().parents[2]
_PAGES = [
    path
    for folder in ("functions", "layers/shared/python")
    for path in (_ROOT / folder).rglob("*")
    if path.suffix in {".html", ".txt", ".py"}
]
_HEAD = "---\ntitle: Keys\nsummary: About keys.\ntheme: roster\n---\n"


@pytest.fixture(autouse=True)
def _mail_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_DOMAIN", "schoolpoort.example")


def test_each_article_exists_in_both_languages() -> None:
    """Whoever switches language on an article finds the same article."""
    assert library.articles("nl").keys() == library.articles("en").keys()
    assert len(library.articles("nl")) == len(_SLUGS) > 0


@pytest.mark.parametrize("slug", _SLUGS)
def test_both_languages_say_as_much(slug: str) -> None:
    """An article has the same theme, neighbours, headings and links in both languages."""
    dutch, english = (library.articles(language)[slug] for language in _LANGUAGES)
    assert dutch.theme == english.theme
    assert dutch.related == english.related
    assert dutch.text.count("\n## ") == english.text.count("\n## ")
    assert _LINK.findall(dutch.text) == _LINK.findall(english.text)


@pytest.mark.parametrize("language", _LANGUAGES)
@pytest.mark.parametrize("slug", _SLUGS)
def test_links_and_neighbours_of_an_article_exist(slug: str, language: str) -> None:
    """A link leads to a page of the template, another article or one of our two addresses."""
    shelf = library.articles(language)
    article = shelf[slug]
    pages = {route.path for route in template.routes() if route.method == "GET"}
    mails = {f"mailto:{address}" for address in library.addresses().values()}
    articles = {f"/help/{other}" for other in shelf}
    assert set(_LINK.findall(article.text)) <= pages | mails | articles
    assert set(article.related) <= shelf.keys() - {slug}
    assert article.related


@pytest.mark.parametrize("language", _LANGUAGES)
@pytest.mark.parametrize("slug", _SLUGS)
def test_an_article_is_short_enough_to_read(slug: str, language: str) -> None:
    """Sentences stay below 30 words and an article below 300, which is what B1 asks of us."""
    text = library.articles(language)[slug].text
    assert len(text.split()) < 300
    for sentence in re.split(r"(?<=[.!?])\s|\n+", text):
        assert len(sentence.split()) < 40, sentence


def _said(pattern: str) -> set[str]:
    return {found for path in _PAGES for found in re.findall(pattern, path.read_text("utf-8"))}


def test_pages_lead_to_articles_that_exist() -> None:
    """A link of any page into the help, and the "?" in its header, finds its article."""
    named = _said(r'href="/help/([a-z-]+)"') | _said(r'help_article\s*=\s*"([a-z-]+)"')
    assert named
    assert named <= library.articles("nl").keys()


@pytest.mark.parametrize("language", _LANGUAGES)
def test_questions_that_pages_ask_have_answers(language: str) -> None:
    """A link of any page to a search finds something, in English too."""
    asked = _said(r'"/help\?q=([^"]+)"')
    assert asked
    assert {
        question for question in asked if not search(library.index(language), question)
    } == set()


def test_every_theme_has_articles() -> None:
    """The index page shows no empty theme."""
    assert {article.theme for article in library.articles("nl").values()} == set(THEMES)


def test_values_are_filled_in_everywhere() -> None:
    """No reader sees the name of a value instead of the value."""
    for language in _LANGUAGES:
        for article in library.articles(language).values():
            assert "{" not in article.text


def test_raw_html_of_an_article_is_shown_and_not_obeyed() -> None:
    """An article cannot bring a script, a style or a dangerous link."""
    text = "<script>alert(1)</script> <b>x</b> [y](javascript:alert(1))\n"
    html = parse("x", _HEAD + text, {}).html()
    assert "<script" not in html
    assert "<b>" not in html
    assert "href" not in html


@pytest.mark.parametrize(
    "source",
    [
        "",
        "no head",
        "---\ntitle: Keys\n",
        "---\ntitle: Keys\nsummary: x\n---\n",
        "---\ntitle: Keys\nsummary: x\ntheme: elsewhere\n---\n",
        "---\ntitle: Keys\nsummary: x\ntheme: roster\ncolour: red\n---\n",
        "---\ntitle\nsummary: x\ntheme: roster\n---\n",
        "---\ntitle:\nsummary: x\ntheme: roster\n---\n",
        "text\n---\ntitle: Keys\nsummary: x\ntheme: roster\n---\n",
    ],
)
def test_a_broken_head_is_told(source: str) -> None:
    """A missing, misspelt or unknown field stops the article, with its name."""
    with pytest.raises(ArticleBroken, match=r"^keys: "):
        parse("keys", source, {})


def test_a_whole_article_is_read() -> None:
    """Fields, lists and values arrive where they belong."""
    source = _HEAD.replace("theme", "tags: a b, c\ntheme") + "Mail {who}.\n"
    article = parse("keys", source, {"who": "us@example.org"})
    assert (article.title, article.theme, article.tags) == ("Keys", "roster", ("a b", "c"))
    assert article.html() == "<p>Mail us@example.org.</p>\n"
