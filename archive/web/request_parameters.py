"""What a request asks for, within bounds. A parameter that cannot be used is a UsageError."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from starlette.requests import Request

from archive.model.errors import UsageError, did_you_mean
from archive.search.query import Filters
from archive.work.query.date_bounds import first_day, last_day
from archive.work.query.places import divisions_within

PAGE_SIZE = 20
MAX_PAGES = 50
MAX_API_LIMIT = 200
SEARCH = ("q", "portal", "agency", "division", "year", "from", "to")


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


def search_of(request: Request) -> Search:
    """The search of a request's parameters: those of SEARCH, and page."""
    division = text(request, "division")
    filters = Filters(
        divisions=divisions_within(division) if division else None,
        portal=text(request, "portal"),
        agency=text(request, "agency"),
        year=number(request, "year", least=1900, most=2200),
        from_on=bound(request, "from", first_day),
        to_on=bound(request, "to", last_day),
    )
    page = number(request, "page", least=1, most=MAX_PAGES) or 1
    query = text(request, "q") or ""
    return Search(query=query, filters=filters, page=page, division=division)


def check_parameters(request: Request, known: Sequence[str]) -> None:
    """UsageError for a parameter that the URL does not know, and for a value with a NUL, which
    no database takes.
    """
    for name, value in request.query_params.multi_items():
        if name not in known:
            taken = f"it takes {', '.join(known)}" if known else "it takes none"
            near = did_you_mean(name, known) or f"; {taken}"
            raise UsageError(f"there is no parameter {name[:40]!r} here{near}")
        if "\0" in value:
            raise UsageError(f"{name}: the value has a NUL character")


def text(request: Request, name: str) -> str | None:
    """A parameter without surrounding white space; None when it is empty or not given."""
    return (request.query_params.get(name) or "").strip() or None


def url(request: Request) -> str:
    """The parameter `url`; UsageError when it misses."""
    given = text(request, "url")
    if given is None:
        raise UsageError("the parameter url is missing")
    return given


def number(request: Request, name: str, *, least: int, most: int) -> int | None:
    """A whole number within bounds; None when it is not given."""
    given = text(request, name)
    if given is None:
        return None
    if not given.isdecimal() or len(given) > 9 or not least <= int(given) <= most:
        raise UsageError(f"{name} must be a whole number of {least} to {most}")
    return int(given)


def bound(request: Request, name: str, day: Callable[[str], date]) -> date | None:
    """The day that a parameter such as 2016, 2016-09 or 2016-09-30 bounds; None: not given."""
    given = text(request, name)
    if given is None:
        return None
    try:
        return day(given)
    except ValueError:
        raise UsageError(f"{name}: {given!r} is not a date such as 2016-09-30") from None
