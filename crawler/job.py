"""Starts a crawl and waits for its end: which portals, which settings, which verdict."""

import hashlib
import logging
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from archive.command import database_named, refused, warc_folder_named
from archive.model.errors import CannotRunError, UsageError
from archive.model.portal import Portal
from archive.model.url import canonical
from archive.work.catalogue.load import find_portal, load_catalogue
from archive.work.home import Home
from archive.work.ingest.verdict import Judgement
from crawler.contact import ask_for_contact, left_out
from crawler.desk import Desk
from crawler.options import CrawlOptions

LOG_BYTES: Final = 20 * 1024 * 1024
LOG_FILES: Final = 5
SETTINGS_MODULE: Final = "settings.base"
_NOT_IN_KEYS: Final = re.compile("[^A-Za-z0-9]+")
_HOST_IN_KEY: Final = 56  # characters, so that a key keeps within its 64


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlRequest:
    """A crawl as the command line asks for it. None leaves a choice to portal and settings.
    allow_private: host names of these portals may lead to private addresses.
    new_portal: a portal that is in no catalogue; it alone is visited, no further than its sections.
    """

    home: Path
    targets: tuple[str, ...] = ()
    full: bool = False
    unconditional: bool = False
    delay_s: float | None = None
    concurrency: int | None = None
    max_pages: int | None = None
    allow_private: bool = False
    contact: str | None = None
    database: str | None = None
    warc: Path | None = None
    new_portal: Portal | None = None


def crawl(request: CrawlRequest, *, progress: Callable[..., None] | None = None) -> Judgement:
    """Runs the crawl in this process and returns its verdict.

    UsageError: unknown portal, missing contact. CannotRunError: lock, disk. Can be called once per
    process (Twisted's reactor does not start twice).
    """
    home = Home(request.home, request.warc)
    settings = project_settings()
    options = options_for(request, settings)
    home.make()
    _log_to(home)
    with Desk(home, options) as desk:
        _apply(settings, options, progress)
        process = AsyncCrawlerProcess(settings)
        crawler = process.create_crawler("portal")
        process.crawl(crawler, desk=desk)
        process.start()
        return desk.finish()


def project_settings() -> Settings:
    """The project's Scrapy settings, wherever the command is run."""
    os.environ.setdefault("SCRAPY_SETTINGS_MODULE", SETTINGS_MODULE)
    return get_project_settings()


def options_for(request: CrawlRequest, settings: Settings) -> CrawlOptions:
    """What the run will do, with every default filled in."""
    portals = _portals(request)
    if request.targets or not Home(request.home, request.warc).path.exists():
        ask_for_contact(portals, request.contact)  # the desk asks for those that are due
    return CrawlOptions(
        job=_job(request),
        portals=tuple(_overridden(portal, request) for portal in portals),
        due=not (request.targets or request.full or request.unconditional),
        full=request.full or request.unconditional,
        unconditional=request.unconditional,
        delay_s=settings.getfloat("GONGKAI_DELAY_S"),
        concurrency=settings.getint("GONGKAI_CONCURRENCY"),
        max_pages=request.max_pages,
        max_lists=settings.getint("GONGKAI_MAX_LISTS"),
        contact=request.contact,
        database=request.database,
        first_rest_s=settings.getfloat("GONGKAI_FIRST_REST_S"),
        sections_only=request.new_portal is not None,
        readers=max(1, min(os.cpu_count() or 1, settings.getint("GONGKAI_READERS"))),
    )


def _overridden(portal: Portal, request: CrawlRequest) -> Portal:
    delay_s = portal.delay_s if request.delay_s is None else request.delay_s
    concurrency = portal.concurrency if request.concurrency is None else request.concurrency
    allow_private = portal.allow_private or request.allow_private
    return replace(portal, delay_s=delay_s, concurrency=concurrency, allow_private=allow_private)


def _job(request: CrawlRequest) -> str:
    """Names the job, so that the same command goes on with a run that was broken off."""
    if request.new_portal is not None:
        return f"add {request.new_portal.key}"
    what = " ".join(sorted(request.targets)) or "due"
    return f"crawl {what}{' --full' if request.full or request.unconditional else ''}"


def _portals(request: CrawlRequest) -> list[Portal]:
    if request.new_portal is not None:
        return [request.new_portal]
    catalogue = load_catalogue(request.home)
    if not request.targets:
        absent = {portal.key for portal in left_out(catalogue, request.contact)}
        return [portal for portal in catalogue if portal.key not in absent]
    return [_portal(target, catalogue) for target in dict.fromkeys(request.targets)]


def _portal(target: str, catalogue: Sequence[Portal]) -> Portal:
    if "://" not in target:
        return find_portal(catalogue, target)
    url = canonical(target)
    if url is None:
        raise UsageError(f"{target} is not an http(s) URL; give a portal's key or its URL")
    for portal in catalogue:
        if url in portal.entries:
            return portal
    return Portal(key=ad_hoc_key(url), name=url, entries=(url,), source="ad-hoc")


def ad_hoc_key(url: str) -> str:
    """The key of a portal that no catalogue row names: its host and a few letters of its URL,
    so that two sections of one host are two portals.

    >>> ad_hoc_key("http://127.0.0.1:8000/nb/index.html")
    '127-0-0-1-8000-2e68ce'
    """
    host = _NOT_IN_KEYS.sub("-", urlsplit(url).netloc)[:_HOST_IN_KEY].strip("-")
    return f"{host}-{hashlib.sha256(url.encode()).hexdigest()[:6]}"


def _apply(settings: Settings, options: CrawlOptions, progress: Callable[..., None] | None) -> None:
    if options.contact:
        for name in ("USER_AGENT", "GONGKAI_MOBILE_AGENT"):
            agent = f"{settings[name].rstrip(')')}; {options.contact})"
            settings.set(name, agent, "cmdline")
    settings.set("GONGKAI_PROGRESS", progress, "cmdline")


class _Log(RotatingFileHandler):
    """A log that a full disk does not write to is no reason to fill the terminal with tracebacks:
    what cannot be written down there ends the crawl with a line of its own.
    """

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Drops the record."""


def _log_to(home: Home) -> None:
    """Logs go to HOME/logs/crawl.log, rotated; the terminal is for progress and the verdict.
    CannotRunError when the log cannot be opened.
    """
    path = home.logs / "crawl.log"
    try:
        handler = _Log(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES - 1, encoding="utf-8")
    except OSError as error:
        raise CannotRunError(refused(error)) from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.setLevel(logging.INFO)
    logging.getLogger().addHandler(handler)
    # A line an exchange costs more than it tells: every outcome is in the ledger.
    logging.getLogger("scrapy").setLevel(logging.INFO)


def desk_from_settings(settings: Any, portal: str) -> Desk:
    """A desk for ``scrapy crawl portal -a portal=KEY[,KEY]``; nothing named means what is due."""
    request = CrawlRequest(
        home=Path(os.environ.get("GONGKAI_HOME") or "gongkai-data"),
        targets=tuple(key for key in portal.split(",") if key),
        contact=os.environ.get("GONGKAI_CONTACT"),
        database=database_named(),
        warc=warc_folder_named(),
    )
    return Desk(Home(request.home, request.warc), options_for(request, settings))
