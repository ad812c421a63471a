"""The rows that runs wrote down become rows of a ledger again."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from archive.model.reading import Severity
from archive.store import Connection, Store
from archive.store.write.restoring import IN_ORDER, restore_in_order, restore_newest
from archive.warc.folder import WarcFolder
from archive.warc.reader import read_block
from archive.warc.scan import Damage
from archive.work.preservation.run_sets import RunSet, rows_of

_AT_ONCE: Final = 500
_AFTER_VERSIONS: Final = ("field_event",)
# Each refers to those before.
_FIRST: Final = (
    ("portal", "run"), ("host", "public_body", "source", "page"), ("withdrawal",),
)  # fmt: skip
_Rows = list[dict[str, Any]]
_Work = Callable[[Connection, str, _Rows], int]


class RowRestoring:
    """The rows of all sets, in two steps around the versions. damages: rows that no code of ours
    wrote, which are left out.
    """

    def __init__(
        self, store: Store, folder: WarcFolder, sets: Sequence[RunSet], damages: list[Damage]
    ) -> None:
        self._store = store
        self._folder = folder
        self._sets = sets
        self._damages = damages

    def before_versions(self) -> dict[int, int]:
        """Everything but versions and what refers to them. How many captures each run names whose
        records were not found; runs that name none miss.
        """
        for kinds in _FIRST:
            for each in reversed(self._sets):
                self._restore(each, kinds, _newest(each))
        others = [kind for kind in IN_ORDER if kind not in _AFTER_VERSIONS]
        lost = {each.run_id: self._restore(each, others, _in_order(each)) for each in self._sets}
        return {run_id: count for run_id, count in lost.items() if count}

    def after_versions(self) -> None:
        """What refers to versions."""
        for each in self._sets:
            self._restore(each, _AFTER_VERSIONS, _in_order(each))

    def _restore(self, each: RunSet, kinds: Sequence[str], work: _Work) -> int:
        """How many captures were not found."""
        lost = 0
        for kind, rows in _batches(self._folder, each, kinds):
            try:
                with self._store.write() as connection:
                    missing = work(connection, kind, rows)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                self._damages.append(_unusable(self._folder, each, kind, error))
                continue
            lost += missing if kind == "capture" else 0
        return lost


def _newest(each: RunSet) -> _Work:
    def work(connection: Connection, kind: str, rows: _Rows) -> int:
        written = {"recorded_at": each.written_at} if kind == "run" else {}
        restore_newest(connection, kind, [row | written for row in rows])
        return 0

    return work


def _in_order(each: RunSet) -> _Work:
    return lambda connection, kind, rows: restore_in_order(connection, each.run_id, kind, rows)


def _batches(folder: WarcFolder, of: RunSet, kinds: Sequence[str]) -> Iterator[tuple[str, _Rows]]:
    """The rows of these kinds, some of one kind at a time, in their order."""
    for spot in of.spots():
        for kind, rows in groupby(rows_of(read_block(folder, spot)), key=lambda row: row["row"]):
            if kind in kinds:
                its = list(rows)
                for start in range(0, len(its), _AT_ONCE):
                    yield kind, its[start : start + _AT_ONCE]


def _unusable(folder: WarcFolder, each: RunSet, kind: str, error: Exception) -> Damage:
    spot = each.spots()[0]
    return Damage(
        file=str(folder / spot.file),
        offset=spot.offset,
        severity=Severity.ERROR,
        rule="run_record",
        message=f"rows of run {each.run_id} cannot be used ({kind}): {error!r}"[:300],
    )
