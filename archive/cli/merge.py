"""Runs merge."""

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from archive.cli.place import home_named
from archive.command import DONE, ledger_of
from archive.environment import database_named
from archive.model.errors import UsageError
from archive.model.secrets import without_secrets
from archive.store.engine import locate, place_of
from archive.terminal import Ui, counted
from archive.warc.mark import read_mark
from archive.work.corrections.corrections_file import (
    CORRECTIONS_FILE,
    Correction,
    read_corrections,
    take_over,
)
from archive.work.home import Home
from archive.work.open_archive import is_archive, open_archive
from archive.work.preservation.merge import merge
from archive.work.preservation.seal.keys import key_named
from archive.work.preservation.seal.run_end import seal_run


def other_named(text: str, database: str | None) -> tuple[Path, str | Path]:
    """The home of the archive that is to come, and where its ledger is. UsageError: it is not
    there, or no WARC files are.
    """
    if "://" in text:
        raise UsageError(
            f"{without_secrets(text)!r} is a URL: name the home where its WARC files are, and the"
            " ledger with --database"
        )
    home = Home(Path(text))
    mark = read_mark(home.warc)
    if database is None:
        if mark is not None and "://" in mark.ledger and not home.database.exists():
            raise UsageError(
                f"the ledger of {text} is at {mark.ledger}: name it, too (gongkai merge {text}"
                " --database URL)"
            )
        return home.path, home.path
    locate(database)
    if mark is None:
        raise UsageError(f"{text} is no home of an archive with its ledger at {place_of(database)}")
    return home.path, database


class _Corrections:
    """What people corrected in the other archive, which comes at the end of a merge."""

    added = apart = 0

    def __init__(self, home: Path, theirs: Sequence[Correction]) -> None:
        """UsageError: a file of corrections is broken, or both do not fit into one."""
        self._home, self._theirs = home, theirs
        if theirs:
            take_over(home, theirs, check_only=True)

    def take_over(self) -> None:
        if self._theirs:
            came = take_over(self._home, self._theirs)
            self.added, self.apart = came.added, came.apart

    def tell(self, ui: Ui, kept: Path) -> None:
        """A line each on those that came and that did not."""
        if self.added:
            ui.line(f"{counted(self.added, 'correction')} by people came, too")
        if self.apart:
            ui.line(
                f"{counted(self.apart, 'correction')} did not come, of numbers that are corrected"
                f" here: {kept / CORRECTIONS_FILE}"
            )


def run_merge(args: argparse.Namespace, ui: Ui) -> int:
    """Takes another archive into this one, and seals behind that."""
    home, place = home_named(args), ledger_of(args)
    other, source = other_named(args.other, args.database)
    if place_of(source) == place_of(place) or other.resolve() == home.path.resolve():
        raise UsageError(f"{other} is this very archive: name another one")
    open_archive(source).close()
    if is_archive(place):
        open_archive(place).close()
    corrections = _Corrections(home.path, read_corrections(other))
    key = key_named(home)
    with ui.progress("merging: pages") as progress:
        done = merge(
            home,
            place,
            Home(other),
            source,
            on_total=lambda total: progress.step(0, total=total),
            on_pages=progress.step,
            at_end=corrections.take_over,
        )
    for line in seal_run(home, partial(open_archive, place), key):
        ui.note(f"warning: {line}")
    if ui.as_json:
        ui.json({"archive": done.archive_id, "runs": done.runs, "captures": done.captures,
                 "versions": done.versions, "kept": str(done.kept),
                 "corrections": corrections.added, "corrections_apart": corrections.apart,
                 })  # fmt: skip
    else:
        ui.line(
            f"archive {done.archive_id}: {counted(done.runs, 'run')},"
            f" {counted(done.captures, 'capture')} and {counted(done.versions, 'version')} came"
        )
        corrections.tell(ui, done.kept)
        unset = "GONGKAI_DATABASE_URL= " if database_named() else ""
        ui.line(f"its ledger and seals: {unset}gongkai verify --seals --home {done.kept}")
    return DONE
