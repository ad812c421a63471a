"""Runs similar."""

import argparse
from collections.abc import Mapping

from archive.command import DONE, ledger_of
from archive.model.content import printable
from archive.model.errors import UsageError
from archive.store import Store
from archive.store.query.similarity import SimilarPair
from archive.terminal import Column, Ui, counted
from archive.work.open_archive import open_archive
from archive.work.query.similarity import (
    ACROSS,
    WITHIN,
    Likeness,
    WantedPairs,
    find_similar,
    likeness,
    names_of,
    pair_json,
    reports_compared,
    waiting_reports,
)

_COLUMNS = (
    Column(key="similarity", heading="similar", right=True),
    Column(key="body", heading="body", elastic=True),
    Column(key="year", heading="year"),
    Column(key="other", heading="as that of", elastic=True),
    Column(key="other_year", heading="year"),
    Column(key="pages", heading="pages", below=True),
)


def run_similar(args: argparse.Namespace, ui: Ui) -> int:
    """Prints pairs of reports that say the same, or what two pages have in common."""
    if len(args.url) > 2:
        raise UsageError("similar compares two pages; give two URLs, one, or none")
    with open_archive(ledger_of(args)) as store:
        if len(args.url) == 2:
            _print_likeness(ui, likeness(store, *args.url))
            return DONE
        _print_pairs(store, args, ui)
    return DONE


def _print_pairs(store: Store, args: argparse.Namespace, ui: Ui) -> None:
    scope = WITHIN if args.within else ACROSS if args.across else None
    wanted = WantedPairs(
        least=args.least, url=next(iter(args.url), None), body=args.body, year=args.year,
        scope=scope,
    )  # fmt: skip
    found = find_similar(store, wanted, limit=args.limit, public=False)
    shown = {
        pair: likeness(store, pair.url, pair.other_url) for pair in found.pairs if args.show
    }  # fmt: skip
    names = names_of(store, found.pairs)
    if ui.as_json:
        ui.json([_as_json(pair, shown.get(pair)) for pair in found.pairs])
    elif shown:
        for pair in found.pairs:
            ui.table([_row(pair, names)], _COLUMNS)
            _print_passages(ui, shown[pair])
    elif found.pairs:
        ui.table((_row(pair, names) for pair in found.pairs), _COLUMNS)
    if not found.pairs:
        ui.note(_none(args, reports_compared(store), found.remark))
    if waiting := waiting_reports(store):
        ui.note(f"{counted(waiting, 'report')} not compared yet: the next crawl or reread goes on")
    if found.more:
        ui.note(f"the {args.limit} most similar are shown, there are more (--limit)")


def _none(args: argparse.Namespace, compared: int, remark: str | None) -> str:
    """What is said where no pair is found: of how many reports, and how alike it had to be."""
    is_narrowed = args.url or args.body or args.year or args.within or args.across
    which = "no such pair" if is_narrowed else "no pair"
    said = f"{which} of {counted(compared, 'report')} is {args.least:g} alike or more"
    return f"{said}: {remark}" if remark else said


def _as_json(pair: SimilarPair, found: Likeness | None) -> dict[str, object]:
    values = pair_json(pair)
    return values if found is None else values | {"passages": found.passages}


def _row(pair: SimilarPair, names: Mapping[int, str]) -> dict[str, object]:
    return {
        "similarity": f"{pair.similarity:.3f}",
        "body": names[pair.body_id],
        "year": pair.report_year,
        "other": names[pair.other_body_id],
        "other_year": pair.other_year,
        "pages": f"{pair.url} ← {pair.other_url}",
    }


def _print_likeness(ui: Ui, found: Likeness) -> None:
    if ui.as_json:
        ui.json(found)
        return
    ui.line(f"{found.url} version {found.version}")
    ui.line(f"{found.other_url} version {found.other_version}")
    ui.line(f"similarity {found.similarity:.3f}")
    _print_passages(ui, found)


def _print_passages(ui: Ui, found: Likeness) -> None:
    for passage in found.passages:
        ui.line(f"  = {printable(passage)}")
    if not found.passages:
        ui.line("  no passage in common")
    ui.line()
