"""What the stand-in LAS says of itself on GET …?wsdl: its one operation, in our own words.

The names are those of UWLR 2.2, so that a client made from a WSDL can be pointed at it; the types
are only as strict as the stand-in is itself.
"""

from infra.local.las_xml import AUT, LG

_TEXT = """\
<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:lg="{lg}" xmlns:aut="{aut}" targetNamespace="{lg}">
  <types>
    <xs:schema targetNamespace="{aut}" elementFormDefault="qualified">
      <xs:simpleType name="word"><xs:restriction base="xs:string"><xs:minLength value="1"/><xs:maxLength value="64"/></xs:restriction></xs:simpleType>
      <xs:element name="autorisatie"><xs:complexType><xs:sequence>
        <xs:element name="autorisatiesleutel" type="aut:word"/>
        <xs:element name="klantcode" type="aut:word"/>
        <xs:element name="klantnaam" type="aut:word"/>
      </xs:sequence></xs:complexType></xs:element>
    </xs:schema>
    <xs:schema targetNamespace="{lg}" elementFormDefault="qualified">
      <xs:element name="leerlinggegevens_verzoek"><xs:complexType><xs:sequence>
        <xs:element name="schooljaar" type="xs:string"/>
        <xs:choice>
          <xs:sequence>
            <xs:element name="brincode" type="xs:string"/>
            <xs:element name="dependancecode" type="xs:string" minOccurs="0"/>
          </xs:sequence>
          <xs:element name="schoolkey" type="xs:string"/>
        </xs:choice>
        <xs:element name="xsdversie" type="xs:string"/>
        <xs:element name="gegevenssetid" type="xs:string" minOccurs="0"/>
        <xs:element name="laatstontvangengegevens" type="xs:dateTime" minOccurs="0"/>
      </xs:sequence></xs:complexType></xs:element>
      <xs:complexType name="anything"><xs:sequence>
        <xs:any minOccurs="0" maxOccurs="unbounded" processContents="lax"/>
      </xs:sequence></xs:complexType>
      <xs:element name="leerlinggegevens_antwoord"><xs:complexType><xs:choice>
        <xs:element name="leerlinggegevens" type="lg:anything"/>
        <xs:element name="geenwijzigingen" type="lg:anything"/>
        <xs:element name="geengegevens" type="lg:anything"/>
      </xs:choice></xs:complexType></xs:element>
    </xs:schema>
  </types>
  <message name="verzoek"><part name="body" element="lg:leerlinggegevens_verzoek"/></message>
  <message name="kop"><part name="autorisatie" element="aut:autorisatie"/></message>
  <message name="antwoord"><part name="body" element="lg:leerlinggegevens_antwoord"/></message>
  <portType name="prtLeerlinggegevens">
    <operation name="HaalLeerlinggegevens"><input message="lg:verzoek"/><output message="lg:antwoord"/></operation>
  </portType>
  <binding name="bndLeerlinggegevens" type="lg:prtLeerlinggegevens">
    <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="HaalLeerlinggegevens">
      <soap:operation soapAction="HaalLeerlinggegevens"/>
      <input><soap:header message="lg:kop" part="autorisatie" use="literal"/><soap:body use="literal"/></input>
      <output><soap:body use="literal"/></output>
    </operation>
  </binding>
  <service name="LeerlinggegevensService">
    <port name="prtLeerlinggegevensService" binding="lg:bndLeerlinggegevens"><soap:address location="{url}"/></port>
  </service>
</definitions>
"""  # noqa: E501 - lines of a document, not of a program


def wsdl(url: str) -> bytes:
    """Return the WSDL of the stand-in at an address."""
    return _TEXT.format(lg=LG, aut=AUT, url=url).encode()
