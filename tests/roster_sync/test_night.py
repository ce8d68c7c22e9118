"""The night: planned once for each school, spread, capped per supplier, and helped on its way."""

import json
import time
from typing import Any

import pytest

from infra.local import template
from infra.local.stand_ins import las
from infra.local.visitor import Visitor
from roster_sync import night, night_store, runs, store, worker
from roster_sync.night import Visit
from roster_sync.runs import Outcome
from schoolpoort import aws, dynamodb
from schoolpoort.errors import StoreUnavailable
from schoolpoort.settings import require
from tests.roster_sync.samples import BRIN6
from tests.roster_sync.school import SCHOOL_ID, School
from tests.signed_in import signed_in

_SPREAD_S = 900


def _list_schools(number: int, supplier: str = "parnassys") -> None:
    dynamodb.batch_write(
        require("ROSTER_TABLE"),
        puts=[
            {"school_id": "links", "item_key": f"school#{school}", "supplier": supplier}
            for school in range(1000, 1000 + number)
        ],
    )


def _waiting_in(queue: str, school: School) -> list[dict[str, Any]]:
    """Take all messages of a queue and return their bodies."""
    url = school.house.cloud.references[queue]
    found = []
    while (
        messages := aws.client("sqs")
        .receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        .get("Messages")
    ):
        for message in messages:
            found.append(json.loads(message["Body"]))
            aws.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def _put_aside(school: School, body: str) -> None:
    url = school.house.cloud.references["RosterDeadLetters"]
    aws.client("sqs").send_message(QueueUrl=url, MessageBody=body)


def _helpdesk(school: School) -> Visitor:
    return signed_in(school.house, "70", "helpdesk", "helpdesk")


def test_schools_are_spread_evenly_and_always_at_their_own_moment() -> None:
    """Of eight thousand schools every minute gets its share, the same every night."""
    schools = [(str(number), "esis") for number in range(8000)]
    first = night.visits(schools, _SPREAD_S)
    assert first == night.visits(schools, _SPREAD_S)
    minutes = [visit.delay_s // 60 for visit in first]
    each = [minutes.count(minute) for minute in range(15)]
    assert sum(each) == 8000
    assert max(each) < 2 * min(each)
    assert {visit.delay_s for visit in night.visits(schools, 0)} == {0}


def test_each_supplier_has_a_queue_with_a_cap_of_its_own() -> None:
    """ParnasSys and ESIS are asked by so many workers at once, whatever the others do."""
    mappings = dict(template.resources("AWS::Lambda::EventSourceMapping"))
    caps = {}
    for mapping in mappings.values():
        properties = mapping["Properties"]
        if properties["FunctionName"] == {"Ref": "RosterWorkerFunction"}:
            queue = properties["EventSourceArn"]["Fn::GetAtt"][0]
            caps[queue] = properties["ScalingConfig"]["MaximumConcurrency"]
    assert caps == {
        "ParnasSysQueue": {"Ref": "ParnasSysAtOnce"},
        "EsisQueue": {"Ref": "EsisAtOnce"},
        "RosterQueue": 20,
    }


def test_every_linked_school_gets_one_message_in_the_queue_of_its_supplier(
    school: School,
) -> None:
    """Twenty-three schools cost three calls, and each is named with the night."""
    _list_schools(23)
    _list_schools(2, "esis")
    _list_schools(1, "eduscope")
    school.house.run_schedules()
    found = {queue: _waiting_in(queue, school) for queue in ("ParnasSysQueue", "EsisQueue")}
    others = _waiting_in("RosterQueue", school)
    assert [len(found["ParnasSysQueue"]), len(found["EsisQueue"]), len(others)] == [21, 1, 1]
    assert others == [
        {"school_id": "1000", "trigger": "night", "night": "2026-11-24", "supplier": "eduscope"}
    ]


def test_messages_that_sqs_refused_are_sent_again(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part of a batch that fails is tried again, and only that part."""
    sqs = aws.client("sqs")
    real = sqs.send_message_batch
    sent: list[list[str]] = []

    def refusing(**arguments: Any) -> Any:
        entries = arguments["Entries"]
        sent.append([entry["Id"] for entry in entries])
        if len(sent) == 1:
            real(QueueUrl=arguments["QueueUrl"], Entries=entries[1:])
            return {"Failed": [{"Id": entries[0]["Id"]}]}
        return real(**arguments)

    monkeypatch.setattr(sqs, "send_message_batch", refusing)
    visits = [Visit(str(number), "esis", 0) for number in range(3)]
    night_store.queue_visits(visits, "2026-11-24")
    assert sent == [["0", "1", "2"], ["0"]]
    assert len(_waiting_in("EsisQueue", school)) == 3
    monkeypatch.setattr(
        sqs,
        "send_message_batch",
        lambda **given: {"Failed": [{"Id": entry["Id"]} for entry in given["Entries"]]},
    )
    with pytest.raises(StoreUnavailable):
        night_store.queue_visits(visits, "2026-11-24")


def test_night_that_is_planned_twice_is_one_run(school: School) -> None:
    """The second message of a night finds it done and asks the LAS for nothing."""
    school.link()
    school.night()
    before = store.latest_runs(SCHOOL_ID, 10)
    las.set_fixture(BRIN6, "half")
    school.night()
    assert store.latest_runs(SCHOOL_ID, 10) == before
    assert [run.run_id for run in before] == [runs.night_run_id(school.today())]


def test_one_bad_school_in_a_batch_is_the_only_one_to_come_again(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two messages the one that met a throttled store is handed back alone."""

    def throttled(school_id: str, _run: object) -> None:
        if school_id == "1":
            raise StoreUnavailable

    monkeypatch.setattr(worker, "pull", throttled)
    message = {"trigger": "night", "night": "2026-11-24"}
    records = [
        {"messageId": number, "body": json.dumps({**message, "school_id": number})}
        for number in ("1", "2")
    ]
    answer = school.house.invoke("RosterWorkerFunction", {"Records": records})
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}


def test_helpdesk_sees_what_gave_up_and_hands_it_out_again(school: School) -> None:
    """The school is named; after one press its night is worked off like any other."""
    school.link()
    body = Visit(SCHOOL_ID, "parnassys", 0).message("2026-11-24")
    _put_aside(school, json.dumps(body))
    helpdesk = _helpdesk(school)
    page = helpdesk.get("/helpdesk/roster")
    assert "De Vlieger, Vliegerdam (00AA00)" in page.text
    assert "2026-11-24" in page.text
    answer = _after_the_look(lambda: helpdesk.post("/helpdesk/roster/again"))
    assert answer.location == "/helpdesk/roster?again=1"
    assert "1 bericht wordt opnieuw verwerkt" in helpdesk.get(answer.location).text
    run = school.work()
    assert (run.trigger, run.result.outcome) == ("night", Outcome.APPLIED)
    assert "Niets gaf het op" in helpdesk.get("/helpdesk/roster").text


def _after_the_look(press: Any) -> Any:
    """Press until what the page looked at is in sight again (two seconds)."""
    for _ in range(40):
        answer = press()
        if not answer.location.endswith("again=0"):
            return answer
        time.sleep(0.1)
    raise AssertionError


@pytest.mark.parametrize("body", ["{}", '{"job": "night"}'])
def test_a_night_that_did_not_begin_is_planned_by_handing_it_out_again(
    school: School, body: str
) -> None:
    """What the scheduler put aside when the planner failed plans that night after all."""
    school.link()
    _put_aside(school, body)
    helpdesk = _helpdesk(school)
    answer = _after_the_look(lambda: helpdesk.post("/helpdesk/roster/again"))
    assert answer.location == "/helpdesk/roster?again=1"
    run = school.work()
    assert (run.trigger, run.result.outcome) == ("night", Outcome.APPLIED)


def test_jobs_of_others_stay_put_aside(school: School) -> None:
    """A job of the agreements' clock is nobody's here: it is not thrown away."""
    _put_aside(school, '{"job": "day"}')
    helpdesk = _helpdesk(school)
    assert helpdesk.post("/helpdesk/roster/again").location == "/helpdesk/roster?again=0"
    hidden = "ApproximateNumberOfMessagesNotVisible"
    told = aws.client("sqs").get_queue_attributes(
        QueueUrl=require("ROSTER_DEAD_LETTERS"), AttributeNames=[hidden]
    )
    assert told["Attributes"][hidden] == "1"


def test_strange_messages_harm_neither_page_nor_worker(school: School) -> None:
    """What the scheduler, S3 or nobody put aside is shown as such and handed out all the same."""
    for body in ("{}", "[]", "no json", '{"Event": "s3:TestEvent"}'):
        _put_aside(school, body)
    helpdesk = _helpdesk(school)
    assert helpdesk.get("/helpdesk/roster").text.count("Niet over één school") == 4
    assert _after_the_look(lambda: helpdesk.post("/helpdesk/roster/again")).status == 303
    school.house.pump_until_idle(5)
    assert helpdesk.get("/helpdesk/roster").status == 200


def test_sync_by_day_does_not_queue_behind_the_night(school: School) -> None:
    """The button by day has a queue of its own, beside those of the night."""
    school.link()
    school.coordinator().post("/console/roster/sync")
    assert _waiting_in("ParnasSysQueue", school) == []
    assert len(_waiting_in("RosterQueue", school)) == 1
