"""verify without files: a whole archive, its WARC files, its ledger, and whether the two fit; or a
share of its WARC files.
"""

import argparse
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Final

from archive.cli.place import archive_with_files, home_named
from archive.command import ledger_of
from archive.environment import verify_minutes_named
from archive.model.errors import DamagedLedgerError, GongkaiError
from archive.model.reading import Severity
from archive.progress import Progress
from archive.search.index_check import rebuild_index
from archive.store import Store
from archive.store.engine import DATABASE_NAME, place_of
from archive.store.query.history import committed_captures
from archive.store.query.rereading import count_versions
from archive.store.query.run_facts import recorded_runs
from archive.store.upgrade import HEAD, REVISIONS, stored_revision
from archive.store.write.captures import committed_ends
from archive.store.write.lost import known_places
from archive.terminal import Ui, counted
from archive.warc.check import Damage
from archive.warc.folder import warc_files
from archive.work import clock
from archive.work.home import Home
from archive.work.ingest.reader_pool import worth_starting
from archive.work.open_archive import is_archive
from archive.work.preservation.repair import with_known
from archive.work.preservation.verify import verify_archive, verify_files
from archive.work.preservation.verify_deep import (
    AS_SEALED,
    AS_STORED,
    DIFFERENT,
    OUTSIDE,
    PARTLY,
    UNPROVEN,
    verify_deep,
)
from archive.work.preservation.verify_ledger import ledger_damage, verify_index, verify_ledger
from archive.work.preservation.verify_round import NOTED_IN, note_whole_round
from archive.work.preservation.verify_share import verify_share

_SHOWN: Final = 10
# How versions come out of a deep look, as the summary tells it.
_CAME_OUT: Final = {
    AS_STORED: "as stored",
    AS_SEALED: "as an earlier reader's seal says",
    PARTLY: "of an earlier reader proven in part",
    UNPROVEN: "read otherwise by an earlier reader and not proven",
    OUTSIDE: "otherwise through another program and not proven",
    DIFFERENT: "not as stored",
}


def tell_schema(args: argparse.Namespace, ui: Ui) -> None:
    """Says so in one line where the ledger is of an earlier release: opening it migrates it. What
    else is wrong with it is told by whoever opens it.
    """
    place = ledger_of(args)
    with suppress(GongkaiError):
        revision = stored_revision(place) if is_archive(place) else HEAD
        if revision in REVISIONS[:-1]:
            copy = (
                f", after a copy ({DATABASE_NAME}.bak-{revision})"
                if isinstance(place, Path)
                else ""
            )
            ui.note(f"the ledger has schema {revision} and is brought to {HEAD}, today's{copy}")


def verify_home(args: argparse.Namespace, ui: Ui) -> tuple[list[Damage], str]:
    """Everything that is wrong with an archive, and what was looked at."""
    home, place, began_at = home_named(args), place_of(ledger_of(args)), clock.now()
    what = f"{counted(len(warc_files(home.files)), 'WARC file')} and the ledger"
    damages: list[Damage] = []
    try:
        with archive_with_files(args, home) as store:
            if args.rebuild_index:
                ui.note(f"search index made anew: {counted(rebuild_index(store), 'version')}")
            damages.extend(verify_ledger(store, place))
            damages.extend(verify_index(store, place, deep=args.deep))
            with ui.progress(f"verifying {what}: records") as progress:
                of_files = _records(home, store, progress)
            problem = note_whole_round(home, of_files, began_at=began_at, ended_at=clock.now())
            if problem is not None:
                ui.note(f"warning: what was seen could not be noted: {problem}")
            damages.extend(of_files)
            if args.deep:
                damages.extend(_deep(home, store, ui))
    except DamagedLedgerError as error:
        damages.append(ledger_damage(place, error))
        with ui.progress("verifying the WARC files by themselves: records") as progress:
            damages.extend(verify_files(warc_files(home.files), on_record=progress.step))
    return list(dict.fromkeys(damages)), what


def verify_minutes(args: argparse.Namespace, ui: Ui) -> tuple[list[Damage], str]:
    """Everything that is wrong with the next WARC files, and which were looked at."""
    home, until = home_named(args), time.monotonic() + 60 * args.minutes
    with (
        archive_with_files(args, home) as store,
        ui.progress("verifying a share of the WARC files: files") as progress,
    ):
        share = verify_share(
            home, store, goes_on=lambda: time.monotonic() < until, now=clock.now,
            on_file=progress.step,
        )  # fmt: skip
    if share.round.is_unreadable:
        ui.note(f"warning: {home.path / NOTED_IN} could not be read: the rounds begin anew, and"
                " which files had damage is not known")  # fmt: skip
    if share.problem is not None:
        ui.note(f"warning: how far the round is could not be noted: {share.problem}")
    of = f"{share.looked_at:,} of {counted(share.total, 'WARC file')}, round {share.round.number}"
    far = "at its end" if share.round.is_ended else f"goes on behind {share.round.after}"
    return share.damages, f"{of} ({far})"


def verify_behind_crawl(args: argparse.Namespace, ui: Ui) -> bool:
    """Verifies a share behind a crawl of what is due, within the minutes that are set for it, in
    silence where nothing is wrong. Returns whether the files could be looked at and nothing is.
    """
    minutes = verify_minutes_named()
    if not minutes:
        return True
    args = argparse.Namespace(**vars(args), minutes=minutes)
    try:
        damages, what = verify_minutes(args, Ui(err=ui.err, out=ui.err))
    except GongkaiError as error:
        ui.note(f"warning: no WARC file could be verified: {error}")
        return False
    errors = [each for each in damages if each.severity is Severity.ERROR]
    for each in errors[:_SHOWN]:
        ui.note(f"damaged: {each}")
    if errors:
        ui.note(f"{what}: {counted(len(errors), 'error')} (gongkai verify, then gongkai repair)")
    return not errors


def _records(home: Home, store: Store, progress: Progress) -> list[Damage]:
    notes: list[Damage] = []
    with store.read() as connection:
        found = verify_archive(
            home,
            committed_captures(connection),
            committed_ends(connection),
            recorded=recorded_runs(connection),
            on_record=progress.step,
            on_cut=notes.append,
        )
        return [*with_known(found, known_places(connection)), *notes]


def _deep(home: Home, store: Store, ui: Ui) -> list[Damage]:
    # Imported here: nobody else waits for the library of signatures.
    from archive.work.preservation.seal.held import SealedVersions  # noqa: PLC0415 - see above

    with store.read() as connection:
        total = count_versions(connection)
    counts: Counter[str] = Counter()
    with ui.progress("reading every version again:", total) as progress:
        read = verify_deep(
            store, home, processes=worth_starting(total), counts=counts,
            is_as_sealed=SealedVersions(home).has, on_version=progress.step,
        )  # fmt: skip
        with store.read() as connection:
            found = list(with_known(read, known_places(connection)))
    came = [f"{counts[how]:,} {told}" for how, told in _CAME_OUT.items()
            if counts[how] or how == AS_STORED]  # fmt: skip
    ui.note(f"{counted(counts.total(), 'version')} read again: {', '.join(came)}")
    return found
