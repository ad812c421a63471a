"""The upkeep of a worker, in a process of its own: python -m archive.cli.upkeep. No command of its
own: `gongkai worker` runs it.
"""

import argparse
import socket
import sys
from collections.abc import Callable, Sequence
from functools import partial

from archive.cli.place import home_named
from archive.command import DONE, Parser, ledger_of, run
from archive.environment import alerts_named, metrics_file_named, min_free_named
from archive.model.errors import GongkaiError
from archive.store import Store
from archive.terminal import Ui
from archive.work import clock
from archive.work.health.metrics import measure, write_metrics
from archive.work.health.notify import notify, services_named, standing
from archive.work.health.run_files import write_run_files
from archive.work.health.run_report import night_of, night_report
from archive.work.jobs.upkeep import keep_up
from archive.work.jobs.worker import LONGEST_VISIT


def main() -> int:
    """Its exit status."""
    parser = Parser(prog="gongkai worker (upkeep)")
    parser.add_argument("--seal", action="store_true")
    parser.set_defaults(handler=_keep_up)
    return run(parser)


def _keep_up(args: argparse.Namespace, ui: Ui) -> int:
    for line in keep_up(home_named(args), ledger_of(args), seal=args.seal):
        ui.line(line)
    steps = (
        ("the report of the night", _write_reports),
        ("the numbers", _write_metrics),
        ("alerts", _tell),
    )
    for what, step in steps:
        try:
            for line in step(args):
                ui.line(f"{what}: {line}")
        except GongkaiError as error:
            ui.line(f"{what}: {error}")
    return DONE


def _write_reports(args: argparse.Namespace) -> Sequence[str]:
    """Of this night, and of the one before while visits of it may still be under way."""
    now = clock.now()
    with Store.open(ledger_of(args), read_only=True) as store:
        for on in sorted({night_of(now - LONGEST_VISIT), night_of(now)}):
            if report := night_report(store, on, now=now):
                write_run_files(home_named(args), report)
    return ()


def _write_metrics(args: argparse.Namespace) -> Sequence[str]:
    if path := metrics_file_named():
        with Store.open(ledger_of(args), read_only=True) as store:
            found = measure(store, home_named(args), now=clock.now(), min_free=min_free_named())
        write_metrics(found, path)
    return ()


def notify_of_share(args: argparse.Namespace, ui: Ui, *, is_sound: bool) -> None:
    """Numbers and alerts behind a crawl say what its share of files turned out to be, too: damage
    that was found is told at once.
    """
    steps: list[tuple[str, Callable[[argparse.Namespace], Sequence[str]]]]
    steps = [("the numbers", _write_metrics)]
    if not is_sound:
        steps.append(("alerts", partial(_tell, at_once=True)))
    for what, step in steps:
        try:
            problems = step(args)
        except GongkaiError as error:
            problems = [str(error)]
        for line in problems:
            ui.note(f"warning: {what}: {line}")


def _tell(args: argparse.Namespace, *, at_once: bool = False) -> Sequence[str]:
    services = services_named(alerts_named())
    if not services:
        return ()
    home, now = home_named(args), clock.now()
    with Store.open(ledger_of(args), read_only=True) as store:
        stands = standing(store, home, now=now, min_free=min_free_named())
    name = socket.gethostname()
    return notify(home, stands, services, name=name, now=now, at_once=at_once).problems


if __name__ == "__main__":
    sys.exit(main())
