"""How the commands are spelled that take an archive elsewhere."""

from archive.command import Deferred, Subparsers


def add_moves(subparsers: Subparsers) -> None:
    """Adds move; it sets `handler`."""
    _add_move(subparsers)


def _add_move(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "move",
        help="moves the ledger to another database: SQLite to PostgreSQL, and back",
        description="Copies every row of the ledger to an empty database, compares all of them,"
        " makes the search index there, and only then puts the former ledger out of use: a SQLite"
        " file is renamed, a PostgreSQL database marked. WARC files, seals and portals.toml stay"
        " where they are. Ended at any point, the same command goes on. Exit status 4 while a crawl"
        " runs. docs/how-to/move.md tells more.",
        epilog="example: gongkai move postgresql+psycopg://gongkai@db.example/gongkai\n"
        "         export GONGKAI_DATABASE_URL=postgresql+psycopg://gongkai@db.example/gongkai\n"
        "         gongkai move gongkai-data    (and back, into a home)",
    )
    subparser.add_argument(
        "target", metavar="DATABASE_URL", help="an empty database, or the folder of a home"
    )
    subparser.set_defaults(handler=Deferred("archive.cli.move:run_move"))
