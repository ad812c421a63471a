"""What a run was asked to do, with every default filled in."""

from dataclasses import dataclass

from archive.model.portal import Portal


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlOptions:
    """What a run was asked to do. max_pages: None is no limit. database: None is in the home.
    due: of the portals only those that are due.
    max_lists: of a portal in a run, where its row names no number.
    first_rest_s: how long a host rests that sends us away (429, 503) and does not say for how long.
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
    contact: str | None = None
    database: str | None = None
    readers: int = 2
    sections_only: bool = False
    first_rest_s: float = 60.0
