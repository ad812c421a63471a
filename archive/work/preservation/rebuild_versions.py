"""Versions are made again: each is read from its capture by today's reader, several at a time, and
stored in the order in which they were made.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from archive.model.frontier import WarcSpot
from archive.model.outcome import Role
from archive.model.reading import Reading
from archive.model.sessions import has_session
from archive.reading import READER_VERSION
from archive.store import Store
from archive.store.types import NamedRow
from archive.store.write.found import (
    captures_to_read,
    last_field_captures,
    later_captures,
    note_versions,
    superseded,
    versions_to_make,
)
from archive.store.write.parts import replace_fields
from archive.store.write.versioning import Understood, store_versions
from archive.warc.reader import MAX_BLOCK_BYTES
from archive.work.ingest.reader_pool import READING_ERRORS, Answer, Readers, ReadingTask, refusal

_AT_ONCE: Final = 100
_AHEAD: Final = 8  # tasks that wait for a reading process
_Waiting = deque[tuple[NamedRow, "Future[Answer] | None"]]
# A version, the capture that it was read from, and what that gave.
_Read = tuple[NamedRow, int, Answer]


@dataclass(slots=True)
class Made:
    """What became of the versions. unread: a line for each that could not be made again.
    otherwise: how many today's reader reads otherwise than that of its time; differing: those that
    the same reader reads otherwise.
    """

    versions: int = 0
    otherwise: int = 0
    differing: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def remake_versions(
    store: Store, readers: Readers, now: datetime, on_version: Callable[[], None]
) -> Made:
    """Makes every version that runs wrote down, and gives them the fields they had last."""
    made = Made()
    batch: dict[int, _Read] = {}
    for row, capture_id, answer in _answers(store, readers, made):
        on_version()
        if row.page_id in batch or len(batch) >= _AT_ONCE:
            _store(store, made, batch, now)
            batch = {}
        batch[row.page_id] = row, capture_id, answer
    _store(store, made, batch, now)
    return made


def freshen_fields(store: Store, readers: Readers) -> None:
    """Versions whose fields changed while their content stood show the last ones."""
    with store.read() as connection:
        wanted = last_field_captures(connection)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        with store.read() as connection:
            rows = captures_to_read(connection, [capture for _, capture in some])
        answers = [
            (version, readers.read(_task(rows[capture])))
            for version, capture in some
            if capture in rows
        ]
        changed: dict[int, Reading] = {}
        for version, future in answers:
            answer = _answered(future)
            if answer.reading is not None:
                changed[version] = answer.reading
        with store.write() as connection:
            replace_fields(connection, changed)


def _answers(store: Store, readers: Readers, made: Made) -> Iterator[_Read]:
    """In order; what cannot be read is noted and left out."""
    waiting: _Waiting = deque()
    for row in _rows(store):
        waiting.append((row, None if row.capture_id is None else readers.read(_task(row))))
        if len(waiting) > _AHEAD:
            yield from _taken(store, readers, *waiting.popleft(), made)
    for row, future in waiting:
        yield from _taken(store, readers, row, future, made)


def _taken(
    store: Store, readers: Readers, row: NamedRow, future: "Future[Answer] | None", made: Made
) -> Iterator[_Read]:
    lost = Answer(body_digest=None, reading=None, refused="its capture was not found")
    answer = lost if future is None else _answered(future)
    capture_id = row.capture_id
    if answer.reading is None or answer.packed is None:
        found = _elsewhere(store, readers, row)
        if found is None:
            why = answer.refused or "there is no body"
            made.unread.append(f"{row.key} version {row.number}: {why}")
            return
        capture_id, answer = found
    if answer.reading is None:
        return
    if answer.reading.content_hash != row.content_hash:
        if row.reader_version == READER_VERSION:
            made.differing.append(f"{row.key} version {row.number}")
        else:
            made.otherwise += 1
    yield row, capture_id, answer


def _elsewhere(store: Store, readers: Readers, row: NamedRow) -> tuple[int, Answer] | None:
    """A later capture with the same content, and what it gives; None when there is none."""
    with store.read() as connection:
        later = later_captures(connection, row)
        rows = captures_to_read(connection, later)
    for number in later:
        answer = _answered(readers.read(_task(rows[number])))
        if answer.reading is not None and answer.reading.content_hash == row.content_hash:
            return number, answer
    return None


def _answered(future: "Future[Answer]") -> Answer:
    try:
        return future.result()
    except READING_ERRORS as error:
        return refusal(error)


def _rows(store: Store) -> Iterator[NamedRow]:
    last = 0
    while True:
        with store.read() as connection:
            rows = versions_to_make(connection, last, _AT_ONCE)
        if not rows:
            return
        yield from rows
        last = rows[-1].id


def _task(row: NamedRow) -> ReadingTask:
    """Links of a page that was asked for with a session have that session."""
    return ReadingTask(
        spot=WarcSpot(file=row.file, offset=row.warc_offset, length=row.warc_length),
        url=row.uri if row.uri and has_session(row.uri) else row.url,
        role=Role(row.lease_role or row.role),
        family=row.family,
        division=row.division,
        post_body=row.body,
        max_bytes=MAX_BLOCK_BYTES,
        although_cut=True,  # it made a version
    )


def _store(store: Store, made: Made, batch: dict[int, _Read], now: datetime) -> None:
    if not batch:
        return
    with store.write() as connection:
        rows = [row for row, _, _ in batch.values()]
        before = superseded(connection, {row.supersedes for row in rows if row.supersedes})
        changed = [
            Understood(
                page_id=page_id,
                version_id=None,
                latest_id=before.get(row.supersedes),
                number=row.number,
                reading=answer.reading,
                packed=answer.packed,
                capture_id=capture_id,
                run_id=row.run_id,
                captured_at=row.captured_at,
            )
            for page_id, (row, capture_id, answer) in batch.items()
            if answer.reading is not None and answer.packed is not None
        ]
        ids = store_versions(connection, changed, {}, at=now, on_versions=store.on_versions)
        note_versions(connection, {row.id: each for row, each in zip(rows, ids, strict=True)})
    made.versions += len(changed)
