"""What a page was over time: its versions, captures, outcomes and changed fields."""

from collections.abc import Iterator

from sqlalchemy import Connection, func, select, tuple_

from archive.model.frontier import WarcSpot
from archive.model.url import key_of
from archive.store.rows import CaptureRow, FieldEvent, OutcomeRow, VersionRow
from archive.store.schema import (
    body,
    capture,
    capture_source,
    field_event,
    outcome,
    page,
    version,
    warc_file,
)
from archive.store.types import NamedRow, Query

_BATCH = 1_000
# Columns that the records of rows.py have too, under the same name.
_OF_VERSION = (
    "page_id", "number", "content_hash", "captured_at", "capture_id", "title", "kind",
    "report_year", "official", "reader_version", "family",
)  # fmt: skip
_OF_OUTCOME = ("run_id", "page_id", "outcome", "reason", "capture_id", "at")

_BY_TIME = (version.c.captured_at, version.c.number)
_earlier = version.alias("earlier")
_request_file = warc_file.alias("request_file")
_original = capture.alias("original")
_original_file = warc_file.alias("original_file")


def versions(connection: Connection, url: str) -> list[VersionRow]:
    """Every version of the page with that key (a GET page's key is its URL), oldest first: an
    import brings versions that are older than those with lower numbers.
    """
    query = _versions().where(page.c.key == key_of(url)).order_by(*_BY_TIME)
    return [VersionRow(**row) for row in connection.execute(query).mappings()]


def latest_version(connection: Connection, url: str) -> VersionRow | None:
    """The page's latest version; None when there is none."""
    query = _versions().where(page.c.key == key_of(url), version.c.number == page.c.versions)
    row = connection.execute(query).mappings().first()
    return VersionRow(**row) if row else None


def captures_at(connection: Connection, url: str) -> list[CaptureRow]:
    """Every capture of the page with that key, oldest first."""
    query = captures_query().where(page.c.key == key_of(url))
    return [capture_of(row) for row in connection.execute(query)]


def committed_captures(connection: Connection, file: str | None = None) -> Iterator[CaptureRow]:
    """Every capture, by WARC file and offset, a thousand at a time; those of one WARC file where it
    is named.
    """
    place = (capture.c.warc_file_id, capture.c.warc_offset)
    query = captures_query().order_by(None).order_by(*place).limit(_BATCH)
    if file is not None:
        its_id = select(warc_file.c.id).where(warc_file.c.name == file).scalar_subquery()
        query = query.where(capture.c.warc_file_id == its_id)
    last = (-1, -1)
    while rows := connection.execute(query.where(tuple_(*place) > last)).all():
        yield from (capture_of(row) for row in rows)
        last = (rows[-1].warc_file_id, rows[-1].warc_offset)


def outcomes(connection: Connection, url: str) -> list[OutcomeRow]:
    """How every visit of the page with that key ended, oldest first."""
    rows = connection.execute(
        select(page.c.key.label("url"), *(outcome.c[name] for name in _OF_OUTCOME))
        .join(page, page.c.id == outcome.c.page_id)
        .where(page.c.key == key_of(url))
        .order_by(outcome.c.run_id)
    )
    return [OutcomeRow(**row) for row in rows.mappings()]


def field_events(connection: Connection, url: str) -> list[FieldEvent]:
    """Header fields of the page that changed while its content stayed, oldest first."""
    columns = [field_event.c[name] for name in FieldEvent.__dataclass_fields__]
    rows = connection.execute(
        select(*columns)
        .join(page, page.c.id == field_event.c.page_id)
        .where(page.c.key == key_of(url))
        .order_by(field_event.c.id)
    )
    return [FieldEvent(**row) for row in rows.mappings()]


def _versions() -> Query:
    return (
        select(
            version.c.id.label("version_id"),
            page.c.key.label("url"),
            page.c.portal_key,
            body.c.text,
            _earlier.c.number.label("supersedes"),
            *(version.c[name] for name in _OF_VERSION),
        )
        .join(page, page.c.id == version.c.page_id)
        .join(body, body.c.hash == version.c.body_hash)
        .outerjoin(_earlier, _earlier.c.id == version.c.supersedes)
    )


def captures_query() -> Query:
    """Every capture with its page, by key and time; `capture_of` reads a row of it."""
    return (
        select(
            capture,
            page.c.key,
            page.c.method,
            page.c.body,
            warc_file.c.name.label("file"),
            _request_file.c.name.label("request_file"),
            _original.c.warc_offset.label("original_offset"),
            _original.c.warc_length.label("original_length"),
            _original.c.captured_at.label("original_at"),
            _original_file.c.name.label("original_file"),
            func.coalesce(outcome.c.outcome, capture_source.c.outcome).label("outcome"),
        )
        .join(page, page.c.id == capture.c.page_id)
        .join(warc_file, warc_file.c.id == capture.c.warc_file_id)
        .outerjoin(_request_file, _request_file.c.id == capture.c.request_file_id)
        .outerjoin(_original, _original.c.id == capture.c.refers_to)
        .outerjoin(_original_file, _original_file.c.id == _original.c.warc_file_id)
        .outerjoin(outcome, outcome.c.capture_id == capture.c.id)
        .outerjoin(capture_source, capture_source.c.capture_id == capture.c.id)
        .order_by(page.c.key, capture.c.captured_at, capture.c.id)
    )


def capture_of(row: NamedRow) -> CaptureRow:
    """A row of `captures_query`."""
    return CaptureRow(
        capture_id=row.id,
        page_id=row.page_id,
        run_id=row.run_id,
        url=row.key,
        method=row.method,
        body=row.body,
        captured_at=row.captured_at,
        status=row.status,
        media_type=row.media_type,
        payload_digest=row.payload_digest,
        body_digest=row.body_digest,
        size_bytes=row.size_bytes,
        spot=WarcSpot(file=row.file, offset=row.warc_offset, length=row.warc_length),
        request_spot=_spot(row.request_file, row.request_offset, row.request_length),
        record_id=row.record_id,
        record_type=row.record_type,
        truncated=row.truncated,
        refers_to=row.refers_to,
        refers_to_spot=_spot(row.original_file, row.original_offset, row.original_length),
        refers_to_at=row.original_at,
        outcome=row.outcome,
    )


def _spot(file: str | None, offset: int | None, length: int | None) -> WarcSpot | None:
    if file is None or offset is None or length is None:
        return None
    return WarcSpot(file=file, offset=offset, length=length)
