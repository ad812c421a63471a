"""The demo portals' reports: what each says, and the truth a test compares a reading with."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

from crawler.demo.forms import Hole, data_text, hole_list
from crawler.demo.numbers import OfficeYear, figures

_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# The number of the first report of each family's portals.
FIRST_NUMBERS: Mapping[str, int] = {"trs": 1000, "hanweb": 2000, "plain": 3000}
# How many paragraphs of its own a report has, and how many sentences one has.
_PARAGRAPHS, _PHRASES = 4, 3
# The rules that a row of the data file can break: which cell is how much too large.
_BREAKS: Mapping[str, tuple[str, int]] = {
    "R6": ("f21.s2.i1.normative.valid", 7),
    "R16": ("f14.proactive.total", 2_790),
}
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One of the demo's counties and its portal. family: how its pages are made. division: six
    digits. plate: the sign of its province.
    """

    key: str
    family: str
    county: str
    kind: str
    division: str
    plate: str
    towns: tuple[str, ...] = ()

    @property
    def site_code(self) -> str:
        """The portal's 政府网站标识码."""
        return f"{self.division}0001"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFigure:
    """A value cell as it is printed. value: None when the cell is blank."""

    indicator: str
    applicant: str | None
    unit: str | None
    printed: str
    value: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoReport:
    """A page of the demo portal and what it truly says.

    key: place and number, stable over changes. URL: path on the server, portal included.
    form: f08, f14, f19, f21, "summary" (no form) or "farm" (a copy on a sharing site).
    style: how the header is printed: table, line, bar or none.
    printed: the value cells of its tables, in order.
    fields: normalised values under the contract's names; "" for a label printed with nothing.
    violations: the rules that its figures break on purpose.
    own_words: paragraphs that no other report has, but those that copy it.
    """

    key: str
    url: str
    title: str
    agency: str
    year: int
    form: str
    style: str
    published_on: date
    printed: tuple[str, ...]
    fields: Mapping[str, str]
    violations: tuple[str, ...]
    attachment: str | None
    own_words: tuple[str, ...] = ()

    @property
    def figures(self) -> tuple[DemoFigure, ...]:
        """Every value cell of its tables with what it means, in order."""
        cells = zip(hole_list(self.form), self.printed, strict=True)
        return tuple(_figure(hole, printed) for hole, printed in cells)


@cache
def places() -> Mapping[str, Place]:
    """The demo's counties by portal key."""
    found = (Place(**{**row, "towns": tuple(row.get("towns", ()))}) for row in _data()["portal"])
    return {each.key: each for each in found}


@cache
def rows(portal: str) -> tuple[Mapping[str, Any], ...]:
    """What a portal publishes, newest first, as the data file says it."""
    return tuple(row for row in _data()["report"] if portal in row.get("at", FIRST_NUMBERS))


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(data_text("county.toml"))


@cache
def _phrases() -> list[str]:
    return list(tomllib.loads(data_text("phrases.toml"))["phrases"])


def report(place: Place, number: int, row: Mapping[str, Any], seed: int) -> DemoReport:
    """The report that a row of the data file describes, with seeded figures."""
    key = f"{place.key}-{number}"
    agency = _agency(place, row["who"])
    form, year = row["form"], row["year"]
    is_namesake = place.key not in FIRST_NUMBERS
    who = f"{place.division}{place.key}" if is_namesake else place.key
    random = Random(f"{seed}/{who}/{number}")  # noqa: S311 - invented figures, not secrets
    drawn = _published(form, year, random)
    published = _data()["published"].get(key, drawn)
    office = f"{seed}/{who}/{agency}" if is_namesake else f"{seed}/{agency}"
    return DemoReport(
        key=key,
        url=url(place, number, year, published),
        title=_title(agency, form, year),
        agency=agency,
        year=year,
        form=form,
        style=row["style"],
        published_on=published,
        printed=_printed(form, random, row, OfficeYear(office=office, year=year)),
        fields=_fields(place, agency, row, number, published),
        violations=tuple(row.get("violations", ())),
        attachment=row.get("attachment"),
        own_words=_own_words(key, seed, row.get("own_words", _PARAGRAPHS)),
    )


def _own_words(key: str, seed: int, paragraphs: int) -> tuple[str, ...]:
    """So many paragraphs; the numbers in them are its own also where it copies the words."""
    words = Random(f"{seed}/{_data()['copies'].get(key, key)}/words")  # noqa: S311 - no secrets
    numbers = Random(f"{seed}/{key}/numbers")  # noqa: S311 - no secrets
    chosen = words.sample(_phrases(), paragraphs * _PHRASES)
    said = [each.format(n=numbers.randint(11, 98)) for each in chosen]
    return tuple("".join(said[at : at + _PHRASES]) for at in range(0, len(said), _PHRASES))


def changed(known: DemoReport) -> DemoReport:
    """The same report with exactly one table cell changed: the last one that enters no sum."""
    figures = known.figures
    for place in reversed(range(len(figures))):
        value = figures[place].value
        if value is not None and _stands_alone(figures[place].indicator):
            cells = (*known.printed[:place], str(value + 1), *known.printed[place + 1 :])
            return replace(known, printed=cells)
    raise ValueError(f"{known.key} has no table cell to change")


def _stands_alone(indicator: str) -> bool:
    return indicator.endswith((".valid", ".reading_points", ".disclosed_total"))


def farm_report() -> DemoReport:
    """The copy on a document-sharing site: nobody's report, its place masked."""
    return DemoReport(
        key="farm-1",
        url="/wenku/p-210099896.html",
        title="政务公开工作情况的汇报 (4)",
        agency="",
        year=2011,
        form="farm",
        style="none",
        published_on=date(2021, 11, 12),
        printed=(),
        fields={},
        violations=(),
        attachment=None,
    )


def url(place: Place, number: int, year: int, published: date) -> str:
    """The path of a report in the manner of the portal's family."""
    name = FIRST_NUMBERS[place.family] + number
    if place.family == "trs":
        folder = f"/{place.key}/zwgk/zfxxgk/zfxxgknb/{published:%Y%m}"
        return f"{folder}/t{published:%Y%m%d}_{name}.html"
    if place.family == "hanweb":
        day = f"{published.year}/{published.month}/{published.day}"
        return f"/{place.key}/art/{day}/art_1012_{name}.html"
    return f"/{place.key}/xxgk/nb/{year}/nb{name}.htm"


def organisation_code(digits: str) -> str:
    """An organisation code (GB 11714) of eight digits with its check character.

    >>> organisation_code("00826556")
    '00826556-4'
    """
    total = sum(w * int(d) for w, d in zip(_ORGANISATION_WEIGHTS, digits, strict=True))
    return f"{digits}-{'0123456789X0'[11 - total % 11]}"


def credit_code(division: str, organisation: str) -> str:
    """A unified social credit code (GB 32100) of an organ, its check character included.

    >>> credit_code("330881", "00263050-8")
    '113308810026305088'
    """
    body = f"11{division}{organisation.replace('-', '')}"
    total = sum(w * _CREDIT_ALPHABET.index(c) for w, c in zip(_CREDIT_WEIGHTS, body, strict=True))
    return body + _CREDIT_ALPHABET[(31 - total % 31) % 31]


def _agency(place: Place, who: str) -> str:
    if who == "county":
        return f"{place.county}人民政府"
    if who.startswith("town"):
        return f"{place.towns[int(who[-1]) - 1]}人民政府"
    return f"{place.county}{who}"


def _title(agency: str, form: str, year: int) -> str:
    if form == "summary":
        return f"{agency.removesuffix('人民政府')}{year}年政府信息公开工作总结"
    name = agency.removesuffix("人民政府")
    if form in ("f08", "f14"):
        return f"{year}年{name}政府信息公开工作年度报告"
    return f"{name}{year}年政府信息公开工作年度报告"


def _published(form: str, year: int, random: Random) -> date:
    if form == "summary":
        return date(year, 12, 22)
    return date(year + 1, 1, 8) + timedelta(days=random.randint(0, 75))


def _printed(
    form: str, random: Random, row: Mapping[str, Any], known: OfficeYear
) -> tuple[str, ...]:
    values = dict(figures(form, random, known))
    for rule in row.get("violations", ()):
        cell, more = _BREAKS[rule]
        values[cell, None] += more
    blank = row.get("blank", ())
    return tuple(
        "" if hole.indicator in blank else _spelled(hole, values[hole.indicator, hole.applicant])
        for hole in hole_list(form)
    )


def _spelled(hole: Hole, value: int) -> str:
    return f"{value:{hole.spelling}}" if value else "0"


def _figure(hole: Hole, printed: str) -> DemoFigure:
    return DemoFigure(
        indicator=hole.indicator,
        applicant=hole.applicant,
        unit=hole.unit,
        printed=printed,
        value=int(printed) if printed else None,
    )


def _fields(
    place: Place, agency: str, row: Mapping[str, Any], number: int, published: date
) -> Mapping[str, str]:
    """What the header prints, by the contract's names."""
    style = row["style"]
    if style == "none":
        return {}
    if style == "line":
        return {"published_on": published.isoformat()}
    code = organisation_code(f"{int(place.division) % 10_000:04d}{number % 10_000:04d}")
    catalogued = f"{published.year}-{10_000 + number}"
    if style == "bar":
        index = f"{credit_code(place.division, code)}/{catalogued}"
        written = published.isoformat()
        return {
            "index_number": index,
            "category": "政务公开",
            "agency": agency.removesuffix("人民政府"),
            "written_on": written,
        }
    return {
        "index_number": f"{code}/{catalogued}",
        "category": "综合政务",
        "agency": agency,
        "published_on": published.isoformat(),
        "document_number": "",
    }
