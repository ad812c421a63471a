"""The first transaction: captures that lie safely in their WARC files, and how far those reach."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import Connection, select

from archive.model.errors import CannotRunError
from archive.model.frontier import NewCapture, StoredCapture
from archive.store.dialects import fresh_ids, insert_into, insert_rows, update_rows
from archive.store.frontier.hosts import visited
from archive.store.schema import archive, capture, frontier, warc_file
from archive.store.types import Values

# Columns of a capture that NewCapture has too, under the same name.
_SAME = (
    "page_id", "run_id", "captured_at", "status", "media_type", "payload_digest", "body_digest",
    "size_bytes", "record_id", "record_type", "truncated", "etag", "last_modified", "refers_to",
    "host", "elapsed_s",
)  # fmt: skip


def keep(
    connection: Connection, captures: Sequence[NewCapture], ends: Mapping[str, int]
) -> list[StoredCapture]:
    """The first transaction, a batch in one commit: captures, the committed ends of their WARC
    files (`ends`, bytes by file name), leases to kept, hosts visited. Call it after the fsync.
    CannotRunError when the run holds no lease on one of the pages.
    """
    spots = [spot for each in captures for spot in (each.spot, each.request_spot) if spot]
    files = file_ids(connection, ends, {spot.file for spot in spots})
    if not captures:
        return []
    capture_ids = fresh_ids(connection, capture, len(captures))
    rows = [capture_row(each, files) for each in captures]
    insert_rows(
        connection,
        capture,
        ("id", *rows[0]),
        ((number, *row.values()) for number, row in zip(capture_ids, rows, strict=True)),
    )
    _move_to_kept(connection, captures, capture_ids)
    # The pause of a host runs from the end of the last exchange, over restarts too.
    ends_at = (
        (each.host, each.captured_at + timedelta(seconds=each.elapsed_s)) for each in captures
    )
    visited(connection, ends_at)
    return [_kept(each, number) for each, number in zip(captures, capture_ids, strict=True)]


def archive_id(connection: Connection) -> str:
    """The id that was made with the ledger. CannotRunError when it is not there."""
    found = connection.scalar(select(archive.c.id))
    if found is None:
        raise CannotRunError("the ledger has lost its id; restore it from a backup")
    return str(found)


def payload_digests(connection: Connection, page_id: int, run_id: int) -> list[str | None]:
    """Of a page's exchanges in one run, oldest first; None where no body came."""
    return list(
        connection.scalars(
            select(capture.c.payload_digest)
            .where(capture.c.page_id == page_id, capture.c.run_id == run_id)
            .where(capture.c.record_type != "resource")
            .order_by(capture.c.id)
        )
    )


def committed_ends(connection: Connection) -> dict[str, int]:
    """How far every WARC file is committed, in bytes, by name."""
    rows = connection.execute(select(warc_file.c.name, warc_file.c.committed_end))
    return dict(rows.all())


def committed_end(connection: Connection, name: str) -> int:
    """How far one WARC file is committed, in bytes; 0 for one that the ledger does not know."""
    query = select(warc_file.c.committed_end).where(warc_file.c.name == name)
    return connection.scalar(query) or 0


def file_ids(
    connection: Connection, ends: Mapping[str, int], mentioned: Iterable[str]
) -> dict[str, int]:
    """Ids of the WARC files by name, with how far they are committed noted first. CannotRunError
    for a file that nobody knows.
    """
    for name, end in ends.items():
        _note_end(connection, name, end)
    names = {*mentioned, *ends}
    rows = connection.execute(
        select(warc_file.c.name, warc_file.c.id).where(warc_file.c.name.in_(names))
    )
    known = dict(rows.all())
    if missing := names - set(known):
        raise CannotRunError(f"no committed end was given for {', '.join(sorted(missing))}")
    return known


def _note_end(connection: Connection, name: str, end: int) -> None:
    """How far a WARC file is committed; an end never shrinks."""
    statement = insert_into(connection, warc_file).values(name=name, committed_end=end)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[warc_file.c.name],
            set_={"committed_end": statement.excluded.committed_end},
            where=warc_file.c.committed_end < statement.excluded.committed_end,
        )
    )


def capture_row(each: NewCapture, files: Mapping[str, int]) -> Values:
    """The row of a capture. files: ids of WARC files by name."""
    request = each.request_spot
    row: Values = {name: getattr(each, name) for name in _SAME}
    return row | {
        "warc_file_id": files[each.spot.file],
        "warc_offset": each.spot.offset,
        "warc_length": each.spot.length,
        "request_file_id": files[request.file] if request else None,
        "request_offset": request.offset if request else None,
        "request_length": request.length if request else None,
    }


def _move_to_kept(
    connection: Connection, captures: Sequence[NewCapture], capture_ids: Sequence[int]
) -> None:
    """A page may be captured twice under one lease (a rendered document beside the exchange):
    the later capture is the one to read.
    """
    last = {each.page_id: number for each, number in zip(captures, capture_ids, strict=True)}
    held = connection.scalars(
        select(frontier.c.page_id)
        .where(frontier.c.page_id.in_(last), frontier.c.state != "pending")
        .where(frontier.c.run_id == captures[0].run_id)
    )
    if foreign := set(last) - set(held):
        raise CannotRunError(f"pages {sorted(foreign)} are not leased by run {captures[0].run_id}")
    rows = (("kept", number, page_id) for page_id, number in last.items())
    update_rows(connection, frontier, ("state", "capture_id"), rows, key="page_id")


def _kept(each: NewCapture, capture_id: int) -> StoredCapture:
    return StoredCapture(
        capture_id=capture_id,
        spot=each.spot,
        status=each.status,
        captured_at=each.captured_at,
        record_type=each.record_type,
        payload_digest=each.payload_digest,
        truncated=each.truncated,
        record_id=each.record_id,
    )
