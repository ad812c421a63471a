"""What the API answers about bodies: which reports there are, which came late, who reports."""

from dataclasses import asdict, dataclass

from archive.model.coverage import FIRST_YEAR, State
from archive.model.instants import exact
from archive.store.query.covered import CoveredRow
from archive.web.queries import Queries
from archive.web.request_parameters import (
    DIVISION,
    LIMIT,
    PORTAL,
    YEAR,
    Asked,
    Choice,
    Number,
    Parameter,
    cursor_of,
)
from archive.web.routes import NEXT, Answered, ApiRoute, Member, after
from archive.work import clock
from archive.work.query.bodies import (
    PlaceCount,
    body_facts,
    coverage_below,
    coverage_by_province,
    find_bodies,
)
from archive.work.query.coverage import (
    By,
    CoverageFilter,
    Lateness,
    check_covered_portal,
    coverage_page,
    covered_json,
    late_reports,
    lateness,
    newest_late_reports,
    undated_reports,
)
from archive.work.query.places import divisions_within

_ID = Number(name="id", meaning="the number of a public body", least=1, most=2_000_000_000,
             needed=True, example="1")  # fmt: skip
_BODY = Number(name="body", meaning="the number of a public body", least=1, most=2_000_000_000)
_PART = Parameter(name="q", meaning="a part of a body's name", max_length=100, needed=True,
                  example="财政局")  # fmt: skip
_STATE = Choice(name="state", meaning="only reports that stand so",
                choices=[state.value for state in State])  # fmt: skip
LEAST = Number(name="min_days", meaning="so many days late or more", least=1, most=100_000,
                default=1)  # fmt: skip
BY = Choice(name="by", meaning="counts in place of reports: by body, province or year",
             choices=[by.value for by in By])  # fmt: skip
_BELOW = Parameter(name="below", meaning="a place, by code: those just below it are counted;"
                   " without it the provinces", max_length=6, example="320000")  # fmt: skip
_COLUMNS = tuple(CoveredRow.__dataclass_fields__)
_LATENESS = "body_id body division place year late in_time undated most_days mean_days".split()
_ROWS = Member("rows", "array", "reports in the columns of the exported table `coverage`")
_BODY_COLUMNS = "body_id name division place province level kind reports".split()


def filters_of(asked: Asked, state: State | None = None) -> CoverageFilter:
    """The filters among the parameters of a request. UsageError: no such place."""
    year, place = asked.number("year"), asked.text("division")
    return CoverageFilter(
        portal=asked.text("portal") if "portal" in asked.declared else None,
        divisions=divisions_within(place) if place else None,
        body_id=asked.number("body") if "body" in asked.declared else None,
        first_year=year or FIRST_YEAR,
        last_year=year,
        state=state,
    )


def coverage(queries: Queries, asked: Asked) -> Answered:
    """Which reports there are."""
    state, cursor = asked.text("state"), asked.cursor()
    limit = asked.number("limit") or 20
    if portal := asked.text("portal"):
        check_covered_portal(queries.store, portal)
    rows = coverage_page(
        queries.store,
        filters_of(asked, State(state) if state else None),
        now=clock.now(),
        after=(int(cursor[0] or 0), int(cursor[1] or 0)) if cursor else None,
        limit=limit + 1,
    )
    key = (rows[limit - 1].body_id, rows[limit - 1].year) if len(rows) > limit else None
    return {"rows": list(map(covered_json, rows[:limit])), "next": key and cursor_of(key)}


def counts(queries: Queries, asked: Asked) -> Answered:
    """How many bodies of each place stand how, by year."""
    below, now = asked.text("below"), clock.now()
    year = asked.number("year")
    rows = (
        coverage_below(queries.store, below, now=now)
        if below
        else coverage_by_province(queries.store, now=now)
    )
    return {"rows": [row for row in rows if year in (None, row.year)]}


def late(queries: Queries, asked: Asked) -> Answered:
    """Who published late, and how many reports did."""
    limit = asked.number("limit") or 20
    rows, following = late_page(queries, asked, limit)
    told = asdict(late_totals(queries, asked))
    return {"rows": list(map(covered_json, rows)), **told, "next": following}


def late_page(queries: Queries, asked: Asked, limit: int) -> tuple[list[CoveredRow], str | None]:
    """Late reports, the worst first, behind the cursor of a request; and the next cursor."""
    cursor = asked.cursor()
    rows = late_reports(
        queries.store,
        filters_of(asked),
        now=clock.now(),
        least=asked.number("min_days") or 1,
        after=(int(cursor[0] or 0), int(cursor[1] or 0), int(cursor[2] or 0)) if cursor else None,
        limit=limit + 1,
    )
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], cursor_of((last.days_late, last.body_id, last.year))


def newest_late(queries: Queries, asked: Asked, limit: int) -> list[CoveredRow]:
    """The late reports that a request asks for, those captured last first."""
    least, now = asked.number("min_days") or 1, clock.now()
    return newest_late_reports(queries.store, filters_of(asked), now=now, least=least, limit=limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class LateTotals:
    """How many reports came late, came in time, and print no day."""

    late: int
    in_time: int
    undated: int


def late_totals(queries: Queries, asked: Asked) -> LateTotals:
    """What became of all reports that a request asks for, as remembered."""
    years = punctual(queries, asked, By.YEAR)
    return LateTotals(
        late=sum(each.late for each in years),
        in_time=sum(each.in_time for each in years),
        undated=sum(each.undated for each in years),
    )


def late_counts(queries: Queries, asked: Asked) -> Answered:
    """How punctual bodies, provinces or years were."""
    by = By(asked.text("by") or By.BODY)
    return {"rows": punctual(queries, asked, by)[: asked.number("limit")]}


def punctual(queries: Queries, asked: Asked, by: By) -> list[Lateness]:
    """How punctual each of them was, of the reports that a request asks for, as remembered."""
    filters, least = filters_of(asked), asked.number("min_days") or 1
    return queries.remembered(
        ("punctual", filters, by, least),
        lambda _: lateness(queries.store, filters, by, now=clock.now(), least=least),
    )


def undated(queries: Queries, asked: Asked) -> Answered:
    """Reports that print no day."""
    rows, following = undated_page(queries, asked, asked.number("limit") or 20)
    return {"rows": list(map(covered_json, rows)), "next": following}


def undated_page(queries: Queries, asked: Asked, limit: int) -> tuple[list[CoveredRow], str | None]:
    """Reports without a day, behind the cursor of a request; and the next cursor."""
    cursor = asked.cursor()
    rows = undated_reports(
        queries.store,
        filters_of(asked),
        now=clock.now(),
        after=(int(cursor[0] or 0), int(cursor[1] or 0)) if cursor else None,
        limit=limit + 1,
    )
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], cursor_of((rows[limit - 1].body_id, rows[limit - 1].year))


def bodies(queries: Queries, asked: Asked) -> Answered:
    """Bodies by part of their name."""
    return asdict(find_bodies(queries.store, asked.need("q"), limit=asked.number("limit") or 20))


def body(queries: Queries, asked: Asked) -> Answered:
    """One body."""
    facts = body_facts(queries.store, asked.number("id") or 0, now=clock.now())
    reports = [{**asdict(each), "captured_at": exact(each.captured_at)} for each in facts.reports]
    years = [covered_json(each) for each in facts.years]
    return {**asdict(facts), "years": years, "reports": reports}


_PAGED = (DIVISION, YEAR, LIMIT)

ROUTES = (
    ApiRoute(
        path="/api/coverage",
        answer=coverage,
        summary="Which reports there are and which are missing, body by body and year by year",
        description="Each with the day on which it was due, and the reason why it is not there.",
        parameters=(DIVISION, PORTAL, _BODY, YEAR, _STATE, LIMIT, after(int, int)),
        gives=(_ROWS, NEXT),
        csv="rows",
        columns=_COLUMNS,
        example="/api/coverage?state=missing",
        slow=True,
    ),
    ApiRoute(
        path="/api/coverage/counts",
        answer=counts,
        summary="How many bodies of each province, or of each place below one, stand how, by year",
        parameters=(_BELOW, YEAR),
        gives=(Member("rows", "array", "place, year and state with the number of bodies"),),
        csv="rows",
        columns=tuple(PlaceCount.__dataclass_fields__),
        example="/api/coverage/counts",
    ),
    ApiRoute(
        path="/api/late",
        answer=late,
        summary="Reports published after their deadline, the worst first",
        description="Of several copies the one published first counts.",
        parameters=(*_PAGED, LEAST, after(int, int, int)),
        gives=(
            _ROWS,
            Member("late", "integer", "how many reports are late"),
            Member("in_time", "integer", "how many are in time"),
            Member("undated", "integer", "how many print no day: neither in time nor late"),
            NEXT,
        ),
        csv="rows",
        columns=_COLUMNS,
        example="/api/late?min_days=30",
        slow=True,
    ),
    ApiRoute(
        path="/api/late/counts",
        answer=late_counts,
        summary="How many reports of each body, province or year came late, and by how many days",
        parameters=(BY, *_PAGED, LEAST),
        gives=(Member("rows", "array", "counts, those with the most late reports first"),),
        csv="rows",
        columns=_LATENESS,
        example="/api/late/counts?by=year",
        slow=True,
    ),
    ApiRoute(
        path="/api/late/undated",
        answer=undated,
        summary="Reports that print no day of publication: neither in time nor late",
        parameters=(*_PAGED, after(int, int)),
        gives=(_ROWS, NEXT),
        csv="rows",
        columns=_COLUMNS,
        example="/api/late/undated",
        slow=True,
    ),
    ApiRoute(
        path="/api/bodies",
        answer=bodies,
        summary="Public bodies by a part of their name; near ones where none has it",
        parameters=(_PART, LIMIT),
        gives=(
            Member("bodies", "array", "bodies with their numbers and places"),
            Member("are_near", "boolean", "none has that part, these are spelled nearly so"),
            Member("more", "boolean", "whether there are further ones"),
        ),
        csv="bodies",
        columns=_BODY_COLUMNS,
    ),
    ApiRoute(
        path="/api/body",
        answer=body,
        summary="One public body: its portals, what is known of each year, its reports",
        parameters=(_ID,),
        gives=(
            Member("body", "object", "number, name, place"),
            Member("portals", "array", "where it reports, or should"),
            Member("years", "array", "years in the columns of the exported table `coverage`"),
            Member("reports", "array", "its reports, the latest first"),
            Member("findings", "integer", "doubts about these reports"),
        ),
    ),
)
