"""export and serve: the archive handed to other tools, and to browsers on this machine."""

import argparse
import sys
from functools import partial
from pathlib import Path

from archive.cli.place import may_be_crawled
from archive.command import DONE, Subparsers, ledger_of, port
from archive.model.errors import UsageError
from archive.terminal import Ui, counted
from archive.work.export.export import FORMATS, TABLES, Exported, export_file, export_stream
from archive.work.open_archive import open_archive

DEFAULT_PORT = 8060


def add_export_serve(subparsers: Subparsers) -> None:
    """Adds export and serve."""
    _add_export(subparsers)
    _add_serve(subparsers)


def _add_export(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "export",
        help="a whole table as .jsonl, .csv, .parquet or .xlsx",
        description="Writes a table; the file's ending says the format. `-o -` writes .jsonl to "
        "standard output, or --format csv.",
        epilog="example: gongkai export figures -o figures.parquet --home demo-data",
    )
    subparser.add_argument("table", metavar="TABLE", choices=TABLES, help=", ".join(TABLES))
    subparser.add_argument("-o", "--output", metavar="FILE", required=True, help="file, or - ")
    formats = [ending[1:] for ending in FORMATS]
    help_ = f"if the file name does not say it: {', '.join(formats)}"
    subparser.add_argument("--format", metavar="FORMAT", choices=formats, help=help_)
    subparser.set_defaults(handler=_export)


def _add_serve(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "serve",
        help="the web pages and the API, on 127.0.0.1",
        description="Serves search, reports, versions, runs and a JSON API on this machine only, "
        "until interrupted.",
        epilog="example: gongkai serve --port 8060 --replay http://127.0.0.1:8080/archive",
    )
    help_ = f"port on 127.0.0.1 ({DEFAULT_PORT}; 0 takes a free one)"
    subparser.add_argument("--port", type=port, default=DEFAULT_PORT, metavar="N", help=help_)
    help_ = "where `gongkai replay` shows snapshots, to link to them"
    subparser.add_argument("--replay", metavar="URL", help=help_)
    subparser.set_defaults(handler=_serve)


def _export(args: argparse.Namespace, ui: Ui) -> int:
    with open_archive(ledger_of(args)) as store, ui.progress(f"{args.table}:") as progress:
        if args.output == "-":
            ending = f".{args.format or 'jsonl'}"
            done = export_stream(store, args.table, ending, sys.stdout.buffer, progress.step)
            sys.stdout.buffer.flush()
        else:
            path = Path(args.output)
            ending = f".{args.format}" if args.format else path.suffix
            done = export_file(store, args.table, path, progress.step, ending=ending)
    _report(ui, args.output, done)
    return DONE


def _report(ui: Ui, output: str, done: Exported) -> None:
    for warning in done.warnings:
        ui.note(f"warning: {warning}")
    if output == "-":
        return
    if ui.as_json:
        ui.json({"file": output, "rows": done.rows, "warnings": done.warnings})
    else:
        ui.line(f"{output}: {counted(done.rows, 'row')}")


def _serve(args: argparse.Namespace, ui: Ui) -> int:
    # Imported here: the web parts take 0.3 s that no other command needs.
    from archive.web.serving import serve  # noqa: PLC0415

    with open_archive(ledger_of(args)) as store:
        serve(
            store,
            port=args.port,
            replay=_replay(args.replay),
            crawling=partial(may_be_crawled, args),
            announce=ui.announce,
        )
    return DONE


def _replay(given: str | None) -> str | None:
    if given is None:
        return None
    if not given.startswith(("http://", "https://")):
        raise UsageError(f"--replay {given!r} is no http URL")
    return given.rstrip("/")
