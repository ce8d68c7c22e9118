"""`make serve`: the whole house on one port of this machine, until Ctrl-C."""

import logging
import os
import signal
import sys
import threading
from typing import Any

from infra.local import controls, messages, seed
from infra.local import server as local_server
from infra.local.house import open_house
from schoolpoort import aws

_LOOK_EVERY_S = 300
"""As the template schedules the look at the parts; the nights are begun by hand here."""

_DEFAULT_PORT = 8080


def main() -> int:
    """Start the house, say where it is and who may come in, and wait for the end."""
    port = int(os.environ.get("PORT", str(_DEFAULT_PORT)))
    if os.environ.get("SCHOOLPOORT_QUIET"):
        logging.disable(logging.CRITICAL)
    messages.compile_all()
    house = open_house(port)
    controls.FAULTS.install(aws.session())
    server = local_server.of_house(house)
    server.start()
    seed.fill(house)
    controls.remember(house)
    house.invoke("StatusFunction", {})
    _announce(house.base_url, house.people)
    ending = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ending.set())
    while not ending.wait(_LOOK_EVERY_S):
        house.invoke("StatusFunction", {})
    server.stop()
    house.stop()
    return 0


def _announce(base_url: str, people: list[dict[str, Any]]) -> None:
    print(f"\nready: {base_url}\n")
    print("Invented people to sign in as:")
    for person in people:
        line = f"  {person['role']:<16} {person['address']:<44} {person['password']:<14}"
        print(f"{line} {person['school']}")
    print(f"\nMails that were sent:  {base_url}/_local/mailbox")
    print(f"Codes of their apps:   {base_url}/_local/codes")
    print(f"Developer controls:    {base_url}/_local/")
    print("Ctrl-C ends everything.\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
