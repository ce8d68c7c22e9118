"""What onboarding keeps of schools that DUO does not list: those that wait, and the registry.

Those that wait are one item, "abroad#open"; a decided one is "abroad#<id>" and stays as evidence.
Whoever writes here has the import's turn, because an import writes the same index.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from onboarding import abroad, registry_index, store
from onboarding.abroad import Registration
from onboarding.change_effects import Busy
from onboarding.duo_list import Kind
from schoolpoort import clock, dynamodb, ids
from schoolpoort.settings import require

_OPEN = {"entry": "abroad#open"}


@contextmanager
def turn() -> Iterator[None]:
    """Be the only one who writes the registry; raises Busy while somebody else does."""
    run_id = ids.new_id()
    if store.take_turn(run_id, "-", now_epoch_s=clock.now_epoch_s()) is not None:
        raise Busy("registry")
    try:
        yield
    finally:
        store.end_turn(run_id)


def waiting() -> list[Registration]:
    """Return those that wait for a second person, oldest first; one call."""
    found = dynamodb.get(require("REGISTRY_TABLE"), _OPEN, consistent=True)
    return [abroad.from_item(each) for each in json.loads(found["open"])] if found else []


def find(registration_id: str) -> Registration | None:
    """Return one that waits, or None."""
    return next((one for one in waiting() if one.registration_id == registration_id), None)


def decided(registration_id: str) -> Registration | None:
    """Return one that was decided about, or None; one call."""
    found = dynamodb.get(require("REGISTRY_TABLE"), _key(registration_id), consistent=True)
    return abroad.from_item(json.loads(found["told"])) if found else None


def keep(fresh: Registration) -> None:
    """Put one in front of a second person, or keep the codes that it got."""
    others = [one for one in waiting() if one.registration_id != fresh.registration_id]
    _write_open([*others, fresh])


def settle(done: Registration) -> None:
    """Record a decision and take it off the list."""
    # As one text: the index by board is for schools and for what people decided about a board.
    told = json.dumps(done.item(), ensure_ascii=False)
    store.write_rows([{**_key(done.registration_id), "told": told}])
    _write_open([one for one in waiting() if one.registration_id != done.registration_id])


def codes(found: Registration) -> Registration:
    """Return one with codes that nobody has, kept before anything is written under them."""
    places, boards = store.whole_index()
    coded = abroad.coded(found, places, boards)
    if coded != found:
        keep(coded)
    return coded


def register(found: Registration) -> None:
    """Write a school and its board, if that is new; a run that died is simply run again."""
    places, boards = store.standing(Kind.LOCATIONS), store.standing(Kind.BOARDS)
    known = places.get(found.brin6)
    school_id = known.school_id if known else ids.new_id()
    promised = abroad.location_entry(found, school_id, registry_index.NEVER_WRITTEN)
    store.write_index({**places, found.brin6: promised}.values(), [found.brin6])
    row = abroad.location_row(found, school_id)
    if found.board_number not in boards:
        board = abroad.board_row(found)
        entry = abroad.board_entry(found, registry_index.digest(board))
        store.write_rows([board])
        store.write_index({**boards, entry.code: entry}.values(), [entry.code])
    store.write_rows([row])
    done = abroad.location_entry(found, school_id, registry_index.digest(row))
    store.write_index({**places, found.brin6: done}.values(), [found.brin6])
    store.stamp_index()


def _key(registration_id: str) -> dict[str, str]:
    return {"entry": f"abroad#{registration_id}"}


def _write_open(found: list[Registration]) -> None:
    text = json.dumps([one.item() for one in found], ensure_ascii=False)
    store.write_rows([{**_OPEN, "open": text}])
