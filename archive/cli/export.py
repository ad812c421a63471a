"""Runs export."""

import argparse
import sys
from pathlib import Path

from archive.cli.personal import count_by_kind
from archive.codebook.indicators import Concept, find
from archive.command import DONE, home_of, ledger_of
from archive.terminal import Ui, counted
from archive.work import clock
from archive.work.catalogue.load import load_catalogue
from archive.work.export.export import Exported, export_file, export_stream
from archive.work.export.filters import RowFilter
from archive.work.open_archive import open_archive
from archive.work.query.places import divisions_within


def run_export(args: argparse.Namespace, ui: Ui) -> int:
    """Writes a table."""
    only = row_filter(args)
    only.by_column(args.table)
    with open_archive(ledger_of(args)) as store, ui.progress(f"{args.table}:") as progress:
        if args.table == "coverage":
            # Imported here: it knows how bodies are named, which other tables need not.
            from archive.work.query.coverage import keep_covered  # noqa: PLC0415

            keep_covered(store, load_catalogue(home_of(args)), now=clock.now(), note=ui.note)
        if args.output == "-":
            ending = f".{args.format or 'jsonl'}"
            done = export_stream(
                store, args.table, ending, sys.stdout.buffer, progress.step, reader=args.reader,
                mask=args.mask_personal, only=only,
            )  # fmt: skip
            sys.stdout.buffer.flush()
        else:
            path = Path(args.output)
            ending = f".{args.format}" if args.format else path.suffix
            done = export_file(
                store, args.table, path, progress.step, ending=ending, reader=args.reader,
                mask=args.mask_personal, only=only,
            )  # fmt: skip
    _report(ui, args.output, done)
    return DONE


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
