"""What the login function keeps of children at home: who belongs to an address, and open doors.

A parent's address and a child stand twice in the table of pupils' access, always written together:
with the school, where the teacher sees them, and under "home#<hash of the address>", where the door
finds the children of all schools. The child comes in there once the parent has proved to have the
code of its card. A home session stands among the sessions as a kind of its own, which
opens no page but those of the choice of child; it knows its address, because the version of the
password stands there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from login import pupil_access
from login.pupil_access import PupilAccess
from schoolpoort import credentials, dynamodb, ids, rosters, settings
from schoolpoort.dynamodb import Delete, Operation, Put, Update
from schoolpoort.errors import ConditionFailed, TransactionRefused
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


@dataclass(frozen=True, slots=True)
class Waiting:
    """A child whose card was made for this address and not filled in yet."""

    school_id: str
    person_id: str
    code_hash: str = field(repr=False)


def add_address(
    school_id: str,
    person_id: str,
    address: str,
    *,
    picture: str,
    request_id: str,
    recorded: Sequence[Operation] = (),
) -> bool:
    """Give a pupil a home address; False when he has as many as there may be already.

    The child comes in with it once its code is filled in. `request_id` is of the newest mail;
    `picture` is kept for who has none yet, so that brothers and sisters differ at home too.
    `recorded` stands in the same transaction, here and below.
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
                Update(
                    require(_TABLE),
                    index,
                    "SET schema_version = :version",
                    values={":version": version},
                ),
                Update(
                    require(_TABLE),
                    _pair_key(school_id, person_id, address),
                    "SET request_id = :request, schema_version = :version",
                    values={":request": request_id, ":version": version},
                ),
                *recorded,
            ]
        )
    except TransactionRefused as error:
        if "ConditionalCheckFailed" not in error.reasons:
            raise
        return False
    return True


def remove_address(
    school_id: str, person_id: str, address: str, *, recorded: Sequence[Operation] = ()
) -> None:
    """Take a home address from a pupil; the child is gone from that door at once."""
    key = {"school_id": school_id, "item_key": f"pupil#{person_id}"}
    dynamodb.transact(
        [
            Update(require(_TABLE), key, "DELETE homes :old", values={":old": {address}}),
            Delete(require(_TABLE), _index_key(school_id, person_id, address)),
            Delete(require(_TABLE), _pair_key(school_id, person_id, address)),
            *recorded,
        ]
    )


def set_end(school_id: str, person_id: str, ends_at_epoch_s: int | None) -> None:
    """Let everything of a pupil go at a moment, or with None stay; his home doors included."""
    table = require(_TABLE)
    key = {"school_id": school_id, "item_key": f"pupil#{person_id}"}
    pupil = dynamodb.get(table, key, consistent=True) or {}
    doors = [
        door
        for address in pupil.get("homes", ())
        for door in (
            _index_key(school_id, person_id, address),
            _pair_key(school_id, person_id, address),
        )
    ]
    change = "REMOVE expires_at_epoch_s"
    if ends_at_epoch_s is not None:
        change = "SET expires_at_epoch_s = :end"
    # The pupil last: his item names the doors, so a rerun finds them all.
    for one in (*doors, key):
        try:
            dynamodb.update(
                table,
                one,
                change,
                condition="attribute_exists(item_key)",
                values=None if ends_at_epoch_s is None else {":end": ends_at_epoch_s},
            )
        except ConditionFailed:
            continue


def put_code(
    school_id: str,
    person_id: str,
    address: str,
    code_hash: str,
    *,
    ends_at_epoch_s: int,
    recorded: Sequence[Operation] = (),
) -> bool:
    """Keep the code of a new card; False where the child is at home with that address already."""
    return _change_pair(
        (school_id, person_id, address),
        "SET code_hash = :hash, code_ends_at_epoch_s = :ends",
        "attribute_exists(item_key) AND attribute_not_exists(proved_at_epoch_s)",
        {":hash": code_hash, ":ends": ends_at_epoch_s},
        recorded,
    )


def void_code(
    school_id: str, person_id: str, address: str, *, recorded: Sequence[Operation] = ()
) -> None:
    """Make a card void; nothing happens without one."""
    gone, pair = "REMOVE code_hash, code_ends_at_epoch_s", (school_id, person_id, address)
    _change_pair(pair, gone, "attribute_exists(code_hash)", {}, recorded)


def prove(address_key: str, waiting: Waiting, *, now_epoch_s: int) -> bool:
    """Let a child in at an address, once; False when its card was used or made void meanwhile."""
    return _change_pair(
        (waiting.school_id, waiting.person_id, address_key.partition("#")[2]),
        "SET proved_at_epoch_s = :now REMOVE code_hash, code_ends_at_epoch_s",
        "code_hash = :hash",
        {":now": now_epoch_s, ":hash": waiting.code_hash},
    )


def _change_pair(
    pair: tuple[str, str, str],
    expression: str,
    condition: str,
    values: dict[str, Any],
    recorded: Sequence[Operation] = (),
) -> bool:
    """Change both items of a child and an address, or neither; False when one is otherwise."""
    keys = (_index_key(*pair), _pair_key(*pair))
    try:
        changes = [
            Update(require(_TABLE), key, expression, condition, values=values) for key in keys
        ]
        dynamodb.transact([*changes, *recorded])
    except TransactionRefused as error:
        if "ConditionalCheckFailed" not in error.reasons:
            raise
        return False
    return True


def waiting_of(address_key: str, *, now_epoch_s: int) -> list[Waiting]:
    """Return the children of an address whose card can still be filled in; one Query."""
    return [
        Waiting(*_place(item), code_hash=item["code_hash"])
        for item in _listed(address_key)
        if "code_hash" in item and now_epoch_s < item["code_ends_at_epoch_s"]
    ]


def _place(item: dynamodb.Item) -> tuple[str, str]:
    """Return the school and the child of an item under an address."""
    _, school_id, person_id = item["item_key"].split("#")
    return school_id, person_id


def is_expected(address_key: str) -> bool:
    """Say whether a school gave this address, be the card filled in or not; one Query."""
    return bool(_listed(address_key))


def _listed(address_key: str) -> list[dynamodb.Item]:
    partition = _partition(address_key.partition("#")[2])
    return dynamodb.query(require(_TABLE), "school_id = :home", values={":home": partition})


def children_of(address_key: str) -> list[HomeChild]:
    """Return the pupils of an address, of all schools, by first name: a Query and a BatchGetItem.

    Only who is in the roster today, whose teacher lets this address stand, and whose card was
    filled in.
    """
    address = address_key.partition("#")[2]
    table = require(_TABLE)
    listed = [item for item in _listed(address_key) if "proved_at_epoch_s" in item]
    found: list[HomeChild] = []
    places = [_place(item) for item in listed]
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


def _pair_key(school_id: str, person_id: str, address: str) -> dict[str, str]:
    return {"school_id": school_id, "item_key": f"home#{person_id}#{address}"}
