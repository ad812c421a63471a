"""Runs merge."""

import argparse
from functools import partial

from archive.cli.place import home_named
from archive.command import DONE, ledger_of
from archive.model.errors import UsageError
from archive.store.engine import place_of
from archive.terminal import Ui, counted
from archive.work.home import Home
from archive.work.open_archive import is_archive, open_archive
from archive.work.preservation.merge import merge
from archive.work.preservation.seal.keys import key_named
from archive.work.preservation.seal.run_end import seal_run


def run_merge(args: argparse.Namespace, ui: Ui) -> int:
    """Takes another archive into this one, and seals behind that."""
    home, place = home_named(args), ledger_of(args)
    if place_of(args.other) == place_of(place) or args.other.resolve() == home.path.resolve():
        raise UsageError(f"{args.other} is this very archive: name another one")
    open_archive(args.other).close()
    if is_archive(place):
        open_archive(place).close()
    key = key_named(home)
    with ui.progress("merging: pages") as progress:
        done = merge(
            home,
            place,
            Home(args.other),
            on_total=lambda total: progress.step(0, total=total),
            on_pages=progress.step,
        )
    for line in seal_run(home, partial(open_archive, place), key):
        ui.note(f"warning: {line}")
    if ui.as_json:
        ui.json({"archive": done.archive_id, "runs": done.runs, "captures": done.captures,
                 "versions": done.versions, "kept": str(done.kept)})  # fmt: skip
    else:
        ui.line(
            f"archive {done.archive_id}: {counted(done.runs, 'run')},"
            f" {counted(done.captures, 'capture')} and {counted(done.versions, 'version')} came"
        )
        ui.line(f"its ledger and seals: gongkai verify --seals --home {done.kept}")
    return DONE
