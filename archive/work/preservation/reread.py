"""Stored captures with today's reader, without the network: parallel, a portion a transaction, so
that after any end the same command goes on. What the older reader understood is kept beside it.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from archive.model.reading import Link, Reading
from archive.reading import READER_VERSION
from archive.store import Connection, Store
from archive.store.query.pages_to_reread import PageToReread, StoredVisit, Wanted, pages_after
from archive.store.write.earlier_readings import as_stored
from archive.store.write.rereading import RereadPage, store_reread
from archive.store.write.stored_reading import stored_reading
from archive.work.disk_guard import DiskGuard
from archive.work.home import Home
from archive.work.ingest.covering import cover, cover_anew_later
from archive.work.ingest.derived import bring_up_to_date
from archive.work.ingest.reader_pool import Answer, Readers, ReadingTask
from archive.work.preservation.reading_again import answered, task_for
from archive.work.preservation.reread_notes import Note
from archive.work.preservation.reread_page import Plan, planned, visits_to_read

_PAGES_AT_ONCE: Final = 50
_AHEAD: Final = 6  # captures a reading process
PARTS: Final = (
    "title", "text", "kind", "report_year", "body", "figures", "statements", "fields", "findings",
    "checks", "links", "tables", "official", "family",
)  # fmt: skip
"""What a reading has, as reports name it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAgain:
    """A version as it was understood until now, and as today's reader understands it."""

    number: int
    before: Reading
    after: Reading

    @property
    def differing(self) -> tuple[str, ...]:
        """The parts (of PARTS) that are not the same."""
        ours, theirs = _parts(self.before), _parts(self.after)
        return tuple(name for name in PARTS if ours[name] != theirs[name])


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReport:
    """What came of a page. versions: those that were read again. added: how many were made."""

    url: str
    versions: tuple[ReadAgain, ...]
    added: int
    notes: tuple[Note, ...]


def reread(
    store: Store,
    home: Home,
    wanted: Wanted,
    *,
    processes: int,
    now: Callable[[], datetime],
    dry_run: bool,
    guard: DiskGuard,
    alone: bool = True,
) -> Generator[PageReport, None, None]:
    """Reads all captures of the wanted pages again, and stores what comes of them before it is
    told; a dry run stores nothing. At the end follows what is known from all versions together, and
    the coverage of the portals whose pages were wanted; of all where no page or portal was chosen,
    so that the same command finishes what was ended halfway. alone: False leaves that to the upkeep
    of workers. guard: looks at the disks before a portion is stored. CannotRunError: disk or lock.
    """
    touched = set[str]() if wanted.portal is None else {wanted.portal}
    with closing(Readers(home.files, processes=processes)) as readers:
        ahead = _ReadAhead(readers, _pages(store, wanted, touched), wanted, processes * _AHEAD)
        for page in _read_all(store, ahead, wanted, now, dry_run=dry_run):
            yield page
            guard.check()
    if dry_run:
        return
    if not alone:
        cover_anew_later(store)
        return
    bring_up_to_date(store)
    chosen = wanted.portal is not None or wanted.page_ids is not None
    cover(store, None, now=now(), anew=not chosen, reread=touched)


class _ReadAhead:
    """Answers in the order in which they are asked for, some captures ahead."""

    def __init__(
        self, readers: Readers, pages: Iterator[PageToReread], wanted: Wanted, limit: int
    ) -> None:
        self._readers, self._wanted, self._limit = readers, wanted, limit
        self._pages: deque[PageToReread] = deque()
        self._futures: deque[Future[Answer]] = deque()
        self._tasks = self._each_task(pages)

    def pages(self) -> Iterator[PageToReread]:
        """The pages, one after the other: of each all answers are to be asked for."""
        while self._fill() or self._pages:
            yield self._pages.popleft()

    def answer(self, _visit: StoredVisit) -> Answer | str:
        """What the next capture of the page gives."""
        self._fill()
        return answered(self._futures.popleft())

    def _fill(self) -> bool:
        while len(self._futures) < self._limit:
            task = next(self._tasks, None)
            if task is None:
                return False
            self._futures.append(self._readers.read(task))
        return True

    def _each_task(self, pages: Iterator[PageToReread]) -> Iterator[ReadingTask]:
        for page in pages:
            self._pages.append(page)
            for visit, version in visits_to_read(page, self._wanted.readers):
                pictures = version.pictures if version else None
                yield task_for(
                    page, visit.spot,
                    optical=pictures.document.packed if pictures else None,
                    listed=version.listed if version else None,
                )  # fmt: skip


def _pages(store: Store, wanted: Wanted, touched: set[str]) -> Iterator[PageToReread]:
    """In portions, each with a connection of its own: others may write meanwhile. touched: gets
    their portals.
    """
    last = 0
    while True:
        with store.read() as connection:
            portion = pages_after(connection, last, _PAGES_AT_ONCE, wanted)
        if not portion:
            return
        touched.update(page.portal_key for page in portion)
        yield from portion
        last = portion[-1].page_id


def _read_all(
    store: Store,
    ahead: _ReadAhead,
    wanted: Wanted,
    now: Callable[[], datetime],
    *,
    dry_run: bool,
) -> Iterator[PageReport]:
    portion: list[tuple[PageToReread, Plan]] = []
    for page in ahead.pages():
        portion.append((page, planned(page, wanted.readers, ahead.answer)))
        if len(portion) >= _PAGES_AT_ONCE:
            yield from _finished(store, portion, now, dry_run=dry_run)
            portion = []
    yield from _finished(store, portion, now, dry_run=dry_run)


def _finished(
    store: Store,
    portion: Sequence[tuple[PageToReread, Plan]],
    now: Callable[[], datetime],
    *,
    dry_run: bool,
) -> list[PageReport]:
    if not portion:
        return []
    if dry_run:
        with store.read() as connection:
            return [_report(connection, page, plan) for page, plan in portion]
    with store.write() as connection:
        reports = [_report(connection, page, plan) for page, plan in portion]
        pairs = zip(portion, reports, strict=True)
        store_reread(
            connection,
            [_with_before(plan.page, report) for (_, plan), report in pairs],
            reader_version=READER_VERSION,
            at=now(),
            on_versions=store.on_versions,
        )
    return reports


def _with_before(page: RereadPage, report: PageReport) -> RereadPage:
    pairs = zip(page.replaced, report.versions, strict=True)
    return replace(page, replaced=tuple(replace(each, before=v.before) for each, v in pairs))


def _report(connection: Connection, page: PageToReread, plan: Plan) -> PageReport:
    """Before it is stored: what was understood until now is still there."""
    return PageReport(
        url=page.key,
        versions=tuple(
            ReadAgain(
                number=each.number,
                before=stored_reading(connection, each.version_id),
                after=as_stored(each.reading, each.packed),
            )
            for each in plan.page.replaced
            if each.version_id is not None
        ),
        added=len(plan.page.added),
        notes=tuple(plan.notes),
    )


def _parts(reading: Reading) -> dict[str, object]:
    return {
        "title": reading.title,
        "text": reading.lines,
        "kind": reading.kind,
        "report_year": reading.report_year,
        "body": reading.publisher,
        "figures": reading.figures,
        "statements": reading.statements,
        "fields": (reading.fields, reading.identity),
        "findings": reading.findings,
        "checks": reading.checks,
        "links": [_link_columns(each) for each in reading.links],
        "tables": reading.tables,
        "official": reading.official,
        "family": reading.family,
    }


def _link_columns(link: Link) -> tuple[object, ...]:
    """A link without what is posted to it, which stands with the page that it leads to."""
    return link.url, link.text, link.role, link.printed_date
