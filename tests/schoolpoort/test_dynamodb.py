"""Plain dictionaries go into the store and come out the same; its refusals have names."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.local.house import House
from schoolpoort import aws as product_aws
from schoolpoort import dynamodb
from schoolpoort.dynamodb import Check, Delete, Item, Put, Update
from schoolpoort.errors import ConditionFailed, StoreUnavailable, TransactionRefused
from schoolpoort.settings import require
from tests.amounts import often

_WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_NAMES = st.text("abcé#_-. 7", min_size=1, max_size=8)
_PLAIN: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**37), 10**37)
    | _WORDS
    | st.binary(max_size=20)
    | st.sets(_WORDS, min_size=1, max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture
def table(aws: House) -> str:
    """Return the name of a table with one key, `code_hash`."""
    return require("CODES_TABLE")


def _key(name: str) -> dict[str, str]:
    return {"code_hash": name}


class _Answers:
    """Stands between the product and the store, and keeps what was asked."""

    def __init__(self, answer: Callable[[str, Any], Any]) -> None:
        self.asked: list[tuple[str, Any]] = []
        self._answer = answer

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            self.asked.append((operation, arguments))
            return self._answer(operation, arguments)

        return call


def _instead(monkeypatch: pytest.MonkeyPatch, answer: Callable[[str, Any], Any]) -> _Answers:
    answers = _Answers(answer)
    monkeypatch.setattr(dynamodb, "client", lambda _service: answers)
    return answers


def _refusing(error: Exception) -> Callable[[str, Any], Any]:
    def refuse(_operation: str, _arguments: Any) -> Any:
        raise error

    return refuse


@given(_PLAIN)
def test_a_value_comes_back_as_it_went(value: Any) -> None:
    """Text, numbers, truth, nothing, bytes, sets, lists and maps keep their value and kind."""
    back = dynamodb.unmarshal(dynamodb.marshal(value))
    assert back == value
    assert repr(type(back)) == repr(type(value))


@settings(max_examples=often(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(_NAMES, _PLAIN, max_size=4))
def test_an_item_comes_back_as_it_went(table: str, values: Item) -> None:
    """The store itself gives back what was put, with every plain value in it."""
    item = {**values, **_key("k")}
    dynamodb.put(table, item)
    assert dynamodb.get(table, _key("k"), consistent=True) == item


@pytest.mark.parametrize("value", [1.5, object(), 1j])
def test_what_the_store_cannot_hold_is_refused_here(value: Any) -> None:
    """A float or an object of ours never reaches the wire."""
    with pytest.raises(TypeError):
        dynamodb.marshal({"a": [value]})


def test_what_we_never_write_is_not_guessed_at() -> None:
    """A kind that no code of ours writes is an error, not a wrong value."""
    with pytest.raises(TypeError, match="NS"):
        dynamodb.unmarshal({"NS": ["1"]})


def test_an_absent_item_is_none(table: str) -> None:
    """Nothing stands where nothing was put, or where it was removed."""
    assert dynamodb.get(table, _key("k")) is None
    dynamodb.put(table, _key("k"))
    dynamodb.delete(table, _key("k"))
    assert dynamodb.get(table, _key("k")) is None


def test_a_first_write_wins_and_is_told(table: str) -> None:
    """Who comes second learns what stands there, and changes nothing."""
    dynamodb.put(table, {**_key("k"), "who": "first"}, unless_exists="code_hash")
    with pytest.raises(ConditionFailed) as failed:
        dynamodb.put(table, {**_key("k"), "who": "second"}, unless_exists="code_hash")
    assert failed.value.item == {**_key("k"), "who": "first"}
    assert dynamodb.get(table, _key("k")) == {**_key("k"), "who": "first"}


def test_an_update_returns_the_item_as_it_is_now(table: str) -> None:
    """After the change all attributes come back, the untouched ones too."""
    dynamodb.put(table, {**_key("k"), "state": "new", "kept": 1})
    now = dynamodb.update(
        table,
        _key("k"),
        "SET #state = :state",
        condition="#state = :before",
        names={"#state": "state"},
        values={":state": "used", ":before": "new"},
    )
    assert now == {**_key("k"), "state": "used", "kept": 1}


def test_a_failed_condition_tells_what_stood_there(table: str) -> None:
    """The caller sees the item that did not fit, or None where there was none."""
    dynamodb.put(table, {**_key("k"), "version": 2})
    for key, stood in (("k", {**_key("k"), "version": 2}), ("absent", None)):
        with pytest.raises(ConditionFailed) as failed:
            dynamodb.update(
                table,
                _key(key),
                "SET version = :next",
                condition="version = :known",
                values={":next": 2, ":known": 1},
            )
        assert failed.value.item == stood
    assert dynamodb.get(table, _key("absent")) is None


def test_a_conditional_delete_keeps_what_does_not_fit(table: str) -> None:
    """An item is removed under its condition only."""
    dynamodb.put(table, {**_key("k"), "version": 2})
    with pytest.raises(ConditionFailed):
        dynamodb.delete(table, _key("k"), condition="version = :v", values={":v": 1})
    assert dynamodb.get(table, _key("k")) is not None
    dynamodb.delete(table, _key("k"), condition="version = :v", values={":v": 2})
    assert dynamodb.get(table, _key("k")) is None


def _school(number: int) -> Item:
    return {"school_id": "42", "item_key": f"person#{number:04d}", "text": "x" * 100_000}


def test_a_query_follows_all_pages(aws: House) -> None:
    """What does not fit one answer of the store comes in order, nothing twice, nothing missed."""
    roster = require("ROSTER_TABLE")
    dynamodb.batch_write(roster, puts=[_school(number) for number in range(30)])
    arguments: Any = {"values": {":school": "42"}}
    found = dynamodb.query(roster, "school_id = :school", **arguments)
    assert [item["item_key"] for item in found] == [f"person#{n:04d}" for n in range(30)]
    newest = dynamodb.query(roster, "school_id = :school", newest_first=True, limit=3, **arguments)
    assert [item["item_key"] for item in newest] == [f"person#{n:04d}" for n in (29, 28, 27)]


def test_a_query_stops_at_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough is enough: no page is fetched beyond the items asked for."""
    page = {"Items": [{"a": {"N": "1"}}, {"a": {"N": "2"}}], "LastEvaluatedKey": {"k": {"S": "2"}}}
    store = _instead(monkeypatch, lambda _operation, _arguments: page)
    assert len(dynamodb.query("t", "k = :k", values={":k": "x"}, limit=3)) == 3
    assert len(store.asked) == 2
    assert store.asked[1][1]["ExclusiveStartKey"] == {"k": {"S": "2"}}


def test_only_a_table_is_read_consistently(monkeypatch: pytest.MonkeyPatch) -> None:
    """An index refuses consistent reads, a table gives them."""
    store = _instead(monkeypatch, lambda _operation, _arguments: {"Items": []})
    dynamodb.query("t", "k = :k", values={":k": "x"})
    dynamodb.query("t", "k = :k", values={":k": "x"}, index="by_k")
    first, second = (arguments for _, arguments in store.asked)
    assert (first["ConsistentRead"], "IndexName" in first) == (True, False)
    assert (second["ConsistentRead"], second["IndexName"]) == (False, "by_k")


def test_many_items_come_in_the_order_asked(table: str) -> None:
    """Of several tables, with None where nothing stands, also for a key asked twice."""
    other = require("COVERAGE_TABLE")
    dynamodb.put(table, {**_key("b"), "n": 2})
    dynamodb.put(table, {**_key("a"), "n": 1})
    dynamodb.put(other, {"school_id": "42", "n": 3})
    keys: list[tuple[str, dict[str, str]]] = [
        (table, _key("a")),
        (other, {"school_id": "42"}),
        (table, _key("absent")),
        (table, _key("b")),
        (table, _key("a")),
    ]
    found = dynamodb.batch_get(keys)
    assert [item and item["n"] for item in found] == [1, 3, None, 2, 1]


def test_asking_for_nothing_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without keys, items or deletes no call is made."""
    store = _instead(monkeypatch, lambda _operation, _arguments: {})
    assert dynamodb.batch_get([]) == []
    dynamodb.batch_write("t")
    assert store.asked == []


def _half_read(_operation: str, arguments: Any) -> Any:
    """Read the first key of each table and leave the others, as a busy store does."""
    wanted = {table: asked["Keys"] for table, asked in arguments["RequestItems"].items()}
    left = {table: {"Keys": keys[1:]} for table, keys in wanted.items() if keys[1:]}
    return {
        "Responses": {table: keys[:1] for table, keys in wanted.items()},
        "UnprocessedKeys": left,
    }


def test_keys_left_unread_are_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy store leaves keys; they are asked until all are read, and none twice."""
    store = _instead(monkeypatch, _half_read)
    keys = [("t", _key("a")), ("u", _key("x")), ("t", _key("b")), ("t", _key("c"))]
    assert dynamodb.batch_get(keys) == [key for _, key in keys]
    assert len(store.asked) == 3
    assert list(store.asked[2][1]["RequestItems"]) == ["t"]


def test_keys_never_read_are_no_absent_items(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that keeps leaving keys is out of reach: nobody is taken for absent."""
    left = {"t": {"Keys": [{"code_hash": {"S": "a"}}]}}
    answer = {"Responses": {}, "UnprocessedKeys": left}
    _instead(monkeypatch, lambda _operation, _arguments: answer)
    with pytest.raises(StoreUnavailable):
        dynamodb.batch_get([("t", _key("a"))])


def test_many_writes_go_by_25(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts and deletes share calls of 25, and all of them arrive."""
    store = _instead(monkeypatch, lambda _operation, _arguments: {})
    dynamodb.batch_write(
        "t", puts=[_key(str(n)) for n in range(40)], deletes=[_key(str(n)) for n in range(40, 60)]
    )
    calls = [arguments["RequestItems"]["t"] for _, arguments in store.asked]
    assert [len(requests) for requests in calls] == [25, 25, 10]
    kinds = [next(iter(request)) for requests in calls for request in requests]
    assert kinds == ["PutRequest"] * 40 + ["DeleteRequest"] * 20


def test_writes_left_undone_are_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy store takes one write a call; what it leaves comes again until all are in."""
    written: list[Any] = []

    def take_one(_operation: str, arguments: Any) -> Any:
        requests = arguments["RequestItems"]["t"]
        written.append(requests[0])
        return {"UnprocessedItems": {"t": requests[1:]} if requests[1:] else {}}

    _instead(monkeypatch, take_one)
    dynamodb.batch_write("t", puts=[_key(str(n)) for n in range(7)])
    assert written == [{"PutRequest": {"Item": {"code_hash": {"S": str(n)}}}} for n in range(7)]


def test_writes_never_taken_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that takes nothing is out of reach; nobody believes that all was written."""
    _instead(
        monkeypatch, lambda _operation, arguments: {"UnprocessedItems": arguments["RequestItems"]}
    )
    with pytest.raises(StoreUnavailable):
        dynamodb.batch_write("t", puts=[_key("a")])


def test_many_writes_reach_the_store(table: str) -> None:
    """More items than a call takes stand there, are read in order, and go the same way."""
    keys = [_key(str(number)) for number in range(130)]
    dynamodb.batch_write(table, puts=keys)
    assert dynamodb.batch_get([(table, key) for key in keys]) == keys
    dynamodb.batch_write(table, deletes=keys)
    assert dynamodb.batch_get([(table, key) for key in keys]) == [None] * 130


def test_a_transaction_does_all_of_it(table: str) -> None:
    """Put, update, delete and check happen together when every condition holds."""
    dynamodb.batch_write(table, puts=[{**_key("u"), "n": 1}, _key("d"), {**_key("c"), "ok": True}])
    dynamodb.transact(
        [
            Put(table, _key("p"), "attribute_not_exists(code_hash)"),
            Update(table, _key("u"), "SET n = :two", "n = :one", values={":one": 1, ":two": 2}),
            Delete(table, _key("d"), "attribute_exists(code_hash)"),
            Check(table, _key("c"), "#ok = :yes", names={"#ok": "ok"}, values={":yes": True}),
        ]
    )
    found = dynamodb.batch_get([(table, _key(name)) for name in "pudc"])
    assert found == [_key("p"), {**_key("u"), "n": 2}, None, {**_key("c"), "ok": True}]


@pytest.mark.parametrize("wrong", range(4))
def test_a_transaction_does_none_of_it(table: str, wrong: int) -> None:
    """Whichever condition fails, its operation is named and nothing is written."""
    dynamodb.batch_write(table, puts=[{**_key("u"), "n": 1}, _key("d"), {**_key("c"), "n": 1}])
    never = "n = :never"
    conditions = [never if number == wrong else None for number in range(4)]
    values = {":never": 99}

    def given_values(number: int) -> dict[str, int] | None:
        return values if number == wrong else None

    with pytest.raises(TransactionRefused) as refused:
        dynamodb.transact(
            [
                Put(table, _key("p"), conditions[0], values=given_values(0)),
                Update(
                    table,
                    _key("u"),
                    "SET n = :two",
                    conditions[1],
                    values={":two": 2, **(given_values(1) or {})},
                ),
                Delete(table, _key("d"), conditions[2], values=given_values(2)),
                Check(
                    table,
                    _key("c"),
                    conditions[3] or "attribute_exists(code_hash)",
                    values=given_values(3),
                ),
            ]
        )
    expected = ["None"] * 4
    expected[wrong] = "ConditionalCheckFailed"
    assert refused.value.reasons == tuple(expected)
    found = dynamodb.batch_get([(table, _key(name)) for name in "pudc"])
    assert found == [None, {**_key("u"), "n": 1}, _key("d"), {**_key("c"), "n": 1}]


def _error(code: str, **more: Any) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}, **more}, "Any")


@pytest.mark.parametrize(
    "error",
    [
        _error("ProvisionedThroughputExceededException"),
        _error("ThrottlingException"),
        _error("RequestLimitExceeded"),
        _error("InternalServerError"),
        _error("ServiceUnavailable"),
        _error("TransactionInProgressException"),
        _error("TransactionConflictException"),
        EndpointConnectionError(endpoint_url="https://dynamodb.example"),
        ConnectTimeoutError(endpoint_url="https://dynamodb.example"),
        ReadTimeoutError(endpoint_url="https://dynamodb.example"),
    ],
)
def test_a_store_out_of_reach_has_one_name(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Throttled, busy, timed out or unreachable: every way of calling says the same."""
    _instead(monkeypatch, _refusing(error))
    calls: list[Callable[[], object]] = [
        lambda: dynamodb.get("t", _key("a")),
        lambda: dynamodb.put("t", _key("a")),
        lambda: dynamodb.update("t", _key("a"), "SET n = :n", values={":n": 1}),
        lambda: dynamodb.delete("t", _key("a")),
        lambda: dynamodb.query("t", "k = :k", values={":k": "x"}),
        lambda: dynamodb.batch_get([("t", _key("a"))]),
        lambda: dynamodb.batch_write("t", puts=[_key("a")]),
        lambda: dynamodb.transact([Put("t", _key("a"))]),
    ]
    for call in calls:
        with pytest.raises(StoreUnavailable):
            call()


def test_our_own_mistake_is_no_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused permission or a malformed call stays the error that it is."""
    for code in ("AccessDeniedException", "ValidationException", "ResourceNotFoundException"):
        _instead(monkeypatch, _refusing(_error(code)))
        with pytest.raises(ClientError, match=code):
            dynamodb.get("t", _key("a"))


def test_a_refused_transaction_names_every_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """One code an operation, in order, "None" for those that were fine."""
    reasons = [{"Code": "TransactionConflict"}, {}, {"Code": "ConditionalCheckFailed"}]
    error = _error("TransactionCanceledException", CancellationReasons=reasons)
    _instead(monkeypatch, _refusing(error))
    with pytest.raises(TransactionRefused) as refused:
        dynamodb.transact([Put("t", _key("a"))])
    assert refused.value.reasons == ("TransactionConflict", "None", "ConditionalCheckFailed")


@pytest.fixture
def sends(aws: House) -> Iterator[list[str]]:
    """Let every call of SES and the store time out after it was sent, and record each send."""
    seen: list[str] = []

    def lose(request: Any, event_name: str = "", **_: Any) -> None:
        seen.append(event_name)
        raise ReadTimeoutError(endpoint_url=request.url)

    clients = [product_aws.client(service) for service in ("sesv2", "dynamodb")]
    for client in clients:
        client.meta.events.register_first("before-send", lose, unique_id="lose")
    yield seen
    for client in clients:
        client.meta.events.unregister("before-send", unique_id="lose")


def test_a_mail_is_never_sent_again_by_the_client(sends: list[str]) -> None:
    """SES may have taken a send that timed out; a read of the store is harmless to repeat."""
    with pytest.raises(ReadTimeoutError):
        product_aws.client("sesv2").send_email(Content={"Raw": {"Data": b"Subject: x"}})
    assert sends == ["before-send.sesv2.SendEmail"]
    with pytest.raises(StoreUnavailable):
        dynamodb.get("t", _key("a"))
    assert sends.count("before-send.dynamodb.GetItem") > 1


def test_what_is_put_once_stands_as_it_came_first(aws: House) -> None:
    """The second hears that something stood there, and it stays."""
    table = require("COVERAGE_TABLE")
    assert dynamodb.put_once(table, {"school_id": "77", "board_number": "1"}, key="school_id")
    assert not dynamodb.put_once(table, {"school_id": "77", "board_number": "2"}, key="school_id")
    found = dynamodb.get(table, {"school_id": "77"}) or {}
    assert found["board_number"] == "1"
