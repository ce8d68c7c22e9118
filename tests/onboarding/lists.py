"""Invented lists of locations and boards, as text and in the layouts that DUO has had."""

from collections.abc import Iterable, Mapping

MOST_BYTES = 1_000_000

Cells = Mapping[str, str]

LOCATION: Cells = {
    "BEVOEGD GEZAG NUMMER": "04002",
    "INSTELLINGSCODE": "12AB",
    "VESTIGINGSCODE": "12AB00",
    "VESTIGINGSNAAM": "Dalton Kindcentrum ’t Kompas",
    "STRAATNAAM": "Kade",
    "HUISNUMMER-TOEVOEGING": "7-A",
    "POSTCODE": "9999 ZZ",
    "PLAATSNAAM": "VLIEGERDAM",
    "DENOMINATIE": "Openbaar",
    "TELEFOONNUMMER": "0599000001",
    "INTERNETADRES": "www.kompas.example",
    "VAKANTIEREGIO": "Noord",
}
BOARD: Cells = {
    "BEVOEGD GEZAG NUMMER": "04002",
    "BEVOEGD GEZAG NAAM": "Ús Skoalle",
    "PLAATSNAAM": "WRÂLDSTÊD",
    "KVK-NUMMER": "1234567",
}


def text(rows: Iterable[Cells], *, delimiter: str = ";", quoted: bool = False) -> str:
    """Return a list with the columns of its first row."""
    rows = list(rows)
    table = [list(rows[0]), *(list(row.values()) for row in rows)]
    if quoted:
        table = [[f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in line] for line in table]
    return "".join(delimiter.join(line) + "\r\n" for line in table)


def locations(count: int = 1, **changed: str) -> bytes:
    """Return an old-site list of so many schools 12AB00, 12AC00, …, all with these changes."""
    return text(location(number, **changed) for number in range(count)).encode("cp1252")


def location(number: int, **changed: str) -> Cells:
    """Return the row of an invented school; `changed` names columns in capitals."""
    brin = f"12A{chr(ord('B') + number)}"
    own = {
        "INSTELLINGSCODE": brin,
        "VESTIGINGSCODE": f"{brin}00",
        "VESTIGINGSNAAM": f"School {number:02d}",
    }
    return {**LOCATION, **own, **changed}


def boards(*numbers: str) -> bytes:
    """Return a new-portal list of boards."""
    rows = [{**BOARD, "BEVOEGD GEZAG NUMMER": number} for number in numbers]
    return text(rows, delimiter=",", quoted=True).encode("utf-8-sig")
