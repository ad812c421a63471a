"""HOME/corrections.toml: what people corrected, and what they took back. Entries are appended, so
that comments and the order of whoever edits it by hand stay; it suits version control.

Bound is a correction to the content hash of a version and to what is printed there, so that it
says nothing of a page's later version.
"""

import re
import secrets
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeAlias

import tomli_w

from archive.model.content import printable
from archive.model.errors import UsageError, did_you_mean
from archive.work.atomic_file import atomic_file
from archive.work.given_file import check_given_file
from archive.work.home import Home

CORRECTIONS_FILE: Final = "corrections.toml"
MOST_BYTES, LONGEST_LINE = 2_000_000, 10_000
MAX_NAME, MAX_REASON = 100, 1_000

_LOCK: Final = "corrections.lock"
_HEAD: Final = "# Corrections by people: docs/how-to/pictures.md. May be edited by hand.\n"
_ID = re.compile(r"\A[A-Za-z0-9._-]{1,40}\Z")
_DOTTED = re.compile(
    r"""(?<![\w-])(?:(?:[\w-]++|"(?:[^"\\]|\\.){0,99}+"|'[^']{0,99}+')\s*+\.\s*+){50}""", re.ASCII
)
_NUMBER = re.compile(r"\A[0-9]{1,15}(\.[0-9]{1,6})?\Z")
_KINDS: Final = ("correction", "withdrawal")
_WHO: Final = ("id", "by", "reason", "at")
_WHAT: Final = ("url", "content_hash", "indicator", "applicant", "printed", "value")
_MAY_LACK: Final = "applicant"

_Entry: TypeAlias = tuple[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """Who took a correction back, why and when."""

    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a number should be, by a person's word. content_hash: of the version that it is about.
    applicant: None where the form has no applicant columns. printed: the number as it was read.
    taken_back: None while it stands.
    """

    id: str
    url: str
    content_hash: str
    indicator: str
    applicant: str | None
    printed: str
    value: Decimal
    by: str
    reason: str
    at: datetime
    taken_back: TakenBack | None = None

    @property
    def about(self) -> tuple[str, str, str, str | None, str]:
        """The number that it is about."""
        return self.url, self.content_hash, self.indicator, self.applicant, self.printed


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """What came of another home's corrections. added: how many are new here. apart: how many are
    about numbers that somebody corrected here otherwise, and did not come.
    """

    added: int
    apart: int


class CorrectionsKept:
    """The corrections of a home, read again when the file changed. Called: what there is now;
    UsageError as `read_corrections`.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._kept: tuple[object, Sequence[Correction]] = (None, ())

    def __call__(self) -> Sequence[Correction]:
        """Every correction, also those taken back, in the order of the file."""
        try:
            facts = (self._home / CORRECTIONS_FILE).stat()
        except OSError:
            return read_corrections(self._home)
        mark = facts.st_ino, facts.st_mtime_ns, facts.st_size
        if self._kept[0] != mark:
            self._kept = mark, read_corrections(self._home)
        return self._kept[1]


def read_corrections(home: Path) -> tuple[Correction, ...]:
    """Every correction of a home, also those taken back, in the order of the file; () where there
    is no file. UsageError in one line: where the file is broken, or that it cannot be read.
    """
    path = home / CORRECTIONS_FILE
    return _parsed(_text(path), path)


def add_correction(home: Path, correction: Correction) -> Correction:
    """Appends a correction, and gives it with the id that it got. UsageError: another one of this
    number stands, or the file is broken or full. CannotRunError: another process has it, or the
    disk refuses.
    """
    with Home(home).locked("correct", file=_LOCK):
        known = read_corrections(home)
        for each in known:
            if each.taken_back is None and each.about == correction.about:
                raise UsageError(
                    f"it is corrected already, to {each.value} by {each.by}: take that back first,"
                    f" gongkai correct --withdraw {each.id}"
                )
        kept = replace(correction, id=_fresh_id({each.id for each in known}))
        _append(home, [_entry_of(kept)])
    return kept


def take_back(home: Path, given: str, taken: TakenBack) -> Correction:
    """Appends that a correction is taken back, and gives it. UsageError: there is none with that
    id, it is taken back already, or the file is broken or full. CannotRunError as above.
    """
    with Home(home).locked("correct", file=_LOCK):
        known = {each.id: each for each in read_corrections(home)}
        found = known.get(given)
        if found is None:
            near = did_you_mean(given, known)
            raise UsageError(f"there is no correction {printable(given)[:60]!r}{near}")
        if found.taken_back is not None:
            raise UsageError(f"correction {given} is taken back already")
        _append(home, [_withdrawal_of(given, taken)])
    return replace(found, taken_back=taken)


def take_over(home: Path, theirs: Sequence[Correction], *, check_only: bool = False) -> TakenOver:
    """Appends what another home's corrections and withdrawals say and this one's do not; the same
    again appends nothing. A number that is corrected here stays so. check_only: nothing is
    written. UsageError: the file is broken, or would be too large. CannotRunError as above.
    """
    with Home(home).locked("correct", file=_LOCK):
        known = read_corrections(home)
        entries, added, apart = _not_here(known, theirs)
        if entries and check_only:
            _joined((home / CORRECTIONS_FILE).resolve(), entries)
        elif entries:
            _append(home, entries)
    return TakenOver(added=added, apart=apart)


def _not_here(
    known: Sequence[Correction], theirs: Sequence[Correction]
) -> tuple[list[_Entry], int, int]:
    """The entries that are new here, of how many corrections, and how many stay apart. One is the
    same whatever id it has: two homes may have given one id twice.
    """
    mine = {replace(each, id="", taken_back=None): each for each in known}
    stands = {each.about for each in known if each.taken_back is None}
    ids = {each.id for each in known}
    entries: list[_Entry] = []
    added = apart = 0
    for each in theirs:
        said = replace(each, id="", taken_back=None)
        here = mine.get(said)
        if here is None and each.taken_back is None and each.about in stands:
            apart += 1
            continue
        if here is None:
            here = replace(each, id=_fresh_id(ids) if each.id in ids else each.id, taken_back=None)
            ids.add(here.id)
            added += 1
            entries.append(_entry_of(here))
        if here.taken_back is None and each.taken_back is not None:
            stands.discard(here.about)
            entries.append(_withdrawal_of(here.id, each.taken_back))
            here = replace(here, taken_back=each.taken_back)
        mine[said] = here
    return entries, added, apart


def number_of(text: str) -> Decimal:
    """A corrected number as people write it. UsageError: it is none.

    >>> number_of("12"), number_of("0.50")
    (Decimal('12'), Decimal('0.50'))
    """
    if not _NUMBER.match(text):
        shown = printable(text)[:40]
        raise UsageError(
            f"--value {shown!r} is no number: digits, and a point if need be (12, 0.5)"
        )
    return Decimal(text)


def one_line(text: str, name: str, most: int) -> str:
    """A name or a reason on one line, without control and direction characters. UsageError: nothing
    is left of it, or it is longer than `most` characters.
    """
    clean = printable(text.encode("utf-8", "replace").decode())
    if not clean:
        raise UsageError(f"a correction needs {name}")
    if len(clean) > most:
        raise UsageError(f"{name} is longer than {most:,} characters")
    return clean


def _plain(value: Decimal) -> int | Decimal:
    return int(value) if value == value.to_integral_value() else value


def _fresh_id(known: set[str]) -> str:
    """Two branches of version control get different ones, too."""
    while (made := secrets.token_hex(4)) in known:
        pass
    return made


def _entry_of(kept: Correction) -> _Entry:
    fields = {name: getattr(kept, name) for name in (*_WHAT, *_WHO)}
    return "correction", fields | {"value": _plain(kept.value)}


def _withdrawal_of(given: str, taken: TakenBack) -> _Entry:
    return "withdrawal", {"id": given, "by": taken.by, "reason": taken.reason, "at": taken.at}


def _joined(path: Path, entries: Sequence[_Entry]) -> str:
    """The file with the entries behind what it has. UsageError: it is too large then."""
    parts = [_text(path).rstrip("\r\n") or _HEAD.rstrip()]
    for kind, fields in entries:
        there = {name: value for name, value in fields.items() if value is not None}
        parts.append(f"[[{kind}]]\n{tomli_w.dumps(there).rstrip()}")
    text = "\n\n".join(parts) + "\n"
    _parsed(text, path)
    return text


def _append(home: Path, entries: Sequence[_Entry]) -> None:
    # The file may be a link into a folder under version control.
    path = (home / CORRECTIONS_FILE).resolve()
    text = _joined(path, entries)
    with atomic_file(path) as fresh:
        if path.exists():
            fresh.chmod(path.stat().st_mode & 0o777)
        fresh.write_bytes(text.encode())


def _text(path: Path) -> str:
    check_given_file(path)
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
        return raw.decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as problem:
        raise UsageError(f"{path}: not UTF-8 at byte {problem.start}") from None
    except OSError as problem:
        raise UsageError(f"{path}: cannot be read: {problem.strerror}") from problem


def _parsed(text: str, path: Path) -> tuple[Correction, ...]:
    if len(text.encode()) > MOST_BYTES:
        raise UsageError(f"{path} is larger than {MOST_BYTES // 1_000_000} MB; take entries out")
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LONGEST_LINE:
            raise UsageError(f"{path}: line {number} has more than {LONGEST_LINE:,} characters")
        if _DOTTED.search(line):  # tomllib takes their square in time and memory
            raise UsageError(f"{path}: line {number} has a key of more than 50 parts")
    try:
        tables = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as problem:
        why = printable(str(problem))[:300]
        raise UsageError(f"{path}: not valid TOML: {why}") from None
    try:
        return _corrections(tables)
    except UsageError as problem:
        raise UsageError(f"{path}: {problem}") from None


def _corrections(tables: Mapping[str, Any]) -> tuple[Correction, ...]:
    for kind in tables:
        if kind not in _KINDS:
            near = did_you_mean(kind, _KINDS)
            raise UsageError(f"{printable(kind)[:40]!r} is no kind of entry{near}")
    found: dict[str, Correction] = {}
    for name, row in _entries(tables, "correction", (*_WHAT, *_WHO)):
        if row["id"] in found:
            raise UsageError(f"{name}: the id {row['id']} is given twice")
        found[row["id"]] = Correction(**{_MAY_LACK: None} | row)
    for name, row in _entries(tables, "withdrawal", _WHO):
        about = found.get(given := row.pop("id"))
        if about is None or about.taken_back is not None:
            raise UsageError(f"{name}: {given} is no correction that stands")
        found[given] = replace(about, taken_back=TakenBack(**row))
    return tuple(found.values())


def _entries(
    tables: Mapping[str, Any], kind: str, wanted: Sequence[str]
) -> Sequence[tuple[str, dict[str, Any]]]:
    """The checked entries of a kind, each with how errors name it."""
    rows = tables.get(kind, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UsageError(f"an entry begins with [[{kind}]]")
    return [(f"{kind} {number}", _checked(f"{kind} {number}", row, wanted))
            for number, row in enumerate(rows, 1)]  # fmt: skip


def _checked(name: str, row: Mapping[str, Any], wanted: Sequence[str]) -> dict[str, Any]:
    for key in row:
        if key not in wanted:
            near = did_you_mean(key, wanted)
            raise UsageError(f"{name}: there is no field {printable(key)[:40]!r}{near}")
    for key in wanted:
        if key not in row and key != _MAY_LACK:
            raise UsageError(f"{name}: `{key}` is missing")
    return {key: _field(name, key, value) for key, value in row.items()}


def _field(name: str, key: str, value: object) -> object:
    try:
        return _FIELDS.get(key, _word)(value)
    except ValueError as problem:
        raise UsageError(f"{name}: `{key}` must be {problem}") from None


def _word(value: object) -> str:
    if not isinstance(value, str) or len(value) > MAX_REASON:
        raise ValueError(f"text of at most {MAX_REASON:,} characters")
    return value


def _said(value: object) -> str:
    said = printable(_word(value))
    if not said:
        raise ValueError("some words")
    return said


def _identity(value: object) -> str:
    if not isinstance(value, str) or not _ID.match(value):
        raise ValueError("1 to 40 letters, digits, points or dashes in quotes")
    return value


def _value(value: object) -> Decimal:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not is_number or not _NUMBER.match(str(value)):
        raise ValueError("a number, not negative and without quotes")
    return Decimal(str(value))


def _instant(value: object) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError("a day and a time with its zone (2026-03-02T08:00:00Z)")
    return value.astimezone(UTC)


_FIELDS: Final[Mapping[str, Callable[[object], object]]] = {
    "id": _identity, "value": _value, "by": _said, "reason": _said, "at": _instant,
}  # fmt: skip
