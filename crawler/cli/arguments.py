"""How the commands that visit portals are spelled; what they do is imported when they run."""

import argparse
from pathlib import Path

from archive.cli.arguments import add_read
from archive.command import Deferred, Parser, Subparsers, count, help_of, seconds
from archive.work.home import USER_FILE

CRAWL_EXAMPLE = """example:
  GONGKAI_CONTACT=mailto:you@example.org gongkai crawl pingtan --max-pages 20
  gongkai crawl http://127.0.0.1:8000/nb/index.html --delay 0
exit status: 0 good, 1 bad verdict, 2 wrong usage, 3 interrupted (the same command goes on), \
4 could not run. On a terminal it shows how far it is; elsewhere only with --progress, so that \
cron mails hold the verdict alone"""
WORKER_EXAMPLE = """example:
  export GONGKAI_DATABASE_URL=postgresql+psycopg://gongkai@db.example.org/gongkai
  export GONGKAI_CONTACT=mailto:you@example.org
  gongkai worker --concurrency 8 --name north-1
exit status: 3 when it was told to end (Ctrl-C, SIGTERM), 2 wrong usage or an archive newer \
than this code, 4 could not run: the database does not answer, another worker has the name"""
SCHEDULE_EXAMPLE = """example:
  gongkai schedule              what is due; workers do the same by themselves, every five minutes
  gongkai schedule pingtan      this portal now"""
DEMO_EXAMPLE = """example:
  gongkai demo              crawl, crawl again, change a report, show what is new; then end
  gongkai demo --serve      the same, then show the archive in the browser until Ctrl-C"""


def add_visits(commands: Subparsers) -> None:
    """Adds `crawl`, `worker`, `schedule` and `portals`; each sets `handler`."""
    _add_crawl(commands)
    _add_worker(commands)
    _add_schedule(commands)
    _add_repair(commands)
    _add_portals(commands)


def add_single(commands: Subparsers) -> None:
    """Adds `read` and `demo`, which need no archive."""
    add_read(commands, Deferred("crawler.cli.read:run_read"))
    demo = commands.add_parser(
        "demo", help="the demo portal, crawled and shown", epilog=DEMO_EXAMPLE
    )
    demo.add_argument("--serve", action="store_true", help="then serve portal and archive")
    demo.set_defaults(handler=Deferred("crawler.demo.command:run_demo"))


def _add_crawl(commands: Subparsers) -> None:
    """Adds `crawl`."""
    crawl = commands.add_parser("crawl", help="visit portals now", epilog=CRAWL_EXAMPLE)
    crawl.add_argument(
        "targets", nargs="*", metavar="KEY|URL", help="portals (default: what is due)"
    )
    crawl.add_argument("--due", action="store_true", help="what is due in the whole catalogue")
    crawl.add_argument("--full", action="store_true", help="every known URL, due or not")
    crawl.add_argument(
        "--unconditional", action="store_true", help="--full without If-None-Match and the like"
    )
    crawl.add_argument("--delay", type=seconds, metavar="S", help="seconds between two requests")
    crawl.add_argument("--concurrency", type=count, metavar="N", help="connections per host")
    crawl.add_argument("--max-pages", type=count, metavar="N", help="stop after N exchanges")
    crawl.add_argument(
        "--allow-private", action="store_true",
        help="host names may lead to private addresses (intranet, this machine)",
    )  # fmt: skip
    crawl.add_argument(
        "--requisites", action=argparse.BooleanOptionalAction, default=None,
        help="archive the style sheets and images that pages show, or do not (default: the portal's"
        " row, else not)",
    )  # fmt: skip
    crawl.set_defaults(handler=Deferred("crawler.cli.crawl:run_crawl"))


def _add_worker(commands: Subparsers) -> None:
    worker = commands.add_parser(
        "worker",
        help="visit what is due, together with workers on other machines (PostgreSQL)",
        description="Takes jobs from the queue in the archive's database and runs each in a process"
        " of its own, until it is told to end. As many workers as you like share one archive; no"
        " two ask a host at once, and each keeps the pause of the one before. What a worker that"
        " died had begun is taken up by others within ten minutes. All workers see the same"
        " catalogue (HOME/portals.toml) and the same WARC folder.",
        epilog=WORKER_EXAMPLE,
    )
    worker.add_argument(
        "--concurrency", type=count, default=4, metavar="N", help="jobs at once (default: 4)"
    )
    worker.add_argument(
        "--name", metavar="NAME", help="told to others, and in its WARC files (default: the host's)"
    )
    worker.add_argument(
        "--seal", action=argparse.BooleanOptionalAction, default=True,
        help="seal the archive behind the visits, in HOME/seals, or leave that to others",
    )  # fmt: skip
    help_ = "tell what waits, what is under way and what was given up, and end"
    worker.add_argument("--status", action="store_true", help=help_)
    worker.set_defaults(handler=Deferred("crawler.cli.worker:run_worker"))


def _add_schedule(commands: Subparsers) -> None:
    schedule = commands.add_parser(
        "schedule",
        help="enqueue visits for the workers: what is due, or portals by name",
        description="Puts the visits of all portals that are due into the queue, or those of the"
        " portals named, due or not; a portal waits there once. Takes up what workers left that are"
        " gone.",
        epilog=SCHEDULE_EXAMPLE,
    )
    schedule.add_argument("keys", nargs="*", metavar="KEY", help="portals (default: what is due)")
    schedule.set_defaults(handler=Deferred("crawler.cli.worker:run_schedule"))


def _add_repair(commands: Subparsers) -> None:
    repair = commands.add_parser(
        "repair",
        help="what is lost or damaged: named, asked for again, or marked as lost",
        description="Looks at every record as verify does. Captures whose record is missing or"
        " damaged are named and marked in the ledger; pages whose last content is among them are"
        " asked for again, those alone. verify then tells them apart from new damage. Exit status 1"
        " while something stays lost.",
        epilog="example: gongkai repair --dry-run --home demo-data\n"
        "         GONGKAI_CONTACT=mailto:you@example.org gongkai repair",
    )
    repair.add_argument("--delay", type=seconds, metavar="S", help="seconds between two requests")
    repair.add_argument("--dry-run", action="store_true", help="name only; mark and ask nothing")
    repair.set_defaults(handler=Deferred("crawler.cli.repair:run_repair"))


def _add_portals(commands: Subparsers) -> None:
    """Adds `portals list`, `show`, `add`, `import`, `remove` and `check`."""
    portals = commands.add_parser("portals", help="the catalogue of portals")
    portals.set_defaults(handler=help_of(portals))
    actions = portals.add_subparsers(metavar="ACTION", parser_class=Parser)
    listed = actions.add_parser(
        "list",
        help="every portal",
        epilog="example: gongkai portals list --json\n         gongkai portals list 福建",
    )
    listed.add_argument("word", nargs="?", metavar="WORD", help="only where key or name has it")
    listed.set_defaults(handler=Deferred("crawler.cli.portals:run_list"))
    show = actions.add_parser(
        "show", help="one portal", epilog="example: gongkai portals show pingtan"
    )
    show.add_argument("key", metavar="KEY")
    show.set_defaults(handler=Deferred("crawler.cli.portals:run_show"))
    _add_add(actions)
    _add_import(actions)
    _add_remove(actions)
    check = actions.add_parser(
        "check",
        help="every row of the catalogue is usable",
        epilog="example: gongkai portals check",
    )
    check.set_defaults(handler=Deferred("crawler.cli.portals:run_check"))


def _add_import(actions: Subparsers) -> None:
    taken = actions.add_parser(
        "import",
        help="takes a list of portals (CSV: name or place, url)",
        description="Exit status 1 when a line could not be used; the others are taken.",
        epilog="example: gongkai portals import portals.csv",
    )
    taken.add_argument("file", metavar="FILE.csv", type=Path)
    taken.set_defaults(handler=Deferred("crawler.cli.portals:run_import"))


def _add_remove(actions: Subparsers) -> None:
    remove = actions.add_parser(
        "remove",
        help="takes a row of your own out of the catalogue",
        description=f"Takes a portal's row out of HOME/{USER_FILE}; what was archived of it stays."
        " A row that came with Gongkai cannot be removed: put one of your own with its key there.",
        epilog="example: gongkai portals remove chengcheng",
    )
    remove.add_argument("key", metavar="KEY")
    remove.set_defaults(handler=Deferred("crawler.cli.portals:run_remove"))


def _add_add(actions: Subparsers) -> None:
    """Adds `portals add`."""
    add = actions.add_parser(
        "add",
        help="finds a portal's annual-report section and adds the portal",
        description="Visits the URL (a home page will do) as a crawl does, politely and into"
        " the archive, only as far as the annual-report section; shows what it found and why, and"
        f" adds a row to HOME/{USER_FILE}. Exit status 1 when no section was found.",
        epilog="example:\n"
        "  GONGKAI_CONTACT=mailto:you@example.org gongkai portals add http://www.chengcheng.gov.cn/\n"
        "  gongkai portals add http://127.0.0.1:8000/ --key here --delay 0 --dry-run",
    )
    add.add_argument("url", metavar="URL")
    add.add_argument("--key", metavar="K", help="its short name (default: from the host)")
    add.add_argument("--name", metavar="N", help="its name (default: as the site calls itself)")
    add.add_argument(
        "--division", metavar="D", help="GB/T 2260 code, six digits (default: its own)"
    )
    add.add_argument("--delay", type=seconds, metavar="S", help="seconds between two requests")
    add.add_argument(
        "--allow-private", action="store_true",
        help="its host names may lead to private addresses; its row says so too",
    )  # fmt: skip
    add.add_argument("--dry-run", action="store_true", help="show only, write no row")
    add.set_defaults(handler=Deferred("crawler.cli.add_portal:run_add"))
