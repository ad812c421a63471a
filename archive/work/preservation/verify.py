"""Checks WARC files, or a whole archive against what its ledger committed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Final

from archive.model.errors import WarcError
from archive.model.frontier import WarcSpot
from archive.model.reading import Severity
from archive.warc.block import MAX_HELD_BYTES
from archive.warc.check import (
    SENT_WRONGLY,
    Block,
    Damage,
    OnRecord,
    Seen,
    check_file,
)
from archive.warc.folder import WarcFile, WarcFolder, file_of, warc_files
from archive.warc.growing import OPEN_SUFFIX
from archive.warc.scan import Head
from archive.warc.wacz.check import check_wacz, is_wacz
from archive.work.home import Home
from archive.work.preservation.comparison import CommittedCapture, Comparison
from archive.work.preservation.run_sets import RunSets, is_run_record, taken_over

MISSING_RUN: Final = "missing_run"


def verify_files(
    paths: Iterable[WarcFile],
    *,
    on_record: Callable[[], None] = lambda: None,
    on_cut: Callable[[Damage], None] = lambda _: None,
) -> Iterator[Damage]:
    """Everything that is wrong with some WARC and WACZ files, as `check_file` and `check_wacz`
    report it. WARC files are taken as belonging together: a revisit is an error only if none of
    them has what it refers to. A WACZ file has all that it needs, or says so.
    on_record is called for every record looked at, on_cut with a note on every capture that says
    itself that it is not whole (WARC-Truncated): no damage, but no whole page either.
    """
    with Seen() as seen:
        for path in {_once(path): path for path in paths}.values():
            met = partial(_met, on_record=on_record, on_cut=on_cut)
            if isinstance(path, Path) and is_wacz(path):
                yield from check_wacz(path, met=met)
            else:
                yield from check_file(path, seen=seen, on_record=met(path))
        yield from seen.unresolved()


def _once(path: WarcFile) -> WarcFile:
    """By what a file that was named twice is told."""
    return path.resolve() if isinstance(path, Path) else path


def run_missing(damage: Damage) -> int | None:
    """The run whose rows a damage says are missing; None for other damages."""
    if damage.rule != MISSING_RUN:
        return None
    return int(damage.message.partition(":")[0].removeprefix("run "))


def _met(
    path: WarcFile,
    on_record: Callable[[], None],
    on_cut: Callable[[Damage], None],
    sets: RunSets | None = None,
) -> OnRecord:
    def met(head: Head, length: int | None, block: Block) -> None:
        on_record()
        if sets is not None and is_run_record(head):
            spot = WarcSpot(file=path.name, offset=head.offset, length=length or 0)
            with suppress(WarcError):  # then the run's rows are missing
                sets.meet(spot, block.start(MAX_HELD_BYTES))
        if (note := _cut(head, path)) is not None:
            on_cut(note)

    return met


def _cut(head: Head, path: WarcFile) -> Damage | None:
    """A revisit leaves its body out on purpose and says `length`."""
    reason = head.get("WARC-Truncated")
    if reason is None or head.record_type not in ("response", "resource"):
        return None
    return Damage(
        file=str(path),
        offset=head.offset,
        severity=Severity.INFO,
        rule="incomplete",
        message=f"the capture is not whole ({reason[:50]}): {(head.target_uri or '')[:200]}",
    )


def verify_archive(
    home: Home,
    rows: Iterable[CommittedCapture],
    ends: Mapping[str, int],
    *,
    recorded: Iterable[int] = (),
    on_record: Callable[[], None] = lambda: None,
    on_cut: Callable[[Damage], None] = lambda _: None,
) -> Iterator[Damage]:
    """Everything that is wrong with an archive: its files, and where they differ from the ledger.

    rows: every committed capture, in the order of their files. ends: file name to the end of what
    is committed in it. Behind that end a closed file must have nothing; what a growing file has
    there belongs to the crawl that is writing it. recorded: the runs whose rows must lie in the
    files, too. on_record and on_cut as in `verify_files`.
    """
    sets = RunSets(taken_over(home))
    with Seen() as seen:
        looked_at = set()
        for name, group in groupby(rows, key=lambda row: row.spot.file):
            looked_at.add(name)
            met = _met(home.files / name, on_record, on_cut, sets)
            comparison = Comparison(list(group), met)
            yield from verify_file(home.files, name, comparison, ends.get(name, 0), seen)
        for path in warc_files(home.files):
            name = path.name.removesuffix(OPEN_SUFFIX)
            if name not in looked_at:
                comparison = Comparison([], _met(path, on_record, on_cut, sets))
                yield from verify_file(home.files, name, comparison, ends.get(name, 0), seen)
        yield from seen.unresolved()
    for run_id in sorted(set(recorded) - sets.whole().keys()):
        message = f"run {run_id}: its rows, of which `gongkai rebuild` makes it again, are missing"
        yield _error(home.warc, 0, MISSING_RUN, message)


def verify_file(
    folder: WarcFolder, name: str, comparison: Comparison, end: int, seen: Seen
) -> Iterator[Damage]:
    """Everything that is wrong with one WARC file of an archive, and where it differs from the
    ledger. comparison: with every capture that the ledger has in it. end: up to where it is
    committed. seen: what records of it and of other files refer to; the caller asks it.
    """
    try:
        path = file_of(folder, name)
    except WarcError:
        message = f"the file is missing, and with it {comparison.captures} captures"
        yield _error(folder / name, 0, "missing_file", message)
        return
    growing = path.name.endswith(OPEN_SUFFIX)
    for damage in check_file(path, seen=seen, on_record=comparison.meet):
        if not growing or damage.offset < end:
            yield _as_sent(damage) if comparison.captures else damage
    yield from comparison.differences(path)
    yield from _verify_end(path, end, growing=growing)


def _verify_end(path: WarcFile, end: int, *, growing: bool) -> Iterator[Damage]:
    size = path.stat().st_size
    if size < end:
        yield _error(path, size, "missing_bytes", f"{end - size} committed bytes are missing")
    elif size > end and not growing:
        message = f"{size - end} bytes behind the last committed record"
        yield _error(path, end, "uncommitted_bytes", message)


def _as_sent(damage: Damage) -> Damage:
    """In a file of our own: a server that labelled its answer wrongly damaged nothing of ours, and
    one of them must not hide every later damage behind an exit status that is always the same.
    """
    if damage.rule not in SENT_WRONGLY:
        return damage
    return replace(damage, severity=Severity.WARNING)


def _error(path: WarcFile, offset: int, rule: str, message: str) -> Damage:
    return Damage(
        file=str(path), offset=offset, severity=Severity.ERROR, rule=rule, message=message
    )
