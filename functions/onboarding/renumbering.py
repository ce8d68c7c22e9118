"""A school that goes on under another BRIN: the id stays, so that everything it has stays with it.

    before      location#12AB00: the school (id 7)        location#34CD00: new (id 8)
    renumbered  location#12AB00: points to 34CD00         location#34CD00: the school (id 7)

DUO's list shows such a school as one that is gone and one that is new, and an import gives the new
one an id of its own. When a person says that they are one and the same, the old id moves to the new
code: accounts, roster, links, agreements and the pupils' posters know the school by it. The new
code's first id must be nobody's; otherwise two schools became one, which is a merger.

For thirty days a person can take it back, which restores both items as they were.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from onboarding import registry_index, registry_plan, store
from onboarding.duo_list import Kind
from onboarding.registry_changes import Change
from schoolpoort import memberships, registry, rosters
from schoolpoort.errors import SchoolpoortError

MEANING = "renumbered"
TAKE_BACK_WITHIN_S = 30 * 24 * 3600
_POINTER = "renumbered_to"


class NewcomerInUse(SchoolpoortError):
    """The school under the new code has people of its own already: this is no change of BRIN."""


class NothingToTakeBack(SchoolpoortError):
    """The school was not renumbered, or too long ago."""


def require_unused(change: Change) -> None:
    """Raise NewcomerInUse when the school under the new code has people or is not there."""
    found = store.stored_rows(Kind.LOCATIONS, [change.after]).get(change.after)
    if found is None or _POINTER in found:
        raise NewcomerInUse(change.after)
    school_id = found["school_id"]
    if _is_renumbered(found, change.subject):
        return
    members = memberships.in_scope(f"school#{school_id}", also_ended=True)
    if members or rosters.summary(school_id).pupils or "former_brin6" in found:
        raise NewcomerInUse(change.after)


def apply(change: Change, effective_on: str, *, new_id: str, now_epoch_s: int) -> None:
    """Let a school go on under the new code; done twice, it is done once.

    The new code's item tells first that it is the school, then the old one points to it: a run that
    dies in between is simply run again.
    """
    require_unused(change)
    rows = store.stored_rows(Kind.LOCATIONS, [change.subject, change.after])
    old, new = rows[change.subject], rows[change.after]
    if not _is_renumbered(new, change.subject):
        new = {
            **new,
            "school_id": old["school_id"],
            "former_brin6": change.subject,
            "renumbered_on": effective_on,
            "renumbered_at_epoch_s": now_epoch_s,
            "before": json.dumps(
                {
                    "school_id": new["school_id"],
                    "old": old,
                    "digest": _digest(change.subject),
                    "spare_id": new_id,
                }
            ),
        }
        store.write_rows([new])
    spare_id = json.loads(new["before"])["spare_id"]
    store.write_rows([{**registry.location_key(change.subject), _POINTER: change.after}])
    # No list misses a code that is not written; should DUO give it out again, it is a new school.
    _index(
        (change.subject, spare_id, registry_index.NEVER_WRITTEN),
        (change.after, new["school_id"], _digest(change.after)),
    )


def _digest(code: str) -> str:
    return store.standing(Kind.LOCATIONS)[code].digest


def _is_renumbered(new: Mapping[str, Any], from_code: str) -> bool:
    return bool(new.get("former_brin6") == from_code)


def can_take_back(new: Mapping[str, Any] | None, now_epoch_s: int) -> bool:
    """Say whether a location was renumbered, and lately."""
    since = (new or {}).get("renumbered_at_epoch_s")
    return since is not None and now_epoch_s - since < TAKE_BACK_WITHIN_S


def take_back(code: str, now_epoch_s: int) -> str:
    """Give a school its old code back, and return it; what happened meanwhile stays with the id.

    Raises NothingToTakeBack. The old item comes back before the new one loses the school.
    """
    new = stored(code)
    if new is None or not can_take_back(new, now_epoch_s):
        raise NothingToTakeBack(code)
    before = json.loads(new["before"])
    old_code = str(new["former_brin6"])
    store.write_rows([before["old"]])
    _index(
        (old_code, before["old"]["school_id"], before["digest"]),
        (code, before["school_id"], _digest(code)),
    )
    own = {name: value for name, value in new.items() if name not in registry_plan.KEPT}
    store.write_rows([{**own, "school_id": before["school_id"]}])
    return old_code


def stored(code: str) -> Mapping[str, Any] | None:
    """Return the item that stands under a code, or None."""
    return store.stored_rows(Kind.LOCATIONS, [code]).get(code)


def _index(*changed: tuple[str, str, str]) -> None:
    """Let the index know which id and digest each code has."""
    standing = store.standing(Kind.LOCATIONS)
    moved = {
        code: replace(standing[code], school_id=school_id, digest=digest)
        for code, school_id, digest in changed
    }
    store.write_index({**standing, **moved}.values(), moved)
    store.stamp_index()
