"""The command line's parsers, built once a process: forty-eight commands take 22 ms of the processor,
and a test runs many. A parser keeps nothing of what it parsed.
"""

from functools import cache

import archive.cli
import crawler.cli


def build_once() -> None:
    """From now on in this process, and in those forked from it."""
    archive.cli.parser = cache(archive.cli.parser)
    crawler.cli.build_parser = cache(crawler.cli.build_parser)
