"""Where the archive of a command lies."""

import argparse

from archive.command import database_named, home_of, warc_folder_named
from archive.model.errors import UsageError
from archive.work.home import Home


def home_named(args: argparse.Namespace) -> Home:
    """The home of a command, its WARC files where the environment says."""
    return Home(home_of(args), warc_folder_named())


def may_be_crawled(args: argparse.Namespace) -> bool:
    """Whether a crawl may be at work on the archive now; of a ledger elsewhere none can tell."""
    return database_named() is not None or home_named(args).is_crawled()


def url_or_none(given: str, option: str) -> str | None:
    """The URL that an option names, without a slash at its end; None for the word `none`.
    UsageError: it is neither.
    """
    if given == "none":
        return None
    if not given.startswith(("http://", "https://")):
        raise UsageError(f"{option} {given!r} is no http URL; `none` links nowhere")
    return given.rstrip("/")
