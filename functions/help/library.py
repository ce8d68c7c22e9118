"""The shelf: every article of a language, read once, in the order of its themes."""

import functools
import re
from pathlib import Path

from help.article import THEMES, Article, parse
from help.search import Entry, words
from schoolpoort import settings

FOLDER = Path(__file__).parent / "articles"
_LINK_TARGET = re.compile(r"\]\([^)]*\)")


def addresses() -> dict[str, str]:
    """Return the mail addresses that articles name; both must be read by people."""
    domain = settings.require("MAIL_DOMAIN")
    return {"help_address": f"help@{domain}", "security_address": f"security@{domain}"}


@functools.cache
def articles(language: str) -> dict[str, Article]:
    """Return the articles of "nl" or "en" by slug; raises ArticleBroken."""
    values = addresses()
    found = [
        parse(path.stem, path.read_text("utf-8"), values)
        for path in sorted((FOLDER / language).glob("*.md"))
    ]
    found.sort(key=lambda article: (THEMES.index(article.theme), article.title))
    return {article.slug: article for article in found}


@functools.cache
def index(language: str) -> tuple[Entry, ...]:
    """Return what search looks through, in the order of the index page."""
    return tuple(_entry(article) for article in articles(language).values())


def _entry(article: Article) -> Entry:
    return Entry(
        slug=article.slug,
        title=frozenset(words(article.title)),
        keywords=frozenset(words(" ".join((*article.tags, *article.synonyms)))),
        summary=frozenset(words(article.summary)),
        body=frozenset(words(_LINK_TARGET.sub(" ", article.text))),
        phrases=tuple(phrase for said in article.synonyms if len(phrase := tuple(words(said))) > 1),
    )
