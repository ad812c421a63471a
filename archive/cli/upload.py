"""Runs upload."""

import argparse
from dataclasses import asdict

from archive.cli.place import home_named
from archive.command import BAD, DONE, ledger_of
from archive.model.errors import UsageError
from archive.terminal import Ui, counted
from archive.work.home import InBucket
from archive.work.open_archive import open_archive
from archive.work.preservation.upload import upload


def run_upload(args: argparse.Namespace, ui: Ui) -> int:
    """Moves closed WARC files to the bucket; exit status 1 when one could not be moved."""
    home = home_named(args)
    if not isinstance(home.warc_at, InBucket):
        raise UsageError(
            "upload moves WARC files to a bucket: name it, GONGKAI_WARC_URL=s3://BUCKET/PREFIX"
        )
    with (
        open_archive(ledger_of(args)) as store,
        ui.progress("sending and reading back: bytes") as progress,
    ):
        done = upload(home, store, on_bytes=progress.step)
    for problem in done.problems:
        ui.error(problem)
    if ui.as_json:
        ui.json({"location": home.warc_at.url, **asdict(done)})
    else:
        moved = f"{counted(done.moved, 'file')} moved ({done.moved_bytes:,} bytes)"
        there = f"{done.in_bucket:,} of {counted(done.files, 'file')} there now"
        removed = f", {counted(done.removed, 'local copy')} removed"
        ui.line(f"{home.warc_at.url}: {moved}, {there}{removed if done.removed else ''}")
    return BAD if done.problems else DONE
