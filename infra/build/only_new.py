"""Prints what one lock has and another has not, so that a layer holds nothing twice.

`python infra/build/only_new.py LOCK OTHER` reads two locks as `make lock` writes them. A package
that both hold in different versions is an error: two layers would hide each other's files.
"""

import re
import sys
from pathlib import Path

_ENTRY = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^ ;\\]+)", re.MULTILINE)


def entries(lock: str) -> dict[str, tuple[str, str]]:
    """Return (version, the whole entry with its hashes) of every package of a lock, by name."""
    starts = list(_ENTRY.finditer(lock))
    ends = [*(found.start() for found in starts[1:]), len(lock)]
    return {
        found["name"]: (found["version"], lock[found.start() : end].rstrip())
        for found, end in zip(starts, ends, strict=True)
    }


def only_new(lock: str, other: str) -> str:
    """Return the entries of a lock that the other lacks; raises ValueError for two versions."""
    wanted, there = entries(lock), entries(other)
    for name in sorted(wanted.keys() & there.keys()):
        if wanted[name][0] != there[name][0]:
            message = f"{name}: {wanted[name][0]} here, {there[name][0]} there"
            raise ValueError(message)
    kept = [entry for name, (_, entry) in wanted.items() if name not in there]
    return "\n".join(kept) + "\n"


if __name__ == "__main__":
    texts = [Path(name).read_text("utf-8") for name in sys.argv[1:3]]
    print(only_new(*texts), end="")
