"""Runs show, history, diff and status."""

import argparse
from functools import partial

from archive.cli.place import may_be_crawled
from archive.cli.render import print_comparison, print_page, print_status
from archive.command import DONE, home_of, ledger_of
from archive.store.unfinished_merges import unfinished_merges
from archive.terminal import Column, Ui
from archive.work import clock
from archive.work.catalogue.load import catalogue_keys
from archive.work.open_archive import open_archive
from archive.work.query.compare import compare
from archive.work.query.json import comparison_json, page_json, status_json
from archive.work.query.show import events, history, show
from archive.work.query.status import status

_EVENT_COLUMNS = (
    Column(key="at", heading="at"),
    Column(key="run", heading="run", right=True),
    Column(key="event", heading="event"),
    Column(key="what", heading="what"),
    Column(key="detail", heading="detail", elastic=True),
)


def run_show(args: argparse.Namespace, ui: Ui) -> int:
    """Prints one version of a page."""
    with open_archive(ledger_of(args)) as store:
        view = show(store, args.url, args.version, args.reader)
    if ui.as_json:
        ui.json(page_json(view))
    else:
        print_page(ui, view)
    return DONE


def run_history(args: argparse.Namespace, ui: Ui) -> int:
    """Prints a page's versions and outcomes."""
    with open_archive(ledger_of(args)) as store:
        story = history(store, args.url)
    if not ui.as_json:
        ui.line(story.page.key)
    rows = [
        {name: getattr(event, name) for name in event.__dataclass_fields__}
        for event in events(story)
    ]
    ui.table(rows, _EVENT_COLUMNS)
    return DONE


def run_diff(args: argparse.Namespace, ui: Ui) -> int:
    """Prints what changed between two versions."""
    with open_archive(ledger_of(args)) as store:
        compared = compare(store, args.url, args.first, args.second)
    if ui.as_json:
        ui.json(comparison_json(compared))
    else:
        print_comparison(ui, compared)
    return DONE


def run_status(args: argparse.Namespace, ui: Ui) -> int:
    """Prints the state of the archive."""
    with open_archive(ledger_of(args)) as store:
        found = status(
            store, now=clock.now(), crawling=partial(may_be_crawled, args),
            catalogue=catalogue_keys(home_of(args)),
        )  # fmt: skip
        with store.read() as connection:
            halves = [str(each) for each in unfinished_merges(connection)]
    if ui.as_json:
        ui.json({**status_json(found), "unfinished_merges": halves})
    else:
        for line in halves:
            ui.line(f"warning: {line}")
        print_status(ui, found)
    return DONE
