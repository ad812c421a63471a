"""The command `gongkai`: crawl, portals, read, demo, and the archive's own commands.

knows: argparse, portals to visit, exit statuses.
never knows: Scrapy's insides, SQL.
neighbours: archive.cli (below), crawler.job.
"""

from collections.abc import Sequence

from archive.cli.arguments import add_commands
from archive.command import INTERRUPTED, Parser, add_version, help_of, run
from crawler.cli.arguments import add_single, add_visits

DESCRIPTION = (
    "Crawls, archives, reads and replays annual open-government reports (政府信息公开年报)."
)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; the exit status is the verdict."""
    try:
        return run(build_parser(), argv)
    except KeyboardInterrupt:  # before a command began
        return INTERRUPTED


def build_parser() -> Parser:
    """The parser of every command."""
    parser = Parser(prog="gongkai", description=DESCRIPTION)
    add_version(parser)
    commands = parser.add_subparsers(metavar="COMMAND", parser_class=Parser)
    parser.set_defaults(handler=help_of(parser))
    add_visits(commands)
    add_commands(commands)
    add_single(commands)
    return parser
