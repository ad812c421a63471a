"""`scrapy crawl portal`: Scrapy's own command, which refuses what the portal spider cannot run."""

import argparse

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError
from scrapy.utils.project import get_project_settings

from archive.model.errors import UsageError as WrongUsageError
from crawler.options import options_for, request_from_environment
from crawler.spiders.portal import PortalSpider


class Command(ScrapyCrawl):
    """A spider's argument that nobody reads would be taken for "all that is due"."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Runs the spider. UsageError: one line for an unknown argument or portal."""
        if args == [PortalSpider.name]:
            unknown = sorted(opts.spargs.keys() - {"portal"})
            if unknown:
                raise UsageError(
                    f"-a {unknown[0]}=…: the portal spider has no such argument;"
                    " use -a portal=KEY[,KEY]",
                    print_help=False,
                )
            try:
                options_for(
                    request_from_environment(opts.spargs.get("portal", "")), get_project_settings()
                )
            except WrongUsageError as problem:
                raise UsageError(str(problem), print_help=False) from None
        super().run(args, opts)
