"""The page that sets bodies beside each other, over the years, in one or several numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup
from starlette.responses import Response

from archive.codebook.indicators import concepts
from archive.model.errors import NotFoundError, UsageError
from archive.store import Connection
from archive.web.charts import Series, lines, marker
from archive.web.i18n import gettext
from archive.web.indicator_pages import breaks, marks_of
from archive.web.request_parameters import Asked, Parameter
from archive.web.routes import PageRoute, Site
from archive.web.words import named
from archive.work.query import series
from archive.work.query.bodies import Body
from archive.work.query.find_body import bodies_meant
from archive.work.query.places import distinct_names
from archive.work.query.series import YearOfBody

MOST_BODIES: Final = 5
MOST_INDICATORS: Final = 6
_FIRST_INDICATOR: Final = "requests_received"

_BODIES = Parameter(
    name="body",
    meaning="a body, by its number, part of its name, or a place before that",
    many=True,
    max_length=100,
    example="12",
)
_INDICATORS = Parameter(
    name="indicator", meaning="a concept or an indicator: its key or its name", many=True,
    example=_FIRST_INDICATOR,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One number of all bodies. rows: by year, the newest first, a value for each body."""

    asked: series.Asked
    chart: Markup
    years: Sequence[int]
    rows: Mapping[int, Sequence[YearOfBody | None]]


def compare_bodies(site: Site, asked: Asked) -> Response:
    """Bodies beside each other; the form where none is named."""
    typed = asked.texts("body")
    keys = asked.texts("indicator") or (_FIRST_INDICATOR,)
    if len(set(typed)) > MOST_BODIES or len(set(keys)) > MOST_INDICATORS:
        raise UsageError(
            f"at most {MOST_BODIES} bodies and {MOST_INDICATORS} indicators are compared at a time"
        )
    bodies, doubtful = _bodies(site, list(dict.fromkeys(typed)))
    wanted = [series.ask(key) for key in dict.fromkeys(keys)]
    with site.queries.store.read() as connection:
        names = _names(connection, bodies)
        compared = [_compared(connection, each, names) for each in wanted] if bodies else []
    return site.render(
        "compare.html",
        bodies=bodies,
        names=names,
        doubtful=doubtful,
        wanted=wanted,
        compared=compared,
        concepts=concepts().values(),
        marker=marker,
        most=MOST_BODIES,
    )


def _bodies(site: Site, names: Sequence[str]) -> tuple[list[Body], dict[str, tuple[Body, ...]]]:
    """The bodies that are meant, and for each name that is none's alone those that it may mean."""
    found: list[Body] = []
    doubtful: dict[str, tuple[Body, ...]] = {}
    for name in names:
        meant = bodies_meant(site.queries.store, name)
        if len(meant.bodies) == 1 and not meant.are_near:
            found += meant.bodies
        elif meant.bodies:
            doubtful[name] = meant.bodies
        else:
            raise NotFoundError(f"no public body has {name!r} in its name; see /bodies")
    return list(dict.fromkeys(found)), doubtful


def _names(connection: Connection, bodies: Sequence[Body]) -> dict[int, str]:
    return distinct_names(connection, ((each.body_id, each.name, each.division) for each in bodies))


def _compared(connection: Connection, asked: series.Asked, names: Mapping[int, str]) -> Compared:
    found = [
        {each.year: each for each in series.body_series(connection, asked, body_id)}
        for body_id in names
    ]
    years = sorted({year for each in found for year in each}, reverse=True)
    title = named(asked)
    drawn = [
        Series(name=name, marks=marks_of(name, values.values()))
        for name, values in zip(names.values(), found, strict=True)
    ]
    words = gettext("Year by year, a line for each body")
    return Compared(
        asked=asked,
        chart=lines(asked.key, title, words, drawn, breaks=breaks()),
        years=years,
        rows={year: [each.get(year) for each in found] for year in years},
    )


ROUTES = (
    PageRoute(path="/compare", answer=compare_bodies, summary="Bodies beside each other",
              parameters=(_BODIES, _INDICATORS)),
)  # fmt: skip
