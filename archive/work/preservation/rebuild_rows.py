"""The rows that runs wrote down become rows of a ledger again."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from archive.store import Store
from archive.store.write.restoring import IN_ORDER, NEWEST, restore_in_order, restore_newest
from archive.warc.reader import read_block
from archive.work.preservation.run_sets import RunSet, rows_of

_AT_ONCE: Final = 500
_AFTER_VERSIONS: Final = "field_event"
_Batch = tuple[str, list[dict[str, Any]]]


def restore_rows(store: Store, folder: Path, sets: Sequence[RunSet]) -> int:
    """Everything but versions and what refers to them. sets: in the order in which they were
    written. How many captures are named whose records were not found.
    """
    for kinds in (("portal", "run"), ("host", "public_body", "page")):
        for each in reversed(sets):
            for kind, rows in _batches(folder, each, kinds):
                added = {"recorded_at": each.written_at} if kind == "run" else {}
                with store.write() as connection:
                    restore_newest(connection, kind, [row | added for row in rows])
    others = [kind for kind in IN_ORDER if kind != _AFTER_VERSIONS]
    lost = 0
    for each in sets:
        for kind, rows in _batches(folder, each, others):
            with store.write() as connection:
                missing = restore_in_order(connection, each.run_id, kind, rows)
            lost += missing if kind == "capture" else 0
    return lost


def restore_field_events(store: Store, folder: Path, sets: Sequence[RunSet]) -> None:
    """Fields that changed while their page's content stood, when the versions are there."""
    for each in sets:
        for kind, rows in _batches(folder, each, (_AFTER_VERSIONS,)):
            with store.write() as connection:
                restore_in_order(connection, each.run_id, kind, rows)


def _batches(folder: Path, of: RunSet, kinds: Sequence[str]) -> Iterator[_Batch]:
    """The rows of these kinds, some of one kind at a time, in their order."""
    assert set(kinds) <= {*NEWEST, *IN_ORDER}  # noqa: S101 - our own callers
    for spot in of.spots():
        for kind, rows in groupby(rows_of(read_block(folder, spot)), key=lambda row: row["row"]):
            if kind in kinds:
                its = list(rows)
                for start in range(0, len(its), _AT_ONCE):
                    yield kind, its[start : start + _AT_ONCE]
