"""A CPython 3.13 with the locked packages of bench, and our sources with bytecode, as deployed."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
VENV = ROOT / ".venvs" / "bench"
SOURCES = VENV / "sources"
_LOCK = ROOT / "requirements" / "bench.txt"
_VERSION = "3.13"


class NoPython(Exception):
    """No CPython of the Lambda runtime's version is on this machine."""

    def __init__(self) -> None:
        super().__init__(
            f"`make bench` needs CPython {_VERSION}: install it, or name it in PYTHON313"
        )


def _candidates() -> Iterator[str]:
    named = os.environ.get("PYTHON313")
    if named:
        yield named
    if sys.version_info[:2] == (3, 13):
        yield sys.executable
    yield f"python{_VERSION}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for found in sorted(pyenv.glob(f"versions/{_VERSION}.*/bin/python{_VERSION}")):
        yield str(found)


def find_python() -> str:
    """Return a CPython 3.13 that runs; raises NoPython.

    A shim of pyenv may lead nowhere, so each candidate is asked for its version.
    """
    for candidate in _candidates():
        path = shutil.which(candidate)
        if path and _runs(path):
            return path
    raise NoPython


def _runs(path: str) -> bool:
    question = "import platform as p; print(p.python_implementation(), p.python_version())"
    asked = subprocess.run(  # noqa: S603 - an interpreter that the developer named
        [path, "-I", "-c", question], capture_output=True, text=True, check=False
    )
    return asked.returncode == 0 and asked.stdout.startswith(f"CPython {_VERSION}.")


def prepare() -> Path:
    """Return the interpreter of the bench's environment, with fresh sources beside it."""
    python = VENV / "bin" / "python"
    stamp = VENV / "lock.sha256"
    digest = hashlib.sha256(_LOCK.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text("ascii") != digest:
        shutil.rmtree(VENV, ignore_errors=True)
        _run([find_python(), "-m", "venv", str(VENV)])
        install = ["-m", "pip", "install", "-q", "--require-hashes", "-r", str(_LOCK)]
        _run([str(python), *install])
        stamp.write_text(digest, "ascii")
    _copy_sources(python)
    return python


def _copy_sources(python: Path) -> None:
    shutil.rmtree(SOURCES, ignore_errors=True)
    leave = shutil.ignore_patterns("__pycache__")
    for origin, name in (
        (ROOT / "layers" / "shared" / "python" / "schoolpoort", "schoolpoort"),
        (ROOT / "functions" / "login", "login"),
        (ROOT / "functions" / "roster_sync", "roster_sync"),
        (ROOT / "infra" / "bench" / "subjects", "infra/bench/subjects"),
    ):
        shutil.copytree(origin, SOURCES / name, ignore=leave)
    mode = ["compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    _run([str(python), "-m", *mode, str(SOURCES)])


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True)  # noqa: S603 - our own commands
