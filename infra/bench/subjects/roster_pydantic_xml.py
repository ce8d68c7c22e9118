"""A peer: pydantic-xml reads the same answer into models, and does nothing else."""

# mypy: ignore-errors
# pydantic-xml lives in the bench's own environment, so its classes are unknown here.

from lxml import etree
from pydantic_xml import BaseXmlModel, attr, element, wrapped

from infra.bench.subjects.roster_work import body, timed

_NS = {"lg": "http://www.edustandaard.nl/leerresultaten/2/leerlinggegevens"}
_MESSAGE = f"{{{_NS['lg']}}}leerlinggegevens"


class Ref(BaseXmlModel, tag="groep", ns="lg", nsmap=_NS):
    """A membership."""

    key: str = attr()


class Composed(BaseXmlModel, tag="samengestelde_groep", ns="lg", nsmap=_NS):
    """A membership of a composed group."""

    key: str = attr()


class Pupil(BaseXmlModel, tag="leerling", ns="lg", nsmap=_NS, search_mode="unordered"):
    """A pupil."""

    key: str | None = attr(default=None)
    eckid: str | None = attr(default=None)
    surname: str | None = element(tag="achternaam", default=None)
    prefix: str | None = element(tag="voorvoegsel", default=None)
    given_name: str | None = element(tag="roepnaam", default=None)
    birth_date: str | None = element(tag="geboortedatum", default=None)
    year_group: str | None = element(tag="jaargroep", default=None)
    group: Ref | None = element(tag="groep", default=None)
    composed: list[Composed] = wrapped(
        "samengestelde_groepen", element(tag="samengestelde_groep", default_factory=list)
    )


class Teacher(BaseXmlModel, tag="leerkracht", ns="lg", nsmap=_NS, search_mode="unordered"):
    """A teacher."""

    key: str | None = attr(default=None)
    surname: str | None = element(tag="achternaam", default=None)
    prefix: str | None = element(tag="voorvoegsel", default=None)
    given_name: str | None = element(tag="roepnaam", default=None)
    address: str | None = element(tag="emailadres", default=None)
    roles: list[str] = element(tag="rol", default_factory=list)


class Content(BaseXmlModel, tag="leerlinggegevens", ns="lg", nsmap=_NS, search_mode="unordered"):
    """A whole roster."""

    pupils: list[Pupil] = wrapped("leerlingen", element(tag="leerling"))
    teachers: list[Teacher] = wrapped("leerkrachten", element(tag="leerkracht"))


def run() -> None:
    """Read the second file."""

    def read(content: bytes) -> int:
        root = etree.fromstring(content)
        return len(Content.from_xml_tree(next(root.iter(_MESSAGE))).pupils)

    timed(read, body(2))
