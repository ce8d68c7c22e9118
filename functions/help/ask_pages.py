"""Asking the helpdesk, for whoever found no answer: with a check of a person, and within limits."""

from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from help import library, question, store
from help.question import Asked
from help.search import MOST_CHARACTERS, search
from schoolpoort import aws, captcha, captcha_once, clock, ids, mail_requests, memberships, sessions
from schoolpoort.captcha import CaptchaVerdict
from schoolpoort.coverage import amsterdam_day
from schoolpoort.errors import StoreError
from schoolpoort.log import logger
from schoolpoort.web import Request, Response, page

_ACTION = "question"
_MOST_OF_A_NETWORK = 20
_MOST_OF_AN_ADDRESS = 5
_MOST_OF_ALL = 500
"""Questions an hour: a school asks together, one person a few times, a flood never fills a desk."""


def show(request: Request) -> Response:
    """GET /help/ask: the form, with what was searched for and the page where it went wrong."""
    words = request.query.get("q", "")[:MOST_CHARACTERS]
    path = question.safe_path(request.query.get("from", "") or _came_from(request))
    return _form(request, Asked("", "", "", words, path, {}), status=200)


def _came_from(request: Request) -> str:
    path = urlsplit(request.headers.get("referer", "")).path
    return "" if path.startswith("/help") else path


def receive(request: Request) -> Response:
    """POST /help/ask: keep the question, or say on the form what is the matter."""
    fields = request.form()
    token = captcha.answer(fields)
    asked = question.read(fields)
    if asked.errors:
        return _form(request, asked, status=400, token=token)
    verdict = captcha.check(token, request.source_ip, _ACTION)
    if verdict is CaptchaVerdict.UNREACHABLE:
        return _form(request, asked, status=503, problem="captcha_unreachable")
    if verdict is CaptchaVerdict.DOUBTED:
        return _form(request, asked, status=403, problem="captcha_doubted")
    now = clock.now_epoch_s()
    is_person = verdict is CaptchaVerdict.PASSED and captcha_once.use_up(token, now_epoch_s=now)
    if not is_person:
        return _form(request, asked, status=403, problem="captcha_failed")
    if not _within_limits(request, asked, now):
        return _form(request, asked, status=429, problem="too_many")
    _tell(_keep(request, asked, now), now)
    return page(request, "help/asked.html", address=asked.address, help_article="ask-the-helpdesk")


def _within_limits(request: Request, asked: Asked, now_epoch_s: int) -> bool:
    # The table keeps no addresses of its own accord, so budgets go by a hash of this hour.
    salt = str(now_epoch_s // 3600)
    limits = (
        (f"address#{ids.sha256_hex(f'{salt} {asked.address}')}", _MOST_OF_AN_ADDRESS),
        (f"network#{ids.sha256_hex(f'{salt} {request.source_ip}')}", _MOST_OF_A_NETWORK),
        ("all", _MOST_OF_ALL),
    )
    return all(store.draw(name, most, now_epoch_s=now_epoch_s) for name, most in limits)


def _keep(request: Request, asked: Asked, now_epoch_s: int) -> str:
    session = sessions.optional(request)
    question_id = ids.new_id()
    store.ask(
        question_id,
        {
            "text": asked.text,
            "address": asked.address,
            "words": asked.words,
            "path": asked.path,
            "language": request.language,
            "reference": request.reference,
            "scope": session.scope if session else "",
            "account_id": session.account_id if session else "",
        },
        now_epoch_s=now_epoch_s,
    )
    logger.info("question asked", extra={"question": question_id, "page": asked.path})
    return question_id


def _tell(question_id: str, now_epoch_s: int) -> None:
    """Mail the people of the helpdesk that a question waits, without a word of it.

    A mail is about the oldest that waits, and goes once a day: a flood of questions is no flood of
    mails, and the first one after an empty desk is always told.
    """
    waiting = store.open_questions(limit=1)
    oldest = waiting[0]["question_id"] if waiting else question_id
    today = amsterdam_day(now_epoch_s)
    try:
        for member in memberships.in_scope("helpdesk"):
            if member.activated_at_epoch_s is not None:
                mail_requests.enqueue(
                    "question_waits",
                    request_id=f"question-{oldest}-{today}-{member.account_id}",
                    address=member.address,
                )
    except (ClientError, BotoCoreError, StoreError) as error:
        # The question is kept and stands on the desk; asking again would make it two.
        logger.warning("helpdesk not told", extra={"reason": aws.failure(error)})


def _form(
    request: Request, asked: Asked, *, status: int, problem: str = "", token: str = ""
) -> Response:
    check = captcha.widget(_ACTION, after=token, refused=problem.startswith("captcha_"))
    shelf = library.articles(request.language)
    likely = search(library.index(request.language), f"{asked.words} {asked.text}")[:3]
    return page(
        request,
        "help/ask.html",
        status=status,
        csp_script=check.csp_sources,
        csp_frame=check.csp_sources,
        csp_connect=check.csp_sources,
        captcha_widget=check,
        asked=asked,
        problem=problem,
        likely=[shelf[slug] for slug in likely],
        help_address=library.addresses()["help_address"],
        help_article="ask-the-helpdesk",
    )
