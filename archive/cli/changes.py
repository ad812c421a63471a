"""Runs changes."""

import argparse
from collections.abc import Mapping, Sequence
from itertools import groupby

from archive.cli.render import print_comparison
from archive.command import DONE, ledger_of
from archive.model.change import ChangeKind
from archive.store import Store
from archive.store.query.changes import PageChange
from archive.terminal import Column, Ui, counted
from archive.work.open_archive import open_archive
from archive.work.query.changes import (
    Wanted,
    change_json,
    find_changes,
    names_of,
    subject_of,
    waiting_versions,
)
from archive.work.query.compare import Comparison, compare
from archive.work.query.json import comparison_json

_COLUMNS = (
    Column(key="captured_at", heading="when"),
    Column(key="body", heading="body", elastic=True),
    Column(key="year", heading="year"),
    Column(key="what", heading="what"),
    Column(key="subject", heading="of", elastic=True),
    Column(key="old", heading="old", elastic=True),
    Column(key="new", heading="new", elastic=True),
    Column(key="page", heading="page", below=True),
)


def run_changes(args: argparse.Namespace, ui: Ui) -> int:
    """Prints what changed on pages, newest first."""
    wanted = Wanted(**{name: getattr(args, name) for name in Wanted.__dataclass_fields__})
    with open_archive(ledger_of(args)) as store:
        found = find_changes(store, wanted, limit=args.limit, public=False)
        compared = _compared(store, found.changes) if args.diff else {}
        waiting = waiting_versions(store)
        names = names_of(store, found.changes)
    if ui.as_json:
        ui.json([_as_json(each, compared) for each in found.changes])
    elif args.diff:
        for one in compared.values():
            print_comparison(ui, one)
            ui.line()
    elif found.changes:
        ui.table((_row(each, names) for each in found.changes), _COLUMNS)
    if not found.changes:
        ui.note("no change")
    if found.more:
        ui.note(f"the newest {args.limit} are shown, there are more (--limit)")
    if waiting:
        ui.note(
            f"{counted(waiting, 'version')} not compared with the one before, which an earlier"
            " reader read: gongkai reread"
        )
    return DONE


_Place = tuple[str, int, int]


def _compared(store: Store, changes: Sequence[PageChange]) -> dict[_Place, Comparison]:
    """The whole comparison of each version that has changes."""
    places = (_place(each) for each in changes if each.previous != each.version)
    return {place: compare(store, place[0], *place[1:]) for place, _ in groupby(places)}


def _place(change: PageChange) -> _Place:
    return change.url, change.previous, change.version


def _as_json(change: PageChange, compared: dict[_Place, Comparison]) -> dict[str, object]:
    found = change_json(change)
    whole = compared.get(_place(change))
    return found if whole is None else found | {"diff": comparison_json(whole)}


def _row(change: PageChange, names: Mapping[int, str]) -> dict[str, object]:
    has_values = change.what in (ChangeKind.FIGURE, ChangeKind.TITLE, ChangeKind.FIELD)
    absent = "absent" if has_values else ""
    was, now = (absent if value is None else value for value in (change.old, change.new))
    return {
        "captured_at": change.captured_at,
        "body": names.get(change.body_id or 0) or change.portal,
        "year": change.report_year,
        "what": change.what,
        "subject": subject_of(change),
        "old": was,
        "new": now,
        "page": f"{change.url} version {change.version}",
    }
