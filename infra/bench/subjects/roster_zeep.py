"""A peer: zeep reads the same answer into its objects, and does nothing else."""

from lxml import etree
from zeep.xsd import Schema  # type: ignore[import-not-found]

from infra.bench.subjects.roster_work import body, timed

_LG = "http://www.edustandaard.nl/leerresultaten/2/leerlinggegevens"
_TEXTS = ("achternaam", "voorvoegsel", "roepnaam", "geboortedatum", "jaargroep")


def _texts(*names: str) -> str:
    return "".join(f'<xs:element name="{name}" type="xs:string" minOccurs="0"/>' for name in names)


_MANY = 'minOccurs="0" maxOccurs="unbounded"'
_KEY = '<xs:attribute name="key" type="xs:string"/>'
_REFS = f"""<xs:complexType><xs:choice {_MANY}>
  <xs:element name="groep" type="lg:ref"/><xs:element name="samengestelde_groep" type="lg:ref"/>
</xs:choice></xs:complexType>"""
_SCHEMA = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:lg="{_LG}"
  targetNamespace="{_LG}" elementFormDefault="qualified">
<xs:complexType name="ref">{_KEY}</xs:complexType>
<xs:complexType name="pupil"><xs:sequence>{_texts(*_TEXTS)}
  <xs:element name="groep" type="lg:ref" minOccurs="0"/>
  <xs:element name="samengestelde_groepen" minOccurs="0">{_REFS}</xs:element>
</xs:sequence>{_KEY}<xs:attribute name="eckid" type="xs:string"/></xs:complexType>
<xs:complexType name="teacher"><xs:sequence>{_texts(*_TEXTS[:3], "emailadres")}
  <xs:element name="rol" type="xs:string" {_MANY}/>
  <xs:element name="groepen" minOccurs="0">{_REFS}</xs:element>
</xs:sequence>{_KEY}</xs:complexType>
<xs:complexType name="group"><xs:sequence>{_texts("naam", "jaargroep")}</xs:sequence>{_KEY}
</xs:complexType>
<xs:element name="leerlinggegevens"><xs:complexType><xs:sequence>
  <xs:element name="school"><xs:complexType><xs:sequence>
    {_texts("schooljaar", "brincode", "dependancecode", "aanmaakdatum", "xsdversie")}
  </xs:sequence></xs:complexType></xs:element>
  <xs:element name="groepen"><xs:complexType><xs:choice {_MANY}>
    <xs:element name="groep" type="lg:group"/>
    <xs:element name="samengestelde_groep" type="lg:group"/>
  </xs:choice></xs:complexType></xs:element>
  <xs:element name="leerlingen"><xs:complexType><xs:sequence>
    <xs:element name="leerling" type="lg:pupil" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType></xs:element>
  <xs:element name="leerkrachten"><xs:complexType><xs:sequence>
    <xs:element name="leerkracht" type="lg:teacher" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:sequence></xs:complexType></xs:element>
</xs:schema>"""


def run() -> None:
    """Read the second file."""
    schema = Schema(etree.fromstring(_SCHEMA), location="roster.xsd")
    kind = schema.get_element(f"{{{_LG}}}leerlinggegevens")

    def read(content: bytes) -> int:
        found = next(etree.fromstring(content).iter(f"{{{_LG}}}leerlinggegevens"))
        return len(kind.parse(found, schema).leerlingen.leerling)

    timed(read, body(2))
