"""What follows a run when its verdict is written: the report that people read, the numbers for
Prometheus, the message to those who are told. None of it changes the verdict.
"""

import logging
import socket
from collections.abc import Callable
from typing import Final

from archive.command import refused
from archive.model.errors import GongkaiError
from archive.store import Store
from archive.work import clock
from archive.work.disk_guard import Refused, line_on
from archive.work.health.notify import notify, services_named, standing
from archive.work.health.run_files import write_run_files
from archive.work.health.run_report import run_report
from archive.work.home import Home
from crawler.options import CrawlOptions

_REPORT: Final = "the report of this run"
logger = logging.getLogger(__name__)


def after_run(home: Home, options: CrawlOptions, run_id: int | None) -> tuple[str, ...]:
    """Writes the report of a run and its numbers, and tells what changed where what was due was
    visited; a line for each thing that did not succeed. run_id: None where none was begun. Of the
    visits of workers, thousands a day, there is none.
    """
    if options.seat is not None:
        return ()
    problems: list[str] = []
    steps: dict[str, Callable[[Store], object]] = {}
    if run_id is not None and not options.sections_only:
        steps[_REPORT] = lambda store: write_run_files(
            home, run_report(store, run_id, now=clock.now())
        )
    if options.metrics is not None:
        steps["the numbers of this run"] = lambda store: _write_metrics(store, home, options)
    if options.alerts is not None and options.due:
        steps["alerts"] = lambda store: problems.extend(_tell(store, home, options))
    if not steps:
        return ()
    try:
        with Store.open(options.database or home.path, read_only=True) as store:
            for what, step in steps.items():
                found = _tried(what, step, store)
                # Numbers and messages are for others; the report is part of the archive.
                problems += found if what == _REPORT else [str(line) for line in found]
    except GongkaiError as error:
        problems.append(f"there is no report of this run, and nobody was told: {error}")
    return tuple(problems)


def _tried(what: str, step: Callable[[Store], object], store: Store) -> list[str]:
    """Whatever goes wrong here, the run is over and its verdict stands."""
    try:
        step(store)
    except GongkaiError as error:
        return [line_on(what, error)]
    except Exception as error:
        if isinstance(error, OSError) and error.filename is not None:
            return [Refused(f"{what}: {refused(error)}")]
        logger.exception("%s", what)
        return [f"{what}: {type(error).__name__} (logs/crawl.log says where)"]
    return []


def _write_metrics(store: Store, home: Home, options: CrawlOptions) -> None:
    # Imported here: a run without them need not wait for their library.
    from archive.work.health.metrics import measure, write_metrics  # noqa: PLC0415 - see above

    if options.metrics is not None:
        found = measure(store, home, now=clock.now(), min_free=options.min_free)
        write_metrics(found, options.metrics)


def _tell(store: Store, home: Home, options: CrawlOptions) -> tuple[str, ...]:
    done = notify(
        home,
        standing(store, home, now=clock.now(), min_free=options.min_free),
        services_named(options.alerts),
        name=socket.gethostname(),
        now=clock.now(),
    )
    return tuple(f"alerts: {each}" for each in done.problems)
