"""Where the archive of a command lies."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from archive.command import home_of, ledger_of
from archive.environment import database_named, warc_named
from archive.model.errors import UsageError
from archive.store import Store
from archive.store.engine import place_of
from archive.store.write.captures import archive_id
from archive.warc.mark import Mark, refuse_other
from archive.work.home import Home
from archive.work.ingest.folder import refuse_elsewhere
from archive.work.open_archive import open_archive


def home_named(args: argparse.Namespace) -> Home:
    """The home of a command, its WARC files where the environment says."""
    return Home(home_of(args), warc_named())


@contextmanager
def archive_with_files(args: argparse.Namespace, home: Home) -> Iterator[Store]:
    """The ledger of a command that reads WARC files. UsageError: there is no archive, or its files
    were moved to a bucket that is not named. CannotRunError: its files are another archive's.
    """
    with open_archive(ledger_of(args)) as store:
        with store.read() as connection:
            refuse_elsewhere(connection, home.files)
            mine = Mark(archive_id=archive_id(connection), ledger=place_of(ledger_of(args)))
        refuse_other(home.files, mine)
        yield store


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
