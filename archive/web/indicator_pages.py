"""The pages about numbers: which there are, one of them over provinces, bodies and years, and
bodies beside each other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from itertools import groupby
from typing import cast

from starlette.responses import Response

from archive.codebook.divisions import divisions
from archive.codebook.forms import form
from archive.codebook.indicators import applicant_names, concepts, indicators
from archive.model.errors import NotFoundError, TooSlowError, UsageError
from archive.store import Connection
from archive.web.cells import report_url
from archive.web.charts import Mark, Series, bar, bins, distribution, lines, tiles
from archive.web.i18n import gettext, spoken
from archive.web.provinces import PROVINCES
from archive.web.request_parameters import YEAR, Asked, Choice, Parameter, Year
from archive.web.routes import PageRoute, Site
from archive.web.words import named, number, query
from archive.work.query import series
from archive.work.query.series import Distribution, Sum, YearOfBodies, YearOfBody
from archive.work.query.table import Cell, moves

FORM_YEARS = {"f14": 2014, "f19": 2019, "f21": 2021}
"""With which year a form begins after another one."""

_RANKED = 50
_UNITS = {"zh": ((10**8, "亿"), (10**4, "万")), "en": ((10**6, "M"), (10**3, "k"))}

_KEY = Parameter(name="key", meaning="a concept or an indicator", in_path=True, example="reviews")
_APPLICANT = Parameter(name="applicant", meaning="whose requests: natural, business …; total")
_KIND = Choice(
    name="kind", choices=series.KINDS,
    meaning="which bodies; governments where none is named, since their reports mostly count those"
    " of their departments, too (with level=township all)",
)  # fmt: skip
_LEVEL = Choice(name="level", meaning="only bodies of that level",
                choices=("province", "prefecture", "county", "township"))  # fmt: skip
_SINCE = Year(name="since", meaning="what fell and rose from this year to `year`")
_PROVINCE = Parameter(name="province", meaning="the code of a province", max_length=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the page of an indicator shows besides its charts. year: None without any value.
    unknown_level: how many bodies the level leaves out because theirs is not known.
    """

    year: int | None
    years: Sequence[int]
    by_year: Sequence[Sum]
    by_province: Sequence[Sum]
    unknown_level: int
    ranking: "Ranking | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The bodies of a year: the first of them, how many there are, and how all of them spread."""

    first: YearOfBodies
    bodies: int
    spread: Distribution | None
    bins: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What fell and rose from one year to another: the greatest changes, and how many there are."""

    first: int
    last: int
    fell: Sequence[Mapping[str, Cell]]
    fallen: int
    rose: Sequence[Mapping[str, Cell]]
    risen: int


def breaks() -> dict[int, str]:
    """Where another form begins, for charts over years."""
    return {year: form(name).title for name, year in FORM_YEARS.items()}


def marks_of(name: str, years: Iterable[YearOfBody]) -> dict[int, Mark]:
    """The values of a body for a chart, each with its report."""
    marks = {}
    for each in years:
        if each.value is not None and each.number is not None:
            said = f"{name}, {each.year}: {number(each.number)}"
            url = report_url(each.value.url, each.value.version)
            marks[each.year] = Mark(value=each.number, said=said, url=url)
    return marks


def indicator_list(site: Site, _asked: Asked) -> Response:
    """Concepts, and the indicators of each form."""
    by_form = groupby(indicators().values(), key=lambda each: each.form)
    return site.render(
        "indicators.html",
        concepts=concepts().values(),
        forms=[(form(name), list(each)) for name, each in by_form],
    )


def indicator(site: Site, asked: Asked) -> Response:
    """One number over provinces, bodies and years."""
    wanted = _wanted(asked)
    shown = _shown(site, asked, wanted)
    title = named(wanted)
    try:
        moved, is_counted = _moved(site, asked, wanted, shown), True
    except TooSlowError:  # it is being counted; all else is there
        moved, is_counted = None, False
    return site.render(
        "indicator.html",
        moved=moved,
        is_counted=is_counted,
        wanted=wanted,
        title=title,
        shown=shown,
        kind=wanted.wanted.kind or series.EVERY_KIND,
        kinds=series.KINDS,
        level=asked.text("level"),
        levels=_LEVEL.choices,
        applicants=applicant_names() if _has_applicants(wanted) else {},
        province=PROVINCES.get(asked.text("province") or ""),
        link=partial(_here, asked),
        chart=_over_years(title, shown.by_year),
        map=_map(asked, title, shown),
        spread=_spread(title, shown),
        bar=bar,
    )


def _wanted(asked: Asked) -> series.Asked:
    """What is asked for. NotFoundError, which names near ones: there is no such number."""
    try:
        wanted = series.ask(asked.need("key"), asked.text("applicant"))
    except UsageError as error:
        raise NotFoundError(str(error)) from None
    level = asked.text("level")
    kind = series.kind_to_count(asked.text("kind"), level)
    return series.narrowed(wanted, kind=kind, level=level)


def _shown(site: Site, asked: Asked, wanted: series.Asked) -> Shown:
    code = asked.text("province")
    if code is not None and code not in PROVINCES:
        raise NotFoundError(f"no province has the code {code[:6]!r}; see /coverage")
    place = _province_name(code) if code else None
    within = series.narrowed(wanted, province=place) if place else wanted
    question = (wanted.key, wanted.applicant, wanted.wanted.kind, wanted.wanted.level)

    def find_sums(connection: Connection) -> tuple[Sequence[Sum], Sequence[Sum], int]:
        return (
            series.sums(connection, within),
            series.sums(connection, wanted, "province"),
            series.unknown_level(connection, within),
        )

    by_year, by_province, unknown_level = site.queries.remembered(
        ("sums", place, *question), find_sums
    )
    years = [each.year for each in by_year if each.bodies]
    year = asked.number("year") or max(years, default=None)
    ranking = None
    if year is not None:
        chosen = year
        ranking = site.queries.remembered(
            ("ranking", place, chosen, *question),
            lambda connection: _ranking(series.bodies_in_year(connection, within, chosen)),
        )
    return Shown(
        year=year,
        years=years,
        by_year=by_year,
        by_province=[each for each in by_province if each.year == year],
        unknown_level=unknown_level,
        ranking=ranking,
    )


def _moved(site: Site, asked: Asked, wanted: series.Asked, shown: Shown) -> Moved | None:
    """What changed from the year that is asked for to the one that is shown; None where no year is.
    TooSlowError: it is being counted.
    """
    first, last = asked.number("since"), shown.year
    if first is None or last is None:
        return None
    if first >= last:
        raise UsageError(f"since {first} is not before {last}")
    code = asked.text("province")
    place = _province_name(code) if code else wanted.wanted.province
    two = series.narrowed(wanted, first_year=first, last_year=last, province=place)
    chosen = (two.wanted.kind, two.wanted.level, place, first, last)
    return site.queries.remembered(
        ("moved", two.key, two.applicant, *chosen),
        lambda connection: _apart(connection, two, first, last),
    )


def _apart(connection: Connection, two: series.Asked, first: int, last: int) -> Moved:
    rows = moves(connection, two, "body")
    fell = [row for row in rows if cast("Decimal", row["change"]) < 0]
    rose = [row for row in rows if cast("Decimal", row["change"]) > 0]
    return Moved(
        first=first, last=last, fell=fell[:_RANKED], fallen=len(fell), rose=rose[:_RANKED],
        risen=len(rose),
    )  # fmt: skip


def _ranking(found: YearOfBodies) -> Ranking:
    return Ranking(
        first=replace(found, values=found.values[:_RANKED]),
        bodies=len(found.values),
        spread=series.distribution(found.values),
        bins=bins(each.value for each in found.values if each.value is not None),
    )


def _has_applicants(wanted: series.Asked) -> bool:
    known = indicators()
    return any(known[each].has_applicants for each in wanted.wanted.indicators if each in known)


def _here(asked: Asked, **changes: object) -> str:
    """The same page with other parameters."""
    given = {
        name: asked.text(name)
        for name in ("applicant", "kind", "level", "province", "year", "since")
    }
    return f"{asked.path}?{query({**given, **changes})}"


def _province_name(code: str) -> str | None:
    return next((each.name for each in divisions() if each.code == code), None)


def _over_years(title: str, sums: Sequence[Sum]) -> object:
    marks = {
        each.year: Mark(value=each.total, said=f"{each.year}: {number(each.total)}")
        for each in sums
        if each.total is not None
    }
    return lines(
        "years", title, gettext("The sum of all bodies, year by year"),
        [Series(name=title, marks=marks)], breaks=breaks(),
    )  # fmt: skip


def _map(asked: Asked, title: str, shown: Shown) -> object:
    codes = {_province_name(code): code for code in PROVINCES}
    totals = {codes[each.key]: each for each in shown.by_province if each.key in codes}
    marks, said = {}, {}
    for code, each in totals.items():
        if each.total is None:
            continue
        name = PROVINCES[code].name
        words = gettext("%(place)s: %(number)s from %(count)s bodies")
        marks[code] = Mark(
            value=each.total,
            said=words % {"place": name, "number": number(each.total), "count": each.bodies},
            url=_here(asked, province=code),
        )
        said[code] = _short(each.total)
    words = gettext("A tile for each province: the sum of its bodies in %(year)s")
    return tiles("map", title, words % {"year": shown.year}, marks, said)


def _spread(title: str, shown: Shown) -> object:
    words = gettext("How many bodies have a number in each range, in %(year)s")
    found = shown.ranking.bins if shown.ranking else ()
    return distribution("spread", title, words % {"year": shown.year}, found)


def _short(value: Decimal) -> str:
    """A number that has room on a tile.

    >>> _short(Decimal(9_500)), _short(Decimal(12_500)), _short(Decimal(3_400_000))
    ('9,500', '12.5k', '3.4M')
    """
    for unit, letter in _UNITS[spoken().language]:
        if abs(value) >= max(unit, 10_000):
            return f"{value / unit:.1f}".removesuffix(".0") + letter
    return number(round(value, 1) if value % 1 else value)


ROUTES = (
    PageRoute(path="/indicators", answer=indicator_list, summary="Concepts and indicators"),
    PageRoute(path="/indicator/{key}", answer=indicator, summary="A number over places and years",
              parameters=(_KEY, YEAR, _SINCE, _APPLICANT, _KIND, _LEVEL, _PROVINCE)),
)  # fmt: skip
