"""search, show, history, diff, status: questions and how their answers are printed."""

import argparse
from collections.abc import Callable
from datetime import date
from functools import partial

from archive.cli.place import may_be_crawled
from archive.cli.render import print_comparison, print_hit, print_page, print_status
from archive.command import DONE, Subparsers, count, ledger_of
from archive.search.query import Filters, query_words, search
from archive.terminal import Column, Ui
from archive.work import clock
from archive.work.open_archive import open_archive
from archive.work.query.compare import compare
from archive.work.query.coverage import divisions_within
from archive.work.query.date_bounds import first_day, last_day
from archive.work.query.json import comparison_json, hit_json, page_json, status_json
from archive.work.query.show import events, history, show
from archive.work.query.status import status

_EVENT_COLUMNS = (
    Column(key="at", heading="at"),
    Column(key="run", heading="run", right=True),
    Column(key="event", heading="event"),
    Column(key="what", heading="what"),
    Column(key="detail", heading="detail", elastic=True),
)


def add_query(subparsers: Subparsers) -> None:
    """Adds search, show, history, diff and status."""
    _add_search(subparsers)
    _add_show(subparsers)
    _add_history(subparsers)
    _add_diff(subparsers)
    subparser = subparsers.add_parser(
        "status",
        help="runs, verdicts, what is left, portals gone silent, next visits",
        epilog="example: gongkai status --json",
    )
    subparser.set_defaults(handler=_status)


def _add_search(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "search",
        help="exact words of title and text, two characters and up",
        description="Pages whose latest version has every word of QUERY in title or text, newest "
        "version first. Width, case and white space do not matter, but digits of two numbers are "
        "never joined; lists are left out. Quotes make a phrase of several words: '\"…\"'.",
        epilog="example: gongkai search 政府信息公开申请 --year 2016 --home demo-data\n"
        "         gongkai search 行政复议 申请 (both words)\n"
        "         gongkai search 局2016 --agency 供销社 --from 2017-01 --json",
    )
    subparser.add_argument("query", metavar="QUERY", nargs="+", help="words, all of them wanted")
    subparser.add_argument("--portal", metavar="KEY", help="only this portal")
    subparser.add_argument("--agency", metavar="NAME", help="part of the agency's name")
    subparser.add_argument("--year", type=int, metavar="YEAR", help="the year a report covers")
    subparser.add_argument("--division", metavar="PLACE", help="a place (code or name), "
                           "with all below it and all it took over")  # fmt: skip
    subparser.add_argument("--from", dest="from_on", type=_from_on, metavar="DATE",
                           help="published on or after (YYYY, YYYY-MM or YYYY-MM-DD)")  # fmt: skip
    subparser.add_argument("--to", dest="to_on", type=_to_on, metavar="DATE",
                           help="published on or before")  # fmt: skip
    subparser.add_argument("--limit", type=count, default=20, metavar="N", help="hits (20)")
    subparser.set_defaults(handler=_search)


def _add_show(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "show",
        help="one page: a version's text, fields, figures and findings",
        epilog="example: gongkai show t20170220_1017.html --version 1 --home demo-data",
    )
    _add_url(subparser)
    subparser.add_argument("--version", type=count, metavar="N", help="a version (the latest)")
    subparser.set_defaults(handler=_show)


def _add_history(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "history",
        help="a page's versions and outcomes",
        epilog="example: gongkai history t20170220_1017.html --home demo-data",
    )
    _add_url(subparser)
    subparser.set_defaults(handler=_history)


def _add_diff(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "diff",
        help="what changed between two versions, words and figures",
        description="Compares versions A and B; without them the last two, with A alone A and the "
        "latest.",
        epilog="example: gongkai diff t20170220_1017.html 1 2 --home demo-data",
    )
    _add_url(subparser)
    subparser.add_argument("first", type=count, nargs="?", metavar="A", help="version number")
    subparser.add_argument("second", type=count, nargs="?", metavar="B", help="version number")
    subparser.set_defaults(handler=_diff)


def _add_url(subparser: argparse.ArgumentParser) -> None:
    subparser.add_argument("url", metavar="ADDRESS", help="in any spelling, or a unique end of it")


def _search(args: argparse.Namespace, ui: Ui) -> int:
    query = " ".join(args.query)
    query_words(query)
    divisions = divisions_within(args.division) if args.division else None
    filters = Filters(portal=args.portal, agency=args.agency, year=args.year, divisions=divisions,
                      from_on=args.from_on, to_on=args.to_on)  # fmt: skip
    with open_archive(ledger_of(args)) as store, store.read() as connection:
        answer = search(connection, query, filters, limit=args.limit)
    if ui.as_json:
        ui.json([hit_json(hit) for hit in answer.hits])
    for hit in () if ui.as_json else answer.hits:
        print_hit(ui, hit)
    if not answer.hits:
        ui.note("nothing found")
    if answer.approximate:
        ui.note("approximate: too many pages nearly match, some hits may be missing; add a filter")
    elif answer.more:
        ui.note(f"the newest {args.limit} are shown, there are more (--limit)")
    return DONE


def _show(args: argparse.Namespace, ui: Ui) -> int:
    with open_archive(ledger_of(args)) as store:
        view = show(store, args.url, args.version)
    if ui.as_json:
        ui.json(page_json(view))
    else:
        print_page(ui, view)
    return DONE


def _history(args: argparse.Namespace, ui: Ui) -> int:
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


def _diff(args: argparse.Namespace, ui: Ui) -> int:
    with open_archive(ledger_of(args)) as store:
        compared = compare(store, args.url, args.first, args.second)
    if ui.as_json:
        ui.json(comparison_json(compared))
    else:
        print_comparison(ui, compared)
    return DONE


def _status(args: argparse.Namespace, ui: Ui) -> int:
    with open_archive(ledger_of(args)) as store:
        found = status(store, now=clock.now(), crawling=partial(may_be_crawled, args))
    if ui.as_json:
        ui.json(status_json(found))
    else:
        print_status(ui, found)
    return DONE


def _from_on(text: str) -> date:
    return _day(text, first_day)


def _to_on(text: str) -> date:
    return _day(text, last_day)


def _day(text: str, day: Callable[[str], date]) -> date:
    try:
        return day(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2016-09-30") from None
