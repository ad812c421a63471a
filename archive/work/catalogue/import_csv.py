"""Takes a list of portals (CSV made by others) into HOME/portals.toml.

Known columns: a name (or place path) and a URL; optional division, family. Keys are made
from the host (www.chengcheng.gov.cn -> chengcheng), so that they can be read and typed.
"""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import tomli_w

from archive.model.errors import CannotRunError, CatalogueError
from archive.model.portal import ROW_FIELDS, Portal
from archive.model.url import canonical
from archive.work.atomic_file import atomic_file
from archive.work.attribution import portal_body
from archive.work.catalogue.load import (
    load_catalogue,
    portals_of,
    refuse_shared_entries,
    user_text,
)
from archive.work.given_file import check_given_file
from archive.work.home import USER_FILE

_SUFFIXES = re.compile(r"(\.gov\.cn|\.com\.cn|\.org\.cn|\.net\.cn|\.cn|\.com|\.org|\.net)$")
_NOT_IN_KEYS = re.compile(r"[^a-z0-9]+")
_LIST_OF_ONE = re.compile(r"^(\w+ = \[)\n    (.+),\n\]$", re.MULTILINE)  # stands on one line
_MAX_BYTES = 64 * 1024 * 1024
_MAX_ROWS = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A line of the list that was left out. line: 1-based line of the file."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did. repeated: lines whose URL the catalogue or an earlier line has."""

    added: tuple[Portal, ...]
    repeated: tuple[Refusal, ...]
    refused: tuple[Refusal, ...]

    @property
    def known(self) -> int:
        """How many lines named what was known already."""
        return len(self.repeated)


def import_portals(path: Path, home: Path) -> Imported:
    """Adds the portals of a CSV file to HOME/portals.toml, in one step or not at all.

    Rows without a usable name and URL are refused one by one, with their line. Importing the
    same list again adds nothing. CatalogueError: the file is no such list.
    """
    catalogue = load_catalogue(home)
    keys = {portal.key for portal in catalogue}
    owners = {entry: portal.key for portal in catalogue for entry in portal.entries}
    added: list[Portal] = []
    refused: list[Refusal] = []
    repeated: list[Refusal] = []
    for line, row in _rows(path):
        portal = _portal(row, keys)
        if isinstance(portal, str):
            refused.append(Refusal(line=line, reason=portal))
        elif portal.entries[0] in owners:
            entry = portal.entries[0]
            reason = f"{portal.name}: {entry} is in the catalogue as {owners[entry]}"
            repeated.append(Refusal(line=line, reason=reason))
        else:
            keys.add(portal.key)
            owners[portal.entries[0]] = portal.key
            added.append(portal)
    if added:
        add_portals(home, added)
    return Imported(added=tuple(added), repeated=tuple(repeated), refused=tuple(refused))


def add_portals(home: Path, portals: Sequence[Portal]) -> None:
    """Appends rows to HOME/portals.toml, keeping what stands there, comments and all.

    The file is replaced atomically, and only by a text that reads back as a valid catalogue.
    CatalogueError: a key or an entry URL that the catalogue has already.
    """
    path = home / USER_FILE
    before = user_text(home)
    text = before + "".join(f"\n{block}" for block in map(toml_row, portals))
    rows = portals_of(text.lstrip("\n"), file=str(path), source="user")
    refuse_shared_entries([*_others(home, rows), *rows])
    write_rows(path, text.lstrip("\n"))


def toml_row(portal: Portal) -> str:
    """A portal as a catalogue row.

    >>> print(toml_row(Portal(key="x", name="某县", entries=("http://x.gov.cn/",))), end="")
    [x]
    name = "某县"
    entries = ["http://x.gov.cn/"]
    """
    row = {name: getattr(portal, name) for name in ROW_FIELDS}
    unset = {name for name, field in ROW_FIELDS.items() if row[name] == field.default}
    text = tomli_w.dumps({portal.key: {name: row[name] for name in row if name not in unset}})
    return _LIST_OF_ONE.sub(r"\1\2]", text)


def readable_key(url: str, taken: Iterable[str] = ()) -> str:
    """A key made from a URL that is not among `taken`.

    >>> readable_key("https://www.chengcheng.gov.cn/")
    'chengcheng'
    >>> readable_key("http://127.0.0.1:8000/trs/", {"127-0-0-1-8000-trs"})
    '127-0-0-1-8000-trs-2'
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    port = f"-{parts.port}" if parts.port else ""
    words = f"{_SUFFIXES.sub('', host)}{port}-{'-'.join(parts.path.split('/')[:3])}"
    stem = _NOT_IN_KEYS.sub("-", words.lower()).strip("-")[:56] or "portal"
    taken, key, turn = set(taken), stem, 1
    while key in taken:
        turn += 1
        key = f"{stem}-{turn}"
    return key


def _others(home: Path, rows: Sequence[Portal]) -> list[Portal]:
    """The shipped rows that no row of the user's replaces."""
    mine = {portal.key for portal in rows}
    return [
        portal
        for portal in load_catalogue(home)
        if portal.source == "shipped" and portal.key not in mine
    ]


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    text = _decoded(path)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        heads = [head.strip().lower() for head in next(reader, [])]
        if not _column(heads, "name") or not _column(heads, "entries"):
            raise CatalogueError(
                f"{path}: needs a column `name` (or place) and a column `url`; it has: "
                f"{', '.join(heads) or 'nothing'}"
            )
        for count, cells in enumerate(reader):
            if count >= _MAX_ROWS:
                raise CatalogueError(f"{path}: more than {_MAX_ROWS:,} rows")
            if any(cell.strip() for cell in cells):
                yield reader.line_num, dict(zip(heads, cells, strict=False))
    except csv.Error as problem:
        raise CatalogueError(f"{path}: line {reader.line_num}: {problem}") from None


def _decoded(path: Path) -> str:
    """UTF-8 with or without mark, else GB 18030, in which Chinese spreadsheets save CSV."""
    check_given_file(path)
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise CatalogueError(f"{path}: larger than {_MAX_BYTES:,} bytes")
        raw = path.read_bytes()
    except OSError as problem:
        raise CatalogueError(f"{path}: cannot be read: {problem.strerror}") from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CatalogueError(f"{path}: neither UTF-8 nor GB 18030; save it as UTF-8")


def _column(heads: Collection[str], field: str) -> str | None:
    known = ROW_FIELDS[field].metadata["headings"]
    return next((name for name in known if name in heads), None)


def _portal(row: Mapping[str, str], taken: set[str]) -> Portal | str:
    """The portal of one line, or why there is none. Its name gives its place where no column
    gives the code (江苏省/南通市/崇川区).
    """
    name, printed = _cell(row, "name"), _cell(row, "entries")
    if not name:
        return "no name"
    if not printed:
        return f"{name}: no URL"
    url = canonical(printed if "://" in printed else f"http://{printed}")
    if url is None:
        return f"{name}: {printed!r} is not an http(s) URL"
    portal = Portal(key="x", name=name, entries=(url,), division=_division(row),
                    family=_cell(row, "family") or None, source="user")  # fmt: skip
    try:
        portals_of(toml_row(portal), file="", source="user")
    except CatalogueError as problem:
        return f"{name}: {str(problem).removeprefix(': [x] ')}"
    body = portal_body(portal)
    division = portal.division or (body.division if body else None)
    return replace(portal, key=readable_key(url, taken), division=division)


def _division(row: Mapping[str, str]) -> str | None:
    code = _cell(row, "division")
    return code[:6] if re.fullmatch(r"[0-9]{6}([0-9]{6})?", code) else None


def _cell(row: Mapping[str, str], field: str) -> str:
    column = _column(row, field)
    return row[column].strip() if column else ""


def write_rows(path: Path, text: str) -> None:
    """Replaces HOME/portals.toml in one step. CannotRunError: it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise CannotRunError(f"{path.parent}: cannot be made: {problem.strerror}") from None
    with atomic_file(path) as fresh:
        fresh.write_text(text, "utf-8")
