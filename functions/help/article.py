"""An article: a head of `name: value` lines between `---` lines, then Markdown.

The head has `title`, `summary` and `theme`, and may have `tags`, `synonyms` and `related`, each a
list with commas. Markdown is CommonMark without raw HTML, so an article can bring no markup of
its own; `{name}` of the values given is filled in before it is rendered.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from markdown_it import MarkdownIt

THEMES = ("sign-in", "school", "roster", "privacy")
"""The themes of the index page, in its order."""

_MARK = "---\n"
_MARKDOWN = MarkdownIt("commonmark", {"html": False})


class ArticleBroken(ValueError):
    """An article's head is not what it must be; `slug` names it."""

    def __init__(self, slug: str, why: str) -> None:
        super().__init__(f"{slug}: {why}")
        self.slug = slug


@dataclass(frozen=True, slots=True)
class Article:
    """One answer in one language; `text` is its Markdown, with the values filled in."""

    slug: str
    title: str
    summary: str
    theme: str
    tags: tuple[str, ...]
    synonyms: tuple[str, ...]
    related: tuple[str, ...]
    text: str

    def html(self) -> str:
        """Return the article's body as HTML that holds nothing but Markdown's own elements."""
        return str(_MARKDOWN.render(self.text))


def parse(slug: str, source: str, values: Mapping[str, str]) -> Article:
    """Read an article; raises ArticleBroken."""
    opening, _, rest = source.partition(_MARK)
    head, mark, text = rest.partition(_MARK)
    if opening or not mark:
        raise ArticleBroken(slug, "no head between --- lines")
    fields = dict(_field(slug, line) for line in head.splitlines())
    try:
        title, summary, theme = (fields.pop(name) for name in ("title", "summary", "theme"))
    except KeyError as error:
        raise ArticleBroken(slug, f"no {error.args[0]}") from error
    tags, synonyms, related = (
        _list(fields.pop(name, "")) for name in ("tags", "synonyms", "related")
    )
    if theme not in THEMES or fields:
        raise ArticleBroken(slug, f"unknown theme {theme} or fields {sorted(fields)}")
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return Article(slug, title, summary, theme, tags, synonyms, related, text)


def _field(slug: str, line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not value.strip():
        raise ArticleBroken(slug, f"not `name: value`: {line}")
    return name, value.strip()


def _list(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())
