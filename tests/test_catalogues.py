"""Every word of every page exists in Dutch, and means the same placeholders."""

import gettext
import re
from pathlib import Path

import pytest

from infra.local import messages

_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%%")
_MARKUP = re.compile(r"</?[a-z][^>]*>")
_CONTEXTS = messages.contexts()


def _forms(text: object) -> list[str]:
    """Return the singular and plural of a message, or the one text that it is."""
    if isinstance(text, tuple | list):
        return [str(form) for form in text]
    return [str(text or "")]


def _placeholders(forms: list[str]) -> set[str]:
    return {name for form in forms for name in _PLACEHOLDER.findall(form)}


def _markup(form: str) -> list[str]:
    return sorted(_MARKUP.findall(form))


@pytest.mark.parametrize("context", _CONTEXTS)
def test_every_message_of_the_templates_has_dutch_words(context: str) -> None:
    """Each message that a template says stands in the Dutch catalogue, with words."""
    dutch = messages.translated(_CONTEXTS[context])
    missing = []
    for message in messages.extracted(_CONTEXTS[context]):
        if not message.id:
            continue
        found = dutch.get(message.id)
        if found is None or not all(form.strip() for form in _forms(found.string)):
            missing.append(_forms(message.id)[0])
    assert missing == [], f"run: make messages, then fill in {messages.po_path(_CONTEXTS[context])}"


@pytest.mark.parametrize("context", _CONTEXTS)
def test_the_dutch_has_the_placeholders_and_markup_of_the_message(context: str) -> None:
    """A translation that loses a placeholder or a tag loses what the page meant to say."""
    for message in messages.translated(_CONTEXTS[context]):
        if not message.id or not message.string:
            continue
        english, dutch = _forms(message.id), _forms(message.string)
        assert _placeholders(dutch) == _placeholders(english), english
        assert {tuple(_markup(form)) for form in dutch} == {tuple(_markup(f)) for f in english}


def test_the_same_words_are_the_same_in_dutch() -> None:
    """What two pages both say, they say alike: a person takes other words for another thing."""
    said: dict[str, set[str]] = {}
    for folder in _CONTEXTS.values():
        for message in messages.translated(folder):
            said.setdefault(_forms(message.id)[0], set()).add(_forms(message.string)[0])
    said.pop("")
    assert {english: dutch for english, dutch in said.items() if len(dutch) > 1} == {}


@pytest.mark.parametrize("context", _CONTEXTS)
def test_no_translation_is_a_guess(context: str) -> None:
    """A fuzzy translation is one that nobody read."""
    dutch = messages.translated(_CONTEXTS[context])
    assert [message.id for message in dutch if message.id and message.fuzzy] == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a function's folder with one template."""
    (tmp_path / "templates" / "x").mkdir(parents=True)
    (tmp_path / "templates" / "x" / "page.html").write_text(
        '{{ _("Good morning") }} {% trans name=who %}Hello {{ name }}{% endtrans %} '
        '{{ ngettext("%(num)s school", "%(num)s schools", schools) }}',
        "utf-8",
    )
    return tmp_path


def test_an_update_finds_every_way_of_saying(folder: Path) -> None:
    """Calls, blocks and plurals all reach the catalogue, and are reported as untranslated."""
    outcome = messages.update(folder)
    assert outcome.changed
    assert set(outcome.untranslated) == {"Good morning", "Hello %(name)s", "%(num)s school"}


def test_an_update_keeps_translations_and_changes_nothing_twice(folder: Path) -> None:
    """What a person translated stays, and a second run leaves the file as it is."""
    messages.update(folder)
    path = messages.po_path(folder)
    text = path.read_text("utf-8")
    path.write_text(
        text.replace('msgid "Good morning"\nmsgstr ""', 'msgid "Good morning"\nmsgstr "Dag"'),
        "utf-8",
    )
    assert not messages.update(folder).changed
    kept = messages.translated(folder).get("Good morning")
    assert kept is not None
    assert kept.string == "Dag"


def test_an_update_drops_what_no_template_says(folder: Path) -> None:
    """A message that left the templates leaves the catalogue."""
    messages.update(folder)
    (folder / "templates" / "x" / "page.html").write_text('{{ _("Bye") }}', "utf-8")
    messages.update(folder)
    assert [message.id for message in messages.translated(folder) if message.id] == ["Bye"]


def test_a_broken_template_is_told_and_changes_nothing(folder: Path) -> None:
    """A template that does not parse may not cost the catalogue its translations."""
    messages.update(folder)
    before = messages.po_path(folder).read_text("utf-8")
    (folder / "templates" / "x" / "page.html").write_text("{% if %}", "utf-8")
    with pytest.raises(Exception, match="Expected an expression"):
        messages.update(folder)
    assert messages.po_path(folder).read_text("utf-8") == before


def test_what_is_compiled_is_what_pages_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiled catalogue answers gettext in Dutch, and is made again only when it is old."""
    messages.update(folder)
    path = messages.po_path(folder)
    path.write_text(
        path.read_text("utf-8").replace(
            'msgstr[0] ""\nmsgstr[1] ""', 'msgstr[0] "%(num)s school"\nmsgstr[1] "%(num)s scholen"'
        ),
        "utf-8",
    )
    monkeypatch.setattr(messages, "contexts", lambda: {"x": folder})
    assert messages.compile_all() == [path.with_suffix(".mo")]
    assert messages.compile_all() == []
    read = gettext.translation("messages", folder / "locales", ["nl"])
    assert read.ngettext("%(num)s school", "%(num)s schools", 2) == "%(num)s scholen"
