"""Runs repair: what is lost is named, asked for again where the portal may still have it, and
marked as lost where it has not.
"""

import argparse
import os
from collections.abc import Sequence
from typing import Final

from archive.cli.place import archive_with_files
from archive.command import BAD, CANNOT_RUN, DONE, INTERRUPTED, home_of, ledger_of
from archive.environment import database_named, min_free_named, warc_named
from archive.model.outcome import Verdict
from archive.store.write.lost import LostRow, lost_rows, pages_to_ask, portals_of
from archive.terminal import Column, Ui, counted
from archive.work import clock
from archive.work.home import Home
from archive.work.open_archive import open_archive
from archive.work.preservation.repair import find_loss, mark_loss, settle
from crawler.cli.crawl import shower
from crawler.contact import ask_for_contact
from crawler.job import crawl
from crawler.options import CrawlRequest

COLUMNS: Final = (
    Column(key="url", heading="page", elastic=True),
    Column(key="captured_at", heading="captured at"),
    Column(key="state", heading="state"),
    Column(key="detail", heading="why", below=True),
)


def run_repair(args: argparse.Namespace, ui: Ui) -> int:
    """Exit status 1 where something stays lost."""
    home, contact = Home(home_of(args), warc_named()), os.environ.get("GONGKAI_CONTACT")
    with archive_with_files(args, home) as store:
        with ui.progress("looking for what is lost: records") as progress:
            loss = find_loss(home, store, progress.step)
        if args.dry_run:
            return _print_dry_run(list(loss.captures.values()), ui)
        with home.locked("repair"):
            mark_loss(store, loss, clock.now())
        with store.read() as connection:
            pages = pages_to_ask(connection)
            portals = portals_of(connection, pages)
    request = CrawlRequest(
        home=home.path,
        delay_s=args.delay,
        contact=contact,
        database=database_named(),
        warc=home.warc_at,
        min_free=min_free_named(),
        pages=tuple(pages),
        page_portals=tuple(portals),
    )
    status = DONE
    if pages:
        ask_for_contact(portals, contact)
        status = _ask(request, ui)
    with open_archive(ledger_of(args)) as store:
        settle(store)
        with store.read() as connection:
            rows = lost_rows(connection)
    _print(rows, ui)
    lost = any(not row.replaced for row in rows)
    return status or (BAD if lost else DONE)


def _ask(request: CrawlRequest, ui: Ui) -> int:
    """Asks for the pages again; the exit status when that did not come to its end."""
    with ui.progress(f"asking for {counted(len(request.pages), 'page')} again") as meter:
        judgement = crawl(request, progress=shower(meter))
    for warning in judgement.warnings:
        ui.note(f"warning: {warning}")
    if judgement.could_not_run:
        ui.error(judgement.reason)
        return CANNOT_RUN
    return INTERRUPTED if judgement.verdict is Verdict.INTERRUPTED else DONE


def _print_dry_run(reasons: Sequence[str], ui: Ui) -> int:
    if ui.as_json:
        ui.json({"lost": reasons, "dry_run": True})
        return BAD if reasons else DONE
    for reason in reasons:
        ui.line(f"lost: {reason}")
    ui.line(f"{counted(len(reasons), 'capture')} lost or damaged; nothing was marked or asked for")
    return BAD if reasons else DONE


def _print(rows: Sequence[LostRow], ui: Ui) -> None:
    table = [
        {
            "url": row.url,
            "captured_at": row.captured_at,
            "state": "replaced" if row.replaced else "lost",
            "detail": _detail(row),
        }
        for row in rows
    ]
    if table or ui.as_json:
        ui.table(table, COLUMNS)
    if not ui.as_json:
        lost = sum(not row.replaced for row in rows)
        ui.line(
            f"{counted(lost, 'capture')} known as lost, {len(rows) - lost:,} whose content another"
            " capture has"
        )


def _detail(row: LostRow) -> str:
    asked = f"; asked again: {row.outcome} ({row.outcome_reason})" if row.outcome else ""
    return row.reason + asked
