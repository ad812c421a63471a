"""Runs crawl."""

import argparse
import os
from collections import Counter
from collections.abc import Callable, Sequence

from archive.cli.ocr import read_behind_crawl
from archive.cli.verify_home import verify_behind_crawl
from archive.command import BAD, CANNOT_RUN, DONE, INTERRUPTED, USAGE, home_of
from archive.environment import (
    alerts_named,
    database_named,
    metrics_file_named,
    min_free_named,
    verify_minutes_named,
    warc_named,
)
from archive.model.outcome import Outcome, Verdict
from archive.progress import Progress
from archive.terminal import Ui
from archive.work.catalogue.load import load_catalogue
from archive.work.disk_guard import any_refused
from archive.work.ingest.verdict import Judgement, PortalJudgement
from crawler.contact import left_out
from crawler.job import crawl
from crawler.options import CrawlRequest


def run_crawl(args: argparse.Namespace, ui: Ui) -> int:
    """Crawls; the exit status is the verdict."""
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
        requisites=args.requisites,
        contact=os.environ.get("GONGKAI_CONTACT"),
        database=database_named(),
        warc=warc_named(),
        min_free=min_free_named(),
        metrics=metrics_file_named(),
        alerts=alerts_named(),
    )
    with ui.progress("crawling") as meter:
        judgement = crawl(request, progress=shower(meter))
    status = _print_judgement(judgement, ui, _left_out(request))
    if judgement.verdict is not Verdict.INTERRUPTED and not (args.targets or args.full):
        read_behind_crawl(args, ui)
        if not judgement.could_not_run and not _verify(args, ui):
            status = status or BAD
    return status


def _verify(args: argparse.Namespace, ui: Ui) -> bool:
    """Whether the share of WARC files behind a crawl could be looked at and is sound."""
    if not verify_minutes_named():
        return True
    # Imported here: other crawls need not wait for the library of numbers.
    from archive.cli.upkeep import notify_of_share  # noqa: PLC0415 - see above

    is_sound = verify_behind_crawl(args, ui)
    notify_of_share(args, ui, is_sound=is_sound)
    return is_sound


def _left_out(request: CrawlRequest) -> list[str]:
    """Keys of the shipped portals that a crawl without a contact leaves out."""
    if request.targets or request.contact:
        return []
    return [portal.key for portal in left_out(load_catalogue(request.home), request.contact)]


def shower(meter: Progress) -> Callable[[Counter[Outcome], int, float], None]:
    """What a crawl calls to show how far it is: outcomes, URLs that wait, seconds so far."""

    def show(outcomes: Counter[Outcome], waiting: int, seconds: float) -> None:
        done = outcomes.total()
        counts = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
        label = f"{done / max(seconds, 0.001):.1f} pages/s, {counts or 'nothing yet'}:"
        meter.step(done - meter.done, label, done + max(waiting, 0))

    return show


def _verdict(found: PortalJudgement) -> dict[str, object]:
    return {"verdict": found.verdict, "reason": found.reason, "outcomes": dict(found.counts)}


def _print_judgement(judgement: Judgement, ui: Ui, left_out: Sequence[str]) -> int:
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
    good = BAD if any_refused(judgement.warnings) else DONE
    return {Verdict.GOOD: good, Verdict.BAD: BAD, Verdict.INTERRUPTED: INTERRUPTED}[
        judgement.verdict
    ]
