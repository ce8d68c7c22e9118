"""What the login function keeps of children at home: who belongs to an address, and open doors.

A parent's address stands twice in the table of pupils' access, always written together: with the
pupil, where the teacher sees it, and under "home#<hash of the address>", where the door finds the
children of all schools. A home session stands among the sessions as a kind of its own, which
opens no page but those of the choice of child; it knows its address, because the version of the
password stands there.
"""

from dataclasses import dataclass
from typing import Any

from login import pupil_access
from login.pupil_access import PupilAccess
from schoolpoort import credentials, dynamodb, ids, rosters, settings
from schoolpoort.dynamodb import Delete, Put, Update
from schoolpoort.errors import TransactionRefused
from schoolpoort.rosters import Person
from schoolpoort.settings import require

_TABLE = "PUPIL_ACCESS_TABLE"
_KIND = "home"
_NO_SCHOOL = "0"
"""A school id that is never given out."""


@dataclass(frozen=True, slots=True)
class HomeSession:
    """A browser in which a parent gave the password. Trusted, it stays so for months."""

    session_hash: str
    account_id: str
    address_key: str
    password_version: int
    is_trusted: bool
    proved_at_epoch_s: int
    expires_at_epoch_s: int


@dataclass(frozen=True, slots=True)
class HomeChild:
    """A pupil whose school gave this address, with what is settled about him there."""

    school_id: str
    person: Person
    access: PupilAccess


def add_address(school_id: str, person_id: str, address: str, *, picture: str) -> bool:
    """Give a pupil a home address; False when he has as many as there may be already.

    `picture` is kept for who has none yet, so that brothers and sisters differ at home too.
    """
    key = {"school_id": school_id, "item_key": f"pupil#{person_id}"}
    index = _index_key(school_id, person_id, address)
    version = pupil_access.SCHEMA_VERSION
    try:
        dynamodb.transact(
            [
                Update(
                    require(_TABLE),
                    key,
                    "ADD homes :new SET schema_version = :version,"
                    " picture = if_not_exists(picture, :picture)",
                    "attribute_not_exists(homes) OR contains(homes, :address)"
                    " OR size(homes) < :most",
                    values={
                        ":new": {address},
                        ":address": address,
                        ":most": pupil_access.MOST_HOMES,
                        ":version": version,
                        ":picture": picture,
                    },
                ),
                Put(require(_TABLE), {**index, "schema_version": version}),
            ]
        )
    except TransactionRefused as error:
        if "ConditionalCheckFailed" not in error.reasons:
            raise
        return False
    return True


def remove_address(school_id: str, person_id: str, address: str) -> None:
    """Take a home address from a pupil; the child is gone from that door at once."""
    key = {"school_id": school_id, "item_key": f"pupil#{person_id}"}
    dynamodb.transact(
        [
            Update(require(_TABLE), key, "DELETE homes :old", values={":old": {address}}),
            Delete(require(_TABLE), _index_key(school_id, person_id, address)),
        ]
    )


def children_of(address_key: str) -> list[HomeChild]:
    """Return the pupils of an address, of all schools, by first name: a Query and a BatchGetItem.

    Only who is in the roster today and whose teacher lets this address stand.
    """
    address = address_key.partition("#")[2]
    table = require(_TABLE)
    listed = dynamodb.query(table, "school_id = :home", values={":home": _partition(address)})
    found: list[HomeChild] = []
    places = [tuple(item["item_key"].split("#")[1:]) for item in listed]
    keys = [
        key
        for school_id, person_id in places
        for key in (
            rosters.person_key(school_id, person_id),
            (table, {"school_id": school_id, "item_key": f"pupil#{person_id}"}),
        )
    ]
    # An address without children costs the same calls, so that nobody can tell it by time.
    items = dynamodb.batch_get(keys or [rosters.person_key(_NO_SCHOOL, "0")])
    for (school_id, _), in_roster, settled in zip(places, items[::2], items[1::2], strict=False):
        if in_roster is None or settled is None:
            continue
        person = rosters.person_from_item(in_roster)
        access = pupil_access.of_pupil_item(settled)
        if person.kind == "pupil" and person.active and address in access.homes:
            found.append(HomeChild(school_id, person, access))
    return sorted(found, key=lambda child: (child.person.given_name.casefold(), child.school_id))


def session_put(home: HomeSession) -> Put:
    """Return the operation that opens a door."""
    item: dict[str, Any] = {
        "session_hash": home.session_hash,
        "stage": settings.require("STAGE"),
        "kind": _KIND,
        "account_id": home.account_id,
        "address_key": home.address_key,
        "password_version": home.password_version,
        "is_trusted": home.is_trusted,
        "proved_at_epoch_s": home.proved_at_epoch_s,
        "expires_at_epoch_s": home.expires_at_epoch_s,
        "schema_version": pupil_access.SCHEMA_VERSION,
    }
    return Put(require("SESSIONS_TABLE"), item, "attribute_not_exists(session_hash)")


def session(session_hash: str, *, now_epoch_s: int) -> HomeSession | None:
    """Return a door that is open still: in time, and under the password that opened it."""
    item = dynamodb.get(require("SESSIONS_TABLE"), {"session_hash": session_hash})
    if item is None or item["kind"] != _KIND or item["stage"] != settings.require("STAGE"):
        return None
    credential = credentials.find(item["address_key"])
    if (
        now_epoch_s >= item["expires_at_epoch_s"]
        or credential is None
        or credential.account_id != item["account_id"]
        or credential.password_version != item["password_version"]
    ):
        return None
    return HomeSession(
        session_hash=session_hash,
        account_id=item["account_id"],
        address_key=item["address_key"],
        password_version=item["password_version"],
        is_trusted=item["is_trusted"],
        proved_at_epoch_s=item["proved_at_epoch_s"],
        expires_at_epoch_s=item["expires_at_epoch_s"],
    )


def session_delete(session_hash: str) -> Delete:
    """Return the operation that closes a door; what is no door stays."""
    return Delete(
        require("SESSIONS_TABLE"),
        {"session_hash": session_hash},
        "attribute_not_exists(session_hash) OR kind = :home",
        values={":home": _KIND},
    )


def _partition(address: str) -> str:
    return f"home#{ids.sha256_hex(address)}"


def _index_key(school_id: str, person_id: str, address: str) -> dict[str, str]:
    return {"school_id": _partition(address), "item_key": f"child#{school_id}#{person_id}"}
