"""Checks every version against what today's reader makes of its capture. What an earlier reader
understood otherwise is good only where a seal has it: it may be the reader, and it may be damage.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Final

from archive.model.errors import DamageError
from archive.model.frontier import WarcSpot
from archive.model.reading import CheckState, Reading, Severity
from archive.reading import READER_VERSION
from archive.store import Store
from archive.store.query.rereading import StoredVersion, later_captures, versions_after
from archive.store.write.earlier_readings import as_stored
from archive.store.write.stored_reading import stored_reading
from archive.warc.check import Damage
from archive.work.home import Home
from archive.work.ingest.reader_pool import Answer, Readers, ReadingTask
from archive.work.preservation.reading_again import answered, task_for

AS_STORED, AS_SEALED, PARTLY, UNPROVEN, OUTSIDE, DIFFERENT = (
    "as stored", "as sealed", "proven in part", "otherwise by an earlier reader",
    "otherwise through another program", "different",
)  # fmt: skip
# The parts of a reading that are compared, as they are told. Family and public body depend on the
# portal's row in the catalogue, which may have changed since.
_PARTS: Final = {
    "content_hash": "content hash", "title": "title", "kind": "kind", "report_year": "year",
    "official": "official", "lines": "text", "tables": "tables", "figures": "figures",
    "statements": "statements", "checks": "checks", "fields": "fields", "identity": "fields",
    "findings": "findings", "links": "links",
}  # fmt: skip
_TEXT: Final = frozenset({"content hash", "title", "text", "tables"})
# Tables have a hash with the text (archive.store.query.integrity).
_SEALED: Final = _TEXT | {"kind", "year", "official", "figures", "statements"}
_OUTSIDE_RULES: Final = frozenset({"file_converted", "file_not_converted", "file_unreadable"})
_AT_ONCE: Final = 100
# Of a version by an earlier reader so many captures are read: others would not be as it read them.
_ENOUGH: Final = 2

IsAsSealed = Callable[[Store, StoredVersion], bool | None]
"""Whether a version is what its seal says; None: no seal names it as it was read last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """How a version came out. damage: what is wrong with it; None when nothing is. unproven: parts
    of which nothing says that they are what was read.
    """

    how: str
    damage: str | None = None
    unproven: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Unproven:
    """Versions of which the same is not proven, told together. first: one of them."""

    first: StoredVersion
    count: int = 0


@dataclass(slots=True)
class _Verifying:
    """What all versions are compared with, and what came of them so far."""

    store: Store
    home: Home
    readers: Readers
    is_as_sealed: IsAsSealed
    counts: Counter[str]
    unproven: dict[tuple[str, str, frozenset[str]], _Unproven] = field(default_factory=dict)


def verify_deep(
    store: Store,
    home: Home,
    *,
    processes: int,
    is_as_sealed: IsAsSealed,
    counts: Counter[str],
    on_version: Callable[[], None] = lambda: None,
) -> Iterator[Damage]:
    """Reads every version again from its WARC file and reports where what is stored of it is not
    what its capture gives. counts: filled with how many came out how (`AS_STORED` …).
    """
    readers = Readers(home.files, processes=processes)
    work = _Verifying(store, home, readers, is_as_sealed, counts)
    waiting: deque[tuple[StoredVersion, Future[Answer]]] = deque()
    try:
        for stored in _versions(store):
            waiting.append((stored, readers.read(_task(stored, stored.spot))))
            if len(waiting) > 2 * processes:
                yield from _damage_of(work, *waiting.popleft())
                on_version()
        while waiting:
            yield from _damage_of(work, *waiting.popleft())
            on_version()
    finally:
        readers.close()
    yield from _warnings(work)


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
    work: _Verifying, stored: StoredVersion, first: "Future[Answer]"
) -> Iterator[Damage]:
    came = _compared(work, stored, first)
    work.counts[came.how] += 1
    if came.unproven:
        alike = (came.how, stored.reader_version, came.unproven)
        work.unproven.setdefault(alike, _Unproven(stored)).count += 1
    if came.damage is not None:
        rule = "deep_unreadable" if came.damage.startswith("cannot") else "deep_differs"
        yield _error(work.home, stored, rule, f"{_named(stored)}: {came.damage}")


def _compared(work: _Verifying, stored: StoredVersion, first: "Future[Answer]") -> _Compared:
    before = _before(work.store, stored)
    if isinstance(before, str):
        return _Compared(how=DIFFERENT, damage=before)
    left: frozenset[str] | None = None
    why, outside, seen = "", False, 0
    for answer in _answers(work, stored, first):
        if isinstance(answer, str):
            why = why or answer
            continue
        differing, converted = _differing(before, answer)
        left = differing if left is None else left & differing
        outside = outside or converted
        seen += 1
        if not left:
            return _Compared(how=AS_STORED)
        if _is_older(stored) and seen == _ENOUGH:
            break
    if left is None:
        return _Compared(how=DIFFERENT, damage=f"cannot be read again: {why}")
    return _judged(work, stored, left, outside=outside)


def _judged(
    work: _Verifying, stored: StoredVersion, left: frozenset[str], *, outside: bool
) -> _Compared:
    """What differs from today's reading. outside: whether an outside program had a hand in that."""
    damage = f"{', '.join(sorted(left))} not what its capture gives when it is read again"
    if not (outside or _is_older(stored)):
        return _Compared(how=DIFFERENT, damage=damage)
    is_as_sealed = work.is_as_sealed(work.store, stored)
    if is_as_sealed is False:
        return _Compared(how=DIFFERENT, damage=f"{damage}, nor what its seal says")
    unproven = left - _SEALED if is_as_sealed else left
    if not unproven:
        return _Compared(how=AS_SEALED)
    text_is_proven = not unproven & _TEXT
    how = OUTSIDE if outside else PARTLY if text_is_proven else UNPROVEN
    return _Compared(how=how, unproven=unproven)


def _is_older(stored: StoredVersion) -> bool:
    return stored.reader_version != READER_VERSION


def _before(store: Store, stored: StoredVersion) -> Reading | str:
    """What is stored of a version; a text says what is wrong where that is no reading."""
    try:
        with store.read() as connection:
            return stored_reading(connection, stored.version_id)
    except (DamageError, ArithmeticError, LookupError, ValueError) as error:
        return f"what is stored of it is no reading: {type(error).__name__}: {error}"


def _answers(
    work: _Verifying, stored: StoredVersion, first: "Future[Answer]"
) -> Iterator[Answer | str]:
    """What the captures of a version give, its own first; a text says why one gives nothing."""
    yield answered(first)
    with work.store.read() as connection:
        spots = later_captures(connection, stored)
    for spot in spots:
        yield answered(work.readers.read(_task(stored, spot)))


def _task(stored: StoredVersion, spot: WarcSpot) -> ReadingTask:
    return task_for(stored, spot, optical=stored.optical, listed=stored.listed)


def _differing(before: Reading, answer: Answer) -> tuple[frozenset[str], bool]:
    """The parts that differ, and whether an outside program had a hand in the reading."""
    if answer.reading is None or answer.packed is None:
        return frozenset({"text"}), False
    now = _comparable(as_stored(answer.reading, answer.packed))
    before = _comparable(before)
    differing = {
        told for part, told in _PARTS.items() if getattr(before, part) != getattr(now, part)
    }
    return frozenset(differing), any(each.rule in _OUTSIDE_RULES for each in now.findings)


def _comparable(reading: Reading) -> Reading:
    """Without what is not kept of every reading: the evidence of checks that hold, and what is
    posted to a link whose page was never scheduled.
    """
    checks = (
        replace(each, evidence="") if each.state is CheckState.HOLDS else each
        for each in reading.checks
    )
    links = (replace(each, method="GET", body=None) for each in reading.links)
    return replace(reading, checks=tuple(checks), links=tuple(links))


def _warnings(work: _Verifying) -> Iterator[Damage]:
    """What is not proven, a line for all versions of which the same is not."""
    for (how, reader, parts), some in work.unproven.items():
        more = f" and {some.count - 1:,} more" if some.count > 1 else ""
        read, helps = f"which reader {reader} read", "`gongkai reread` settles it"
        if how == OUTSIDE:
            read, helps = f"{read} through another program", "compare with the page itself"
        message = (
            f"{_named(some.first)}{more}, {read}: {', '.join(sorted(parts))} not what today's"
            f" reader gives, and no seal says what was read: damage or the reading; {helps}"
        )
        damage = _error(work.home, some.first, "deep_unproven", message)
        yield replace(damage, severity=Severity.WARNING)


def _named(stored: StoredVersion) -> str:
    return f"{stored.key} version {stored.number}"


def _error(home: Home, stored: StoredVersion, rule: str, message: str) -> Damage:
    return Damage(
        file=str(home.files / stored.spot.file),
        offset=stored.spot.offset,
        severity=Severity.ERROR,
        rule=rule,
        message=message,
    )
