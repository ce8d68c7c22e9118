"""The documents say what there is: parameters, targets, folders and links."""

import re
from pathlib import Path

import pytest

from infra.local import seed, template
from infra.local.stand_ins import las

_ROOT = Path(__file__).resolve().parents[1]
_README = (_ROOT / "README.md").read_text("utf-8")
_DOCUMENTS = sorted([*_ROOT.glob("*.md"), *(_ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)")


def test_the_readme_explains_every_parameter_and_no_other() -> None:
    """Whoever deploys finds each question that SAM will ask, and no question that is gone."""
    explained = re.findall(r"^\| `([A-Z]\w+)` \|", _README, re.MULTILINE)
    assert sorted(explained) == sorted(template.load()["Parameters"])


def test_the_readme_names_every_target_and_no_other() -> None:
    """Each target of the makefile is in the README, and each in the README exists."""
    makefile = (_ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    named = set(re.findall(r"^(?:\| `)?make ([a-z]+)", _README, re.MULTILINE))
    assert named == targets


def test_the_map_shows_every_function_folder() -> None:
    """No folder of functions/ is left off the map; what is on it and not there says so."""
    shown = set(re.findall(r"^  ([a-z_]+)/ ", _README.partition("layers/")[0], re.MULTILINE))
    folders = {path.parent.name for path in (_ROOT / "functions").glob("*/__init__.py")}
    assert folders <= shown
    for absent in shown - folders:
        assert re.search(rf"^  {absent}/ .*arrives later", _README, re.MULTILINE), absent


@pytest.mark.parametrize("document", _DOCUMENTS, ids=lambda path: str(path.relative_to(_ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    """A link to a file of the repository finds that file."""
    for target in _LINK.findall(document.read_text("utf-8")):
        assert (document.parent / target).exists(), target


def test_the_index_of_decisions_is_whole() -> None:
    """Each decision is in the index, so that nobody has to guess file names."""
    folder = _ROOT / "docs" / "decisions"
    files = {path.name for path in folder.glob("20*.md")}
    assert set(_LINK.findall((folder / "README.md").read_text("utf-8"))) == files


@pytest.mark.parametrize("decision", sorted((_ROOT / "docs" / "decisions").glob("20*.md")))
def test_a_decision_is_dated_and_fits_on_a_page(decision: Path) -> None:
    """A decision has a date in its name and stays short enough to be read."""
    assert re.match(r"\d{4}-\d\d-\d\d-[a-z-]+\.md$", decision.name)
    assert len(decision.read_text("utf-8").split()) <= 450


def test_the_demo_names_the_people_who_are_there() -> None:
    """Addresses, password and key of the demo are those of the seed."""
    demo = (_ROOT / "docs" / "demo.md").read_text("utf-8")
    people = {*seed.HELPDESK, seed._DIRECTOR[1], seed._COORDINATOR[1]}
    assert people <= set(re.findall(r"`([^`\s]+@[^`\s]+)`", demo))
    assert f"`{seed.PASSWORD}`" in demo
    assert f"`{las.key_of(seed.OTHER_SCHOOL)}`" in demo
