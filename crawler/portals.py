"""The commands `gongkai portals …`: the catalogue."""

import argparse
from pathlib import Path

from archive.command import BAD, DONE, Parser, Subparsers, home_of
from archive.model.errors import CatalogueError
from archive.terminal import Column, Ui
from archive.work.catalogue import find_portal, load_catalogue, portal_rows

_COLUMNS = (
    Column(key="key", heading="key"),
    Column(key="name", heading="name", elastic=True),
    Column(key="family", heading="family"),
    Column(key="source", heading="source"),
    Column(key="entries", heading="entries", elastic=True),
)


def add_portals(commands: Subparsers) -> None:
    """Adds `portals list`, `show` and `check`."""
    portals = commands.add_parser("portals", help="the catalogue of portals")
    actions = portals.add_subparsers(metavar="ACTION", required=True, parser_class=Parser)
    listed = actions.add_parser(
        "list", help="every portal", epilog="example: gongkai portals list --json"
    )
    listed.set_defaults(handler=_list)
    show = actions.add_parser(
        "show", help="one portal", epilog="example: gongkai portals show pingtan"
    )
    show.add_argument("key", metavar="KEY")
    show.set_defaults(handler=_show)
    check = actions.add_parser(
        "check",
        help="every row of the catalogue is usable",
        epilog="example: gongkai portals check",
    )
    check.set_defaults(handler=_check)


def _home(args: argparse.Namespace) -> Path:
    return home_of(args)


def _list(args: argparse.Namespace, ui: Ui) -> int:
    rows = [
        {**row, "entries": ", ".join(map(str, _as_list(row["entries"])))} if not ui.as_json else row
        for row in portal_rows(load_catalogue(_home(args)))
    ]
    ui.table(rows, _COLUMNS)
    return DONE


def _as_list(value: object) -> list[object]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _show(args: argparse.Namespace, ui: Ui) -> int:
    portal = find_portal(load_catalogue(_home(args)), args.key)
    ui.record(next(portal_rows([portal])))
    return DONE


def _check(args: argparse.Namespace, ui: Ui) -> int:
    try:
        portals = load_catalogue(_home(args))
    except CatalogueError as problem:
        ui.error(str(problem))
        return BAD
    ui.line(f"{len(portals)} portals, every row is usable")
    return DONE
