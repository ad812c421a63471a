"""One seal as a record and as bytes; pure. docs/how-to/seals.md defines the format for others.

A seal is one JSON object, spelled in exactly one way: whoever reads it spells it again and
compares, so that nothing can stand in the file that was not read.
"""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from typing import Any, Final

from archive.model.errors import DamageError
from archive.model.instants import exact

FORMAT: Final = "gongkai-seal/2"
MAX_SEAL_BYTES: Final = 512 * 1024 * 1024
_SHORT: Final = 100
_MOST_TEXTS: Final = 20_000
_HASH: Final = re.compile("[0-9a-f]{64}")
_SIGNATURE: Final = re.compile("[0-9a-f]{128}")


class SealError(DamageError):
    """Bytes that are no seal of this format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A set of ledger rows: how many, and the SHA-256 of their lines (`digest_of_rows`)."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFile:
    """A closed WARC file. captures: the ledger's rows of the records in it."""

    name: str
    size: int
    sha256: str
    captures: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRun:
    """A run, and how every URL of it ended. status: of the run; one that is not finished may go on,
    and is sealed again then. sha256: of its line (`line_of`).
    """

    run: int
    status: str
    sha256: str
    outcomes: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedVersion:
    """A version as it was read. sha256: of its line (`line_of`). reader, warc_file, warc_offset:
    which code read it, from which record; a version that is read again has another of these.
    """

    url: str
    version: int
    reader: str
    warc_file: str
    warc_offset: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What seals/NUMBER.json says. previous: SHA-256 of the bytes of the seal before; None for the
    first. public_key: of the signer, 32 bytes in hex; None when it is not signed.
    """

    number: int
    archive: str
    created_at: str
    software: str
    previous: str | None
    public_key: str | None
    files: tuple[SealedFile, ...] = ()
    runs: tuple[SealedRun, ...] = ()
    versions: tuple[SealedVersion, ...] = ()


def spelled(seal: Seal, signature: str | None = None) -> bytes:
    """The bytes of a seal. Without a signature: the bytes that are signed, and those of a seal that
    is not signed.
    """
    fields = {"format": FORMAT, **_members(seal)}
    if signature is not None:
        fields["signature"] = signature
    return _spelled(fields, default=_members)


def _spelled(fields: object, default: Callable[[Any], object] | None = None) -> bytes:
    text = json.dumps(fields, default=default, sort_keys=True, separators=(",", ":"))
    return (text + "\n").encode("ascii")


def signed_part(content: bytes, signature: str | None) -> bytes:
    """The bytes of a seal that was read (`parse_seal`) which its signature signs."""
    return content.replace(f',"signature":"{signature}"'.encode(), b"", 1) if signature else content


def _members(record: Seal | SealedFile | SealedRun | SealedVersion | Rows) -> dict[str, object]:
    return {name: getattr(record, name) for name in record.__slots__}


def parse_seal(content: bytes) -> tuple[Seal, str | None]:
    """A seal and its signature in hex (None: it has none). SealError: it is none of this format."""
    if len(content) > MAX_SEAL_BYTES:
        raise SealError(f"it is larger than {MAX_SEAL_BYTES:,} bytes")
    try:
        fields = json.loads(content)
        same = _spelled(fields) == content
        signature, form = fields.pop("signature", None), fields.pop("format")
        seal = _seal(fields)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise SealError(f"it is no seal of {FORMAT}") from error
    if not same or form != FORMAT:
        raise SealError("it is not spelled as Gongkai spells seals")
    _check_values(seal, signature)
    return seal, signature


def _seal(fields: dict[str, Any]) -> Seal:
    if not all(type(fields[name]) is list for name in ("files", "runs", "versions")):
        raise TypeError("what it names is no list")
    lists = {
        "files": tuple(
            SealedFile(**{**each, "captures": Rows(**each["captures"])}) for each in fields["files"]
        ),
        "runs": tuple(
            SealedRun(**{**each, "outcomes": Rows(**each["outcomes"])}) for each in fields["runs"]
        ),
        "versions": tuple(SealedVersion(**each) for each in fields["versions"]),
    }
    return Seal(**{**fields, **lists})


def _check_values(seal: Seal, signature: str | None) -> None:
    """SealError where a value is not of its kind, or a file's name would leave its folder."""
    numbers = [seal.number, *(each.run for each in seal.runs)]
    numbers += [number for each in seal.files for number in (each.size, each.captures.rows)]
    numbers += [each.outcomes.rows for each in seal.runs]
    numbers += [number for each in seal.versions for number in (each.version, each.warc_offset)]
    texts = [seal.archive, seal.created_at, seal.software, *(each.name for each in seal.files)]
    texts += [text for each in seal.versions for text in (each.url, each.reader, each.warc_file)]
    texts += [each.status for each in seal.runs]
    hashes = [text for each in seal.files for text in (each.sha256, each.captures.sha256)]
    hashes += [text for each in seal.runs for text in (each.sha256, each.outcomes.sha256)]
    hashes += [each.sha256 for each in seal.versions]
    good = (
        all(type(each) is int and each >= 0 for each in numbers)
        and all(isinstance(each, str) for each in texts)
        and all(_is(each, _HASH) for each in hashes)
        and all(each is None or _is(each, _HASH) for each in (seal.previous, seal.public_key))
        and (signature is None or _is(signature, _SIGNATURE))
        and not any(
            "/" in each.name or "\0" in each.name or each.name in ("", ".", "..")
            for each in seal.files
        )
    )
    if not good:
        raise SealError("a value in it is not of its kind")


def _is(value: object, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def sha256(content: bytes) -> str:
    """The SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def line_of(row: Sequence[object]) -> bytes:
    r"""A row as the line that is hashed: a JSON array in ASCII without spaces, objects in it with
    their names sorted, and a line feed.

    >>> line_of(["年报", 1, None])
    b'["\\u5e74\\u62a5",1,null]\n'
    """
    return f"[{','.join([_SPELLED[type(each)](each) for each in row])}]\n".encode()


class _Spelled(dict[type, Callable[[Any], str]]):
    """How values of each type stand in a line. A seal spells some two hundred rows a report: those
    of the types that most values have go past the JSON encoder's set-up.
    """

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        return _spelled_json


def _spelled_json(value: object) -> str:
    """Instants in UTC to the microsecond and truths as 0 and 1, as SQLite has them; exact numbers
    as text.
    """
    if isinstance(value, bool):
        value = int(value)
    elif isinstance(value, datetime):
        value = exact(value)
    elif isinstance(value, (float, Decimal)):
        value = number_text(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


_SPELLED = _Spelled({str: encode_basestring_ascii, int: int.__repr__, type(None): lambda _: "null"})


def number_text(value: object) -> str | None:
    """A figure's value without an exponent and without zeros at its end; None stays None.

    >>> number_text(12.50), number_text("0012"), number_text(Decimal("1E+3")), number_text(None)
    ('12.5', '12', '1000', None)
    """
    return None if value is None else _number_text(str(value))


@lru_cache(maxsize=4096)
def _number_text(spelled: str) -> str:
    text = format(Decimal(spelled), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def digest_of_rows(rows: Iterable[Sequence[object]]) -> Rows:
    """The digest of a set of rows: their lines, each once, sorted by their bytes."""
    return digest_of_lines({line_of(row) for row in rows})


def digest_of_lines(lines: Collection[bytes]) -> Rows:
    """The same of lines that differ from each other."""
    return Rows(rows=len(lines), sha256=sha256(b"".join(sorted(lines))))


class _Texts(dict[object, str]):
    """How values stand in a line. Short texts are kept: those of figures are nearly the same in
    every report. Numbers are not: True, 1 and 1.0 would be one.
    """

    def __missing__(self, value: object) -> str:
        spelled = _SPELLED[type(value)](value)
        if value is None or (type(value) is str and len(value) <= _SHORT):
            if len(self) >= _MOST_TEXTS:
                self.clear()
            self[value] = spelled
        return spelled


_TEXTS: Final = _Texts()


def line_of_number(row: Sequence[object]) -> bytes:
    """The line of a row whose fourth value is a number, which is hashed as text."""
    values = [*row[:3], number_text(row[3]), *row[4:]]
    return f"[{','.join(map(_TEXTS.__getitem__, values))}]\n".encode()


def digest_of_numbers(rows: Iterable[Sequence[object]]) -> Rows:
    """The digest of such rows."""
    return digest_of_lines({line_of_number(row) for row in rows})


def version_digest(row: Sequence[object], numbers: Rows, stated: Rows) -> str:
    """The SHA-256 of a version: its row, and behind it the digest of its figures' rows, and that of
    its statements' rows where it has some (seals of before have none).
    """
    return sha256(line_of([*row, numbers.sha256, *([stated.sha256] if stated.rows else [])]))
