"""How the commands that look after an archive are spelled."""

from archive.command import Deferred, Subparsers


def add_health(subparsers: Subparsers) -> None:
    """Adds doctor and notify; each sets `handler`."""
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
    notify = subparsers.add_parser(
        "notify",
        help="tells by mail, chat or push what changed; crawl --due does so by itself",
        description="Sends one message with what is new since the last one: portals that turned bad"
        " or good again, reports missing after their deadline (of bodies that had one every year),"
        " a low disk. GONGKAI_ALERTS holds the services, apprise's URLs apart by spaces; never more"
        " than one message a night goes out. gongkai crawl --due does the same at its end.",
        epilog="example: GONGKAI_ALERTS='mailtos://…' gongkai notify --dry-run\n"
        "         gongkai notify --test\n"
        "exit status: 0 told, or nothing is new; 1 a service took no message",
    )
    how = notify.add_mutually_exclusive_group()
    how.add_argument("--dry-run", action="store_true", help="print what would be told; tell nobody")
    how.add_argument("--test", action="store_true", help="send a message that says it is a test")
    how.add_argument("--now", action="store_true", help="do not wait for the next night")
    notify.set_defaults(handler=Deferred("archive.cli.notify:run_notify"))
