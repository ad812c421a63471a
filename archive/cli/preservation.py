"""verify, index and replay: the WARC files checked, listed and shown."""

import argparse
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from archive.cli.place import home_named
from archive.cli.verify_home import NO_PROOF, verify_home
from archive.command import BAD, DONE, Subparsers, ledger_of, port
from archive.model.errors import UsageError
from archive.model.reading import Severity
from archive.store.query.history import captures_at, captures_under
from archive.terminal import Column, Ui, counted
from archive.warc.cdxj import CdxRow
from archive.warc.check import ANOTHER_FORMAT, Damage
from archive.work.open_archive import open_archive
from archive.work.preservation.cdxj_index import (
    files_to_verify,
    print_index,
    warc_files,
    write_index,
)
from archive.work.preservation.replay import cdx_row, serve_replay
from archive.work.preservation.verify import verify_files

DEFAULT_REPLAY_PORT = 8080
_COLUMNS = (
    Column(key="file", heading="file"),
    Column(key="offset", heading="offset", right=True),
    Column(key="severity", heading="severity"),
    Column(key="rule", heading="rule", below=True),
    Column(key="message", heading="what is wrong", below=True),
)


def add_preservation(subparsers: Subparsers) -> None:
    """Adds verify, index and replay."""
    _add_verify(subparsers)
    _add_index(subparsers)
    _add_replay(subparsers)


def _add_verify(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "verify",
        help="checks the archive, or WARC files; names every damage",
        description="Without FILE the whole archive: every WARC record, that each capture the"
        " ledger committed is there with its digest, the database engine's own check, and that"
        f" stored texts fit their hashes and the search index. {NO_PROOF} A folder stands for all"
        " WARC files under it. Files named together belong together: a revisit may refer from one"
        " to another. Files of another format (ARC, WACZ, WARC packed with zstd or lz4) are named"
        " and not looked at."
        " Exit status 1 when anything is damaged, or when nothing could be looked at.",
        epilog="example: gongkai verify --deep --home demo-data\n"
        "         gongkai verify other.warc.gz"
        "\n         gongkai verify their-folder",
    )
    subparser.add_argument("files", metavar="FILE", nargs="*", type=Path, help="files or folders")
    help_ = "also read every version again from its WARC file and compare"
    subparser.add_argument("--deep", action="store_true", help=help_)
    help_ = "first make the search index anew from the stored texts"
    subparser.add_argument("--rebuild-index", action="store_true", help=help_)
    subparser.set_defaults(handler=_verify)


def _add_index(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "index",
        help="writes a sorted CDXJ index of the archive's WARC files",
        epilog="example: gongkai index -o archive.cdxj\n"
        "         gongkai index --home demo-data | head",
    )
    subparser.add_argument("-o", "--output", metavar="FILE", type=_output,
                           help="file (standard output)")  # fmt: skip
    subparser.set_defaults(handler=_index)


def _add_replay(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "replay",
        help="serves the snapshots as they were captured (pywb, Memento)",
        description="Shows captured pages in a browser, on this machine only, until interrupted."
        " Runs pywb in an environment and a process of its own (make setup builds it).",
        epilog="example: gongkai replay --port 8080 --home demo-data",
    )
    help_ = f"port on 127.0.0.1 ({DEFAULT_REPLAY_PORT}; 0 takes a free one)"
    subparser.add_argument(
        "--port", type=port, default=DEFAULT_REPLAY_PORT, metavar="N", help=help_
    )
    subparser.set_defaults(handler=_replay)


def _verify(args: argparse.Namespace, ui: Ui) -> int:
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
        others = sum(damage.rule == ANOTHER_FORMAT for damage in damages)
        status = _print_damages([*damages, *notes], what, ui)
        return BAD if others == len(files) else status
    damages, what = verify_home(args, ui)
    return _print_damages(damages, what, ui)


def _named_files(named: Iterable[Path]) -> list[Path]:
    """The files, and those in the folders. Raises UsageError where there is none."""
    files: dict[Path, None] = {}
    for path in named:
        if path.is_dir():
            found = files_to_verify(path)
            if not found:
                raise UsageError(f"there is no WARC file under {path}")
            files.update(dict.fromkeys(found))
        elif path.is_file():
            files[path] = None
        else:
            raise UsageError(f"there is no file {path}")
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
        if count[Severity.INFO.value]:
            parts.append(counted(count[Severity.INFO.value], "incomplete capture"))
        if others:
            parts.append(f"{counted(others, 'file')} of another format not looked at")
        ui.line(f"{what}: {', '.join(parts)}")
    return BAD if count[Severity.ERROR.value] else DONE


def _index(args: argparse.Namespace, ui: Ui) -> int:
    home = home_named(args)
    files = warc_files(home.warc)
    if not files:
        raise UsageError(f"there are no WARC files in {home.warc}; crawl first, or give --home")
    if args.output is None:
        print_index(files, ui.out)
        return DONE
    count = write_index(files, args.output)
    ui.line(f"{args.output}: {count:,} lines from {counted(len(files), 'file')}")
    return DONE


def _output(text: str) -> Path | None:
    return None if text == "-" else Path(text)


def _replay(args: argparse.Namespace, ui: Ui) -> int:
    def ready(url: str) -> None:
        ui.line(f"snapshots at {url} (Ctrl-C ends)")
        ui.out.flush()

    with open_archive(ledger_of(args)) as store:

        def at(url: str) -> list[CdxRow]:
            with store.read() as connection:
                return [cdx_row(row) for row in captures_at(connection, url)]

        def under(prefix: str) -> list[CdxRow]:
            with store.read() as connection:
                return [cdx_row(row) for row in captures_under(connection, prefix)]

        serve_replay(
            home_named(args),
            port=args.port,
            captures_at=at,
            captures_under=under,
            on_ready=ready,
        )
    return DONE
