"""Which reports there should be, and what is known of each: body × year since 2008. Decided here
alone, and kept in the table `covered`.

Deadlines: 政府信息公开条例 2007, article 31: every report by 31 March of the next year; as revised
in 2019, article 49: departments by 31 January, the government by 31 March. For 乡镇 and 街道 it
sets no day of its own: the later one is taken.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from itertools import islice
from typing import Final

from archive.codebook.divisions import division as division_of
from archive.codebook.divisions import lasting, named
from archive.model.coverage import FIRST_YEAR, State
from archive.model.outcome import Outcome
from archive.model.portal import Portal
from archive.model.reading import BodyKind, PublicBody
from archive.reading.metadata.public_body import publisher_in_title, read_public_body
from archive.reading.report import is_report, year_of_title
from archive.store import Connection, Store
from archive.store.catalogue import portals as stored_portals
from archive.store.query.covered import (
    bodies_covered_by,
    covered_portals,
    last_end,
    mark_of_covered,
    portals_visited_since,
)
from archive.store.query.reports import (
    NamedPage,
    PortalLook,
    ReportFact,
    ReportGroup,
    named_pages,
    portal_looks,
    report_facts,
    report_groups,
)
from archive.store.rows import CoveredMark
from archive.store.write.covered import (
    CoveredCell,
    LookRow,
    count_covered,
    drop_covered,
    drop_looks,
    set_mark,
    store_covered,
    store_looks,
)
from archive.store.write.public_bodies import public_body_ids
from archive.work.attribution import (
    Signature,
    attributed,
    best_report_per_year,
    main_bodies,
    published_first,
)
from archive.work.codebook_rows import fill_codebook
from archive.work.ingest.current_reports import counted_groups

REVISED_YEAR: Final = 2019
CHINA: Final = timezone(timedelta(hours=8))
# Raised when this module decides otherwise from the same facts: every cell is made anew.
_DECIDING: Final = 2
# So many years ahead there are rows: an archive that nobody crawls tells passed deadlines too.
_AHEAD: Final = 1
# So many reports are held at once, or those of the portals of one body.
_REPORTS_AT_ONCE: Final = 3_000
# The cells of so many bodies are held at once, some twenty each, and written in one transaction.
_BODIES_AT_ONCE: Final = 200
_GONE = (Outcome.GONE, Outcome.SOFT_404)
_REFUSED = (Outcome.BLOCKED, Outcome.ROBOTS)
# Where several portals should carry a report: what is known best counts, missing only everywhere.
_BEST = (State.PRESENT, State.LATE, State.REFUSED, State.NOT_LOOKED_AT, State.MISSING)


def due_on(kind: BodyKind, year: int) -> date:
    """The last day on which the report on a year is in time.

    >>> due_on(BodyKind.DEPARTMENT, 2018), due_on(BodyKind.DEPARTMENT, 2019)
    (datetime.date(2019, 3, 31), datetime.date(2020, 1, 31))
    """
    early = kind is BodyKind.DEPARTMENT and year >= REVISED_YEAR
    return date(year + 1, 1, 31) if early else date(year + 1, 3, 31)


def is_covered(store: Store, catalogue: Sequence[Portal], *, now: datetime) -> bool:
    """Whether the table knows this catalogue, every run that ended, and the years up to `now`."""
    with store.read() as connection:
        wanted = CoveredMark(
            made_by=_made_by(now), catalogue=_digest(catalogue), ended_at=last_end(connection)
        )
        return mark_of_covered(connection) == wanted


def was_covered(store: Store) -> bool:
    """Whether the table was ever made; not in an archive of an earlier release."""
    with store.read() as connection:
        return mark_of_covered(connection) is not None


def cover(
    store: Store,
    catalogue: Sequence[Portal] | None,
    *,
    now: datetime,
    anew: bool = False,
    reread: Collection[str] = (),
    on_bodies: Callable[[int, int], None] = lambda _done, _all: None,
) -> int:
    """Brings the table up to date: for the bodies of portals that were visited in runs which ended
    since, and that the catalogue has got or lost; anew: for all. catalogue: None takes the portals
    that the table knows. reread: portals with pages read again since. on_bodies gets how many more
    bodies are done, and of how many. How many bodies were looked at. CannotRunError: disk or lock.
    """
    fill_codebook(store)  # names of places
    with store.read() as connection:
        ended_at, mark = last_end(connection), mark_of_covered(connection)
        before = covered_portals(connection)
        known = {each.key: each for each in (*stored_portals(connection), *(catalogue or ()))}
        homes = _homes(known, before if catalogue is None else {}, list(report_groups(connection)))
        touched = {key for key, main in before.items() if homes.mains.get(key) != main}
        touched |= {*reread, *(homes.mains.keys() - before.keys())}
        if mark is None or anew or mark.made_by != _made_by(now):
            touched = {*homes.mains, *before}
        elif ended_at != mark.ended_at:
            touched |= portals_visited_since(connection, mark.ended_at)
        earlier = bodies_covered_by(connection, touched)
    wanted = [
        body for body, its in homes.of.items() if body in earlier or not touched.isdisjoint(its)
    ]
    for bodies in _some_at_once(wanted, homes):
        _cover(store, known, homes, bodies, now)
        on_bodies(len(bodies), len(wanted))
    catalogued = _digest(catalogue) if catalogue is not None else mark.catalogue if mark else ""
    with store.write() as connection:
        drop_covered(connection, [earlier[each] for each in earlier.keys() - homes.of.keys()])
        drop_looks(connection, before.keys() - homes.mains.keys())
        count_covered(connection, {each.division or "" for each in (*wanted, *earlier)})
        now_made = CoveredMark(made_by=_made_by(now), catalogue=catalogued, ended_at=ended_at)
        set_mark(connection, now_made)
    return len(wanted)


def cover_anew_later(store: Store) -> None:
    """Has the next `cover` look at all bodies. CannotRunError: disk or lock."""
    with store.write() as connection:
        to_cover_anew(connection)


def to_cover_anew(connection: Connection) -> None:
    """The same within a transaction, for pages that are read again."""
    if mark := mark_of_covered(connection):
        set_mark(connection, replace(mark, made_by=""))


def _made_by(now: datetime) -> str:
    """What makes every cell: the rules, and the years."""
    return f"{_DECIDING} {_last_year(now)}"


def _last_year(now: datetime) -> int:
    return now.astimezone(CHINA).year + _AHEAD


def _digest(catalogue: Iterable[Portal]) -> str:
    """What of a catalogue says whose reports there should be."""
    rows = sorted(f"{each.key}\t{each.name}\t{each.division}" for each in catalogue)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Homes:
    """Whose reports stand where. counted_for: the body for which those under a signature are
    counted. of: the portals that should have the reports of a body, its own first. reports: how
    many there are on each portal.
    """

    mains: Mapping[str, PublicBody]
    counted_for: Mapping[Signature, PublicBody]
    of: Mapping[PublicBody, Mapping[str, None]]
    reports: Mapping[str, int]


def _homes(
    known: Mapping[str, Portal], others: Mapping[str, PublicBody], groups: Sequence[ReportGroup]
) -> _Homes:
    """others: portals of a catalogue that is not at hand, with their bodies. groups: by portal."""
    signed: Counter[Signature] = Counter()
    reports: Counter[str] = Counter()
    for group in groups:
        signed[group.portal, group.body] += group.reports
        reports[group.portal] += group.reports
    mains = {**others, **main_bodies(known.values(), signed)}
    counted_for: dict[Signature, PublicBody] = {}
    of: defaultdict[PublicBody, dict[str, None]] = defaultdict(dict)  # dicts keep their order
    counted = counted_groups(known, groups)
    for group, body in counted:
        counted_for[group.portal, group.body] = body
        # An office of an unknown place is told apart by its portal, there as its own body too.
        if body.division is None and body.name.startswith(mains[group.portal].name + "（"):
            mains[group.portal] = body
    for key, body in mains.items():
        of[body][key] = None
    for group, body in sorted(counted, key=lambda each: each[0].first_page_id):
        of[body][group.portal] = None
    return _Homes(mains=mains, counted_for=counted_for, of=of, reports=reports)


def _some_at_once(wanted: Sequence[PublicBody], homes: _Homes) -> Iterator[list[PublicBody]]:
    """The bodies in parts whose portals have not too many reports; those of one portal stay
    together where they can.
    """
    some: list[PublicBody] = []
    portals: set[str] = set()
    for body in sorted(wanted, key=lambda each: next(iter(homes.of[each]))):
        more = homes.of[body].keys() - portals
        if more and some and sum(homes.reports[key] for key in portals) >= _REPORTS_AT_ONCE:
            yield some
            some, portals = [], set()
        some.append(body)
        portals.update(homes.of[body])
    if some:
        yield some


def _cover(
    store: Store,
    known: Mapping[str, Portal],
    homes: _Homes,
    bodies: Sequence[PublicBody],
    now: datetime,
) -> None:
    """Brings the cells of some bodies, and the looks at their portals, up to date."""
    keys = {key for body in bodies for key in homes.of[body]}
    with store.read() as connection:
        reports = attributed(report_facts(connection, keys), homes.counted_for)
        best = best_report_per_year(reports, published_first)
        looks = portal_looks(connection, keys)
        named_here = named_pages(connection, keys)
        pages = _without_report(_named(named_here, known, homes.mains), best, bodies)
    years = {year for _, year in best}
    table = _Table(homes=homes.of, best=best, years=years, looks=looks, named=pages)
    left = iter(bodies)
    while some := list(islice(left, _BODIES_AT_ONCE)):
        cells = {body: list(table.cells(body, _last_year(now))) for body in some}
        with store.write() as connection:
            ids = public_body_ids(connection, some)
            store_covered(connection, {ids[body]: its for body, its in cells.items()})
    with store.write() as connection:
        ids = public_body_ids(connection, [homes.mains[key] for key in sorted(keys)])
        store_looks(
            connection,
            [
                LookRow(
                    portal=key,
                    body_id=ids[homes.mains[key]],
                    read_on=day.isoformat() if (day := _day_in_china(look)) else None,
                    refused=look.refused,
                )
                for key in sorted(keys)
                for look in (looks.get(key, PortalLook()),)
            ],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """All facts about some bodies, for one look at them. years: on which any of them reports."""

    homes: Mapping[PublicBody, Mapping[str, None]]
    best: Mapping[tuple[PublicBody, int], ReportFact]
    years: Collection[int]
    looks: Mapping[str, PortalLook]
    named: Mapping[tuple[str, str, int], NamedPage]

    def cells(self, body: PublicBody, last_year: int) -> Iterator[CoveredCell]:
        """By year: those that have a report, and those up to the last one that should have one."""
        for year in sorted({*range(FIRST_YEAR, last_year + 1), *self.years}):
            fact = self.best.get((body, year))
            if fact is not None:
                yield _there(fact, body)
            elif FIRST_YEAR <= year <= last_year and _existed(body, year):
                absent = [self._absent(key, body, year) for key in self.homes[body]]
                yield min(absent, key=lambda each: _BEST.index(each.state))

    def _absent(self, portal: str, body: PublicBody, year: int) -> CoveredCell:
        """Why a portal has no report of a body and year: what its list names, then how far the
        lists were read.
        """
        due = due_on(body.kind, year)
        page = self.named.get((portal, body.name, year))
        if page is not None:
            return _ended(page, year, due)
        look = self.looks.get(portal, PortalLook())
        read_on = _day_in_china(look)
        state = State.NOT_LOOKED_AT
        if read_on is not None and read_on > due:
            state = State.MISSING
        elif look.refused is not None:
            state = State.REFUSED
        return CoveredCell(year=year, state=state, due_on=due.isoformat(), portal=portal)


def _there(fact: ReportFact, body: PublicBody) -> CoveredCell:
    due = due_on(body.kind, fact.year)
    late = fact.published_on is not None and fact.published_on[:10] > due.isoformat()
    return CoveredCell(
        year=fact.year,
        state=State.LATE if late else State.PRESENT,
        due_on=due.isoformat(),
        portal=fact.portal,
        version_id=fact.version_id,
        page_id=fact.page_id,
        published_on=fact.published_on,
        days_late=_days_late(fact.published_on, due),
    )


def _days_late(published_on: str | None, due: date) -> int | None:
    """0 when in time; None where no day was printed that there is."""
    try:
        day = date.fromisoformat((published_on or "")[:10])
    except ValueError:
        return None
    return max((day - due).days, 0)


def _ended(page: NamedPage, year: int, due: date) -> CoveredCell:
    """A list names the report, but no report was read there."""
    reason = f"{page.outcome or 'waiting'}: {page.reason or 'on the frontier'}"
    if page.was_read:
        state, reason = State.PRESENT, "its list names it; what stands there was not read as one"
    elif page.outcome in _REFUSED:
        state = State.REFUSED
    else:
        state = State.MISSING if page.outcome in _GONE else State.NOT_LOOKED_AT
    return CoveredCell(
        year=year, state=state, due_on=due.isoformat(), portal=page.portal,
        page_id=page.page_id, reason=reason,
    )  # fmt: skip


def _day_in_china(look: PortalLook) -> date | None:
    return look.whole_at.astimezone(CHINA).date() if look.whole_at else None


def _named(
    pages: Iterable[NamedPage], portals: Mapping[str, Portal], mains: Mapping[str, PublicBody]
) -> Iterator[tuple[tuple[str, str, int], NamedPage]]:
    """Pages whose link text is the title of a report, with portal, name of the body and year."""
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
        yield (page.portal, (body or mains[page.portal]).name, year), page


def _without_report(
    pages: Iterable[tuple[tuple[str, str, int], NamedPage]],
    best: Mapping[tuple[PublicBody, int], ReportFact],
    bodies: Iterable[PublicBody],
) -> dict[tuple[str, str, int], NamedPage]:
    """The first page of each portal, name and year of which some of the bodies has no report: of a
    portal of thirty thousand reports the others would be as many.
    """
    of_name: defaultdict[str, list[PublicBody]] = defaultdict(list)
    for body in bodies:
        of_name[body.name].append(body)
    found: dict[tuple[str, str, int], NamedPage] = {}
    for (portal, name, year), page in pages:
        if any((body, year) not in best for body in of_name.get(name, ())):
            found.setdefault((portal, name, year), page)
    return found


def _existed(body: PublicBody, year: int) -> bool:
    """Whether the body's place was a division under that name: a district made in 2015 has no
    report on 2014. True where the place is not known.
    """
    if body.division is None:
        return True
    here = division_of(body.division)
    rows = [
        each for each in named(here.name if here else "")
        if here and each.name == here.name and lasting(each.code) == here.code
    ]  # fmt: skip
    return not rows or any(each.holds_in(year) for each in rows)
