"""How the archive's commands are spelled. What a command does is imported when it runs: the
parser loads no database and no reader, so that --help answers at once.
"""

import argparse

from archive.cli.change_arguments import add_changes
from archive.cli.correct_arguments import add_correct
from archive.cli.coverage_arguments import add_coverage
from archive.cli.days import from_on, to_on, year
from archive.cli.export_arguments import add_export
from archive.cli.health_arguments import add_health
from archive.cli.move_arguments import add_moves
from archive.cli.preservation_arguments import REPLAY_URL, SERVE_PORT, add_preservation
from archive.cli.table_arguments import add_tables
from archive.command import Deferred, Handler, Subparsers, count, count_or_none, port
from archive.model.outcome import Role

SORTS = ("captured", "published", "relevance")  # of archive.search.order, which loads a database
SEARCHED_KINDS = ("report", "article", "attachment", "other")
READ_ROLES = (Role.PAGE, Role.LIST, Role.ENTRY, Role.ATTACHMENT)


def add_commands(subparsers: Subparsers) -> None:
    """Adds every command that needs an archive; each sets `handler`."""
    _add_search(subparsers)
    _add_show(subparsers)
    _add_history(subparsers)
    _add_diff(subparsers)
    status = subparsers.add_parser(
        "status",
        help="runs, verdicts, what is left, portals gone silent, next visits",
        epilog="example: gongkai status --json",
    )
    status.set_defaults(handler=Deferred("archive.cli.query:run_status"))
    add_coverage(subparsers)
    add_export(subparsers)
    _add_personal(subparsers)
    add_tables(subparsers)
    add_changes(subparsers)
    add_correct(subparsers)
    _add_serve(subparsers)
    add_preservation(subparsers)
    add_moves(subparsers)
    add_health(subparsers)


def _add_search(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "search",
        help="exact words of title and text, two characters and up",
        description="Pages whose latest version has every word of QUERY in title or text, newest "
        "version first. Width, case, white space, and simplified or traditional characters do not "
        "matter, but digits of two numbers are never joined; lists are left out. Quotes make a "
        "phrase of several words: '\"…\"'.",
        epilog="example: gongkai search 政府信息公开申请 --year 2016 --home demo-data\n"
        "         gongkai search 行政复议 申请 (both words)\n"
        "         gongkai search 局2016 --agency 供销社 --from 2017-01 --json\n"
        "         gongkai search 行政复议 --count --division 320000",
    )
    subparser.add_argument("query", metavar="QUERY", nargs="+", help="words, all of them wanted")
    subparser.add_argument("--portal", metavar="KEY", help="only this portal")
    subparser.add_argument("--agency", metavar="NAME", help="part of the agency's name")
    subparser.add_argument("--year", type=year, metavar="YEAR", help="the year a report covers")
    subparser.add_argument("--division", metavar="PLACE", help="a place (code or name), "
                           "with all below it and all it took over")  # fmt: skip
    subparser.add_argument("--from", dest="from_on", type=from_on, metavar="DATE",
                           help="published on or after (YYYY, YYYY-MM or YYYY-MM-DD)")  # fmt: skip
    subparser.add_argument("--to", dest="to_on", type=to_on, metavar="DATE",
                           help="published on or before")  # fmt: skip
    subparser.add_argument("--kind", choices=SEARCHED_KINDS, help="what a page is")
    help_ = "captured (newest in the archive first), published (newest date first) or relevance"
    subparser.add_argument("--sort", choices=SORTS, default=SORTS[0], metavar="ORDER", help=help_)
    subparser.add_argument("--history", action="store_true", help="superseded versions, too")
    help_ = "how many hits there are, by year, place, portal and kind, instead of the hits"
    subparser.add_argument("--count", action="store_true", help=help_)
    subparser.add_argument("--limit", type=count, default=20, metavar="N", help="hits (20)")
    subparser.set_defaults(handler=Deferred("archive.cli.search:run_search"))


def _add_show(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "show",
        help="one page: a version's text, fields, figures and findings",
        epilog="example: gongkai show t20170220_1017.html --version 1 --home demo-data",
    )
    _add_url(subparser)
    subparser.add_argument("--version", type=count, metavar="N", help="a version (the latest)")
    help_ = "as that version of the reader read it, before it was read again"
    subparser.add_argument("--reader", metavar="N", help=help_)
    subparser.set_defaults(handler=Deferred("archive.cli.query:run_show"))


def _add_history(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "history",
        help="a page's versions and outcomes",
        epilog="example: gongkai history t20170220_1017.html --home demo-data",
    )
    _add_url(subparser)
    subparser.set_defaults(handler=Deferred("archive.cli.query:run_history"))


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
    subparser.set_defaults(handler=Deferred("archive.cli.query:run_diff"))


def _add_url(subparser: argparse.ArgumentParser) -> None:
    subparser.add_argument("url", metavar="URL", help="in any spelling, or a unique end of it")


def _add_personal(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "personal",
        help="where mobile and identity card numbers stand in what was read",
        description="Lists mobile numbers that no word before them calls an office's, and identity"
        " card numbers whose check digit is right (GB 11643), of every version: in title, text and"
        " the latest version's fields. Nothing is changed: withdraw takes a page out of public"
        " view, export --mask-personal leaves the numbers out.",
        epilog="example: gongkai personal --home demo-data\n         gongkai personal --json",
    )
    subparser.set_defaults(handler=Deferred("archive.cli.personal:run_personal"))


def _add_serve(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "serve",
        help="the web pages and the API, on 127.0.0.1",
        description="Serves search, reports, versions, runs and a JSON API until interrupted: on "
        "this machine only, or with --public to people on the network. The archive is only read; a "
        "question that takes longer than two seconds is ended.",
        epilog="example: gongkai serve --port 8060 --replay-url http://127.0.0.1:8080/archive\n"
        "         gongkai serve --public --allowed-host reports.example.org --proxy 127.0.0.1\n"
        "         (behind a proxy on this machine: docs/how-to/serve.md)",
    )
    help_ = f"port ({SERVE_PORT}; 0 takes a free one)"
    subparser.add_argument("--port", type=port, default=SERVE_PORT, metavar="N", help=help_)
    help_ = f"where `gongkai replay` shows snapshots ({REPLAY_URL}), or none"
    subparser.add_argument("--replay-url", "--replay", dest="replay", metavar="URL",
                           default=REPLAY_URL, help=help_)  # fmt: skip
    subparser.add_argument("--public", action="store_true", help="for people on the network: "
                           "answers to --allowed-host, limits how often a client asks")  # fmt: skip
    help_ = "address to listen on (127.0.0.1; another needs --public)"
    subparser.add_argument("--host", metavar="ADDRESS", default="127.0.0.1", help=help_)
    help_ = "a name under which people reach the server; every other is refused"
    subparser.add_argument("--allowed-host", metavar="NAME", action="append", default=[],
                           help=help_)  # fmt: skip
    help_ = "address of a proxy whose X-Forwarded-For and -Proto are believed"
    subparser.add_argument("--proxy", metavar="ADDRESS", action="append", default=[], help=help_)
    help_ = "questions a client may ask a minute (with --public 300; 0: no limit)"
    subparser.add_argument("--rate", metavar="N", type=count_or_none, help=help_)
    subparser.set_defaults(handler=Deferred("archive.cli.serve:run_serve"))


def add_read(subparsers: Subparsers, handler: Handler) -> None:
    """Adds read. handler: visits a URL where one is named, which the archive cannot do itself."""
    read = subparsers.add_parser(
        "read",
        help="one page as the reader sees it, and why, without an archive",
        description="Reads a saved page or an attachment, or visits one URL as a crawl does. Shows"
        " title, fields, text and findings; --explain adds the CMS family with its marks, page"
        " kind, container of the text, header boxes, tables and every figure with its place.",
        epilog="example:\n"
        "  gongkai read saved.html --url http://www.x.gov.cn/nb/t1.html --explain\n"
        "  GONGKAI_CONTACT=mailto:you@example.org gongkai read http://www.x.gov.cn/nb/t1.html\n"
        "  gongkai read --archived http://www.x.gov.cn/nb/t1.html --json\n"
        "exit status: 0 read; 1 a page that is none (not found, blocked), or the reader failed",
    )
    read.add_argument("page", metavar="FILE|URL", help="a file, or an http(s) URL to visit now")
    read.add_argument("--explain", action="store_true", help="say why it is read so")
    read.add_argument("--archived", action="store_true", help="the newest capture in the archive")
    read.add_argument("--url", metavar="URL", help="where a FILE was saved from")
    read.add_argument("--as", dest="role", choices=[role.value for role in READ_ROLES],
                      default=Role.PAGE.value, help="its role (page)")  # fmt: skip
    read.add_argument("--family", metavar="F", help="its CMS family (default: recognised)")
    read.add_argument("--division", metavar="D", help="GB/T 2260 code of its portal's place")
    read.set_defaults(handler=handler)
