"""A peer: xsdata reads the same answer into dataclasses, and does nothing else."""

from dataclasses import dataclass, field

from lxml import etree
from xsdata.formats.dataclass.parsers import XmlParser  # type: ignore[import-not-found]
from xsdata.formats.dataclass.parsers.config import ParserConfig  # type: ignore[import-not-found]

from infra.bench.subjects.roster_work import body, timed

_LG = "http://www.edustandaard.nl/leerresultaten/2/leerlinggegevens"


_ATTRIBUTE = {"type": "Attribute"}


def _element(name: str) -> dict[str, str]:
    return {"name": name, "type": "Element", "namespace": _LG}


@dataclass
class Ref:
    """A membership."""

    key: str | None = field(default=None, metadata=_ATTRIBUTE)


@dataclass
class Refs:
    """Memberships of composed groups."""

    groups: list[Ref] = field(default_factory=list, metadata=_element("samengestelde_groep"))


@dataclass
class Pupil:
    """A pupil."""

    key: str | None = field(default=None, metadata=_ATTRIBUTE)
    eckid: str | None = field(default=None, metadata=_ATTRIBUTE)
    surname: str | None = field(default=None, metadata=_element("achternaam"))
    prefix: str | None = field(default=None, metadata=_element("voorvoegsel"))
    given_name: str | None = field(default=None, metadata=_element("roepnaam"))
    birth_date: str | None = field(default=None, metadata=_element("geboortedatum"))
    year_group: str | None = field(default=None, metadata=_element("jaargroep"))
    group: Ref | None = field(default=None, metadata=_element("groep"))
    composed: Refs | None = field(default=None, metadata=_element("samengestelde_groepen"))


@dataclass
class Teacher:
    """A teacher."""

    key: str | None = field(default=None, metadata=_ATTRIBUTE)
    surname: str | None = field(default=None, metadata=_element("achternaam"))
    prefix: str | None = field(default=None, metadata=_element("voorvoegsel"))
    given_name: str | None = field(default=None, metadata=_element("roepnaam"))
    address: str | None = field(default=None, metadata=_element("emailadres"))
    roles: list[str] = field(default_factory=list, metadata=_element("rol"))


@dataclass
class Pupils:
    """All pupils."""

    pupils: list[Pupil] = field(default_factory=list, metadata=_element("leerling"))


@dataclass
class Teachers:
    """All teachers."""

    teachers: list[Teacher] = field(default_factory=list, metadata=_element("leerkracht"))


@dataclass
class Content:
    """A whole roster."""

    class Meta:
        """Where it stands."""

        name = "leerlinggegevens"
        namespace = _LG

    pupils: Pupils | None = field(default=None, metadata=_element("leerlingen"))
    teachers: Teachers | None = field(default=None, metadata=_element("leerkrachten"))


def run() -> None:
    """Read the second file."""
    parser = XmlParser(config=ParserConfig(fail_on_unknown_properties=False))

    def read(content: bytes) -> int:
        found = next(etree.fromstring(content).iter(f"{{{_LG}}}leerlinggegevens"))
        roster = parser.parse(found, Content)
        return len(roster.pupils.pupils) if roster.pupils else 0

    timed(read, body(2))
