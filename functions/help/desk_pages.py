"""The helpdesk's page of questions: read, answer by mail, close."""

import datetime as dt
from zoneinfo import ZoneInfo

from help import question, store
from schoolpoort import authority, clock, mail_requests
from schoolpoort.log import logger
from schoolpoort.web import BadRequest, NotFound, Request, Response, page, redirect

_PLACE = "/helpdesk/questions"
_AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def show(request: Request) -> Response:
    """GET /helpdesk/questions: what waits, the oldest first."""
    actor = authority.require_role(request, "helpdesk")
    return page(
        request,
        "help/desk.html",
        session=actor.session,
        questions=store.open_questions(),
        moment=_moment,
        longest=question.LONGEST_ANSWER,
        done=request.query.get("done", ""),
    )


def _moment(at_epoch_s: int) -> str:
    return dt.datetime.fromtimestamp(at_epoch_s, _AMSTERDAM).strftime("%d-%m-%Y %H:%M")


def handle(request: Request) -> Response:
    """POST /helpdesk/questions/{question_id}: mail an answer, or close without one.

    The mail is asked for before the question is closed: a crash in between leaves it open, and a
    second answer sends nothing, because the mail has one id a question.
    """
    actor = authority.require_role(request, "helpdesk")
    asked = store.find(request.path_parameters["question_id"])
    if asked is None:
        raise NotFound("question_unknown")
    if asked["state"] != "open":
        return redirect(f"{_PLACE}?done=gone")
    form = request.form()
    answer = form.get("answer", "").replace("\r\n", "\n").strip()
    match form.get("action"):
        case "answer" if not answer or len(answer) > question.LONGEST_ANSWER:
            return redirect(f"{_PLACE}?done=empty")
        case "answer":
            mail_requests.enqueue(
                "answer",
                request_id=f"answer-{asked['question_id']}",
                address=asked["address"],
                language=asked["language"],
                question=asked["text"],
                answer=answer,
            )
            state = "answered"
        case "close":
            state = "closed"
        case _:
            raise BadRequest("action_unknown")
    now = clock.now_epoch_s()
    is_ours = store.handle(asked["question_id"], state, by=actor.account_id, now_epoch_s=now)
    logger.info("question handled", extra={"question": asked["question_id"], "state": state})
    return redirect(f"{_PLACE}?done={state if is_ours else 'gone'}")
