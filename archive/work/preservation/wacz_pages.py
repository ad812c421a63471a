"""The pages of a bundle: what our reader made of them, as titles to choose from and text to search.

`pages.jsonl` has reports and articles, one line for each version that the bundle shows;
`extraPages.jsonl` has lists, attachments and the rest.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from archive.model.errors import MessageError, WarcError
from archive.model.outcome import Role
from archive.model.reading import Kind
from archive.reading.read import read
from archive.store.query.selection import ShownVersion
from archive.store.rows import CaptureRow
from archive.warc.folder import WarcFolder
from archive.warc.message import Limits, parse_response
from archive.warc.reader import read_block
from archive.warc.wacz.package import EXTRA_PAGES, PAGES, instant
from archive.warc.wacz.packing import Container, Entry
from archive.work.captured_page import source_of

_MAIN: Final = (Kind.REPORT, Kind.ARTICLE)
_MAX_READ_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """How many lines each list has. main_url, main_at: the newest report, else the first page; None
    where there is no page.
    """

    pages: int
    extra_pages: int
    main_url: str | None
    main_at: datetime | None


def put_pages(
    container: Container,
    versions: Iterable[ShownVersion],
    folder: Path,
    *,
    missing: AbstractSet[tuple[str, str]],
    uris: Mapping[tuple[str, str], str],
) -> Pages:
    """Writes both lists. missing: pages and times whose captures were left out. uris: the URL in
    the record where it is another one than the page's. folder: for a temporary file.
    """
    counts = [0, 0]
    first: ShownVersion | None = None
    later = folder / "extraPages.jsonl"
    with container.entry(PAGES, deflated=True) as entry, later.open("w+b") as extra:
        _begin(entry, "pages", "Pages")
        _begin(extra, "extraPages", "Lists and attachments")
        for version in versions:
            place = (version.key, f"{version.shown_at:%Y%m%d%H%M%S}")
            if place in missing:
                continue
            is_main = version.kind in _MAIN
            line = _line(version, uris.get(place, _url(version)))
            (entry if is_main else extra).write(line)
            counts[not is_main] += 1
            if is_main and (first is None or _rank(version) > _rank(first)):
                first = version
    if counts[1]:
        with container.entry(EXTRA_PAGES, deflated=True) as entry, later.open("rb") as extra:
            while piece := extra.read(1024 * 1024):
                entry.write(piece)
    return Pages(
        pages=counts[0],
        extra_pages=counts[1],
        main_url=_url(first) if first else None,
        main_at=first.shown_at if first else None,
    )


def unversioned(warc: WarcFolder, captures: Iterable[CaptureRow]) -> Iterator[ShownVersion]:
    """Pages that have no version, as the reader sees them now; what cannot be read has its URL for
    a title.
    """
    for capture in captures:
        reading = None
        if capture.size_bytes <= _MAX_READ_BYTES:
            with suppress(WarcError, MessageError):
                answer = parse_response(read_block(warc, capture.spot), limits=Limits())
                reading = read(source_of(answer, capture.url, Role.PAGE))
        yield ShownVersion(
            version_id=0, key=capture.url, url=capture.url, method=capture.method, kind=Kind.OTHER,
            title=reading.title if reading else None,
            text="\n".join(reading.lines) if reading else "",
            shown_at=capture.captured_at,
        )  # fmt: skip


def _begin(target: Entry | IO[bytes], list_id: str, title: str) -> None:
    head = {"format": "json-pages-1.0", "id": list_id, "title": title, "hasText": True}
    target.write(_json(head))


def _line(version: ShownVersion, url: str) -> bytes:
    at = instant(version.shown_at)
    page = {
        "id": hashlib.sha256(f"{at} {url}".encode()).hexdigest()[:22],
        "url": url,
        "ts": at,
        "title": version.title or url,
        "text": version.text,
        "kind": version.kind,
    }
    return _json(page)


def _url(version: ShownVersion) -> str:
    return version.url if version.method == "GET" else version.key


def _rank(version: ShownVersion) -> tuple[bool, datetime]:
    return version.kind == Kind.REPORT, version.shown_at


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
