"""Runs coverage: which reports are there, late, missing, refused or not looked at."""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby

from archive.command import DONE, home_of, ledger_of
from archive.store.catalogue import portals
from archive.terminal import Column, Ui, counted
from archive.work import clock
from archive.work.catalogue.load import find_portal, load_catalogue
from archive.work.open_archive import open_archive
from archive.work.query.coverage import (
    CoverageFilter,
    Covered,
    State,
    coverage,
)
from archive.work.query.places import divisions_within

_MARKS = {
    State.PRESENT: "+", State.LATE: "L", State.MISSING: "-", State.NOT_LOOKED_AT: "?",
    State.REFUSED: "x",
}  # fmt: skip
_LEGEND = "+ present   L late   - missing   ? not looked at   x refused   (blank: none expected)"


def run_coverage(args: argparse.Namespace, ui: Ui) -> int:
    """Prints which reports are there."""
    filters = CoverageFilter(
        portal=args.portal,
        divisions=divisions_within(args.division) if args.division else None,
        first_year=args.first,
        last_year=args.last,
    )
    catalogue = load_catalogue(home_of(args))
    with open_archive(ledger_of(args)) as store:
        if args.portal is not None:
            with store.read() as connection:
                find_portal([*catalogue, *portals(connection)], args.portal)
        cells = coverage(store, catalogue, filters, now=clock.now())
    if ui.as_json:
        ui.json([_as_json(cell) for cell in cells])
    elif not cells:
        narrowed = args.division or args.portal
        ui.note("no body is known there" if narrowed else "no report is expected yet")
    else:
        _print(ui, cells)
    return DONE


def _as_json(cell: Covered) -> dict[str, object]:
    body = asdict(cell.body)
    return {
        "portal": cell.portal,
        "body": body["name"],
        "division": body["division"],
        "kind": body["kind"],
        "year": cell.year,
        "state": cell.state.value,
        "due_on": cell.due_on,
        "url": cell.url,
        "published_on": cell.published_on,
        "reason": cell.reason,
    }


def _print(ui: Ui, cells: Sequence[Covered]) -> None:
    """The table with a line a body, then what the marks mean and how often each occurs."""
    years = sorted({cell.year for cell in cells})
    columns = [Column(key="body", heading="body", elastic=True)]
    columns += [Column(key=str(year), heading=f"{year % 100:02}") for year in years]
    rows = []
    for body, own in groupby(cells, key=lambda cell: cell.body):
        marks = {str(cell.year): _MARKS[cell.state] for cell in own}
        rows.append({"body": body.name, **{str(y): marks.get(str(y), "") for y in years}})
    ui.table(rows, columns, gap=1)
    ui.line(f"\n{_LEGEND}")
    counts = Counter(cell.state for cell in cells)
    listed = ", ".join(f"{counts[state]:,} {state.value.replace('_', ' ')}" for state in State)
    ui.line(f"{counted(len(rows), 'body')}: {listed}")
