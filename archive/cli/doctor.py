"""Runs doctor."""

import argparse
from collections import Counter
from contextlib import suppress

from archive.cli.place import home_named
from archive.command import BAD, DONE, ledger_of
from archive.environment import min_free_named
from archive.model.errors import CannotRunError
from archive.terminal import Column, Ui
from archive.work import clock
from archive.work.health.doctor import CHECKS, examine
from archive.work.health.result import Level, Subject
from archive.work.open_archive import refuse_nothing

_COLUMNS = (
    Column(key="level", heading=""),
    Column(key="check", heading="check"),
    Column(key="saw", heading="saw", elastic=True),
    Column(key="helps", heading="what helps", below=True),
)


def run_doctor(args: argparse.Namespace, ui: Ui) -> int:
    """Examines an archive; exit status 1 when something is bad."""
    home, place = home_named(args), ledger_of(args)
    with suppress(CannotRunError):  # the checks tell it, and how all the rest stands
        refuse_nothing(place)
    rows: list[dict[str, object]] = []
    what, total = ("records read:", None) if args.deep else ("checks:", 1 + len(CHECKS))
    with ui.progress(what, total) as progress:
        subject = Subject(
            home=home, place=place, store=None, now=clock.now(), deep=args.deep,
            min_free=min_free_named(), on_record=progress.step,
        )  # fmt: skip
        for name, seen in examine(subject):
            rows.append({"check": name, "level": seen.level, "saw": seen.saw, "helps": seen.helps})
            progress.step(0 if args.deep else 1)
    if ui.as_json:
        ui.json(rows)
    else:
        _print(rows, ui)
    return BAD if any(row["level"] is Level.BAD for row in rows) else DONE


def _print(rows: list[dict[str, object]], ui: Ui) -> None:
    for row in rows:
        ui.line(f"{row['level']:<4}  {row['check']}: {row['saw']}")
        if row["helps"]:
            ui.line(f"      → {row['helps']}")
    count = Counter(row["level"] for row in rows)
    ui.line(", ".join(f"{count[level]} {level}" for level in Level if count[level]))
