"""The keys of `request.meta`, and what a request is for.

Every request of a crawl has a target: the lease of a URL, or a part of a page in the browser.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from scrapy import Request

from archive.model.frontier import Lease
from archive.model.outcome import Role

LEASE: Final = "gongkai_lease"  # the Lease that the request fetches
PAGE_PART: Final = "gongkai_page_part"  # or the PagePart that a page in the browser requests
STORED: Final = "gongkai_stored"  # the StoredCapture of its answer
RETRY_AFTER: Final = "gongkai_retry_after"  # the pause that the answer named; None when none
EXCHANGE: Final = "gongkai_exchange"  # the Exchange of a PagePart, which is not stored


class Target(Protocol):
    """What politeness, reach and rules need to know of a request."""

    @property
    def url(self) -> str:
        """What is fetched."""

    @property
    def portal_key(self) -> str:
        """Whose budget, TLS and reach count."""

    @property
    def role(self) -> Role:
        """What the URL was scheduled as."""

    @property
    def hops(self) -> tuple[str, ...]:
        """The URLs that redirected here."""

    @property
    def page_id(self) -> int | None:
        """The row whose turn it takes; None when it takes no turn of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePart:
    """What a page in the browser requests: no row of the frontier; the turn of the host stays with
    the lease of the page.
    """

    url: str
    portal_key: str
    role: Role
    hops: tuple[str, ...] = ()
    page_id: None = None


def target_of(request: Request) -> Lease | PagePart:
    """What the request is for."""
    target: Lease | PagePart = request.meta.get(PAGE_PART) or request.meta[LEASE]
    return target


def is_gated(request: Request) -> bool:
    """Whether gate and rules apply: neither to a robots.txt, which is fetched in the turn of a
    page, nor to a lease whose answer a crash left stored.
    """
    target = target_of(request)
    is_stored = isinstance(target, Lease) and target.pending_capture is not None
    return target.role is not Role.ROBOTS and not is_stored
