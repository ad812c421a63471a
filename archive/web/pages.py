"""The pages for people. Archived text reaches them only as text, escaped by the templates."""

from collections.abc import Sequence
from urllib.parse import urljoin

from starlette.responses import Response

from archive.codebook.indicators import concepts
from archive.model.errors import TooSlowError, UsageError
from archive.model.instants import exact
from archive.search.query import SORTS, Answer
from archive.web.api import NEW, OLD, VERSION
from archive.web.body_pages import DRAWN
from archive.web.coverage_page import at_a_glance
from archive.web.doubts import anchor, difference, doubts, place_of
from archive.web.layout import blocks
from archive.web.queries import PORTALS_A_PAGE, REPORTS_A_PAGE, RUNS_A_PAGE, Counting
from archive.web.request_parameters import OFFSET, PORTAL, URL, YEAR, Asked
from archive.web.routes import PageRoute, Site
from archive.web.search_form import PAGE_SIZE, SEARCH, search_of
from archive.web.seen import seen_report
from archive.work.corrections.corrections_file import Correction
from archive.work.corrections.fitting import CorrectedPage
from archive.work.query.changes import Wanted
from archive.work.query.citation import bibtex, chinese_citation, english_citation, host_named
from archive.work.query.compare import near_changes
from archive.work.query.hits import counts_json
from archive.work.query.show import PageView

_MAX_DIFF_LINES = 2_000
_MAX_PICTURES = 50
_LONGEST_EVIDENCE = 300
_RECENT_CHANGES = 8
_RECENT_RUNS = 3
_PATIENCE_S = 0.1
# Of so many candidates the hits are proved for the counts beside them; of more, candidates are
# counted; of still more, the newest.
_COUNTING = Counting(prove=100, at_most=1_000)


def home(site: Site, _asked: Asked) -> Response:
    """The search boxes, the newest changes, and what there is at a glance."""
    year, shown = at_a_glance(site.queries)
    return site.render(
        "home.html",
        totals=site.queries.totals(),
        year=year,
        map=shown,
        changes=site.queries.changes(Wanted(), limit=_RECENT_CHANGES).changes,
        concepts=[concepts()[key] for key in DRAWN],
        runs=site.queries.runs(0)[:_RECENT_RUNS],
    )


def search(site: Site, asked: Asked) -> Response:
    """Hits with what the query found marked."""
    found, problem, answer, counts = None, None, Answer(hits=()), None
    try:
        asked.check()
        found = search_of(asked)
        if found.query:
            answer, counts = site.queries.search(found, limit=PAGE_SIZE, count=_COUNTING)
    except UsageError as error:
        problem = str(error)
    return site.render(
        "search.html",
        status_code=400 if problem else 200,
        search=found,
        answer=answer,
        agencies=site.queries.agency_names(answer.hits),
        problem=problem,
        typed=asked.given,
        counts=counts and counts_json(counts),
        sorts=SORTS,
    )


def page(site: Site, asked: Asked) -> Response:
    """One version of a page: fields, text with its tables, findings, versions, captures."""
    view = site.queries.page(asked.need("url"), asked.number("version"))
    story = site.queries.history(view.page.key)
    cited = site.queries.cite(view.page.key, view.version.number)
    shown = site.queries.snapshot(cited.url, cited.captured_at)
    findings = view.parts.findings
    found = site.queries.seen(view)
    corrected = site.queries.corrected(view)
    seen = seen_report(found, view.parts.figures) if found else None
    return site.render(
        "page.html",
        view=view,
        story=story,
        cited=cited,
        host=host_named(cited.url),
        spelled={
            "中文": chinese_citation(cited, shown),
            "English": english_citation(cited, shown),
            "BibTeX": bibtex(cited, shown),
        },
        exact=exact,
        blocks=blocks(
            view.version.text,
            view.parts.tables,
            doubts(findings),
            view.parts.statements,
            seen.cells if seen else {},
        ),
        seen=seen,
        corrected=corrected,
        corrected_cells=_corrected_cells(view, corrected),
        differences=[difference(finding) for finding in findings],
        pictures=_pictures(site, view),
        place_of=place_of,
        anchor=anchor,
        snapshot=site.queries.snapshot,
    )


def _corrected_cells(
    view: PageView, corrected: CorrectedPage | None
) -> dict[str, Sequence[Correction]]:
    """Corrections by the cell of their number."""
    figures = view.parts.figures
    found = corrected.figures.items() if corrected else ()
    placed = [(anchor(place_of(figures[number].where)), each) for number, each in found]
    return {cell: each for cell, each in placed if cell}


def _pictures(site: Site, view: PageView) -> list[tuple[str, bool]]:
    """The pictures that stand for the text, where they do, each with whether it is captured."""
    found: list[str] = []
    for finding in view.parts.findings:
        if finding.rule == "image_only":
            printed = finding.evidence.split()
            # The last of a long evidence is cut.
            found += printed[:-1] if len(finding.evidence) >= _LONGEST_EVIDENCE else printed
    joined = [urljoin(view.page.url, each) for each in found[:_MAX_PICTURES]]
    urls = [each for each in joined if each.startswith(("http://", "https://"))]
    return [(each, site.queries.is_captured(each)) for each in urls]


def diff(site: Site, asked: Asked) -> Response:
    """Two versions side by side."""
    old, new = asked.number("old"), asked.number("new")
    compared = site.queries.compare(asked.need("url"), old, new)
    lines = near_changes(compared.lines, around=2)
    return site.render(
        "diff.html",
        compared=compared,
        lines=lines[:_MAX_DIFF_LINES],
        cut=max(0, len(lines) - _MAX_DIFF_LINES),
    )


def reports(site: Site, asked: Asked) -> Response:
    """Portals against years; with a portal or a year the reports themselves."""
    portal, year = asked.text("portal"), asked.number("year")
    offset = asked.number("offset") or 0
    if portal is None and year is None:
        return _report_counts(site, offset)
    rows = site.queries.reports(portal, year, offset)
    return site.render(
        "reports.html",
        portal=portal,
        year=year,
        offset=offset,
        size=REPORTS_A_PAGE,
        reports=rows[:REPORTS_A_PAGE],
        more=len(rows) > REPORTS_A_PAGE,
    )


def runs(site: Site, asked: Asked) -> Response:
    """Runs and verdicts, newest first."""
    offset = asked.number("offset") or 0
    rows = site.queries.runs(offset)
    try:
        silent = site.queries.status(_PATIENCE_S).silent if offset == 0 else ()
    except TooSlowError:  # it is being looked for; the runs are there
        silent = ()
    return site.render(
        "runs.html",
        silent=silent,
        runs=rows[:RUNS_A_PAGE],
        more=len(rows) > RUNS_A_PAGE,
        offset=offset,
        size=RUNS_A_PAGE,
    )


def api(site: Site, asked: Asked) -> Response:
    """What the JSON API answers."""
    return site.render("api.html", here_at=asked.base_url, routes=site.api_routes)


def _report_counts(site: Site, offset: int) -> Response:
    return site.render(
        "report_counts.html",
        report_counts=site.queries.report_counts(offset),
        offset=offset,
        size=PORTALS_A_PAGE,
    )


ROUTES = (
    PageRoute(path="/", answer=home, summary="The search box, and how the archive stands"),
    PageRoute(path="/search", answer=search, summary="Hits", parameters=SEARCH,
              tells_problems=True, slow=True),
    PageRoute(path="/page", answer=page, summary="A page", parameters=(URL, VERSION)),
    PageRoute(path="/diff", answer=diff, summary="Two versions side by side",
              parameters=(URL, OLD, NEW), slow=True),
    PageRoute(path="/reports", answer=reports, summary="Reports by portal and year",
              parameters=(PORTAL, YEAR, OFFSET)),
    PageRoute(path="/runs", answer=runs, summary="Runs and verdicts", parameters=(OFFSET,),
              first=True),
    PageRoute(path="/api", answer=api, summary="What the API answers"),
)  # fmt: skip
