"""Measures the registry with 6,107 invented schools, and writes docs/benchmarks/registry.md.

All times are of the processor. The import runs through its own handler; the emulator's work is in
the figures of the whole run, so those are upper bounds. What is ours alone (reading, planning,
comparing, packing) is measured apart.
"""

import json
import os
import platform
import random
import resource
import statistics
import time
from pathlib import Path
from typing import Any

from infra.local import cloud as local_cloud
from infra.local.house import House, open_house
from infra.local.many_schools import COUNT, many_locations
from infra.local.visitor import Visitor

_OUT = Path(__file__).parents[2] / "docs" / "benchmarks" / "registry.md"
_PORT = 18_970
_SEARCHES = 200
_MEGABYTE = 1024


def main() -> int:
    """Measure and write; ends with 0."""
    own_s, own_mb = _own_work()
    house = open_house(_PORT)
    house.deploy([])
    first_s, _ = _bring(house, many_locations())
    same_s, same_written = _bring(house, many_locations())
    moved_s, moved_written = _bring(house, many_locations(board="99001"))
    searches = _search(house)
    house.stop()
    python = f"{platform.python_implementation()} {platform.python_version()}"
    lines = [
        "# The registry",
        "",
        f"`make bench`, {python}, {platform.machine()}, {os.cpu_count()} cores, processor times.",
        "",
        f"{COUNT:,} invented locations in the layout of DUO's list.",
        "",
        "| what | figure | bar |",
        "|---|---|---|",
        f"| reading a list and comparing it with what stands, our own work | {own_s:.2f} s | 2 s |",
        f"| memory for that, over the same process before it | {own_mb:.0f} MB | 60 MB |",
        f"| the first import, with the emulator's writing | {first_s:.1f} s | |",
        f"| the same list again, with the emulator | {same_s:.2f} s | |",
        f"| registry items that this writes | {same_written} | 0 |",
        f"| forty schools at another board, with the emulator | {moved_s:.2f} s | |",
        f"| items that this writes (schools, index, what waits) | {moved_written} | |",
        f"| a search by a misspelled name, whole handler, p50 | {searches[0]:.1f} ms | |",
        f"| the same, p95 | {searches[1]:.1f} ms | 50 ms |",
        "",
        "The right school comes first for at least 95 of 100 misspelled names:",
        "`tests/onboarding/test_registry_search.py`.",
    ]
    _OUT.write_text("\n".join(lines) + "\n", "utf-8")
    print("\n".join(lines))
    return 0


def _own_work() -> tuple[float, float]:
    """Return CPU seconds and megabytes of reading, planning and comparing a second month."""
    from onboarding import duo_list, registry_changes, registry_index, registry_plan

    numbers = iter(range(10**6))
    made = many_locations()
    later = many_locations(board="99001")
    first = registry_plan.make(
        duo_list.read(made, most_bytes=10**8), {}, lambda: str(next(numbers))
    )
    stored = registry_index.items(first.entries.values())
    del first
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    standing = registry_index.unpack(stored)
    read = duo_list.read(later, most_bytes=10**8)
    plan = registry_plan.make(read, standing, lambda: "1")
    registry_changes.find(read, standing, {})
    registry_index.items(plan.entries.values())
    spent = time.process_time() - started
    after_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return spent, (after_kb - before_kb) / _MEGABYTE


def _bring(house: House, content: bytes) -> tuple[float, int]:
    """Import a list; return its CPU seconds and how many items of the registry it wrote."""
    from schoolpoort import aws, ids

    written: list[str] = []

    def count(params: Any, model: Any, **_: Any) -> None:
        if model.name == "BatchWriteItem":
            ((_, requests),) = params["RequestItems"].items()
            keys = [request["PutRequest"]["Item"]["entry"]["S"] for request in requests]
            written.extend(key for key in keys if not key.startswith("import#"))

    events = aws.client("dynamodb").meta.events
    events.register("before-parameter-build.dynamodb.BatchWriteItem", count)
    upload_id = ids.new_id()
    bucket = house.cloud.references["UploadsBucket"]
    key = f"duo/-/{upload_id}"
    local_cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=content)
    place = {"bucket": {"name": bucket}, "object": {"key": key}}
    event = {"Records": [{"messageId": "1", "body": json.dumps({"Records": [{"s3": place}]})}]}
    started = time.process_time()
    answer = house.invoke("RegistryImportFunction", event)
    spent = time.process_time() - started
    events.unregister("before-parameter-build.dynamodb.BatchWriteItem", count)
    if answer != {"batchItemFailures": []}:
        raise SystemExit(str(house.failures))
    return spent, len(written)


def _search(house: House) -> tuple[float, float]:
    """Return p50 and p95 in milliseconds of searches by misspelled names, a warm function."""
    from onboarding import duo_list
    from schoolpoort import clock, dynamodb, ids, sessions, settings

    secret, now = ids.new_secret(), clock.now_epoch_s()
    session = {
        "session_hash": ids.sha256_hex(secret),
        "stage": "local",
        "kind": "staff",
        "account_id": "1",
        "display_name": "Hanna Hulp",
        "scope": "helpdesk",
        "person_id": None,
        "language": "nl",
        **dict.fromkeys(("authenticated_at_epoch_s", "proved_at_epoch_s"), now),
        "confirmed_at_epoch_s": now,
        **dict.fromkeys(("idle_ends_at_epoch_s", "expires_at_epoch_s"), now + 36_000),
    }
    dynamodb.put(settings.require("SESSIONS_TABLE"), session)
    person = {"account_id": "1", "scope": "helpdesk", "roles": ["helpdesk"]}
    dynamodb.put(settings.require("ACCOUNTS_TABLE"), person)
    visitor = Visitor(house.call, cookies={sessions.COOKIE_NAME: secret})
    rows = duo_list.read(many_locations(), most_bytes=10**8).rows.values()
    names = [row["name"] or "" for row in rows]

    chance = random.Random(7)
    spent = []
    for name in chance.sample(names, _SEARCHES):
        at = chance.randrange(1, len(name))
        typed = (name[:at] + name[at + 1 :]).replace(" ", "+").replace("’", "%E2%80%99")
        started = time.process_time()
        answer = visitor.get(f"/helpdesk/registry?q={typed}")
        spent.append((time.process_time() - started) * 1000)
        if answer.status != 200:  # noqa: PLR2004 - the status of a page
            raise SystemExit(answer.text)
    ordered = sorted(spent[1:])
    return statistics.median(ordered), ordered[int(len(ordered) * 0.95)]


if __name__ == "__main__":
    raise SystemExit(main())
