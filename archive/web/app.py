"""The application: which address gives which answer, and how errors look."""

from collections.abc import Callable
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from archive.model.errors import GongkaiError, UsageError
from archive.store import Store
from archive.web import words
from archive.web.api import Api
from archive.web.desk import Desk
from archive.web.guards import Guard
from archive.web.pages import Pages


def make_app(
    store: Store, *, replay: str | None = None, crawling: Callable[[], bool] = lambda: True
) -> Guard:
    """The web application over an open ledger. replay: where snapshots are shown; None: nowhere.
    crawling: whether a crawl may be at work now.
    """
    desk = Desk(store=store, replay=replay, crawling=crawling)
    templates = _templates()
    pages, api = Pages(desk, templates), Api(desk)
    routes = [
        Route("/", pages.home),
        Route("/search", pages.search),
        Route("/page", pages.page),
        Route("/diff", pages.diff),
        Route("/reports", pages.reports),
        Route("/runs", pages.runs),
        Route("/api", pages.api),
        Route("/api/search", api.search),
        Route("/api/page", api.page),
        Route("/api/history", api.history),
        Route("/api/diff", api.diff),
        Route("/api/reports", api.reports),
        Route("/api/runs", api.runs),
        Route("/api/status", api.status),
        Route("/static/style.css", _style),
    ]
    told = _teller(templates)
    handlers = {GongkaiError: told, HTTPException: told, Exception: told}
    # Around everything: a middleware of Starlette's would miss the answers to internal errors.
    return Guard(Starlette(routes=routes, exception_handlers=handlers))


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
        instant=words.instant, day=words.day, number=words.number, query=words.query
    )
    return environment


def _style(_request: Request) -> Response:
    sheet = files("archive.web").joinpath("static/style.css").read_bytes()
    return Response(sheet, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


def _teller(templates: Environment) -> Callable[[Request, Exception], Response]:
    def told(request: Request, problem: Exception) -> Response:
        status, message = _said(problem)
        if request.url.path.startswith("/api/"):
            return JSONResponse({"error": message}, status)
        page = templates.get_template("error.html").render(status=status, message=message)
        return HTMLResponse(page, status)

    return told


def _said(problem: Exception) -> tuple[int, str]:
    if isinstance(problem, HTTPException):
        return problem.status_code, problem.detail
    if isinstance(problem, UsageError):
        return 404 if str(problem).startswith("no page") else 400, str(problem)
    if isinstance(problem, GongkaiError):
        return 503, str(problem)
    return 500, "something went wrong inside; the terminal that runs `gongkai serve` says what"
