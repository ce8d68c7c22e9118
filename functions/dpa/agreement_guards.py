"""What is asked before a move of an agreement: plain functions, one per name in the table."""

import datetime as dt
import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dpa.agreement import Agreement
from dpa.agreement_states import Actor, Guard, State


class Refusal(enum.StrEnum):
    """Why a move that the table has is not made now."""

    EVIDENCE_MISSING = "evidence_missing"
    NO_PERSON = "no_person"
    SAME_PERSON = "same_person"
    NO_SIGNATORY = "no_signatory"
    WRONG_DAY = "wrong_day"
    TOO_EARLY = "too_early"
    NO_END = "no_end"
    END_NOT_AHEAD = "end_not_ahead"
    NOTICE_TOO_SHORT = "notice_too_short"
    NOT_VERIFIED = "not_verified"
    OTHERS_MUST_SIGN = "others_must_sign"
    NO_SIGNER = "no_signer"
    NOTHING_PROPOSED = "nothing_proposed"
    PROPOSED_ALREADY = "proposed_already"
    GRACE_TOO_LONG = "grace_too_long"


@dataclass(frozen=True, slots=True)
class By:
    """Who makes a move: in which part, and with which account; the system has none."""

    actor: Actor
    account_id: str = ""


SYSTEM = By(Actor.SYSTEM)


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a guard may look at; `today` is a day in Europe/Amsterdam."""

    agreement: Agreement
    target: State
    by: By
    evidence: Mapping[str, str]
    today: dt.date


def none(_: Situation) -> Refusal | None:
    """Ask nothing beyond the table."""
    return None


def second_person(situation: Situation) -> Refusal | None:
    """Ask for somebody else than who recorded or checked it, and the state that fits the day."""
    agreement = situation.agreement
    if not situation.by.account_id:
        return Refusal.NO_PERSON
    if situation.by.account_id in {agreement.recorded_by, agreement.verified_by}:
        return Refusal.SAME_PERSON
    if not agreement.signatory:
        return Refusal.NO_SIGNATORY
    if agreement.lacks_export:
        return Refusal.EVIDENCE_MISSING
    if agreement.was_offered_here and agreement.verified_by is None:
        return Refusal.NOT_VERIFIED
    has_begun = first_day(agreement, situation.today) <= situation.today
    return None if has_begun == (situation.target is State.ACTIVE) else Refusal.WRONG_DAY


def first_day(agreement: Agreement, confirmed_on: dt.date) -> dt.date:
    """Return the first day of an agreement that is confirmed on a day.

    What was signed here cannot reach back before its confirmation; a paper tells its own day.
    """
    if agreement.was_offered_here:
        return max(agreement.effective_from, confirmed_on)
    return agreement.effective_from


def last_signature(situation: Situation) -> Refusal | None:
    """Ask that nobody else must still sign, and that the signer is one of those who must."""
    agreement, signer = situation.agreement, situation.evidence.get("signer_id", "")
    if not agreement.was_offered_here:
        return Refusal.EVIDENCE_MISSING if agreement.lacks_export else None
    if signer not in agreement.still_to_sign:
        return Refusal.NO_SIGNER
    return Refusal.OTHERS_MUST_SIGN if agreement.still_to_sign != (signer,) else None


def offer_over(situation: Situation) -> Refusal | None:
    """Ask that the last day of the offer has passed."""
    expires_on = situation.agreement.offer_expires_on
    if expires_on is None:
        return Refusal.NO_END
    return None if expires_on <= situation.today else Refusal.TOO_EARLY


def start_reached(situation: Situation) -> Refusal | None:
    """Ask that the first day has come, at 00:00 in Amsterdam."""
    return None if situation.agreement.effective_from <= situation.today else Refusal.TOO_EARLY


def end_given(situation: Situation) -> Refusal | None:
    """Ask for the first day on which the agreement holds no more."""
    return None if end_day(situation.evidence) else Refusal.NO_END


def end_ahead(situation: Situation) -> Refusal | None:
    """Ask for an end that is still to come, so that nobody is cut off without a word."""
    end = end_day(situation.evidence)
    if end is None:
        return Refusal.NO_END
    if end <= situation.today:
        return Refusal.END_NOT_AHEAD
    notice = dt.timedelta(days=situation.agreement.notice_days)
    return None if end >= situation.today + notice else Refusal.NOTICE_TOO_SHORT


def end_reached(situation: Situation) -> Refusal | None:
    """Ask that the known end has come."""
    end = situation.agreement.ends_on
    if end is None:
        return Refusal.NO_END
    return None if end <= situation.today else Refusal.TOO_EARLY


def two_names(situation: Situation) -> Refusal | None:
    """Ask for a person other than the one who proposed it."""
    if not situation.by.account_id:
        return Refusal.NO_PERSON
    is_same = situation.evidence["proposed_by"] == situation.by.account_id
    return Refusal.SAME_PERSON if is_same else None


def two_names_and_end(situation: Situation) -> Refusal | None:
    """Ask for two people and for the first day on which the agreement holds no more."""
    return two_names(situation) or end_given(situation)


def end_day(evidence: Mapping[str, str]) -> dt.date | None:
    """Return the day that evidence gives as the end, or None when it gives none."""
    try:
        return dt.date.fromisoformat(evidence.get("ends_on", ""))
    except ValueError:
        return None


GUARDS: Mapping[Guard, Callable[[Situation], Refusal | None]] = {
    Guard.NONE: none,
    Guard.SECOND_PERSON: second_person,
    Guard.START_REACHED: start_reached,
    Guard.END_AHEAD: end_ahead,
    Guard.END_GIVEN: end_given,
    Guard.END_REACHED: end_reached,
    Guard.TWO_NAMES: two_names,
    Guard.TWO_NAMES_AND_END: two_names_and_end,
    Guard.LAST_SIGNATURE: last_signature,
    Guard.OFFER_OVER: offer_over,
}
