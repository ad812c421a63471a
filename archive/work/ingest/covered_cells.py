"""What is known of each body and year, from what was read on its portals. Pure: facts in, cells of
the table `covered` out.

Deadlines: 政府信息公开条例 2007, article 31: every report by 31 March of the next year; as revised
in 2019, article 49: departments by 31 January, the government by 31 March. For 乡镇 and 街道 it
sets no day of its own: the later one is taken.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta, timezone
from typing import Final

from archive.codebook.divisions import division as division_of
from archive.codebook.divisions import lasting, named
from archive.model.coverage import FIRST_YEAR, State
from archive.model.outcome import Outcome
from archive.model.portal import Portal
from archive.model.reading import BodyKind, PublicBody
from archive.reading.metadata.public_body import publisher_in_title, read_public_body
from archive.reading.report import is_report, year_of_title
from archive.store.query.portal_looks import PortalLook
from archive.store.query.reports import NamedPage, ReportFact
from archive.store.write.covered import CoveredCell

REVISED_YEAR: Final = 2019
CHINA: Final = timezone(timedelta(hours=8))
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveredTable:
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
        read_on = day_in_china(look)
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


def day_in_china(look: PortalLook) -> date | None:
    """The day on which the lists of a portal were last read whole; None: never."""
    return look.whole_at.astimezone(CHINA).date() if look.whole_at else None


def named_in_lists(
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


def without_report(
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
