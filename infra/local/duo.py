"""Invented lists of school locations and boards in the byte layout of DUO's open data.

Locations: `;`, CRLF, Windows-1252, 31 columns, a blank cell is one space. Boards: UTF-8 with a
byte order mark, `,`, every cell quoted, a KvK number that lost its leading zero.
"""

from dataclasses import dataclass

_COLUMNS = (
    "PROVINCIE",
    "BEVOEGD GEZAG NUMMER",
    "INSTELLINGSCODE",
    "VESTIGINGSCODE",
    "VESTIGINGSNAAM",
    "STRAATNAAM",
    "HUISNUMMER-TOEVOEGING",
    "POSTCODE",
    "PLAATSNAAM",
    "GEMEENTENUMMER",
    "GEMEENTENAAM",
    "DENOMINATIE",
    "TELEFOONNUMMER",
    "INTERNETADRES",
    "STRAATNAAM CORRESPONDENTIEADRES",
    "HUISNUMMER-TOEVOEGING CORRESPONDENTIEADRES",
    "POSTCODE CORRESPONDENTIEADRES",
    "PLAATSNAAM CORRESPONDENTIEADRES",
    "NODAAL GEBIED CODE",
    "NODAAL GEBIED NAAM",
    "RPA-GEBIED CODE",
    "RPA-GEBIED NAAM",
    "WGR-GEBIED CODE",
    "WGR-GEBIED NAAM",
    "COROPGEBIED CODE",
    "COROPGEBIED NAAM",
    "ONDERWIJSGEBIED CODE",
    "ONDERWIJSGEBIED NAAM",
    "RMC-REGIO CODE",
    "RMC-REGIO NAAM",
    "VAKANTIEREGIO",
)


@dataclass(frozen=True, slots=True)
class School:
    """An invented location."""

    brin6: str
    name: str
    place: str
    board_number: str


BOARDS = {
    "90001": ("Stichting Openbaar Onderwijs Wilgendam", "WILGENDAM", "1234567"),
    "90002": ("Vereniging Basisschool De Hoge Esch", "ESCHVEEN", "90000002"),
    "90003": ("Stichting Kindcentra ’t Zonneveld", "ZONNEDORP", "90000003"),
    "90004": ("Gemeente Wrâldstêd", "WRÂLDSTÊD", "90000004"),
}
"""Invented boards: number to name, place and KvK number as DUO's list has it."""

WEBSITES = {
    "90001": "www.wilgendam.example",
    "90002": "www.hogeesch.example",
    "90003": "www.zonneveld.example",
    "90004": "www.wraldsted.example",
}
"""Where each board and its schools have their pages."""

SCHOOLS = (
    School("99AA00", "Openbare basisschool De Regenboog", "WILGENDAM", "90001"),
    School("99AB00", "Dalton Kindcentrum ’t Kompas", "WILGENDAM", "90001"),
    School("99AB01", "Dalton Kindcentrum ’t Kompas, De Haven", "WILGENDAM", "90001"),
    School("99AC00", "Montessorischool De Wereldwijzer", "OUD WILGENDAM", "90001"),
    School("99BA00", "Basisschool De Hoge Esch", "ESCHVEEN", "90002"),
    School("99CA00", "Kindcentrum Zonnewijzer", "ZONNEDORP", "90003"),
    School("99CB00", "Jenaplanschool De Vlinderstruik", "ZONNEDORP", "90003"),
    School("99CC00", "St. Jozefschool", "ZONNEDORP", "90003"),
    School("99DA00", "Iepenbiere skoalle De Wrâldwizer", "WRÂLDSTÊD", "90004"),
    School("99DB00", "Brede school De Molenwiek", "WRÂLDSTÊD", "90004"),
)
"""Invented locations of the local house."""


def locations_csv(schools: tuple[School, ...] = SCHOOLS) -> bytes:
    """Return the list of locations as DUO's old site gives it."""
    lines = [";".join(_COLUMNS)]
    for number, school in enumerate(schools):
        cells = dict.fromkeys(_COLUMNS, " ")
        cells |= {
            "PROVINCIE": "Drenthe",
            "BEVOEGD GEZAG NUMMER": school.board_number,
            "INSTELLINGSCODE": school.brin6[:4],
            "VESTIGINGSCODE": school.brin6,
            "VESTIGINGSNAAM": school.name,
            "STRAATNAAM": "Schoolstraat",
            "HUISNUMMER-TOEVOEGING": str(number + 1),
            "POSTCODE": f"99{number:02d} ZZ",
            "PLAATSNAAM": school.place,
            "GEMEENTENAAM": school.place,
            "TELEFOONNUMMER": f"0599{number:06d}",
            "INTERNETADRES": WEBSITES[school.board_number],
            "VAKANTIEREGIO": "Noord",
        }
        lines.append(";".join(cells.values()))
    return ("\r\n".join(lines) + "\r\n").encode("cp1252")


def boards_csv() -> bytes:
    """Return the list of boards as DUO's new portal gives it."""
    rows = [("BEVOEGD GEZAG NUMMER", "BEVOEGD GEZAG NAAM", "PLAATSNAAM", "KVK-NUMMER")]
    rows += [(number, *values) for number, values in BOARDS.items()]
    lines = [",".join(f'"{cell}"' for cell in row) for row in rows]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")
