"""The one door that every request comes in by.

API Gateway has already matched the address, so a route is a dictionary entry: its method and
resource name the view. Size limits, forms of other sites, languages, problem pages, headers and
the log line are dealt with here once, so that no view can forget them.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from schoolpoort import settings
from schoolpoort.errors import StoreUnavailable
from schoolpoort.log import logger
from schoolpoort.web.problems import (
    CrossSite,
    HttpProblem,
    MethodNotAllowed,
    SignInRequired,
    Unavailable,
)
from schoolpoort.web.request import (
    LANGUAGE_COOKIE,
    LANGUAGES,
    Request,
    from_event,
    reference_of,
)
from schoolpoort.web.response import Response, cookie, redirect

View = Callable[[Request], Response]
Route = tuple[str, str]

_A_YEAR_S = 31_536_000
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def dispatch(
    event: Mapping[str, Any],
    routes: Mapping[Route, View],
    *,
    service: str,
    machine_routes: Collection[Route] = (),
) -> dict[str, Any]:
    """Answer a proxy event with the view of its route.

    `machine_routes` are the routes that other sites' servers and pages may post to, because no
    cookie speaks for a person there.
    """
    try:
        request = from_event(event)
    except HttpProblem as problem:
        request = from_event({**event, "body": "", "isBase64Encoded": False})
        response = _problem_page(request, problem)
    else:
        response = _answer(request, routes, machine_routes)
    logger.info(
        "request",
        extra={
            "function": service,
            "method": request.method,
            "resource": request.resource,
            "status": response.status,
            "reference": reference_of(event),
        },
    )
    return _with_language(request, response).proxy_answer()


def _answer(
    request: Request, routes: Mapping[Route, View], machine_routes: Collection[Route]
) -> Response:
    route = (request.method, request.resource)
    try:
        if route not in machine_routes:
            refuse_cross_site(request)
        view = routes.get(route)
        if view is None:
            return _problem_page(request, MethodNotAllowed("route_without_view"))
        return view(request)
    except SignInRequired as error:
        # Imported here because most requests never need it.
        from urllib.parse import quote  # noqa: PLC0415

        return redirect(f"{error.address}?next={quote(error.return_to, safe='/')}")
    except HttpProblem as problem:
        return _problem_page(request, problem)
    except StoreUnavailable:
        return _problem_page(request, Unavailable("store_unavailable"))


def refuse_cross_site(request: Request) -> None:
    """Raise CrossSite for a changing request that another site's page sent.

    Every current browser names the sender in Sec-Fetch-Site or Origin; a client that sends
    neither is no browser and carries nobody's cookies by accident (docs/decisions).
    """
    if request.method in _SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise CrossSite("sec_fetch_site")
        return
    origin = request.headers.get("origin")
    if origin is not None and origin != settings.require_url("PUBLIC_BASE_URL"):
        raise CrossSite("origin")


def _problem_page(request: Request, problem: HttpProblem) -> Response:
    from schoolpoort.web.pages import page  # noqa: PLC0415 - a redirect needs no templates

    logger.warning(
        "problem",
        extra={
            "code": problem.code,
            "status": problem.status,
            "resource": request.resource,
            "reference": request.reference,
        },
    )
    if problem.template is not None:
        return page(request, problem.template, status=problem.status, **problem.values)
    return page(request, "error.html", status=problem.status, code=problem.kind, **problem.values)


def _with_language(request: Request, response: Response) -> Response:
    chosen = request.query.get("lang")
    if chosen not in LANGUAGES:
        return response
    return response.with_cookie(cookie(LANGUAGE_COOKIE, chosen, max_age_s=_A_YEAR_S))
