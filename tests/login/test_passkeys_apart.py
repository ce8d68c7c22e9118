"""What judges a passkey is in one function with a layer of its own, and not on a password's way."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra.build.only_new import entries, only_new
from infra.local import template

_ROOT = Path(__file__).resolve().parents[2]
_HEAVY = ("webauthn", "OpenSSL", "pyasn1")
_FUNCTION = "PasskeyFunction"
_LOCKS = _ROOT / "requirements"


def _layers(function: str) -> list[str]:
    return [layer["Ref"] for layer in template.functions()[function]["Layers"]]


def test_one_function_has_the_layer() -> None:
    """With pyOpenSSL in sight botocore loads it, so no other function may see it."""
    assert [name for name in template.functions() if "PasskeysLayer" in _layers(name)] == [
        _FUNCTION
    ]
    runtime = entries((_LOCKS / "runtime.txt").read_text("utf-8"))
    assert {"webauthn", "pyopenssl", "cbor2"}.isdisjoint(runtime)


@pytest.mark.parametrize("function", ["LoginFunction", "SealerFunction"])
def test_the_others_of_the_folder_start_without_it(function: str) -> None:
    """Each handler is imported in a process where these libraries do not exist."""
    module = template.functions()[function]["Handler"].rpartition(".")[0]
    code = (
        f"import importlib, sys; sys.modules.update(dict.fromkeys({_HEAVY!r}));"
        "sys.path[:0] = ['functions', 'layers/shared/python'];"
        f"importlib.import_module({module!r});"
        "assert not [name for name in sys.modules if name.startswith('login.passkey')]"
    )
    subprocess.run([sys.executable, "-c", code], cwd=_ROOT, check=True)  # noqa: S603 - our own


def test_the_layer_ships_bytecode_and_nothing_twice() -> None:
    """Compiling is most of a cold start, and two versions of a library are an error."""
    makefile = (_ROOT / "layers/passkeys/Makefile").read_text("utf-8")
    assert re.search(r"compileall .*unchecked-hash", makefile)
    names = ("passkeys.txt", "runtime.txt")
    kept = entries(only_new(*((_LOCKS / name).read_text("utf-8") for name in names)))
    assert "cryptography" not in kept
    assert {"webauthn", "cbor2", "pyopenssl"} <= kept.keys()
