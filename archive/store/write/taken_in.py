"""Captures out of files of others: kept with where they stood, then ended one by one.

The two transactions of an import, as those of a crawl, but without a frontier: nothing is asked
for, and captures come in the order of files while versions stand in the order of time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select, update

from archive.model.frontier import NewCapture, Record
from archive.model.outcome import LIST_ROLES, Role
from archive.model.reading import Link
from archive.model.url import host_of, key_of
from archive.store.dialects import insert_into
from archive.store.frontier.enqueue import CHUNK, pages_by_key
from archive.store.schema import capture, capture_source, outcome, page, source, version
from archive.store.types import NamedRow, Values
from archive.store.write.captures import capture_row, file_ids
from archive.store.write.ending import GOOD
from archive.store.write.packed import pack_reading
from archive.store.write.parts import write_findings
from archive.store.write.versioning import OnVersions, Understood, store_versions

_OF_OUTCOME = ("outcome", "reason", "capture_id", "at", "role")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSource:
    """A file of others. copy: the name of the archive's own copy; None without one."""

    sha256: str
    name: str
    format: str
    size_bytes: int
    copy: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """A capture that lies safely in a WARC file of ours (page_id is filled in here), and where it
    stood. role, portal_key: of its page where that is not known yet.
    """

    capture: NewCapture
    url: str
    method: str
    body: str | None
    role: Role
    portal_key: str
    source_id: int
    part: str
    offset: int
    record_id: str | None
    payload_digest: str | None

    @property
    def key(self) -> str:
        """The key of its page."""
        return key_of(self.url, self.method, self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a capture ended. record: with the capture that holds the bytes it was read from.
    captured_at: of the capture itself. before: id of the version in force until then; None without
    one. is_latest: no version of the page is later. role: what its page was read as.
    """

    capture_id: int
    captured_at: datetime
    record: Record
    before: int | None
    is_latest: bool
    role: Role
    next_due_at: datetime | None


def save_source(connection: Connection, found: NewSource, run_id: int, now: datetime) -> int:
    """The id of a source, made where the file was never taken in; a copy made later is noted."""
    values = {
        "sha256": found.sha256, "name": found.name, "format": found.format,
        "size_bytes": found.size_bytes, "copy": found.copy, "run_id": run_id, "taken_in_at": now,
    }  # fmt: skip
    statement = insert_into(connection, source).values(values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[source.c.sha256],
            set_={"copy": func.coalesce(statement.excluded["copy"], source.c.copy)},
        )
    )
    found_id = connection.scalar(select(source.c.id).where(source.c.sha256 == found.sha256))
    assert found_id is not None  # noqa: S101 - written a line above
    return int(found_id)


def keep_taken_in(
    connection: Connection, taken: Sequence[TakenIn], ends: Mapping[str, int]
) -> None:
    """The first transaction, a batch in one commit: pages, captures, where they stood. Call it
    after the fsync.
    """
    spots = [
        spot for each in taken for spot in (each.capture.spot, each.capture.request_spot) if spot
    ]
    files = file_ids(connection, ends, {spot.file for spot in spots})
    if not taken:
        return
    pages = _page_ids(connection, taken)
    rows = [capture_row(replace(each.capture, page_id=pages[each.key]), files) for each in taken]
    made = insert(capture).returning(capture.c.id, sort_by_parameter_order=True)
    ids = connection.scalars(made, rows).all()
    connection.execute(
        insert(capture_source),
        [
            {
                "capture_id": number,
                "source_id": each.source_id,
                "part": each.part,
                "source_offset": each.offset,
                "record_id": each.record_id,
                "payload_digest": each.payload_digest,
            }
            for number, each in zip(ids, taken, strict=True)
        ],
    )


def _page_ids(connection: Connection, taken: Sequence[TakenIn]) -> dict[str, int]:
    rows: dict[str, Values] = {
        each.key: {
            "key": each.key,
            "url": each.url,
            "method": each.method,
            "body": each.body,
            "host": host_of(each.url),
            "portal_key": each.portal_key,
            "role": each.role,
            "depth": 0,
            "first_seen_at": each.capture.captured_at,
            "versions": 0,
        }
        for each in reversed(taken)
    }
    known = pages_by_key(connection, list(rows))
    missing = [row for key, row in rows.items() if key not in known]
    if missing:
        connection.execute(insert(page), missing)
        known |= pages_by_key(connection, [str(row["key"]) for row in missing])
    return {key: row.id for key, row in known.items()}


def end_taken_in(
    connection: Connection, ended: Sequence[Ended], on_versions: OnVersions | None
) -> None:
    """The second transaction, a batch in one commit, a page once in it: versions at their time,
    outcomes, what the pages' rows say. Of a page's captures in a run the latest gives its outcome.
    """
    pages = _pages(connection, [each.record.page_id for each in ended])
    numbers: dict[int, int] = {}
    for are_latest in (True, False):
        some = [e for e in ended if e.record.new_version and e.is_latest is are_latest]
        understood = [_understood(each, pages[each.record.page_id]) for each in some]
        numbers |= {each.page_id: each.number for each in understood if are_latest}
        if understood:
            at = max(each.record.at for each in some)
            store_versions(connection, understood, {}, at=at, on_versions=on_versions)
    for each in ended:
        row = pages[each.record.page_id]
        connection.execute(
            update(page)
            .where(page.c.id == row.id)
            .values(_page_values(connection, each, row, numbers.get(row.id)))
        )
        _name_roles(connection, each.record.links)
        if each.record.reading is not None and each.record.outcome not in GOOD:
            write_findings(connection, row.id, each.capture_id, each.record.reading.findings)
    _forget_rests_of_pages(connection, ended)
    _write_ends(connection, ended)


def _pages(connection: Connection, page_ids: Sequence[int]) -> dict[int, NamedRow]:
    highest = select(func.max(version.c.number)).where(version.c.page_id == page.c.id)
    body_at = select(capture.c.captured_at).where(capture.c.id == page.c.body_capture_id)
    rows = connection.execute(
        select(
            page,
            highest.scalar_subquery().label("highest"),
            body_at.scalar_subquery().label("body_at"),
        ).where(page.c.id.in_(page_ids))
    )
    return {row.id: row for row in rows}


def _understood(each: Ended, row: NamedRow) -> Understood:
    reading, read_from = each.record.reading, each.record.capture_id
    if reading is None or read_from is None:
        raise ValueError(f"page {row.id}: a version needs a reading and a capture")
    return Understood(
        page_id=row.id,
        version_id=None,
        latest_id=each.before,
        number=(row.highest or 0) + 1,
        reading=reading,
        packed=each.record.packed or pack_reading(reading),
        capture_id=read_from,
        run_id=each.record.run_id,
        captured_at=each.captured_at,
    )


def _page_values(connection: Connection, each: Ended, row: NamedRow, number: int | None) -> Values:
    """What the page's row says from now on: an earlier capture changes nothing but its begin."""
    values: Values = {"next_due_at": row.next_due_at or each.next_due_at}
    if each.record.outcome not in GOOD:
        return values
    at, first, last = each.captured_at, row.first_captured_at, row.last_captured_at
    values["first_captured_at"] = at if first is None else min(first, at)
    values["last_captured_at"] = at if last is None else max(last, at)
    if not each.is_latest or (last is not None and at < last):
        return values
    values["next_due_at"] = each.next_due_at or row.next_due_at
    if number is not None:
        values["versions"] = number
    if each.record.reading is not None:
        values["kind"] = each.record.reading.kind
        values["family"] = each.record.reading.family or row.family
    if row.body_at is None or at >= row.body_at:
        values |= _validators(connection, each.capture_id)
    return values


def _validators(connection: Connection, capture_id: int) -> Values:
    """What the next visit may send and refer to: of a capture with a body of its own."""
    columns = (capture.c.record_type, capture.c.truncated, capture.c.etag, capture.c.last_modified)
    row = connection.execute(select(*columns).where(capture.c.id == capture_id)).one()
    if row.record_type == "revisit":
        return {}
    whole = row.truncated is None
    return {
        "body_capture_id": capture_id,
        "etag": row.etag if whole else None,
        "last_modified": row.last_modified if whole else None,
    }


def _name_roles(connection: Connection, links: Sequence[Link]) -> None:
    """Pages that wait to be read for the first time are what a list says they are."""
    roles: dict[Role, list[str]] = {}
    for link in links:
        if link.role is not Role.PAGE:
            key = key_of(link.url, link.method, link.body)
            roles.setdefault(link.role, []).append(key)
    for role, keys in roles.items():
        for start in range(0, len(keys), CHUNK):
            some = page.c.key.in_(keys[start : start + CHUNK])
            connection.execute(
                update(page)
                .where(some, page.c.versions == 0, page.c.role == Role.PAGE)
                .values(role=role, next_due_at=None)
            )


def _forget_rests_of_pages(connection: Connection, ended: Sequence[Ended]) -> None:
    """What a list named a list while it was read as a page is due at once, as after a page's rest
    it would look as if a clock had been wrong.
    """
    as_pages = [each.record.page_id for each in ended if each.role not in LIST_ROLES]
    connection.execute(
        update(page)
        .where(page.c.id.in_(as_pages), page.c.role.in_(LIST_ROLES))
        .values(next_due_at=None)
    )


def _write_ends(connection: Connection, ended: Sequence[Ended]) -> None:
    connection.execute(
        update(capture_source)
        .where(capture_source.c.capture_id == bindparam("of_capture"))
        .values(outcome=bindparam("how"), reason=bindparam("why")),
        [
            {"of_capture": e.capture_id, "how": e.record.outcome, "why": e.record.reason}
            for e in ended
        ],
    )
    read = [
        {
            "of_capture": each.record.capture_id,
            "digest": each.record.body_digest,
            "reader": each.record.reading.reader_version if each.record.reading else None,
        }
        for each in ended
        if each.record.body_digest is not None
    ]
    if read:
        connection.execute(
            update(capture)
            .where(capture.c.id == bindparam("of_capture"))
            .values(
                body_digest=bindparam("digest"),
                reader_version=func.coalesce(bindparam("reader"), capture.c.reader_version),
            ),
            read,
        )
    _write_outcomes(connection, ended)


def _write_outcomes(connection: Connection, ended: Sequence[Ended]) -> None:
    """Of a page's captures in a run the latest gives its outcome."""
    statement = insert_into(connection, outcome)
    fresh = {name: statement.excluded[name] for name in _OF_OUTCOME}
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[outcome.c.run_id, outcome.c.page_id],
            set_=fresh,
            where=outcome.c.at <= statement.excluded["at"],
        ),
        [
            {
                "run_id": each.record.run_id,
                "page_id": each.record.page_id,
                "outcome": each.record.outcome,
                "reason": each.record.reason,
                "capture_id": each.capture_id,
                "attempts": 0,
                "at": each.captured_at,
                "role": each.role,
            }
            for each in ended
        ],
    )
