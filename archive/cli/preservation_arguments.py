"""How the commands that preserve are spelled: those that take in, prove, read again, replay and
hand over what was captured.
"""

import argparse
import re
from pathlib import Path

from archive.cli.days import from_on, to_on
from archive.command import Deferred, Subparsers, count, count_or_none, port

SERVE_PORT, REPLAY_PORT = 8060, 8080
SERVE_URL = f"http://127.0.0.1:{SERVE_PORT}"
REPLAY_URL = f"http://127.0.0.1:{REPLAY_PORT}/archive"
NO_PROOF = (
    "It finds damage, not forgery: whoever can write the archive's folder can change files and"
    " ledger so that both fit (--seals finds that)."
)


def add_preservation(subparsers: Subparsers) -> None:
    """Adds every command of preservation; each sets `handler`."""
    _add_import(subparsers)
    _add_verify(subparsers)
    _add_reread(subparsers)
    _add_ocr(subparsers)
    _add_seal(subparsers)
    _add_index(subparsers)
    _add_replay(subparsers)
    _add_wacz(subparsers)
    _add_rebuild(subparsers)
    _add_backup(subparsers)
    _add_withdraw(subparsers)


def _add_import(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "import",
        help="takes in WARC, ARC and WACZ files that others made",
        description="Takes the pages of WARC (1.0, 1.1; gzip, zstd or plain), ARC and WACZ files "
        "into the archive: each capture is kept with its bytes, its date and its place in the file "
        "it came from, and read as if it had been crawled. The same file, or the same capture from "
        "another file, is taken in once. A page belongs to the portal on whose site it lies; a "
        "host below gov.cn that no portal names becomes one. Images, styles, scripts and metadata "
        "are left out. (gongkai portals import takes a list of portals.)",
        epilog="example: gongkai import county.warc.gz --home gongkai-data\n"
        "         gongkai import crawl.wacz --portal chongchuan --copy\n"
        "         gongkai import old/*.arc.gz --dry-run --json",
    )
    subparser.add_argument("files", metavar="FILE", nargs="+", type=Path, help="files; revisits "
                           "may refer from one to another")  # fmt: skip
    owner = subparser.add_mutually_exclusive_group()
    owner.add_argument("--portal", metavar="KEY", help="the portal of all pages that are not known")
    owner.add_argument("--all", action="store_true", dest="everything",
                       help="hosts of no portal become portals too, wherever they are")  # fmt: skip
    original = subparser.add_mutually_exclusive_group()
    original.add_argument("--refer", action="store_true",
                          help="leave the files where they lie (usual)")  # fmt: skip
    original.add_argument("--copy", action="store_true",
                          help="keep a copy of each file too, under imports/")  # fmt: skip
    subparser.add_argument("--dry-run", action="store_true",
                           help="tell what would be taken in and left out")  # fmt: skip
    help_ = "leave the files to workers, a job each; the paths are those that all machines see"
    subparser.add_argument("--job", action="store_true", help=help_)
    subparser.set_defaults(handler=Deferred("archive.cli.import_files:run_import_files"))


def _add_verify(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "verify",
        help="checks the archive, or WARC files; names every damage",
        description="Without FILE the whole archive: every WARC record, that each capture the"
        " ledger committed is there with its digest, the database engine's own check, and that"
        f" stored texts fit their hashes and the search index. {NO_PROOF} A folder stands for all"
        " WARC files under it. Files named together belong together: a revisit may refer from one"
        " to another. Of a WACZ file also container, manifest, index, pages and signature. Files of"
        " another format (ARC, WARC packed with zstd or lz4) are named"
        " and not looked at."
        " Exit status 1 when anything is damaged, or when nothing could be looked at.",
        epilog="example: gongkai verify --deep --home demo-data\n"
        "         gongkai verify other.warc.gz"
        "\n         gongkai verify --minutes 60"
        "\n         gongkai verify winter.wacz their-folder"
        "\n         gongkai verify --seals --key seal.pem.pub",
    )
    subparser.add_argument("files", metavar="FILE", nargs="*", type=Path, help="files or folders")
    help_ = "also read every version again from its WARC file and compare"
    subparser.add_argument("--deep", action="store_true", help=help_)
    help_ = "first make the search index anew from the stored texts"
    subparser.add_argument("--rebuild-index", action="store_true", help=help_)
    help_ = (
        "only WARC files, and as many as so long allows (0: one); the same command goes on with the"
        " next ones, round after round"
    )
    subparser.add_argument("--minutes", metavar="N", type=count_or_none, help=help_)
    help_ = "instead, whether all is as its seals say (docs/how-to/seals.md): this finds forgery"
    subparser.add_argument("--seals", action="store_true", help=help_)
    help_ = "with --seals: a public key to trust, kept outside of the archive; may be repeated"
    subparser.add_argument("--key", metavar="FILE", action="append", type=Path, help=help_)
    help_ = "with --seals: the SHA-256 of a seal as you noted it; later ones may follow it"
    subparser.add_argument("--expect", metavar="HASH", type=_hash, help=help_)
    _add_tsa_ca(subparser)
    subparser.set_defaults(handler=Deferred("archive.cli.preservation:run_verify"))


def _add_reread(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "reread",
        help="reads stored captures again with today's reader; asks no portal",
        description="Reads what an older version of the reader has read: every version from its"
        " WARC record, and the captures that the older one took for unchanged, a block page, a"
        " soft 404 or an error. What it had understood is kept (show --reader, export figures"
        " --reader). Numbers and dates of versions stay: a better reading is no change of the"
        " page. Ended at any moment, the same command goes on; done, it does nothing. Exit status"
        " 1 when a capture is lost or cannot be read.",
        epilog="example: gongkai reread --dry-run --home demo-data\n"
        "         gongkai reread --portal pingtan --reader-below 3",
    )
    help_ = "only these pages, in any spelling"
    subparser.add_argument("urls", metavar="URL", nargs="*", help=help_)
    subparser.add_argument("--portal", metavar="KEY", help="only this portal")
    help_ = "only what a reader before version N has read (today's)"
    subparser.add_argument("--reader-below", type=count, metavar="N", help=help_)
    help_ = "store nothing; list what would differ"
    subparser.add_argument("--dry-run", action="store_true", help=help_)
    help_ = "leave it to workers, a job a portal (docs/how-to/workers.md)"
    subparser.add_argument("--job", action="store_true", help=help_)
    subparser.set_defaults(handler=Deferred("archive.cli.reread:run_reread"))


def _add_ocr(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "ocr",
        help="reads reports that are pictures; asks no portal",
        description="Reads the latest versions whose text is in pictures: scanned files, pages"
        " that show images in place of text. What the model sees is a claim, so every number is"
        " marked: confirmed (a sum of the report that includes it holds), contradicted (one fails)"
        " or unconfirmed; contradicted ones are not counted (docs/how-to/pictures.md). The version"
        " stays the same one: a better reading is no change of the page. Ended at any moment, the"
        " same command goes on; done, it does nothing. It needs the extra: pip install"
        ' "gongkai[ocr]". Exit status 1 when a report cannot be read.',
        epilog="example: gongkai ocr --dry-run --home demo-data\n"
        "         gongkai ocr --portal pingtan --limit 100\n"
        "         gongkai ocr --job",
    )
    subparser.add_argument("--portal", metavar="KEY", help="only this portal")
    subparser.add_argument("--limit", type=count, metavar="N", help="at most so many reports")
    help_ = "read nothing; tell how many reports wait"
    subparser.add_argument("--dry-run", action="store_true", help=help_)
    help_ = "leave it to workers, a job a portal"
    subparser.add_argument("--job", action="store_true", help=help_)
    subparser.set_defaults(handler=Deferred("archive.cli.ocr:run_ocr"))


def _hash(text: str) -> str:
    if not re.fullmatch("[0-9a-f]{64}", text.lower()):
        raise argparse.ArgumentTypeError(f"{text!r} is no SHA-256, 64 hexadecimal digits")
    return text.lower()


def _add_tsa_ca(subparser: argparse.ArgumentParser) -> None:
    help_ = "certificates (PEM) of time-stamping authorities to trust (default: this system's)"
    subparser.add_argument("--tsa-ca", metavar="FILE", type=Path, help=help_)


def _add_seal(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "seal",
        help="seals what the archive holds, so that a later change can be proved",
        description="Writes HOME/seals/N.json: the closed WARC files and the ledger's rows since"
        " the seal before, with their SHA-256 and that of the seal before. GONGKAI_SEAL_KEY names"
        " the key that signs, a file outside of the archive; without one the seal is not signed."
        " A crawl seals at its end by itself. What a seal proves: docs/how-to/seals.md.",
        epilog="example:\n"
        "  gongkai seal --new-key ~/seal.pem     (then: export GONGKAI_SEAL_KEY=~/seal.pem)\n"
        "  gongkai seal --home demo-data\n"
        "  gongkai seal --tsa https://freetsa.org/tsr --tsa-ca cacert.pem\n"
        "  gongkai seal --ots https://alice.btc.calendar.opentimestamps.org\n"
        "  gongkai seal --script > verify_seals.py    (checks seals without Gongkai)\n"
        "exit status: 1 when a sealed file is missing or cut, or an authority gave no time stamp",
    )
    help_ = "make a signing key and end; its public half goes to FILE.pub. It is encrypted with the"
    help_ += " pass phrase of GONGKAI_SEAL_PASSPHRASE, or one asked for on a terminal"
    subparser.add_argument("--new-key", metavar="FILE", type=Path, help=help_)
    help_ = "ask this authority for a time stamp of the last seal (RFC 3161); may be repeated"
    subparser.add_argument("--tsa", metavar="URL", action="append", default=[], help=help_)
    _add_tsa_ca(subparser)
    help_ = (
        "ask this calendar of OpenTimestamps for a proof of the last seal, and for the blocks of"
    )
    help_ += " the proofs that it gave before; may be repeated"
    subparser.add_argument("--ots", metavar="URL", action="append", default=[], help=help_)
    help_ = "print the script that checks seals without Gongkai, and end"
    subparser.add_argument("--script", action="store_true", help=help_)
    subparser.set_defaults(handler=Deferred("archive.cli.seal:run_seal"))


def _add_index(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "index",
        help="writes a sorted CDXJ index of the archive's WARC files",
        description="Writes a sorted CDXJ index of the archive's WARC files. Exit status 1 when a"
        " file is missing or cut that the ledger names: it is named, the others are in the index.",
        epilog="example: gongkai index -o archive.cdxj\n"
        "         gongkai index --home demo-data | head",
    )
    subparser.add_argument("-o", "--output", metavar="FILE", type=_output,
                           help="file (standard output)")  # fmt: skip
    subparser.set_defaults(handler=Deferred("archive.cli.preservation:run_index"))


def _add_replay(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "replay",
        help="serves the snapshots as they were captured (pywb, Memento)",
        description="Shows captured pages in a browser, on this machine only, until interrupted."
        " Runs pywb in an environment and a process of its own (make setup builds it).",
        epilog="example: gongkai replay --port 8080 --home demo-data",
    )
    help_ = f"port on 127.0.0.1 ({REPLAY_PORT}; 0 takes a free one)"
    subparser.add_argument("--port", type=port, default=REPLAY_PORT, metavar="N", help=help_)
    help_ = f"where `gongkai serve` shows the reports' pages ({SERVE_URL}), or none"
    subparser.add_argument("--serve-url", metavar="URL", default=SERVE_URL, help=help_)
    subparser.set_defaults(handler=Deferred("archive.cli.preservation:run_replay"))


def _add_wacz(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "wacz",
        help="bundles captures for hand-over: one WACZ file",
        description="Writes a WACZ 1.1.1 file of all captures, or those that fit all that is given:"
        " WARC records as they are, what their revisits repeat, style sheets and images that the"
        " pages show (where the archive has them), an index, the pages with our titles and texts,"
        " and the tables of the same pages (data/, JSON Lines and Parquet, with a codebook)."
        " replayweb.page, pywb and py-wacz read it. With a key it is signed (wacz-auth,"
        " ECDSA P-384). Exit status 1 when something that was asked for is not in it.",
        epilog="example: gongkai wacz -o winter.wacz --portal pingtan --from 2026-01 --to 2026-03\n"
        "         gongkai wacz -o fees.wacz --query 收费 --key wacz-key.pem\n"
        "         gongkai wacz -o handed-over --bag --list urls.txt",
    )
    subparser.add_argument(
        "urls", metavar="URL", nargs="*", help="only these pages and their files"
    )
    subparser.add_argument("-o", "--output", metavar="FILE", required=True, type=Path,
                           help="a file that ends in .wacz; with --bag a new folder")  # fmt: skip
    subparser.add_argument("--portal", metavar="KEY", action="append", default=[],
                           help="only this portal (may be repeated)")  # fmt: skip
    subparser.add_argument("--run", metavar="N", type=count, action="append", default=[],
                           help="only captures of this run (may be repeated)")  # fmt: skip
    subparser.add_argument("--from", dest="from_on", type=from_on, metavar="DATE",
                           help="captured on or after (YYYY, YYYY-MM, YYYY-MM-DD)")  # fmt: skip
    subparser.add_argument("--to", dest="to_on", type=to_on, metavar="DATE",
                           help="captured on or before")  # fmt: skip
    help_ = "only pages that search finds, and their files"
    subparser.add_argument("--query", metavar="QUERY", help=help_)
    help_ = "a file of URLs, one a line; - is standard input"
    subparser.add_argument("--list", metavar="FILE", help=help_)
    subparser.add_argument("--title", metavar="TEXT", help="what the bundle calls itself")
    help_ = "sign with this private key: PEM, ECDSA P-384 (GONGKAI_WACZ_KEY)"
    subparser.add_argument("--key", metavar="FILE", type=Path, help=help_)
    help_ = "put the file into a bag (BagIt, SHA-256)"
    subparser.add_argument("--bag", action="store_true", help=help_)
    subparser.set_defaults(handler=Deferred("archive.cli.bundle:run_wacz"))


def _add_rebuild(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "rebuild",
        help="makes a lost ledger again from the WARC files alone",
        description="Reads every WARC file of the archive and makes the ledger again: runs, pages,"
        " captures, outcomes, versions with their figures, the search index. The new ledger grows"
        " beside its place and is moved there at the end; one on PostgreSQL is made in the home"
        " first, the database must be empty. Of captures without rows of their run"
        " (made by older releases, or before a crash) it says what cannot be known. Exit status 1"
        " when a record is damaged or missing; the others are used.",
        epilog="example: gongkai rebuild --home demo-data",
    )
    help_ = "also where a ledger is there, which is kept aside"
    subparser.add_argument("--replace", action="store_true", help=help_)
    subparser.set_defaults(handler=Deferred("archive.cli.rebuild:run_rebuild"))


def _add_backup(subparsers: Subparsers) -> None:
    backup = subparsers.add_parser(
        "backup",
        help="copies the archive to a folder, while a crawl runs if need be",
        description="Copies ledger, WARC files, portals.toml, seals and logs into FOLDER, with a"
        " manifest of their SHA-256: the ledger of one moment, and of each WARC file what that"
        " ledger has committed. The same command again copies what is new. A kill or a full disk"
        " leaves the backup before as it was. Of a ledger on PostgreSQL it says what to call."
        " Exit status 1 when WARC files are missing or cut.",
        epilog="example: gongkai backup -o /mnt/disk/gongkai --home demo-data\n"
        "         gongkai verify /mnt/disk/gongkai",
    )
    backup.add_argument("-o", "--output", metavar="FOLDER", required=True, type=Path,
                        help="a new folder, or that of the backup before")  # fmt: skip
    backup.set_defaults(handler=Deferred("archive.cli.backup:run_backup"))
    restore = subparsers.add_parser(
        "restore",
        help="makes an archive again from a backup, in a new home",
        description="Copies a backup to the home that --home names, which must be new or empty;"
        " each file is compared with its SHA-256 on the way, and nothing is there until all is.",
        epilog="example: gongkai restore /mnt/disk/gongkai --home new-data",
    )
    restore.add_argument("folder", metavar="FOLDER", type=Path, help="what backup wrote")
    restore.set_defaults(handler=Deferred("archive.cli.backup:run_restore"))


def _output(text: str) -> Path | None:
    return None if text == "-" else Path(text)


def _add_withdraw(subparsers: Subparsers) -> None:
    subparser = subparsers.add_parser(
        "withdraw",
        help="takes a page or a version out of public view, with reason and log",
        description="What is withdrawn is answered with 451 and the reason by serve and replay, is"
        " found by no search and listed nowhere; exports keep its row and figures without title,"
        " text, fields and quotes. The captures that gave a version go with it. WARC files and"
        " stored readings stay as they are, verify is not concerned, and show, history and diff"
        " still work in your terminal. Without URL: what is withdrawn now; `gongkai export"
        " withdrawals` has the whole log.",
        epilog="example:\n"
        "  gongkai withdraw t20170220_1017.html --reason 'it names an applicant'\n"
        "  gongkai withdraw t20170220_1017.html --version 2 --reason 'asked by the office'\n"
        "  gongkai withdraw t20170220_1017.html --undo --reason 'corrected'",
    )
    help_ = "the page, in any spelling of its URL, or a unique end of it"
    subparser.add_argument("url", metavar="URL", nargs="?", help=help_)
    help_ = "one version (the whole page with all captures)"
    subparser.add_argument("--version", type=count, metavar="N", help=help_)
    subparser.add_argument("--reason", metavar="TEXT", help="why; shown in its place")
    help_ = "who decided (GONGKAI_CONTACT, else your login name)"
    subparser.add_argument("--by", metavar="WHO", help=help_)
    subparser.add_argument("--undo", action="store_true", help="bring it back")
    subparser.set_defaults(handler=Deferred("archive.cli.withdraw:run_withdraw"))
