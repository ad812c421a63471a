"""What a URL of the pages or the API is: path, parameters, what it answers, who answers.

A new URL is one row and one function:

    def late(queries: Queries, asked: Asked) -> Answered:
        rows, key = late_reports(queries.store, asked.number("year"), after=asked.cursor())
        return {"rows": rows, "next": key and cursor_of(key)}

    ROUTES = (
        ApiRoute(
            path="/api/late", answer=late, summary="Reports by the days they came too late",
            parameters=(YEAR, DIVISION, LIMIT, after(str, int)),
            gives=(Member("rows", "array", "reports, latest first"), NEXT),
            csv="rows", columns="body_id body report_year days_late".split(),
        ),
    )

Its module's ROUTES goes into API_ROUTES or PAGE_ROUTES of `archive.web.route_table`; nothing else
changes: the checks of parameters and their error texts, JSON and CSV, ETag, gzip, the OpenAPI
document and the page /api follow from the row. A page is the same with a PageRoute, whose function
takes the Site (queries and templates) and returns `site.render("late.html", …)`. A part of the
path in braces is a parameter with in_path=True: `/body/{id}`. Where an answer may take longer than
a tenth of a second on a large archive, `slow=True` puts it into the lane for slow answers; what
people watch a server by has `first=True`.
`rows` and every value in an answer may be records, dates, Decimals: `archive.terminal.plain` says
how they are spelled. `next` is None, or `cursor_of` the key of the last row shown.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from jinja2 import Environment
from starlette.responses import HTMLResponse, Response

from archive.web import i18n
from archive.web.queries import Queries
from archive.web.request_parameters import FORMAT, Asked, Choice, Cursor, Parameter

Answered: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """A member that the answer's JSON object always has. kind: its JSON type; None as well where
    `optional`.
    """

    name: str
    kind: str
    meaning: str
    optional: bool = False


NEXT = Member(
    "next", "string", "hand it back as `after` for further rows; null: no more", optional=True
)


def after(*kinds: type) -> Cursor:
    """The parameter `after` of a route whose rows have a key of these kinds."""
    return Cursor(name="after", meaning="`next` of the answer before", kinds=kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What pages and API share. summary: a line that says what is answered. description: what
    else a caller must know. slow: may take long, and waits for others that may. first: takes some
    hundredths of a second whatever the archive holds, and waits for none but its like.
    """

    path: str
    summary: str
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    slow: bool = False
    first: bool = False

    def declared(self) -> dict[str, Parameter]:
        """The parameters by name."""
        return {each.name: each for each in self.parameters}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRoute(Route):
    """A URL of the API. gives: the members of its JSON object. csv: which of them is a list of
    rows, also had as CSV with `columns`; None: JSON only. columns_of_flags: which more there are
    where a flag is set. example: a URL that works on any archive. answer: bytes are JSON already.
    """

    answer: Callable[[Queries, Asked], Answered | bytes]
    gives: tuple[Member, ...] = ()
    csv: str | None = None
    columns: Sequence[str] = ()
    columns_of_flags: Mapping[str, Sequence[str]] = field(default_factory=dict)
    example: str | None = None

    def declared(self) -> dict[str, Parameter]:
        """The parameters by name, `format` where rows can be had as CSV."""
        # super() without arguments fails in a dataclass with slots.
        known = {each.name: each for each in self.parameters}
        return known | {FORMAT.name: FORMAT} if self.csv else known


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What a page is made from."""

    queries: Queries
    templates: Environment
    api_routes: tuple[ApiRoute, ...]

    def render(self, name: str, /, *, status_code: int = 200, **found: object) -> HTMLResponse:
        """A page from a template."""
        return HTMLResponse(self.templates.get_template(name).render(**found), status_code)


_LANGUAGE = Choice(
    name=i18n.PARAMETER, meaning="the language of the page", choices=(*i18n.LANGUAGES,)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRoute(Route):
    """A page for people. tells_problems: shows errors of its parameters itself, beside its form."""

    answer: Callable[[Site, Asked], Response]
    tells_problems: bool = False

    def declared(self) -> dict[str, Parameter]:
        """The parameters by name; every page takes the language."""
        return {each.name: each for each in (*self.parameters, _LANGUAGE)}
