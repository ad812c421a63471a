"""Runs import."""

import argparse
import os
import shlex
from contextlib import ExitStack
from functools import partial

from archive.cli.parts import put_into_queue, refuse_without_workers, seat_of
from archive.cli.place import home_named
from archive.command import BAD, DONE, home_of, ledger_of
from archive.environment import min_free_named
from archive.model.errors import UsageError
from archive.model.outcome import Verdict
from archive.progress import Progress
from archive.store import Store
from archive.terminal import Column, Ui, counted, iso
from archive.work.catalogue.load import load_catalogue
from archive.work.disk_guard import any_refused
from archive.work.given_file import check_given_file
from archive.work.imports.candidates import REASONS
from archive.work.imports.importing import ImportRequest, OnProgress, run_import, try_import
from archive.work.imports.report import LeftOut, Report
from archive.work.jobs.parts import Part
from archive.work.open_archive import is_archive, open_archive
from archive.work.preservation.seal.keys import key_named
from archive.work.preservation.seal.run_end import seal_run
from archive.work.preservation.upload import upload_behind

_HOSTS = 5
_COLUMNS = (
    Column(key="count", heading="left out", right=True),
    Column(key="reason", heading="reason"),
    Column(key="why", heading="why", elastic=True),
    Column(key="first", heading="the first", below=True),
)


def run_import_files(args: argparse.Namespace, ui: Ui) -> int:
    """Takes files in; exit status 1 when something was left out through damage, or when there was
    nothing to take in. As a part for a worker it leaves seal and upload to that.
    """
    if args.job:
        return _enqueue(args, ui)
    request = ImportRequest(
        home=home_named(args),
        place=ledger_of(args),
        files=args.files,
        catalogue=load_catalogue(home_of(args)),
        portal=args.portal,
        everything=args.everything,
        copy=args.copy,
        contact=os.environ.get("GONGKAI_CONTACT"),
        min_free=min_free_named(),
        seat=seat_of(args),
    )
    what = counted(len(args.files), "file")
    with ui.progress(f"looking through {what}: records") as progress:
        on = _shower(progress)
        report = _tried(args, request, on) if args.dry_run else _taken_in(request, on, ui)
    if ui.as_json:
        ui.json(_json(report))
    else:
        _print(report, what, ui)
    return DONE if report.is_good and not any_refused(report.warnings) else BAD


def _enqueue(args: argparse.Namespace, ui: Ui) -> int:
    """A job a file, done in the order given. UsageError: one cannot be taken in."""
    refuse_without_workers()
    if args.dry_run:
        raise UsageError("--job takes files in: leave out --dry-run")
    options = [
        *(["--portal", args.portal] if args.portal else []),
        *(["--all"] if args.everything else []),
        *(["--copy"] if args.copy else []),
    ]
    for path in args.files:
        check_given_file(path)
        if not path.is_file():
            raise UsageError(f"cannot read {path}: there is no such file")
    of = [("import", str(path.resolve()), *options) for path in dict.fromkeys(args.files)]
    return put_into_queue(ui, [Part(command=shlex.join(command), lock="import") for command in of])


def _tried(args: argparse.Namespace, request: ImportRequest, on: OnProgress) -> Report:
    with ExitStack() as stack:
        ledger: Store | None = None
        if is_archive(ledger_of(args)):
            ledger = stack.enter_context(open_archive(ledger_of(args)))
        return try_import(request, ledger, on)


def _taken_in(request: ImportRequest, on: OnProgress, ui: Ui) -> Report:
    """Takes the files in, and seals the archive behind that."""
    key = None if request.seat else key_named(request.home)
    report = run_import(request, on)
    if request.seat is None:
        open_ledger = partial(open_archive, request.place)
        report.warnings += seal_run(request.home, open_ledger, key)
        report.warnings += upload_behind(request.home, open_ledger)
    for line in report.warnings:
        ui.note(f"warning: {line}")
    return report


def _shower(progress: Progress) -> OnProgress:
    def to_read(count: int) -> None:
        progress.step(-progress.done, "reading captures:", count)

    return OnProgress(record=progress.step, to_read=to_read, read=progress.step)


def _print(report: Report, what: str, ui: Ui) -> None:
    rows = [
        {
            "count": count,
            "reason": reason,
            "why": REASONS[reason],
            "first": _place(report.first[reason]),
        }
        for reason, count in report.left_out.most_common()
    ]
    if rows:
        ui.table(rows, _COLUMNS)
    if report.hosts:
        named = ", ".join(f"{host} ({count:,})" for host, count in report.hosts.most_common(_HOSTS))
        ui.line(f"hosts of no portal: {named}")
    outcomes = ", ".join(f"{count:,} {name}" for name, count in report.outcomes.most_common())
    verdict = report.verdict or ("good" if report.is_good else "bad")
    would = " (dry run: nothing was written)" if report.verdict is None else ""
    ui.line(f"{what}: {verdict}: {report.reason}{f' ({outcomes})' if outcomes else ''}{would}")


def _place(left: LeftOut) -> str:
    part = f" in {left.part}" if left.part else ""
    said = " ".join(filter(None, (left.url, left.message)))
    return f"{left.file}{part}, offset {left.offset}: {said}"


def _json(report: Report) -> dict[str, object]:
    return {
        "verdict": report.verdict or (Verdict.GOOD if report.is_good else Verdict.BAD),
        "reason": report.reason,
        "dry_run": report.verdict is None,
        "taken_in": report.new,
        "known": report.known,
        "outcomes": dict(report.outcomes),
        "portals": dict(report.portals),
        "left_out": dict(report.left_out),
        "records": [
            {
                "file": each.file, "part": each.part, "offset": each.offset,
                "reason": each.reason, "url": each.url, "record_id": each.record_id,
                "captured_at": iso(each.at) if each.at else None, "message": each.message,
            }
            for each in report.all
        ],
    }  # fmt: skip
