"""The pages for people. Archived text reaches them only as text, escaped by the templates."""

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from archive.model.errors import UsageError
from archive.search.query import Answer
from archive.web.layout import blocks
from archive.web.queries import PORTALS_A_PAGE, REPORTS_A_PAGE, RUNS_A_PAGE, Queries
from archive.web.request_parameters import (
    MAX_PAGES,
    PAGE_SIZE,
    number,
    search_of,
    text,
    url,
)
from archive.work.query.compare import near_changes

_MAX_DIFF_LINES = 2_000
_RECENT_RUNS = 5


class Pages:
    """One method a URL."""

    def __init__(self, queries: Queries, templates: Environment) -> None:
        self._queries = queries
        self._templates = templates

    def home(self, _request: Request) -> Response:
        """The search box, and how the archive stands."""
        return self._render("home.html", status=self._queries.status(), recent_runs=_RECENT_RUNS)

    def search(self, request: Request) -> Response:
        """Hits with what the query found marked."""
        search, problem, answer = None, None, Answer(hits=())
        try:
            search = search_of(request)
            if search.query:
                answer = self._queries.search(
                    search.query, search.filters, limit=PAGE_SIZE, offset=search.offset
                )
        except UsageError as error:
            problem = str(error)
        page = self._render(
            "search.html",
            search=search,
            answer=answer,
            problem=problem,
            typed=request.query_params,
            last_page=MAX_PAGES,
        )
        page.status_code = 400 if problem else 200
        return page

    def page(self, request: Request) -> Response:
        """One version of a page: fields, text with its tables, findings, versions, captures."""
        version = number(request, "version", least=1, most=1_000_000)
        view = self._queries.page(url(request), version)
        story = self._queries.history(view.page.key)
        return self._render(
            "page.html",
            view=view,
            story=story,
            blocks=blocks(view.version.text, view.parts.tables),
            snapshot=self._queries.snapshot,
        )

    def diff(self, request: Request) -> Response:
        """Two versions side by side."""
        old, new = (number(request, name, least=1, most=1_000_000) for name in ("old", "new"))
        compared = self._queries.compare(url(request), old, new)
        lines = near_changes(compared.lines, around=2)
        return self._render(
            "diff.html",
            compared=compared,
            lines=lines[:_MAX_DIFF_LINES],
            cut=max(0, len(lines) - _MAX_DIFF_LINES),
        )

    def reports(self, request: Request) -> Response:
        """Portals against years; with a portal or a year the reports themselves."""
        portal, year = text(request, "portal"), number(request, "year", least=1900, most=2200)
        offset = number(request, "offset", least=0, most=1_000_000) or 0
        if portal is None and year is None:
            return self._report_counts(offset)
        rows = self._queries.reports(portal, year, offset)
        return self._render(
            "reports.html",
            portal=portal,
            year=year,
            offset=offset,
            size=REPORTS_A_PAGE,
            reports=rows[:REPORTS_A_PAGE],
            more=len(rows) > REPORTS_A_PAGE,
        )

    def runs(self, request: Request) -> Response:
        """Runs and verdicts, newest first."""
        offset = number(request, "offset", least=0, most=1_000_000) or 0
        rows = self._queries.runs(offset)
        return self._render(
            "runs.html",
            runs=rows[:RUNS_A_PAGE],
            more=len(rows) > RUNS_A_PAGE,
            offset=offset,
            size=RUNS_A_PAGE,
        )

    def api(self, request: Request) -> Response:
        """What the JSON API answers."""
        return self._render("api.html", here_at=str(request.base_url).rstrip("/"))

    def _report_counts(self, offset: int) -> Response:
        report_counts = self._queries.report_counts()
        return self._render(
            "report_counts.html",
            report_counts=report_counts,
            portals=report_counts.portals[offset : offset + PORTALS_A_PAGE],
            more=len(report_counts.portals) > offset + PORTALS_A_PAGE,
            offset=offset,
            size=PORTALS_A_PAGE,
        )

    def _render(self, name: str, **found: object) -> HTMLResponse:
        return HTMLResponse(self._templates.get_template(name).render(**found))
