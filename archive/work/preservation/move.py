"""`gongkai move`: the ledger goes to another database, rows, numbers and instants as they are. The
WARC files stay where they lie.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from archive.model.errors import CannotRunError, UsageError
from archive.search.index import open_indexed, rebuild
from archive.store import moving
from archive.store.engine import locate, place_of, sqlite_path
from archive.store.frontier.advisory_lock import advisory_lock
from archive.store.put_in_place import put_in_place, set_aside
from archive.store.unfinished_merges import unfinished_merges
from archive.store.write.captures import archive_id
from archive.warc.mark import read_mark, rewrite_mark
from archive.work.home import Home, this_process

_DRAFT: Final = ".moving"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What a move did. rows: how many the ledger has; place, kept: where it is, and where what it
    was moved from is kept.
    """

    rows: int
    place: str
    kept: str


def move(
    home: Home,
    source: str | Path,
    place: str | Path,
    *,
    on_total: Callable[[int], None],
    on_rows: Callable[[int, str], None],
) -> Moved:
    """Copies the ledger at `source` to `place`, compares every row, makes the search index there,
    and only then puts the source out of use. Ended at any point, the same call goes on.

    UsageError: both are one, or `place` is not empty. HomeLockedError: a crawl holds the archive,
    or a worker is alive.
    CannotRunError: a database refuses, a row is not equal, or a merge into the source was not
    finished; the source is then as it was.
    """
    path = sqlite_path(locate(place))
    if place_of(source) == place_of(place):
        raise UsageError(f"the ledger is at {place_of(place)} already")
    with ExitStack() as held:
        held.enter_context(home.locked("move"))
        store = held.enter_context(open_indexed(source))
        held.enter_context(store.advisory_lock(this_process("move"), alone=True))
        rows = held.enter_context(moving.snapshot(source))
        if halves := unfinished_merges(rows):
            raise CannotRunError(str(halves[0]))
        mine, total = archive_id(rows), moving.count_rows(rows)
        on_total(total)
        is_there = path is None or (path.exists() and path.stat().st_size > 0)
        if not (is_there and moving.has_all(rows, place, mine, on_rows)):
            if is_there:
                refuse_used(place, mine)
            draft = path and path.with_name(path.name + _DRAFT)
            filled = f"sqlite:///{draft.absolute()}" if draft else place
            with moving.target(filled) as engine, advisory_lock(engine, this_process("move")):
                moving.begin(engine, mine)
                moving.copy_rows(rows, engine, on_rows)
                moving.finish(engine, rebuild)
            if path and draft:
                put_in_place(draft, path)
    _name_ledger(home, mine, place)
    return Moved(rows=total, place=place_of(place), kept=_put_away(source, place))


def refuse_used(place: str | Path, mine: str | None = None) -> None:
    """Raises UsageError unless a ledger can be moved to `place`: it is empty, or has an unfinished
    move of the archive `mine`.
    """
    with moving.target(place) as engine:
        moving.refuse_used(engine, mine)


def _name_ledger(home: Home, mine: str, place: str | Path) -> None:
    """The mark beside the WARC files says where the ledger is."""
    mark = read_mark(home.warc)
    if mark is not None and mark.archive_id == mine:
        rewrite_mark(home.warc, replace(mark, ledger=place_of(place)))


def _put_away(source: str | Path, place: str | Path) -> str:
    """Where the former ledger is kept: nobody takes it for the archive's by mistake."""
    path = sqlite_path(locate(source))
    if path is None:
        moving.note_moved(source, place_of(place))
        return place_of(source)
    aside = set_aside(path, "moved")
    try:
        path.unlink()
    except OSError as error:
        raise CannotRunError(f"cannot rename {path}: {error.strerror}") from error
    return str(aside)
