"""The page that a badge's QR opens: the secret comes behind the #, a form brings it, once."""

from login import badges, pupil_entry
from schoolpoort import clock, rosters
from schoolpoort.errors import TransactionRefused
from schoolpoort.log import logger
from schoolpoort.web import Request, Response, page


def show_badge(request: Request) -> Response:
    """GET /login/school/{code}/badge: a form that a script fills and sends by itself."""
    access, place = pupil_entry.opened(request)
    if not place.is_known:
        return pupil_entry.closed(request, access, place)
    return page(request, "login/badge.html", code=access.code, is_refused=False)


def receive_badge(request: Request) -> Response:
    """POST /login/school/{code}/badge: in, or told that this badge opens nothing; four calls."""
    access, place = pupil_entry.opened(request)
    if not place.is_known:
        return pupil_entry.closed(request, access, place)
    secret_hash = badges.read(request.form().get("badge", ""))
    now = clock.now_epoch_s()
    shown = badges.find(access, secret_hash, now_epoch_s=now) if secret_hash else None
    if shown is not None:
        person = rosters.person(access.school_id, shown.person_id)
        try:
            if person is not None and pupil_entry.is_here(person, place):
                return pupil_entry.come_in_with(request, (access, place), person, shown)
        except TransactionRefused:
            logger.info("badge used or void just now", extra={"school": access.school_id})
    logger.info("badge refused", extra={"school": access.school_id})
    return page(request, "login/badge.html", status=400, code=access.code, is_refused=True)
