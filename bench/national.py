"""A national crawl in virtual time: the real rules of what is due and of pace, over a catalogue
made of counts (bench.national_catalogue). Deterministic: nothing is measured here, nothing fetched.

Time goes in hours. Within one, a group of hosts gives as many answers as its pace allows, and all
together as many as the machines can keep; lists come before pages.
"""

import heapq
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Final

from archive.model.frontier import Lease, Previous, Record, WarcSpot
from archive.model.outcome import Outcome, Role
from archive.model.portal import Portal
from archive.model.reading import Kind, Reading
from archive.work.ingest.recrawl import CHINA, is_open, next_due_at, spread
from bench.national_catalogue import ATTACHED, BODIES_A_LIST, LATEST_YEAR, OTHER_LISTS, Body, Site
from crawler.frontier.lines import Remembered
from crawler.frontier.politeness import Politeness
from settings.base import GONGKAI_CONCURRENCY, GONGKAI_DELAY_S

START: Final = datetime(2026, 7, 1, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
YEAR_HOURS: Final = 365 * 24
CHANGED_A_VISIT: Final = 0.003  # of the visits to a report find that it was changed
_SPOT: Final = WarcSpot(file="f", offset=0, length=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What one machine does, as `make bench` measured it: pages a second of which everything is
    new, and of which nothing is; KiB that each leaves in WARC files and ledger.
    """

    fresh_a_second: float
    same_a_second: float
    warc_kib: float
    ledger_kib: float
    again_kib: float


@dataclass(slots=True, kw_only=True)
class Page:
    """A page or a list. year: None of a list, or of a file beside a report. place: of a list, which
    of the portal's. read_at: when what it shows was captured first.
    """

    number: int
    is_list: bool = False
    year: int | None = None
    place: int = 0
    read_at: datetime | None = None
    visits: int = 0
    appeared_at: datetime | None = None


@dataclass(slots=True)
class Visited:
    """What happened. by_month, by_day: requests; lags: hours between a report's publication and its
    capture; first_done_at: when everything that stood there at the start was captured.
    """

    by_outcome: Counter[Outcome] = field(default_factory=Counter)
    by_month: Counter[str] = field(default_factory=Counter)
    by_day: Counter[str] = field(default_factory=Counter)
    lists: int = 0
    busy_s: float = 0.0
    overdue: int = 0
    lags: list[float] = field(default_factory=list)
    first_pages: int = 0
    first_done_at: datetime | None = None
    group_done_at: dict[str, datetime] = field(default_factory=dict)


class Nation:
    """One simulation. machines: how many work at once. every: only every so-many-th portal is
    among the sites; machines, and hosts that many portals share, then do as much less.
    """

    def __init__(
        self, sites: Sequence[Site], costs: Costs, *, machines: float = 1, every: int = 1
    ) -> None:
        self._costs = costs
        self._room_s = machines * HOUR.total_seconds() / every
        self._every = every
        self._numbers = count(1)
        self._due: dict[str, list[tuple[datetime, bool, int, Page]]] = {}
        self._coming: dict[str, dict[int, list[Body]]] = {}
        self._groups: dict[str, list[Site]] = {}
        self._pace_s: dict[str, float] = {}
        self._left: dict[str, float] = {}
        self._waiting: Counter[str] = Counter()
        self._day = self._month = ""
        self.done = Visited()
        for site in sites:
            self._add(site)
        self._still = sum(self._waiting.values())
        self.done.first_pages = self._still

    def run(self, hours: int, *, only_first: bool = False) -> Visited:
        """Lets so many hours pass; only_first: ends when all was captured once."""
        names = list(self._groups)
        for hour in range(hours):
            now = START + hour * HOUR
            today = now.astimezone(CHINA)
            self._day, self._month = f"{today:%Y-%m-%d}", f"{today:%Y-%m}"
            room_s = self._room_s
            turn = hour % len(names)
            for name in (*names[turn:], *names[:turn]):
                room_s = self._hour(name, now, room_s)
                if room_s <= 0:
                    break
            if only_first and self.done.first_done_at is not None:
                break
        return self.done

    def _add(self, site: Site) -> None:
        """A portal nobody has visited: all its lists and reports are due."""
        key = site.portal.key
        due = self._due[key] = []
        pages = [Page(number=next(self._numbers), is_list=True, place=n) for n in range(site.lists)]
        for body in site.bodies:
            pages += self._reports(range(body.since, LATEST_YEAR + 1))
        for page in pages:
            heapq.heappush(due, (START, not page.is_list, page.number, page))
        coming = self._coming[key] = {}
        for place, body in enumerate(site.bodies):
            coming.setdefault(OTHER_LISTS + place // BODIES_A_LIST, []).append(body)
        self._groups.setdefault(site.group, []).append(site)
        shared = self._every if site.portal.platform else 1
        self._pace_s.setdefault(site.group, shared * pace_of(site.portal, site.elapsed_s))
        self._waiting[site.group] += len(pages)

    def _reports(self, years: Iterable[int]) -> list[Page]:
        found = []
        for year in years:
            found.append(Page(number=next(self._numbers), year=year))
            if spread(found[-1].number) < ATTACHED:
                found.append(Page(number=next(self._numbers)))
        return found

    def _hour(self, name: str, now: datetime, room_s: float) -> float:
        """What a group's hosts answer within an hour; the machines' seconds that are left."""
        sites = [
            site
            for site in self._groups[name]
            if self._due[site.portal.key][0][0] <= now
            and (site.portal.hours is None or is_open(site.portal.hours, now))
        ]
        answers = HOUR.total_seconds() / self._pace_s[name] + self._left.get(name, 0.0)
        while sites and answers >= 1 and room_s > 0:
            still = []
            for site in sites:  # portals of a platform take turns
                if answers < 1 or room_s <= 0:
                    break
                room_s -= self._visit(site, name, now)
                answers -= 1
                if self._due[site.portal.key][0][0] <= now:
                    still.append(site)
            else:
                sites = still
        self._left[name] = min(answers, 1.0)
        return room_s

    def _visit(self, site: Site, group: str, now: datetime) -> float:
        """One answer; the seconds that a machine has with it."""
        due = self._due[site.portal.key]
        planned, _, _, page = heapq.heappop(due)
        self.done.overdue += page.visits > 0 and now - planned > timedelta(days=1)
        outcome = self._outcome(site, page, now)
        record = _record(page, outcome, now)
        again = next_due_at(_lease(page, site.portal.key), record)
        if outcome in (Outcome.NEW, Outcome.CHANGED):
            page.read_at = now
        heapq.heappush(due, (again or now + HOUR, not page.is_list, page.number, page))
        self._note(page, group, outcome, now)
        page.visits += 1
        fresh = outcome is not Outcome.UNCHANGED
        seconds = 1 / (self._costs.fresh_a_second if fresh else self._costs.same_a_second)
        self.done.busy_s += seconds
        return seconds

    def _outcome(self, site: Site, page: Page, now: datetime) -> Outcome:
        found = self._appeared(site, page, now) if page.is_list else False
        if page.visits == 0:
            return Outcome.NEW
        if found or (not page.is_list and spread(page.number + 7 * page.visits) < CHANGED_A_VISIT):
            return Outcome.CHANGED
        return Outcome.UNCHANGED

    def _appeared(self, site: Site, page: Page, now: datetime) -> bool:
        """A list names reports that have appeared since it was seen; they are due at once."""
        key = site.portal.key
        bodies = self._coming[key].get(page.place, [])
        fresh = [body for body in bodies if body.publishes_at <= now]
        for body in fresh:
            for report in self._reports([LATEST_YEAR + 1]):
                report.appeared_at = body.publishes_at if report.year else None
                heapq.heappush(self._due[key], (now, True, report.number, report))
        self._coming[key][page.place] = [body for body in bodies if body.publishes_at > now]
        return bool(fresh)

    def _note(self, page: Page, group: str, outcome: Outcome, now: datetime) -> None:
        done = self.done
        done.by_outcome[outcome] += 1
        done.by_month[self._month] += 1
        done.by_day[self._day] += 1
        done.lists += page.is_list
        if page.appeared_at is not None and page.visits == 0:
            done.lags.append((now - page.appeared_at) / HOUR)
        if page.visits == 0 and page.number <= done.first_pages:
            self._still -= 1
            self._waiting[group] -= 1
            if not self._waiting[group]:
                done.group_done_at[group] = now
            if not self._still:
                done.first_done_at = now


def pace_of(portal: Portal, elapsed_s: float) -> float:
    """Seconds from one request to the next, as the crawl's own politeness has it."""
    now = START
    politeness = Politeness(
        portals=[portal],
        delay_s=GONGKAI_DELAY_S,
        concurrency=GONGKAI_CONCURRENCY,
        remembered=Remembered(),
        now=lambda: now,
    )
    lease = _lease(Page(number=1), portal.key, portal.entries[0])
    politeness.add(lease)
    politeness.next()
    now += timedelta(seconds=elapsed_s)
    politeness.fetched(lease, elapsed_s=elapsed_s)
    politeness.add(lease)
    return elapsed_s + (politeness.seconds_to_wait() or 0.0)


def measured_costs(results: str) -> Costs:
    """What RESULTS.md says of whole jobs. ValueError: it does not."""
    fresh = re.search(r"\| gongkai crawl, empty archive \| \d+ \| (\d+)", results)
    same = re.search(r"\| gongkai crawl --full, unchanged \(304\) \| \d+ \| (\d+)", results)
    stored = re.search(
        r"Stored by the first crawl: ([\d.]+) KiB of WARC and\s+([\d.]+) KiB of ledger a page; by"
        r" the second\s+([\d.]+) KiB",
        results,
    )
    if not (fresh and same and stored):
        raise ValueError("RESULTS.md has no whole jobs: run `make bench` first")
    warc, ledger, again = map(float, stored.groups())
    return Costs(
        fresh_a_second=float(fresh[1]), same_a_second=float(same[1]),
        warc_kib=warc, ledger_kib=ledger, again_kib=again,
    )  # fmt: skip


def _lease(page: Page, portal_key: str, url: str = "http://x.example/") -> Lease:
    role = Role.LIST if page.is_list else Role.PAGE
    previous = None
    if page.read_at is not None:
        previous = Previous(
            capture_id=1, spot=_SPOT, captured_at=page.read_at, payload_digest="", etag=None,
            last_modified=None, version_id=1, version_number=1, content_hash="", reader_version="",
            report_year=page.year,
        )  # fmt: skip
    return Lease(
        page_id=page.number, run_id=1, portal_key=portal_key, url=url, method="GET", body=None,
        role=role, depth=1, attempts=0, family=None, previous=previous,
    )  # fmt: skip


def _record(page: Page, outcome: Outcome, now: datetime) -> Record:
    reading = None if outcome is Outcome.UNCHANGED else _reading(page.year)
    return Record(
        page_id=page.number, run_id=1, capture_id=1, outcome=outcome, reason="", at=now,
        reading=reading,
    )  # fmt: skip


@cache
def _reading(year: int | None) -> Reading:
    return Reading(
        reader_version="", kind=Kind.REPORT if year else Kind.OTHER, family=None,
        charset_declared=None, charset_used=None, title=None, lines=(), content_hash="",
        report_year=year,
    )  # fmt: skip
