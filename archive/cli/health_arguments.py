"""How the commands that look after an archive are spelled."""

from archive.command import Deferred, Subparsers


def add_health(subparsers: Subparsers) -> None:
    """Adds doctor; it sets `handler`."""
    doctor = subparsers.add_parser(
        "doctor",
        help="what is wrong with the archive or this machine, and which command helps",
        description="Looks at the ledger and its schema, WARC files, seals, backup, disk, clock "
        "(against the Date of the newest answers), converters and fonts, what waits, hosts that "
        "are held, portals that fell silent, jobs that stand still. Nothing is changed, and the "
        "network is not used.",
        epilog="example: gongkai doctor --home gongkai-data\n"
        "         gongkai doctor --deep --json\n"
        "exit status: 0 nothing is bad (warnings may be), 1 something is",
    )
    doctor.add_argument(
        "--deep", action="store_true",
        help="read everything: every page and text of the ledger, every record of the WARC files",
    )  # fmt: skip
    doctor.set_defaults(handler=Deferred("archive.cli.doctor:run_doctor"))
