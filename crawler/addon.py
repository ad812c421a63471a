"""The one place that wires Gongkai into Scrapy, each choice with its reason."""

from typing import Final

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings

_ADDON: Final = SETTINGS_PRIORITIES["addon"]


class GongkaiAddon:
    """Puts our parts in and takes out Scrapy's that would change bytes or lose URLs."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Scrapy calls this before the crawler builds its components."""
        handler = "crawler.fetch.handler.WireDownloadHandler"
        settings.set("DOWNLOAD_HANDLERS", {"http": handler, "https": handler}, "addon")
        settings.set("SCHEDULER", "crawler.frontier.scheduler.FrontierScheduler", "addon")
        _add(settings, "ITEM_PIPELINES", {"crawler.pipelines.ingest.IngestPipeline": 500})
        # Telnet and the remote control are not even loaded: nobody steers a crawl from outside.
        settings.set("EXTENSIONS_BASE", {"scrapy.extensions.corestats.CoreStats": 0}, "addon")
        _add(settings, "EXTENSIONS", {"crawler.extensions.progress.RunWatch": 500})
        _add(settings, "DOWNLOADER_MIDDLEWARES", _middlewares())
        settings.set("SPIDER_MIDDLEWARES_BASE", {}, "addon")  # nothing of theirs knows our items


def _add(settings: BaseSettings, name: str, ours: dict[str, int | None]) -> None:
    """Ours beside what a settings module has of its own: without ours nothing would be kept, and a
    full disk would not end the run.
    """
    theirs = settings.getdict(name)
    settings.set(name, {**theirs, **ours}, max(settings.getpriority(name) or 0, _ADDON))


def _middlewares() -> dict[str, int | None]:
    built_in = "scrapy.downloadermiddlewares."
    return {
        # First: a refused request goes no further, and what must not be asked has no robots.txt.
        "crawler.fetch.gate.GateMiddleware": 90,
        "crawler.robots.middleware.RobotsMiddleware": 100,
        # Before Scrapy's cookies: a plain request takes along what a browser was given.
        "crawler.browser.middleware.BrowserMiddleware": 690,
        # RFC 9309 with failures closed; Scrapy's own reads any status as "everything allowed".
        built_in + "robotstxt.RobotsTxtMiddleware": None,
        # A redirect is an exchange with an outcome of its own, not a hidden hop.
        built_in + "redirect.RedirectMiddleware": None,
        built_in + "redirect.MetaRefreshMiddleware": None,
        # Retries go through the frontier, so that they survive a restart.
        built_in + "retry.RetryMiddleware": None,
        # Bodies are decoded by the reader, under its own limits; the wire's bytes are kept.
        built_in + "httpcompression.HttpCompressionMiddleware": None,
        built_in + "httpcache.HttpCacheMiddleware": None,
        # The frontier decides what belongs to a portal.
        built_in + "offsite.OffsiteMiddleware": None,
    }
