"""The visit of one portal for a worker, in a process of its own: python -m crawler.visit.

What it meets ends this process and no other; it ends with its worker, and whoever kills it loses
nothing that was stored. Its exit status is a crawl's; its last line says what came of it.

A reading process is spawned, and so imports this module before all else: what a crawl needs, and a
reading process does not, is imported when the visit begins.
"""

import argparse
import os
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from archive.command import BAD, CANNOT_RUN, DONE, INTERRUPTED, Parser, home_of, run, seconds
from archive.environment import database_named, min_free_named, warc_named
from archive.model.outcome import Verdict
from archive.terminal import Ui

if TYPE_CHECKING:
    from archive.work.ingest.open_to_crawl import Seat

_STATUS: Final = {Verdict.GOOD: DONE, Verdict.BAD: BAD, Verdict.INTERRUPTED: INTERRUPTED}


def main() -> int:
    """The process of one visit; its exit status."""
    parser = Parser(prog="gongkai worker (visit)")
    parser.add_argument("portal")
    parser.add_argument("--worker", required=True)
    parser.add_argument("--lasts", required=True, type=seconds)
    parser.add_argument("--log", required=True)
    parser.add_argument("--named", action="store_true")
    parser.set_defaults(handler=_visit)
    return run(parser)


def _visit(args: argparse.Namespace, ui: Ui) -> int:
    from archive.work.jobs.processes import end_with_worker  # noqa: PLC0415 - as said above

    end_with_worker()
    from crawler.job import crawl  # noqa: PLC0415 - the same
    from crawler.options import CrawlRequest  # noqa: PLC0415 - the same

    request = CrawlRequest(
        home=home_of(args),
        targets=(args.portal,),
        contact=os.environ.get("GONGKAI_CONTACT"),
        database=database_named(),
        warc=warc_named(),
        min_free=min_free_named(),
        seat=_seat(args),
    )
    judgement = crawl(request, log=args.log)
    listed = ", ".join(f"{count} {name}" for name, count in judgement.counts.items() if count)
    ui.line(f"{judgement.verdict}: {judgement.reason}{f' ({listed})' if listed else ''}")
    return CANNOT_RUN if judgement.could_not_run else _STATUS[judgement.verdict]


def _seat(args: argparse.Namespace) -> "Seat":
    from archive.work.ingest.open_to_crawl import Seat  # noqa: PLC0415 - as said above

    lasts = timedelta(seconds=args.lasts)
    return Seat(worker=args.worker, visit=args.portal, lasts=lasts, due=not args.named)


if __name__ == "__main__":
    sys.exit(main())
