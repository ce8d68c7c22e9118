"""The index keeps what an import must know, whole and in a layout that old houses have too."""

import json

from hypothesis import given
from hypothesis import strategies as st

from onboarding import registry_index
from onboarding.registry_index import BEING_CHANGED, NEVER_WRITTEN, Entry

_ENTRIES = st.builds(
    Entry,
    code=st.from_regex(r"[0-9]{2}[A-Z]{2}[0-9]{2}|[0-9]{5}", fullmatch=True),
    school_id=st.text(),
    digest=st.text(),
    name=st.text(),
    place=st.text(),
    board_number=st.text(),
    postcode=st.text(),
    sectors=st.sampled_from(["", "b", "s", "bs"]),
)


@given(st.lists(_ENTRIES, unique_by=lambda entry: entry.code))
def test_what_is_packed_is_unpacked(entries: list[Entry]) -> None:
    """Every entry comes back as it was, from the item where its code is looked for."""
    items = registry_index.items(entries)
    assert registry_index.unpack([None, *items]) == {entry.code: entry for entry in entries}
    known = {key["entry"] for key in registry_index.location_keys() + registry_index.board_keys()}
    assert {item["entry"] for item in items} <= known


@given(st.lists(_ENTRIES, unique_by=lambda entry: entry.code))
def test_the_order_of_entries_does_not_matter(entries: list[Entry]) -> None:
    """Equal entries make equal items, so an import can see that nothing changed."""
    turned = registry_index.items(reversed(entries))
    assert sorted(turned, key=str) == sorted(registry_index.items(entries), key=str)


def test_a_fingerprint_is_of_the_content() -> None:
    """Equal rows have equal ones in any order; another value gives another."""
    one = registry_index.digest({"name": "De Brug", "phone": None})
    assert registry_index.digest({"phone": None, "name": "De Brug"}) == one
    assert registry_index.digest({"phone": "1", "name": "De Brug"}) != one
    assert one not in {NEVER_WRITTEN, BEING_CHANGED}


def test_an_index_of_the_first_layout_is_read() -> None:
    """Before there were sectors an entry ended in whether the newest list had it."""
    old = {
        "12AB00": ["7", "d", "De Brug", "DAM", "04002", True],
        "12AC00": ["8", "d", "B", "D", "04002", False],
    }
    codes = json.dumps(old)
    read = registry_index.unpack([{"entry": "index#2", "codes": codes}])
    assert read["12AB00"] == Entry("12AB00", "7", "d", "De Brug", "DAM", "04002")
    assert (read["12AC00"].sectors, read["12AC00"].is_listed) == ("", False)
