"""The bare fetch: Scrapy alone, following the same list links, parsing links and nothing else.

python -m bench.baseline URL CONCURRENCY
"""

import re
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

# createPageHTML(25, 0, "index", "html"): a TRS list of 25 pages.
PAGER = re.compile(
    r"""createPageHTML\(\s*(?P<pages>\d+)\s*,\s*\d+\s*,\s*["'](?P<stem>\w+)["']"""
    r"""\s*,\s*["'](?P<ending>\w+)["']"""
)
SETTINGS = {
    "COOKIES_ENABLED": False,
    "DOWNLOAD_DELAY": 0,
    "LOG_LEVEL": "ERROR",
    "REMOTE_CONTROL_ENABLED": False,
    "ROBOTSTXT_OBEY": False,
    "TELNETCONSOLE_ENABLED": False,
}


class BareSpider(Spider):
    """Fetches a list, its further pages and its reports; counts answers with a body."""

    name = "bare"

    async def start(self) -> AsyncIterator[Any]:
        """The list's first page."""
        yield Request(self.settings["ADDRESS"])

    def parse(self, response: Response) -> Iterator[Request]:
        """Follows what lies below the list's own folder, and the pages its pager will draw."""
        folder = self.settings["ADDRESS"].rpartition("/")[0] + "/"
        for href in response.css("a::attr(href)").getall():
            url = response.urljoin(href)
            if url.startswith(folder):
                yield Request(url)
        if pager := PAGER.search(response.text):
            for number in range(1, int(pager["pages"])):
                yield Request(f"{folder}{pager['stem']}_{number}.{pager['ending']}")


def main() -> None:
    """Crawls URL with CONCURRENCY connections and prints how many pages came."""
    url, concurrency = sys.argv[1], int(sys.argv[2])
    chosen = {"ADDRESS": url, "CONCURRENT_REQUESTS": concurrency}
    chosen["CONCURRENT_REQUESTS_PER_DOMAIN"] = concurrency
    process = AsyncCrawlerProcess({**SETTINGS, **chosen})
    crawler = process.create_crawler(BareSpider)
    process.crawl(crawler)
    process.start()
    print(crawler.stats.get_value("response_received_count"))


if __name__ == "__main__":
    main()
