"""Runs late: who published late, and by how many days."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from archive.cli.covered import covered_now
from archive.command import DONE, home_of, ledger_of
from archive.store import Store
from archive.terminal import Column, Ui
from archive.work import clock
from archive.work.catalogue.load import load_catalogue
from archive.work.open_archive import open_archive
from archive.work.query.coverage import (
    By,
    CoverageFilter,
    CoveredRow,
    covered_json,
    late_reports,
    lateness,
    undated_reports,
)
from archive.work.query.places import divisions_within, path_of

_COLUMNS = (
    Column(key="days_late", heading="days late", right=True),
    Column(key="body", heading="body", elastic=True),
    Column(key="place", heading="place", elastic=True),
    Column(key="year", heading="year"),
    Column(key="due_on", heading="due"),
    Column(key="published_on", heading="published"),
    Column(key="url", heading="url", below=True),
)
_COUNTS = (
    Column(key="late", heading="late", right=True),
    Column(key="in_time", heading="in time", right=True),
    Column(key="undated", heading="no date", right=True),
    Column(key="most_days", heading="most days", right=True),
    Column(key="mean_days", heading="mean days", right=True),
)
_KEYS = {
    "body": (Column(key="body", heading="body"), Column(key="place", heading="place")),
    "province": (Column(key="place", heading="province"),),
    "year": (Column(key="year", heading="year"),),
}


def run_late(args: argparse.Namespace, ui: Ui) -> int:
    """Prints the late reports, or how many there are."""
    divisions = divisions_within(args.division) if args.division else None
    filters = CoverageFilter(divisions=divisions)
    if args.year is not None:
        filters = CoverageFilter(divisions=divisions, first_year=args.year, last_year=args.year)
    now = clock.now()
    with open_archive(ledger_of(args)) as store:
        covered_now(store, load_catalogue(home_of(args)), ui, now=now)
        if args.by:
            groups = lateness(store, filters, By(args.by), now=now, least=args.min_days)
            if groups or ui.as_json:
                rows = [asdict(each) for each in groups[: args.limit]]
                if args.by != By.YEAR and not ui.as_json:
                    rows = [{**row, "place": row["place"] or "unknown"} for row in rows]
                ui.table(rows, (*_KEYS[args.by], *_COUNTS))
        elif args.undated:
            _print(ui, undated_reports(store, filters, now=now, limit=args.limit))
        else:
            late = late_reports(store, filters, now=now, least=args.min_days, limit=args.limit)
            _print(ui, late)
        if not ui.as_json:
            _count(ui, store, filters, args, now)
    return DONE


def _print(ui: Ui, rows: Sequence[CoveredRow]) -> None:
    """Reports with their days, or a JSON array of the view's columns; nothing for people where
    there are none.
    """
    if ui.as_json:
        ui.json([covered_json(row) for row in rows])
    elif rows:
        ui.table([{**asdict(row), "place": path_of(row.division)} for row in rows], _COLUMNS)


def _count(
    ui: Ui, store: Store, filters: CoverageFilter, args: argparse.Namespace, now: datetime
) -> None:
    """What became of all reports that were asked for."""
    years = lateness(store, filters, By.YEAR, now=now, least=args.min_days)
    late, in_time, undated = (
        sum(getattr(each, name) for each in years) for name in ("late", "in_time", "undated")
    )
    late_by = f"{args.min_days} days late or more" if args.min_days > 1 else "late"
    if not years:
        ui.note("no report is known there")
        return
    ui.line(
        f"{late:,} {late_by}, {in_time:,} in time, {undated:,} without a day (neither; --undated)"
    )
