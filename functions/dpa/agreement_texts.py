"""The texts that are offered to be signed: versioned files, supplied by who runs the house.

A text is a JSON file in `texts`, named by its id. The one that ships is an invented sample and says
so; an operator adds the text of the sector and names it in AGREEMENT_TEXT. A text that was offered
is never edited: another text is another file, because each signature is bound to its SHA-256.
"""

import functools
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dpa import event_chain
from dpa.agreement import Model
from schoolpoort.errors import SchoolpoortError
from schoolpoort.settings import optional

_FOLDER = Path(__file__).parent / "texts"
_TEXT_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,60}")
_SHIPPED = "voorbeeld-4.0"
_ANNEXES_OF_4 = 3


class NoSuchText(SchoolpoortError):
    """No text has this id, or its file is not a text; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class AgreementText:
    """A text: articles and annexes as (heading, paragraph) pairs."""

    template_id: str
    model: Model
    version: str
    is_sample: bool
    title: str
    articles: tuple[tuple[str, str], ...]
    annexes: tuple[tuple[str, str], ...]
    sha256: str


def current() -> AgreementText:
    """Return the text that new offers get."""
    return find(optional("AGREEMENT_TEXT", _SHIPPED))


@functools.cache
def find(template_id: str) -> AgreementText:
    """Return a text by its id; raises NoSuchText."""
    path = _FOLDER / f"{template_id}.json"
    if not _TEXT_ID.fullmatch(template_id) or not path.is_file():
        raise NoSuchText(template_id)
    return of_json(template_id, json.loads(path.read_text("utf-8")))


def of_json(template_id: str, told: Any) -> AgreementText:
    """Read a text; raises NoSuchText when it is not whole, as model 4.0 without three annexes."""
    try:
        text = AgreementText(
            template_id=told["template_id"],
            model=Model(told["model"]),
            version=told["version"],
            is_sample=told["is_sample"],
            title=told["title"],
            articles=tuple((heading, body) for heading, body in told["articles"]),
            annexes=tuple((heading, body) for heading, body in told["annexes"]),
            sha256=event_chain.digest(told),
        )
    except (KeyError, TypeError, ValueError) as error:
        message = f"{template_id}: not a text"
        raise NoSuchText(message) from error
    if text.template_id != template_id or not text.articles:
        message = f"{template_id}: another id, or no articles"
        raise NoSuchText(message)
    if text.model is Model.V4 and len(text.annexes) != _ANNEXES_OF_4:
        message = f"{template_id}: model 4.0 has three annexes"
        raise NoSuchText(message)
    return text
