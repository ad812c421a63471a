"""The parameters of a search, and what they mean together."""

from dataclasses import dataclass
from urllib.parse import urlencode

from archive.search.query import Filters
from archive.web.request_parameters import DIVISION, PORTAL, YEAR, Asked, Day, Number, Parameter
from archive.work.query.places import divisions_within

PAGE_SIZE = 20
MAX_PAGES = 50

# Longer queries get an answer that says so.
_QUERY = Parameter(
    name="q",
    meaning="words of two characters and up, each wanted exactly; quotes make a phrase. Width, case"
    " and white space do not matter; digits of two numbers are never joined",
    example="复议",
    max_length=4_000,
)
SEARCH = (
    _QUERY,
    PORTAL,
    Parameter(name="agency", meaning="a part of the agency's name", example="供销社"),
    DIVISION,
    YEAR,
    Day(name="from", meaning="published on or after", example="2016-09"),
    Day(name="to", meaning="published on or before", example="2016-09-30", last=True),
)
PAGE = Number(name="page", meaning="which page of hits", least=1, most=MAX_PAGES, default=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A search: the query and the division as typed, filters, and which page of hits (from 1)."""

    query: str
    filters: Filters
    page: int
    division: str | None = None

    @property
    def offset(self) -> int:
        """How many hits stand before this page."""
        return (self.page - 1) * PAGE_SIZE

    def link(self, page: int) -> str:
        """The URL of another page of the same search."""
        f = self.filters
        parameters = {"q": self.query, "portal": f.portal, "agency": f.agency, "year": f.year,
                 "division": self.division, "from": f.from_on, "to": f.to_on,
                 "page": page}  # fmt: skip
        return "/search?" + urlencode({name: v for name, v in parameters.items() if v is not None})


def filters_of(asked: Asked) -> Filters:
    """The filters among the parameters of SEARCH. UsageError: no such place."""
    division = asked.text("division")
    return Filters(
        divisions=divisions_within(division) if division else None,
        portal=asked.text("portal"),
        agency=asked.text("agency"),
        year=asked.number("year"),
        from_on=asked.day("from"),
        to_on=asked.day("to"),
    )


def search_of(asked: Asked) -> Search:
    """The search of a page's parameters: those of SEARCH, and PAGE."""
    return Search(
        query=asked.text("q") or "",
        filters=filters_of(asked),
        page=asked.number("page") or 1,
        division=asked.text("division"),
    )
