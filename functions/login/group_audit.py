"""Puts what a teacher changed for pupils into the record, around the view that does it."""

from login import audit, store
from schoolpoort import clock, ids, sessions
from schoolpoort.web import Request, Response, View

_CHANGES: dict[str, audit.Action] = {
    "use_pins": "pins_used",
    "no_pins": "pins_used",
    "another_picture": "picture_changed",
    "new_pin": "pin_set",
    "temporary_pin": "pin_set",
    "no_pin": "pin_removed",
    "release": "pupil_released",
    "add_home": "home_address_added",
    "remove_home": "home_address_removed",
}
"""From the button that was pressed to what the record calls it."""

_FIRST_REFUSAL = 400


def recorded(view: View) -> View:
    """Return a view of POST /groups/{group_id} that records what it changed, or did not."""

    def watched(request: Request) -> Response:
        response = view(request)
        form = request.form()
        action = _CHANGES.get(form.get("action", ""))
        session = sessions.optional(request)
        if action is not None and session is not None:
            person_id = form.get("person_id", "")
            subject = f"pupil-{person_id}" if person_id else request.path_parameters["group_id"]
            is_done = response.status < _FIRST_REFUSAL
            store.record(
                audit.event(
                    nonce=ids.new_nonce(),
                    action=action,
                    outcome="done" if is_done else "refused",
                    reason=form["action"],
                    account_id=session.account_id,
                    scope=session.scope,
                    subject=subject,
                    at_epoch_s=clock.now_epoch_s(),
                    source_ip=request.source_ip,
                )
            )
        return response

    watched.__doc__ = view.__doc__
    return watched
