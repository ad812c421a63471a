"""Runs export."""

import argparse
import shlex
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from archive.cli.corrected import corrections_asked_for
from archive.cli.parts import put_into_queue
from archive.cli.personal import count_by_kind
from archive.codebook.indicators import Concept, find
from archive.command import DONE, home_of, ledger_of
from archive.model.errors import UsageError
from archive.store import Store
from archive.store.query.dataset_facts import distinct_values
from archive.terminal import Ui, counted
from archive.work import clock
from archive.work.catalogue.load import load_catalogue
from archive.work.export.export import Exported, check_corrected, export_file, export_stream
from archive.work.export.filters import RowFilter, column_of
from archive.work.export.in_bucket import bucket_file, is_in_bucket
from archive.work.jobs.parts import Part
from archive.work.open_archive import open_archive
from archive.work.query.places import divisions_within


def run_export(args: argparse.Namespace, ui: Ui) -> int:
    """Writes a table to one file, or to several; or leaves that to workers."""
    row_filter(args).by_column(args.table)
    if (args.by or args.job) and args.output == "-":
        raise UsageError("--by and --job write files: name one (-o FILE)")
    parts = _parts(args, ui) if args.by else [args]
    if args.corrected:
        check_corrected(args.table, args.reader)
    if args.job:
        return put_into_queue(ui, [_as_part(each) for each in parts])
    for each in parts:
        _export(each, ui)
    return DONE


def _export(args: argparse.Namespace, ui: Ui) -> None:
    only = row_filter(args)
    with _opened(args, ui) as store, ui.progress(f"{args.table}:") as progress:
        with store.read() as connection:
            corrected = corrections_asked_for(connection, args, ui)
        if args.output == "-":
            ending = f".{args.format or 'jsonl'}"
            done = export_stream(
                store, args.table, ending, sys.stdout.buffer, progress.step, reader=args.reader,
                mask=args.mask_personal, only=only, corrected=corrected,
            )  # fmt: skip
            sys.stdout.buffer.flush()
        else:
            ending = f".{args.format}" if args.format else Path(args.output).suffix
            with _place(args.output) as path:
                done = export_file(
                    store, args.table, path, progress.step, ending=ending, reader=args.reader,
                    mask=args.mask_personal, only=only, corrected=corrected,
                )  # fmt: skip
    _report(ui, args.output, done)


def _place(output: str) -> AbstractContextManager[Path]:
    """Where a file is written that is to be at `output`."""
    return bucket_file(output) if is_in_bucket(output) else nullcontext(Path(output))


def _opened(args: argparse.Namespace, ui: Ui) -> Store:
    """The archive, with what the table shows brought up to date."""
    store = open_archive(ledger_of(args))
    if args.table == "coverage":
        # Imported here: it knows how bodies are named, which other tables need not.
        from archive.cli.covered import covered_now  # noqa: PLC0415

        covered_now(store, load_catalogue(home_of(args)), ui, now=clock.now())
    return store


def _parts(args: argparse.Namespace, ui: Ui) -> list[argparse.Namespace]:
    """The exports that --by makes of one, each for a file of its own."""
    column = column_of(args.table, f"--{args.by}")
    folder, slash, name = args.output.rstrip("/").rpartition("/")
    path = Path(name)
    with _opened(args, ui) as store, store.read() as connection:
        found = distinct_values(connection, args.table, column)
    asked = getattr(args, args.by)
    return [
        argparse.Namespace(
            **vars(args)
            | {args.by: [each], "by": None}
            | {"output": f"{folder}{slash}{path.with_stem(f'{path.stem}-{_word(each)}')}"}
        )
        for each in found
        if not asked or each in asked
    ]


def _as_part(args: argparse.Namespace) -> Part:
    """An export of one file as a job: the command that a person would type."""
    given = {
        "--format": [args.format] if args.format else [],
        "--reader": [args.reader] if args.reader else [],
        "--year": args.year,
        "--division": [args.division] if args.division else [],
        "--indicator": args.indicator,
        "--portal": args.portal,
    }
    options = [word for name, values in given.items() for each in values
               for word in (name, _word(each))]  # fmt: skip
    flags = {
        "--mask-personal": args.mask_personal,
        "--current": args.current,
        "--corrected": args.corrected,
    }
    output = args.output
    if not is_in_bucket(output):
        output = str(Path(output).absolute())
    on = [name for name, is_given in flags.items() if is_given]
    command = ("export", args.table, "-o", output, *options, *on)
    return Part(command=shlex.join(command), lock=output)


def _word(value: object) -> str:
    """A value as an option spells it."""
    return "none" if value is None else str(value)


def row_filter(args: argparse.Namespace) -> RowFilter:
    """The rows that the options ask for. UsageError: no such place or indicator."""
    found = [find(each) for each in args.indicator]
    keys = {
        key for each in found
        for key in (
            [part.indicator for part in each.parts] if isinstance(each, Concept)
            else [each.indicator]
        )
    }  # fmt: skip
    return RowFilter(
        years=frozenset(args.year),
        divisions=divisions_within(args.division) if args.division else frozenset(),
        indicators=frozenset(keys),
        portals=frozenset(args.portal),
        current=getattr(args, "current", False),
    )


def _report(ui: Ui, output: str, done: Exported) -> None:
    for warning in done.warnings:
        ui.note(f"warning: {warning}")
    if done.masked is not None:
        ui.note(f"masked: {count_by_kind(done.masked)}")
    if output == "-":
        return
    if ui.as_json:
        ui.json({"file": output, "rows": done.rows, "warnings": done.warnings})
    else:
        ui.line(f"{output}: {counted(done.rows, 'row')}")
