"""How the command about corrections by people is spelled."""

from pathlib import Path

from archive.command import Deferred, Subparsers, count


def add_correct(subparsers: Subparsers) -> None:
    """Adds correct; it sets `handler`."""
    subparser = subparsers.add_parser(
        "correct",
        help="what a number should be, by a person's word, beside what was read",
        description="Keeps corrections in HOME/corrections.toml, which may be edited by hand and"
        " kept under version control. One is bound to the content hash of a version and to what is"
        " printed there: it says nothing of a later version. The report's page shows it beside the"
        " number; `gongkai table` and `export` count with it where --corrected asks for that, and"
        " no reading changes (docs/how-to/pictures.md). Exit status 1 when --list has one that fits"
        " nothing any more.",
        epilog="example:\n"
        "  gongkai correct t20170220_1017.html --indicator f21.s3.new --applicant total \\\n"
        "      --value 61 --by 'Li Wei' --reason 'the scan says 61'\n"
        "  gongkai correct --list\n"
        "  gongkai correct --list -o corrections.csv\n"
        "  gongkai correct --withdraw 3f9c02d1 --by 'Li Wei' --reason 'looked at the wrong row'",
    )
    help_ = "the page, in any spelling of its URL, or a unique end of it"
    subparser.add_argument("url", metavar="URL", nargs="?", help=help_)
    help_ = "which number, as `gongkai show` has it (f21.s3.new)"
    subparser.add_argument("--indicator", metavar="KEY", help=help_)
    help_ = "whose column, where the form has some (natural, total)"
    subparser.add_argument("--applicant", metavar="A", help=help_)
    subparser.add_argument("--value", metavar="V", help="what it should be")
    help_ = "which one, where several are printed"
    subparser.add_argument("--printed", metavar="TEXT", help=help_)
    subparser.add_argument("--version", type=count, metavar="N", help="a version (the latest)")
    subparser.add_argument("--by", metavar="NAME", help="who says so; shown on the page")
    subparser.add_argument("--reason", metavar="TEXT", help="why; shown on the page")
    help_ = "what there is, and what each is worth now"
    subparser.add_argument("--list", action="store_true", help=help_)
    help_ = "with --list: a file, .csv .jsonl .parquet or .xlsx"
    subparser.add_argument("-o", "--output", metavar="FILE", type=Path, help=help_)
    help_ = "take a correction back; it stays in the file"
    subparser.add_argument("--withdraw", metavar="ID", help=help_)
    subparser.set_defaults(handler=Deferred("archive.cli.correct:run_correct"))
