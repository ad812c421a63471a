"""The catalogue: portals as rows of TOML files, shipped with Gongkai or kept in HOME/portals.toml.

A row is a table whose name is the portal's key:

    [chongchuan]
    name = "南通市崇川区"
    entries = ["http://www.example.gov.cn/nb/"]

Optional: division (six digits), family, and how to treat its hosts: delay_s, concurrency,
platform, hours, max_pages, max_lists, max_size_mb, tls, agent, allow_private (archive.model.portal
says what they mean). A user's row replaces a shipped one of the same key. A row that cannot be used
stops the work: CatalogueError names file, row, field.
"""

import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path

from archive.model.errors import CatalogueError, UsageError, did_you_mean
from archive.model.portal import Portal
from archive.model.url import canonical
from archive.work.home import USER_FILE

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_DIVISION = re.compile(r"[0-9]{6}")
_FAMILY = re.compile(r"[a-z][a-z0-9_]{0,31}")
_PLATFORM = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
_HOURS = re.compile(f"(?P<opens>{_CLOCK})-(?!(?P=opens)$){_CLOCK}")
_TLS = re.compile("legacy|none")
_AGENT = re.compile("mobile")
_FIELDS = {
    "name", "entries", "division", "family", "delay_s", "concurrency", "platform", "hours",
    "max_pages", "max_lists", "max_size_mb", "tls", "agent", "allow_private",
}  # fmt: skip
_MAX_FILE_BYTES = 32 * 1024 * 1024
_MAX_ENTRIES = 200
_MAX_DELAY_S = 86_400
_MAX_CONCURRENCY = 16
_MAX_PAGES = 1_000_000
_MAX_SIZE_MB = 500  # what a WARC record can be read back from


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
        yield {
            "key": portal.key, "name": portal.name, "family": portal.family,
            "division": portal.division, "source": portal.source, "delay_s": portal.delay_s,
            "concurrency": portal.concurrency, "platform": portal.platform,
            "hours": portal.hours, "max_pages": portal.max_pages,
            "max_lists": portal.max_lists, "max_size_mb": portal.max_size_mb,
            "tls": portal.tls, "agent": portal.agent,
            "allow_private": portal.allow_private,
            "entries": list(portal.entries),
        }  # fmt: skip


class _Row:
    """One table of a catalogue file, taken apart with errors that say where."""

    def __init__(self, key: str, fields: Mapping[str, object], file: str) -> None:
        self._where = f"{file}: [{key}]"
        self._fields = fields

    def wrong(self, field: str, why: str) -> CatalogueError:
        return CatalogueError(f"{self._where} {field}: {why}")

    def refuse_unknown(self) -> None:
        for field in self._fields:
            if field not in _FIELDS:
                raise self.wrong(field, f"unknown; known are {', '.join(sorted(_FIELDS))}")

    def name(self) -> str:
        name = self._fields.get("name")
        if not isinstance(name, str) or not name.strip() or len(name) > 200:
            raise self.wrong("name", "must be text of 1 to 200 characters")
        return name.strip()

    def entries(self) -> tuple[str, ...]:
        given = self._fields.get("entries")
        if not isinstance(given, list) or not 1 <= len(given) <= _MAX_ENTRIES:
            raise self.wrong("entries", f"must be a list of 1 to {_MAX_ENTRIES} URLs")
        return tuple(dict.fromkeys(self._url(item) for item in given))

    def _url(self, given: object) -> str:
        url = canonical(given) if isinstance(given, str) else None
        if url is None:
            raise self.wrong("entries", f"{given!r} is not an http(s) URL")
        return url

    def matching(self, field: str, pattern: re.Pattern[str], what: str) -> str | None:
        value = self._fields.get(field)
        if value is None:
            return None
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise self.wrong(field, f"{value!r} is not {what}")
        return value

    def delay_s(self) -> float | None:
        value = self._fields.get("delay_s")
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong("delay_s", "must be a number of seconds")
        if not math.isfinite(value) or not 0 <= value <= _MAX_DELAY_S:
            raise self.wrong("delay_s", f"must be 0 to {_MAX_DELAY_S} seconds")
        return float(value)

    def count(self, field: str, most: int) -> int | None:
        value = self._fields.get(field)
        if value is None:
            return None
        if type(value) is not int or not 1 <= value <= most:
            raise self.wrong(field, f"must be a whole number, 1 to {most}")
        return value

    def flag(self, field: str) -> bool:
        value = self._fields.get(field, False)
        if not isinstance(value, bool):
            raise self.wrong(field, "must be true or false")
        return value


def _portal(key: str, fields: object, file: str, source: str) -> Portal:
    if not isinstance(fields, dict):
        raise CatalogueError(f"{file}: {key} stands outside a row; a row begins with [key]")
    if not _KEY.fullmatch(key):
        raise CatalogueError(f"{file}: [{key}] key: letters, digits, - and _, at most 64")
    row = _Row(key, fields, file)
    row.refuse_unknown()
    return Portal(
        key=key,
        name=row.name(),
        entries=row.entries(),
        division=row.matching("division", _DIVISION, "a code of six digits (GB/T 2260)"),
        family=row.matching("family", _FAMILY, "the name of a CMS family"),
        delay_s=row.delay_s(),
        concurrency=row.count("concurrency", _MAX_CONCURRENCY),
        platform=row.matching("platform", _PLATFORM, "a key: small letters, digits and -"),
        hours=row.matching("hours", _HOURS, 'a window of China\'s time such as "22:00-06:00"'),
        max_pages=row.count("max_pages", _MAX_PAGES),
        max_lists=row.count("max_lists", _MAX_PAGES),
        max_size_mb=row.count("max_size_mb", _MAX_SIZE_MB),
        tls=row.matching("tls", _TLS, '"legacy" or "none"'),
        agent=row.matching("agent", _AGENT, '"mobile"'),
        allow_private=row.flag("allow_private"),
        source=source,
    )


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
