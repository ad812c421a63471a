"""Which reports there should be, and what is known of each: body × year since 2008.

Deadlines: 政府信息公开条例 2007, article 31: every report by 31 March of the next year; as revised
in 2019, article 49: departments by 31 January, the government by 31 March. For 乡镇 and 街道 it
sets no day of its own: the later one is taken.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

from archive.codebook.divisions import division as division_of
from archive.codebook.divisions import lasting, named
from archive.model.outcome import Outcome
from archive.model.portal import Portal
from archive.model.reading import BodyKind, PublicBody
from archive.reading.metadata.public_body import publisher_in_title, read_public_body
from archive.reading.report import is_report, year_of_title
from archive.store import Store
from archive.store.catalogue import portals
from archive.store.query.reports import (
    NamedPage,
    PortalLook,
    ReportFact,
    named_pages,
    portal_looks,
    report_facts,
)
from archive.work.attribution import (
    AttributedReport,
    attributed,
    attribution,
    best_report_per_year,
    main_bodies,
    published_first,
)
from archive.work.query.date_bounds import FIRST_YEAR

REVISED_YEAR: Final = 2019
CHINA: Final = timezone(timedelta(hours=8))
_GONE = (Outcome.GONE, Outcome.SOFT_404)
_REFUSED = (Outcome.BLOCKED, Outcome.ROBOTS)


class State(StrEnum):
    """What is known of one report. Late: published after its deadline; without a date it is not.
    Missing: the lists were read completely in a good run after the deadline, and it is not there.
    """

    PRESENT = "present"
    LATE = "late"
    MISSING = "missing"
    NOT_LOOKED_AT = "not_looked_at"
    REFUSED = "refused"


# Where several portals should carry a report: what is known best counts, missing only everywhere.
_BEST = (State.PRESENT, State.LATE, State.REFUSED, State.NOT_LOOKED_AT, State.MISSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """One body and year. url, published_on: of the report, or of the page that was refused or is
    gone; None when there is none. reason: why it is not there, or not read; None when it is.
    """

    portal: str
    body: PublicBody
    year: int
    state: State
    due_on: date
    url: str | None = None
    published_on: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageFilter:
    """Which part of the table. divisions: codes of places; None takes every body."""

    portal: str | None = None
    divisions: frozenset[str] | None = None
    first_year: int = FIRST_YEAR
    last_year: int | None = None


def coverage(
    store: Store, catalogue: Iterable[Portal], filters: CoverageFilter, *, now: datetime
) -> list[Covered]:
    """Every body and year that should have a report by `now`, and every report there is beside
    these; by body, then year. catalogue: portals that the ledger may not know yet.
    """
    with store.read() as connection:
        facts, looks = report_facts(connection), portal_looks(connection)
        pages = named_pages(connection)
        stored = portals(connection)
    known = {each.key: each for each in (*stored, *catalogue)}
    signed = Counter((each.portal, each.body) for each in facts)
    mains = main_bodies(known.values(), signed)
    reports = list(attributed(facts, attribution(signed, mains)))
    table = _Table(known, mains, reports, looks, pages)
    today = now.astimezone(CHINA).date()
    return [cell for cell in table.cells(today) if _is_wanted(cell, filters)]


def due_on(kind: BodyKind, year: int) -> date:
    """The last day on which the report on a year is in time.

    >>> due_on(BodyKind.DEPARTMENT, 2018), due_on(BodyKind.DEPARTMENT, 2019)
    (datetime.date(2019, 3, 31), datetime.date(2020, 1, 31))
    """
    early = kind is BodyKind.DEPARTMENT and year >= REVISED_YEAR
    return date(year + 1, 1, 31) if early else date(year + 1, 3, 31)


def _is_wanted(cell: Covered, filters: CoverageFilter) -> bool:
    if filters.portal is not None and cell.portal != filters.portal:
        return False
    if filters.divisions is not None and cell.body.division not in filters.divisions:
        return False
    return filters.first_year <= cell.year <= (filters.last_year or cell.year)


class _Table:
    """All facts by body, for one look at them."""

    def __init__(
        self,
        portals: Mapping[str, Portal],
        mains: Mapping[str, PublicBody],
        reports: Sequence[AttributedReport],
        looks: Mapping[str, PortalLook],
        pages: Iterable[NamedPage],
    ) -> None:
        self._looks = looks
        self._best = best_report_per_year(reports, published_first)
        self._named = _named(pages, portals, mains)
        # A body's own portals come first: dicts keep their order.
        self._homes: defaultdict[PublicBody, dict[str, None]] = defaultdict(dict)
        for key, body in mains.items():
            self._homes[body][key] = None
        for each in reports:
            self._homes[each.body][each.fact.portal] = None

    def cells(self, today: date) -> Iterator[Covered]:
        known: defaultdict[PublicBody, set[int]] = defaultdict(set)
        for body, year in self._best:
            known[body].add(year)
        due = {
            kind: [y for y in range(FIRST_YEAR, today.year) if due_on(kind, y) < today]
            for kind in BodyKind
        }
        for body in sorted(self._homes, key=lambda each: (each.division or "", each.name)):
            for year in sorted(known[body].union(y for y in due[body.kind] if _existed(body, y))):
                yield self._cell(body, year)

    def _cell(self, body: PublicBody, year: int) -> Covered:
        fact = self._best.get((body, year))
        if fact is not None:
            return _there(fact, body)
        absent = [self._absent(key, body, year) for key in self._homes[body]]
        return min(absent, key=lambda each: _BEST.index(each.state))

    def _absent(self, portal: str, body: PublicBody, year: int) -> Covered:
        state, reason, url = self._why(portal, body, year)
        return Covered(
            portal=portal, body=body, year=year, state=state, due_on=due_on(body.kind, year),
            url=url, reason=reason,
        )  # fmt: skip

    def _why(self, portal: str, body: PublicBody, year: int) -> tuple[State, str, str | None]:
        """Why a portal has no report of a body and year: what its list names, then how far the
        lists were read.
        """
        page = self._named.get((portal, body.name, year))
        if page is not None:
            return _ended(page)
        look = self._looks.get(portal, PortalLook())
        read_on = look.whole_at.astimezone(CHINA).date() if look.whole_at else None
        if read_on is not None and read_on > due_on(body.kind, year):
            return State.MISSING, f"its lists, read completely on {read_on}, do not name it", None
        if look.refused is not None:
            return State.REFUSED, look.refused, None
        if read_on is not None:
            return State.NOT_LOOKED_AT, f"its lists were read last on {read_on}", None
        return State.NOT_LOOKED_AT, "its lists were never read completely in a good run", None


def _there(fact: ReportFact, body: PublicBody) -> Covered:
    due = due_on(body.kind, fact.year)
    late = fact.published_on is not None and fact.published_on[:10] > due.isoformat()
    return Covered(
        portal=fact.portal,
        body=body,
        year=fact.year,
        state=State.LATE if late else State.PRESENT,
        due_on=due,
        url=fact.url,
        published_on=fact.published_on,
    )


def _ended(page: NamedPage) -> tuple[State, str, str | None]:
    """A list names the report, but no report was read there."""
    if page.was_read:
        return State.PRESENT, "its list names it; what stands there was not read as one", page.url
    reason = f"{page.outcome or 'waiting'}: {page.reason or 'on the frontier'}"
    if page.outcome in _REFUSED:
        return State.REFUSED, reason, page.url
    if page.outcome in _GONE:
        return State.MISSING, reason, page.url
    return State.NOT_LOOKED_AT, reason, page.url


def _named(
    pages: Iterable[NamedPage], portals: Mapping[str, Portal], mains: Mapping[str, PublicBody]
) -> dict[tuple[str, str, int], NamedPage]:
    """The pages whose link text is the title of a report, by portal, name of the body and year."""
    found: dict[tuple[str, str, int], NamedPage] = {}
    for page in pages:
        year = year_of_title(page.text)
        if year is None or not is_report(page.text, (), among_reports=True):
            continue
        division = portals[page.portal].division
        organ = publisher_in_title(page.text)
        body = (
            read_public_body(organ, hints=[division] if division else [], year=year)
            if organ
            else None
        )
        found.setdefault((page.portal, (body or mains[page.portal]).name, year), page)
    return found


def _existed(body: PublicBody, year: int) -> bool:
    """Whether the body's place was a division under that name: a district made in 2015 has no
    report on 2014. True where the place is not known.
    """
    if body.division is None:
        return True
    here = division_of(body.division)
    rows = [
        each
        for each in named(here.name if here else "")
        if here and each.name == here.name and lasting(each.code) == here.code
    ]
    return not rows or any(each.holds_in(year) for each in rows)
