"""One page in the browser: what it may ask for, how it is asked, and when it is done.

The browser itself never touches the network. The page's own document is the exchange that the crawl
kept; scripts and data of the same site go through the crawl's own transport, with its robots rules,
its User-Agent and one connection at a time; everything else is refused.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Request, Route
from scrapy import Request as Fetch

from archive.model.errors import MessageError
from archive.model.frontier import Lease
from archive.model.url import canonical, host_of, resolve, same_site
from archive.warc.message import Limits, Response, parse_response
from archive.warc.record import Exchange
from archive.work.ingest.render_outcomes import CHALLENGE_STATUSES
from crawler.errors import CrawlError, NotWantedError
from crawler.fetch.meta import EXCHANGE, PAGE_PART, PagePart
from crawler.session import CrawlSession

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

QUIET_S: Final = 0.7  # nothing under way for so long: the page is done
MAX_STAY_S: Final = 20.0  # then what is there is taken
PASS_S: Final = 8.0  # how long a challenge may think before it loads the page again
FETCH_S: Final = 15  # for one exchange of a page
MAX_REQUESTS: Final = 150
MAX_BYTES: Final = 32 * 1024 * 1024
MAX_HOPS: Final = 5
MAX_DOCUMENTS: Final = 4  # a challenge that is not passed loads its page for ever
WANTED: Final = frozenset({"document", "script", "xhr", "fetch"})
# The transport says these itself; sec-* tell servers nothing that we want to be known for.
_OURS: Final = ("accept-encoding", "connection", "content-length", "cookie", "host", "user-agent")
_FRAMING: Final = frozenset({"content-encoding", "content-length", "transfer-encoding", "link"})
logger = logging.getLogger(__name__)


@dataclass  # no slots: Playwright notes its wrappers of our callbacks on us
class PageVisit:
    """A page's stay in the browser. stored: the exchange of its document, as the crawl stored it.

    content, url, status, cookies: what came of it; content is None when the page gave none.
    main: the exchange of the document that was shown in the end, when it is not the kept one.
    documents: how many it was until then. parts: the last request to each host.
    """

    crawler: "Crawler"
    session: CrawlSession
    lease: Lease
    stored: Response
    challenged: bool
    script: Callable[[], str] = str  # what runs before every page's own scripts
    content: str | None = None
    url: str = ""
    main: Exchange | None = None
    cookies: list[Any] = field(default_factory=list)
    documents: int = 0
    parts: dict[str, PagePart] = field(default_factory=dict)
    status: int = 0
    _page: Page | None = None
    _left_for: str | None = None
    _under_way: int = 0
    _asked: int = 0
    _bytes: int = 0
    _fetched_at: float = 0.0
    _active_at: float = field(default_factory=monotonic)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def prepare(self, page: Page, _request: Fetch) -> None:
        """Before the page is opened (scrapy-playwright's page_init_callback): takes over all its
        requests; what it opens beside itself is closed.
        """
        self._page = page
        await page.context.add_init_script(self.script())
        await page.route("**", self._route)
        page.on("popup", _close)

    async def wait_until_done(self, page: Page) -> None:
        """Waits until the page is done, and takes what it shows."""
        end = monotonic() + MAX_STAY_S
        while monotonic() < end and not self._is_done():  # noqa: ASYNC110 - time is the event
            await asyncio.sleep(0.05)
        self.content = await page.content()
        self.url = self._left_for or canonical(page.url) or page.url
        self.cookies = list(await page.context.cookies())

    def _is_done(self) -> bool:
        if self.session.stopping or not self.crawler.crawling:
            return True
        still_s = monotonic() - self._active_at
        passed = not self.challenged or (
            self.documents > 1 and self.status not in CHALLENGE_STATUSES
        )
        passed = passed or self.documents >= MAX_DOCUMENTS  # it will not be
        return not self._under_way and still_s >= (QUIET_S if passed else PASS_S)

    async def _route(self, route: Route, request: Request) -> None:
        self._under_way += 1
        try:
            answer = await self._answer(request)
            self._active_at = monotonic()
            await route.fulfill(
                status=answer.status, headers=_headers(answer), body=answer.entity().body
            )
        except (CrawlError, MessageError) as error:
            logger.debug("refused to the page %s: %s (%s)", self.lease.url, request.url, error)
            with suppress(PlaywrightError):
                await self._turn_down(route, request)
        except PlaywrightError:
            logger.debug("the page %s ended before its answer", self.lease.url)
        finally:
            self._under_way -= 1

    async def _turn_down(self, route: Route, request: Request) -> None:
        """Nothing comes of a request. A page that wants to go elsewhere stays (RFC 9110 section
        15.3.5, 204), and where it wanted to go is its redirect.
        """
        if not _is_main(request):
            await route.fallback()  # to the predicate below, which aborts and counts it
            return
        if not same_site(self.lease.url, request.url):
            self._left_for = canonical(request.url)
        await route.fulfill(status=204)

    async def _answer(self, request: Request) -> Response:
        is_main = _is_main(request)
        if is_main and self.documents == 0:
            self.documents = 1
            self.status = self.stored.status
            return self.stored
        self._refuse_unwanted(request)
        if is_main and self.documents >= MAX_DOCUMENTS:
            raise NotWantedError("the page loads itself again and again")
        async with self._turn:
            answer = await self._fetched(request, is_document=request.resource_type == "document")
        if is_main and answer.status >= 200:
            self.documents += 1
            self.status = answer.status
        return answer

    def _refuse_unwanted(self, request: Request) -> None:
        if request.resource_type not in WANTED or request.method not in {"GET", "POST"}:
            raise NotWantedError(request.resource_type)
        if not request.url.startswith(("http://", "https://")):
            raise NotWantedError("not of the web")
        if not same_site(self.lease.url, request.url):
            raise NotWantedError("another site")
        self._asked += 1
        if self._asked > MAX_REQUESTS or self._bytes > MAX_BYTES or self.session.stopping:
            raise NotWantedError("the page asks for too much")

    async def _fetched(self, request: Request, *, is_document: bool) -> Response:
        """Scripts' redirects are followed here, each hop looked at; a document's is handed on."""
        url, method, body = request.url, request.method, request.post_data_buffer
        for _ in range(MAX_HOPS):
            if is_document:  # what it is made of comes without a pause
                since_s = monotonic() - self._fetched_at
                delay_s = self.session.politeness.delay_of(self.lease)
                await asyncio.sleep(max(delay_s - since_s, 0))
            exchange = await self._fetch(url, method, body, await self._headers_for(request, url))
            answer = parse_response(bytes(exchange.response), limits=Limits())
            target = resolve(url, answer.location or "")
            if not 300 <= answer.status < 400 or target is None:
                self.main = exchange if is_document and _is_main(request) else self.main
                return answer
            if not same_site(self.lease.url, target):
                break
            if is_document:
                return _moved_on(answer, target)
            url, method, body = target, "GET", None
        raise NotWantedError("redirected too far, or to another site")

    async def _fetch(
        self, url: str, method: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Exchange:
        part = PagePart(
            url=canonical(url) or url,
            portal_key=self.lease.portal_key,
            role=self.lease.role,
            hops=self.lease.hops,
        )
        self.parts[host_of(part.url)] = part
        fetch = Fetch(
            url,
            method=method,
            body=body or b"",
            headers=dict(headers),
            meta={PAGE_PART: part, "dont_merge_cookies": True, "download_timeout": FETCH_S},
            dont_filter=True,
        )
        engine = self.crawler.engine
        if engine is None:
            raise NotWantedError("the crawl has ended")
        try:
            await engine.download_async(fetch)
        finally:
            self._fetched_at = monotonic()
        exchange: Exchange = fetch.meta[EXCHANGE]
        self._bytes += len(exchange.response)
        return exchange

    async def _headers_for(self, request: Request, url: str) -> dict[str, str]:
        headers = {
            name: value
            for name, value in request.headers.items()
            if name not in _OURS and not name.startswith(("sec-", ":", "upgrade-"))
        }
        cookies = await self._page.context.cookies(url) if self._page else []
        if cookies:
            headers["cookie"] = "; ".join(f"{each['name']}={each['value']}" for each in cookies)
        return headers


def refuse(request: Request) -> bool:  # noqa: ARG001 - scrapy-playwright's signature
    """True: what PageVisit does not answer is aborted (PLAYWRIGHT_ABORT_REQUEST)."""
    return True


def _is_main(request: Request) -> bool:
    try:
        return request.is_navigation_request() and request.frame.parent_frame is None
    except PlaywrightError:  # a window that the page opened has no frame yet
        return False


async def _close(page: Page) -> None:
    with suppress(PlaywrightError):
        await page.close()


def _headers(answer: Response) -> dict[str, str]:
    """The answer's headers for the browser; several of one name are lines of one value."""
    joined: dict[str, str] = {}
    for raw_name, raw_value in answer.headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name not in _FRAMING:
            joined[name] = f"{joined[name]}\n{value}" if name in joined else value
    return joined


def _moved_on(answer: Response, target: str) -> Response:
    """A redirected document, as a page that goes there: Chromium follows a redirect without asking
    us, and a page's own way of going on is asked like every other request.
    """
    literal = target.replace("\\", "%5C").replace('"', "%22").replace("<", "%3C")
    stored = tuple(pair for pair in answer.headers if pair[0].lower() == b"set-cookie")
    return Response(
        status=200,
        reason=b"OK",
        headers=(*stored, (b"Content-Type", b"text/html")),
        body=f'<script>location.replace("{literal}")</script>'.encode(),
        limits=answer.limits,
    )
