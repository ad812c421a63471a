"""How the commands are spelled that take an archive elsewhere."""

from archive.command import Deferred, Subparsers


def add_moves(subparsers: Subparsers) -> None:
    """Adds move, merge and upload; each sets `handler`."""
    _add_move(subparsers)
    _add_merge(subparsers)
    _add_upload(subparsers)


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


def _add_merge(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "merge",
        help="takes another archive into this one",
        description="Copies the WARC files of another archive and takes over its runs, captures,"
        " outcomes and versions, with all that was read; what both have stays once. Runs, and"
        " versions of pages that both have, get new numbers here. The other archive stays as it is;"
        " its ledger and seals are kept below HOME/merged, where they can be verified. The same"
        " command again takes what is new there, and goes on where it was ended. Exit status 4"
        " while a crawl runs in either.",
        epilog="example: gongkai merge ../other/gongkai-data\n"
        "         gongkai verify --seals --key their.pub --home gongkai-data/merged/ID\n"
        "         gongkai merge /srv/other --database postgresql+psycopg://gongkai@db.example/other",
    )
    subparser.add_argument("other", metavar="OTHER_HOME", help="the home of another archive")
    subparser.add_argument(
        "--database",
        metavar="DATABASE_URL",
        help="its ledger, where that is not in its home (GONGKAI_DATABASE_URL is this one's)",
    )
    subparser.set_defaults(handler=Deferred("archive.cli.merge:run_merge"))


def _add_upload(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "upload",
        help="moves closed WARC files to a bucket (S3), where everything reads them",
        description="Sends every closed WARC file that waits to the bucket that GONGKAI_WARC_URL"
        " names, reads it back, compares its SHA-256, and only then switches the ledger; the copy"
        " in the home goes GONGKAI_WARC_KEEP_DAYS later (7). Crawls and imports do the same while"
        " they run and at their end. Ended at any point, the same command goes on. Exit status 1"
        " when a file could not be moved, 4 when the bucket cannot be asked. docs/how-to/s3.md"
        " tells more.",
        epilog="example: export GONGKAI_WARC_URL=s3://reports/warc AWS_ENDPOINT_URL=https://s3.example"
        "\n         export AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=…"
        "\n         gongkai upload --home gongkai-data",
    )
    subparser.set_defaults(handler=Deferred("archive.cli.upload:run_upload"))
