"""Asking the helpdesk, for whoever found no answer: with a check of a person, and within limits."""

from urllib.parse import urlsplit

from help import library, question, store
from help.question import Asked
from help.search import MOST_CHARACTERS, search
from schoolpoort import captcha, clock, ids, sessions
from schoolpoort.captcha import CaptchaVerdict
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
    is_person = verdict is CaptchaVerdict.PASSED and store.reserve_captcha(token, now_epoch_s=now)
    if not is_person:
        return _form(request, asked, status=403, problem="captcha_failed")
    if not _within_limits(request, asked, now):
        return _form(request, asked, status=429, problem="too_many")
    _keep(request, asked, now)
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


def _keep(request: Request, asked: Asked, now_epoch_s: int) -> None:
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
