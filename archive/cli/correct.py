"""Runs correct."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict

from archive.command import BAD, DONE, home_of, ledger_of
from archive.model.errors import UsageError
from archive.terminal import Column, Ui, counted
from archive.work import clock
from archive.work.corrections.corrections_file import (
    MAX_NAME,
    MAX_REASON,
    Correction,
    TakenBack,
    add_correction,
    number_of,
    one_line,
    read_corrections,
    take_back,
)
from archive.work.corrections.fitting import Fit, Fitted, figure_to_correct, fitted
from archive.work.export.export import export_rows
from archive.work.export.writers import Heading, Shape, Value
from archive.work.open_archive import open_archive
from archive.work.query.show import show

_COLUMNS = (
    Column(key="id", heading="id"),
    Column(key="fit", heading="fit"),
    Column(key="url", heading="url", elastic=True),
    Column(key="version", heading="version", right=True),
    Column(key="indicator", heading="indicator"),
    Column(key="applicant", heading="applicant"),
    Column(key="printed", heading="printed", right=True),
    Column(key="value", heading="corrected", right=True),
    Column(key="by", heading="by"),
    Column(key="at", heading="at"),
    Column(key="reason", heading="reason", below=True),
    Column(key="why", heading="why not", below=True),
)
_SHAPES = {"version": Shape.WHOLE, "value": Shape.NUMBER, "at": Shape.INSTANT}
_EXPORTED = (
    "id", "fit", "url", "version", "content_hash", "indicator", "applicant", "printed", "value",
    "by", "at", "reason", "why",
)  # fmt: skip
_OF_ONE = ("indicator", "applicant", "value", "printed", "version")


def run_correct(args: argparse.Namespace, ui: Ui) -> int:
    """Adds a correction, takes one back, or lists them."""
    _check_usage(args)
    if args.list:
        return _list(args, ui)
    if args.withdraw is not None:
        return _take_back(args, ui)
    return _add(args, ui)


def _check_usage(args: argparse.Namespace) -> None:
    given = [name for name in _OF_ONE if getattr(args, name) is not None]
    wanted = [args.url is not None, args.list, args.withdraw is not None]
    if sum(wanted) != 1:
        raise UsageError("name one of these: a URL to correct, --list, or --withdraw ID")
    if args.url is None and given:
        raise UsageError(f"--{given[0]} is about a number of a page; give its URL")
    if args.output is not None and not args.list:
        raise UsageError("-o is for --list")
    if args.list and (args.by or args.reason):
        raise UsageError("--by and --reason say who corrects; leave them out of --list")


def _add(args: argparse.Namespace, ui: Ui) -> int:
    if args.indicator is None or args.value is None:
        raise UsageError("which number, and what should it be? give --indicator KEY --value V")
    by, reason = _who_and_why(args)
    value = number_of(args.value)
    with open_archive(ledger_of(args)) as store:
        view = show(store, args.url, args.version)
    figures = view.parts.figures
    figure = figure_to_correct(figures, args.indicator, args.applicant, args.printed, value)
    made = Correction(
        id="", url=view.page.key, content_hash=view.version.content_hash,
        indicator=args.indicator, applicant=figure.applicant, printed=figure.printed, value=value,
        by=by, reason=reason, at=clock.now().replace(microsecond=0),
    )  # fmt: skip
    kept = add_correction(home_of(args), made)
    if ui.as_json:
        ui.json({"version": view.version.number, **asdict(kept)})
    else:
        what = f"{kept.indicator} {kept.applicant or ''}".strip()
        ui.line(
            f"{kept.url} version {view.version.number}, {what}: {kept.printed or 'blank'} →"
            f" {kept.value} (correction {kept.id})"
        )
    return DONE


def _take_back(args: argparse.Namespace, ui: Ui) -> int:
    by, reason = _who_and_why(args)
    at = clock.now().replace(microsecond=0)
    found = take_back(home_of(args), args.withdraw, TakenBack(by=by, reason=reason, at=at))
    if ui.as_json:
        ui.json(asdict(found))
    else:
        ui.line(f"correction {found.id} of {found.url} is taken back")
    return DONE


def _who_and_why(args: argparse.Namespace) -> tuple[str, str]:
    by = one_line(args.by or "", "a name (--by NAME)", MAX_NAME)
    return by, one_line(args.reason or "", "its reason (--reason TEXT)", MAX_REASON)


def _list(args: argparse.Namespace, ui: Ui) -> int:
    known = read_corrections(home_of(args))
    with open_archive(ledger_of(args)) as store, store.read() as connection:
        found = fitted(connection, known)
    rows = [
        {**asdict(each.correction), "fit": each.fit, "version": each.version, "why": each.why}
        for each in found
    ]
    lost = sum(each.fit == Fit.LOST for each in found)
    if args.output is not None:
        _write(args, rows, ui)
    elif rows or ui.as_json:
        ui.table(rows, _COLUMNS)
    if not (ui.as_json or args.output):
        ui.line(_summary(found))
    if lost:
        ui.note(f"warning: {counted(lost, 'correction')} that fit nothing any more")
    return BAD if lost else DONE


def _summary(found: Sequence[Fitted]) -> str:
    stand = sum(each.fit == Fit.STANDS for each in found)
    return f"{counted(len(found), 'correction')}, {stand:,} of the latest version of their page"


def _write(args: argparse.Namespace, rows: Sequence[dict[str, object]], ui: Ui) -> None:
    headings = [Heading(name=name, shape=_SHAPES.get(name, Shape.TEXT)) for name in _EXPORTED]
    cells: list[list[Value]] = [[row[name] for name in _EXPORTED] for row in rows]  # type: ignore[misc]  # as their shapes say
    path = args.output
    done = export_rows(headings, cells, "corrections", path, lambda _: None, ending=path.suffix)
    if ui.as_json:
        ui.json({"file": str(path), "rows": done.rows, "warnings": done.warnings})
    else:
        ui.line(f"{path}: {counted(done.rows, 'row')}")
