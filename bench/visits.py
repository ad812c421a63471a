"""What two crawls of an invented portal bring: its lists with their reports and news; then the
same again, of which some were changed and some are gone. Made in a process of its own.
"""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Final

from archive.model.content import content_hash
from archive.model.outcome import Outcome, Role
from archive.model.packed import PackedReading
from archive.model.portal import Portal
from archive.model.reading import Field, Kind, Link, Reading
from archive.reading import READER_VERSION
from archive.store.write.packed import pack_reading, without_bulk
from bench.country import LAST_YEAR, Office, PlannedPortal, planned
from bench.moulds import Wanted, made
from crawler.demo.forms import data_text

_PER_LIST: Final = 20
_CHANGED, _GONE, _COPIES = 0.06, 0.01, 0.04
_NEWS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One page and what a visit of it came to. reading, packed: of a new version, None without."""

    url: str
    role: Role
    outcome: Outcome
    status: int
    reading: Reading | None = None
    packed: PackedReading | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """All visits of one portal in one run, lists first."""

    portal: Portal
    host: str
    pages: Sequence[Visit]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    url: str
    title: str
    published_on: date
    wanted: Wanted | None
    office: Office


@cache
def _phrases() -> list[str]:
    return list(tomllib.loads(data_text("phrases.toml"))["phrases"])


def first_visits(number: int, of: int) -> Visits:
    """What the first crawl of a portal brings."""
    plan = planned(number, of)
    pages = _pages(plan)
    found = [*_lists(plan, pages)]
    for each in pages:
        reading, packed = _report(each, each.wanted) if each.wanted else _article(each)
        found.append(_visit(each.url, Role.PAGE, Outcome.NEW, reading, packed))
    return Visits(portal=plan.portal, host=plan.host, pages=found)


def second_visits(number: int, of: int) -> Visits:
    """What the second one brings: its lists as they were, and the pages that fell due."""
    plan = planned(number, of)
    pages, random = _pages(plan), _random(plan, "second")
    found = [
        replace(each, outcome=Outcome.UNCHANGED, status=304, reading=None, packed=None)
        for each in _lists(plan, pages)
    ]
    for each in pages:
        drawn = random.random()
        if each.wanted and drawn < _CHANGED:
            changed = replace(each.wanted, change=random.randint(1, 9))
            reading, packed = _report(each, changed)
            found.append(_visit(each.url, Role.PAGE, Outcome.CHANGED, reading, packed))
        elif drawn > 1 - _GONE:
            gone = Visit(url=each.url, role=Role.PAGE, outcome=Outcome.GONE, status=404)
            found.append(gone)
    return Visits(portal=plan.portal, host=plan.host, pages=found)


def _random(plan: PlannedPortal, what: str) -> Random:
    return Random(f"{plan.portal.key}/{what}")  # noqa: S311 - invented pages, no secrets


def _visit(
    url: str, role: Role, outcome: Outcome, reading: Reading, packed: PackedReading
) -> Visit:
    return Visit(url=url, role=role, outcome=outcome, status=200, reading=reading, packed=packed)


def _pages(plan: PlannedPortal) -> list[_Page]:
    """The portal's reports and news, newest first."""
    random = _random(plan, "pages")
    found: list[_Page] = []
    for office in plan.offices:
        for year in office.years:
            found.append(_planned_report(plan, office, year, len(found), random))
    for _ in range(random.randint(0, _NEWS)):
        day = date(random.randint(2015, LAST_YEAR), 1, 1) + timedelta(days=random.randrange(365))
        url, office = _url(plan, day, len(found)), random.choice(plan.offices)
        title = f"{office.printed}召开政府信息公开工作会议"
        found.append(_Page(url=url, title=title, published_on=day, wanted=None, office=office))
    return sorted(found, key=lambda each: each.published_on, reverse=True)


def _url(plan: PlannedPortal, day: date, number: int) -> str:
    return f"http://{plan.host}/zfxxgknb/{day:%Y%m}/t{day:%Y%m%d}_{1000 + number}.html"


def _planned_report(
    plan: PlannedPortal, office: Office, year: int, number: int, random: Random
) -> _Page:
    day = date(year + 1, 1, 8) + timedelta(days=random.choice((15, 20, 40, 60, 75, 81, 95, 130)))
    copied = random.random() < _COPIES
    wanted = Wanted(
        form=_form(office, year),
        year=year,
        agency=office.printed,
        place=plan.place,
        site_code=f"{plan.portal.division}0001",
        sequence=number,
        published_on=day,
        own=f"{plan.portal.key}/{office.printed}/{year - copied}",
    )
    agency = office.printed.removesuffix("人民政府")
    title = f"{agency}{year}年政府信息公开工作年度报告"
    return _Page(
        url=_url(plan, day, number), title=title, published_on=day, wanted=wanted, office=office
    )


def _form(office: Office, year: int) -> str:
    if not office.has_tables:
        return "summary" if len(office.printed) % 2 else "f08"
    return next(form for last, form in ((2013, "f08"), (2018, "f14"), (2020, "f19"), (2100, "f21"))
                if year <= last)  # fmt: skip


def _report(page: _Page, wanted: Wanted) -> tuple[Reading, PackedReading]:
    reading, packed = made(wanted)
    return replace(reading, publisher=page.office.body), packed


def _article(page: _Page) -> tuple[Reading, PackedReading]:
    random = Random(page.url)  # noqa: S311 - invented words, no secrets
    said = tuple(each.format(n=random.randint(11, 98)) for each in random.sample(_phrases(), 6))
    day = page.published_on
    lines = (f"{day.month}月{day.day}日，{page.title}。", "".join(said[:3]), "".join(said[3:]))
    fields = (_field("agency", page.office.printed), _field("published_on", day.isoformat()))
    return _packed(Kind.ARTICLE, page.title, lines, fields=fields)


def _field(name: str, value: str) -> Field:
    return Field(name=name, value=value, printed=value, origin="header")


def _lists(plan: PlannedPortal, pages: Sequence[_Page]) -> Iterator[Visit]:
    for number, at in enumerate(range(0, len(pages), _PER_LIST)):
        some = pages[at : at + _PER_LIST]
        links = tuple(
            Link(url=each.url, text=each.title, role=Role.PAGE,
                 printed_date=each.published_on.isoformat())
            for each in some
        )  # fmt: skip
        lines = tuple(f"{each.title}\t{each.published_on}" for each in some)
        reading, packed = _packed(Kind.LIST, "政府信息公开年报", lines, links=links)
        name = f"index_{number}.html" if number else ""
        yield _visit(
            f"{plan.portal.entries[0]}{name}",
            Role.LIST if number else Role.ENTRY,
            Outcome.NEW,
            reading,
            packed,
        )


def _packed(
    kind: Kind,
    title: str,
    lines: tuple[str, ...],
    *,
    fields: tuple[Field, ...] = (),
    links: tuple[Link, ...] = (),
) -> tuple[Reading, PackedReading]:
    reading = Reading(
        reader_version=READER_VERSION,
        kind=kind,
        family="trs",
        charset_declared="utf-8",
        charset_used="utf-8",
        title=title,
        lines=lines,
        content_hash=content_hash(title, lines),
        fields=fields,
        links=links,
    )
    return without_bulk(reading), pack_reading(reading)
