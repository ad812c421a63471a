"""The second transaction: how leases ended, what was understood, what was discovered.

A batch is written table by table, not record by record: the work per statement is what costs.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, select

from archive.model.errors import CannotRunError
from archive.model.frontier import Record
from archive.model.outcome import SECTION_ROLES, Outcome, Role
from archive.store.dialects import insert_rows, update_rows
from archive.store.frontier.enqueue import Found, named_elsewhere, schedule_found
from archive.store.frontier.requisites import PICTURE
from archive.store.rows import Recorded
from archive.store.schema import (
    capture,
    frontier,
    optical_reading,
    outcome,
    page,
    run,
    version,
)
from archive.store.types import Values
from archive.store.write.ending import Ending, LeasedPage, RecordedCapture
from archive.store.write.field_events import note_field_events
from archive.store.write.parts import write_unversioned_findings
from archive.store.write.versioning import OnVersions, write_versions

_numbered = version.alias("numbered")


def record(
    connection: Connection,
    records: Sequence[Record],
    *,
    next_due: Mapping[int, datetime],
    on_versions: OnVersions | None = None,
) -> list[Recorded]:
    """The second transaction, a batch of one run in one commit: outcomes, versions with all their
    parts, discovered URLs, and the acknowledgement of the leases. A record sent again (after a
    crash) changes nothing and answers as before. CannotRunError for a page that is not on the run's
    frontier.

    next_due: when each page is to be visited again, by page id; a page that misses keeps its date.
    on_versions: called for the versions made or replaced (Store.on_versions: the search index).
    """
    if not records:
        return []
    run_id = _one_run(records)
    endings = _endings(connection, run_id, records)
    repeated = [each for each in records if each.page_id not in endings]
    answers = _recorded_before(connection, run_id, [each.page_id for each in repeated])
    answers |= _write(connection, run_id, list(endings.values()), next_due, on_versions)
    return [answers[each.page_id] for each in records]


def _write(
    connection: Connection,
    run_id: int,
    endings: Sequence[Ending],
    next_due: Mapping[int, datetime],
    on_versions: OnVersions | None,
) -> dict[int, Recorded]:
    if not endings:
        return {}
    insert_rows(connection, outcome, _OUTCOME_COLUMNS, map(_outcome_row, endings))
    found = {each.record.page_id: list(_found(each)) for each in endings}
    for page_id, named in _named_by_unread(connection, run_id, endings).items():
        found[page_id] += named
    page_ids, scheduled = _schedule(connection, run_id, endings, found)
    numbers = write_versions(connection, endings, page_ids, on_versions)
    note_field_events(connection, endings)
    write_unversioned_findings(connection, endings)
    _update_pages(connection, endings, numbers, next_due)
    _update_captures(connection, endings)
    done = [each.record.page_id for each in endings]
    connection.execute(
        delete(frontier).where(frontier.c.run_id == run_id, frontier.c.page_id.in_(done))
    )
    answers = {}
    for page_id in done:
        mine = {each.key for each in found[page_id]} & scheduled
        scheduled -= mine
        version_id, number = numbers.get(page_id, (None, None))
        answers[page_id] = Recorded(
            version_id=version_id, version_number=number, scheduled=len(mine)
        )
    return answers


def _one_run(records: Sequence[Record]) -> int:
    runs = {each.run_id for each in records}
    if len(runs) != 1:
        raise ValueError(f"one batch, one run; got {sorted(runs)}")
    return runs.pop()


def _endings(connection: Connection, run_id: int, records: Sequence[Record]) -> dict[int, Ending]:
    """The records whose lease is open, by page; of two records for one page the first counts."""
    first: dict[int, Record] = {}
    for each in records:
        first.setdefault(each.page_id, each)
    # The latest version need not have the highest number: imports bring earlier ones.
    highest = select(func.max(_numbered.c.number)).where(_numbered.c.page_id == page.c.id)
    rows = connection.execute(
        select(
            page,
            highest.scalar_subquery().label("highest"),
            frontier.c.depth.label("lease_depth"),
            frontier.c.attempts,
            frontier.c.role.label("lease_role"),
            frontier.c.hops,
            version.c.id.label("version_id"),
            version.c.content_hash,
            optical_reading.c.document_id.label("optical_id"),
            version.c.reader_version,
            version.c.capture_id.label("version_capture_id"),
        )
        .join(frontier, frontier.c.page_id == page.c.id)
        .outerjoin(
            version, and_(version.c.page_id == page.c.id, version.c.number == page.c.versions)
        )
        .outerjoin(optical_reading, optical_reading.c.version_id == version.c.id)
        .where(frontier.c.run_id == run_id, page.c.id.in_(first))
    )
    open_pages = {row.id: row for row in rows}
    captures = _captures(connection, [each.capture_id for each in first.values()])
    return {
        page_id: Ending(
            record=each,
            page=open_pages[page_id],
            capture=captures[each.capture_id] if each.capture_id is not None else None,
        )
        for page_id, each in first.items()
        if page_id in open_pages
    }


def _captures(
    connection: Connection, capture_ids: Iterable[int | None]
) -> dict[int, RecordedCapture]:
    columns = (
        capture.c.id, capture.c.captured_at, capture.c.record_type, capture.c.truncated,
        capture.c.etag, capture.c.last_modified,
    )  # fmt: skip
    wanted = [each for each in capture_ids if each is not None]
    rows = connection.execute(select(*columns).where(capture.c.id.in_(wanted)))
    return {row.id: row for row in rows}


def _recorded_before(
    connection: Connection, run_id: int, page_ids: Sequence[int]
) -> dict[int, Recorded]:
    """What an earlier transaction wrote for these pages (a record sent again changes nothing)."""
    if not page_ids:
        return {}
    rows = connection.execute(
        select(outcome.c.page_id, version.c.id, version.c.number)
        .outerjoin(
            version,
            and_(version.c.page_id == outcome.c.page_id, version.c.run_id == outcome.c.run_id),
        )
        .where(outcome.c.run_id == run_id, outcome.c.page_id.in_(page_ids))
    )
    known = {
        row.page_id: Recorded(version_id=row.id, version_number=row.number, scheduled=0)
        for row in rows
    }
    if unknown := set(page_ids) - set(known):
        raise CannotRunError(f"pages {sorted(unknown)} are not on the frontier of run {run_id}")
    return known


_OUTCOME_COLUMNS = (
    "run_id", "page_id", "outcome", "reason", "capture_id", "at", "attempts", "role", "hops",
)  # fmt: skip


def _outcome_row(each: Ending) -> tuple[object, ...]:
    ended, page = each.record, each.page
    how = (ended.outcome, ended.reason, ended.capture_id, ended.at)
    return (ended.run_id, ended.page_id, *how, page.attempts, page.lease_role, page.hops or None)


def _found(each: Ending) -> Iterable[Found]:
    """The target of a redirect stands as deep as the URL that led to it, with the hops; what a page
    shows stands at 1, how deep the page may stand, and a picture in place of its text at 0.
    """
    redirected = each.record.outcome is Outcome.REDIRECTED
    depth = each.page.lease_depth + (0 if redirected else 1)
    for link in each.record.links:
        is_shown = link.role is Role.REQUISITE and each.page.lease_role != Role.REQUISITE
        yield Found(
            link=link,
            portal_key=each.page.portal_key,
            depth=(0 if link.text == PICTURE else 1) if is_shown else depth,
            hops=each.record.hops if redirected else (),
        )


def _named_by_unread(
    connection: Connection, run_id: int, endings: Sequence[Ending]
) -> dict[int, list[Found]]:
    """What the lists name that a run found unchanged without reading them."""
    versions = [
        each.page.version_id
        for each in endings
        if each.record.outcome is Outcome.UNCHANGED and each.record.reading is None
        if each.page.role in SECTION_ROLES and each.page.version_id is not None
    ]
    return named_elsewhere(connection, run_id, versions) if versions else {}


def _schedule(
    connection: Connection,
    run_id: int,
    endings: Sequence[Ending],
    found: Mapping[int, Sequence[Found]],
) -> tuple[dict[str, int], set[str]]:
    everything = [each for page_found in found.values() for each in page_found]
    if not everything:
        return {}, set()
    full = connection.scalar(select(run.c.mode).where(run.c.id == run_id)) == "full"
    now = max(each.record.at for each in endings)
    return schedule_found(connection, run_id, everything, full=full, now=now)


_PAGE_COLUMNS = (
    "kind", "family", "versions", "first_captured_at", "last_captured_at", "next_due_at",
    "body_capture_id", "etag", "last_modified",
)  # fmt: skip


def _update_pages(
    connection: Connection,
    endings: Sequence[Ending],
    numbers: Mapping[int, tuple[int, int]],
    next_due: Mapping[int, datetime],
) -> None:
    rows = []
    for each in endings:
        page_id = each.record.page_id
        values = _page_values(each) | {
            "versions": numbers.get(page_id, (0, each.page.versions))[1],
            "next_due_at": next_due.get(page_id, each.page.next_due_at),
        }
        rows.append((*(values[name] for name in _PAGE_COLUMNS), page_id))
    update_rows(connection, page, _PAGE_COLUMNS, rows)


def _update_captures(connection: Connection, endings: Sequence[Ending]) -> None:
    """What reading found out about the body: the next visit compares with it."""
    rows = (
        (
            each.record.body_digest,
            each.record.reading.reader_version if each.record.reading else None,
            each.record.capture_id,
        )
        for each in endings
        if each.record.capture_id is not None and each.record.body_digest is not None
    )
    update_rows(connection, capture, ("body_digest", "reader_version"), rows)


def _page_values(each: Ending) -> Values:
    known, seen = each.page, each.capture
    reading = each.record.reading if each.good and not each.has_pictures else None
    values: Values = {
        "kind": reading.kind if reading else known.kind,
        "family": (reading and reading.family) or known.family,
        "first_captured_at": known.first_captured_at,
        "last_captured_at": known.last_captured_at,
        "body_capture_id": known.body_capture_id,
        "etag": known.etag,
        "last_modified": known.last_modified,
    }
    if seen is None or not each.good:
        return values
    values["first_captured_at"] = known.first_captured_at or seen.captured_at
    values["last_captured_at"] = seen.captured_at
    return values | _validators(known, seen)


def _validators(known: LeasedPage, seen: RecordedCapture) -> Values:
    """What the next visit may send. A revisit freshens validators and keeps the body's capture;
    a truncated body has none, so that it is fetched whole next time.
    """
    if seen.record_type == "revisit":
        return {
            "etag": seen.etag or known.etag,
            "last_modified": seen.last_modified or known.last_modified,
        }
    whole = seen.truncated is None
    return {
        "body_capture_id": seen.id,
        "etag": seen.etag if whole else None,
        "last_modified": seen.last_modified if whole else None,
    }
