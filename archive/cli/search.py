"""Runs search. It stands apart from the other queries, whose modules it need not load."""

import argparse
from collections.abc import Iterable
from typing import Any

from archive.command import DONE, ledger_of
from archive.model.content import printable
from archive.search.counts import count_hits
from archive.search.query import Filters, Hit, Piece, query_words, search
from archive.terminal import Ui, counted, shown
from archive.work.open_archive import open_archive
from archive.work.query.hits import agency_names, counts_json, hit_json
from archive.work.query.places import divisions_within

_MAX_TITLE = 300
_MOST = 40


def run_search(args: argparse.Namespace, ui: Ui) -> int:
    """Prints the hits of a search."""
    query = " ".join(args.query)
    query_words(query)
    divisions = divisions_within(args.division) if args.division else None
    filters = Filters(portal=args.portal, agency=args.agency, year=args.year, divisions=divisions,
                      kind=args.kind, from_on=args.from_on, to_on=args.to_on)  # fmt: skip
    with open_archive(ledger_of(args)) as store, store.read() as connection:
        if args.count:
            counts = count_hits(connection, query, filters, history=args.history)
            _print_counts(ui, counts_json(counts))
            return DONE
        answer = search(connection, query, filters, limit=args.limit, sort=args.sort,
                        history=args.history)  # fmt: skip
        names = {} if ui.as_json else agency_names(connection, answer.hits)
    if ui.as_json:
        ui.json([hit_json(hit) for hit in answer.hits])
    for hit in () if ui.as_json else answer.hits:
        print_hit(ui, hit, names.get(hit.version_id))
    if not answer.hits:
        ui.note("nothing found")
    if answer.approximate:
        ui.note("approximate: too many pages nearly match, some hits may be missing; add a filter")
    elif answer.more:
        ui.note(f"the first {args.limit} are shown, there are more (--limit, --count)")
    return DONE


def _print_counts(ui: Ui, counts: dict[str, Any]) -> None:
    if ui.as_json:
        ui.json(counts)
        return
    if not counts["total"]:
        ui.note("nothing found")
        return
    ui.line(counted(counts["total"], "hit"))
    named = {"years": "year", "places": "name", "portals": "portal", "kinds": "kind"}
    for group, name in named.items():
        rows = counts[group]
        said = ", ".join(f"{shown(row[name]) or 'unknown'} {row['hits']:,}" for row in rows[:_MOST])
        more = f" and {len(rows) - _MOST} more (--json)" if len(rows) > _MOST else ""
        ui.line(f"{group}: {said}{more}")


def print_hit(ui: Ui, hit: Hit, agency: str | None = None) -> None:
    """A hit as people read it, the matches in « ». agency: in place of the hit's own."""
    version = f"version {hit.version}{' (superseded)' if hit.superseded else ''}"
    known = (hit.portal, agency or hit.agency, hit.report_year, hit.published_on, version)
    ui.line(_marked(hit.title)[:_MAX_TITLE] or "(no title)")
    ui.line(f"  {hit.url}")
    ui.line(f"  {' · '.join(shown(each) for each in known if each)}")
    for around in hit.snippets:
        ui.line(f"    {_marked(around)}")
    ui.line()


def _marked(pieces: Iterable[Piece]) -> str:
    return printable("".join(f"«{p.text}»" if p.marked else p.text for p in pieces))
