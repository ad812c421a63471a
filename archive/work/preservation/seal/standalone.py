"""Checks an archive of Gongkai against its seals, without Gongkai and without a network.

Needs Python 3.11 and the package `cryptography`. Read it before you trust it: it is short.
    python verify_seals.py ARCHIVE --key key.pub [--expect HASH] [--warc DIR] [--no-ledger]
ARCHIVE holds seals/, warc/ and archive.sqlite; `--key` is the public key as you noted it elsewhere.
Exit status: 0 all is as sealed, 1 it is not (lines), 2 wrong usage or no ledger, 4 cannot be read.
"""

import argparse
import hashlib
import json
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

CAPTURES = """SELECT url, captured_at, status, media_type, payload_digest, size, warc_file,
    warc_offset, record_type, rendered, source, source_sha256, source_part, source_offset,
    source_record_id FROM captures WHERE warc_file = ?"""
OUTCOMES = "SELECT run, url, outcome, reason, at FROM outcomes WHERE run = ?"
VERSION = """SELECT s.url, s.version, s.content_hash, s.captured_at, s.title, s.text, s.supersedes,
    s.body, s.division, s.reader_version, v.kind, v.report_year, v.official FROM versions AS s
    JOIN page AS p ON p.key = s.url JOIN version AS v ON v.page_id = p.id AND v.number = s.version
    WHERE s.url = ? AND s.version = ?"""
FIGURES = """SELECT form, indicator, applicant, value, unit, printed, state, label, place
    FROM figures WHERE url = ? AND version = ?"""
STATEMENTS = """SELECT concept, period, unit, value, printed, state, line, sentence
    FROM statements WHERE url = ? AND version = ?"""
RUN = """SELECT run, job, mode, started_at, ended_at, status, verdict, reason, counts, portals
    FROM runs WHERE run = ?"""
VERSIONS = "SELECT url, version FROM versions"
RUNS = "SELECT run FROM runs WHERE status <> 'running' AND run IN (SELECT run FROM outcomes)"


def spelled(fields: dict[str, Any] | list[object]) -> bytes:
    """A seal as its file spells it; without its signature, the bytes that were signed."""
    return (json.dumps(fields, sort_keys=True, separators=(",", ":")) + "\n").encode("ascii")


def digest(rows: Iterable[Iterable[object]]) -> dict[str, object]:
    """Of a set of rows: their lines, each once, sorted by their bytes."""
    lines = sorted({spelled([*row]) for row in rows})
    return {"rows": len(lines), "sha256": hashlib.sha256(b"".join(lines)).hexdigest()}


def number(value: object) -> str | None:
    """A figure as text, without an exponent and without zeros at its end."""
    text = "" if value is None else format(Decimal(str(value)), "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or None


class Chain:
    """What the good seals together say; of two that name one thing the later counts."""

    def __init__(self, folder: Path, keys: list[str]) -> None:
        self.heads: dict[int, str] = {}
        self.faults: dict[int, tuple[str, object, str]] = {}
        self.unsigned: list[int] = []
        self.good: list[dict[str, Any]] = []
        self.files, self.runs, self.versions = (dict[Any, Any]() for _ in range(3))
        last, paths = 0, folder.glob("[1-9]*.json")
        for n, path in sorted((int(path.stem), path) for path in paths if path.stem.isdecimal()):
            if n > last + 1:
                self._fault(n - 1, "seal_missing", f"is missing ({last + 1} to {n - 1})")
            content = path.read_bytes()
            self._add(n, content, keys)
            self.heads[n], last = hashlib.sha256(content).hexdigest(), n

    def _fault(self, n: int, rule: str, message: str) -> None:
        self.faults[n] = (rule, f"seals/{n}.json", message)

    def _add(self, n: int, content: bytes, keys: list[str]) -> None:
        try:
            seal = json.loads(content)
            same = seal["format"] == "gongkai-seal/2" and spelled(seal) == content
            signature, key, _ = seal.pop("signature", None), seal["public_key"], seal["created_at"]
            listed = seal["files"], seal["runs"], seal["versions"]
            fits = (key is None) == (signature is None)
            if key is not None:
                public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
                public.verify(bytes.fromhex(signature or ""), spelled(seal))
        except InvalidSignature:
            fits = False
        except (ValueError, KeyError, TypeError, AttributeError):
            same = False
        if not same:
            self._fault(n, "seal_unreadable", "is no seal, or not spelled as one")
        elif seal["number"] != n:
            self._fault(n, "seal_order", f"holds seal {seal['number']}")
        elif self.good and seal["archive"] != self.good[0]["archive"]:
            self._fault(n, "seal_archive", "is of another archive")
        elif n - 1 not in self.faults and seal["previous"] != self.heads.get(n - 1):
            self._fault(n, "seal_chain", f"does not follow {n - 1}.json")
        elif key is not None and keys and key not in keys:
            self._fault(n, "seal_key", f"is signed with another key: {key}")
        elif not fits:
            self._fault(n, "seal_signature", "was changed after it was signed")
        else:
            self.good.append(seal)
            self.unsigned = [] if key else [*self.unsigned, n]
            self.files |= {each["name"]: each for each in listed[0]}
            self.runs |= {each["run"]: each for each in listed[1]}
            self.versions |= {(each["url"], each["version"]): each for each in listed[2]}


def check_files(chain: Chain, warc: Path) -> Iterator[tuple[str, object, str]]:
    """The WARC files, byte by byte."""
    for name, file in chain.files.items():
        path = warc / Path(name).name
        if not path.is_file():
            yield "sealed_file", name, "is missing"
            continue
        with path.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != file["sha256"]:
                yield "sealed_file", name, "was changed"
    found = {path.name for path in [*warc.glob("*.warc"), *warc.glob("*.warc.gz")]}
    for name in () if chain.faults else sorted(found - set(chain.files)):
        yield "unsealed", name, "is in no seal"


def check_ledger(chain: Chain, ledger: Path) -> Iterator[tuple[str, object, str]]:  # noqa: C901 - by row
    """The rows of the ledger, as its views give them."""
    database = sqlite3.connect(f"{ledger.absolute().as_uri()}?mode=ro", uri=True)
    for name, file in chain.files.items():
        if digest(database.execute(CAPTURES, (name,))) != file["captures"]:
            yield "sealed_captures", name, "its captures in the ledger were changed"
    for run, sealed in chain.runs.items():
        found = digest(database.execute(OUTCOMES, (run,)))
        *row, counts, portals = database.execute(RUN, (run,)).fetchone() or [None] * 10
        line = spelled([*row, json.loads(counts or "null"), json.loads(portals or "null")])
        more = row[5] in ("running", "crashed") or found["rows"] > sealed["outcomes"]["rows"]
        if sealed["status"] != "finished" and more:
            continue  # it goes on
        if found != sealed["outcomes"]:
            yield "sealed_outcomes", f"run {run}", "its outcomes in the ledger were changed"
        if hashlib.sha256(line).hexdigest() != sealed["sha256"]:
            yield "sealed_run", f"run {run}", "was changed in the ledger"
    has = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'statements'").fetchone()
    for place, sealed in chain.versions.items():
        row = [*(database.execute(VERSION, place).fetchone() or ())]
        for query in (FIGURES, STATEMENTS)[: 1 + bool(has)]:
            found = digest((*r[:3], number(r[3]), *r[4:]) for r in database.execute(query, place))
            row += [found["sha256"]] * bool(found["rows"] or query is FIGURES)
        if hashlib.sha256(spelled(row)).hexdigest() != sealed["sha256"]:
            yield "sealed_version", f"{place[0]} version {place[1]}", "was changed in the ledger"
    missing: list[object] = [run for (run,) in database.execute(RUNS) if run not in chain.runs]
    missing += [each for each in database.execute(VERSIONS) if each not in chain.versions]
    if missing and not chain.faults:
        yield "unsealed", "ledger", f"{missing[0]} is in no seal ({len(missing)} such rows)"


def _main() -> int:
    parser = argparse.ArgumentParser(description="Checks an archive against its seals.")
    parser.add_argument("archive", type=Path)
    parser.add_argument("--key", type=Path, action="append", default=[], help="public key (PEM)")
    parser.add_argument("--expect", help="SHA-256 of a seal, as you noted it")
    parser.add_argument("--warc", type=Path, help="where the WARC files are (ARCHIVE/warc)")
    parser.add_argument("--no-ledger", action="store_true", help="the ledger was not handed over")
    args = parser.parse_args()
    try:
        pems: list[Any] = [load_pem_public_key(path.read_bytes()) for path in args.key]
        keys = [key.public_bytes_raw().hex() for key in pems]
    except (OSError, ValueError, AttributeError) as error:
        parser.exit(2, f"--key: no Ed25519 public key (PEM): {error}\n")
    chain = Chain(args.archive / "seals", keys)
    ledger = args.archive / "archive.sqlite"
    if not chain.heads:
        parser.exit(1, f"there is no seal in {args.archive / 'seals'}\n")
    if not (args.no_ledger or ledger.exists()):
        parser.exit(4, f"there is no ledger at {ledger}; without it: --no-ledger\n")
    lines = [*chain.faults.values(), *check_files(chain, args.warc or args.archive / "warc")]
    last = max((n for n, head in chain.heads.items() if head == args.expect), default=0)
    lines += [("seal_expected", "seals", f"none is {args.expect}")] * bool(args.expect and not last)
    if not (args.key or args.expect) or any(n > last for n in chain.unsigned):
        lines.append(("seal_unsigned", "seals", "nobody you trust signed them"))
    lines += [] if args.no_ledger else check_ledger(chain, ledger)
    for one, two in zip(chain.good, chain.good[1:], strict=False):
        if str(two["created_at"]) < str(one["created_at"]):
            sys.stdout.write(f"seal_clock  seals/{two['number']}.json: older than the one before\n")
    sys.stdout.writelines(f"{rule}  {place}: {message}\n" for rule, place, message in lines)
    wrong = len(lines) - (not (keys or args.expect) and len(chain.unsigned) == len(chain.good))
    versions = "no ledger" if args.no_ledger else f"{len(chain.versions)} versions"
    counts = f"{wrong} wrong in {len(chain.heads)} seals, {len(chain.files)} files, {versions}"
    sys.stdout.write(f"{counts}; SHA-256 of the last seal: {[*chain.heads.values()][-1]}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(_main())
    except (OSError, sqlite3.Error) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(4)
