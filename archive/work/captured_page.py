"""The newest capture of a URL, as a page that can be read again."""

from archive.model.outcome import Role
from archive.model.reading import Source
from archive.store import Store
from archive.store.query.history import captures_at
from archive.store.rows import CaptureRow
from archive.warc.disposition import file_name
from archive.warc.folder import WarcFolder
from archive.warc.message import Limits, Response, parse_response
from archive.warc.reader import read_block


def captured(store: Store, warc: WarcFolder, url: str) -> Source | None:
    """The newest page captured at a URL, ready to be read; None when there is none.
    DamageError: its record cannot be read.
    """
    capture = latest_capture(store, url)
    if capture is None or capture.status != 200:
        return None
    answer = parse_response(read_block(warc, capture.spot), limits=Limits())
    return source_of(answer, url, Role.PAGE)


def source_of(answer: Response, url: str, role: Role) -> Source:
    """An answer as the reader takes it."""
    return Source(
        url=url,
        body=answer.entity().body,
        media_type=answer.media_type,
        charset=answer.charset,
        file_name=file_name(answer.header("content-disposition")),
        role=role,
        refresh=answer.refresh,
    )


def latest_capture(store: Store, url: str) -> CaptureRow | None:
    """The newest capture with an answer's body, or a redirect; None when there is none."""
    with store.read() as connection:
        captures = captures_at(connection, url)
    telling = [
        each
        for each in captures
        if each.record_type != "revisit" and (each.status == 200 or 300 <= each.status < 400)
        and each.status != 304
    ]  # fmt: skip
    return max(telling, key=lambda each: each.captured_at, default=None)
