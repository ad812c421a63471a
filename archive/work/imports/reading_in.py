"""Captures that were taken in are read and decided, as a crawl would have, in the order of time.

A version stands at the time of its capture: one that is older than the newest version of its page
takes the next free number and its place between the others, and the newest stays the latest. A
capture that says what the version before it says, or the one behind it, makes none.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from archive.model.errors import CannotRunError
from archive.model.frontier import Lease, Previous, Record
from archive.model.outcome import Outcome
from archive.model.reading import Kind
from archive.reading import READER_VERSION
from archive.store import Store
from archive.store.query.taken_in import (
    WaitingCapture,
    count_waiting,
    versions_of,
    waiting_captures,
)
from archive.store.write.taken_in import Ended, end_taken_in
from archive.work.ingest.holdings import Holdings
from archive.work.ingest.outcomes import make_record
from archive.work.ingest.reader_pool import READING_ERRORS, Readers
from archive.work.ingest.reading_tasks import may_be_read_although_cut, previous_task
from archive.work.ingest.recrawl import next_due_at
from archive.work.ingest.stored_capture import StoredRules, decide_stored

_BATCH: Final = 64
# Sorting what waits costs; what lists say about other pages counts from the next portion on.
_PORTIONS: Final = 50
_MAX_DETAIL: Final = 200
_WANTED: Final = (Kind.REPORT, Kind.LIST, Kind.ATTACHMENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingIn:
    """What reading needs. threads: how many captures are read at once. max_bytes: the largest
    answer that a portal takes, by its key. now: the time of the import. portal_key: of which portal
    alone what waits is read; None: of all.
    """

    store: Store
    readers: Readers
    holdings: Holdings
    threads: int
    max_bytes: Mapping[str, int]
    now: datetime
    portal_key: str | None = None

    def read_all(self, on_capture: Callable[[int], None]) -> None:
        """Reads whatever waits; on_capture hears how many more are done. CannotRunError: disk.

        While one batch is written the next is read already, where it has other pages.
        """
        with self.store.read() as connection:
            portion = max(_BATCH, count_waiting(connection) // _PORTIONS)
        with ThreadPoolExecutor(self.threads) as threads:
            while waiting := self._waiting(portion):
                begun: dict[int, Future[Ended]] = {}
                for batch in _pages_once(waiting):
                    if not begun.keys().isdisjoint(each.lease.page_id for each in batch):
                        on_capture(self._write(begun))
                        begun = {}
                    following = self._begin(batch, threads)
                    on_capture(self._write(begun))
                    begun = following
                on_capture(self._write(begun))

    def _waiting(self, limit: int) -> list[WaitingCapture]:
        with self.store.read() as connection:
            return waiting_captures(connection, limit, self.portal_key)

    def _begin(
        self, batch: Sequence[WaitingCapture], threads: ThreadPoolExecutor
    ) -> "dict[int, Future[Ended]]":
        """How each capture ends, by page."""
        page_ids = [each.lease.page_id for each in batch]
        with self.store.read() as connection:
            versions = versions_of(connection, page_ids)
        placed = [
            _placed(each, versions.get(each.lease.page_id, ()), self.holdings) for each in batch
        ]
        return {each.waiting.lease.page_id: threads.submit(_ended, self, each) for each in placed}

    def _write(self, begun: "Mapping[int, Future[Ended]]") -> int:
        ended = [each.result() for each in begun.values()]
        if ended:
            with self.store.write() as connection:
                end_taken_in(connection, ended, self.store.on_versions)
        return len(ended)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """A capture among the versions of its page. lease: with the version in force before it; after:
    the lease with the next version; None where none is later.
    """

    waiting: WaitingCapture
    lease: Lease
    after: Lease | None


def _pages_once(waiting: Iterable[WaitingCapture]) -> Iterator[list[WaitingCapture]]:
    """Batches in which no page comes twice: what is read of one capture counts for the next."""
    batch: dict[int, WaitingCapture] = {}
    for each in waiting:
        if each.lease.page_id in batch or len(batch) >= _BATCH:
            yield list(batch.values())
            batch = {}
        batch[each.lease.page_id] = each
    if batch:
        yield list(batch.values())


def _placed(waiting: WaitingCapture, versions: Sequence[Previous], holdings: Holdings) -> _Placed:
    at = waiting.captured_at
    before = next((each for each in reversed(versions) if each.captured_at <= at), None)
    after = next((each for each in versions if each.captured_at > at), None)
    lease = replace(waiting.lease, previous=before)
    return _Placed(
        waiting=waiting,
        lease=holdings.checked(lease),
        after=holdings.checked(replace(lease, previous=after)) if after else None,
    )


def _ended(reading: ReadingIn, placed: _Placed) -> Ended:
    """One capture that meets a defect of ours must not end the import, and each that goes on."""
    waiting, before = placed.waiting, placed.lease.previous
    try:
        record = _decided(reading, placed)
    except CannotRunError:
        raise
    except Exception as error:  # noqa: BLE001 - told as how the capture ended
        detail = " ".join(str(error).split())[:_MAX_DETAIL]
        why = f"internal error: {type(error).__name__}: {detail}"
        at = waiting.captured_at
        record = make_record(placed.lease, waiting.stored, Outcome.FAILED, why, at)
    return Ended(
        capture_id=waiting.capture_id,
        captured_at=waiting.captured_at,
        record=record,
        before=before.version_id if before else None,
        is_latest=placed.after is None,
        role=placed.lease.role,
        next_due_at=_next_due_at(placed.lease, record, reading.now),
    )


def _decided(reading: ReadingIn, placed: _Placed) -> Record:
    stored, after = placed.waiting.stored, placed.after
    max_bytes = reading.max_bytes.get(placed.lease.portal_key)
    whole_later = after is not None and not may_be_read_although_cut(after, stored)
    rules = StoredRules(max_bytes=max_bytes, although_cut=not whole_later)
    at = placed.waiting.captured_at
    record = decide_stored(placed.lease, stored, reading.readers, at, rules)
    # The version before stays as it is, however much better it would be read today.
    record = replace(record, supersede_reader=False, completes=False)
    if record.new_version and after is not None:
        return _unless_known_later(reading.readers, after, record, max_bytes)
    return record


def _next_due_at(lease: Lease, record: Record, now: datetime) -> datetime | None:
    """Reports and lists rest from the day they were captured; what else a crawler of others picked
    up rests from today: a crawl is not to fetch a whole portal anew because of an import.
    """
    kind = record.reading.kind if record.reading else lease.previous and lease.previous.kind
    return next_due_at(lease, record if kind in _WANTED else replace(record, at=now))


def _unless_known_later(
    readers: Readers, after: Lease, record: Record, max_bytes: int | None
) -> Record:
    """The record without its version where the next version says the same: that one stays as it is
    cited, the capture shows that its content stood earlier.
    """
    known, reading = after.previous, record.reading
    if known is None or reading is None or reading.content_hash != _hash(readers, after, max_bytes):
        return record
    reason = f"same content as version {known.version_number}, which was captured later"
    return replace(record, outcome=Outcome.UNCHANGED, reason=reason, new_version=False)


def _hash(readers: Readers, lease: Lease, max_bytes: int | None) -> str | None:
    """The content hash of the version in `lease`, as today's reader gives it."""
    previous = lease.previous
    if previous is None or previous.reader_version == READER_VERSION:
        return previous.content_hash if previous else None
    task = previous_task(lease, max_bytes=max_bytes)
    try:
        answer = readers.read(task).result() if task else None
    except READING_ERRORS:
        answer = None
    if answer is None or answer.reading is None:
        return previous.content_hash
    return answer.reading.content_hash
