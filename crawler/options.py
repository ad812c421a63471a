"""What a crawl does: the command line, the environment and the settings, read in one
place, with every default filled in.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from archive.environment import (
    alerts_named,
    database_named,
    metrics_file_named,
    min_free_named,
    warc_named,
)
from archive.model.errors import UsageError
from archive.model.portal import Portal
from archive.model.url import canonical
from archive.store.frontier.runs import REPAIR
from archive.work.ad_hoc import ad_hoc_key
from archive.work.catalogue.load import find_portal, load_catalogue
from archive.work.home import Home, InBucket
from archive.work.ingest.open_to_crawl import Seat
from crawler.contact import ask_for_contact, left_out

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlRequest:
    """A crawl as the command line asks for it. None leaves a choice to portal and settings.
    allow_private: host names of these portals may lead to private addresses.
    requisites: whether style sheets and images are archived too.
    seat: the worker for whom one portal is visited, among those of others.
    new_portal: a portal that is in no catalogue; it alone is visited, no further than its sections.
    min_free: bytes that must stay free on the archive's disks.
    metrics, alerts: as CrawlOptions have them.
    pages: known pages, by their ids in the ledger, that alone are asked for again; page_portals:
        whose they are.
    """

    home: Path
    targets: tuple[str, ...] = ()
    full: bool = False
    unconditional: bool = False
    delay_s: float | None = None
    concurrency: int | None = None
    max_pages: int | None = None
    allow_private: bool = False
    requisites: bool | None = None
    contact: str | None = None
    database: str | None = None
    warc: Path | InBucket | None = None
    min_free: int = 0
    metrics: Path | None = None
    alerts: str | None = field(default=None, repr=False)
    seat: Seat | None = None
    new_portal: Portal | None = None
    pages: tuple[int, ...] = ()
    page_portals: tuple[Portal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlOptions:
    """What a run does. max_pages: None is no limit. database: None is in the home.
    due: of the portals only those that are due. seat: the worker for whom one portal is visited,
    among those of others; None where the crawl has the archive for itself.
    max_lists: of a portal in a run, where its row names no number.
    agent: the User-Agent as sent; None where nothing is sent.
    first_rest_s: how long a host rests that sends us away (429, 503) and does not say for how long.
    pages: known pages that alone are asked for again; () visits what the portals have.
    min_free: bytes that must stay free on the archive's disks; with less the run ends as planned.
    metrics: a file for the numbers at the run's end. alerts: URLs, with their secrets, of the
    services that are told what changed when what is due was visited; None: nobody.
    sections_only: the way to the annual-report sections and no report; what is found besides waits
    for the portal's first crawl.
    """

    job: str
    portals: tuple[Portal, ...]
    due: bool = False
    full: bool = False
    unconditional: bool = False
    delay_s: float = 3.0
    concurrency: int = 1
    max_pages: int | None = None
    max_lists: int = 1_000
    agent: str | None = None
    contact: str | None = None
    database: str | None = None
    min_free: int = 0
    metrics: Path | None = None
    alerts: str | None = field(default=None, repr=False)
    readers: int = 2
    sections_only: bool = False
    first_rest_s: float = 60.0
    pages: tuple[int, ...] = ()
    seat: Seat | None = None

    def is_mobile(self, portal_key: str) -> bool:
        """Whether a portal serves only phones, as its row says."""
        return any(each.key == portal_key and each.agent == "mobile" for each in self.portals)

    def takes_requisites(self, portal_key: str) -> bool:
        """Whether the style sheets and images that a portal's pages show are archived too. Pages of
        a portal that is not in this run are visited for one that is: any of these may say so.
        """
        own = [each for each in self.portals if each.key == portal_key]
        return any(each.requisites for each in own or self.portals)

    def max_bytes_of(self, portal_key: str) -> int | None:
        """The largest answer that a portal takes; None where its row does not say."""
        named = (portal.max_size_mb for portal in self.portals if portal.key == portal_key)
        return (next(named, None) or 0) * MEBIBYTE or None


def request_from_environment(portal: str) -> CrawlRequest:
    """The request of ``scrapy crawl portal -a portal=KEY[,KEY]``; "" means what is due."""
    return CrawlRequest(
        home=Path(os.environ.get("GONGKAI_HOME") or "gongkai-data"),
        targets=tuple(key for key in portal.split(",") if key),
        contact=os.environ.get("GONGKAI_CONTACT"),
        database=database_named(),
        warc=warc_named(),
        min_free=min_free_named(),
        metrics=metrics_file_named(),
        alerts=alerts_named(),
    )


def options_for(request: CrawlRequest, settings: "BaseSettings") -> CrawlOptions:
    """What the run will do, with every default filled in."""
    portals, cores = _portals(request), os.cpu_count() or 1
    if request.targets or not Home(request.home, request.warc).path.exists():
        ask_for_contact(portals, request.contact)  # the session asks for those that are due
    return CrawlOptions(
        job=_job(request),
        portals=tuple(_overridden(portal, request) for portal in portals),
        due=request.seat.due if request.seat else _asks_for_what_is_due(request),
        full=request.full or request.unconditional,
        unconditional=request.unconditional,
        delay_s=settings.getfloat("GONGKAI_DELAY_S"),
        concurrency=settings.getint("GONGKAI_CONCURRENCY"),
        max_pages=request.max_pages,
        max_lists=settings.getint("GONGKAI_MAX_LISTS"),
        contact=request.contact,
        database=request.database,
        min_free=request.min_free,
        metrics=request.metrics,
        alerts=request.alerts,
        agent=agent_of(settings, "USER_AGENT", request.contact),
        first_rest_s=settings.getfloat("GONGKAI_FIRST_REST_S"),
        sections_only=request.new_portal is not None,
        pages=request.pages,
        seat=request.seat,
        # Beside a worker's other visits one reads as fast as one host answers.
        readers=1 if request.seat else max(1, min(cores, settings.getint("GONGKAI_READERS"))),
    )


def _asks_for_what_is_due(request: CrawlRequest) -> bool:
    return not (request.targets or request.full or request.unconditional or request.pages)


def agent_of(settings: "BaseSettings", name: str, contact: str | None) -> str:
    """The User-Agent that a setting holds, with the contact in its comment."""
    agent = str(settings[name])
    return f"{agent.rstrip(')')}; {contact})" if contact else agent


def _overridden(portal: Portal, request: CrawlRequest) -> Portal:
    delay_s = portal.delay_s if request.delay_s is None else request.delay_s
    concurrency = portal.concurrency if request.concurrency is None else request.concurrency
    allow_private = portal.allow_private or request.allow_private
    requisites = portal.requisites if request.requisites is None else request.requisites
    return replace(
        portal, delay_s=delay_s, concurrency=concurrency, allow_private=allow_private,
        requisites=requisites,
    )  # fmt: skip


def _job(request: CrawlRequest) -> str:
    """Names the job, so that the same command goes on with a run that was broken off."""
    if request.new_portal is not None:
        return f"add {request.new_portal.key}"
    if request.pages:
        return REPAIR
    if request.seat is not None:
        return f"visit {request.seat.visit}"
    what = " ".join(sorted(request.targets)) or "due"
    return f"crawl {what}{' --full' if request.full or request.unconditional else ''}"


def _portals(request: CrawlRequest) -> list[Portal]:
    if request.new_portal is not None:
        return [request.new_portal]
    if request.pages:
        return list(request.page_portals)
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
