"""Runs reread."""

import argparse
import shlex
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial

from archive.cli.parts import put_into_queue, refuse_without_workers, seat_of
from archive.cli.place import archive_with_files, home_named
from archive.cli.reread_report import RereadReport
from archive.command import BAD, DONE, ledger_of
from archive.environment import min_free_named
from archive.model.errors import UsageError, did_you_mean
from archive.reading import READER_VERSION
from archive.store import Store, catalogue
from archive.store.query.pages_to_reread import (
    Wanted,
    count_pages,
    portals_to_reread,
    readers_below,
)
from archive.terminal import Ui
from archive.work import clock
from archive.work.disk_guard import DiskGuard
from archive.work.home import Home, this_process
from archive.work.ingest.open_to_crawl import open_to_visit
from archive.work.ingest.reader_pool import worth_starting
from archive.work.jobs.parts import Part
from archive.work.open_archive import open_archive
from archive.work.preservation.reread import reread
from archive.work.preservation.seal.keys import key_named
from archive.work.preservation.seal.run_end import seal_run
from archive.work.query.find_page import find_page


def run_reread(args: argparse.Namespace, ui: Ui) -> int:
    """Reads captures again, prints what came of them and seals the archive behind that; exit status
    1 when one is lost. As a part for a worker it leaves that to the upkeep.
    """
    if args.job:
        return _enqueue(args, ui)
    home, is_part = home_named(args), seat_of(args) is not None
    key = None if args.dry_run or is_part else key_named(home)
    with ExitStack() as stack:
        store = stack.enter_context(_held(args, home))
        wanted = _wanted(store, args)
        with store.read() as connection:
            total = count_pages(connection, wanted)
        report = stack.enter_context(RereadReport(ui, is_dry=args.dry_run))
        pages = reread(
            store, home, wanted, processes=1 if is_part else worth_starting(total), now=clock.now,
            dry_run=args.dry_run, guard=_guard(home, dry_run=args.dry_run), alone=not is_part,
        )  # fmt: skip
        with closing(pages), ui.progress("reading again: pages", total) as progress:
            for page in pages:
                report.take(page)
                progress.step()
        report.print()
    if not args.dry_run and not is_part:
        for line in seal_run(home, partial(open_archive, ledger_of(args)), key):
            ui.note(f"warning: {line}")
    return BAD if report.lost else DONE


@contextmanager
def _held(args: argparse.Namespace, home: Home) -> Iterator[Store]:
    """The archive, all of it; as a part for a worker its portal alone. HomeLockedError: somebody
    else has it.
    """
    if seat := seat_of(args, args.portal):
        with open_to_visit(home, ledger_of(args), seat, command="reread") as opened:
            yield opened.store
        return
    with ExitStack() as stack:
        store = stack.enter_context(archive_with_files(args, home))
        if not args.dry_run:
            stack.enter_context(home.locked("reread"))
            stack.enter_context(store.advisory_lock(this_process("reread")))
        yield store


def _enqueue(args: argparse.Namespace, ui: Ui) -> int:
    """A job a portal. UsageError: pages are named, or nothing is to be stored."""
    refuse_without_workers()
    if args.urls or args.dry_run:
        raise UsageError("--job reads whole portals again: leave out --dry-run and URLs")
    below = int(READER_VERSION) if args.reader_below is None else args.reader_below
    with archive_with_files(args, home_named(args)) as store:
        wanted = _wanted(store, args)
        with store.read() as connection:
            keys = portals_to_reread(connection, wanted)
    if not keys:
        ui.line(f"nothing to read again: all was read by version {READER_VERSION} of the reader")
        return DONE
    # A worker with an older reader says that it cannot, and leaves it to others.
    of = [("reread", "--portal", key, "--reader-below", str(below)) for key in keys]
    parts = [Part(command=shlex.join(command), lock=f"reread {command[2]}") for command in of]
    return put_into_queue(ui, parts)


def _guard(home: Home, *, dry_run: bool) -> DiskGuard:
    """Of the archive's disks; a dry run writes nothing."""
    guard = DiskGuard(folders=(home.path, home.warc), min_free=0 if dry_run else min_free_named())
    guard.check()
    return guard


def _wanted(store: Store, args: argparse.Namespace) -> Wanted:
    today = int(READER_VERSION)
    below = today if args.reader_below is None else args.reader_below
    if below > today:
        raise UsageError(
            f"--reader-below {below}: today's reader is version {today};"
            " leave it out to read again what any older one has read"
        )
    page_ids = [find_page(store, each).page_id for each in args.urls] or None
    with store.read() as connection:
        known = [each.key for each in catalogue.portals(connection)]
        readers = readers_below(connection, below)
    if args.portal is not None and args.portal not in known:
        near = did_you_mean(args.portal, known)
        raise UsageError(f"the archive knows no portal {args.portal!r}{near}")
    return Wanted(readers=readers, portal=args.portal, page_ids=page_ids)
