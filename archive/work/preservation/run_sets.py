"""The records in which runs wrote down their rows, found again among those of WARC files: of each
run the last set that is whole. A crash may leave sets that have no end.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from archive.model.errors import WarcError
from archive.model.frontier import WarcSpot
from archive.warc.drafts import RUN_SCHEME
from archive.warc.mark import MARK_NAME, merged_archives, read_mark
from archive.warc.scan import Head
from archive.work.home import Home
from archive.work.ingest.run_records import END, FORMAT, HEAD
from archive.work.preservation.backup_manifest import MERGED, WARC

_Row = dict[str, Any]
_KNOWN: Final = FORMAT.partition("/")[0]


@dataclass(slots=True, kw_only=True)
class RunSet:
    """One writing-down of a run. parts: where its records lie, by number; count: how many there
    must be, None while the last has not been met.
    """

    archive_id: str
    run_id: int
    written_at: datetime
    parts: dict[int, WarcSpot] = field(default_factory=dict)
    count: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether every part was met."""
        return self.count is not None and set(self.parts) == set(range(1, self.count + 1))

    def spots(self) -> list[WarcSpot]:
        """Where its parts lie, in order."""
        return [self.parts[number] for number in sorted(self.parts)]


class RunSets:
    """`meet` the records that `is_run_record`; `whole` at the end. merged: archives that were taken
    in, whose runs have other numbers here; what they wrote down is left out.
    """

    def __init__(self, merged: Collection[str] = ()) -> None:
        self._merged = merged
        self._sets: dict[str, RunSet] = {}

    def meet(self, spot: WarcSpot, block: bytes) -> None:
        """Takes note of one record. WarcError when it is none that this code can read."""
        try:
            head = json.loads(block[: block.index(b"\n")])
            last = json.loads(block[block.rindex(b"\n", 0, len(block) - 1) + 1 :])
            made_by, _, version = str(head["format"]).partition("/")
            found = RunSet(
                archive_id=str(head["archive"]),
                run_id=int(head["run"]),
                written_at=datetime.fromisoformat(head["written_at"]),
            )
            number, name, is_head = int(head["part"]), str(head["set"]), head["row"] == HEAD
            count = int(last["parts"]) if last["row"] == END else None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise WarcError(f"the rows of a run cannot be read: {error}") from error
        if not is_head or made_by != _KNOWN or version != FORMAT.partition("/")[2]:
            raise WarcError(f"the rows of a run are of another form: {str(head['format'])[:40]}")
        if found.archive_id in self._merged:
            return
        mine = self._sets.setdefault(name, found)
        mine.parts[number] = spot
        mine.count = mine.count if count is None else count

    def whole(self) -> dict[int, RunSet]:
        """The last whole set of each run."""
        by_run: defaultdict[int, list[RunSet]] = defaultdict(list)
        for each in self._sets.values():
            if each.is_whole:
                by_run[each.run_id].append(each)
        return {
            run_id: max(its, key=lambda each: each.written_at) for run_id, its in by_run.items()
        }

    def incomplete(self) -> list[RunSet]:
        """Sets that lack a record and that no later whole one stands in for, by run. Where a whole
        one stands before it, a set without an end is what a crash left: it is not among them.
        """
        whole = self.whole()
        found = []
        for each in self._sets.values():
            other = whole.get(each.run_id)
            is_known = other is not None and (
                each.count is None or other.written_at >= each.written_at
            )
            if not (each.is_whole or is_known):
                found.append(each)
        return sorted(found, key=lambda each: (each.run_id, each.written_at))

    def run_ids(self) -> set[int]:
        """The runs of which a record was met."""
        return {each.run_id for each in self._sets.values()}


def taken_over(home: Home) -> tuple[str, ...]:
    """Ids of the archives whose WARC files lie here besides its own: those that were merged, and
    those that had been merged into them. CannotRunError where a mark cannot be read.
    """
    mine = read_mark(home.files)
    kept = sorted((home.path / MERGED).glob(f"**/{WARC}/{MARK_NAME}"))
    folders = (home.files, *(mark.parent for mark in kept))
    found = dict.fromkeys(each for folder in folders for each in merged_archives(folder))
    return tuple(each for each in found if mine is None or each != mine.archive_id)


def is_run_record(head: Head) -> bool:
    """Whether a record holds rows of a run."""
    return head.record_type == "metadata" and (head.target_uri or "").startswith(RUN_SCHEME)


def rows_of(block: bytes) -> Iterator[_Row]:
    """The rows of one part. WarcError when a line is no row."""
    for line in block.splitlines():
        try:
            row = json.loads(line)
            kind = row["row"]
        except (ValueError, KeyError, TypeError) as error:
            raise WarcError(f"the rows of a run cannot be read: {error}") from error
        if kind not in (HEAD, END):
            yield row
