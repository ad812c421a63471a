"""The page that says which reports are there: from provinces down to the bodies of a place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import Final

from markupsafe import Markup
from starlette.responses import Response

from archive.codebook.divisions import division, named
from archive.model.coverage import State
from archive.model.errors import NotFoundError
from archive.store.query.covered import CoveredRow
from archive.web.body_pages import places_above
from archive.web.charts import SIGNS, STEPS, Mark, tiles
from archive.web.i18n import gettext
from archive.web.provinces import PROVINCES
from archive.web.queries import Queries
from archive.web.request_parameters import DIVISION, YEAR, Asked
from archive.web.routes import PageRoute, Site
from archive.web.words import query, share, word
from archive.work import clock
from archive.work.query.bodies import PlaceCount, coverage_below, coverage_by_province
from archive.work.query.coverage import CoverageFilter, coverage
from archive.work.query.places import divisions_within, near_places

UNKNOWN: Final = "unknown"
"""Stands for the code of a place that is not known."""

_THERE = (State.PRESENT, State.LATE)
_MOST_BODIES = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many bodies of a place stand how in a year."""

    states: Mapping[State, int]

    @property
    def there(self) -> int:
        """Those whose report is there, late or not."""
        return sum(self.states.get(state, 0) for state in _THERE)

    @property
    def looked_at(self) -> int:
        """Those that were looked at: what nobody looked at is neither there nor missing."""
        return sum(self.states.values()) - self.states.get(State.NOT_LOOKED_AT, 0)

    @property
    def look(self) -> str:
        """The class of the shade of its share; that of no share where none was looked at."""
        shade = min(STEPS - 1, STEPS * self.there // max(1, self.looked_at))
        return f"q{shade}" if self.looked_at else "none"

    @property
    def said(self) -> str:
        """The share and the states in words."""
        words = gettext("%(there)s of %(count)s looked at, %(others)s not looked at")
        others = self.states.get(State.NOT_LOOKED_AT, 0)
        shares = words % {"there": self.there, "count": self.looked_at, "others": others}
        states = [f"{word(state, 'coverage')} {count}" for state, count in self.states.items()]
        return f"{shares} ({', '.join(states)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place over the years. code, name: None where it is not known."""

    code: str | None
    name: str | None
    counts: Mapping[int, Count]


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyYears:
    """A body over the years."""

    body_id: int
    name: str
    years: Mapping[int, CoveredRow] = field(default_factory=dict)


def covered(site: Site, asked: Asked) -> Response:
    """Provinces, the places below one, or the bodies of a place, against the years."""
    given = asked.text("division")
    code = None if given is None else UNKNOWN if given == UNKNOWN else _code(given)
    places = _places(_counted(site.queries, code), code)
    bodies = [] if code is None else _bodies(site.queries, code)
    years = _years(year for place in places for year in place.counts)
    there = {year for place in places for year, count in place.counts.items() if count.there}
    year = asked.number("year") or max(there or years, default=None)
    return site.render(
        "coverage.html",
        above=places_above(code),
        title=gettext("place not known") if code == UNKNOWN else None,
        signs=SIGNS,
        places=places,
        years=years,
        year=year,
        map=_map(places, year) if code is None and year else "",
        bodies=bodies[:_MOST_BODIES],
        more=len(bodies) > _MOST_BODIES,
        body_years=_years(year for body in bodies for year in body.years),
    )


def at_a_glance(queries: Queries) -> tuple[int | None, Markup]:
    """The map of provinces, and for which year: the latest with any report; None without one."""
    places = _places(_counted(queries, None), None)
    years = [year for place in places for year, count in place.counts.items() if count.there]
    year = max(years, default=None)
    return year, _map(places, year) if year else Markup()


def _code(given: str) -> str:
    """The code of one place, given by code or name. NotFoundError, which names near ones: there is
    none. UsageError: there are several.
    """
    if division(given) is not None:
        return given
    codes = sorted({each.code for each in named(given)})
    if len(codes) > 1:
        divisions_within(given)  # says which there are
    if not codes:
        near = near_places(given)
        told = f"; did you mean {near}?" if near else "; give its code, such as 320613"
        raise NotFoundError(f"no division is called {given[:40]!r}{told}")
    return codes[-1]


def _counted(queries: Queries, code: str | None) -> list[PlaceCount]:
    """Counts of the places just below, or of all provinces."""
    if code == UNKNOWN:
        return []
    now = clock.now()
    if code is None:
        return queries.remembered(
            "provinces", lambda _: coverage_by_province(queries.store, now=now)
        )
    return queries.remembered(
        ("below", code), lambda _: coverage_below(queries.store, code, now=now)
    )


def _places(counted: Sequence[PlaceCount], code: str | None) -> list[Place]:
    """The places, without the one that they lie in: its own bodies are shown one by one."""
    found: dict[str | None, dict[int, dict[State, int]]] = {}
    names = {each.division: each.name for each in counted}
    for each in counted:
        years = found.setdefault(each.division, {})
        years.setdefault(each.year, {})[each.state] = each.bodies
    return [
        Place(
            code=place,
            name=names[place],
            counts={year: Count(states=states) for year, states in years.items()},
        )
        for place, years in found.items()
        if place is None or place != code
    ]


def _bodies(queries: Queries, code: str) -> list[BodyYears]:
    """The bodies of a place itself, one more than are shown where there are more."""
    asked = CoverageFilter(divisions=frozenset({"" if code == UNKNOWN else code}))
    rows = coverage(queries.store, asked, now=clock.now())
    bodies = groupby(rows, key=lambda row: (row.body_id, row.body))
    return [
        BodyYears(body_id=body_id, name=name, years={row.year: row for row in its})
        for (body_id, name), its in islice(bodies, _MOST_BODIES + 1)
    ]


def _years(years: Iterable[int]) -> list[int]:
    return sorted(set(years), reverse=True)


def _map(places: Sequence[Place], year: int) -> Markup:
    marks, shown = {}, {}
    for place in places:
        count = place.counts.get(year)
        if place.code not in PROVINCES or count is None:
            continue
        name = PROVINCES[place.code].name
        shown[place.code] = share(count.there, count.looked_at).replace(" ", "")
        marks[place.code] = Mark(
            value=None,
            said=f"{name}: {count.said}",
            url=f"/coverage?{query({'division': place.code})}",
            state=count.look,
        )
    title = gettext("Reports by province")
    words = gettext("A tile for each province: of its bodies looked at, the share that has a report"
                    " for %(year)s")  # fmt: skip
    return tiles("map", title, words % {"year": year}, marks, shown)


ROUTES = (
    PageRoute(path="/coverage", answer=covered, summary="Which reports are there, by place",
              parameters=(DIVISION, YEAR)),
)  # fmt: skip
