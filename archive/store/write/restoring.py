"""A ledger is made again: the rows that runs wrote down, joined with the records found."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from archive.model.url import host_of
from archive.store.dialects import insert_into
from archive.store.frontier.runs import CRASHED
from archive.store.schema import (
    capture,
    capture_source,
    field_event,
    finding,
    frontier,
    host,
    outcome,
    page,
    portal,
    public_body,
    run,
    run_portal,
    source,
    warc_file,
    withdrawal,
)
from archive.store.types import Instant, NamedRow, Values
from archive.store.write.found import (
    FROM_RECORD,
    capture_ids,
    found_body,
    found_record,
    found_version,
    records_of,
)

Row = Mapping[str, Any]


def restore_newest(connection: Connection, kind: str, rows: Sequence[Row]) -> None:
    """Restores portals, runs, hosts, public bodies, sources, pages or withdrawals. Called with what
    was written down last first: what is there stays.
    """
    table = NEWEST[kind]
    values = [_typed(table, row) for row in rows]
    if table is run:
        values = [_as_run(each) for each in values]
    elif table is page:
        _make_portals(connection, {str(each["portal_key"]) for each in values})
        _note_bodies(connection, rows)
    connection.execute(insert_into(connection, table).on_conflict_do_nothing(), values)


def restore_in_order(connection: Connection, run_id: int, kind: str, rows: Sequence[Row]) -> int:
    """Restores captures and what refers to them, or takes note of versions. Called with what was
    written down first, first. How many of the rows name a capture whose record was not found.
    """
    return IN_ORDER[kind](connection, run_id, rows)


def _restore_captures(connection: Connection, run_id: int, rows: Sequence[Row]) -> int:
    found = records_of(connection, [row["record_id"] for row in rows])
    files = dict(connection.execute(select(warc_file.c.name, warc_file.c.id)).all())
    known = [(row, found[row["record_id"]]) for row in rows if row["record_id"] in found]
    if not known:
        return len(rows)
    values = [_capture_values(run_id, row, record, files) for row, record in known]
    connection.execute(insert_into(connection, capture).on_conflict_do_nothing(), values)
    made = update(found_record).where(found_record.c.record_id == bindparam("record"))
    connection.execute(
        made.values(capture_id=bindparam("made"), repeats=bindparam("repeated")),
        [
            {"record": row["record_id"], "made": row["id"], "repeated": row.get("refers_to")}
            for row, _ in known
        ],
    )
    return len(rows) - len(known)


def _capture_values(run_id: int, row: Row, record: NamedRow, files: Mapping[str, int]) -> Values:
    file_id = files[record.file]
    return {name: getattr(record, name) for name in FROM_RECORD} | {
        "id": row["id"],
        "page_id": row["page_id"],
        "run_id": run_id,
        "status": row.get("status", record.status),
        "body_digest": row.get("body_digest"),
        "reader_version": row.get("reader_version"),
        "size_bytes": row.get("size_bytes", record.size_bytes),
        "warc_file_id": file_id,
        "request_file_id": None if record.request_offset is None else file_id,
        "record_id": record.record_id,
        "refers_to": None,
        "host": host_of(record.uri),
        "elapsed_s": row["elapsed_s"],
    }


def _restore_outcomes(connection: Connection, _: int, rows: Sequence[Row]) -> int:
    values, lost = _with_captures(connection, outcome, rows)
    connection.execute(insert_into(connection, outcome).on_conflict_do_nothing(), values)
    ended = [row["page_id"] for row in rows]
    connection.execute(delete(frontier).where(frontier.c.page_id.in_(ended)))
    return lost


def _restore_frontier(connection: Connection, _: int, rows: Sequence[Row]) -> int:
    """What was kept and cannot be read is fetched again."""
    values, lost = _with_captures(connection, frontier, rows)
    for each in values:
        each["state"] = "kept" if each["capture_id"] is not None else "pending"
    waiting = [row["page_id"] for row in rows]
    connection.execute(delete(frontier).where(frontier.c.page_id.in_(waiting)))
    connection.execute(insert_into(connection, frontier).on_conflict_do_nothing(), values)
    return lost


def _restore_findings(connection: Connection, _: int, rows: Sequence[Row]) -> int:
    values, lost = _with_captures(connection, finding, rows)
    for each in values:
        del each["id"]  # those of versions stand among them
    connection.execute(insert(finding), values)
    return lost


def _restore_taken_in(connection: Connection, _: int, rows: Sequence[Row]) -> int:
    values, lost = _with_captures(connection, capture_source, rows)
    known = [
        each | {"record_id": row.get("source_record_id")}
        for each, row in zip(values, rows, strict=True)
        if each["capture_id"] is not None
    ]
    if known:
        connection.execute(insert_into(connection, capture_source).on_conflict_do_nothing(), known)
    return lost


def _restore_plain(table: Table) -> Callable[[Connection, int, Sequence[Row]], int]:
    def restore(connection: Connection, _: int, rows: Sequence[Row]) -> int:
        values = [_typed(table, row) for row in rows]
        connection.execute(insert_into(connection, table).on_conflict_do_nothing(), values)
        return 0

    return restore


def _note_found_versions(connection: Connection, _: int, rows: Sequence[Row]) -> int:
    """A later row of a version takes the place of an earlier one."""
    values = [_typed(found_version, row) for row in rows]
    statement = insert_into(connection, found_version)
    fresh = {each.name: statement.excluded[each.name] for each in found_version.c}
    connection.execute(
        statement.on_conflict_do_update(index_elements=[found_version.c.id], set_=fresh), values
    )
    return 0


def _restore_field_events(connection: Connection, _: int, rows: Sequence[Row]) -> int:
    """Called when the versions are made: their ids are new."""
    former = {row["version_id"] for row in rows}
    made = connection.execute(
        select(found_version.c.id, found_version.c.made_id)
        .where(found_version.c.id.in_(former))
        .where(found_version.c.made_id.is_not(None))
    )
    ids = dict(made.all())
    values, lost = _with_captures(
        connection,
        field_event,
        [{**row, "version_id": ids[row["version_id"]]} for row in rows if row["version_id"] in ids],
    )
    if values:
        connection.execute(insert_into(connection, field_event).on_conflict_do_nothing(), values)
    return lost


def _with_captures(
    connection: Connection, table: Table, rows: Sequence[Row]
) -> tuple[list[Values], int]:
    """The rows with the captures that their records became, and how many of those are missing."""
    ids = capture_ids(connection, (row.get("record_id") for row in rows))
    values = [
        _typed(table, row) | {"capture_id": ids.get(row.get("record_id") or "")} for row in rows
    ]
    named = sum("record_id" in row for row in rows)
    return values, named - sum(each["capture_id"] is not None for each in values)


def _typed(table: Table, row: Row) -> Values:
    """A row as the columns of a table hold it; what it does not say is NULL."""
    values: Values = {}
    for column in table.c:
        value = row.get(column.name)
        if isinstance(column.type, Instant) and isinstance(value, str):
            value = datetime.fromisoformat(value).astimezone(UTC)
        values[column.name] = value
    return values


def _as_run(row: Values) -> Values:
    crashed = {"status": "crashed", "reason": CRASHED} if row["status"] == "running" else {}
    return row | {"pid": 0} | crashed


def _make_portals(connection: Connection, keys: set[str]) -> None:
    """Pages whose portal's row was not found keep its key."""
    known = set(connection.scalars(select(portal.c.key).where(portal.c.key.in_(keys))))
    missing = [
        {"key": key, "name": key, "entries": [], "source": "ad-hoc"} for key in sorted(keys - known)
    ]
    if missing:
        connection.execute(insert(portal), missing)


def _note_bodies(connection: Connection, rows: Sequence[Row]) -> None:
    bodies = [
        {"page_id": row["id"], "record_id": row["record_id"]} for row in rows if "record_id" in row
    ]
    if bodies:
        connection.execute(insert_into(connection, found_body).on_conflict_do_nothing(), bodies)


NEWEST: Final = {
    "portal": portal, "run": run, "host": host, "public_body": public_body, "source": source,
    "page": page, "withdrawal": withdrawal,
}  # fmt: skip
IN_ORDER: Final[Mapping[str, Callable[[Connection, int, Sequence[Row]], int]]] = {
    "capture": _restore_captures,
    "capture_source": _restore_taken_in,
    "run_portal": _restore_plain(run_portal),
    "outcome": _restore_outcomes,
    "finding": _restore_findings,
    "version": _note_found_versions,
    "frontier": _restore_frontier,
    "field_event": _restore_field_events,
}
