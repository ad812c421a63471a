"""The pages about public bodies: those of a name, and one of them with its years and numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup
from starlette.responses import Response

from archive.codebook.divisions import division
from archive.codebook.indicators import Concept, concepts
from archive.store import Connection
from archive.store.query.covered import CoveredRow
from archive.web.cells import report_url
from archive.web.charts import SIGNS, Mark, Series, lines, strip
from archive.web.i18n import gettext
from archive.web.indicator_pages import breaks, marks_of
from archive.web.request_parameters import Asked, Number, Parameter
from archive.web.routes import PageRoute, Site
from archive.web.words import named, word
from archive.work import clock
from archive.work.query.bodies import BodyFacts, body_facts, find_bodies
from archive.work.query.body_concepts import concepts_of_body
from archive.work.query.changes import Wanted
from archive.work.query.series import YearOfBody
from archive.work.query.similarity import WantedPairs, names_of

_ID = Number(name="id", meaning="the number of a public body", in_path=True, least=1,
             most=2_000_000_000)  # fmt: skip
_PART = Parameter(name="q", meaning="a part of a body's name", max_length=100)
_FIRST_YEAR: Final = 2008
DRAWN: Final = (
    "requests_received", "requests_answered", "requests_granted", "requests_refused", "reviews",
    "litigation", "information_disclosed", "normative_issued",
)  # fmt: skip
"""The concepts that are drawn; tables have the others, too."""
_MOST_LEVELS: Final = 3
_CHANGES: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class OneNumber:
    """One concept of a body over the years. chart: empty for what only a table shows."""

    concept: Concept
    years: Sequence[YearOfBody]
    chart: Markup


def bodies(site: Site, asked: Asked) -> Response:
    """Bodies by a part of their name."""
    typed = asked.text("q") or ""
    found = find_bodies(site.queries.store, typed)
    return site.render("bodies.html", found=found, typed=typed)


def body(site: Site, asked: Asked) -> Response:
    """One body: which years are there, its numbers over the years, its portals."""
    body_id = asked.number("id") or 0
    facts = body_facts(site.queries.store, body_id, now=clock.now())
    with site.queries.store.read() as connection:
        numbers = _numbers(connection, facts)
    similar = site.queries.similar(WantedPairs(body=str(body_id)), limit=_CHANGES)
    return site.render(
        "body.html",
        facts=facts,
        above=places_above(facts.body.division),
        reports={each.year: each for each in facts.reports},
        strip=_strip(facts),
        changes=site.queries.changes(Wanted(body=str(body_id)), limit=_CHANGES),
        signs=SIGNS,
        similar=similar,
        names=names_of(site.queries.store, similar.pairs),
        drawn=[each for each in numbers if each.chart],
        numbers=numbers,
        numbered=[each.year for each in numbers[0].years] if numbers else [],
    )


def places_above(code: str | None) -> list[tuple[str, str]]:
    """The place of that code and those above it, the highest first: code and name."""
    found: list[tuple[str, str]] = []
    while code and (place := division(code)) is not None and len(found) < _MOST_LEVELS:
        found.insert(0, (place.code, place.name))
        code = place.parent
    return found


def url_of(row: CoveredRow) -> str:
    """Where a year of a body is shown: its report, or the reason why there is none."""
    if row.url and row.version:
        return report_url(row.url, row.version)
    return f"/body/{row.body_id}#y{row.year}"


def _strip(facts: BodyFacts) -> Markup:
    marks = {
        row.year: Mark(
            value=None,
            said=f"{row.year}: {word(row.state, 'coverage')}",
            url=url_of(row),
            state=row.state,
        )
        for row in facts.years
        if row.year >= _FIRST_YEAR
    }
    words = gettext("A cell for each year; it leads to the report or says why there is none")
    return strip("strip", facts.body.name, words, marks)


def _numbers(connection: Connection, facts: BodyFacts) -> list[OneNumber]:
    """The concepts of which the body gives a number in any year, in their order."""
    found = concepts_of_body(connection, facts.body.body_id) if facts.reports else {}
    return [
        OneNumber(
            concept=concepts()[key],
            years=years,
            chart=_chart(concepts()[key], years) if key in DRAWN else Markup(),
        )
        for key, years in found.items()
    ]


def _chart(concept: Concept, years: Sequence[YearOfBody]) -> Markup:
    title = named(concept)
    drawn = Series(name=title, marks=marks_of(title, years))
    words = gettext("Year by year; each point leads to its report")
    return lines(concept.key, title, words, [drawn], breaks=breaks())


ROUTES = (
    PageRoute(path="/bodies", answer=bodies, summary="Bodies by a part of their name",
              parameters=(_PART,)),
    PageRoute(path="/body/{id}", answer=body, summary="A public body over the years",
              parameters=(_ID,)),
)  # fmt: skip
