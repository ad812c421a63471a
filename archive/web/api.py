"""The JSON API: the same answers as the pages, in the names of --json and of the exports."""

from archive.store.query.questions import ReportRow, RunRow
from archive.web.queries import REPORTS_A_PAGE, RUNS_A_PAGE, Counting, Queries
from archive.web.request_parameters import (
    LIMIT,
    OFFSET,
    PORTAL,
    URL,
    YEAR,
    Asked,
    Flag,
    Number,
    cursor_of,
)
from archive.web.routes import NEXT, Answered, ApiRoute, Member
from archive.web.search_form import SEARCH, search_of
from archive.work.corrections.fitting import CorrectedPage
from archive.work.query.hits import counts_json, hit_json
from archive.work.query.json import comparison_json, page_json
from archive.work.query.show import events

MORE = Member("more", "boolean", "whether there are further rows")
_HITS_OFFSET = Number(
    name="offset", meaning="how many hits are left out in front", most=1_000, default=0
)
_HIT_COLUMNS = (
    "url portal kind title agency report_year published_on version superseded captured_at snippets"
).split()
_COUNT = Flag(name="count", meaning="tell how many hits there are, by year, place, portal, kind")
# Of more candidates than that, candidates are counted: `exact` is false then; of still more the
# newest: `more` is true then.
_COUNTING = Counting(prove=300, at_most=5_000)
VERSION = Number(name="version", meaning="a version's number; the latest", least=1)
OLD = Number(name="old", meaning="the earlier version; the last but one", least=1)
NEW = Number(name="new", meaning="the later version; the latest", least=1)


def search(queries: Queries, asked: Asked) -> Answered:
    """Pages that have the words."""
    wanted = search_of(asked)
    limit, offset = asked.number("limit") or 20, asked.number("offset") or 0
    count = _COUNTING if asked.flag("count") else None
    answer, counts = queries.search(wanted, limit=limit, offset=offset, count=count)
    return {
        "query": wanted.query,
        "count": counts and counts_json(counts),
        "more": answer.more,
        "next": answer.next and cursor_of(answer.next),
        "approximate": answer.approximate,
        "hits": [hit_json(hit) for hit in answer.hits],
    }


def page(queries: Queries, asked: Asked) -> Answered:
    """One version of a page."""
    view = queries.page(asked.need("url"), asked.number("version"))
    return {**page_json(view), "corrections": _corrections(queries.corrected(view))}


def _corrections(corrected: CorrectedPage | None) -> list[dict[str, object]] | None:
    """What people corrected on a version; `figure` is the place of the number, from 0."""
    if corrected is None:
        return None
    return [
        {
            "id": each.id, "figure": place, "indicator": each.indicator,
            "applicant": each.applicant, "printed": each.printed, "value": each.value,
            "corrected_by": each.by, "reason": each.reason, "corrected_at": each.at,
        }
        for each, place in corrected.here
    ]  # fmt: skip


def history(queries: Queries, asked: Asked) -> Answered:
    """What happened to a page."""
    story = queries.history(asked.need("url"))
    captures = [
        {
            "captured_at": each.captured_at,
            "status": each.status,
            "media_type": each.media_type,
            "record_type": each.record_type,
            "outcome": each.outcome,
            "warc_file": each.spot.file,
            "warc_offset": each.spot.offset,
            "replay": queries.snapshot(each.url, each.captured_at),
        }
        for each in story.captures
    ]
    return {"url": story.page.key, "events": events(story), "captures": captures}


def diff(queries: Queries, asked: Asked) -> Answered:
    """What changed between two versions of a page."""
    old, new = asked.number("old"), asked.number("new")
    return comparison_json(queries.compare(asked.need("url"), old, new))


def reports(queries: Queries, asked: Asked) -> Answered:
    """Reports by portal and year."""
    offset = asked.number("offset") or 0
    rows = queries.reports(asked.text("portal"), asked.number("year"), offset)
    return {"more": len(rows) > REPORTS_A_PAGE, "reports": rows[:REPORTS_A_PAGE]}


def runs(queries: Queries, asked: Asked) -> Answered:
    """Runs with counts and verdicts."""
    rows = queries.runs(asked.number("offset") or 0)
    return {"more": len(rows) > RUNS_A_PAGE, "runs": rows[:RUNS_A_PAGE]}


def status(queries: Queries, _asked: Asked) -> bytes:
    """How the archive stands."""
    return queries.encoded_status()


ROUTES = (
    ApiRoute(
        path="/api/search",
        answer=search,
        summary="Pages that have each word of a query exactly, newest version first",
        description="Looks into titles and texts of the latest versions; lists are left out.",
        parameters=(*SEARCH, LIMIT, _HITS_OFFSET, _COUNT),
        gives=(
            Member("query", "string", "the query as typed"),
            Member("hits", "array", "pages, with stretches of their texts around the words"),
            MORE,
            NEXT,
            Member(
                "count",
                "object",
                "with count=true: total, by years, places, portals and kinds; exact: whether every "
                f"hit was proved; more: whether only the newest {_COUNTING.at_most:,} are counted",
                optional=True,
            ),
            Member(
                "approximate",
                "boolean",
                "whether some hits may be missing: too many pages nearly match; a filter helps",
            ),
        ),
        csv="hits",
        columns=_HIT_COLUMNS,
        example="/api/search?q=复议",
        slow=True,
    ),
    ApiRoute(
        path="/api/page",
        answer=page,
        summary="One page: a version's text, header fields, figures and findings",
        description="Fields have what was printed and where it stood.",
        parameters=(URL, VERSION),
        gives=(
            Member("url", "string", "the page's URL"),
            Member("version", "integer", "the version's number"),
            Member("captured_at", "string", "when it was captured"),
            Member("content_hash", "string", "what the version's content hashes to"),
            Member("text", "string", "one paragraph or table row a line"),
            Member("fields", "object", "header fields: value, printed, origin"),
            Member("figures", "array", "figures in the columns of the exported table"),
            Member("findings", "array", "doubts about it"),
            Member(
                "corrections",
                "array",
                "what people say that numbers should be, each with the place of its figure (from 0)"
                " and its name; figures stay as they were read. null: their file cannot be read",
                optional=True,
            ),
        ),
        csv="figures",
        columns=(
            "form indicator label applicant value unit printed state place origin confirmation"
            " confidence box_page box_x box_y box_width box_height"
        ).split(),
    ),
    ApiRoute(
        path="/api/history",
        answer=history,
        summary="A page's versions, outcomes and changed header fields, and its captures",
        description="Captures have their place in the WARC files.",
        parameters=(URL,),
        gives=(
            Member("url", "string", "the page's URL"),
            Member("events", "array", "versions, outcomes and changed fields, in order of time"),
            Member("captures", "array", "captures, each with WARC file and offset"),
        ),
    ),
    ApiRoute(
        path="/api/diff",
        answer=diff,
        summary="What changed in a page between two versions: lines, figures as numbers, fields",
        parameters=(URL, OLD, NEW),
        gives=(
            Member("url", "string", "the page's URL"),
            Member("old", "object", "the earlier version: version, captured_at"),
            Member("new", "object", "the later version: version, captured_at"),
            Member("lines", "array", "changed lines"),
            Member("figures", "array", "changed figures, each with its difference"),
            Member("fields", "array", "changed header fields"),
        ),
        slow=True,
    ),
    ApiRoute(
        path="/api/reports",
        answer=reports,
        summary=f"Reports by portal and year, {REPORTS_A_PAGE} at a time",
        parameters=(PORTAL, YEAR, OFFSET),
        gives=(MORE, Member("reports", "array", "latest versions of reports")),
        csv="reports",
        columns=tuple(ReportRow.__dataclass_fields__),
        example="/api/reports",
    ),
    ApiRoute(
        path="/api/runs",
        answer=runs,
        summary=f"Runs with counts and verdicts, newest first, {RUNS_A_PAGE} at a time",
        parameters=(OFFSET,),
        gives=(MORE, Member("runs", "array", "runs")),
        csv="runs",
        columns=tuple(RunRow.__dataclass_fields__),
        example="/api/runs",
        first=True,
    ),
    ApiRoute(
        path="/api/status",
        answer=status,
        summary="Latest runs, what is left on the frontier, portals gone silent, next visits, all"
        " portals",
        gives=(
            Member("runs", "array", "latest runs"),
            Member("frontier", "object", "what waits, by state"),
            Member("silent", "array", "portals that gave no content in their latest runs"),
            Member("next_visits", "array", "portals by their next visit"),
            Member("portals", "array", "all portals"),
        ),
        example="/api/status",
    ),
)
