"""The commands of `gongkai` that go out: crawl, portals, demo; and the archive's own.

knows: argparse, portals to visit, exit statuses.
never knows: Scrapy's insides, SQL.
neighbours: archive.cli (below), crawler.job.
"""

import argparse
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from archive.command import (
    BAD,
    CANNOT_RUN,
    DONE,
    INTERRUPTED,
    USAGE,
    Parser,
    Subparsers,
    add_version,
    count,
    database_named,
    help_of,
    home_of,
    run,
    seconds,
    warc_folder_named,
)
from archive.model.errors import UsageError
from archive.model.outcome import Outcome, Verdict
from archive.terminal import Progress, Ui
from archive.work.catalogue.load import load_catalogue
from crawler.contact import left_out
from crawler.options import CrawlRequest

if TYPE_CHECKING:
    from archive.work.ingest.verdict import Judgement, PortalJudgement

DESCRIPTION = (
    "Crawls, archives, reads and replays annual open-government reports (政府信息公开年报)."
)
CRAWL_EXAMPLE = """example:
  GONGKAI_CONTACT=mailto:you@example.org gongkai crawl pingtan --max-pages 20
  gongkai crawl http://127.0.0.1:8000/nb/index.html --delay 0
exit status: 0 good, 1 bad verdict, 2 wrong usage, 3 interrupted (the same command goes on),
4 could not run. On a terminal it shows how far it is; elsewhere only with --progress, so that cron
mails hold the verdict alone"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; the exit status is the verdict."""
    try:
        return run(build_parser(), argv)
    except KeyboardInterrupt:  # while modules were still being loaded: nothing was begun
        return INTERRUPTED


def build_parser() -> Parser:
    """The parser of every command; loading the rooms behind them takes most of a second."""
    from archive.cli import add_commands  # noqa: PLC0415 - so that Ctrl-C is heard meanwhile
    from archive.cli.read import add_read  # noqa: PLC0415
    from crawler.cli.portals import add_portals  # noqa: PLC0415
    from crawler.demo.command import add_demo  # noqa: PLC0415

    parser = Parser(prog="gongkai", description=DESCRIPTION)
    add_version(parser)
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=Parser)
    parser.set_defaults(handler=help_of(parser))
    add_crawl(commands)
    add_portals(commands)
    add_commands(commands)
    add_read(commands, visited)
    add_demo(commands)
    return parser


def visited(home: Path, url: str) -> str | None:
    """Crawls one URL into a home of its own, in a process of its own: Scrapy's loop starts once.
    Returns why it went wrong; None when it did not. The archive that the environment names is
    left alone.
    """
    ours = {"GONGKAI_HOME", "GONGKAI_DATABASE_URL", "GONGKAI_WARC_URL"}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    # -P: a settings.py or an archive/ in the user's folder is none of ours.
    command = [sys.executable, "-P", "-m", "crawler.cli", "--home", str(home), "crawl", url,
               "--max-pages", "1", "--delay", "0"]  # fmt: skip
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own command, no shell
    if done.returncode == INTERRUPTED:
        raise KeyboardInterrupt
    if done.returncode == USAGE:
        raise UsageError(done.stderr.strip().removeprefix("gongkai: "))
    return None if done.returncode == DONE else (done.stdout or done.stderr).strip() or None


def add_crawl(commands: Subparsers) -> None:
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
    crawl.set_defaults(handler=_crawl)


def _crawl(args: argparse.Namespace, ui: Ui) -> int:
    from crawler.job import crawl  # noqa: PLC0415 - Scrapy takes half a second

    if args.due and args.targets:
        ui.error("--due visits the whole catalogue; leave out the portals or --due")
        return USAGE
    request = CrawlRequest(
        home=home_of(args),
        targets=tuple(args.targets),
        full=args.full,
        unconditional=args.unconditional,
        delay_s=args.delay,
        concurrency=args.concurrency,
        max_pages=args.max_pages,
        allow_private=args.allow_private,
        contact=os.environ.get("GONGKAI_CONTACT"),
        database=database_named(),
        warc=warc_folder_named(),
    )
    with ui.progress("crawling") as meter:
        judgement = crawl(request, progress=shower(meter))
    return _print_judgement(judgement, ui, _left_out(request))


def _left_out(request: CrawlRequest) -> list[str]:
    """Keys of the shipped portals that a crawl without a contact leaves out."""
    if request.targets or request.contact:
        return []
    return [portal.key for portal in left_out(load_catalogue(request.home), request.contact)]


def shower(meter: Progress) -> "Callable[[Counter[Outcome], int, float], None]":
    """What a crawl calls to show how far it is: outcomes, URLs that wait, seconds so far."""

    def show(outcomes: Counter[Outcome], waiting: int, seconds: float) -> None:
        done = outcomes.total()
        counts = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
        label = f"{done / max(seconds, 0.001):.1f} pages/s, {counts or 'nothing yet'}:"
        meter.step(done - meter.done, label, done + max(waiting, 0))

    return show


def _verdict(found: "PortalJudgement") -> dict[str, object]:
    return {"verdict": found.verdict, "reason": found.reason, "outcomes": dict(found.counts)}


def _print_judgement(judgement: "Judgement", ui: Ui, left_out: Sequence[str]) -> int:
    for warning in judgement.warnings:
        ui.note(f"warning: {warning}")
    counts = {name: count for name, count in judgement.counts.items() if count}
    if ui.as_json:
        portals = {key: _verdict(found) for key, found in judgement.portals.items()}
        summary = {"verdict": judgement.verdict, "reason": judgement.reason, "outcomes": counts}
        ui.json({**summary, "portals": portals, "left_out": list(left_out)})
    else:
        listed = ", ".join(f"{count} {name}" for name, count in counts.items())
        ui.line(f"{judgement.verdict}: {judgement.reason}{f' ({listed})' if listed else ''}")
        if left_out:
            ui.line(f"left out: {', '.join(left_out)}, shipped with Gongkai (no GONGKAI_CONTACT)")
    if judgement.could_not_run:
        ui.error(judgement.reason)
        return CANNOT_RUN
    return {Verdict.GOOD: DONE, Verdict.BAD: BAD, Verdict.INTERRUPTED: INTERRUPTED}[
        judgement.verdict
    ]
