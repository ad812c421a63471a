"""Scrapy settings of every crawl; each one that differs from Scrapy's default says why."""

# Where the project's parts are; the add-on wires all the rest.
BOT_NAME = "gongkai"
SPIDER_MODULES = ["crawler.spiders"]
ADDONS = {"crawler.addon.GongkaiAddon": 0}
COMMANDS_MODULE = "crawler.commands"

# Asked for by hosts that want to reach us; GONGKAI_CONTACT is put behind it. Its 1.0 is no release:
# what a host wrote down about us goes on to hold.
USER_AGENT = "Mozilla/5.0 (compatible; Gongkai/1.0; archive of government annual reports)"
# For portals that serve only phones (agent = "mobile" in their row); still says who we are.
GONGKAI_MOBILE_AGENT = (
    "Mozilla/5.0 (Linux; Android 14; Mobile; compatible; Gongkai/1.0;"
    " archive of government annual reports)"
)
# A page in Chinese, as a browser asks for it.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9",
    # Only codings that every reader of our WARC files can take off again.
    "Accept-Encoding": "gzip, deflate",
}

# Politeness is kept by crawler.frontier.politeness before a request reaches the downloader.
DOWNLOAD_DELAY = 0
DOWNLOAD_DELAY_JITTER = 0
CONCURRENT_REQUESTS = 64
CONCURRENT_REQUESTS_PER_DOMAIN = 64
GONGKAI_DELAY_S = 3.0  # seconds after an answer before the host is asked again
GONGKAI_FIRST_REST_S = 60.0  # seconds after 429 or 503 without Retry-After; doubled each time
GONGKAI_CONCURRENCY = 1  # connections at once per host
GONGKAI_MAX_LISTS = 1_000  # lists of a portal in one run; max_lists in its row says otherwise
GONGKAI_READERS = 4  # reading processes at most; never more than there are processors

# Limits against hostile or broken servers.
DOWNLOAD_TIMEOUT = 60  # seconds for a whole exchange
DOWNLOAD_MAXSIZE = 64 * 1024 * 1024  # bytes as transferred
DOWNLOAD_WARNSIZE = 0  # the outcome says it
# Names have IPv6 addresses too, and some have no other (Scrapy's own knows IPv4 alone).
TWISTED_DNS_RESOLVER = "scrapy.resolver.CachingHostnameResolver"

# The browser for pages that nothing else can read (scrapy-playwright): crawler.browser.browser
# starts it with the first such page, keeps it to one page at a time and ends it.
GONGKAI_BROWSER_MEMORY_MB = 1024  # a page that takes more is ended
PLAYWRIGHT_ABORT_REQUEST = "crawler.browser.page.refuse"  # what our own route did not answer
PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT = 15_000  # milliseconds
PLAYWRIGHT_MAX_CONTEXTS = 1  # a page's cookies and storage end with it
PLAYWRIGHT_MAX_PAGES_PER_CONTEXT = 1  # one page at a time
PLAYWRIGHT_PROCESS_REQUEST_HEADERS = None  # headers are set where requests are answered

# Items wait for the reading processes; more than this many bytes (1,024 an item) holds fetching
# back, so that memory stays flat however slow reading is.
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 64 * 1024
# The spider gives one item a response; Scrapy starts this many tasks for each response.
CONCURRENT_ITEMS = 1

# Nobody steers a crawl from outside its process.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

COOKIES_ENABLED = True  # some portals redirect to themselves until a cookie is set
HTTPERROR_ALLOW_ALL = True  # every status has an outcome
REFERER_ENABLED = False  # no host needs to know where its URL was found
DEPTH_STATS_VERBOSE = False  # the ledger counts
URLLENGTH_LIMIT = 8192  # characters; list URLs carry long queries
LOG_LEVEL = "INFO"  # below it every exchange is a line; those are in the ledger
LOG_INSTALL_ROOT_HANDLER = False  # logs go to HOME/logs, see crawler.job
LOG_SHORT_NAMES = True  # a line names the part, not its module
LOGSTATS_INTERVAL = 60  # seconds
FEED_EXPORT_ENCODING = "utf-8"  # Chinese stays readable in Scrapy's own feeds

# The frontier and the pipeline are coroutines.
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
