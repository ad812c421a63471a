"""The catalogue: portals as rows of TOML files, shipped with Gongkai or kept in HOME/portals.toml.

A row is a table whose name is the portal's key:

    [chongchuan]
    name = "南通市崇川区"
    entries = ["http://www.example.gov.cn/nb/"]

archive.model.portal defines the fields of a row and what they may hold. A user's row replaces a
shipped one of the same key. A row that cannot be used stops the work: CatalogueError names file,
row, field.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING
from importlib import resources
from pathlib import Path
from typing import Any

from archive.model.errors import CatalogueError, UsageError, did_you_mean
from archive.model.portal import ROW_FIELDS, Portal
from archive.work.home import USER_FILE

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_MAX_FILE_BYTES = 32 * 1024 * 1024


def load_catalogue(home: Path | None) -> list[Portal]:
    """Shipped rows, then the user's of HOME/portals.toml; [] entries never occur.

    home: None leaves the user's rows out. CatalogueError: a file or row that cannot be used, or
    one entry URL under two keys.
    """
    rows = {portal.key: portal for portal in shipped_portals()}
    if home is not None:
        rows |= {portal.key: portal for portal in user_portals(home)}
    portals = list(rows.values())
    refuse_shared_entries(portals)
    return portals


def catalogue_keys(home: Path) -> frozenset[str] | None:
    """The keys of the catalogue; None where it cannot be used, as commands that need it say."""
    try:
        return frozenset(portal.key for portal in load_catalogue(home))
    except CatalogueError:
        return None


def shipped_portals() -> list[Portal]:
    """The rows that come with Gongkai (settings/portals/*.toml), in file order."""
    folder = resources.files("settings") / "portals"
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".toml")),
                   key=lambda item: item.name)  # fmt: skip
    portals: list[Portal] = []
    for item in files:
        portals += portals_of(item.read_text("utf-8"), file=item.name, source="shipped")
    _refuse_shared_keys(portals)
    return portals


def user_portals(home: Path) -> list[Portal]:
    """The rows of HOME/portals.toml; [] when there is no such file."""
    return portals_of(user_text(home), file=str(home / USER_FILE), source="user")


def user_text(home: Path) -> str:
    """HOME/portals.toml as written, comments and all; "" when there is none."""
    path = home / USER_FILE
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise CatalogueError(f"{path}: larger than {_MAX_FILE_BYTES:,} bytes")
        return path.read_text("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except UnicodeDecodeError as problem:
        raise CatalogueError(
            f"{path}: not UTF-8 (byte {problem.start}); save it as UTF-8"
        ) from None
    except OSError as problem:
        raise CatalogueError(f"{path}: cannot be read: {problem.strerror}") from None


def portals_of(text: str, *, file: str, source: str) -> list[Portal]:
    """The rows of one TOML text. `file` is how errors name it."""
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        raise CatalogueError(f"{file}: not valid TOML: {problem}") from None
    return [_portal(key, row, file, source) for key, row in tables.items()]


def find_portal(portals: Iterable[Portal], key: str) -> Portal:
    """The portal with that key; UsageError names the nearest keys when there is none."""
    by_key = {portal.key: portal for portal in portals}
    if key in by_key:
        return by_key[key]
    hint = did_you_mean(key, by_key) or "; see gongkai portals list"
    raise UsageError(f"no portal has the key {key!r}{hint}")


def portal_rows(portals: Iterable[Portal]) -> Iterator[dict[str, object]]:
    """Portals as rows of a table, in the columns that `portals list` prints."""
    for portal in portals:
        row = {name: getattr(portal, name) for name in ("key", *ROW_FIELDS, "source")}
        yield row | {"entries": list(portal.entries)}


def _portal(key: str, row: object, file: str, source: str) -> Portal:
    if not isinstance(row, dict):
        raise CatalogueError(f"{file}: {key} stands outside a row; a row begins with [key]")
    if not _KEY.fullmatch(key):
        raise CatalogueError(f"{file}: [{key}] key: letters, digits, - and _, at most 64")
    for name in row:
        if name not in ROW_FIELDS:
            known = ", ".join(sorted(ROW_FIELDS))
            raise CatalogueError(f"{file}: [{key}] {name}: unknown; known are {known}")
    values: dict[str, Any] = {}
    for name, field in ROW_FIELDS.items():
        if name in row or field.default is MISSING:
            try:
                values[name] = field.metadata["check"](row.get(name))
            except ValueError as problem:
                raise CatalogueError(f"{file}: [{key}] {name}: {problem}") from None
    return Portal(key=key, source=source, **values)


def _refuse_shared_keys(portals: Sequence[Portal]) -> None:
    seen: set[str] = set()
    for portal in portals:
        if portal.key in seen:
            raise CatalogueError(f"settings/portals: two rows have the key [{portal.key}]")
        seen.add(portal.key)


def refuse_shared_entries(portals: Iterable[Portal]) -> None:
    """CatalogueError when one entry URL stands under two keys."""
    owner: dict[str, str] = {}
    for portal in portals:
        for entry in portal.entries:
            other = owner.setdefault(entry, portal.key)
            if other != portal.key:
                raise CatalogueError(f"[{portal.key}] entries: {entry} is also in [{other}]")
