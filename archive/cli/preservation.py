"""Runs verify, index and replay."""

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from archive.cli.place import archive_with_files, home_named, url_or_none
from archive.cli.verify_home import tell_schema, verify_home, verify_minutes
from archive.command import BAD, DONE, ledger_of
from archive.model.errors import UsageError
from archive.model.reading import Severity
from archive.store.write.captures import committed_ends
from archive.store.write.lost import known_places
from archive.terminal import Column, Ui, counted
from archive.warc.check import ANOTHER_FORMAT, Damage
from archive.warc.folder import files_to_verify, warc_files
from archive.work.given_file import check_given_file
from archive.work.home import Home
from archive.work.ingest.holdings import differences
from archive.work.open_archive import is_archive
from archive.work.preservation.backup_manifest import check_backup, read_manifest
from archive.work.preservation.cdxj_index import (
    print_index,
    write_index,
)
from archive.work.preservation.first_page import first_page
from archive.work.preservation.ledger_cdx import ledger_rows, why_withdrawn
from archive.work.preservation.repair import KNOWN
from archive.work.preservation.replay import COLLECTION, serve_replay
from archive.work.preservation.verify import verify_files

_COLUMNS = (
    Column(key="file", heading="file"),
    Column(key="offset", heading="offset", right=True),
    Column(key="severity", heading="severity"),
    Column(key="rule", heading="rule", below=True),
    Column(key="message", heading="what is wrong", below=True),
)


def run_verify(args: argparse.Namespace, ui: Ui) -> int:
    """Prints every damage; exit status 1 when there is one."""
    if not args.files:
        tell_schema(args, ui)
    if args.minutes is not None:
        if args.files or args.deep or args.rebuild_index or args.seals:
            raise UsageError("--minutes is for a share of the archive's own files; leave out FILE,"
                             " --deep, --rebuild-index and --seals")  # fmt: skip
        return _print_damages(*verify_minutes(args, ui), ui)
    if args.seals:
        # Imported here: nobody else waits for the library of signatures.
        from archive.cli.seal import verify_seals  # noqa: PLC0415 - see above

        return _print_damages(*verify_seals(args, ui), ui)
    if args.key or args.expect or args.tsa_ca:
        raise UsageError("--key, --expect and --tsa-ca go with --seals")
    if args.files:
        if args.deep:
            raise UsageError("--deep reads the archive's own versions again; leave out the files")
        if args.rebuild_index:
            raise UsageError("--rebuild-index is for the archive; leave out the files")
        notes: list[Damage] = []
        files = _named_files(args.files)
        what = counted(len(files), "file")
        with ui.progress(f"verifying {what}: records") as progress:
            damages = list(verify_files(files, on_record=progress.step, on_cut=notes.append))
        damages += _backups(args.files)
        others = sum(damage.rule == ANOTHER_FORMAT for damage in damages)
        status = _print_damages([*damages, *notes], what, ui)
        return BAD if others == len(files) else status
    damages, what = verify_home(args, ui)
    return _print_damages(damages, what, ui)


def _backups(named: Iterable[Path]) -> Iterator[Damage]:
    """What is wrong with the files of those folders that are backups."""
    for folder in named:
        manifest = read_manifest(folder) if folder.is_dir() else None
        if manifest is not None:
            yield from check_backup(folder, manifest)


def _named_files(named: Iterable[Path]) -> list[Path]:
    """The files, and those in the folders. Raises UsageError where there is none."""
    files: dict[Path, None] = {}
    for path in named:
        if path.is_dir():
            found = files_to_verify(path)
            if not found:
                raise UsageError(f"there is no WARC file under {path}")
            files.update(dict.fromkeys(found))
        elif path.exists():
            files[path] = None
        else:
            raise UsageError(f"there is no file {path}")
    for file in files:
        check_given_file(file)
    return list(files)


def _print_damages(damages: Iterable[Damage], what: str, ui: Ui) -> int:
    rows = [
        {
            "file": str(damage.file),
            "offset": damage.offset,
            "severity": damage.severity.value,
            "rule": damage.rule,
            "message": damage.message,
        }
        for damage in sorted(damages, key=lambda damage: (damage.file, damage.offset))
    ]
    count = Counter(row["severity"] for row in rows)
    others = sum(row["rule"] == ANOTHER_FORMAT for row in rows)
    if rows or ui.as_json:
        ui.table(rows, _COLUMNS)
    if not ui.as_json:
        parts = [
            counted(count[Severity.ERROR.value], "error"),
            counted(count[Severity.WARNING.value], "warning"),
        ]
        incomplete = sum(row["rule"] == "incomplete" for row in rows)
        if incomplete:
            parts.append(counted(incomplete, "incomplete capture"))
        known = sum(row["rule"] == KNOWN for row in rows)
        if known:
            parts.append(f"{counted(known, 'damage')} known as lost (gongkai repair)")
        if others:
            parts.append(f"{counted(others, 'file')} of another format not looked at")
        ui.line(f"{what}: {', '.join(parts)}")
    return BAD if count[Severity.ERROR.value] else DONE


def run_index(args: argparse.Namespace, ui: Ui) -> int:
    """Writes the CDXJ index of the files that are there; exit status 1 when others are missing."""
    home = home_named(args)
    missing = _missing_files(args, home)
    files = warc_files(home.files)
    if not files and not missing:
        raise UsageError(f"there are no WARC files in {home.files}; crawl first, or give --home")
    if not files:  # an index that is there stays: the folder may be the wrong one
        ui.note(f"there are no WARC files in {home.files}; is it the right folder?")
    elif args.output is None:
        print_index(files, ui.out)
    else:
        count = write_index(files, args.output)
        told = {"file": str(args.output), "lines": count, "warc_files": len(files)}
        if ui.as_json:
            ui.json(told | {"missing": list(missing)})
        else:
            ui.line(f"{args.output}: {count:,} lines from {counted(len(files), 'file')}")
    for name in missing:
        ui.note(f"warning: missing or cut, which the ledger names: {name} (gongkai verify)")
    return BAD if missing else DONE


def _missing_files(args: argparse.Namespace, home: Home) -> Sequence[str]:
    """The files that are not as long as the ledger says, but for those known as lost."""
    if not is_archive(ledger_of(args)):
        return ()
    with archive_with_files(args, home) as store, store.read() as connection:
        ends = committed_ends(connection)
        known = frozenset(file for file, _ in known_places(connection))
    return differences(home.files, ends, known).missing if ends else ()


def run_replay(args: argparse.Namespace, ui: Ui) -> int:
    """Serves the snapshots until interrupted."""

    def ready(url: str) -> None:
        ui.line(f"snapshots at {url} (Ctrl-C ends)")
        ui.out.flush()

    pages_url = url_or_none(args.serve_url, "--serve-url")
    home = home_named(args)
    with archive_with_files(args, home) as store:
        serve_replay(
            home,
            port=args.port,
            lookup=partial(ledger_rows, store),
            first_page=partial(first_page, store, COLLECTION, pages_url),
            why_withdrawn=partial(why_withdrawn, store),
            pages_url=pages_url,
            on_ready=ready,
        )
    return DONE
