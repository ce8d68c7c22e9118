"""The help function: articles, search, security.txt and the page for unknown addresses.

The articles are part of its package; what it stores are questions to the helpdesk.
"""

import datetime as dt
from typing import Any

from help import ask_pages, desk_pages, library, notice_pages, status_pages
from help.article import THEMES
from help.search import MOST_CHARACTERS, search
from schoolpoort import clock, settings
from schoolpoort.web import NotFound, Request, Response, Route, View, dispatch, page

_SECURITY_TXT_LIFE = dt.timedelta(days=180)
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


def show_help(request: Request) -> Response:
    """GET /help: the articles by theme, or with `q` the ones that answer a question.

    With `part=list` only the list of answers, for a page that shows them while somebody types.
    """
    question = request.query.get("q", "").strip()[:MOST_CHARACTERS]
    shelf = library.articles(request.language)
    if not question:
        themes = [
            (theme, [article for article in shelf.values() if article.theme == theme])
            for theme in THEMES
        ]
        return page(request, "help/index.html", themes=themes, question="")
    part = request.query.get("part") == "list"
    found = [shelf[slug] for slug in search(library.index(request.language), question)]
    return page(
        request,
        "help/found.html" if part else "help/results.html",
        question=question,
        found=found,
        help_address=library.addresses()["help_address"],
    )


def show_article(request: Request) -> Response:
    """GET /help/{article}: one answer; an unknown name answers 404 with the likely ones."""
    slug = request.path_parameters["article"]
    shelf = library.articles(request.language)
    article = shelf.get(slug)
    if article is None:
        likely = search(library.index(request.language), slug)[:5]
        raise NotFound(
            "unknown_article",
            template="help/no_article.html",
            found=[shelf[other] for other in likely],
            question="",
        )
    related = [shelf[other] for other in article.related]
    return page(request, "help/article.html", article=article, related=related, question="")


def show_security_txt(_request: Request) -> Response:
    """GET /.well-known/security.txt: where to report a leak (RFC 9116)."""
    base = settings.require_url("PUBLIC_BASE_URL")
    now = dt.datetime.fromtimestamp(clock.now_epoch_s(), dt.UTC)
    lines = (
        f"Contact: mailto:{library.addresses()['security_address']}",
        f"Expires: {(now + _SECURITY_TXT_LIFE).strftime('%Y-%m-%dT%H:%M:%SZ')}",
        "Preferred-Languages: nl, en",
        f"Canonical: {base}/.well-known/security.txt",
        f"Policy: {base}/help/report-a-vulnerability",
    )
    content_type = ("Content-Type", "text/plain; charset=utf-8")
    return Response(200, "\n".join(lines) + "\n", (content_type,))


def refuse_unknown_address(_request: Request) -> Response:
    """Any method at an address that nothing else answers."""
    raise NotFound("unknown_address")


ROUTES: dict[Route, View] = {
    ("GET", "/help"): show_help,
    ("GET", "/help/{article}"): show_article,
    ("GET", "/help/ask"): ask_pages.show,
    ("POST", "/help/ask"): ask_pages.receive,
    ("GET", "/helpdesk/questions"): desk_pages.show,
    ("POST", "/helpdesk/questions/{question_id}"): desk_pages.handle,
    ("GET", "/helpdesk/notices"): notice_pages.show,
    ("POST", "/helpdesk/notices"): notice_pages.receive,
    ("GET", "/status"): status_pages.show,
    ("GET", "/.well-known/security.txt"): show_security_txt,
    **{(method, "/{proxy+}"): refuse_unknown_address for method in _METHODS},
}


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Answer one request of API Gateway."""
    return dispatch(event, ROUTES, service="help")
