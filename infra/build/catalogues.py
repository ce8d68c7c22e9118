"""Turns the .po catalogues of a folder into the .mo files that the pages read.

`python infra/build/catalogues.py FOLDER` does so in a package that SAM is building, with nothing
but the standard library, because a build has no other environment. It reads what our own
catalogues use of GNU gettext's format: messages with plurals, no contexts, no obsolete entries.
"""

import ast
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

_MAGIC = 0x950412DE
_HEADER_BYTES = 28
_ENTRY_BYTES = 8


def entries(text: str) -> Iterator[tuple[str, str]]:
    """Yield (message, translation) of a .po text; plural forms are joined by NUL as gettext does.

    Raises ValueError for a line that is neither a comment, a keyword nor a string.
    """
    for block in text.split("\n\n"):
        fields: list[list[str]] = []
        for line in block.splitlines():
            if not line or line.startswith("#"):
                continue
            keyword, _, quoted = line.partition('"')
            if keyword:
                fields.append([keyword.split("[")[0].strip(), ""])
            if not fields or fields[-1][0] not in {"msgid", "msgid_plural", "msgstr"}:
                message = f"not understood: {line}"
                raise ValueError(message)
            fields[-1][1] += ast.literal_eval(f'"{quoted}')
        if fields:
            message_id = "\0".join(text for name, text in fields if name.startswith("msgid"))
            yield message_id, "\0".join(text for name, text in fields if name == "msgstr")


def compiled(text: str) -> bytes:
    """Return the .mo form of a .po text (GNU gettext manual, "The Format of GNU MO Files")."""
    pairs = sorted((key.encode(), value.encode()) for key, value in entries(text) if value)
    tables_end = _HEADER_BYTES + 2 * _ENTRY_BYTES * len(pairs)
    ids = b"".join(key + b"\0" for key, _ in pairs)
    index, offset = b"", tables_end
    for texts in zip(*pairs, strict=True):
        for entry in texts:
            index += struct.pack("<II", len(entry), offset)
            offset += len(entry) + 1
    second = _HEADER_BYTES + _ENTRY_BYTES * len(pairs)
    head = struct.pack("<7I", _MAGIC, 0, len(pairs), _HEADER_BYTES, second, 0, tables_end)
    return head + index + ids + b"".join(value + b"\0" for _, value in pairs)


def compile_folder(folder: Path) -> None:
    """Write a .mo beside every .po below a folder, and take the .po away: it is a package."""
    for source in folder.rglob("*.po"):
        source.with_suffix(".mo").write_bytes(compiled(source.read_text("utf-8")))
        source.unlink()


if __name__ == "__main__":
    compile_folder(Path(sys.argv[1]))
