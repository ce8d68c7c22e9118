"""What the record says of a change in a group: who pressed which button, about whom.

The event stands in the transaction of the change itself, so that neither is there without the
other.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from login import audit, store
from schoolpoort import clock, ids
from schoolpoort.authority import Actor
from schoolpoort.dynamodb import Item, Operation

_CHANGES: dict[str, audit.Action] = {
    "use_pins": "pins_used",
    "no_pins": "pins_used",
    "another_picture": "picture_changed",
    "new_pin": "pin_set",
    "temporary_pin": "pin_set",
    "no_pin": "pin_removed",
    "release": "pupil_released",
    "add_home": "home_address_added",
    "add_home_again": "home_address_added",
    "remove_home": "home_address_removed",
    "home_card": "home_card_made",
    "home_cards": "home_card_made",
    "void_card": "home_card_void",
}
"""From the button that was pressed to what the record calls it."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button of the group overview, and who pressed it from where."""

    actor: Actor
    button: str
    source_ip: str

    def event(self, subject: str, outcome: audit.Outcome = "done") -> Item:
        """Return the event about a pupil or a group; KeyError for a button that changes nothing."""
        return audit.event(
            nonce=ids.new_nonce(),
            action=_CHANGES[self.button],
            outcome=outcome,
            reason=self.button,
            account_id=self.actor.account_id,
            scope=self.actor.scope,
            subject=subject,
            at_epoch_s=clock.now_epoch_s(),
            source_ip=self.source_ip,
        )

    def about_pupil(self, person_id: str) -> Sequence[Operation]:
        """Return what records the press about a pupil, for the transaction of the change."""
        return store.recorded(self.event(f"pupil-{person_id}"))

    def refused(self, person_id: str) -> None:
        """Record that what was asked about a pupil was not done."""
        store.record(self.event(f"pupil-{person_id}", "refused"))
