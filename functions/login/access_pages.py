"""The coordinator's page of who can get in, the helpdesk's, and the end of one's own sessions."""

from login import access, session_list
from login.access import Reset
from schoolpoort import authority, clock, credentials, errand_links, memberships, sessions
from schoolpoort.authority import STRONG_ROLES
from schoolpoort.web import BadRequest, Request, Response, cookie, page, redirect

_CONSOLE = "/console/access"
_HELPDESK = "/helpdesk/access"


def show_console(request: Request) -> Response:
    """GET /console/access: the staff of the school, and whether each has a second factor."""
    actor = authority.require_school_role(request, "ict_coordinator")
    members = sorted(memberships.in_scope(actor.scope), key=lambda one: one.display_name.casefold())
    keys = [credentials.staff_key(member.address) for member in members]
    return page(
        request,
        "login/access.html",
        session=actor.session,
        rows=[
            (member, has_second_factor, bool(STRONG_ROLES & member.roles))
            for member, has_second_factor in zip(
                members, credentials.have_second_factor(keys), strict=True
            )
        ],
        done=request.query.get("done", ""),
    )


def receive_console(request: Request) -> Response:
    """POST /console/access: reset a colleague's second factor, or end sessions."""
    actor = authority.require_school_role(request, "ict_coordinator")
    authority.require_confirmed(request, actor.session, _CONSOLE)
    form = request.form()
    now = clock.now_epoch_s()
    match form.get("action"):
        case "reset":
            account_id = form.get("account_id", "")
            done = access.reset_colleague(actor.session, account_id, now_epoch_s=now)
            return redirect(f"{_CONSOLE}?done={done.value}")
        case "end":
            account_id = form.get("account_id", "")
            if account_id not in {one.account_id for one in memberships.in_scope(actor.scope)}:
                raise BadRequest("account_unknown")
            session_list.end_of_account(actor.session, account_id, now_epoch_s=now)
            return redirect(f"{_CONSOLE}?done=ended")
        case "end_all":
            session_list.end_of_school(actor.session, now_epoch_s=now)
            return redirect(f"{_CONSOLE}?done=all_ended")
        case _:
            raise BadRequest("action_unknown")


def show_helpdesk(request: Request) -> Response:
    """GET /helpdesk/access: the form with which two people reset a second factor."""
    actor = authority.require_role(request, "helpdesk")
    return page(
        request,
        "login/helpdesk_access.html",
        session=actor.session,
        done=request.query.get("done", ""),
    )


def receive_helpdesk(request: Request) -> Response:
    """POST /helpdesk/access: the first person asks, the second person's asking does it."""
    actor = authority.require_role(request, "helpdesk")
    authority.require_confirmed(request, actor.session, _HELPDESK)
    address = request.form().get("email", "")
    done: Reset = access.reset_by_helpdesk(actor.session, address, now_epoch_s=clock.now_epoch_s())
    return redirect(f"{_HELPDESK}?done={done.value}")


def end_sessions(request: Request) -> Response:
    """POST /account/sessions: end one of one's own other sessions, or all of them."""
    session = sessions.require(request)
    refs = request.form_list("ref") or None
    session_list.end_others(session, refs, now_epoch_s=clock.now_epoch_s())
    return redirect("/account?done=sessions")


def end_elsewhere(request: Request) -> Response:
    """POST /login/elsewhere: sign out everywhere, after another password was set by a link."""
    now = clock.now_epoch_s()
    token = request.cookies.get(errand_links.END_SESSIONS_COOKIE, "")
    account_id = errand_links.subject(token, errand_links.END_SESSIONS, now_epoch_s=now)
    if account_id is None:
        return redirect("/login?welcome=late")
    session_list.end_after_reset(account_id, now_epoch_s=now)
    gone = cookie(errand_links.END_SESSIONS_COOKIE, "", max_age_s=0, strict=True)
    return redirect("/login?welcome=ended").with_cookie(gone)
