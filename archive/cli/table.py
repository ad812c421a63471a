"""Runs table and compare: numbers by body, place, province or year."""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import cast

from archive.cli.corrected import corrections_asked_for
from archive.codebook.indicators import concepts, indicators
from archive.command import DONE, ledger_of
from archive.model.errors import UsageError
from archive.model.reading import BodyKind
from archive.store import Connection
from archive.store.query.corrected import NumberCorrection
from archive.store.query.current_reports import uncounted_reports
from archive.terminal import Column, Ui, counted
from archive.work.export.export import export_rows
from archive.work.export.writers import Heading, Shape, Value
from archive.work.open_archive import open_archive
from archive.work.query.places import distinct_names, divisions_within
from archive.work.query.series import (
    Asked,
    ask,
    corrections_in,
    kind_to_count,
    narrowed,
    sums,
    unknown_level,
)
from archive.work.query.side_by_side import USUAL, Compared, side_by_side
from archive.work.query.table import Cell, Table, compared_row, make_table, table_of_changes

# Columns that only files and --json have: a terminal is too narrow.
_HIDDEN = frozenset({
    "body_id", "name", "applicant", "form", "content_hash", "version", "captured_at", "level",
    "kind", "certainty", "confirmation", "first_version", "last_version", "first_url", "last_url",
})  # fmt: skip
_MOST_TOLD = 20
_SHOWN_ALWAYS = frozenset({"body", "place", "province"})


def run_table(args: argparse.Namespace, ui: Ui) -> int:
    """Prints or writes a table of numbers, or lists what can be asked for."""
    if args.list:
        _list(ui)
        return DONE
    if not args.indicators:
        raise UsageError("which indicator? give its key or name; `gongkai table --list` has all")
    wide = args.wide or not (args.long or args.output or ui.as_json)
    _check_corrected(args, ui)
    with open_archive(ledger_of(args)) as store, store.read() as connection:
        asked = _asked(args, corrections_asked_for(connection, args, ui))
        if args.change is None:
            table = make_table(connection, asked, args.by, wide=wide)
        elif len(asked) == 1:
            table = table_of_changes(connection, asked[0], args.by, args.change)
        else:
            raise UsageError("--change is of one indicator; name one")
        if args.output:
            _write(table, args.output, ui)
        else:
            _print(connection, table, asked if wide and args.by == "body" else [], ui)
        if not ui.as_json:
            _tell_pictures(table, ui)
            _tell_corrected(connection, asked, ui)
            _tell_sums(connection, asked, ui)
            if args.kind is None and args.level != "township":
                ui.note("governments only: --kind all counts departments and townships, too")
        _tell_unknown(connection, asked[0], ui)
        _tell_uncounted(connection, ui)
    return DONE


def run_compare(args: argparse.Namespace, ui: Ui) -> int:
    """Prints bodies side by side."""
    with open_archive(ledger_of(args)) as store:
        found = side_by_side(
            store, args.bodies, args.indicator or USUAL, first=args.first, last=args.last
        )
        with store.read() as connection:
            _tell_uncounted(connection, ui)
            names = distinct_names(
                connection,
                ((each.body.body_id, each.body.name, each.body.division) for each in found),
            )
    if ui.as_json:
        ui.json([
            compared_row(each.asked, each.body, year)
            for each in found for year in each.years
        ])  # fmt: skip
        return DONE
    _print_side_by_side(found, names, ui)
    return DONE


def _tell_uncounted(connection: Connection, ui: Ui) -> None:
    """Says so where a crawl at work has read reports that no number stands for yet."""
    if waiting := uncounted_reports(connection):
        ui.note(f"{counted(waiting, 'report')} of a crawl at work: not counted before its end")


def _tell_unknown(connection: Connection, asked: Asked, ui: Ui) -> None:
    """Says how many bodies a level leaves out because nobody knows theirs."""
    if count := unknown_level(connection, asked):
        what = "government" if asked.wanted.kind == BodyKind.GOVERNMENT else "body"
        verb = "is" if count == 1 else "are"
        ui.note(f"{counted(count, what)} of unknown level {verb} not counted")


def _check_corrected(args: argparse.Namespace, ui: Ui) -> None:
    if args.corrected and args.change:
        raise UsageError("--change is of numbers as they were read: leave out --corrected")
    if args.corrected and args.wide and (args.output or ui.as_json):
        raise UsageError("a wide file has no room to mark what is corrected: leave out --wide")


def _asked(args: argparse.Namespace, corrected: tuple[NumberCorrection, ...] | None) -> list[Asked]:
    within = divisions_within(args.division) if args.division else None
    return [
        narrowed(
            ask(each, args.applicant),
            first_year=args.first, last_year=args.last, divisions=within, level=args.level,
            kind=kind_to_count(args.kind, args.level), certainty=args.certainty,
            corrected=corrected,
        )
        for each in dict.fromkeys(args.indicators)
    ]  # fmt: skip


def _list(ui: Ui) -> None:
    rows = [
        {"key": each.key, "name": each.name, "name_en": each.name_en, "unit": each.unit,
         "forms": " ".join(dict.fromkeys(part.form for part in each.parts)), "concept": None,
         "comparability": each.note or None}
        for each in concepts().values()
    ]  # fmt: skip
    rows += [
        {"key": each.indicator, "name": each.name, "name_en": each.name_en, "unit": each.unit,
         "forms": each.form, "concept": each.concept, "comparability": None}
        for each in indicators().values()
    ]  # fmt: skip
    ui.table(
        rows,
        [
            Column(key="key", heading="concept or indicator"),
            Column(key="forms", heading="forms"),
            Column(key="unit", heading="unit"),
            Column(key="name", heading="name", elastic=True),
            Column(key="name_en", heading="in English", elastic=True),
        ],
    )


def _write(table: Table, output: str, ui: Ui) -> None:
    path = Path(output)
    headings = [Heading(name=name, shape=Shape(shape)) for name, shape in table.columns.items()]
    rows: Iterable[list[Value]] = ([*map(row.get, table.columns)] for row in table.rows)
    with ui.progress(f"{path.name}:") as progress:
        done = export_rows(headings, rows, "table", path, progress.step, ending=path.suffix)
    for warning in done.warnings:
        ui.note(f"warning: {warning}")
    if ui.as_json:
        ui.json({"file": output, "rows": done.rows, "warnings": done.warnings})
    else:
        ui.line(f"{output}: {counted(done.rows, 'row')}")


def _print(connection: Connection, table: Table, apart: Sequence[Asked], ui: Ui) -> None:
    """Prints the rows; of several indicators that stand `apart` each has a table of its own, since
    no terminal has room for the years of two side by side.
    """
    rows = list(table.rows)
    if not rows and not ui.as_json:
        ui.note("no row; `gongkai coverage` tells which reports there are")
        return
    columns = [
        Column(key=name, heading=name, right=shape in ("whole", "number"),
               elastic=name in _SHOWN_ALWAYS, below=name == "url")
        for name, shape in table.columns.items() if name not in _HIDDEN
    ]  # fmt: skip
    if not ui.as_json and "body_id" in table.columns:
        rows = _distinct(connection, rows)
    elif not ui.as_json and "province" in table.columns:
        rows = [{**row, "province": row["province"] or "unknown"} for row in rows]
    if ui.as_json or len(apart) < 2:
        ui.table(rows, columns)
        return
    years = {each.key: [name for name in table.columns if name.startswith(f"{each.key} ")]
             for each in apart}  # fmt: skip
    of_any = {name for names in years.values() for name in names}
    for number, (key, its) in enumerate(years.items()):
        ui.line(f"\n{key}" if number else key)
        shown = [
            replace(each, heading=each.key.removeprefix(f"{key} "))
            for each in columns if each.key in its or each.key not in of_any
        ]  # fmt: skip
        ui.table((row for row in rows if row.keys() & set(its)), shown)


def _distinct(connection: Connection, rows: Iterable[dict[str, Cell]]) -> list[dict[str, Cell]]:
    """The rows of bodies, namesakes with their place."""
    listed = list(rows)
    bodies = (
        (cast("int", row["body_id"]), cast("str", row["body"]), cast("str | None", row["division"]))
        for row in listed
    )
    names = distinct_names(connection, bodies)
    return [{**row, "body": names[cast("int", row["body_id"])]} for row in listed]


def _tell_pictures(table: Table, ui: Ui) -> None:
    """A line where numbers of bodies were read from pictures: how sure they are."""
    if table.from_pictures:
        counts = ", ".join(
            f"{number:,} {what}" for what, number in sorted(table.from_pictures.items())
        )
        ui.note(f"read from pictures: {counts} (--json and -o FILE say which)")


def _tell_corrected(connection: Connection, asked: Sequence[Asked], ui: Ui) -> None:
    """A line for each number that a person corrected: what was read, who says otherwise and why."""
    found = [(each, figure) for each in asked for figure in corrections_in(connection, each)]
    for each, figure in found[:_MOST_TOLD]:
        row, read = figure.row, figure.read_value
        was = "no number" if read is None else f"{read:f}"
        ui.note(
            f"corrected: {row.body} {row.report_year}, {row.indicator or each.key}:"
            f" {was} → {row.value:f} by {figure.corrected_by}: {figure.correction_reason}"
        )
    if len(found) > _MOST_TOLD:
        ui.note(f"corrected: {len(found) - _MOST_TOLD:,} more")


def _tell_sums(connection: Connection, asked: Sequence[Asked], ui: Ui) -> None:
    """A line for each year: the sum, of how many bodies, and how many lack the number."""
    for each in asked:
        for total in sums(connection, each):
            number = "-" if total.total is None else f"{total.total:,f}"
            ui.note(
                f"{each.key} {total.year}: {number} {each.unit or ''} in"
                f" {counted(total.bodies, 'report')}, {total.lacking:,} without it"
            )


def _print_side_by_side(found: Sequence[Compared], names: Mapping[int, str], ui: Ui) -> None:
    rows: list[Mapping[str, object]] = []
    for key, of_asked in groupby(found, key=lambda each: each.asked.key):
        by_year: dict[int, dict[str, object]] = {}
        for each in of_asked:
            for year in each.years:
                row = by_year.setdefault(year.year, {"indicator": key, "year": year.year})
                shown = year.number if year.state == "given" else year.state
                row[str(each.body.body_id)] = shown
        rows += [by_year[year] for year in sorted(by_year)]
    if not rows:
        ui.note("no report of these bodies speaks for these years")
        return
    columns = [Column(key="indicator", heading="indicator"),
               Column(key="year", heading="year", right=True)]  # fmt: skip
    columns += [
        Column(key=str(body_id), heading=name, right=True) for body_id, name in names.items()
    ]
    ui.table(rows, columns)
    ui.note("absent: the report has no such row; no number: it does not print it (all of it)")
