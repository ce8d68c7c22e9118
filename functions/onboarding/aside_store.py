"""What onboarding keeps of what was set aside: open rows, what people said, and released lists.

The open rows are one item, "aside#open". What somebody said of a row is "aside#<id>"; a list that
somebody let in although it was set aside whole is "aside#list#<sha256>".
"""

import json
from collections.abc import Iterable
from dataclasses import asdict

from onboarding import aside, registry_plan, store
from onboarding.aside import Aside, Said
from onboarding.duo_list import DuoList, Kind
from schoolpoort import dynamodb, ids
from schoolpoort.dynamodb import Item
from schoolpoort.settings import require

_OPEN = {"entry": "aside#open"}


def waiting() -> list[Aside]:
    """Return what waits for a person; one call."""
    found = dynamodb.get(require("REGISTRY_TABLE"), _OPEN, consistent=True)
    return [Aside(**each) for each in json.loads(found["rows"])] if found else []


def said_of(found: Iterable[Aside]) -> list[Said]:
    """Return what people said of these rows; a call per hundred, none for none."""
    table = require("REGISTRY_TABLE")
    items = dynamodb.batch_get([(table, _key(one.aside_id)) for one in found])
    return [aside.said_of_item(json.loads(item["told"])) for item in items if item]


def merge(read: DuoList, said: Iterable[Said]) -> int:
    """Keep what an issue of a list set aside, and return how much of it waits for a person.

    What an earlier issue of the same list had and this one has no more needs no answer any more.
    """
    answered = {one.aside.aside_id for one in said}
    fresh = [one for one in aside.of_list(read) if one.aside_id not in answered]
    source = f"{read.kind.value}-{read.sector.value}"
    standing = waiting()
    after = [*fresh, *(one for one in standing if one.source != source)]
    if after != standing:
        _write_open(after)
    return len(fresh)


def settle(said: Said) -> None:
    """Let in what a person let in, keep what he said, and take the row off the list.

    For who has the import's turn; a run that died half-way is simply run again.
    """
    if said.decision != "reject":
        _let_in(said)
    store.write_rows([{**_key(said.aside.aside_id), "told": json.dumps(said.item())}])
    _write_open([one for one in waiting() if one.aside_id != said.aside.aside_id])


def _let_in(said: Said) -> None:
    kind = Kind(said.aside.kind)
    standing = store.standing(kind)
    entry = registry_plan.entry_of(
        aside.as_list(said), said.code, said.row, standing.get(said.code), ids.new_id
    )
    promised = registry_plan.being_written(entry, standing)
    store.write_index({**standing, said.code: promised}.values(), [said.code])
    stored = store.stored_rows(kind, [said.code]).get(said.code)
    store.write_rows([registry_plan.item(kind, said.row, entry, stored)])
    store.write_index({**standing, said.code: entry}.values(), [said.code])
    store.stamp_index()


def release_list(sha256: str, *, note: str, account_id: str, now_epoch_s: int) -> None:
    """Let a list in that was set aside whole, when it is brought once more."""
    told = {"note": note, "released_by": account_id, "released_at_epoch_s": now_epoch_s}
    store.write_rows([{**_list_key(sha256), **told}])


def released(sha256: str) -> Item | None:
    """Return who let a list in, or None; one call."""
    return dynamodb.get(require("REGISTRY_TABLE"), _list_key(sha256), consistent=True)


def _write_open(found: Iterable[Aside]) -> None:
    rows = json.dumps([asdict(one) for one in found], ensure_ascii=False)
    store.write_rows([{**_OPEN, "rows": rows}])


def _key(aside_id: str) -> dict[str, str]:
    return {"entry": f"aside#{aside_id}"}


def _list_key(sha256: str) -> dict[str, str]:
    return {"entry": f"aside#list#{sha256}"}
