"""Checks an archive of Gongkai against its seals, without Gongkai and without a network.

Needs Python 3.11 and the package `cryptography`. Read it before you trust it: it is short.

    python verify_seals.py ARCHIVE --key key.pub [--expect HASH] [--warc DIR] [--no-ledger]

ARCHIVE is the folder with seals/, warc/ and archive.sqlite. `--key` is the public key as you noted
it elsewhere, not the copy in seals/. Exit status: 0 all is as sealed, 1 it is not (a line each).
"""

import argparse
import hashlib
import json
import re
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

CAPTURES = (
    "SELECT url, captured_at, status, media_type, payload_digest, size, warc_file, warc_offset,"
    " record_type FROM captures WHERE warc_file = ?"
)
OUTCOMES = "SELECT run, url, outcome, reason, at FROM outcomes WHERE run = ?"
ONE = " WHERE url = ? AND version = ?"
VERSION = "SELECT url, version, content_hash, captured_at, title, text FROM versions" + ONE  # noqa: S608 - constants
FIGURE = "form, indicator, applicant, value, unit, printed, state, label, place"
FIGURES = "SELECT " + FIGURE + " FROM figures" + ONE  # noqa: S608 - constants
RUNS = "SELECT run FROM runs WHERE status <> 'running' AND run IN (SELECT run FROM outcomes)"
NAME = re.compile(r"[1-9][0-9]{0,8}\.json")
Line = tuple[str, object, str]


def spelled(fields: dict[str, Any]) -> bytes:
    """A seal as its file spells it; without its signature, the bytes that were signed."""
    return (json.dumps(fields, sort_keys=True, separators=(",", ":")) + "\n").encode("ascii")


def sha256(content: bytes) -> str:
    """The SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def line_of(row: Iterable[object]) -> bytes:
    """A row of the ledger as it is hashed."""
    return json.dumps([*row], separators=(",", ":")).encode("ascii") + b"\n"


def digest(rows: Iterable[Iterable[object]]) -> dict[str, object]:
    """Of a set of rows: their lines, each once, sorted by their bytes."""
    lines = sorted({line_of(row) for row in rows})
    return {"rows": len(lines), "sha256": sha256(b"".join(lines))}


def number(value: object) -> str | None:
    """A figure as text, without an exponent and without zeros at its end."""
    text = "" if value is None else format(Decimal(str(value)), "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or None


class Chain:
    """What the good seals together say; of two that name one thing the later counts."""

    def __init__(self, folder: Path, keys: list[str]) -> None:
        self.heads: dict[int, str] = {}
        self.faults: list[Line] = []
        self.bad: set[int] = set()
        self.unsigned: list[int] = []
        self.archive: object = None
        self.files: dict[str, dict[str, Any]] = {}
        self.runs: dict[int, dict[str, Any]] = {}
        self.versions: dict[tuple[str, int], dict[str, Any]] = {}
        last, paths = 0, (path for path in folder.glob("*.json") if NAME.fullmatch(path.name))
        for n, path in sorted((int(path.stem), path) for path in paths):
            if n > last + 1:
                self._fault(n - 1, "seal_missing", f"is missing ({last + 1} to {n - 1})")
            content = path.read_bytes()
            self._add(n, content, keys)
            self.heads[n], last = sha256(content), n

    def _fault(self, n: int, rule: str, message: str) -> None:
        self.bad.add(n)
        self.faults.append((rule, f"seals/{n}.json", message))

    def _add(self, n: int, content: bytes, keys: list[str]) -> None:
        try:
            seal = json.loads(content)
            same = seal["format"] == "gongkai-seal/1" and spelled(seal) == content
            signature, key = seal.pop("signature", None), seal["public_key"]
            listed = seal["files"], seal["runs"], seal["versions"]
        except (ValueError, KeyError, TypeError, AttributeError):
            same = False
        if not same:
            self._fault(n, "seal_unreadable", "is no seal, or not spelled as one")
        elif seal["number"] != n:
            self._fault(n, "seal_order", f"holds seal {seal['number']}")
        elif self.archive not in (None, seal["archive"]):
            self._fault(n, "seal_archive", "is of another archive")
        elif n - 1 not in self.bad and seal["previous"] != self.heads.get(n - 1):
            self._fault(n, "seal_chain", f"does not follow {n - 1}.json")
        elif key is not None and keys and key not in keys:
            self._fault(n, "seal_key", f"is signed with another key: {key}")
        elif (key is None) != (signature is None) or (key and not fits(key, signature, seal)):
            self._fault(n, "seal_signature", "was changed after it was signed")
        else:
            self.archive = seal["archive"]
            self.unsigned = [] if key else [*self.unsigned, n]
            self.files |= {each["name"]: each for each in listed[0]}
            self.runs |= {each["run"]: each for each in listed[1]}
            self.versions |= {(each["url"], each["version"]): each for each in listed[2]}


def fits(key: str, signature: str, seal: dict[str, Any]) -> bool:
    """Whether the seal is signed with that key."""
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public.verify(bytes.fromhex(signature), spelled(seal))
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def check_files(chain: Chain, warc: Path) -> Iterator[Line]:
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
    for name in () if chain.bad else sorted(found - set(chain.files)):
        yield "unsealed", name, "is in no seal"


def check_ledger(chain: Chain, ledger: Path) -> Iterator[Line]:
    """The rows of the ledger, as its views give them."""
    database = sqlite3.connect(f"file:{quote(str(ledger))}?mode=ro", uri=True)
    for name, file in chain.files.items():
        if digest(database.execute(CAPTURES, (name,))) != file["captures"]:
            yield "sealed_captures", name, "its captures in the ledger were changed"
    for run, sealed in chain.runs.items():
        found = digest(database.execute(OUTCOMES, (run,)))
        went_on = sealed["status"] != "finished" and found["rows"] > sealed["outcomes"]["rows"]
        if found != sealed["outcomes"] and not went_on:
            yield "sealed_outcomes", f"run {run}", "its outcomes in the ledger were changed"
    for place, sealed in chain.versions.items():
        figures = ((*row[:3], number(row[3]), *row[4:]) for row in database.execute(FIGURES, place))
        rows = [(*row, digest(figures)["sha256"]) for row in database.execute(VERSION, place)]
        if not rows or sha256(line_of(rows[0])) != sealed["sha256"]:
            yield "sealed_version", f"{place[0]} version {place[1]}", "was changed in the ledger"
    if not chain.bad:
        runs = (run for (run,) in database.execute(RUNS) if run not in chain.runs)
        versions = database.execute("SELECT url, version FROM versions")
        missing = [*runs, *(place for place in versions if place not in chain.versions)]
        if missing:
            yield "unsealed", "ledger", f"{missing[0]} is in no seal ({len(missing)} such rows)"


def _main() -> int:
    parser = argparse.ArgumentParser(description="Checks an archive against its seals.")
    parser.add_argument("archive", type=Path)
    parser.add_argument("--key", type=Path, action="append", default=[], help="public key (PEM)")
    parser.add_argument("--expect", help="SHA-256 of a seal, as you noted it")
    parser.add_argument("--warc", type=Path, help="where the WARC files are (ARCHIVE/warc)")
    parser.add_argument("--no-ledger", action="store_true", help="the ledger was not handed over")
    args = parser.parse_args()
    pems = [load_pem_public_key(path.read_bytes()) for path in args.key]
    chain = Chain(args.archive / "seals", [key.public_bytes_raw().hex() for key in pems])  # type: ignore[union-attr]  # Ed25519
    lines: list[Line] = (
        chain.faults if chain.heads else [("seal_missing", "seals", "there is none")]
    )
    last = max((n for n, head in chain.heads.items() if head == args.expect), default=0)
    if args.expect and not last:
        lines.append(("seal_expected", "seals", f"none has the SHA-256 {args.expect}"))
    if not (args.key or args.expect) or any(n > last for n in chain.unsigned):
        lines.append(("seal_unsigned", "seals", "nobody you trust says whose they are"))
    lines += check_files(chain, args.warc or args.archive / "warc")
    lines += [] if args.no_ledger else check_ledger(chain, args.archive / "archive.sqlite")
    for rule, place, message in lines:
        sys.stdout.write(f"{rule}  {place}: {message}\n")
    ledger = "no ledger" if args.no_ledger else f"{len(chain.versions)} versions"
    counts = f"{len(chain.heads)} seals, {len(chain.files)} files, {ledger}"
    head = ["none", *chain.heads.values()][-1]
    sys.stdout.write(f"{len(lines)} wrong in {counts}; SHA-256 of the last seal: {head}\n")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(_main())
