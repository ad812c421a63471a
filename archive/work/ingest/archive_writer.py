"""The ledger thread: the only writer of WARC files and SQL while a crawl runs.

Two transactions move a URL through the frontier. `keep` appends the exchange to the WARC,
fsyncs it and commits the capture row; `record` commits what the exchange came to. Whatever
arrives while a commit is under way waits and goes together into the next one (group commit), so
durability costs one fsync a group and not one a page.

Records wait for each other a moment: most of what a transaction costs it costs once. Their commit
is not synced: what a loss of power takes back is read again from the capture that was kept.
"""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from archive.model.errors import CannotRunError
from archive.model.frontier import Lease, NewCapture, Record, StoredCapture
from archive.model.sessions import has_session
from archive.model.url import host_of
from archive.store import Connection, Store
from archive.store.rows import Recorded
from archive.store.write.captures import keep
from archive.store.write.outcomes import record
from archive.warc.payload import Payload, payload_of
from archive.warc.record import Exchange, Profile, Revisit, Written
from archive.warc.writer import WarcWriter
from archive.work.ingest.holdings import Holdings

T = TypeVar("T")
P = ParamSpec("P")
GROUP_LIMIT: Final = 64
# While captures are being read, records wait for theirs: until nothing came for so long, and at
# most so long in all.
QUIET_S: Final = 0.25
MAX_WAIT_S: Final = 1.0
RENDERED_TYPE: Final = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A page as a browser showed it, made from the exchange `beside`.

    content: the document's mark-up in UTF-8. url, status: where it was in the end, and with which
    answer. at: when it was taken. main: the exchange of the document shown, when it is not the one
    that the crawl stored (a challenge was passed).
    """

    content: bytes
    url: str
    status: int
    at: datetime
    beside: StoredCapture
    main: Exchange | None = None


@dataclass(slots=True)
class _Keep:
    lease: Lease
    brought: Exchange | Rendered
    done: "Future[StoredCapture]"


@dataclass(slots=True)
class _Write:
    record: Record
    next_due_at: datetime | None
    done: "Future[Recorded]"


@dataclass(slots=True)
class _Call:
    work: Callable[[Connection], Any]
    done: "Future[Any]"
    writes_files: bool = False


_Job = _Keep | _Write | _Call | None


class ArchiveWriter:
    """Runs every write of a crawl on one thread, in groups.

    A job's future fails with the exception that broke its group (disk full, damage); the caller
    ends the run then, and a restart goes on from the last committed group. After a group that was
    not kept nothing more is: what it left in the WARC file would be taken for committed.
    """

    def __init__(self, store: Store, writer: WarcWriter, holdings: Holdings | None = None) -> None:
        self._store = store
        self._writer = writer
        self._holdings = holdings
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self._broken: Exception | None = None
        self._unread: set[int] = set()  # pages that were kept and have no record yet
        self._waiting: list[_Write] = []
        self._write_by = 0.0
        self._thread = threading.Thread(target=self._run, name="ledger", daemon=True)
        self._thread.start()

    def keep(self, lease: Lease, brought: Exchange | Rendered) -> "Future[StoredCapture]":
        """The exchange or the rendered document durable in WARC and SQL, as the first transaction
        stored it.
        """
        done: Future[StoredCapture] = Future()
        self._jobs.put(_Keep(lease, brought, done))
        return done

    def record(self, record: Record, next_due_at: datetime | None) -> "Future[Recorded]":
        """How the lease ended, stored by the second transaction."""
        done: Future[Recorded] = Future()
        self._jobs.put(_Write(record, next_due_at, done))
        return done

    def call(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> "Future[T]":
        """`work(connection, …)` in a transaction of its own on the ledger's thread, in its order
        among the other jobs.
        """
        done: Future[T] = Future()
        self._jobs.put(_Call(lambda connection: work(connection, *args, **kwargs), done))
        return done

    def call_with_files(
        self,
        work: Callable[Concatenate[Connection, WarcWriter, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> "Future[T]":
        """As `call`, for work that appends to the WARC files too and syncs them."""
        done: Future[T] = Future()

        def with_files(connection: Connection) -> T:
            return work(connection, self._writer, *args, **kwargs)

        self._jobs.put(_Call(with_files, done, writes_files=True))
        return done

    def expect_no_record(self, page_id: int) -> None:
        """A page that was kept comes to no record now: it was given back for later."""
        self._unread.discard(page_id)

    def close(self) -> None:
        """Finishes what is queued, closes the WARC file and ends the thread."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        running = True
        while running:
            group = self._next_group()
            running = None not in group
            self._do_keeps([job for job in group if isinstance(job, _Keep)])
            calls = [job for job in group if isinstance(job, _Call)]
            if not group or calls or not running or self._is_time_to_write():
                self._do_writes(self._waiting)
                self._waiting = []
            for job in calls:
                self._do_call(job)
        self._close_writer()

    def _next_group(self) -> list[_Job]:
        """What stands in the queue; [] where nothing comes in time for the records that wait."""
        group: list[_Job] = []
        left_s = min(max(self._write_by - time.monotonic(), 0.0), QUIET_S)
        with suppress(queue.Empty):
            group.append(self._jobs.get(timeout=left_s if self._waiting else None))
            while len(group) < GROUP_LIMIT and group[-1] is not None:
                group.append(self._jobs.get_nowait())
        records = [job for job in group if isinstance(job, _Write)]
        if records and not self._waiting:
            self._write_by = time.monotonic() + MAX_WAIT_S
        self._waiting += records
        self._unread |= {job.lease.page_id for job in group if isinstance(job, _Keep)}
        self._unread -= {job.record.page_id for job in records}
        return group

    def _is_time_to_write(self) -> bool:
        """Whether the records that wait are many, wait for nobody, or have waited long."""
        many = len(self._waiting) >= GROUP_LIMIT
        return many or not self._unread or time.monotonic() >= self._write_by

    def _do_keeps(self, jobs: Sequence[_Keep]) -> None:
        if not jobs:
            return
        try:
            stored = self._keep_group(jobs)
        except Exception as error:  # noqa: BLE001 - handed to everyone who waits for the group
            self._broken = error
            for job in jobs:
                job.done.set_exception(error)
            return
        for job, capture in zip(jobs, stored, strict=True):
            job.done.set_result(capture)

    def _keep_group(self, jobs: Sequence[_Keep]) -> Sequence[StoredCapture]:
        if self._broken is not None:
            raise self._broken
        rows = [self._append(job.lease, job.brought) for job in jobs]
        self._writer.sync()
        with self._store.write() as connection:
            return keep(connection, rows, self._writer.synced_ends)

    def _append(self, lease: Lease, brought: Exchange | Rendered) -> NewCapture:
        if isinstance(brought, Rendered):
            return self._append_rendered(lease, brought)
        return self._append_exchange(lease, brought)

    def _append_rendered(self, lease: Lease, rendered: Rendered) -> NewCapture:
        written = self._writer.append_resource(
            lease.url,
            rendered.content,
            RENDERED_TYPE,
            rendered.beside.record_id,
            rendered.at,
        )
        return NewCapture(
            **_facts(lease, written),
            captured_at=rendered.at,
            status=rendered.status,
            media_type=RENDERED_TYPE.partition(";")[0],
            request_spot=None,
            truncated=None,
            etag=None,
            last_modified=None,
            refers_to=rendered.beside.capture_id,
            elapsed_s=0.0,
        )

    def _append_exchange(self, lease: Lease, exchange: Exchange) -> NewCapture:
        payload = payload_of(exchange.response)
        answer = payload.answer
        revisit = _revisit(lease, payload, exchange)
        if revisit and self._holdings and not self._holdings.has_previous(lease):
            revisit = None
        written = self._writer.append(replace(exchange, url=lease.url, revisit=revisit), payload)
        return NewCapture(
            **_facts(lease, written),
            captured_at=exchange.started_at,
            status=answer.status,
            media_type=answer.media_type,
            request_spot=written.request_spot,
            truncated=exchange.truncated,
            etag=answer.header("etag"),
            last_modified=answer.header("last-modified"),
            refers_to=lease.previous.capture_id if revisit and lease.previous else None,
            elapsed_s=exchange.elapsed_s,
        )

    def _do_writes(self, jobs: Sequence[_Write]) -> None:
        if not jobs:
            return
        due = {job.record.page_id: job.next_due_at for job in jobs if job.next_due_at is not None}
        try:
            with self._store.write(synced=False) as connection:
                done = record(
                    connection,
                    [job.record for job in jobs],
                    next_due=due,
                    on_versions=self._store.on_versions,
                )
        except Exception as error:  # noqa: BLE001 - handed to everyone who waits for the group
            for job in jobs:
                job.done.set_exception(error)
            return
        for job, recorded in zip(jobs, done, strict=True):
            job.done.set_result(recorded)

    def _do_call(self, job: _Call) -> None:
        if job.writes_files and self._broken is not None:
            job.done.set_exception(self._broken)
            return
        try:
            with self._store.write() as connection:
                done = job.work(connection)
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            if job.writes_files:
                self._broken = error
            job.done.set_exception(error)
        else:
            job.done.set_result(done)

    def _close_writer(self) -> None:
        """A clean end gives the file its final name; any other leaves it to the next start, which
        cuts it to what was committed.
        """
        if self._broken is None:
            with suppress(CannotRunError):
                self._writer.close()


def _revisit(lease: Lease, payload: Payload, exchange: Exchange) -> Revisit | None:
    """What this exchange repeats (WARC 1.1 section 6.7), None when it brought something new."""
    previous = lease.previous
    if previous is None or not previous.held or exchange.truncated or previous.truncated:
        return None
    if has_session(lease.url):
        return None  # the earlier record lies under the URL of another session
    status = payload.answer.status
    if status == 304:
        profile = Profile.NOT_MODIFIED
    elif status == 200 and previous.payload_digest in payload.digests:
        profile = Profile.IDENTICAL_PAYLOAD
    else:
        return None
    return Revisit(
        url=lease.url,
        captured_at=previous.captured_at,
        payload_digest=previous.payload_digest,
        profile=profile,
        record_id=previous.record_id,
    )


def _facts(lease: Lease, written: Written) -> dict[str, Any]:
    """What the rows of exchanges and of rendered documents have in common."""
    return {
        "page_id": lease.page_id,
        "run_id": lease.run_id,
        "host": host_of(lease.url),
        "payload_digest": written.payload_digest,
        "body_digest": None,
        "size_bytes": written.size_bytes,
        "spot": written.spot,
        "record_id": written.record_id,
        "record_type": written.record_type,
    }
