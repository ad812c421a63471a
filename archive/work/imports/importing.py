"""`gongkai import`: a run of its own that takes in files of others, reads what is new and judges
itself.
"""

import os
import socket
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from tempfile import gettempdir
from typing import Final

from archive.model.errors import DiskLowError, HomeLockedError
from archive.model.outcome import Verdict
from archive.model.portal import Portal
from archive.store import Store
from archive.store.catalogue import portals as stored_portals
from archive.store.frontier.runs import IMPORT, begin_import, finish_run, name_portals
from archive.store.query.taken_in import (
    captures_of,
    count_waiting,
    outcome_counts,
    portals_of_run,
    portals_waiting,
)
from archive.store.write.taken_in import NewSource, save_source
from archive.warc.record import JOB_FIELD, RUN_FIELD
from archive.warc.writer import PREFIX, WarcWriter
from archive.work import clock
from archive.work.disk_guard import DiskGuard
from archive.work.home import Home
from archive.work.imports.candidates import Candidate
from archive.work.imports.portal_rules import PortalRules
from archive.work.imports.reading_in import ReadingIn
from archive.work.imports.report import Report
from archive.work.imports.scanning import Scanning
from archive.work.imports.sources import SourceFile, copy_into, source_file
from archive.work.imports.taking_in import Kept, TakingIn
from archive.work.ingest.covering import cover
from archive.work.ingest.derived import bring_up_to_date
from archive.work.ingest.holdings import Holdings
from archive.work.ingest.leases import Leases
from archive.work.ingest.open_to_crawl import (
    Opened,
    Seat,
    open_to_crawl,
    open_to_visit,
    visit_of,
)
from archive.work.ingest.reader_pool import Readers, worth_starting
from archive.work.ingest.run_records import end_run

SOFTWARE: Final = "gongkai"
_KEY: Final = "import"  # what a worker that imports holds
_LOOK_AGAIN_S: Final = 2.0
_AHEAD: Final = timedelta(days=1)
_MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """An import as the command line asks for it. place: the home folder or a database URL. portal:
    the key that `--portal` names; None leaves the choice to the rules. everything: pages of hosts
    that no rule places make portals too. copy: keeps a copy of each file in the archive. min_free:
    bytes that must stay free on the archive's disks. seat: the worker for whom the files are taken
    in, while others visit portals.
    """

    home: Home
    place: str | Path
    files: Sequence[Path]
    catalogue: Sequence[Portal]
    portal: str | None = None
    everything: bool = False
    copy: bool = False
    contact: str | None = None
    min_free: int = 0
    seat: Seat | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnProgress:
    """Who hears how far the import is: each record looked at, how many captures are to be read,
    how many more are.
    """

    record: Callable[[], None] = lambda: None
    to_read: Callable[[int], None] = lambda _: None
    read: Callable[[int], None] = lambda _: None


def try_import(request: ImportRequest, ledger: Store | None, on: OnProgress) -> Report:
    """What an import would take in and leave out; nothing is written. ledger: None where there is
    no archive yet. Errors as in `source_file`.
    """
    report, files = Report(), _files(request.files)
    known: list[Portal] = []
    if ledger is not None:
        with ledger.read() as connection:
            known = stored_portals(connection)
    taking = TakingIn(ledger, None, _rules(request, known), report)
    _scan(files, [0] * len(files), _scanning(Path(gettempdir()), on), taking)
    return report


def run_import(request: ImportRequest, on: OnProgress) -> Report:
    """Takes the files in and reads what is new. HomeLockedError: a crawl runs, or another worker
    imports. CannotRunError: the disk refuses, or has too little room left (DiskLowError); the same
    command goes on. Errors of files as in `source_file`.
    """
    report, files = Report(), _files(request.files)
    guard = DiskGuard(folders=(request.home.path, request.home.warc), min_free=request.min_free)
    guard.check()
    on = _guarded(on, guard)
    with ExitStack() as stack:
        opened = stack.enter_context(_opened(request))
        store = opened.store
        report.warnings = tuple(opened.log_lines())
        with store.read() as connection:
            rules = _rules(request, stored_portals(connection))
        with store.write() as connection:
            names = [file.name for file in files]
            run_id = begin_import(
                connection, names, now=clock.now(), pid=os.getpid(), shared=bool(request.seat)
            )
            report.before = captures_of(connection, run_id)
        writer = _writer(request, opened.archive_id, run_id)
        kept = Kept(run_id=run_id, store=store, writer=writer)
        try:
            _take_in(request, files, kept, rules, report, on)
            _read(request, opened, on)
        except KeyboardInterrupt:
            _interrupt(kept, "the same command goes on")
            raise
        except DiskLowError as error:
            _interrupt(kept, str(error))
            raise
        if request.seat is None:
            bring_up_to_date(store)
        _finish(kept, report, shared=bool(request.seat))
        if request.seat is None:
            cover(store, None, now=clock.now())
    return report


def _opened(request: ImportRequest) -> AbstractContextManager[Opened]:
    """The archive, all of it; for a worker beside visits of others, one import at a time."""
    home, place = request.home, request.place
    if request.seat is None:
        return open_to_crawl(home, place, "import", clock.now())
    return open_to_visit(home, place, request.seat, command="import", key=_KEY)


def _guarded(on: OnProgress, guard: DiskGuard) -> OnProgress:
    """The same, which looks at the disks between two records and between two portions read."""

    def record() -> None:
        guard.check()
        on.record()

    def read(count: int) -> None:
        on.read(count)
        guard.check()

    return OnProgress(record=record, to_read=on.to_read, read=read)


def _files(paths: Sequence[Path]) -> list[SourceFile]:
    """The files, each once."""
    found = {file.sha256: file for file in map(source_file, dict.fromkeys(paths))}
    return list(found.values())


def _rules(request: ImportRequest, stored: Sequence[Portal]) -> PortalRules:
    return PortalRules(
        stored, request.catalogue, chosen=request.portal, everything=request.everything
    )


def _scanning(room: Path, on: OnProgress) -> Scanning:
    return Scanning(room=room, latest=clock.now() + _AHEAD, on_record=on.record)


def _writer(request: ImportRequest, archive_id: str, run_id: int) -> WarcWriter:
    return WarcWriter(
        request.home.warc,
        host_software=f"{SOFTWARE}/{version(SOFTWARE)}",
        prefix=f"{PREFIX}-{request.seat.worker}" if request.seat else PREFIX,
        about_crawl=(
            ("hostname", socket.gethostname()),
            (RUN_FIELD, str(run_id)),
            (JOB_FIELD, IMPORT),
        ),
        operator=request.contact,
        archive_id=archive_id,
        now=clock.now,
        new_id=lambda: str(uuid.uuid4()),
    )


def _take_in(
    request: ImportRequest, files: Sequence[SourceFile], kept: Kept, rules: PortalRules,
    report: Report, on: OnProgress,
) -> None:  # fmt: skip
    ids = []
    for file in files:
        new = NewSource(
            sha256=file.sha256,
            name=file.name,
            format=file.format,
            size_bytes=file.size_bytes,
            copy=copy_into(request.home, file) if request.copy else None,
        )
        with kept.store.write() as connection:
            ids.append(save_source(connection, new, kept.run_id, clock.now()))
    taking = TakingIn(kept.store, kept, rules, report)
    _scan(files, ids, _scanning(request.home.warc, on), taking)


def _scan(
    files: Sequence[SourceFile], ids: Sequence[int], scanning: Scanning, taking: TakingIn
) -> None:
    """All that has a body, of every file; then the revisits."""
    with_revisits: dict[str, int] = {}
    for file, source_id in zip(files, ids, strict=True):
        for each in scanning.captures(file):
            if each is None:
                with_revisits[file.sha256] = source_id
            elif isinstance(each, Candidate):
                taking.add(each, file, source_id)
            else:
                taking.leave_out(each)
        taking.flush()
    for file in files:
        if file.sha256 not in with_revisits:
            continue
        for each in scanning.revisits(file):
            if isinstance(each, Candidate):
                taking.add(each, file, with_revisits[file.sha256])
            else:
                taking.leave_out(each)
        taking.flush()


def _read(request: ImportRequest, opened: Opened, on: OnProgress) -> None:
    store = opened.store
    with store.read() as connection:
        waiting = count_waiting(connection)
        keys = portals_waiting(connection) if opened.leases else [None]
        portals = {each.key: each for each in (*stored_portals(connection), *request.catalogue)}
    on.to_read(waiting)
    if not waiting:
        return
    processes = worth_starting(waiting)
    sizes = {key: each.max_size_mb for key, each in portals.items() if each.max_size_mb}
    with ExitStack() as stack:
        holdings = Holdings(request.home.files)
        stack.callback(holdings.close)
        readers = Readers(request.home.files, processes=processes)
        stack.callback(readers.close)
        reading = ReadingIn(
            store=store,
            readers=readers,
            holdings=holdings,
            threads=processes,
            max_bytes={key: size * _MEBIBYTE for key, size in sizes.items()},
            now=clock.now(),
        )
        for key in keys:
            if opened.leases and key is not None:
                _take_in_turn(opened.leases, key)
            replace(reading, portal_key=key).read_all(on.read)


def _take_in_turn(leases: Leases, portal_key: str) -> None:
    """Keeps visits of a portal out until the import is over, when the one under way has ended: each
    compares what it sees with the versions that were there when it began.
    """
    while True:
        try:
            leases.take([visit_of(portal_key)])
        except HomeLockedError:
            time.sleep(_LOOK_AGAIN_S)
        else:
            return


def _finish(kept: Kept, report: Report, *, shared: bool) -> None:
    """Ends the run, its rows written down beside its captures."""
    verdict = Verdict.GOOD if report.is_good else Verdict.BAD
    with kept.store.write() as connection:
        report.outcomes.update(outcome_counts(connection, kept.run_id))
        name_portals(connection, kept.run_id, sorted(portals_of_run(connection, kept.run_id)))
        end_run(
            connection,
            kept.writer,
            kept.run_id,
            status="finished",
            verdict=verdict,
            reason=report.reason,
            counts=report.outcomes,
            now=clock.now(),
            shared=shared,
        )
    kept.writer.close()
    report.verdict = verdict


def _interrupt(kept: Kept, reason: str) -> None:
    """Ends the run for now. What the WARC file holds of a batch that was not committed is cut off
    by the next start, as after a crash: the file is not closed here.
    """
    with kept.store.write() as connection:
        finish_run(
            connection,
            kept.run_id,
            status="interrupted",
            verdict=Verdict.INTERRUPTED,
            reason=reason,
            counts=outcome_counts(connection, kept.run_id),
            now=clock.now(),
        )
