"""The archive's commands: argument parsing and printing, nothing else.

knows: how commands are spelled and how answers are printed.
never knows: SQL, WARC bytes, how an answer was found.
neighbours: work, search and web (below); crawler.cli adds its own commands beside these.
"""

import argparse
from collections.abc import Sequence

from archive.cli.arguments import add_commands
from archive.command import Parser, add_version, help_of, run


def main(argv: Sequence[str] | None = None) -> int:
    """The archive's commands alone, without the crawler; gives the exit status."""
    return run(parser(), argv)


def parser() -> argparse.ArgumentParser:
    """A parser of the archive's commands alone."""
    top = Parser(prog="gongkai", description="Asks an archive of government reports.")
    add_version(top)
    top.set_defaults(handler=help_of(top))
    add_commands(top.add_subparsers(metavar="COMMAND"))
    return top
