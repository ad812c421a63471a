"""Checks a ledger: the engine's own check, stored texts against their hashes, and (deep) every
version against what today's reader makes of its capture.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Final

from archive.model.errors import DamagedLedgerError
from archive.model.frontier import WarcSpot
from archive.model.packed import storable
from archive.model.reading import Reading, Severity
from archive.reading import READER_VERSION
from archive.search.index_check import index_faults
from archive.store import Store
from archive.store.query.integrity import engine_faults, figure_faults, text_faults
from archive.store.query.rereading import (
    HEADER,
    IDENTITY,
    StoredParts,
    StoredVersion,
    later_captures,
    stored_parts,
    versions_after,
)
from archive.store.unfinished_merges import unfinished_merges
from archive.store.write.packed import unpack_figures, unpack_statements
from archive.warc.check import Damage
from archive.work.home import Home
from archive.work.ingest.reader_pool import Answer, Readers, ReadingTask
from archive.work.preservation.reading_again import answered, task_for

AS_STORED, OLDER_SAME, OLDER_OTHER, OUTSIDE, DIFFERENT = (
    "as stored", "same by an older reader", "otherwise by an older reader",
    "otherwise through another program", "different",
)  # fmt: skip
_OUTSIDE_RULES: Final = frozenset({"file_converted", "file_not_converted", "file_unreadable"})
_AT_ONCE: Final = 100


def verify_ledger(store: Store, place: str) -> Iterator[Damage]:
    """What is wrong with the ledger by itself. place: where it lies, for the reader of the table.
    Raises DamagedLedgerError where the database is too damaged to go on (see `ledger_damage`).
    """
    with store.read() as connection:
        for merge in unfinished_merges(connection):
            yield _error(place, 0, "merge_unfinished", str(merge))
        for line in engine_faults(connection):
            yield _error(place, 0, "ledger_integrity", line)
        for line in figure_faults(connection):
            yield _error(place, 0, "ledger_figures", line)
        for fault in text_faults(connection):
            message = f"{fault.url} version {fault.version}: {fault.message}"
            yield _error(place, 0, "ledger_text", message)


def verify_index(store: Store, place: str, *, deep: bool = False) -> Iterator[Damage]:
    """Where the search index does not fit the ledger; the message says what helps."""
    for line in index_faults(store, deep=deep):
        message = f"the search index: {line}; `gongkai verify --rebuild-index` makes it anew"
        yield _error(place, 0, "search_index", message)


def ledger_damage(place: str, error: DamagedLedgerError) -> Damage:
    """The damage that keeps the rest of a ledger from being looked at."""
    return _error(place, 0, "ledger_damaged", str(error))


def verify_deep(
    store: Store,
    home: Home,
    *,
    processes: int,
    counts: Counter[str],
    on_version: Callable[[], None] = lambda: None,
) -> Iterator[Damage]:
    """Reads every version again from its WARC file and reports where title, text, figures or fields
    are not what is stored. counts: filled with how many came out how (`AS_STORED` …).
    """
    readers = Readers(home.files, processes=processes)
    waiting: deque[tuple[StoredVersion, Future[Answer]]] = deque()
    try:
        for stored in _versions(store):
            waiting.append((stored, readers.read(_task(stored, stored.spot))))
            if len(waiting) > 2 * processes:
                yield from _damage_of(store, home, readers, *waiting.popleft(), counts)
                on_version()
        while waiting:
            yield from _damage_of(store, home, readers, *waiting.popleft(), counts)
            on_version()
    finally:
        readers.close()


def _versions(store: Store) -> Iterator[StoredVersion]:
    """In portions, each with a connection of its own: a crawl may go on meanwhile."""
    last = 0
    while True:
        with store.read() as connection:
            portion = versions_after(connection, last, _AT_ONCE)
        if not portion:
            return
        yield from portion
        last = portion[-1].version_id


def _damage_of(
    store: Store,
    home: Home,
    readers: Readers,
    stored: StoredVersion,
    first: "Future[Answer]",
    counts: Counter[str],
) -> Iterator[Damage]:
    how, damage = _compared(store, readers, stored, first)
    counts[how] += 1
    if damage is not None:
        message = f"{stored.key} version {stored.number}: {damage}"
        rule = "deep_unreadable" if damage.startswith("cannot") else "deep_differs"
        yield _error(str(home.files / stored.spot.file), stored.spot.offset, rule, message)


def _compared(
    store: Store, readers: Readers, stored: StoredVersion, first: "Future[Answer]"
) -> tuple[str, str | None]:
    """How a version came out, and what is wrong with it; None when nothing is."""
    with store.read() as connection:
        parts = stored_parts(connection, stored.version_id)
    left: set[str] | None = None
    why, outside = "", False
    for answer in _answers(store, readers, stored, first):
        if isinstance(answer, str):
            why = why or answer
            continue
        if stored.reader_version != READER_VERSION:
            same = answer.reading is not None and answer.reading.content_hash == stored.content_hash
            return (OLDER_SAME if same else OLDER_OTHER), None
        differing, converted = _differing(stored, parts, answer)
        left = differing if left is None else left & differing
        outside = outside or converted
        if not left:
            return AS_STORED, None
    if left is None:
        return DIFFERENT, f"cannot be read again: {why}"
    if outside:
        return OUTSIDE, None
    return DIFFERENT, f"{', '.join(sorted(left))} not what its capture gives when it is read again"


def _answers(
    store: Store, readers: Readers, stored: StoredVersion, first: "Future[Answer]"
) -> Iterator[Answer | str]:
    """What the captures of a version give, its own first; a text says why one gives nothing."""
    yield answered(first)
    with store.read() as connection:
        spots = later_captures(connection, stored)
    for spot in spots:
        yield answered(readers.read(_task(stored, spot)))


def _task(stored: StoredVersion, spot: WarcSpot) -> ReadingTask:
    return task_for(stored, spot, optical=stored.optical, listed=stored.listed)


def _differing(stored: StoredVersion, parts: StoredParts, answer: Answer) -> tuple[set[str], bool]:
    """The parts that differ, and whether an outside program had a hand in the reading."""
    reading, packed = answer.reading, answer.packed
    if reading is None or packed is None:
        return {"text"}, False
    pairs = {
        "content hash": (stored.content_hash, reading.content_hash),
        "title": (parts.title, _storable(reading.title)),
        "kind": (parts.kind, reading.kind.value),
        "year": (parts.report_year, reading.report_year),
        "text": (parts.text, storable(packed.text)),
        "figures": (parts.figures, unpack_figures(packed)),
        "statements": (parts.statements, unpack_statements(packed)),
        "fields": (parts.fields, _fields(reading)),
    }
    differing = {name for name, (before, now) in pairs.items() if before != now}
    return differing, any(finding.rule in _OUTSIDE_RULES for finding in reading.findings)


def _fields(reading: Reading) -> tuple[tuple[str | None, ...], ...]:
    listed = [(HEADER, each) for each in reading.fields]
    listed += [(IDENTITY, each) for each in reading.identity]
    return tuple(
        (part, *map(_storable, (each.name, each.value, each.printed, each.origin)))
        for part, each in listed
    )


def _storable(value: str | None) -> str | None:
    return None if value is None else storable(value)


def _error(file: str, offset: int, rule: str, message: str) -> Damage:
    return Damage(file=file, offset=offset, severity=Severity.ERROR, rule=rule, message=message)
