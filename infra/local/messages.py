"""Catalogues: what the templates say in English, and the Dutch beside it.

`python -m infra.local.messages [context …]` brings the catalogues of these functions ("shared" is
the layer; without names: all) up to date with their templates. Translations stay, new messages
come in empty, messages that no template says any more go. Nothing else changes in a file: no
line numbers and no dates, so that a difference is always a difference in words.

`compile_all` writes the .mo that the pages read beside each .po.
"""

import datetime as dt
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

_ROOT = Path(__file__).resolve().parents[2]
_SHARED = _ROOT / "layers" / "shared" / "python" / "schoolpoort"
_TEMPLATE_SUFFIXES = {".html", ".txt"}
_LINE_WIDTH = 100
# The switches of schoolpoort.web.pages: other ones would extract other white space.
_OPTIONS = {
    "encoding": "utf-8",
    "newstyle_gettext": "true",
    "silent": "false",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
}
_NO_DATE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
_HEADER = """\
msgid ""
msgstr ""
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: nl\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an update did to one catalogue; `untranslated` are the messages still without Dutch."""

    changed: bool
    untranslated: tuple[str, ...]


def contexts() -> dict[str, Path]:
    """Return the folders that have templates, by the name of their function, or "shared"."""
    found = {"shared": _SHARED}
    found |= {path.parent.name: path.parent for path in (_ROOT / "functions").glob("*/templates")}
    return dict(sorted(found.items()))


def po_path(folder: Path) -> Path:
    """Return where the Dutch of a folder's templates stands."""
    return folder / "locales" / "nl" / "LC_MESSAGES" / "messages.po"


def extracted(folder: Path) -> Catalog:
    """Return every message of a folder's templates; TemplateSyntaxError for a broken template."""
    catalog = Catalog(locale="nl")
    for path in sorted((folder / "templates").rglob("*")):
        if path.suffix in _TEMPLATE_SUFFIXES:
            with path.open("rb") as file:
                for _, message, _, _ in extract("jinja2", file, options=_OPTIONS):
                    catalog.add(message)
    return catalog


def translated(folder: Path) -> Catalog:
    """Return the Dutch catalogue of a folder as it stands, empty when there is none yet."""
    path = po_path(folder)
    if not path.exists():
        return Catalog(locale="nl")
    with path.open("rb") as file:
        return read_po(file, locale="nl", abort_invalid=True)


def update(folder: Path) -> Outcome:
    """Bring one catalogue up to date with its templates, keeping every translation."""
    catalog = translated(folder)
    catalog.update(extracted(folder), no_fuzzy_matching=True)
    path = po_path(folder)
    text = _HEADER + _messages_text(catalog)
    changed = not path.exists() or path.read_text("utf-8") != text
    if changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return Outcome(changed, tuple(_untranslated(catalog)))


def compile_all() -> list[Path]:
    """Write the .mo beside every .po that is newer than it; return what was written.

    Several processes may do this at the same time: each file appears whole or not at all.
    """
    written = []
    for folder in contexts().values():
        source = po_path(folder)
        target = source.with_suffix(".mo")
        if source.exists() and not _is_newer(target, source):
            _compile(translated(folder), target)
            written.append(target)
    return written


def _messages_text(catalog: Catalog) -> str:
    catalog.fuzzy = False
    buffer = io.BytesIO()
    write_po(
        buffer,
        catalog,
        width=_LINE_WIDTH,
        no_location=True,
        omit_header=True,
        ignore_obsolete=True,
    )
    return buffer.getvalue().decode("utf-8").strip("\n") + "\n"


def _untranslated(catalog: Catalog) -> Iterator[str]:
    for message in catalog:
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and not all(strings):
            yield message.id if isinstance(message.id, str) else message.id[0]


def _is_newer(target: Path, source: Path) -> bool:
    return target.exists() and target.stat().st_mtime_ns > source.stat().st_mtime_ns


def _compile(catalog: Catalog, target: Path) -> None:
    catalog.creation_date = catalog.revision_date = _NO_DATE
    handle, unfinished = tempfile.mkstemp(dir=target.parent, suffix=".part")
    with os.fdopen(handle, "wb") as file:
        write_mo(file, catalog)
    Path(unfinished).replace(target)


def main(names: list[str]) -> int:
    """Update the named catalogues and say what still needs Dutch; 1 when anything does."""
    known = contexts()
    unknown = sorted(set(names) - set(known))
    if unknown:
        print(f"No templates: {', '.join(unknown)}. There are: {', '.join(known)}.")
        return 2
    missing = 0
    for name in names or known:
        outcome = update(known[name])
        print(f"{name}: {'updated' if outcome.changed else 'unchanged'}")
        for message in outcome.untranslated:
            print(f"  no Dutch yet: {message!r}")
        missing += len(outcome.untranslated)
    compile_all()
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
