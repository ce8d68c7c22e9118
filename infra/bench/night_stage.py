"""The stage of a simulated night: settings, stand-ins in their places, and the day before it."""

import contextlib
import functools
import json
import os
from collections.abc import Iterator
from typing import Any

from infra.bench.memory_cloud import Cloud
from infra.bench.memory_dynamodb import KEYS
from infra.bench.night_las import Systems, brin6_of, key_of
from schoolpoort import aws, clock, dynamodb

_ONE_DAY_S = 24 * 60 * 60
NIGHT_EPOCH_S = 1_795_482_000
"""02:00 on 24 November 2026 in the Netherlands."""

QUEUES = {"parnassys": "parnassys", "esis": "esis", "others": "others"}
DEAD_LETTERS = "dead_letters"
_SUPPLIERS = ("parnassys",) * 5 + ("esis",) * 4 + ("eduscope",)
_SETTINGS = {
    **{name: name for name in KEYS},
    "LAS_ENDPOINTS": json.dumps(dict.fromkeys(_SUPPLIERS, "https://las.example/uwlr")),
    "LAS_CLIENT_NAME": "schoolpoort",
    "LAS_CLIENT_CODE": "code",
    "LEAVERS_QUEUE": "leavers",
    "LEAVER_RETENTION_MONTHS": "1",
    "MAIL_QUEUE": "mail",
    "NIGHT_SPREAD_S": "900",
    "ROSTER_DEAD_LETTERS": DEAD_LETTERS,
    "ROSTER_QUEUES": json.dumps(QUEUES),
    "SECRETS_KEY_ID": "secrets",
}


@contextlib.contextmanager
def in_place_of_aws(cloud: Cloud) -> Iterator[Systems]:
    """Put the stand-ins in the place of AWS, network and clock, and take them away after."""
    from roster_sync import las_http, mark_key

    systems = Systems(cloud)
    usual = (aws.session, las_http.post, clock._source)  # noqa: SLF001 - put back below
    # Clients of its own: the house has taught those of this process where its own doors are.
    clients = aws.client
    before = {name: os.environ.get(name) for name in _SETTINGS}
    os.environ.update(_SETTINGS)
    aws.client = functools.cache(clients.__wrapped__)
    dynamodb.client = aws.client  # type: ignore[attr-defined]
    aws.session, las_http.post = (lambda: cloud), systems.post  # type: ignore[assignment]
    mark_key.mark_key.cache_clear()
    try:
        yield systems
    finally:
        aws.session, las_http.post = usual[0], usual[1]
        clock.replace_source(usual[2])
        aws.client = clients
        dynamodb.client = clients  # type: ignore[attr-defined]
        mark_key.mark_key.cache_clear()
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)


def live_the_day_before(systems: Systems, number: int) -> None:
    """Give a school a key, an agreement and everybody of the night before, by our own code."""
    from roster_sync import link_store, worker

    school_id = str(number)
    period = {"state": "covered_board", "agreement_id": "1", "since": "2020-01-01"}
    covered = {"school_id": school_id, "board_number": "1", "declarations": []}
    systems.is_night = False
    clock.replace_source(lambda: NIGHT_EPOCH_S - _ONE_DAY_S)
    with systems.cloud.unmetered():
        dynamodb.put("COVERAGE_TABLE", {**covered, "periods": [{**period, "until": None}]})
        key = link_store.seal_key(school_id, key_of(brin6_of(number)))
        link_store.put_link(school_id, link_of(number, key))
        message = {"school_id": school_id, "trigger": "night", "night": "2026-11-23"}
        worker.handler({"Records": [{"messageId": "0", "body": json.dumps(message)}]}, None)
    clock.replace_source(lambda: NIGHT_EPOCH_S)


def link_of(number: int, key: Any) -> Any:
    """Return the link of a school; `key` is sealed, or None."""
    from roster_sync.links import Link

    supplier = _SUPPLIERS[number % len(_SUPPLIERS)]
    return Link(
        supplier=supplier,
        brin6=brin6_of(number),
        key=key,
        status="working" if key else "none",
        checked_at_epoch_s=NIGHT_EPOCH_S - _ONE_DAY_S,
    )
