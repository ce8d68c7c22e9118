"""Sign-ins of children in one warm process, and beside each the AWS calls that it makes, alone.

Each way in is walked once while its calls are written down; then blocks of ten sign-ins and of ten
times the same calls take turns. A school of two hundred pupils is answered below botocore. Writes
a line of JSON to stderr, as the bench of staff does. Another way in is one more line of `_DOORS`.
"""

import copy
import functools
import json
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import botocore
from botocore.awsrequest import AWSResponse

from infra.bench.subjects import event, stub, warm
from login import app, pins
from schoolpoort import argon2id, aws, dynamodb, pepper

_PUPILS = 200
_PIN = "4071"
_AT_SCHOOL = "192.0.2.7"
_PERSON, _PERSON_WITH_PIN = "21", "22"
_GROUP, _GROUP_WITH_PINS = "31", "32"

_DOORS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "picture": ({"code": "vlieger", "group_id": _GROUP, "person_id": _PERSON}, {}),
    "pin": (
        {"code": "vlieger", "group_id": _GROUP_WITH_PINS, "person_id": _PERSON_WITH_PIN},
        {"so_far": _PIN[:-1], "digit": _PIN[-1]},
    ),
}
"""What is measured: the parameters of the address, and the form."""

_RESOURCE = "/login/school/{code}/{group_id}/{person_id}"


def _item(item_key: str, **values: Any) -> dict[str, Any]:
    item = {"school_id": "42", "item_key": item_key, "schema_version": 1, **values}
    return {name: dynamodb.marshal(value) for name, value in item.items()}


def _settled() -> list[dict[str, Any]]:
    """Return what a school settled: its network, a group with PINs, a picture for each pupil."""
    now = int(time.time())
    phc = pins.hashed(_PIN)
    owner = f"pupil-{_PERSON_WITH_PIN}"
    kept = pepper.seal(pepper.Pepper(1, stub.PEPPER), phc, owner=owner)
    return [
        _item("settings", code="vlieger"),
        _item("network#192.0.2.0/24", added_at_epoch_s=now, seen_at_epoch_s=now, added_by="7"),
        _item(f"group#{_GROUP_WITH_PINS}", uses_pin=True),
        _item(f"pupil#{_PERSON_WITH_PIN}", picture="fox", pin_hash=kept, releases=1),
        *(
            _item(f"pupil#{number}", picture="fox", seen_on="2026-11-23", homes={"ouder@x.example"})
            for number in range(100, 99 + _PUPILS)
        ),
    ]


def _pupil(person_id: str, group_id: str) -> dict[str, Any]:
    group = {"group_id": group_id, "name": "Groep 3", "year_group": "3"}
    return _item(
        f"person#{person_id}",
        kind="pupil",
        given_name="Jiska",
        prefix="van der",
        surname="Meer",
        year_group="3",
        roles_in_las=[],
        groups=[group],
        active=True,
    )


def _answers() -> dict[tuple[str, str], dict[str, Any]]:
    """Return what DynamoDB and KMS say, by operation and by what is asked for."""
    of_code = {"of_school_id": {"S": "42"}, "school_id": {"S": "code#vlieger"}}
    settled = _settled()
    return {
        ("GetItem", "school"): {"Item": of_code},
        ("GetItem", f"person#{_PERSON}"): {"Item": _pupil(_PERSON, _GROUP)},
        ("GetItem", f"person#{_PERSON_WITH_PIN}"): {
            "Item": _pupil(_PERSON_WITH_PIN, _GROUP_WITH_PINS)
        },
        ("GetItem", "pepper#1"): stub.ANSWERS["GetItem pepper#1"],
        ("Query", ""): {"Items": settled, "Count": len(settled)},
        ("TransactWriteItems", ""): {},
        ("Decrypt", ""): stub.ANSWERS["Decrypt"],
    }


def _walk(place: dict[str, str], form: dict[str, str]) -> None:
    made = event.of(urlencode(form), "application/x-www-form-urlencoded")
    made["resource"] = _RESOURCE
    made["path"] = _RESOURCE.format_map(place)
    made["pathParameters"] = place
    made["requestContext"]["identity"]["sourceIp"] = _AT_SCHOOL
    answer = app.handler(made, None)
    if answer["statusCode"] != warm.SEE_OTHER:
        message = f"not signed in: {answer}"
        raise SystemExit(message)


def _calls_of(act: Callable[[], None]) -> list[tuple[str, dict[str, Any]]]:
    """Return the calls to DynamoDB that something makes, with their parameters."""
    found: list[tuple[str, dict[str, Any]]] = []

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        found.append((botocore.xform_name(model.name), copy.deepcopy(params)))

    events = aws.client("dynamodb").meta.events
    events.register("before-parameter-build.dynamodb", note, unique_id="bench")
    act()
    events.unregister("before-parameter-build.dynamodb", unique_id="bench")
    return found


def _floor(calls: list[tuple[str, dict[str, Any]]], *, phc: str | None) -> None:
    client = aws.client("dynamodb")
    for operation, parameters in calls:
        getattr(client, operation)(**parameters)
    if phc is not None:
        argon2id.matches(phc, _PIN.encode())


def run(rounds: int = 200) -> None:
    """Measure each way in beside its own calls; a PIN's floor has its one argon2id too."""
    answers = _answers()

    def answer(request: Any, **_: Any) -> AWSResponse:
        name = str(request.headers["X-Amz-Target"], "ascii").rpartition(".")[2]
        key = json.loads(request.body).get("Key", {})
        asked = key.get("item_key", key.get("address_key", {})).get("S", "")
        body = json.dumps(answers[name, asked]).encode()
        headers = {"content-type": "application/x-amz-json-1.0"}
        return AWSResponse(request.url, 200, headers, stub.Raw(body))

    aws.session().register("before-send", answer)
    taken: dict[str, list[tuple[float, float]]] = {}
    for name, (place, form) in _DOORS.items():
        _walk(place, form)
        walk = functools.partial(_walk, place, form)
        calls = _calls_of(walk)
        floor = functools.partial(_floor, calls, phc=pins.hashed(_PIN) if form else None)
        whole, floors = taken.setdefault(name, []), taken.setdefault(f"{name} floor", [])
        for _ in range(rounds // 10):
            floors += warm.timed(floor, 10)
            whole += warm.timed(walk, 10)
    sys.stderr.write(json.dumps(taken) + "\n")
