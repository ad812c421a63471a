"""Runs export."""

import argparse
import sys
from pathlib import Path

from archive.cli.personal import count_by_kind
from archive.command import DONE, ledger_of
from archive.terminal import Ui, counted
from archive.work.export.export import Exported, export_file, export_stream
from archive.work.open_archive import open_archive


def run_export(args: argparse.Namespace, ui: Ui) -> int:
    """Writes a table."""
    with open_archive(ledger_of(args)) as store, ui.progress(f"{args.table}:") as progress:
        if args.output == "-":
            ending = f".{args.format or 'jsonl'}"
            done = export_stream(
                store, args.table, ending, sys.stdout.buffer, progress.step, reader=args.reader,
                mask=args.mask_personal,
            )  # fmt: skip
            sys.stdout.buffer.flush()
        else:
            path = Path(args.output)
            ending = f".{args.format}" if args.format else path.suffix
            done = export_file(
                store, args.table, path, progress.step, ending=ending, reader=args.reader,
                mask=args.mask_personal,
            )  # fmt: skip
    _report(ui, args.output, done)
    return DONE


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
