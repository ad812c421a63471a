"""Where the archive of a command lies."""

import argparse

from archive.command import database_named, home_of, warc_folder_named
from archive.work.home import Home


def home_named(args: argparse.Namespace) -> Home:
    """The home of a command, its WARC files where the environment says."""
    return Home(home_of(args), warc_folder_named())


def may_be_crawled(args: argparse.Namespace) -> bool:
    """Whether a crawl may be at work on the archive now; of a ledger elsewhere none can tell."""
    return database_named() is not None or home_named(args).is_crawled()
