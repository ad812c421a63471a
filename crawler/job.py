"""Runs a crawl in this process: its settings, its log, its verdict."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from logging.handlers import RotatingFileHandler
from typing import Final

# Before all else: Scrapy looks through the stack and all modules that are loaded when it makes its
# deprecated classes, which takes a fifth of a short visit where many are.
import scrapy.core.downloader.handlers.http11  # noqa: F401 - see above
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from archive.command import refused
from archive.model.errors import CannotRunError, DiskLowError
from archive.work.home import Home
from archive.work.ingest.verdict import Judgement
from crawler.options import CrawlOptions, CrawlRequest, agent_of, options_for
from crawler.run_end import after_run
from crawler.session import open_session

LOG_BYTES: Final = 20 * 1024 * 1024
LOG_FILES: Final = 5
SETTINGS_MODULE: Final = "settings.base"


def crawl(
    request: CrawlRequest, *, progress: Callable[..., None] | None = None, log: str = "crawl.log"
) -> Judgement:
    """Runs the crawl in this process and returns its verdict. log: the file in HOME/logs.

    UsageError: unknown portal, missing contact, a signing key that cannot be used. CannotRunError:
    lock, disk. Can be called once per process (Twisted's reactor does not start twice).
    """
    home = Home(request.home, request.warc)
    settings = project_settings()
    options = options_for(request, settings)
    home.make()
    log_to(home, log)
    with _telling_of_a_low_disk(home, options), open_session(home, options) as session:
        _apply(settings, options, progress)
        process = AsyncCrawlerProcess(settings)
        crawler = process.create_crawler("portal")
        process.crawl(crawler, session=session)
        with heard_behind(process.start) as stop:
            judgement = session.finish(stop)
    behind = (*session.seal(), *after_run(home, options, session.frontier.run_id))
    return replace(judgement, warnings=(*judgement.warnings, *behind))


@contextmanager
def _telling_of_a_low_disk(home: Home, options: CrawlOptions) -> Iterator[None]:
    """Those who are told of runs hear of one that could not begin, too."""
    try:
        yield
    except DiskLowError:
        for line in after_run(home, options, None):
            logging.getLogger(__name__).warning("%s", line)
        raise


@contextmanager
def heard_behind(crawl_pages: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Whether a signal came after the crawl of the pages: Scrapy's handlers outlive the reactor,
    which they speak to, and would let it pass unheard.
    """
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    came = threading.Event()
    crawl_pages()
    for each in before:
        signal.signal(each, lambda *_: came.set())
    try:
        yield came.is_set
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def project_settings() -> Settings:
    """The project's Scrapy settings, wherever the command is run."""
    os.environ.setdefault("SCRAPY_SETTINGS_MODULE", SETTINGS_MODULE)
    return get_project_settings()


def _apply(settings: Settings, options: CrawlOptions, progress: Callable[..., None] | None) -> None:
    if options.contact:
        for name in ("USER_AGENT", "GONGKAI_MOBILE_AGENT"):
            settings.set(name, agent_of(settings, name, options.contact), "cmdline")
    settings.set("GONGKAI_PROGRESS", progress, "cmdline")


class _Log(RotatingFileHandler):
    """A log that a full disk does not write to is no reason to fill the terminal with tracebacks:
    what cannot be written down there ends the crawl with a line of its own.
    """

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Drops the record."""


def log_to(home: Home, file: str) -> None:
    """Logs go to a file in HOME/logs, rotated; the terminal is for progress and the verdict.
    CannotRunError when the log cannot be opened.
    """
    path = home.logs / file
    try:
        handler = _Log(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES - 1, encoding="utf-8")
    except OSError as error:
        raise CannotRunError(refused(error)) from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.setLevel(logging.INFO)
    logging.getLogger().addHandler(handler)
    # A line an exchange costs more than it tells: every outcome is in the ledger.
    for name in ("scrapy", "archive.work.preservation.seal"):
        logging.getLogger(name).setLevel(logging.INFO)
