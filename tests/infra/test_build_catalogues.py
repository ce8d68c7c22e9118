"""The catalogues in a package say the same as those on a developer's machine."""

import gettext
import io
from pathlib import Path

import pytest

from infra.build import catalogues
from infra.local import messages


@pytest.mark.parametrize("context", messages.contexts())
def test_a_package_says_the_same_as_babel_does(context: str, tmp_path: Path) -> None:
    """Every message, plurals included, has the translation that Babel reads."""
    source = messages.po_path(messages.contexts()[context])
    if not source.exists():
        pytest.skip("this context has no Dutch yet")
    built = gettext.GNUTranslations(io.BytesIO(catalogues.compiled(source.read_text("utf-8"))))
    for message in messages.translated(messages.contexts()[context]):
        if isinstance(message.id, str):
            assert not message.id or built.gettext(message.id) == message.string
        elif isinstance(message.string, tuple):
            one, more = message.id
            assert built.ngettext(one, more, 1) == message.string[0]
            assert built.ngettext(one, more, 2) == message.string[1]


def test_a_broken_catalogue_stops_the_build() -> None:
    """A line that is no gettext is an error, not a missing translation."""
    with pytest.raises(ValueError, match="not understood"):
        list(catalogues.entries('msgid "a"\nnonsense "b"\n'))
