"""The answers behind pages and API, from an open ledger."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple, TypeVar

from archive.model.errors import GongkaiError, NotFoundError, WithdrawnError
from archive.search.counts import Counts, counts_of
from archive.search.query import Answer, Hit, answer_of, proof_of
from archive.store import Connection, Store
from archive.store.query.citations import CitationRow
from archive.store.query.history import captures_at
from archive.store.query.optical import PictureCapture, SeenVersion, seen_version
from archive.store.query.questions import (
    ReportRow,
    RunRow,
    check_portal,
    portal_names,
    reports_by_year,
    reports_of,
)
from archive.store.query.stamp import stamp
from archive.store.query.totals import Totals, totals
from archive.store.query.withdrawals import withdrawals_of
from archive.store.write.captures import archive_id
from archive.terminal import plain
from archive.web.remembered import Remembered
from archive.web.search_form import Search
from archive.work import clock
from archive.work.corrections.corrections_file import Correction
from archive.work.corrections.fitting import CorrectedPage, corrected_page
from archive.work.query.changes import ChangesFound, Wanted, find_changes
from archive.work.query.citation import citation_of
from archive.work.query.compare import Comparison, compare
from archive.work.query.find_page import find_page
from archive.work.query.hits import agency_names
from archive.work.query.json import status_json
from archive.work.query.pictures import Picture
from archive.work.query.show import PageHistory, PageView, history, show
from archive.work.query.similarity import (
    Likeness,
    PairsFound,
    WantedPairs,
    find_similar,
    likeness,
)
from archive.work.query.snapshot import snapshot_url
from archive.work.query.status import Status, runs_as_they_stand, status

REPORTS_A_PAGE = 200
PORTALS_A_PAGE = 100
RUNS_A_PAGE = 50
WITHDRAWN = "(withdrawn)"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCounts:
    """Portals against years. portals: names by key. counts: how many reports, by (portal, year);
    year None: unknown. all: of each portal.
    """

    portals: Mapping[str, str]
    years: Sequence[int]
    counts: Mapping[tuple[str, int | None], int]
    all: Mapping[str, int]
    more: bool

    @property
    def undated(self) -> bool:
        """Whether the year of any report is not known."""
        return any(year is None for _, year in self.counts)


class Counting(NamedTuple):
    """How hits are counted, as archive.search.counts takes it: so many candidates are proved, of
    more at_most are counted.
    """

    prove: int
    at_most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Queries:
    """One open ledger. replay: where snapshots are shown, without a slash; None: nowhere.
    crawling: whether a crawl may be at work now. catalogue: its keys; None: as the ledger has it.
    draw: one page of a captured picture, from 1 (archive.work.query.pictures); None where pictures
    are not shown. corrections: what people corrected; UsageError: their file is broken.
    """

    store: Store
    replay: str | None
    crawling: Callable[[], bool]
    catalogue: Callable[[], Collection[str] | None] = lambda: None
    draw: Callable[[PictureCapture, int], Picture] | None = None
    corrections: Callable[[], Sequence[Correction]] = tuple
    memory: Remembered = field(default_factory=Remembered)

    def remembered(
        self, question: Hashable, make: Callable[[Connection], _T], wait_s: float | None = None
    ) -> _T:
        """What `make` finds, kept until the ledger changes (archive.web.remembered). wait_s: how
        long to wait; None: as usual. TooSlowError: it is being found for the first time.
        """

        def find() -> _T:
            with self.store.read() as connection:
                return make(connection)

        with self.store.read() as connection:
            now = stamp(connection)
        return self.memory.get(question, now, find, wait_s)

    def search(
        self, asked: Search, *, limit: int, offset: int = 0, count: Counting | None = None
    ) -> tuple[Answer, Counts | None]:
        """Hits in order and, where it is asked for, how many there are. UsageError: the query or a
        filter cannot be meant.
        """
        with self.store.read() as connection:
            proof = proof_of(connection, asked.query, asked.filters, history=asked.history)
            answer = answer_of(
                proof, limit=limit, offset=offset, sort=asked.sort, after=asked.after
            )
            if count is None:
                return answer, None
            return answer, counts_of(proof, prove=count.prove, at_most=count.at_most)

    def agency_names(self, hits: Sequence[Hit]) -> dict[int, str]:
        """The agencies of those hits whose body has namesakes, with its place, by version."""
        with self.store.read() as connection:
            return agency_names(connection, hits)

    def page(self, url: str, number: int | None) -> PageView:
        """One version with its parts. WithdrawnError: it is out of public view."""
        view = show(self.store, url, number)
        self._refuse_withdrawn(view.page.page_id, view.version.number)
        return view

    def seen(self, view: PageView) -> SeenVersion | None:
        """How a version was read from pictures; None when it was read without."""
        with self.store.read() as connection:
            return seen_version(connection, view.version.version_id)

    def corrected(self, view: PageView) -> CorrectedPage | None:
        """What people corrected on a version; None where that cannot be read."""
        try:
            known = self.corrections()
        except GongkaiError:  # somebody is editing the file
            return None
        version, figures = view.version, view.parts.figures
        return corrected_page(known, view.page.key, version.content_hash, figures)

    def picture(self, capture: PictureCapture, page: int) -> Picture:
        """One page of a captured picture, from 1. NotFoundError: there is none that can be shown.
        WithdrawnError: its page is out of public view.
        """
        self._refuse_withdrawn(capture.page_id)
        if self.draw is None:
            raise NotFoundError("this server shows no pictures")
        return self.draw(capture, page)

    def history(self, url: str) -> PageHistory:
        """What happened to a page, without the titles of withdrawn versions. WithdrawnError: the
        whole page is out of public view.
        """
        story = history(self.store, url)
        withdrawn = self._refuse_withdrawn(story.page.page_id)
        shown = tuple(
            replace(each, title=WITHDRAWN, text="") if each.number in withdrawn else each
            for each in story.versions
        )
        return replace(story, versions=shown)

    def compare(self, url: str, old: int | None, new: int | None) -> Comparison:
        """Two versions side by side. WithdrawnError: one of them is out of public view."""
        compared = compare(self.store, url, old, new)
        page_id = compared.page.page_id
        self._refuse_withdrawn(page_id, compared.old.number, compared.new.number)
        return compared

    def cite(self, url: str, number: int | None) -> CitationRow:
        """One version as it is cited. WithdrawnError: it is out of public view."""
        page = find_page(self.store, url)
        self._refuse_withdrawn(page.page_id, number or page.latest)
        return citation_of(self.store, page.key, number)

    def changes(
        self, wanted: Wanted, *, limit: int, after: tuple[datetime, int] | None = None
    ) -> ChangesFound:
        """What changed on pages, newest first, without withdrawn versions. UsageError: a filter
        cannot be meant.
        """
        return find_changes(self.store, wanted, limit=limit, after=after, public=True)

    def similar(
        self,
        wanted: WantedPairs,
        *,
        limit: int,
        after: tuple[float, int, int] | None = None,
        newest: bool = False,
    ) -> PairsFound:
        """Pairs of reports that say the same, without withdrawn versions; after, newest: as
        `find_similar`. UsageError: a filter cannot be meant.
        """
        return find_similar(
            self.store, wanted, limit=limit, after=after, newest=newest, public=True
        )

    def likeness(self, url: str, other: str) -> Likeness:
        """What the latest versions of two pages have in common. WithdrawnError: one of them is out
        of public view.
        """
        for given in (url, other):
            page = find_page(self.store, given)
            self._refuse_withdrawn(page.page_id, page.latest)
        return likeness(self.store, url, other)

    def archive_id(self) -> str:
        """The id of the archive, which stays when its ledger is made again."""
        with self.store.read() as connection:
            return archive_id(connection)

    def last_visit(self) -> datetime | None:
        """When the last run began; None without one."""
        return next((run.started_at for run in self.runs(0)), None)

    def _refuse_withdrawn(self, page_id: int, *numbers: int) -> set[int]:
        """The numbers of a page's withdrawn versions. WithdrawnError: one of `numbers` or the whole
        page is withdrawn.
        """
        with self.store.read() as connection:
            withdrawn = withdrawals_of(connection, [page_id])
        for each in withdrawn:
            if each.version is None or each.version in numbers:
                raise WithdrawnError(f"This is withdrawn from public view: {each.reason}")
        return {each.version for each in withdrawn if each.version is not None}

    def totals(self) -> Totals:
        """How much the archive holds, as remembered."""
        return self.remembered("totals", totals)

    def report_counts(self, offset: int) -> ReportCounts:
        """Which portal has reports for which year, a page of portals."""
        with self.store.read() as connection:
            names = portal_names(connection, limit=PORTALS_A_PAGE + 1, offset=offset)
            shown = dict([*names.items()][:PORTALS_A_PAGE])
            counts = reports_by_year(connection, shown)
        years = sorted({year for _, year in counts if year is not None}, reverse=True)
        whole = Counter[str]()
        for (key, _), count in counts.items():
            whole[key] += count
        return ReportCounts(
            portals=shown, years=years, counts=counts, all=whole, more=len(names) > len(shown)
        )

    def reports(self, portal: str | None, year: int | None, offset: int) -> list[ReportRow]:
        """Reports of a portal and a year, or of all; one more than a page when there are more.
        UsageError: the archive has no such portal.
        """
        with self.store.read() as connection:
            if portal is not None:
                check_portal(connection, portal)
            return reports_of(
                connection, portal_key=portal, year=year, limit=REPORTS_A_PAGE + 1, offset=offset
            )

    def runs(self, offset: int) -> list[RunRow]:
        """Runs, newest first; one more than a page when there are more."""
        return runs_as_they_stand(
            self.store, crawling=self.crawling, limit=RUNS_A_PAGE + 1, offset=offset
        )

    def status(self, wait_s: float | None = None) -> Status:
        """How the archive stands now, its portals and visits as remembered."""
        return self._status(wait_s)[0]

    def encoded_status(self) -> bytes:
        """The same as JSON: with thousands of portals it takes longer to spell than to find."""
        return self._status()[1]

    def _status(self, wait_s: float | None = None) -> tuple[Status, bytes]:
        def find(_: Connection) -> tuple[Status, bytes]:
            keys = self.catalogue()
            found = status(self.store, now=clock.now(), crawling=self.crawling, catalogue=keys)
            return found, encoded(status_json(found))

        return self.remembered("status", find, wait_s)

    def is_captured(self, url: str) -> bool:
        """Whether the archive has a capture of that URL, as a page or as what a page shows."""
        with self.store.read() as connection:
            return bool(captures_at(connection, url))

    def snapshot(self, url: str, at: datetime) -> str | None:
        """Where a capture is replayed; None when no replay URL was given."""
        return snapshot_url(self.replay, url, at)


def encoded(value: object) -> bytes:
    """A value as JSON in UTF-8."""
    return json.dumps(plain(value), ensure_ascii=False).encode("utf-8", "replace")
