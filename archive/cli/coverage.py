"""Runs coverage: which reports are there, late, missing, refused or not looked at."""

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from archive.cli.covered import covered_now
from archive.command import DONE, home_of, ledger_of
from archive.model.coverage import State
from archive.store import Store
from archive.store.catalogue import portals
from archive.terminal import Column, Ui, counted
from archive.work import clock
from archive.work.catalogue.load import find_portal, load_catalogue
from archive.work.open_archive import open_archive
from archive.work.query.coverage import (
    CoverageFilter,
    CoveredRow,
    coverage,
    coverage_states,
)
from archive.work.query.places import distinct_names, divisions_within, path_of

_MARKS = {
    State.PRESENT: "+", State.LATE: "L", State.MISSING: "-", State.NOT_LOOKED_AT: "?",
    State.REFUSED: "x",
}  # fmt: skip
_LEGEND = "+ present   L late   - missing   ? not looked at   x refused   (blank: none expected)"

_LISTED = (
    Column(key="body", heading="body", elastic=True),
    Column(key="place", heading="place", elastic=True),
    Column(key="year", heading="year"),
    Column(key="due_on", heading="due"),
    Column(key="published_on", heading="published"),
    Column(key="reason", heading="why", below=True),
    Column(key="url", heading="url", below=True),
)


def run_coverage(args: argparse.Namespace, ui: Ui) -> int:
    """Prints which reports are there."""
    filters = CoverageFilter(
        portal=args.portal,
        divisions=divisions_within(args.division) if args.division else None,
        first_year=args.first,
        last_year=args.last,
        state=State(args.state) if args.state else None,
    )
    catalogue, now = load_catalogue(home_of(args)), clock.now()
    with open_archive(ledger_of(args)) as store:
        if args.portal is not None:
            with store.read() as connection:
                find_portal([*catalogue, *portals(connection)], args.portal)
        covered_now(store, catalogue, ui, now=now)
        if ui.as_json:
            ui.json_array(_as_json(row) for row in coverage(store, filters, now=now))
        elif not (
            _list(ui, coverage(store, filters, now=now))
            if args.state
            else _print(ui, store, coverage_states(store, filters, now=now))
        ):
            narrowed = args.division or args.portal or args.state
            ui.note("no such report is known" if narrowed else "no report is expected yet")
    return DONE


def _as_json(row: CoveredRow) -> dict[str, object]:
    return {
        "portal": row.portal,
        "body": row.body,
        "division": row.division,
        "kind": row.kind,
        "year": row.year,
        "state": row.state.value,
        "due_on": row.due_on,
        "url": row.url,
        "published_on": row.published_on,
        "reason": row.reason,
        "body_id": row.body_id,
        "days_late": row.days_late,
        "version": row.version,
    }


def _list(ui: Ui, rows: Iterable[CoveredRow]) -> bool:
    """A line a report, with the reason; False where there is none."""
    listed = [{**asdict(row), "place": path_of(row.division)} for row in rows]
    if listed:
        ui.table(listed, _LISTED)
        ui.line(counted(len(listed), "report"))
    return bool(listed)


def _print(
    ui: Ui,
    store: Store,
    bodies: Iterable[tuple[tuple[int, str, str | None], Mapping[int, State]]],
) -> bool:
    """The table with a line a body, then what the marks mean and how often each occurs; False and
    nothing printed where there is no body.
    """
    lines: list[dict[str, object]] = []
    years: set[int] = set()
    counts: Counter[State] = Counter()
    listed = list(bodies)
    with store.read() as connection:
        names = distinct_names(connection, (body for body, _ in listed))
    for (body_id, *_), states in listed:
        lines.append(
            {"body": names[body_id], **{str(year): _MARKS[states[year]] for year in states}}
        )
        years.update(states)
        counts.update(states.values())
    if not lines:
        return False
    columns = [Column(key="body", heading="body", elastic=True)]
    columns += [Column(key=str(year), heading=f"{year % 100:02}") for year in sorted(years)]
    ui.table(lines, columns, gap=1)
    ui.line(f"\n{_LEGEND}")
    told = ", ".join(f"{counts[state]:,} {state.value.replace('_', ' ')}" for state in State)
    ui.line(f"{counted(len(lines), 'body')}: {told}")
    return True
