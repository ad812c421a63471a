"""Writes what a run brought as the crawl's two transactions leave it: pages, captures, versions,
outcomes, and the run with its verdicts. Each row is what the crawl's own functions write; only the
frontier, which is empty again behind a run, is left out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, and_, insert, select, update

from archive.model.outcome import Outcome, Verdict
from archive.model.url import key_of
from archive.store.catalogue import save_portals
from archive.store.dialects import fresh_ids, insert_rows, update_rows
from archive.store.frontier.hosts import visited
from archive.store.schema import capture, outcome, page, run, run_portal, version
from archive.store.types import NamedRow
from archive.store.write.captures import file_ids
from archive.store.write.versioning import OnVersions, Understood, store_versions
from bench.visits import Visit, Visits

_FIRST_RUN: Final = datetime(2025, 3, 1, 18, tzinfo=UTC)
_A_VISIT: Final = timedelta(seconds=3)
_A_RUN: Final = timedelta(hours=1)
_DUE: Final = timedelta(days=60)
_RECORD_BYTES: Final = 9_000
_FILE_BYTES: Final = 1_000_000_000
_GOOD: Final = (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)
_PAGE_COLUMNS: Final = (
    "id", "key", "url", "method", "host", "portal_key", "role", "depth", "first_seen_at",
    "versions",
)  # fmt: skip
_CAPTURE_COLUMNS: Final = (
    "id", "page_id", "run_id", "captured_at", "status", "media_type", "payload_digest",
    "body_digest", "size_bytes", "warc_file_id", "warc_offset", "warc_length", "record_id",
    "record_type", "host", "elapsed_s", "refers_to", "reader_version",
)  # fmt: skip
_OUTCOME_COLUMNS: Final = (
    "run_id", "page_id", "outcome", "reason", "capture_id", "at", "attempts", "role", "hops",
)  # fmt: skip
_SEEN_COLUMNS: Final = (
    "kind", "family", "versions", "first_captured_at", "last_captured_at", "next_due_at",
    "body_capture_id", "etag",
)  # fmt: skip
_REASONS: Final = {
    Outcome.NEW: "report",
    Outcome.CHANGED: "report",
    Outcome.UNCHANGED: "304 not modified",
    Outcome.GONE: "status 404",
}


@dataclass(slots=True)
class _Run:
    """A run that is being written. at: of the next capture. file_id: of its WARC file."""

    id: int
    at: datetime
    file_id: int
    captures: int = 0

    def next_at(self) -> datetime:
        """When the next page is captured."""
        self.at += _A_VISIT
        return self.at


def write_run(
    connection: Connection,
    run_id: int,
    brought: Iterable[Visits],
    on_versions: OnVersions | None,
) -> None:
    """Writes a run of that id, which is over, with all that it brought."""
    started_at = _FIRST_RUN + run_id * _A_RUN
    connection.execute(
        insert(run).values(
            id=run_id, job="due", mode="due", portals=[], options={}, pid=1,
            started_at=started_at, status="finished", verdict=Verdict.GOOD,
            reason="all as expected", scheduled=0,
        )
    )  # fmt: skip
    name = f"scale-{run_id:05}.warc.gz"
    files = file_ids(connection, {name: _FILE_BYTES}, [name])
    this = _Run(id=run_id, at=started_at, file_id=files[name])
    counts: Counter[str] = Counter()
    portals = []
    for each in brought:
        counts.update(_write_portal(connection, this, each, on_versions))
        portals.append(each.portal.key)
    ended = {"portals": portals, "counts": dict(counts), "scheduled": counts.total()}
    ended |= {"ended_at": this.at, "recorded_at": this.at}
    connection.execute(update(run).where(run.c.id == run_id).values(ended))


def _write_portal(
    connection: Connection, this: _Run, brought: Visits, on_versions: OnVersions | None
) -> Mapping[str, int]:
    """Writes what a run brought of a portal; how many pages ended how."""
    save_portals(connection, [brought.portal])
    known = _known(connection, brought)
    captures = fresh_ids(connection, capture, len(brought.pages))
    times = [this.next_at() for _ in brought.pages]
    rows = list(zip(brought.pages, known, captures, times, strict=True))
    insert_rows(
        connection,
        capture,
        _CAPTURE_COLUMNS,
        (_capture(this, brought.host, *each) for each in rows),
    )
    page_ids = {before.key: before.id for before in known}
    _write_versions(connection, this, rows, page_ids, on_versions)
    insert_rows(
        connection,
        outcome,
        _OUTCOME_COLUMNS,
        (
            (this.id, before.id, visit.outcome, _REASONS[visit.outcome], capture_id, at, 0,
             visit.role, None)
            for visit, before, capture_id, at in rows
        ),
    )  # fmt: skip
    visited(connection, [(brought.host, times[-1])])
    counts = Counter(str(visit.outcome) for visit in brought.pages)
    connection.execute(
        insert(run_portal).values(
            run_id=this.id, portal_key=brought.portal.key, verdict=Verdict.GOOD,
            reason="all as expected", counts=dict(counts),
        )
    )  # fmt: skip
    return counts


def _known(connection: Connection, brought: Visits) -> Sequence[NamedRow]:
    """The pages' rows, made where they are new, with their latest versions."""
    keys = [key_of(each.url) for each in brought.pages]
    rows = _rows(connection, keys)
    fresh = [(key, each) for key, each in zip(keys, brought.pages, strict=True) if key not in rows]
    if fresh:
        ids = fresh_ids(connection, page, len(fresh))
        made = (
            (page_id, key, each.url, "GET", brought.host, brought.portal.key, each.role,
             int(each.role != "entry"), _FIRST_RUN, 0)
            for page_id, (key, each) in zip(ids, fresh, strict=True)
        )  # fmt: skip
        insert_rows(connection, page, _PAGE_COLUMNS, made)
        rows |= _rows(connection, [key for key, _ in fresh])
    return [rows[key] for key in keys]


def _rows(connection: Connection, keys: Sequence[str]) -> dict[str, NamedRow]:
    latest = and_(version.c.page_id == page.c.id, version.c.number == page.c.versions)
    columns = (
        page.c.id, page.c.key, page.c.kind, page.c.family, page.c.versions, page.c.body_capture_id,
        page.c.first_captured_at, page.c.last_captured_at, version.c.id.label("version_id"),
    )  # fmt: skip
    chosen = select(*columns).outerjoin(version, latest).where(page.c.key.in_(keys))
    return {row.key: row for row in connection.execute(chosen)}


def _capture(
    this: _Run, host: str, visit: Visit, before: NamedRow, capture_id: int, at: datetime
) -> tuple[object, ...]:
    this.captures += 1
    same = visit.outcome is Outcome.UNCHANGED
    digest = visit.packed.body_hash if visit.packed else f"{capture_id:064x}"
    return (
        capture_id, before.id, this.id, at, visit.status, "text/html",
        f"sha256:{digest[:52].upper()}", None if same else digest, 0 if same else _RECORD_BYTES,
        this.file_id, this.captures * _RECORD_BYTES, _RECORD_BYTES - 700,
        f"<urn:uuid:{this.id:08x}-0000-4000-8000-{capture_id:012x}>",
        "revisit" if same else "response", host, 0.2, before.body_capture_id if same else None,
        visit.reading.reader_version if visit.reading else None,
    )  # fmt: skip


def _write_versions(
    connection: Connection,
    this: _Run,
    rows: Sequence[tuple[Visit, NamedRow, int, datetime]],
    page_ids: Mapping[str, int],
    on_versions: OnVersions | None,
) -> None:
    changed = [
        Understood(
            page_id=before.id,
            version_id=None,
            latest_id=before.version_id,
            number=before.versions + 1,
            reading=visit.reading,
            packed=visit.packed,
            capture_id=capture_id,
            run_id=this.id,
            captured_at=at,
        )
        for visit, before, capture_id, at in rows
        if visit.reading is not None and visit.packed is not None
    ]
    if changed:
        store_versions(connection, changed, page_ids, at=this.at, on_versions=on_versions)
    update_rows(connection, page, _SEEN_COLUMNS, map(_seen, rows))


def _seen(row: tuple[Visit, NamedRow, int, datetime]) -> tuple[object, ...]:
    """What a page's row says after the visit, and its id."""
    visit, before, capture_id, at = row
    good, reading = visit.outcome in _GOOD, visit.reading
    return (
        reading.kind if reading else before.kind,
        reading.family if reading else before.family,
        before.versions + 1 if reading else before.versions,
        before.first_captured_at or at,
        at if good else before.last_captured_at,
        at + _DUE,
        capture_id if reading else before.body_capture_id,
        f'"{before.id:x}"',
        before.id,
    )
