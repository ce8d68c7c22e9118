"""The structure of a paper, for those who have it read aloud: headings, paragraphs, tables, lines.

reportlab draws and knows nothing of structure. What is drawn between `begin` and `end` becomes an
element of the document's tree (ISO 32000-1, 14.7 and 14.8), with its language; everything else is
said to be an artifact. Headers and footers therefore are not read out on each page.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from reportlab.pdfbase.pdfdoc import (
    PDFArray,
    PDFDictionary,
    PDFName,
    PDFObjectReference,
    PDFPage,
    PDFString,
)


class _TaggedPage(PDFPage):
    """A page that says which marks of it belong to which element."""

    __NoDefault__ = [*PDFPage.__NoDefault__, "StructParents", "Tabs"]  # noqa: RUF012 - its form


@dataclass(slots=True)
class _Element:
    """One element of the tree; `marks` are its places on pages, `inner` its elements."""

    role: str
    language: str | None
    marks: list[tuple[int, int]] = field(default_factory=list)
    inner: list["_Element"] = field(default_factory=list)


@contextmanager
def artifact(canvas: Any) -> Iterator[None]:
    """Draw what follows as decoration: lines and feet are not read aloud."""
    canvas._code.append("/Artifact BMC")  # noqa: SLF001 - reportlab has no other way
    yield
    canvas._code.append("EMC")  # noqa: SLF001


class Tags:
    """The tree of one document, grown while reportlab draws."""

    def __init__(self) -> None:
        self._root = _Element("Document", None)
        self._open = [self._root]
        self._marks: dict[int, list[_Element]] = {}

    @contextmanager
    def within(self, role: str) -> Iterator[None]:
        """Put what follows in an element of a role, such as Table or TR."""
        element = _Element(role, None)
        self._open[-1].inner.append(element)
        self._open.append(element)
        yield
        self._open.pop()

    @contextmanager
    def marked(self, canvas: Any, role: str, language: str) -> Iterator[None]:
        """Draw what follows as the content of one element."""
        page = canvas.getPageNumber() - 1
        on_page = self._marks.setdefault(page, [])
        element = _Element(role, language, marks=[(page, len(on_page))])
        canvas._code.append(f"/{role} <</MCID {len(on_page)}>> BDC")  # noqa: SLF001 - no other way
        on_page.append(element)
        self._open[-1].inner.append(element)
        yield
        canvas._code.append("EMC")  # noqa: SLF001

    def watch(self, document: Any) -> None:
        """Let every page of a reportlab document point back into the tree."""
        add = document.addPage

        def add_tagged(page: Any) -> None:
            page.__class__ = _TaggedPage
            page.StructParents = document.pageCounter - 1
            page.Tabs = PDFName("S")
            add(page)

        document.addPage = add_tagged

    def write(self, document: Any) -> None:
        """Put the finished tree into a reportlab document that is about to be saved."""
        references: dict[int, PDFObjectReference] = {}
        tree = PDFDictionary({"Type": PDFName("StructTreeRoot")})
        tree_reference = document.Reference(tree)
        root = _written(self._root, tree_reference, document, references)
        numbers: list[Any] = []
        for page, elements in sorted(self._marks.items()):
            numbers += [page, PDFArray([references[id(element)] for element in elements])]
        parents = document.Reference(PDFDictionary({"Nums": PDFArray(numbers)}))
        tree.dict.update({"K": root, "ParentTree": parents, "ParentTreeNextKey": len(self._marks)})
        document.Catalog.StructTreeRoot = tree_reference
        document.Catalog.MarkInfo = PDFDictionary({"Marked": "true"})


def _written(
    element: _Element, parent: Any, document: Any, references: dict[int, PDFObjectReference]
) -> Any:
    said: dict[str, Any] = {"Type": PDFName("StructElem"), "S": PDFName(element.role), "P": parent}
    if element.language:
        said["Lang"] = PDFString(element.language)
    written = PDFDictionary(said)
    reference = document.Reference(written)
    references[id(element)] = reference
    children: list[Any] = [
        _written(inner, reference, document, references) for inner in element.inner
    ]
    for page, mark in element.marks:
        written.dict["Pg"] = document.Reference(document.Pages.pages[page])
        children.append(mark)
    written.dict["K"] = PDFArray(children)
    return reference
