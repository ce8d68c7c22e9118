"""Every part that a page is made of is there, also in the branches that no other test shows."""

from pathlib import Path

import pytest
from jinja2 import Environment, nodes

_ROOT = Path(__file__).parents[1]
_SHARED = _ROOT / "layers" / "shared" / "python" / "schoolpoort" / "templates"
_TEMPLATES = sorted([*_ROOT.glob("functions/*/templates/**/*.html"), *_SHARED.glob("*.html")])


_JINJA = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)


def _parsed(path: Path) -> nodes.Template:
    return _JINJA.parse(path.read_text("utf-8"))


def _parts(template: nodes.Template) -> set[str]:
    return {macro.name for macro in template.find_all(nodes.Macro)}


_PARTS = set().union(*(_parts(_parsed(path)) for path in _TEMPLATES))
# Handed to some pages as a function, while other pages have a part of that name.
_GIVEN = {"day"}


@pytest.mark.parametrize("path", _TEMPLATES, ids=lambda path: str(path.name))
def test_a_page_imports_every_part_that_it_uses(path: Path) -> None:
    """What is called by a part's name is that part, made here or imported."""
    template = _parsed(path)
    known = _parts(template)
    for found in template.find_all(nodes.FromImport):
        known |= {name if isinstance(name, str) else name[1] for name in found.names}
    called = {
        call.node.name
        for call in template.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name)
    }
    assert (called & _PARTS) - known - _GIVEN == set()
