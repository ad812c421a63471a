"""Runs move."""

import argparse
import os
from pathlib import Path

from archive.cli.place import home_named
from archive.command import DONE, ledger_of
from archive.model.errors import UsageError
from archive.model.secrets import without_secrets
from archive.store.engine import locate, shown, sqlite_path
from archive.terminal import Ui, counted
from archive.work.open_archive import open_archive
from archive.work.preservation.move import Moved, move


def run_move(args: argparse.Namespace, ui: Ui) -> int:
    """Moves the ledger of an archive to another database."""
    target = target_named(args.target)
    open_archive(ledger_of(args)).close()  # today's schema, all that belongs to it
    with ui.progress("copying and comparing: rows") as progress:
        done = move(
            home_named(args),
            ledger_of(args),
            target,
            on_total=lambda total: progress.step(0, total=total),
            on_rows=lambda count, table: progress.step(count, f"copying and comparing {table}:"),
        )
    if ui.as_json:
        ui.json({"rows": done.rows, "ledger": done.place, "former_ledger": done.kept})
    else:
        ui.line(f"{done.place}: {counted(done.rows, 'row')}, each compared")
        ui.line(f"the former ledger is kept, out of use: {done.kept}")
    ui.note(what_next(args, target, done))
    return DONE


def target_named(text: str) -> str | Path:
    """Where a ledger is to go: a database URL, or the folder of a home. UsageError: it is a file,
    a folder in none, or looks like a URL and is none.
    """
    if "://" in text:
        locate(text)
        return text
    if "@" in text or "//" in text:
        raise UsageError(f"{without_secrets(text)!r} is no URL such as postgresql://user@host/name")
    if not Path(text).absolute().parent.is_dir():
        raise UsageError(f"{text}: there is no folder {Path(text).absolute().parent}")
    if Path(text).is_file():
        raise UsageError(f"{text} is a file: name a home's folder, or sqlite:///…, postgresql://…")
    return Path(text)


def what_next(args: argparse.Namespace, target: str | Path, done: Moved) -> str:
    """How commands find the ledger from now on."""
    home_ledger = home_named(args).database.absolute()
    if sqlite_path(locate(target)) is not None and done.place == str(home_ledger):
        named = "GONGKAI_DATABASE_URL" in os.environ
        return "unset GONGKAI_DATABASE_URL: the ledger is in its home" if named else "done"
    url = locate(target)
    path = sqlite_path(url)
    if path is not None:
        return f"from now on: export GONGKAI_DATABASE_URL=sqlite:///{path.absolute()}"
    if without_secrets(str(target)) != target:
        return f"from now on GONGKAI_DATABASE_URL is the URL that you gave ({shown(url)})"
    return f"from now on: export GONGKAI_DATABASE_URL={target}"
