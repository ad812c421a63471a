"""Runs `gongkai portals …`: the catalogue."""

import argparse
from collections.abc import Sequence

from archive.command import BAD, DONE, home_of, ledger_of
from archive.families.registry import families
from archive.model.errors import CatalogueError, UsageError
from archive.store.catalogue import learned_tls
from archive.terminal import Column, Ui, counted
from archive.work.catalogue.import_csv import Refusal, import_portals
from archive.work.catalogue.load import find_portal, load_catalogue, portal_rows
from archive.work.catalogue.row_removal import remove_portal
from archive.work.home import USER_FILE
from archive.work.open_archive import open_archive

SHOWN_LINES = 20
_COLUMNS = (
    Column(key="key", heading="key"),
    Column(key="name", heading="name", elastic=True),
    Column(key="family", heading="family"),
    Column(key="source", heading="source"),
    Column(key="entries", heading="entries", elastic=True),
)


def run_remove(args: argparse.Namespace, ui: Ui) -> int:
    """Takes a row out of the user's catalogue."""
    home = home_of(args)
    shipped = remove_portal(home, args.key)
    if ui.as_json:
        ui.json({"removed": args.key, "shipped": shipped})
        return DONE
    ui.line(f"removed {args.key} from {home / USER_FILE}; what was archived of it stays")
    if shipped:
        ui.line(f"the row {args.key} that came with Gongkai holds again")
    return DONE


def run_list(args: argparse.Namespace, ui: Ui) -> int:
    """Prints the portals."""
    word = (args.word or "").casefold()
    portals = [
        portal
        for portal in load_catalogue(home_of(args))
        if word in portal.key.casefold() or word in portal.name.casefold()
    ]
    rows = list(portal_rows(portals))
    if not ui.as_json:
        for row, portal in zip(rows, portals, strict=True):
            row["entries"] = ", ".join(portal.entries)
    ui.table(rows, _COLUMNS)
    return DONE


def run_show(args: argparse.Namespace, ui: Ui) -> int:
    """Prints one portal."""
    portal = find_portal(load_catalogue(home_of(args)), args.key)
    row = next(portal_rows([portal]))
    if not ui.as_json:  # what the row leaves to the defaults says nothing
        row = {name: value for name, value in row.items() if value is not None}
        row["entries"] = ", ".join(portal.entries)
    ui.record(row | _learned(args, portal.key))
    return DONE


def _learned(args: argparse.Namespace, key: str) -> dict[str, str]:
    """What crawls found out beside the row: the TLS that the portal accepts. Empty before the
    first crawl.
    """
    try:
        with open_archive(ledger_of(args)) as store, store.read() as connection:
            tls = learned_tls(connection).get(key)
    except UsageError:
        return {}
    return {"learned_tls": tls} if tls is not None else {}


def run_check(args: argparse.Namespace, ui: Ui) -> int:
    """Says whether every row of the catalogue is usable."""
    try:
        portals = load_catalogue(home_of(args))
    except CatalogueError as problem:
        ui.error(str(problem))
        return BAD
    known = {each.key for each in families()}
    wrong = [each for each in portals if each.family is not None and each.family not in known]
    for portal in wrong:
        ui.error(f"[{portal.key}] family: {portal.family} is none of {', '.join(sorted(known))}")
    if wrong:
        return BAD
    ui.line(f"{counted(len(portals), 'portal')}, every row is usable")
    return DONE


def run_import(args: argparse.Namespace, ui: Ui) -> int:
    """Adds the portals of a CSV file."""
    done = import_portals(args.file, home_of(args))
    status = BAD if done.refused else DONE
    if ui.as_json:
        keys = [portal.key for portal in done.added]
        ui.json({"added": keys, "known": done.repeated, "refused": done.refused})
        return status
    ui.line(
        f"{counted(len(done.added), 'portal')} added, {done.known:,} in the catalogue already,"
        f" {counted(len(done.refused), 'line')} that cannot be used"
    )
    _print_refusals(ui, "left out", done.repeated)
    _print_refusals(ui, "refused", done.refused)
    return status


def _print_refusals(ui: Ui, what: str, lines: Sequence[Refusal]) -> None:
    for each in lines[:SHOWN_LINES]:
        ui.line(f"  {what}: line {each.line}: {each.reason}")
    if len(lines) > SHOWN_LINES:
        ui.line(f"  {what}: {len(lines) - SHOWN_LINES:,} more (--json lists all)")
