"""Style, scripts and pictures of the pages, under names that change with their content.

A browser may keep `/static/<hash>/…` for ever; a deployment adds new names and leaves the old
ones, so that a page opened yesterday keeps its looks.
"""

import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_HASH_LENGTH = 16


@functools.cache
def url(name: str) -> str:
    """Return the address of a file of the static folder; FileNotFoundError when there is none."""
    digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()
    return f"/static/{digest[:_HASH_LENGTH]}/{name}"


def all_files() -> Iterator[tuple[str, bytes, str]]:
    """Yield (address, content, content type) of every static file, for the deployment."""
    for path in sorted(FOLDER.iterdir()):
        if path.suffix in CONTENT_TYPES:
            yield url(path.name), path.read_bytes(), CONTENT_TYPES[path.suffix]
