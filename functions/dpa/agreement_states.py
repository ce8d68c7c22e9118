"""The words of an agreement's life: where it stands, who moves it, what is asked before.

Which move leads from where to where is the table of `agreement_table`.
"""

import enum

from schoolpoort.errors import SchoolpoortError


class State(enum.StrEnum):
    """Where an agreement stands."""

    DRAFT = "draft"
    OFFERED = "offered"
    IN_REVIEW = "in_review"
    QUESTIONS = "questions"
    READY_TO_SIGN = "ready_to_sign"
    SIGNED_BOARD = "signed_board"
    VERIFYING = "verifying"
    RETURNED = "returned"
    SCHEDULED = "scheduled"
    ACTIVE = "active"
    NOTICE_GIVEN = "notice_given"
    SUSPENDED = "suspended"
    TRANSFER_REVIEW = "transfer_review"
    SUPERSEDED = "superseded"
    TERMINATED = "terminated"
    EXPIRED = "expired"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    LAPSED_OFFER = "lapsed_offer"
    VOID = "void"


class Actor(enum.StrEnum):
    """Who makes a move."""

    SYSTEM = "system"
    BOARD_REVIEWER = "board_reviewer"
    BOARD_DIRECTOR = "board_director"
    HELPDESK = "helpdesk"
    SECOND_HELPDESK = "second_helpdesk"
    PRIVACY_OFFICER = "privacy_officer"


class Guard(enum.StrEnum):
    """What is asked before a move, beside its row of the table."""

    NONE = "none"
    SECOND_PERSON = "second_person"
    LAST_SIGNATURE = "last_signature"
    OFFER_OVER = "offer_over"
    START_REACHED = "start_reached"
    END_AHEAD = "end_ahead"
    END_GIVEN = "end_given"
    END_REACHED = "end_reached"
    TWO_NAMES = "two_names"
    TWO_NAMES_AND_END = "two_names_and_end"


TERMINAL = frozenset(
    {
        State.SUPERSEDED,
        State.TERMINATED,
        State.EXPIRED,
        State.REJECTED,
        State.WITHDRAWN,
        State.LAPSED_OFFER,
        State.VOID,
    }
)
"""States that end an agreement; it is kept, with its evidence."""


class IllegalMove(SchoolpoortError):
    """The table has no such move from this state by this actor."""

    def __init__(self, move_id: str, state: State, target: State, actor: Actor) -> None:
        super().__init__(f"{move_id}: {state} to {target} by {actor}")
