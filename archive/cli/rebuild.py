"""Runs rebuild."""

import argparse
from collections.abc import Callable, Sequence
from typing import Final

from archive.cli.place import home_named
from archive.command import BAD, DONE, ledger_of
from archive.model.errors import UsageError
from archive.store.engine import locate, place_of, sqlite_path
from archive.terminal import Ui, counted
from archive.warc.mark import read_mark
from archive.work.catalogue.load import load_catalogue
from archive.work.preservation.move import move, refuse_used
from archive.work.preservation.rebuild import Rebuilt, rebuild

MAX_SHOWN: Final = 20


def run_rebuild(args: argparse.Namespace, ui: Ui) -> int:
    """Makes the ledger again; exit status 1 when something is damaged or missing."""
    home = home_named(args)
    place = ledger_of(args)
    database = sqlite_path(locate(place)) or home.database
    if sqlite_path(locate(place)) is None:
        mark = read_mark(home.files)
        refuse_used(place, mark.archive_id if mark else None)
        if home.database.exists() and home.database.stat().st_size and not args.replace:
            raise UsageError(
                f"there is a ledger at {home.database}: if a rebuild ended before it had moved it,"
                f" `env -u GONGKAI_DATABASE_URL gongkai move {place_of(place)}` goes on; --replace"
                " makes another in its place and keeps this one aside"
            )
    with ui.progress("making the ledger again:") as progress:

        def step(what: str) -> None:
            progress.step(label=f"making the ledger again: {what} and all before:")

        done = rebuild(
            home,
            database,
            catalogue=load_catalogue(home.path),
            replace=args.replace,
            step=step,
        )
        if sqlite_path(locate(place)) is None:
            move(
                home, home.path, place,
                on_total=lambda total: progress.step(-progress.done, total=total),
                on_rows=lambda count, table: progress.step(count, f"moving {table}: rows"),
            )  # fmt: skip
    if ui.as_json:
        ui.json(_as_json(done))
    else:
        _print(done, place_of(place), ui)
    return DONE if done.is_whole else BAD


def _as_json(done: Rebuilt) -> dict[str, object]:
    return {
        "runs": done.runs,
        "captures": done.captures,
        "versions": done.versions,
        "read_otherwise": done.made.otherwise,
        "withdrawals_until": done.written_at,
        "damages": [str(each) for each in done.damages],
        "captures_lost": done.lost,
        "missing": list(done.missing),
        "versions_lost": done.made.unread,
        "versions_differing": done.made.differing,
        "runs_without_rows": done.derived.runs,
        "captures_without_rows": done.derived.captures,
        "captures_without_outcome": done.derived.alone,
        "files_of_others": list(done.foreign),
        "pictures_wait": done.pictured,
    }


def _print(done: Rebuilt, place: str, ui: Ui) -> None:
    ui.line(
        f"{place}: {counted(done.runs, 'run')} with rows, {counted(done.captures, 'capture')},"
        f" {counted(done.versions, 'version')}"
    )
    if done.made.otherwise:
        ui.line(f"{counted(done.made.otherwise, 'version')} read otherwise by today's reader")
    if done.written_at is not None:
        ui.line(
            f"what was withdrawn after {done.written_at:%Y-%m-%d %H:%M} UTC is in no WARC file:"
            " withdraw it again"
        )
    if done.pictured:
        ui.line(
            f"{counted(done.pictured, 'report')} in pictures, to be read again by gongkai ocr:"
            " until then their numbers and corrections are missing, and verify --seals misses them"
        )
    derived = done.derived
    if derived.runs:
        runs = ", ".join(map(str, derived.runs[:MAX_SHOWN]))
        ui.line(
            f"{counted(derived.captures, 'capture')} without rows of their run (runs {runs}) ended"
            " again as a crawl ends them; what left no capture (robots, failures) is not known"
        )
    if derived.alone:
        ui.line(f"{counted(derived.alone, 'capture')} of them without an outcome: it is not known")
    _some(ui.line, "left alone, another archive's:", done.foreign)
    _some(ui.error, "damaged:", [str(each) for each in done.damages])
    _some(ui.error, "missing:", done.missing)
    _some(ui.error, "not made again:", done.made.unread)
    _some(ui.error, "read otherwise by the same reader:", done.made.differing)


def _some(tell: Callable[[str], None], what: str, lines: Sequence[str]) -> None:
    for line in lines[:MAX_SHOWN]:
        tell(f"{what} {line}")
    if len(lines) > MAX_SHOWN:
        tell(f"{what} {len(lines) - MAX_SHOWN:,} more (--json lists all)")
