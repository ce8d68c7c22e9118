"""The texts of agreements that this house offers: versioned templates that an operator supplies.

A version is a folder of `texts/`, named as the version; it never changes once it was offered, a
correction is a new version. In it:

    about.toml        model, title, whether it is a sample, who the processor is, the parts in order
    <part>.nl.md      the binding Dutch text of a part (agreement, annex-1, …)
    <part>.en.md      its English translation, block by block the same

A text is of blocks with an empty line between: "# " begins the title of a part, "## " the heading
of an article, "- " an item; anything else is a clause. `$name` is filled in: see `PLACES`. What is
here is an invented sample, marked as one on each page; an operator puts the text that his boards
agreed to beside it.
"""

import enum
import functools
import hashlib
import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from schoolpoort.errors import SchoolpoortError

TEXTS = Path(__file__).parent / "texts"
PLACES = frozenset(
    {
        "agreement_id",
        "board_name",
        "board_number",
        "board_place",
        "dated_on",
        "effective_from",
        "processor_name",
        "processor_place",
        "schools",
        "signatories",
    }
)
"""What a text may name; whoever shows it fills in all of them."""
_VERSION = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")


class UnknownText(SchoolpoortError):
    """The house has no such version of an agreement text."""


class BlockKind(enum.StrEnum):
    """What a block of a text is."""

    TITLE = "title"
    HEADING = "heading"
    CLAUSE = "clause"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a part, in both languages; Dutch is the text that binds."""

    kind: BlockKind
    dutch: str
    english: str


@dataclass(frozen=True, slots=True)
class Processor:
    """Who offers the agreement: the operator of the house, as the paper names him."""

    name: str
    legal_form: str
    chamber_number: str
    address: str
    place: str
    represented_by: str
    function: str


@dataclass(frozen=True, slots=True)
class AgreementText:
    """One version: what it is, and its parts in order, the agreement itself first.

    `sha256` is over all its files, so that a paper can say exactly which text it holds.
    """

    version: str
    model: str
    title_dutch: str
    title_english: str
    is_sample: bool
    processor: Processor
    parts: tuple[tuple[Block, ...], ...]
    sha256: str


def versions() -> tuple[str, ...]:
    """Return every version there is, by name."""
    return tuple(sorted(found.parent.name for found in TEXTS.glob("*/about.toml")))


@functools.cache
def read(version: str) -> AgreementText:
    """Return a version; raises UnknownText, also for what is no name of one."""
    folder = TEXTS / version
    if not _VERSION.fullmatch(version) or not (folder / "about.toml").is_file():
        raise UnknownText(version)
    about = tomllib.loads((folder / "about.toml").read_text("utf-8"))
    return AgreementText(
        version=version,
        model=about["model"],
        title_dutch=about["title_dutch"],
        title_english=about["title_english"],
        is_sample=about["is_sample"],
        processor=Processor(**about["processor"]),
        parts=tuple(_part(folder, name) for name in about["parts"]),
        sha256=_sha256(folder),
    )


def filled(
    block: Block, dutch: Mapping[str, str], english: Mapping[str, str] | None = None
) -> Block:
    """Return a block with its places filled in; raises KeyError where a value is missing.

    `english` may say words of its own where a value is more than a name or a date.
    """
    return Block(
        block.kind,
        string.Template(block.dutch).substitute(dutch),
        string.Template(block.english).substitute(english or dutch),
    )


def _part(folder: Path, name: str) -> tuple[Block, ...]:
    dutch = _blocks((folder / f"{name}.nl.md").read_text("utf-8"))
    english = _blocks((folder / f"{name}.en.md").read_text("utf-8"))
    return tuple(_paired(one, other) for one, other in zip(dutch, english, strict=True))


def _paired(dutch: tuple[BlockKind, str], english: tuple[BlockKind, str]) -> Block:
    if dutch[0] is not english[0]:
        message = f"the languages differ at: {dutch[1]}"
        raise ValueError(message)
    return Block(dutch[0], dutch[1], english[1])


_MARKS = (("## ", BlockKind.HEADING), ("# ", BlockKind.TITLE), ("- ", BlockKind.ITEM))


def _blocks(text: str) -> Iterator[tuple[BlockKind, str]]:
    for written in re.split(r"\n\s*\n", text.strip()):
        block = " ".join(written.split())
        for mark, kind in _MARKS:
            if block.startswith(mark):
                yield kind, block.removeprefix(mark)
                break
        else:
            yield BlockKind.CLAUSE, block


def _sha256(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        digest.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
