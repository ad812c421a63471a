"""The application: which URL gives which answer, and how errors look."""

import re
from collections.abc import Callable, Collection, Sequence
from functools import partial
from importlib.resources import files
from urllib.parse import quote

from jinja2 import (
    Environment,
    PackageLoader,
    StrictUndefined,
    pass_context,
    select_autoescape,
)
from jinja2.runtime import Context
from starlette import routing
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from archive.model.content import printable, whole_words
from archive.model.errors import (
    GongkaiError,
    NotFoundError,
    TooSlowError,
    UsageError,
    WithdrawnError,
    did_you_mean,
)
from archive.model.instants import exact
from archive.store import Store
from archive.store.query.optical import PictureCapture
from archive.web import i18n, words
from archive.web.answers import answered, as_json, finished
from archive.web.cells import cell
from archive.web.guards import LOOPBACK, Guard, Rates
from archive.web.i18n import gettext
from archive.web.lanes import RETRY_AFTER_S, Lanes
from archive.web.monitoring import Monitoring
from archive.web.monitoring import routes as monitoring_routes
from archive.web.openapi import document
from archive.web.queries import Queries
from archive.web.request_parameters import Asked, check_parameters
from archive.web.route_table import API_ROUTES, PAGE_ROUTES
from archive.web.routes import ApiRoute, PageRoute, Route, Site
from archive.web.sentences import finding_words, on_pages, placed, told
from archive.work.corrections.corrections_file import Correction
from archive.work.query.pictures import Picture

_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_PATHS = [route.path for route in (*API_ROUTES, *PAGE_ROUTES)]


def make_app(
    store: Store,
    *,
    replay: str | None = None,
    crawling: Callable[[], bool] = lambda: True,
    catalogue: Callable[[], Collection[str] | None] = lambda: None,
    hosts: Sequence[str] = LOOPBACK,
    rates: Rates | None = None,
    public: bool = False,
    monitoring: Monitoring | None = None,
    draw: Callable[[PictureCapture, int], Picture] | None = None,
    corrections: Callable[[], Sequence[Correction]] = tuple,
) -> Guard:
    """The web application over an open ledger. replay: where snapshots are shown; None: nowhere.
    crawling: whether a crawl may be at work now. catalogue: the portals' keys. hosts, rates: as
    Guard takes them. public: errors name nothing of this machine. monitoring: who may have the
    numbers of the archive; None: nobody. draw, corrections: as Queries takes them.
    """
    queries = Queries(
        store=store,
        replay=replay,
        crawling=crawling,
        catalogue=catalogue,
        draw=draw,
        corrections=corrections,
    )
    site = Site(queries=queries, templates=_templates(), api_routes=API_ROUTES)
    lanes = Lanes.make(public=public)
    routes = [
        *(_of_page(site, route, lanes) for route in PAGE_ROUTES),
        *(_of_api(queries, route, lanes) for route in API_ROUTES),
        routing.Route("/api/openapi.json", _openapi),
        routing.Route("/static/style.css", _style),
        routing.Route("/favicon.ico", _icon),
        *monitoring_routes(queries, monitoring),
    ]
    on_error = _error_handler(site.templates, public=public)
    handlers = {GongkaiError: on_error, HTTPException: on_error, Exception: on_error}
    # Around everything: a middleware of Starlette's would miss the answers to internal errors.
    return Guard(Starlette(routes=routes, exception_handlers=handlers), hosts=hosts, rates=rates)


def _of_page(site: Site, route: PageRoute, lanes: Lanes) -> routing.Route:
    def answer(request: Request) -> Response:
        asked = _asked(route, request)
        with i18n.speaking(request):
            check_parameters(asked)
            if not route.tells_problems:
                asked.check()
            return i18n.remembered(request, finished(request, route.answer(site, asked)))

    return routing.Route(route.path, lanes.endpoint(answer, slow=route.slow, first=route.first))


def _of_api(queries: Queries, route: ApiRoute, lanes: Lanes) -> routing.Route:
    def answer(request: Request) -> Response:
        asked = _asked(route, request)
        check_parameters(asked)
        asked.check()
        return finished(request, answered(route, asked, request, route.answer(queries, asked)))

    return routing.Route(route.path, lanes.endpoint(answer, slow=route.slow, first=route.first))


def _asked(route: Route, request: Request) -> Asked:
    return Asked(
        declared=route.declared(),
        given=request.query_params,
        in_path={name: str(value) for name, value in request.path_params.items()},
        base_url=str(request.base_url).rstrip("/"),
        path=request.url.path,
    )


def _openapi(request: Request) -> Response:
    here = str(request.base_url).rstrip("/")
    return finished(request, as_json(document(API_ROUTES, here)))


def navigation() -> list[tuple[str, str, str]]:
    """What the head of every page links: its name in templates (`here`), URL and title."""
    return [
        ("search", "/search", gettext("Search")),
        ("coverage", "/coverage", gettext("Coverage")),
        ("bodies", "/bodies", gettext("Bodies")),
        ("indicators", "/indicators", gettext("Indicators")),
        ("compare", "/compare", gettext("Compare")),
        ("reports", "/reports", gettext("Reports")),
        ("changes", "/changes", gettext("Changes")),
        ("late", "/late", gettext("Late")),
        ("similar", "/similar", gettext("Similar")),
        ("runs", "/runs", gettext("Runs")),
        ("api", "/api", gettext("API")),
    ]


def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("archive.web"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        finalize=_upright,
    )
    environment.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined] # of the extension
    environment.globals |= {
        "label": words.label,
        "navigation": navigation,
        "spoken": i18n.spoken,
    }
    environment.filters.update(
        cell=cell,
        instant=words.instant,
        day=words.day,
        named=words.named,
        noted=i18n.gettext,
        number=words.number,
        place=words.place,
        share=words.share,
        finding=finding_words,
        placed=placed,
        told=told,
        word=_word,
        concept=words.concept,
        query=words.query,
        printable=printable,
        whole_words=whole_words,
        exact=exact,
        url=partial(quote, safe="/?=&"),
    )
    return environment


def _upright(value: object) -> object:
    """What stands in a page, without marks that turn the order of what is read (UAX 9): as in the
    terminal and in feeds there is a blank in their place.
    """
    if not isinstance(value, str) or value.isascii() or not _TURNS.search(value):
        return value
    return type(value)(_TURNS.sub(" ", value))


@pass_context
def _word(_context: Context, value: object, subject: str) -> str:
    """What stands under a context is spelled anew for each page: a constant would keep the language
    in which its template was first read.
    """
    return words.word(value, subject)


def _style(_request: Request) -> Response:
    sheet = files("archive.web").joinpath("static/style.css").read_bytes()
    return Response(sheet, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


def _icon(_request: Request) -> Response:
    picture = files("archive.web").joinpath("static/icon.svg").read_bytes()
    return Response(picture, media_type="image/svg+xml", headers={"Cache-Control": "max-age=3600"})


def _error_handler(
    templates: Environment, *, public: bool
) -> Callable[[Request, Exception], Response]:
    def on_error(request: Request, problem: Exception) -> Response:
        status, message = _status_and_message(problem, public=public)
        if status == 404 and isinstance(problem, HTTPException):
            near = did_you_mean(request.url.path[:100], _PATHS)
            message = f"there is nothing at this URL{near}"
        headers = {"Retry-After": str(RETRY_AFTER_S)} if status in (429, 503) else {}
        if request.url.path.startswith("/api/"):
            return as_json({"error": message}, status, headers)
        with i18n.speaking(request):
            page = templates.get_template("error.html").render(
                status=status, reason=_reason(status), message=message
            )
            headers["Content-Language"] = i18n.spoken().tag
            return HTMLResponse(page, status, headers)

    return on_error


def _reason(status: int) -> str:
    reasons = {
        400: gettext("This cannot be asked"),
        404: gettext("Nothing here"),
        429: gettext("Not now"),
        451: gettext("Withdrawn from public view"),
        503: gettext("Not now"),
    }
    return reasons.get(status) or gettext("Something went wrong")


def _status_and_message(problem: Exception, *, public: bool) -> tuple[int, str]:
    if isinstance(problem, HTTPException):
        return problem.status_code, problem.detail
    if isinstance(problem, UsageError):
        return 404 if isinstance(problem, NotFoundError) else 400, on_pages(str(problem))
    if isinstance(problem, WithdrawnError):
        return 451, str(problem)
    if isinstance(problem, GongkaiError):
        # Words on a ledger or a file name places of this machine.
        told = not public or isinstance(problem, TooSlowError)
        return 503, str(problem) if told else "the archive cannot be read now"
    return 500, "something went wrong inside; the log of this server says what"
