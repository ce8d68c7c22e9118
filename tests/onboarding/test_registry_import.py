"""An import writes what changed, dies anywhere without harm, and never runs twice at once."""

from pathlib import Path
from typing import Any

import pytest

from infra.local import cloud as local_cloud
from infra.local import duo
from onboarding import duo_list, registry_index, registry_plan, store
from onboarding.duo_list import Fault
from schoolpoort import ids, registry
from schoolpoort.registry import Location
from tests.onboarding.desk import Desk, Item
from tests.onboarding.lists import boards, location, locations, text

_REAL_LIST = (
    Path(__file__).parents[3] / "shared/data/duo/alle-schoolvestigingen-basisonderwijs-2026-04.csv"
)


def _school(brin6: str) -> Location:
    found = registry.location(brin6)
    assert found is not None
    return found


def _moved() -> bytes:
    """Return the list of 20 schools of a month later: one renamed, one new, one gone."""
    rows = [location(number) for number in range(1, 21)]
    rows[3] = {**rows[3], "VESTIGINGSNAAM": "De Nieuwe Naam"}
    return text(rows).encode("cp1252")


# --- what is written ------------------------------------------------------------------------


def test_a_first_list_brings_all_its_schools(desk: Desk) -> None:
    """Every row becomes a location that other functions read, and the counts are told."""
    record = desk.bring(locations(20) + b";;;x\r\n")
    assert record == {
        "outcome": "applied",
        "kind": "locations",
        "sector": "b",
        "rows": 20,
        "added": 20,
        "changed": 0,
        "missing": 0,
        "skipped": 1,
        "told": 0,
        "waiting": 0,
        "aside": 1,
        "schema_version": 1,
    }
    found = _school("12AC00")
    assert (found.name, found.board_number, found.street) == ("School 01", "04002", "Kade")
    assert registry.school(found.school_id) == found
    assert len(registry.locations_of_board("04002")) == 20


def test_a_list_of_boards_brings_its_boards(desk: Desk) -> None:
    """A board is found by its number, with its zeros."""
    record = desk.bring(boards("04002", "90001"))
    assert (record["kind"], record["added"]) == ("boards", 2)
    found = registry.board("04002")
    assert found is not None
    assert (found.number, found.name, found.place) == ("04002", "Ús Skoalle", "WRÂLDSTÊD")
    assert desk.items()["board#04002"]["kvk_number"] == "01234567"
    assert "school_id" not in desk.items()["board#04002"]


def test_boards_and_locations_do_not_count_for_each_other(desk: Desk) -> None:
    """A short list of boards is not a list of schools that lost rows."""
    desk.bring(locations(20))
    assert desk.bring(boards("04002"))["outcome"] == "applied"
    assert desk.bring(locations(20))["missing"] == 0


@pytest.mark.parametrize("content", [locations(20), boards("04002", "90001")])
def test_the_same_list_again_writes_nothing(desk: Desk, content: bytes) -> None:
    """Only the turn and the record of the import are written, no school and no index."""
    desk.bring(content)
    before = desk.registry()
    upload_id = desk.upload(content)
    desk.calls.made.clear()
    assert desk.run(upload_id)
    turn = "import#turn"
    assert desk.written() == [turn, turn, f"import#{upload_id}", "import#latest"]
    assert desk.registry() == before
    record = desk.record(upload_id)
    assert (record["added"], record["changed"], record["missing"]) == (0, 0, 0)


def test_only_what_changed_is_written(desk: Desk) -> None:
    """One new name among twenty schools writes that school and its index item."""
    desk.bring(locations(20))
    rows = [location(number) for number in range(20)]
    rows[3] = {**rows[3], "TELEFOONNUMMER": "0101234567"}
    desk.calls.made.clear()
    record = desk.bring(text(rows).encode())
    assert [key for key in desk.written() if not key.startswith("import#")] == [
        "index#2",
        "location#12AE00",
        "index#2",
        "stamp#index",
    ]
    assert (record["added"], record["changed"]) == (0, 1)
    assert _school("12AE00").phone == "0101234567"


def test_the_counts_of_a_month_are_told(desk: Desk) -> None:
    """One renamed, one new and one gone are told as such."""
    desk.bring(locations(20))
    record = desk.bring(_moved())
    counts = {name: record[name] for name in ("rows", "added", "changed", "missing")}
    assert counts == {"rows": 20, "added": 1, "changed": 1, "missing": 1}


def test_a_value_that_disappears_from_a_row_is_gone(desk: Desk) -> None:
    """A school that no longer has a phone number has none here either."""
    desk.bring(locations(1))
    assert _school("12AB00").phone
    desk.bring(locations(1, TELEFOONNUMMER=" "))
    assert _school("12AB00").phone is None


def test_a_file_is_removed_after_it_was_read(desk: Desk) -> None:
    """Applied or refused: no file stays."""
    for content in (locations(1), b"geen lijst"):
        upload_id = desk.upload(content)
        assert desk.is_kept(upload_id)
        desk.run(upload_id)
        assert not desk.is_kept(upload_id)


# --- a school's own id ------------------------------------------------------------------------


def test_a_school_keeps_its_id(desk: Desk) -> None:
    """Another name and address are still the same school; another board waits for people."""
    desk.bring(locations(1))
    before = _school("12AB00")
    moved = {"VESTIGINGSNAAM": "Anders", "BEVOEGD GEZAG NUMMER": "90001", "POSTCODE": " "}
    desk.bring(locations(1, **moved))
    after = _school("12AB00")
    assert (after.name, after.board_number) == ("Anders", "04002")
    assert after.school_id == before.school_id


def test_every_school_has_an_id_of_its_own(desk: Desk) -> None:
    """Twenty schools have twenty ids."""
    desk.bring(locations(20))
    assert len({found.school_id for found in registry.locations_of_board("04002")}) == 20


def test_a_school_that_comes_back_is_the_same_school(desk: Desk) -> None:
    """A month's absence from the list takes nothing away and gives no new id."""
    desk.bring(locations(21))
    before = _school("12AV00")
    desk.bring(locations(20))
    assert _school("12AV00") == before
    record = desk.bring(locations(21))
    assert (record["added"], record["changed"], record["missing"]) == (0, 0, 0)
    assert _school("12AV00") == before


def test_a_school_that_is_not_listed_stays_and_is_marked(desk: Desk) -> None:
    """It is still found, with a word that people can act on."""
    desk.bring(locations(21))
    words = "niet op de nieuwste lijst"
    assert words not in desk.helpdesk().get("/helpdesk/registry?q=school").text
    assert desk.bring(locations(20))["missing"] == 1
    assert words in desk.helpdesk().get("/helpdesk/registry?q=12AV00").text
    assert words not in desk.helpdesk().get("/helpdesk/registry?q=12AB00").text


# --- a list that lost schools -----------------------------------------------------------------


def test_a_list_that_lost_too_many_schools_is_refused(desk: Desk) -> None:
    """Eighteen of twenty is less than 95 in 100, and nothing at all is written of it."""
    desk.bring(locations(20))
    before = desk.registry()
    record = desk.bring(locations(18, VESTIGINGSNAAM="Anders"))
    assert (record["outcome"], record["fault"]) == ("refused", Fault.TOO_FEW_ROWS)
    assert desk.registry() == before


def test_exactly_ninety_five_in_a_hundred_is_enough(desk: Desk) -> None:
    """Nineteen of twenty is a list."""
    desk.bring(locations(20))
    assert desk.bring(locations(19))["outcome"] == "applied"


def test_schools_that_are_not_listed_any_more_do_not_count(desk: Desk) -> None:
    """A list is compared with the one before it, not with all schools that ever were."""
    desk.bring(locations(20))
    desk.bring(locations(19))
    assert desk.bring(locations(19))["outcome"] == "applied"
    assert desk.bring(locations(18)).get("fault") == Fault.TOO_FEW_ROWS


def test_a_truncated_file_is_refused(desk: Desk) -> None:
    """Half of the bytes of a list is no list."""
    desk.bring(locations(20))
    content = locations(20)
    assert desk.bring(content[: len(content) // 2])["fault"] == Fault.TOO_FEW_ROWS


def test_a_refusal_names_the_missing_columns(desk: Desk) -> None:
    """The record has them for the page to say."""
    record = desk.bring(b"VESTIGINGSCODE;VESTIGINGSNAAM\r\n12AB00;De Brug\r\n")
    assert record["fault"] == Fault.COLUMNS
    assert record["missing_columns"] == ["BEVOEGD GEZAG NUMMER", "PLAATSNAAM"]


# --- a run that dies ----------------------------------------------------------------------------

_CALLS = (
    ("GetItem", 0),
    ("GetObject", 0),
    ("UpdateItem", 0),
    ("GetItem", 1),
    ("GetItem", 10),
    ("BatchGetItem", 0),
    ("GetItem", 11),
    ("GetItem", 12),
    ("BatchGetItem", 1),
    ("BatchWriteItem", 0),
    ("GetItem", 13),
    ("GetItem", 14),
    ("GetItem", 15),
    *(("BatchWriteItem", number) for number in range(1, 7)),
    ("UpdateItem", 1),
    ("BatchWriteItem", 7),
    ("DeleteObject", 0),
)
"""Each call of an import by its name and number; of the reading of the index the first and last."""


def _number_of(calls: list[str], call: tuple[str, int]) -> int:
    name, nth = call
    return [number for number, found in enumerate(calls) if found == name][nth]


def _comparable(desk: Desk, upload_id: str) -> dict[str, Any]:
    """Return everything that is stored, but for ids that are drawn and the moment."""
    items = desk.registry()
    ids_of = {item["school_id"] for item in items.values() if "school_id" in item}
    kept = {key: item for key, item in desk.items().items() if key.startswith("changes#")}
    stored = str(sorted({**items, **kept}.items())).replace(upload_id, "<upload>")
    for number, code in enumerate(sorted(ids_of, key=stored.index)):
        stored = stored.replace(code, f"<id {number}>")
    return {"stored": stored, "own": desk.record(upload_id), "latest": desk.record("latest")}


def _packed_ids(items: dict[str, Item]) -> dict[str, str]:
    found = registry_index.unpack(item for key, item in items.items() if key.startswith("index#"))
    return {code: entry.school_id for code, entry in found.items()}


_UNBROKEN: list[tuple[list[str], dict[str, Any]]] = []


@pytest.fixture
def unbroken(desk: Desk) -> tuple[list[str], dict[str, Any]]:
    """Return the calls and the end of an import that nothing disturbs, found once."""
    if not _UNBROKEN:
        _UNBROKEN.append(_undisturbed(desk))
    return _UNBROKEN[0]


def _undisturbed(desk: Desk) -> tuple[list[str], dict[str, Any]]:
    desk.bring(locations(20))
    upload_id = desk.upload(_moved())
    desk.calls.made.clear()
    assert desk.run(upload_id)
    names, end = desk.calls.names, _comparable(desk, upload_id)
    _empty(desk)
    return names, end


def _empty(desk: Desk) -> None:
    table = desk.house.cloud.references["RegistryTable"]
    for entry in desk.items():
        local_cloud.client("dynamodb").delete_item(TableName=table, Key={"entry": {"S": entry}})


def test_the_list_of_calls_is_whole(unbroken: tuple[list[str], dict[str, Any]]) -> None:
    """The crashes below stand for every call that an import makes."""
    names, _ = unbroken
    counted = {(name, names[:number].count(name)) for number, name in enumerate(names)}
    skipped = {("GetItem", number) for number in range(2, 10)}
    assert counted - skipped == set(_CALLS)


@pytest.mark.parametrize("call", _CALLS, ids=str)
@pytest.mark.parametrize("way", ["refused", "lost", "dead"])
def test_a_run_that_dies_is_run_again(
    desk: Desk, unbroken: tuple[list[str], dict[str, Any]], call: tuple[str, int], way: str
) -> None:
    """A call refused, done without an answer, or the last one: the rerun ends as if unbroken."""
    names, end = unbroken
    desk.bring(locations(20))
    ids_before = _packed_ids(desk.items())
    upload_id = desk.upload(_moved())
    desk.calls.made.clear()
    dies_at = _number_of(names, call)
    if way == "lost":
        desk.calls.loses = lambda _, number: number == dies_at
    else:
        desk.calls.refuses = lambda _, number: (
            number >= dies_at if way == "dead" else number == dies_at
        )
    assert not desk.run(upload_id)
    desk.calls.heal()
    ids_between = _packed_ids(desk.items())
    assert ids_before.items() <= ids_between.items()

    desk.wait(store.TURN_LIFE_S)
    assert desk.run(upload_id)
    assert _comparable(desk, upload_id) == end
    assert ids_between.items() <= _packed_ids(desk.items()).items()
    assert not desk.is_kept(upload_id)


def test_a_run_that_ends_badly_lets_the_next_one_in(desk: Desk) -> None:
    """After a refused write nobody waits for a turn to end by itself."""
    desk.calls.refuses = lambda name, _: name == "BatchWriteItem"
    assert not desk.run(desk.upload(locations(20)))
    desk.calls.heal()
    assert desk.bring(locations(20))["outcome"] == "applied"


def test_pages_work_while_a_first_import_lies_half_way(desk: Desk) -> None:
    """A search links to no school that is not there, and counts none."""
    upload_id = desk.upload(locations(20))
    desk.calls.refuses = lambda name, _: (
        name == "BatchWriteItem" and desk.calls.names.count(name) == 3
    )
    assert not desk.run(upload_id)
    desk.calls.heal()
    assert len(_packed_ids(desk.items())) == 20
    page = desk.helpdesk().get("/helpdesk/registry?q=school")
    assert (page.status, "Geen school gevonden" in page.text) == (200, True)
    assert "staan 0 schoolvestigingen" in desk.helpdesk().get("/helpdesk/registry").text


def test_pages_work_while_a_change_lies_half_way(desk: Desk) -> None:
    """A school that is being changed is still found."""
    desk.bring(locations(20))
    desk.calls.made.clear()
    desk.calls.refuses = lambda name, _: (
        name == "BatchWriteItem" and desk.calls.names.count(name) == 3
    )
    assert not desk.run(desk.upload(locations(20, TELEFOONNUMMER="1")))
    desk.calls.heal()
    assert "20 scholen gevonden" in desk.helpdesk().get("/helpdesk/registry?q=school").text


def test_a_list_of_before_the_crash_heals_it_too(desk: Desk) -> None:
    """After half an import of a new list, the old list brings the old state back."""
    desk.bring(locations(20))
    before = desk.registry()
    desk.calls.made.clear()
    desk.calls.refuses = lambda name, _: (
        name == "BatchWriteItem" and desk.calls.names.count(name) == 4
    )
    assert not desk.run(desk.upload(locations(20, TELEFOONNUMMER="1")))
    desk.calls.heal()
    assert desk.registry() != before
    desk.bring(locations(20))
    assert desk.registry() == before


def test_an_upload_that_is_reported_twice_is_imported_once(desk: Desk) -> None:
    """The second report finds the first one's record, and changes nothing in it."""
    upload_id = desk.upload(locations(20))
    assert desk.run(upload_id)
    before = desk.items()
    desk.calls.made.clear()
    assert desk.run(upload_id)
    assert desk.written() == []
    assert desk.items() == before


def test_a_test_message_of_the_bucket_is_no_upload(desk: Desk) -> None:
    """S3 announces itself once with a message without records."""
    event = {"Records": [{"messageId": "m", "body": '{"Event": "s3:TestEvent"}'}]}
    answer = desk.house.invoke("RegistryImportFunction", event)
    assert answer == {"batchItemFailures": []}
    assert desk.items() == {}


# --- two at once ----------------------------------------------------------------------------


def _during(desk: Desk, upload_id: str, other: str) -> tuple[bool, bool]:
    """Run an import, and another one in the middle of it; return whether each was done."""
    inner: list[bool] = []
    desk.calls.made.clear()

    def interrupt(name: str, _number: int) -> bool:
        if name == "BatchWriteItem" and desk.calls.names.count(name) == 2:
            inner.append(desk.run(other))
        return False

    desk.calls.refuses = interrupt
    outer = desk.run(upload_id)
    desk.calls.heal()
    return outer, inner[0]


def test_a_second_import_at_the_same_time_is_refused(desk: Desk) -> None:
    """It writes no school, says why, and works a moment later."""
    other = desk.upload(locations(21))
    upload_id = desk.upload(locations(20))
    assert _during(desk, upload_id, other) == (True, True)
    assert desk.record(other)["fault"] == Fault.BUSY
    assert registry.location("12AV00") is None
    assert desk.record(upload_id)["outcome"] == "applied"
    assert desk.record("latest") == desk.record(upload_id)
    assert desk.bring(locations(21))["added"] == 1


def test_the_same_upload_at_the_same_time_waits(desk: Desk) -> None:
    """A report that comes twice is handed out again, and then finds the work done."""
    upload_id = desk.upload(locations(20))
    assert _during(desk, upload_id, upload_id) == (True, False)
    assert desk.run(upload_id)
    assert desk.record(upload_id)["added"] == 20


def test_a_turn_of_a_dead_run_ends(desk: Desk) -> None:
    """Until Lambda would have stopped it nobody else imports; after that anybody does."""
    desk.calls.refuses = lambda name, _: (
        name in {"BatchWriteItem", "UpdateItem"} and ("BatchWriteItem" in desk.calls.names)
    )
    assert not desk.run(desk.upload(locations(20)))
    desk.calls.heal()
    desk.wait(store.TURN_LIFE_S - 5)
    assert desk.bring(locations(20))["fault"] == Fault.BUSY
    desk.wait(5)
    assert desk.bring(locations(20))["outcome"] == "applied"


def test_a_run_does_not_end_the_turn_of_another(desk: Desk) -> None:
    """A run that comes to life after its turn leaves the next one its turn."""
    assert store.take_turn("1", "11", now_epoch_s=1000) is None
    assert store.take_turn("2", "22", now_epoch_s=1000 + store.TURN_LIFE_S) is None
    store.end_turn("1")
    assert store.take_turn("3", "33", now_epoch_s=1001 + store.TURN_LIFE_S) == "22"
    store.end_turn("2")
    assert store.take_turn("3", "33", now_epoch_s=1001 + store.TURN_LIFE_S) is None


def test_a_turn_whose_answer_got_lost_is_still_taken(desk: Desk) -> None:
    """The same run asks again when the network lost the answer, and has its turn."""
    assert store.take_turn("1", "11", now_epoch_s=1000) is None
    assert store.take_turn("1", "11", now_epoch_s=1001) is None


# --- whole lists ----------------------------------------------------------------------------


def test_the_lists_of_the_local_house_come_in_and_change_nothing_again(desk: Desk) -> None:
    """The house's own lists, twice."""
    for content in (duo.locations_csv(), duo.boards_csv()):
        assert desk.bring(content)["outcome"] == "applied"
    before = desk.registry()
    for content in (duo.locations_csv(), duo.boards_csv()):
        record = desk.bring(content)
        assert (record["added"], record["changed"]) == (0, 0)
    assert desk.registry() == before


@pytest.mark.skipif(not _REAL_LIST.exists(), reason="DUO's real list lies beside the checkout only")
def test_the_real_list_is_planned_once() -> None:
    """6,107 schools are written the first time and none the second; the index stays small."""
    read = duo_list.read(_REAL_LIST.read_bytes(), most_bytes=16_000_000)
    first = registry_plan.make(read, {}, ids.new_id)
    assert (len(first.rows), first.counts["added"]) == (6107, 6107)
    items = registry_index.items(first.entries.values())
    second = registry_plan.make(read, registry_index.unpack(items), ids.new_id)
    assert not second.rows | second.changed
    assert second.entries == first.entries
    assert len(items) == 10
    largest = max(len(item["codes"].encode()) for item in items)
    assert largest < 100_000, "an item of DynamoDB may hold 400 KB"
