"""How a school's tenures change when a person confirms that it went to another board."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from schoolpoort.tenures import Tenure


def moved(
    recorded: Sequence[Tenure], *, from_board: str, to_board: str, day: dt.date, now_epoch_s: int
) -> tuple[Tenure, ...]:
    """Return the tenures after a move on a day; the same move twice changes nothing.

    What was believed stays, with the moment until which it was; at any one moment the periods that
    are believed do not overlap and leave no day out.
    """
    whole = tuple(recorded) or (Tenure(from_board, None, None, 0),)
    last = whole[-1]
    if last.board_number == to_board and last.valid_from == day and last.valid_until is None:
        return tuple(recorded)
    past, believed = [], []
    for tenure in whole:
        is_open = tenure.known_until_epoch_s is None
        ends_later = tenure.valid_until is None or tenure.valid_until > day
        if not (is_open and ends_later):
            past.append(tenure)
            continue
        past.append(replace(tenure, known_until_epoch_s=now_epoch_s))
        if tenure.valid_from is None or tenure.valid_from < day:
            kept = replace(tenure, valid_until=day, known_from_epoch_s=now_epoch_s)
            believed.append(kept)
    believed.append(Tenure(to_board, day, None, now_epoch_s))
    return (*past, *believed)
