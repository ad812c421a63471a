"""`scrapy record URL|FILE --name CASE`: a page becomes a test that fails until reviewed."""

import argparse
import os
from pathlib import Path

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from archive.command import DEFAULT_HOME
from archive.model.errors import GongkaiError
from archive.model.reading import Source
from archive.model.url import canonical
from archive.store import Store
from archive.work.captured_page import captured
from archive.work.cases import is_list_case, list_case, list_page, page_case
from archive.work.home import Home
from crawler.commands.project import checked_name, project_root, write_new


class Command(ScrapyCommand):
    """Writes tests/families/cases/CASE/ for a list, tests/pages/cases/CASE/ for any other page."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """As Scrapy prints it."""
        return "[options] URL|FILE --name CASE"

    def short_desc(self) -> str:
        """As `scrapy` lists it."""
        return "Save a page as a test that fails until it was reviewed"

    def long_desc(self) -> str:
        """As --help prints it."""
        return (
            "Saves a page with what is read from it today, each field a test of its own; every"
            " test fails until a person compared the expectation with the page. A URL is"
            " taken from the archive (GONGKAI_HOME): crawl it first. Replace what others wrote by"
            " invented text. Example: scrapy record page.html --url"
            " http://www.yunhe.example/nb/2024.html --name yunhe_2024"
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """--name, --url."""
        super().add_options(parser)
        parser.add_argument("--name", help="the test folder's name (small letters, digits, _)")
        parser.add_argument("--url", help="where a FILE was saved from")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Writes the folder."""
        if len(args) != 1 or not opts.name:
            raise UsageError
        name = checked_name(opts.name, "--name")
        try:
            source = _source(args[0], opts.url)
        except GongkaiError as problem:
            raise UsageError(str(problem)) from None
        listed = is_list_case(source)
        package = "families" if listed else "pages"
        folder = project_root() / "tests" / package / "cases" / name
        content = list_page(source) if listed else source.body
        expected = list_case(source) if listed else page_case(source)
        print(write_new(folder / "page.html", content))  # noqa: T201 - a command speaks
        print(write_new(folder / "expected.toml", expected))  # noqa: T201 - a command speaks
        print("compare expected.toml with the page, line by line; then delete its first line")  # noqa: T201 - a command speaks


def _source(named: str, url: str | None) -> Source:
    if "://" in named:
        return _from_archive(named)
    page = canonical(url or "")
    if page is None:
        raise UsageError("--url: where was the file saved from? (an http(s) URL)")
    try:
        return Source(url=page, body=Path(named).read_bytes(), media_type="text/html")
    except OSError as error:
        raise UsageError(f"{named}: {error.strerror}") from None


def _from_archive(named: str) -> Source:
    url = canonical(named)
    home = Path(os.environ.get("GONGKAI_HOME") or DEFAULT_HOME)
    if url is None:
        raise UsageError(f"{named} is not an http(s) URL")
    with Store.open(os.environ.get("GONGKAI_DATABASE_URL") or home, read_only=True) as store:
        source = captured(store, Home(home).files, url)
    if source is None:
        raise UsageError(f"{url} is not in {home}; first: gongkai crawl {url}")
    return source
