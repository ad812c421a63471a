"""coverage: which reports are there, late, missing, refused or not looked at."""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby

from archive.command import DONE, Subparsers, home_of, ledger_of
from archive.store.catalogue import portals
from archive.terminal import Column, Ui, counted
from archive.work import clock
from archive.work.catalogue.load import find_portal, load_catalogue
from archive.work.open_archive import open_archive
from archive.work.query.coverage import (
    FIRST_YEAR,
    CoverageFilter,
    Covered,
    State,
    coverage,
    divisions_within,
)

_SIGNS = {
    State.PRESENT: "+", State.LATE: "L", State.MISSING: "-", State.NOT_LOOKED_AT: "?",
    State.REFUSED: "x",
}  # fmt: skip
_LEGEND = "+ present   L late   - missing   ? not looked at   x refused   (blank: none expected)"


def add_coverage(subparsers: Subparsers) -> None:
    """Adds coverage."""
    subparser = subparsers.add_parser(
        "coverage",
        help="body × year: present, missing, late, not looked at, refused",
        description="One line a body, one column a year since 2008, for every portal of the "
        "catalogue and every body whose report is in the archive. Missing: the lists were read "
        "completely in a good run after the deadline and do not have it. Late: published after "
        "31 January (departments, since the reports on 2019) or 31 March. --json has URLs, "
        "dates and reasons.",
        epilog="example: gongkai coverage --division 320613 --from 2014\n"
        "         (崇川区 with 港闸区, which it took over in 2020)",
    )
    subparser.add_argument("--portal", metavar="KEY", help="only this portal")
    subparser.add_argument(
        "--division", metavar="PLACE",
        help="only bodies of a place (code or name), with all below it and all it took over",
    )  # fmt: skip
    subparser.add_argument("--from", dest="first", type=_year, default=FIRST_YEAR, metavar="YEAR",
                           help=f"first year that reports cover ({FIRST_YEAR})")  # fmt: skip
    subparser.add_argument("--to", dest="last", type=_year, metavar="YEAR", help="last year")
    subparser.set_defaults(handler=_coverage)


def _coverage(args: argparse.Namespace, ui: Ui) -> int:
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
    """The table with a line a body, then what the signs mean and how often each occurs."""
    years = sorted({cell.year for cell in cells})
    columns = [Column(key="body", heading="body", elastic=True)]
    columns += [Column(key=str(year), heading=f"{year % 100:02}") for year in years]
    rows = []
    for body, own in groupby(cells, key=lambda cell: cell.body):
        signs = {str(cell.year): _SIGNS[cell.state] for cell in own}
        rows.append({"body": body.name, **{str(y): signs.get(str(y), "") for y in years}})
    ui.table(rows, columns, gap=1)
    ui.line(f"\n{_LEGEND}")
    counts = Counter(cell.state for cell in cells)
    listed = ", ".join(f"{counts[state]:,} {state.value.replace('_', ' ')}" for state in State)
    ui.line(f"{counted(len(rows), 'body')}: {listed}")


def _year(text: str) -> int:
    if not text.isdecimal() or not 1990 <= int(text) <= 2100:
        raise argparse.ArgumentTypeError(f"{text!r} is not a year such as 2016")
    return int(text)
