"""The application: which URL gives which answer, and how errors look."""

from collections.abc import Callable
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from archive.model.errors import GongkaiError, NotFoundError, UsageError, WithdrawnError
from archive.store import Store
from archive.terminal import printable
from archive.web import words
from archive.web.api import Api
from archive.web.guards import Guard
from archive.web.pages import Pages
from archive.web.queries import Queries
from archive.web.request_parameters import SEARCH, check_parameters


def make_app(
    store: Store, *, replay: str | None = None, crawling: Callable[[], bool] = lambda: True
) -> Guard:
    """The web application over an open ledger. replay: where snapshots are shown; None: nowhere.
    crawling: whether a crawl may be at work now.
    """
    queries = Queries(store=store, replay=replay, crawling=crawling)
    templates = _templates()
    pages, api = Pages(queries, templates), Api(queries)
    routes = [
        _route("/", pages.home),
        _route("/search", pages.search, *SEARCH, "page"),
        _route("/page", pages.page, "url", "version"),
        _route("/diff", pages.diff, "url", "old", "new"),
        _route("/reports", pages.reports, "portal", "year", "offset"),
        _route("/runs", pages.runs, "offset"),
        _route("/api", pages.api),
        _route("/api/search", api.search, *SEARCH, "limit", "offset"),
        _route("/api/page", api.page, "url", "version"),
        _route("/api/history", api.history, "url"),
        _route("/api/diff", api.diff, "url", "old", "new"),
        _route("/api/reports", api.reports, "portal", "year", "offset"),
        _route("/api/runs", api.runs, "offset"),
        _route("/api/status", api.status),
        Route("/static/style.css", _style),
    ]
    on_error = _error_handler(templates)
    handlers = {GongkaiError: on_error, HTTPException: on_error, Exception: on_error}
    # Around everything: a middleware of Starlette's would miss the answers to internal errors.
    return Guard(Starlette(routes=routes, exception_handlers=handlers))


def _route(path: str, answer: Callable[[Request], Response], *parameters: str) -> Route:
    """A URL with all the parameters that it knows: a misspelt one is an error, since its
    answer would be that to another question.
    """

    def answered(request: Request) -> Response:
        check_parameters(request, parameters)
        return answer(request)

    return Route(path, answered)


def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("archive.web"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["label"] = words.label
    environment.filters.update(
        instant=words.instant,
        day=words.day,
        number=words.number,
        query=words.query,
        printable=printable,
    )
    return environment


def _style(_request: Request) -> Response:
    sheet = files("archive.web").joinpath("static/style.css").read_bytes()
    return Response(sheet, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


def _error_handler(templates: Environment) -> Callable[[Request, Exception], Response]:
    def on_error(request: Request, problem: Exception) -> Response:
        status, message = _status_and_message(problem)
        if request.url.path.startswith("/api/"):
            return JSONResponse({"error": message}, status)
        page = templates.get_template("error.html").render(status=status, message=message)
        return HTMLResponse(page, status)

    return on_error


def _status_and_message(problem: Exception) -> tuple[int, str]:
    if isinstance(problem, HTTPException):
        return problem.status_code, problem.detail
    if isinstance(problem, UsageError):
        return 404 if isinstance(problem, NotFoundError) else 400, str(problem)
    if isinstance(problem, WithdrawnError):
        return 451, str(problem)
    if isinstance(problem, GongkaiError):
        return 503, str(problem)
    return 500, "something went wrong inside; the terminal that runs `gongkai serve` says what"
