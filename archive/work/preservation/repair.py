"""What of an archive is lost or damaged, capture by capture, and what has become of it since."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from archive.model.errors import WarcError
from archive.model.frontier import WarcSpot
from archive.model.reading import Severity
from archive.store import Store
from archive.store.query.history import committed_captures
from archive.store.query.run_facts import recorded_runs
from archive.store.rows import CaptureRow
from archive.store.write.captures import committed_ends
from archive.store.write.lost import forget_written, mark_lost, replace_lost
from archive.warc.folder import WarcFolder
from archive.warc.reader import read_record
from archive.warc.scan import Damage
from archive.work.home import Home
from archive.work.preservation.verify import MISSING_RUN, run_missing, verify_archive

KNOWN: Final = "known_lost"
# What is no loss of a capture: bytes too many, and rows that the next crawl writes again.
_NOT_LOST: Final = frozenset({"uncommitted_bytes", MISSING_RUN})


@dataclass(slots=True)
class Loss:
    """captures: the lost ones by id, with the reason. damages: errors of the WARC files that say
    so, by file name and offset. runs: whose rows are missing.
    """

    captures: dict[int, str] = field(default_factory=dict)
    damages: dict[tuple[str, int], str] = field(default_factory=dict)
    runs: list[int] = field(default_factory=list)


def find_loss(home: Home, store: Store, step: Callable[[], None]) -> Loss:
    """Everything that `verify` finds damaged in the WARC files, and which captures that costs."""
    loss = Loss()
    with store.read() as connection:
        recorded = recorded_runs(connection)
        ends = committed_ends(connection)
        rows = committed_captures(connection)
        for damage in verify_archive(home, rows, ends, recorded=recorded, on_record=step):
            run_id = run_missing(damage)
            if run_id is not None:
                loss.runs.append(run_id)
            elif damage.severity is Severity.ERROR and damage.rule not in _NOT_LOST:
                loss.damages[Path(damage.file).name, damage.offset] = damage.message
        if loss.damages:
            loss.captures = _lost(home.files, committed_captures(connection))
    return loss


def mark_loss(store: Store, loss: Loss, now: datetime) -> None:
    """Stores what was found, in one transaction."""
    with store.write() as connection:
        mark_lost(connection, loss.captures, loss.damages, now)
        forget_written(connection, loss.runs)
        replace_lost(connection)


def settle(store: Store) -> None:
    """Notes what asking again brought."""
    with store.write() as connection:
        replace_lost(connection)


def with_known(damages: Iterable[Damage], known: frozenset[tuple[str, int]]) -> Iterator[Damage]:
    """The damages; an error at a place that `repair` has marked is no news."""
    for damage in damages:
        at = (Path(damage.file).name, damage.offset)
        if damage.severity is Severity.ERROR and damage.rule not in _NOT_LOST and at in known:
            yield replace(damage, severity=Severity.INFO, rule=KNOWN)
        else:
            yield damage


def _lost(folder: WarcFolder, rows: Iterable[CaptureRow]) -> dict[int, str]:
    """Captures whose record or request cannot be read; and revisits of those."""
    lost: dict[int, str] = {}
    revisits: list[CaptureRow] = []
    for row in rows:
        why = _unreadable(folder, row.spot, row.record_id)
        if why is None and row.request_spot is not None:
            why = _unreadable(folder, row.request_spot, None)
        if why is not None:
            lost[row.capture_id] = why
        elif row.record_type == "revisit":
            revisits.append(row)
    for row in revisits:
        if row.refers_to in lost:
            lost[row.capture_id] = "what it repeats is lost"
    return lost


def _unreadable(folder: WarcFolder, spot: WarcSpot, record_id: str | None) -> str | None:
    try:
        record = read_record(folder, spot)
    except WarcError as error:
        return str(error)
    if record_id is not None and record.record_id != record_id:
        return f"{folder / spot.file}, offset {spot.offset}: here is another record"
    return None
