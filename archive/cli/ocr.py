"""Runs ocr, by itself and behind a crawl of what is due."""

import argparse
import shlex
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from importlib.util import find_spec
from typing import Final

from archive.cli.parts import put_into_queue, refuse_without_workers, seat_of
from archive.cli.place import archive_with_files, home_named
from archive.command import BAD, DONE, ledger_of
from archive.environment import min_free_named, ocr_minutes_named
from archive.model.content import printable
from archive.model.errors import CannotRunError, GongkaiError, UsageError
from archive.model.optical import Certainty
from archive.store import Store
from archive.store.query.optical import (
    WantedPictures,
    count_picture_versions,
    portals_of_pictures,
)
from archive.store.query.questions import check_portal
from archive.terminal import Ui, counted
from archive.work import clock
from archive.work.disk_guard import DiskGuard
from archive.work.home import OCR_LOCK, Home
from archive.work.ingest.open_to_crawl import Seat, open_to_visit, visit_held
from archive.work.ingest.optical_child import engine_of
from archive.work.jobs.parts import Part
from archive.work.open_archive import open_archive
from archive.work.preservation.ocr import Came, Held, PicturesReport, read_pictures
from archive.work.preservation.seal.keys import key_named
from archive.work.preservation.seal.run_end import seal_run

_PACKAGE: Final = "rapidocr"
_NOTHING: Final = "no report waits for its pictures to be read"
MISSING: Final = 'reading pictures needs a package: pip install "gongkai[ocr]"'


def run_ocr(args: argparse.Namespace, ui: Ui) -> int:
    """Reads pictures, prints what came of them and seals the archive behind that; exit status 1
    when some cannot be read.
    """
    if args.job:
        return _enqueue(args, ui)
    home = home_named(args)
    _refuse_without_package()
    counts: Counter[str] = Counter()
    told = _Results(ui, counts, limit=args.limit)
    if seat := seat_of(args, args.portal):
        _read_as_part(args, ui, home, told, seat)
    else:
        with archive_with_files(args, home) as store:
            _check_portal(store, args)
            _read(args, ui, store, home, told)
    if ui.as_json:
        ui.json({"versions": told.rows, "counts": dict(counts)})
    else:
        ui.line(_summary(counts, dry_run=args.dry_run))
    return BAD if counts[Came.FAILED] or counts[Came.UNREADABLE] else DONE


def _enqueue(args: argparse.Namespace, ui: Ui) -> int:
    """A job a portal. UsageError: only some of it is wanted, or nothing is to be stored."""
    refuse_without_workers()
    if args.dry_run or args.limit is not None:
        raise UsageError("--job reads all that waits: leave out --dry-run and --limit")
    home = home_named(args)
    # Where the package is not, nobody knows what a newer engine would read again.
    engine = engine_of(home.files) if find_spec(_PACKAGE) else None
    with archive_with_files(args, home) as store:
        _check_portal(store, args)
        with store.read() as connection:
            wanted = WantedPictures(engine=engine, portal=args.portal)
            keys = portals_of_pictures(connection, wanted)
    if not keys:
        ui.line(_NOTHING)
        return DONE
    commands = [shlex.join(("ocr", "--portal", key)) for key in keys]
    return put_into_queue(ui, [Part(command=each, lock=each) for each in commands])


def _check_portal(store: Store, args: argparse.Namespace) -> None:
    if args.portal is not None:
        with store.read() as connection:
            check_portal(connection, args.portal)


def _read_as_part(
    args: argparse.Namespace, ui: Ui, home: Home, told: "_Results", seat: Seat
) -> None:
    """Reads the pictures of one portal for a worker, beside others; a visit of the portal goes
    first. What follows from all versions, and the seal, are left to the upkeep.
    """
    key = f"ocr:{seat.visit}"  # nobody else looks at the same pictures meanwhile
    with open_to_visit(home, ledger_of(args), seat, command="ocr", key=key) as opened:
        held = partial(visit_held, opened.store, seat, "ocr")
        with held():
            pass  # before an engine is loaded
        _read(args, ui, opened.store, home, told, held)


def read_behind_crawl(args: argparse.Namespace, ui: Ui) -> None:
    """Reads what waits behind a crawl of what is due, within the minutes that are set for it, in
    silence where nothing waits. Nothing that goes wrong here changes the crawl's exit status.
    """
    if not ocr_minutes_named():
        return
    until = time.monotonic() + 60 * ocr_minutes_named()
    counts: Counter[str] = Counter()
    args = argparse.Namespace(**vars(args), portal=None, dry_run=False)
    told = _Results(Ui(err=ui.err, out=ui.err), counts, until=until)
    try:
        home = home_named(args)
        with archive_with_files(args, home) as store:
            if find_spec(_PACKAGE) is None:
                _tell_what_waits(store, ui)
            else:
                _read(args, ui, store, home, told)
    except GongkaiError as error:
        ui.note(f"warning: pictures: {error}")
    if counts:
        ui.note(_summary(counts, dry_run=False))


def _tell_what_waits(store: Store, ui: Ui) -> None:
    """A line where reports wait that nobody can read here."""
    with store.read() as connection:
        waiting = count_picture_versions(connection, WantedPictures(engine=None))
    if waiting:
        ui.note(f"{counted(waiting, 'report')} not read: {MISSING}")


def reads_pictures() -> bool:
    """Whether pictures are read here without being asked for. UsageError: GONGKAI_OCR_MINUTES."""
    return bool(ocr_minutes_named()) and find_spec(_PACKAGE) is not None


def _refuse_without_package() -> None:
    if find_spec(_PACKAGE) is None:
        raise CannotRunError(MISSING)


def _read(
    args: argparse.Namespace,
    ui: Ui,
    store: Store,
    home: Home,
    told: "_Results",
    held: Held | None = None,
) -> None:
    """Reads the pictures that wait; of none no process is started. held: of a part for a worker;
    None: the archive is ours.
    """
    anything = WantedPictures(engine="", portal=args.portal)
    with store.read() as connection:
        if not count_picture_versions(connection, anything):
            return
    is_alone = held is None and not args.dry_run
    key = key_named(home) if is_alone else None
    wanted = WantedPictures(engine=engine_of(home.files), portal=args.portal)
    with store.read() as connection:
        total = count_picture_versions(connection, wanted)
    with ExitStack() as stack:
        if is_alone:
            stack.enter_context(home.locked("ocr", file=OCR_LOCK))
        pages = read_pictures(
            store, home, wanted, now=clock.now, guard=_guard(home, dry_run=args.dry_run),
            dry_run=args.dry_run, goes_on=told.goes_on, held=held,
        )  # fmt: skip
        with closing(pages), ui.progress("reading pictures: reports", total) as progress:
            for page in pages:
                told.take(page)
                progress.step()
    if total and is_alone:
        for line in seal_run(home, partial(open_archive, ledger_of(args)), key):
            ui.note(f"warning: {line}")


def _guard(home: Home, *, dry_run: bool) -> DiskGuard:
    guard = DiskGuard(folders=(home.path, home.warc), min_free=0 if dry_run else min_free_named())
    guard.check()
    return guard


class _Results:
    """Prints what came of each version, and counts. limit: how many versions at most; until: an
    instant of time.monotonic behind which none begins. None: no bound.
    """

    def __init__(
        self,
        ui: Ui,
        counts: Counter[str],
        *,
        limit: int | None = None,
        until: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ui, self._counts, self._clock = ui, counts, clock
        self._limit, self._until = limit, until
        self.rows: list[dict[str, object]] = []

    def goes_on(self) -> bool:
        """Whether another version may begin."""
        if self._until is not None and self._clock() >= self._until:
            return False
        return self._limit is None or self._counts["versions"] < self._limit

    def take(self, page: PicturesReport) -> None:
        """Counts a version, and prints it where it is worth a line."""
        self._counts.update(("versions", page.came))
        self._counts["recognised"] += page.recognised
        for certainty, number in page.figures.items():
            self._counts[certainty] += number
        self._counts["missing pictures"] += page.missing
        if self._ui.as_json:
            self.rows.append(_json(page))
        elif page.why or page.missing:
            missing = f"{counted(page.missing, 'picture')} not captured" if page.missing else ""
            why = "; ".join(filter(None, (missing, page.why)))
            self._ui.line(f"{printable(page.url)} version {page.version}: {printable(why)}")


def _json(page: PicturesReport) -> dict[str, object]:
    return {
        "url": page.url,
        "version": page.version,
        "came": page.came,
        "missing": page.missing,
        "recognised": page.recognised,
        "figures": page.figures,
        "why": page.why or None,
    }


def _summary(counts: Counter[str], *, dry_run: bool) -> str:
    if not counts["versions"]:
        return _NOTHING
    if dry_run:
        parts = [f"{counted(counts[Came.READ], 'report')} would be read from pictures"]
    else:
        figures = sum(counts[each] for each in Certainty)
        sure = ", ".join(f"{counts[each]:,} {each}" for each in Certainty)
        now = f"{counts['recognised']:,} recognised now"
        read = f"{counted(counts[Came.READ], 'report')} read from pictures ({now})"
        parts = [f"{read}: {counted(figures, 'figure')}, {sure}"]
    if counts["missing pictures"]:
        parts.append(
            f"{counted(counts['missing pictures'], 'picture')} not captured"
            " (gongkai crawl KEY --unconditional --requisites brings them)"
        )
    if counts[Came.UNREADABLE]:
        unreadable = counted(counts[Came.UNREADABLE], "report")
        parts.append(f"{unreadable} not read: the pictures cannot be read")
    if counts[Came.FAILED]:
        failed = counted(counts[Came.FAILED], "report")
        parts.append(f"{failed} could not be read (the next gongkai ocr tries again)")
    return "; ".join(parts)
