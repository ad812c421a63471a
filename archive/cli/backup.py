"""Runs backup and restore."""

import argparse
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from archive.cli.place import home_named
from archive.command import BAD, DONE, home_of, ledger_of
from archive.environment import database_named, warc_named
from archive.model.errors import CannotRunError, UsageError
from archive.store.copying import LedgerFacts
from archive.store.engine import locate, place_of, sqlite_path
from archive.store.upgrade import HEAD
from archive.store.write.captures import archive_id, committed_ends
from archive.store.write.moved_files import file_places
from archive.terminal import Ui, counted, iso
from archive.work import clock
from archive.work.health.keeping import LastBackup, note_backup
from archive.work.open_archive import open_archive, refuse_nothing
from archive.work.preservation.backup import Listener, back_up
from archive.work.preservation.restore import restore


def run_backup(args: argparse.Namespace, ui: Ui) -> int:
    """Copies an archive; exit status 1 when WARC files were not as the ledger says."""
    output: Path = args.output
    home = home_named(args)
    for place in (home.path, home.warc):
        if output.absolute().is_relative_to(place.absolute()):
            raise UsageError(f"{output} lies in the archive itself; name a folder outside")
    with ui.progress("copying the ledger: pages") as progress:
        done = back_up(
            home,
            _ledger(args, ui),
            output,
            created=iso(clock.now()),
            software=f"gongkai {version('gongkai')}",
            listener=Listener(
                on_pages=lambda copied, total: progress.step(copied - progress.done, total=total),
                on_files=lambda total: progress.step(-progress.done, "copying: files", total),
                on_file=progress.step,
            ),
        )
    if not done.lacking:
        with suppress(CannotRunError):  # a home that cannot be written is backed up all the same
            note_backup(home, LastBackup(at=iso(clock.now()), folder=str(output.absolute())))
    for line in done.lacking:
        ui.note(f"not as the ledger says: {line}")
    if ui.as_json:
        ui.json({"folder": str(output), "files": done.files, "copied": done.copied,
                 "copied_bytes": done.copied_bytes, "lacking": list(done.lacking)})  # fmt: skip
    else:
        new = f"{counted(done.copied, 'file')} copied ({done.copied_bytes:,} bytes)"
        ui.line(f"{output}: {counted(done.files, 'file')}, {new}")
    return BAD if done.lacking else DONE


def _ledger(args: argparse.Namespace, ui: Ui) -> Path | LedgerFacts:
    place = ledger_of(args)
    path = sqlite_path(locate(place))
    if path is not None:
        refuse_nothing(place)
        return path
    with open_archive(place) as store, store.read() as connection:
        facts = LedgerFacts(
            archive_id=archive_id(connection), revision=HEAD, ends=committed_ends(connection),
            locations={each.name: each.location for each in file_places(connection)
                       if each.location},
        )  # fmt: skip
    url = place_of(place).replace("postgresql+psycopg:", "postgresql:", 1)  # as libpq spells it
    ui.note(
        "the ledger is on PostgreSQL: this takes the WARC files. Call before it, so that no capture"
        f" lacks its record: pg_dump --format=custom --file=ledger.dump {url}"
    )
    return facts


def run_restore(args: argparse.Namespace, ui: Ui) -> int:
    """Makes a new home of a backup; exit status 1 when that lacks WARC files of its ledger."""
    home = home_of(args)
    if warc_named() is not None:
        raise UsageError("a backup is restored into one home: unset GONGKAI_WARC_URL")
    with ui.progress("restoring: files") as progress:
        done = restore(
            args.folder,
            home,
            on_files=lambda total: progress.step(0, total=total),
            on_file=progress.step,
        )
    for line in done.lacking:
        ui.note(f"not in the backup: {line}")
    if not done.has_ledger:
        ui.note(
            "the backup has no ledger: restore its dump, `pg_restore --dbname=… ledger.dump`, and"
            " name the database (GONGKAI_DATABASE_URL)"
        )
    elif database_named() is not None:
        ui.note(f"GONGKAI_DATABASE_URL names another ledger; unset it to use that of {home}")
    if ui.as_json:
        ui.json({"home": str(home), "files": done.files, "bytes": done.size_bytes,
                 "lacking": list(done.lacking)})  # fmt: skip
    else:
        ui.line(f"{home}: {counted(done.files, 'file')} ({done.size_bytes:,} bytes) restored")
    return BAD if done.lacking else DONE
