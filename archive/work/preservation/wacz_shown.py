"""What the pages of a bundle need to look as they did: the style sheets and images that they show,
as captured nearest to each page's own capture, and where redirects lead.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice
from typing import Final

from archive.model.errors import MessageError, WarcError
from archive.model.outcome import Role
from archive.model.url import key_of, resolve
from archive.reading.requisites import requisites_of
from archive.store import Connection
from archive.store.query.selection import nearest_captures
from archive.store.rows import CaptureRow
from archive.warc.folder import WarcFolder
from archive.warc.message import Limits, parse_response
from archive.warc.reader import read_block
from archive.work.captured_page import source_of

# A redirect, a page, its style sheet, the one imported there, its images: a crawl goes no deeper.
_MAX_STEPS: Final = 5
_AT_ONCE: Final = 200
_MAX_READ_BYTES: Final = 4 * 1024 * 1024
_SHEET: Final = "text/css"
_LEAF_TYPES: Final = ("image/", "application/", "font/")


def shown_captures(
    connection: Connection,
    warc: WarcFolder,
    captures: Iterable[CaptureRow],
    on_capture: Callable[[], None],
) -> frozenset[int]:
    """Ids of the captures that belong to these pages, which come page by page. What cannot be read
    names nothing. on_capture: called for each of `captures`.
    """
    found: set[int] = set()
    named = _Named(warc)
    for step in range(_MAX_STEPS):
        further: list[CaptureRow] = []
        left = iter(captures)
        while some := list(islice(left, _AT_ONCE)):
            wanted: dict[str, set[datetime]] = {}
            for capture in some:
                for url in named.by(capture):
                    wanted.setdefault(key_of(url), set()).add(capture.captured_at)
                if step == 0:
                    on_capture()
            for each in nearest_captures(connection, wanted):
                if each.capture_id not in found:
                    found.add(each.capture_id)
                    if not (each.media_type or "").startswith(_LEAF_TYPES):
                        further.append(each)
        captures = further
    return frozenset(found)


class _Named:
    """The URLs that captures name. A page's visits mostly repeat one answer, which is read once."""

    def __init__(self, warc: WarcFolder) -> None:
        self._warc = warc
        self._last: tuple[int, tuple[str, ...]] = (0, ())

    def by(self, capture: CaptureRow) -> tuple[str, ...]:
        """What one names; () for one that cannot be read."""
        is_revisit = capture.record_type == "revisit"
        answer_id = (is_revisit and capture.refers_to) or capture.capture_id
        if self._last[0] != answer_id:
            self._last = (answer_id, self._read(capture))
        return self._last[1]

    def _read(self, capture: CaptureRow) -> tuple[str, ...]:
        spot = capture.refers_to_spot if capture.record_type == "revisit" else capture.spot
        if spot is None or capture.size_bytes > _MAX_READ_BYTES:
            return ()
        try:
            answer = parse_response(read_block(self._warc, spot), limits=Limits())
            if 300 <= answer.status < 400:
                url = resolve(capture.url, answer.location or "")
                return () if url is None else (url,)
            role = Role.REQUISITE if answer.media_type == _SHEET else Role.PAGE
            return requisites_of(source_of(answer, capture.url, role))
        except (WarcError, MessageError):
            return ()
