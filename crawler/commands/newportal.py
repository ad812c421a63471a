"""`scrapy newportal KEY URL`: a portal for everybody, as a row of the shipped catalogue."""

import argparse
from typing import Final
from urllib.parse import urlsplit

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from archive.families.registry import families
from archive.model.errors import CatalogueError
from archive.model.portal import Portal
from archive.model.url import canonical
from archive.work.catalogue.import_csv import toml_row
from archive.work.catalogue.load import load_catalogue, portals_of, refuse_shared_entries
from crawler.commands.project import project_root, write_new

_HEAD: Final = "# Seen on: {url}; say here what is odd about the portal.\n"
_OPEN: Final = {
    "division": '# division = "350128"  # GB/T 2260, six digits\n',
    "family": '# family = "trs"  # only where its pages do not show it\n',
}


class Command(ScrapyCommand):
    """Writes settings/portals/KEY.toml, about six lines."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """As Scrapy prints it."""
        return "[options] KEY URL"

    def short_desc(self) -> str:
        """As `scrapy` lists it."""
        return "Write a portal's row for the shipped catalogue"

    def long_desc(self) -> str:
        """As --help prints it."""
        return (
            "Writes settings/portals/KEY.toml; URL is the list of annual reports, or a home page."
            " `gongkai portals add URL --dry-run` shows what to write. Example: scrapy newportal"
            " yunhe http://www.yunhe.example/zwgk/zfxxgknb/ --name 云河县人民政府 --division 320999"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """--name, --division, --family."""
        super().add_options(parser)
        parser.add_argument("--name", help="the portal's name (default: its host)")
        parser.add_argument("--division", help="GB/T 2260 code of the place, six digits")
        parser.add_argument("--family", help="its CMS family, where its pages do not show it")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Writes the row, when it reads back as a usable one."""
        if len(args) != 2:
            raise UsageError
        key, typed = args
        url = canonical(typed)
        if url is None:
            raise UsageError(f"{typed} is not an http(s) URL")
        if opts.family and opts.family not in {known.key for known in families()}:
            raise UsageError(f"no family is called {opts.family}; see archive/families/data")
        portal = Portal(
            key=key,
            name=opts.name or urlsplit(url).netloc,
            entries=(url,),
            division=opts.division,
            family=opts.family,
        )
        _refuse_unusable(portal)
        still_open = [line for field, line in _OPEN.items() if getattr(portal, field) is None]
        text = _HEAD.format(url=url) + toml_row(portal) + "".join(still_open)
        print(write_new(project_root() / "settings" / "portals" / f"{key}.toml", text))  # noqa: T201 - a command speaks


def _refuse_unusable(portal: Portal) -> None:
    try:
        portals_of(toml_row(portal), file=f"{portal.key}.toml", source="shipped")
        shipped = load_catalogue(None)
        refuse_shared_entries([*shipped, portal])
    except CatalogueError as problem:
        raise UsageError(str(problem)) from None
    if portal.key in {known.key for known in shipped}:
        raise UsageError(f"the shipped catalogue has a portal {portal.key} already")
