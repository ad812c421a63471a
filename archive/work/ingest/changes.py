"""What changed on pages, brought up to date with the versions, field events and visits of today.

Changes follow from what is stored: from two versions of a page one behind the other that one reader
read. What a better reader finds is no change of the page, so versions of two readers wait until
both are read again. `archive.work.diff` is the one definition of what changed.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from archive.model.change import ChangeKind
from archive.model.reading import Figure
from archive.store import Connection, Store
from archive.store.query.version_pairs import (
    VersionPair,
    known_passings,
    new_field_events,
    pairs_to_compare,
    passings,
)
from archive.store.write.changes import (
    ChangeRow,
    drop_changes,
    store_comparison,
    store_field_events,
    store_passing,
)
from archive.store.write.stored_reading import figure_cells, stored_reading
from archive.work.diff import (
    Change,
    FigureChange,
    LineChange,
    diff_fields,
    diff_figures,
    diff_lines,
)

# So many comparisons a transaction: who waits for the lock waits not long.
_BATCH: Final = 50


def note_changes(store: Store, stop: Callable[[], bool] = lambda: False) -> int:
    """Stores what changed since the last time; how many versions there were to compare. What is up
    to date already costs a look at the pages with several versions. stop: asked now and then; the
    others wait for the next call. CannotRunError: disk or lock.
    """
    with store.read() as connection:
        pairs = pairs_to_compare(connection)
    for start in range(0, len(pairs), _BATCH):
        if stop():
            return len(pairs)
        with store.write(synced=False) as connection:
            for pair in pairs[start : start + _BATCH]:
                changes = changes_between(connection, pair)
                store_comparison(connection, pair.version_id, pair.earlier_id, pair.at, changes)
    with store.read() as connection:
        events = new_field_events(connection)
    if events:
        with store.write() as connection:
            store_field_events(connection, events)
    _note_passings(store)
    return len(pairs)


def _note_passings(store: Store) -> None:
    with store.read() as connection:
        found = {(each.page_id, each.run_id, each.what): each for each in passings(connection)}
        known = known_passings(connection)
    fresh = [each for key, each in found.items() if key not in known]
    wrong = [row_id for key, row_id in known.items() if key not in found]
    if fresh or wrong:
        with store.write() as connection:
            drop_changes(connection, wrong)
            for each in fresh:
                store_passing(connection, each.page_id, each.run_id, each.what, each.at)


def changes_between(connection: Connection, pair: VersionPair) -> list[ChangeRow]:
    """What changed from a version to the next: figures, then title, text and fields."""
    old = stored_reading(connection, pair.earlier_id)
    new = stored_reading(connection, pair.version_id)
    cells = {
        id(figure): cell
        for version_id, reading in ((pair.earlier_id, old), (pair.version_id, new))
        for figure, cell in zip(
            reading.figures, figure_cells(connection, version_id), strict=True
        )
    }  # fmt: skip
    figures = diff_figures(old.figures, new.figures)
    found = [_of_figure(each, cells) for each in figures]
    if (old.title or "") != (new.title or ""):
        found.append(ChangeRow(what=ChangeKind.TITLE, old_value=old.title, new_value=new.title))
    found += _of_text(diff_lines(old.lines, new.lines), figures)
    for field in diff_fields(old.fields, new.fields):
        was, now = (each.printed if each else None for each in (field.old, field.new))
        found.append(
            ChangeRow(what=ChangeKind.FIELD, name=field.name, old_value=was, new_value=now)
        )
    return found


def _of_figure(change: FigureChange, cells: dict[int, int]) -> ChangeRow:
    known = change.new or change.old
    return ChangeRow(
        what=ChangeKind.FIGURE,
        cell_id=cells[id(known)],
        old_value=spelled_figure(change.old),
        new_value=spelled_figure(change.new),
    )


def spelled_figure(figure: Figure | None) -> str | None:
    """The number, or in which way there is none; None where the figure is absent."""
    if figure is None:
        return None
    return figure.state.value if figure.value is None else format(figure.value, "f")


def _of_text(lines: Sequence[LineChange], figures: Sequence[FigureChange]) -> Iterator[ChangeRow]:
    old = {change.old.printed.strip() for change in figures if change.old}
    new = {change.new.printed.strip() for change in figures if change.new}
    changed = [
        line
        for line in lines
        if line.change is not Change.SAME and not _told_by_figures(line, old, new)
    ]
    removed = sum(bool(line.old) for line in changed)
    added = sum(bool(line.new) for line in changed)
    if changed:
        yield ChangeRow(what=ChangeKind.TEXT, removed=removed, added=added)


def _told_by_figures(line: LineChange, old: set[str], new: set[str]) -> bool:
    """Whether a line is a row of a table in which nothing changed but figures that are changes of
    their own: 139 → 141 is told once.
    """
    if line.change is not Change.CHANGED or "\t" not in "".join(part.text for part in line.new):
        return False
    return all(part.text.strip() in old for part in line.old if part.changed) and all(
        part.text.strip() in new for part in line.new if part.changed
    )
