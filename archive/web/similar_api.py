"""What the API answers about reports that say the same: pairs, and what two have in common."""

from dataclasses import asdict, replace

from archive.web.changes_api import BODY
from archive.web.queries import Queries
from archive.web.request_parameters import LIMIT, URL, YEAR, Asked, Choice, Number, cursor_of
from archive.web.routes import NEXT, Answered, ApiRoute, Member, after
from archive.work.query.similarity import (
    ACROSS,
    COLUMNS,
    WITHIN,
    PairsFound,
    WantedPairs,
    pair_json,
)

PAIRS = (
    Number(name="min", meaning="the least similarity in per cent", least=80, most=100, default=90),
    replace(URL, needed=False, meaning="only pairs of this report"),
    BODY,
    replace(YEAR, meaning="the year that the later report covers"),
    Choice(name="scope", meaning="within one body or across bodies", choices=(WITHIN, ACROSS)),
)
AFTER = after(int, int, int)
OTHER = replace(URL, name="other", meaning="the page that it is compared with")


def wanted_of(asked: Asked) -> WantedPairs:
    """The pairs that the parameters of PAIRS mean."""
    return WantedPairs(
        least=(asked.number("min") or 90) / 100,
        url=asked.text("url"),
        body=asked.text("body"),
        year=asked.number("year"),
        scope=asked.text("scope"),
    )


def pairs_page(queries: Queries, asked: Asked, limit: int) -> tuple[PairsFound, str | None]:
    """The pairs that a request asks for, behind its cursor; and the next cursor."""
    cursor = asked.cursor()
    after_pair = None
    if cursor is not None:
        share, later, earlier = (int(each or 0) for each in cursor)
        after_pair = (share / 1000, later, earlier)
    found = queries.similar(wanted_of(asked), limit=limit, after=after_pair)
    if not found.more:
        return found, None
    last = found.pairs[-1]
    return found, cursor_of((round(last.similarity * 1000), last.version_id, last.other_id))


def similar(queries: Queries, asked: Asked) -> Answered:
    """Reports that say the same."""
    found, following = pairs_page(queries, asked, asked.number("limit") or 20)
    rows = [pair_json(each) for each in found.pairs]
    return {"pairs": rows, "remark": found.remark, "next": following}


def passages(queries: Queries, asked: Asked) -> Answered:
    """What two pages have in common."""
    return asdict(queries.likeness(asked.need("url"), asked.need("other")))


ROUTES = (
    ApiRoute(
        path="/api/similar",
        answer=similar,
        summary="Pairs of reports that say the same, the most similar first",
        description="Digits are masked, tables and set phrases of the formats left out. The reports"
        " that speak for a body and year are compared.",
        parameters=(
            *PAIRS,
            LIMIT,
            AFTER,
        ),
        gives=(
            Member("pairs", "array", "pairs in the columns of the exported table"),
            Member("remark", "string", "why a report is compared with none", optional=True),
            NEXT,
        ),
        csv="pairs",
        columns=COLUMNS,
        example="/api/similar",
        slow=True,
    ),
    ApiRoute(
        path="/api/similar/passages",
        answer=passages,
        summary="How alike the latest versions of two pages are, and the passages that both have",
        description="Any two pages: their tables and the set phrases of the formats do not count.",
        parameters=(URL, OTHER),
        gives=(
            Member("url", "string", "the first page's URL"),
            Member("version", "integer", "its version"),
            Member("other_url", "string", "the other page's URL"),
            Member("other_version", "integer", "its version"),
            Member("similarity", "number", "0 to 1, as the pairs have it"),
            Member("own", "integer", "stretches of five characters that the first has of its own"),
            Member("other_own", "integer", "the same of the other"),
            Member("passages", "array", "of the first page, what the other has too"),
        ),
        slow=True,
    ),
)
