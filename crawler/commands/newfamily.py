"""`scrapy newfamily KEY`: a CMS family as a short data file, and the folder of its first test."""

import argparse
from typing import Final

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from archive.families.registry import families
from archive.work.cases import UNREVIEWED
from crawler.commands.project import checked_name, project_root, write_new

FAMILY: Final = """\
# {key}: whose CMS this is, and on which portals it was seen.
name = "{key}"
# Where data does not suffice: files of archive/families/cms with a function `read(page)`.
# reader = ["{key}"]
# Where things stand on its pages: CSS selectors, best first.
body = ["#{key}-text"]
title = ["h1"]
metadata_box = []
# Which URLs are single pages, and which are lists (regular expressions).
pages = ['/{key}-page-\\d+\\.html$']
lists = ['/{key}-list(?:_\\d+)?\\.html$']

# What its pages are known by (text, regex, url or selector). 4 points are enough; 5 are sure.
[[fingerprint]]
text = "{key}-mark"
weight = 5
source = "where it was seen"

# How its lists page: named groups of the patterns, and p (from 1), p0 (from 0), back, start, end.
[[pager]]
patterns = ['{key}Pager\\((?P<pages>\\d{{1,5}})\\)']
page = "{key}-list_{{p}}.html"
first = "{key}-list.html"
source = "where it was seen"
"""

CASE: Final = """\
{unreviewed}
url = "http://www.{key}.example/{key}-list.html"
family = "{key}"
is_list = true
total_pages = 2
items = [
  ["page", "http://www.{key}.example/{key}-page-1.html", "2025-01-20", "某县2024年公开年报"],
]
pages = ["http://www.{key}.example/{key}-list_2.html"]
"""

PAGE: Final = """\
<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>政府信息公开年报</title></head>
<body><!-- {key}-mark: put a list page here, with invented names -->
<ul><li><a href="{key}-page-1.html">某县2024年公开年报</a><span>2025-01-20</span></li></ul>
<script>{key}Pager(2)</script>
</body></html>
"""


class Command(ScrapyCommand):
    """Writes archive/families/data/KEY.toml and tests/families/cases/KEY_list/."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """As Scrapy prints it."""
        return "KEY"

    def short_desc(self) -> str:
        """As `scrapy` lists it."""
        return "Write the skeleton of a CMS family and of its test"

    def long_desc(self) -> str:
        """As --help prints it."""
        return (
            "Writes archive/families/data/KEY.toml, about twenty lines to fill in, and"
            " tests/families/cases/KEY_list/ with a page and what it names; the test fails until"
            " both were put right and reviewed. Example: scrapy newfamily nova"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:  # noqa: ARG002 - Scrapy's signature
        """Writes the three files."""
        if len(args) != 1:
            raise UsageError
        key = checked_name(args[0], "KEY")
        if key in {known.key for known in families()} or key == "words":
            raise UsageError(f"there is a family {key} already")
        root = project_root()
        case = root / "tests" / "families" / "cases" / f"{key}_list"
        family = root / "archive" / "families" / "data" / f"{key}.toml"
        print(write_new(family, FAMILY.format(key=key)))  # noqa: T201 - a command speaks
        print(write_new(case / "page.html", PAGE.format(key=key)))  # noqa: T201 - a command speaks
        print(write_new(case / "expected.toml", CASE.format(key=key, unreviewed=UNREVIEWED)))  # noqa: T201 - a command speaks
