"""Two stored versions of a page side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from archive.store import Store
from archive.store.query.history import versions
from archive.store.query.questions import PageRow
from archive.store.query.stored_parts import version_parts
from archive.store.rows import VersionRow
from archive.work.diff import (
    Change,
    FieldChange,
    FigureChange,
    LineChange,
    diff_fields,
    diff_figures,
    diff_lines,
)
from archive.work.query.find_page import find_page
from archive.work.query.show import version_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What changed from `old` to `new`. lines: title and text, unchanged lines included."""

    page: PageRow
    old: VersionRow
    new: VersionRow
    lines: tuple[LineChange, ...]
    figures: tuple[FigureChange, ...]
    fields: tuple[FieldChange, ...]


def compare(
    store: Store, given: str, first: int | None = None, second: int | None = None
) -> Comparison:
    """Versions `first` and `second` of a page; by default the last two, or `first` and the
    latest; a page with one version is compared with itself. UsageError: no such page or version.
    """
    page = find_page(store, given)
    new = version_of(store, page, second)
    old = _before(store, new) if first is None else version_of(store, page, first)
    with store.read() as connection:
        ours = version_parts(connection, old.version_id)
        theirs = version_parts(connection, new.version_id)
    return Comparison(
        page=page,
        old=old,
        new=new,
        lines=tuple(diff_lines(lines_of(old), lines_of(new))),
        figures=tuple(diff_figures(ours.figures, theirs.figures)),
        fields=tuple(diff_fields(ours.fields, theirs.fields)),
    )


def _before(store: Store, new: VersionRow) -> VersionRow:
    """The version that stood before another one; that one itself where it is the first."""
    with store.read() as connection:
        found = versions(connection, new.url)
    place = next(place for place, each in enumerate(found) if each.number == new.number)
    return found[max(0, place - 1)]


def lines_of(version: VersionRow) -> list[str]:
    """Title and text as compared: one paragraph or table row a line."""
    return [version.title or "", *version.text.split("\n")]


def near_changes(lines: Sequence[LineChange], *, around: int = 1) -> list[LineChange | None]:
    """The changed lines with `around` unchanged ones on both sides; None where lines are left
    out.
    """
    kept = set[int]()
    for place, line in enumerate(lines):
        if line.change is not Change.SAME:
            kept.update(range(place - around, place + around + 1))
    last = max(kept, default=-1)
    shown: list[LineChange | None] = []
    for place, line in enumerate(lines):
        if place in kept:
            shown.append(line)
        elif shown and shown[-1] is not None and place < last:
            shown.append(None)
    return shown
