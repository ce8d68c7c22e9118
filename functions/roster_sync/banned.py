"""What the product does not need and so never keeps: elements of a feed, by what they are called.

The reader counts them under these kinds and goes on; a value is never looked at. An ECK iD is not
here: it is received, and kept apart.
"""

OF_STAFF = {
    "gebruikersnaam": "user_name",
    "fotourl": "photo",
    "toevoegingen": "extension",
    "bsn": "bsn",
    "sofinummer": "bsn",
    "onderwijsnummer": "bsn",
    "bsn_ondwnr-4": "bsn",
    "rijksregisternummer": "bsn",
    "geboortedatum": "birth_date",
    "geslacht": "sex",
    "etniciteit": "origin",
    "land": "origin",
    "land_vader": "origin",
    "land_moeder": "origin",
    "gewicht": "weight",
    "gewicht_nieuw": "weight",
    "postcodenl": "home_address",
    "postnummerbe": "home_address",
    "postcodeoverig": "home_address",
}
OF_PUPILS = {**OF_STAFF, "emailadres": "pupil_mail"}
