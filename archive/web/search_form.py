"""The parameters of a search, and what they mean together."""

from dataclasses import dataclass
from urllib.parse import urlencode

from archive.model.errors import UsageError
from archive.search.query import SORTS, Filters, Place
from archive.web.request_parameters import (
    DIVISION,
    PORTAL,
    YEAR,
    Asked,
    Choice,
    Cursor,
    Day,
    Flag,
    Parameter,
    cursor_of,
)
from archive.work.query.places import divisions_within

PAGE_SIZE = 20

# Longer queries get an answer that says so.
_QUERY = Parameter(
    name="q",
    meaning="words of two characters and up, each wanted exactly; quotes make a phrase. Width, case"
    " and white space do not matter; digits of two numbers are never joined",
    example="复议",
    max_length=4_000,
)
KINDS = ("report", "article", "attachment", "other")
SEARCH = (
    _QUERY,
    PORTAL,
    Parameter(name="agency", meaning="a part of the agency's name", example="供销社"),
    DIVISION,
    YEAR,
    Choice(name="kind", meaning="what a page is", choices=KINDS),
    Day(name="from", meaning="published on or after", example="2016-09"),
    Day(name="to", meaning="published on or before", example="2016-09-30", last=True),
    Choice(
        name="sort",
        meaning="captured: newest in the archive first; published: newest date first; relevance: "
        "of the newest 500 that may have the words those first that have them in their title, then "
        "a hundred at a time those that have them most often",
        choices=SORTS,
        default=SORTS[0],
    ),
    Flag(name="history", meaning="superseded versions, too"),
    Cursor(name="after", meaning="`next` of the answer before", kinds=(str, int, int)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A search: the query and the division as typed, filters, order, and where its hits begin."""

    query: str
    filters: Filters
    division: str | None = None
    sort: str = SORTS[0]
    history: bool = False
    after: Place | None = None

    def link(self, **changed: object) -> str:
        """The URL of the same search with some parameters changed, from its first hit on."""
        f = self.filters
        parameters = {
            "q": self.query, "portal": f.portal, "agency": f.agency, "division": self.division,
            "year": f.year, "kind": f.kind, "from": f.from_on, "to": f.to_on,
            "sort": None if self.sort == SORTS[0] else self.sort,
            "history": "true" if self.history else None,
        } | changed  # fmt: skip
        return "/search?" + urlencode({name: v for name, v in parameters.items() if v is not None})

    @property
    def query_of_feed(self) -> str:
        """The parameters of the feed of the same search."""
        return self.link(sort=None).partition("?")[2]

    def further(self, place: Place) -> str:
        """The URL of the hits behind a place."""
        return self.link(after=cursor_of(place))


def search_of(asked: Asked) -> Search:
    """The search of the parameters of SEARCH, or of those of a feed, which has no `sort` and no
    `after`. UsageError: no such place.
    """
    division = asked.text("division")
    filters = Filters(
        divisions=divisions_within(division) if division else None,
        portal=asked.text("portal"),
        agency=asked.text("agency"),
        year=asked.number("year"),
        kind=asked.text("kind"),
        from_on=asked.day("from"),
        to_on=asked.day("to"),
    )
    return Search(
        query=asked.text("q") or "",
        filters=filters,
        division=division,
        sort=(asked.text("sort") if "sort" in asked.declared else None) or SORTS[0],
        history=asked.flag("history"),
        after=_place(asked) if "after" in asked.declared else None,
    )


def _place(asked: Asked) -> Place | None:
    key = asked.cursor()
    if key is None:
        return None
    date, newest, version_id = key
    if not (isinstance(date, str) and isinstance(newest, int) and isinstance(version_id, int)):
        raise UsageError("after is not a `next` of an earlier answer to this question")
    return date, newest, version_id
