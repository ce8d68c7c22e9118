"""Trap 18: what makes PDFs is heavy, so it is in one function and nowhere near a sign-in."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra.build.only_new import entries, only_new
from infra.local import template

_ROOT = Path(__file__).resolve().parents[2]
_HEAVY = ("PIL", "pyhanko", "pyhanko_certvalidator", "pypdf", "reportlab", "aiohttp", "asn1crypto")
_WORKER = "PapersWorkerFunction"
_LOCKS = _ROOT / "requirements"


def _layers(function: str) -> list[str]:
    return [layer["Ref"] for layer in template.functions()[function]["Layers"]]


def test_trap_18_one_function_has_the_pdf_layer() -> None:
    """In Lambda the others cannot import it, because it is not there."""
    assert [name for name in template.functions() if "PdfLayer" in _layers(name)] == [_WORKER]


def test_trap_18_the_other_functions_locks_have_no_pdf_library() -> None:
    """The dependencies layer is one lock, and none of these is in it."""
    runtime = entries((_LOCKS / "runtime.txt").read_text("utf-8"))
    heavy = {"pillow", "pyhanko", "pyhanko-certvalidator", "pypdf", "reportlab", "aiohttp"}
    assert heavy.isdisjoint(runtime)
    assert heavy <= entries((_LOCKS / "pdf.txt").read_text("utf-8")).keys()


_ISOLATED = """
import importlib, sys
for name in {heavy!r}:
    sys.modules[name] = None
sys.path[:0] = ["functions", "layers/shared/python"]
importlib.import_module({module!r})
"""


@pytest.mark.parametrize("function", sorted(set(template.functions()) - {_WORKER}))
def test_trap_18_every_other_function_starts_without_pdf_libraries(function: str) -> None:
    """Each handler is imported in a process where these libraries do not exist."""
    module = template.functions()[function]["Handler"].rpartition(".")[0]
    code = _ISOLATED.format(heavy=_HEAVY, module=module)
    subprocess.run([sys.executable, "-c", code], cwd=_ROOT, check=True)  # noqa: S603 - our own


def test_trap_18_a_queue_stands_before_the_worker() -> None:
    """Nobody waits at a page for a PDF: no route leads to the function that makes it."""
    assert _WORKER not in {route.function for route in template.routes()}
    queues = [
        mapping["Properties"]["EventSourceArn"]["Fn::GetAtt"][0]
        for _, mapping in template.resources("AWS::Lambda::EventSourceMapping")
        if mapping["Properties"]["FunctionName"]["Ref"] == _WORKER
    ]
    assert queues == ["PapersQueue"]


def test_trap_18_the_layer_ships_bytecode() -> None:
    """Compiling is most of a cold start: 1.6 to 2.3 seconds against a half."""
    makefile = (_ROOT / "layers/pdf/Makefile").read_text("utf-8")
    assert re.search(r"compileall .*unchecked-hash", makefile)


def test_the_layer_holds_nothing_that_the_other_has() -> None:
    """One copy of each library, in one version; two versions are an error."""
    pdf, runtime = ((_LOCKS / name).read_text("utf-8") for name in ("pdf.txt", "runtime.txt"))
    kept = entries(only_new(pdf, runtime))
    assert "cryptography" not in kept
    assert {"reportlab", "pyhanko", "pypdf"} <= kept.keys()
    with pytest.raises(ValueError, match=r"lxml: 1\.0 here"):
        only_new("lxml==1.0 \\\n    --hash=sha256:00\n", runtime)
