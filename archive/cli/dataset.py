"""Runs dataset."""

import argparse
from importlib.metadata import version
from pathlib import Path

from archive.cli.covered import covered_now
from archive.cli.export import row_filter
from archive.cli.personal import count_by_kind
from archive.command import DONE, home_of, ledger_of
from archive.model.content import printable
from archive.model.errors import UsageError
from archive.store.query.questions import check_portal
from archive.terminal import Ui, counted
from archive.work import clock
from archive.work.catalogue.load import load_catalogue
from archive.work.export.dataset import check_folder, write_dataset
from archive.work.export.dataset_files import Written
from archive.work.export.dataset_metadata import About, licence_of
from archive.work.open_archive import open_archive

_TITLE = "Figures of annual reports on open government information (政府信息公开工作年度报告)"


def run_dataset(args: argparse.Namespace, ui: Ui) -> int:
    """Writes a dataset."""
    about, only = _about(args), row_filter(args)
    check_folder(args.output.absolute())
    with open_archive(ledger_of(args)) as store:
        catalogue = load_catalogue(home_of(args))
        with store.read() as connection:
            for key in args.portal:
                check_portal(connection, key, (each.key for each in catalogue))
        covered_now(store, catalogue, ui, now=clock.now())
        with ui.progress("figures_current:") as progress:
            written = write_dataset(
                store, args.output, about, only,
                lambda rows, table: progress.step(rows, f"{table}: all rows so far"),
            )  # fmt: skip
    _report(ui, args.output, written)
    return DONE


def _about(args: argparse.Namespace) -> About:
    url = args.url
    if url is not None and (not url.startswith(("https://", "http://")) or printable(url) != url):
        raise UsageError(f"--url: {url!r} is no URL such as https://example.org/dataset")
    return About(
        title=printable(args.title or _TITLE),
        creators=tuple(filter(None, map(printable, args.creator))),
        licence=licence_of(args.license),
        url=url,
        software=f"gongkai {version('gongkai')}",
    )


def _report(ui: Ui, folder: Path, written: Written) -> None:
    rows = sum(each.rows for each in written.files)
    if not written.rows_of("figures_current"):
        ui.note("no figure is in it; `gongkai coverage` tells which reports there are")
    if written.hidden:
        ui.note(f"masked: {count_by_kind(written.hidden)}")
    if ui.as_json:
        ui.json({"folder": str(folder), "rows": rows, "files": written.files})
        return
    figures = counted(written.rows_of("figures_current"), "figure")
    ui.line(f"{folder}: {figures}, {counted(rows, 'row')} in {counted(len(written.files), 'file')}")
