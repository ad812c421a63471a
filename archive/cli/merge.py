"""Runs merge."""

import argparse
from functools import partial
from pathlib import Path

from archive.cli.place import home_named
from archive.command import DONE, ledger_of
from archive.model.errors import UsageError
from archive.model.secrets import without_secrets
from archive.store.engine import place_of
from archive.terminal import Ui, counted
from archive.warc.mark import read_mark
from archive.work.home import Home
from archive.work.open_archive import is_archive, open_archive
from archive.work.preservation.merge import merge
from archive.work.preservation.seal.keys import key_named
from archive.work.preservation.seal.run_end import seal_run


def other_named(text: str) -> Path:
    """The home of the archive that is to come. UsageError: its ledger is not in it."""
    first = "merge takes the home of an archive on SQLite; move the ledger into its home first"
    if "://" in text:
        raise UsageError(f"{without_secrets(text)!r} is a URL: {first} (gongkai move OTHER_HOME)")
    home = Home(Path(text))
    mark = None if home.database.exists() else read_mark(home.warc)
    if mark is not None and "://" in mark.ledger:
        raise UsageError(
            f"the ledger of {text} is at {mark.ledger}: {first} (GONGKAI_DATABASE_URL=… gongkai"
            f" move {text} --home {text})"
        )
    return home.path


def run_merge(args: argparse.Namespace, ui: Ui) -> int:
    """Takes another archive into this one, and seals behind that."""
    home, place, other = home_named(args), ledger_of(args), other_named(args.other)
    if place_of(other) == place_of(place) or other.resolve() == home.path.resolve():
        raise UsageError(f"{other} is this very archive: name another one")
    open_archive(other).close()
    if is_archive(place):
        open_archive(place).close()
    key = key_named(home)
    with ui.progress("merging: pages") as progress:
        done = merge(
            home,
            place,
            Home(other),
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
