"""What changed between two versions: lines, words inside changed lines, figures as numbers, fields.

Lines are aligned by their longest common subsequence (rapidfuzz: bounded time, whatever the
text), changed neighbours are paired by likeness, and inside a pair numbers and words are compared
whole, so that 139 → 141 reads as one change.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from archive.model.reading import Field, Figure

MAX_LINES = 20_000
_MAX_BLOCK = 60
_MAX_LINE = 5_000
_ALIKE = 50.0
_TOKEN = re.compile(r"[0-9][0-9.,%]*|[A-Za-z]+|\s+|.", re.DOTALL)


class Change(StrEnum):
    """What happened to a line, a piece, a figure or a field."""

    SAME = "same"
    CHANGED = "changed"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of a changed line: `changed` is what the other side does not have."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """One line of the comparison. old: its parts in the older version, () when added; new: in the
    newer, () when removed. old_number, new_number: 1-based; None on the side that lacks it.
    """

    change: Change
    old: tuple[Part, ...]
    new: tuple[Part, ...]
    old_number: int | None
    new_number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureChange:
    """A figure that is not the same. difference: new minus old; None unless both have a value."""

    change: Change
    form: str
    indicator: str | None
    label: str
    applicant: str | None
    old: Figure | None
    new: Figure | None
    difference: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A header field whose printed text or value differs. None: absent on that side."""

    change: Change
    name: str
    old: Field | None
    new: Field | None


def diff_lines(old: Sequence[str], new: Sequence[str]) -> list[LineChange]:
    """All lines of both, in reading order, unchanged ones included.

    >>> [c.change.value for c in diff_lines(["收到 139 件", "无"], ["收到 141 件", "无"])]
    ['changed', 'same']
    """
    before = _common_front(old, new)
    behind = _common_front(old[before:][::-1], new[before:][::-1])
    changes = [_same(old[i], i, i) for i in range(before)]
    changes += _middle(old, new, before, len(old) - behind, len(new) - behind)
    shift = len(new) - len(old)
    changes += [_same(old[i], i, i + shift) for i in range(len(old) - behind, len(old))]
    return changes


def diff_words(old: str, new: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """The two lines cut into parts that both have and parts that only one has.

    >>> [part.text for part in diff_words("收到139件", "收到141件")[1] if part.changed]
    ['141']
    """
    if max(len(old), len(new)) > _MAX_LINE:
        return (Part(text=old, changed=True),), (Part(text=new, changed=True),)
    ours, theirs = _TOKEN.findall(old), _TOKEN.findall(new)
    left: list[Part] = []
    right: list[Part] = []
    for step in Indel.opcodes(ours, theirs):
        differs = step.tag != "equal"
        _append(left, "".join(ours[step.src_start : step.src_end]), differs=differs)
        _append(right, "".join(theirs[step.dest_start : step.dest_end]), differs=differs)
    return tuple(left), tuple(right)


def diff_figures(old: Iterable[Figure], new: Iterable[Figure]) -> list[FigureChange]:
    """Figures whose value or state differs, matched by form, indicator (or printed label) and
    applicant column; the newer order first, what is gone at the end.
    """
    ours, theirs = dict(_keyed(old)), dict(_keyed(new))
    changes = [_figure_change(ours.get(key), figure) for key, figure in theirs.items()]
    changes += [_figure_change(figure, None) for key, figure in ours.items() if key not in theirs]
    return [change for change in changes if change.change is not Change.SAME]


def diff_fields(old: Iterable[Field], new: Iterable[Field]) -> list[FieldChange]:
    """Header fields whose value or printed text differs; the first of a name counts."""
    ours, theirs = _first(old), _first(new)
    changes = []
    for name in dict.fromkeys([*theirs, *ours]):
        was, now = ours.get(name), theirs.get(name)
        if was is not None and now is not None and _value_and_print(was) == _value_and_print(now):
            continue
        changes.append(FieldChange(change=_what(was, now), name=name, old=was, new=now))
    return changes


def _common_front(old: Sequence[str], new: Sequence[str]) -> int:
    count = 0
    for ours, theirs in zip(old, new, strict=False):
        if ours != theirs:
            break
        count += 1
    return count


def _middle(
    old: Sequence[str], new: Sequence[str], start: int, old_end: int, new_end: int
) -> Iterator[LineChange]:
    ours, theirs = old[start:old_end], new[start:new_end]
    if max(len(ours), len(theirs)) > MAX_LINES:
        yield from _block(old, new, range(start, old_end), range(start, new_end))
        return
    removed: list[int] = []
    added: list[int] = []
    for step in Indel.opcodes(list(ours), list(theirs)):
        if step.tag != "equal":
            removed += range(start + step.src_start, start + step.src_end)
            added += range(start + step.dest_start, start + step.dest_end)
            continue
        yield from _block(old, new, removed, added)
        removed, added = [], []
        for i, j in zip(
            range(step.src_start, step.src_end),
            range(step.dest_start, step.dest_end),
            strict=True,
        ):
            yield _same(old[start + i], start + i, start + j)
    yield from _block(old, new, removed, added)


def _block(
    old: Sequence[str], new: Sequence[str], removed: Sequence[int], added: Sequence[int]
) -> Iterator[LineChange]:
    """Removed and added neighbours: alike ones are one changed line, in both their orders."""
    left, right = 0, 0
    for i, j in _pairs([old[k] for k in removed], [new[k] for k in added]):
        yield from _loose(old, new, removed[left:i], added[right:j])
        parts = diff_words(old[removed[i]], new[added[j]])
        yield LineChange(change=Change.CHANGED, old=parts[0], new=parts[1],
                         old_number=removed[i] + 1, new_number=added[j] + 1)  # fmt: skip
        left, right = i + 1, j + 1
    yield from _loose(old, new, removed[left:], added[right:])


def _pairs(ours: Sequence[str], theirs: Sequence[str]) -> list[tuple[int, int]]:
    """Which lines of two small blocks belong together, both in rising order: the pairing with the
    greatest sum of likenesses above the threshold.
    """
    if not ours or not theirs or max(len(ours), len(theirs)) > _MAX_BLOCK:
        return []
    best = [[0.0] * (len(theirs) + 1) for _ in range(len(ours) + 1)]
    alike = [[_likeness(a, b) for b in theirs] for a in ours]
    for i in range(len(ours) - 1, -1, -1):
        for j in range(len(theirs) - 1, -1, -1):
            paired = alike[i][j] + best[i + 1][j + 1] if alike[i][j] else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    return list(_walk(best, alike))


def _walk(best: list[list[float]], alike: list[list[float]]) -> Iterator[tuple[int, int]]:
    i = j = 0
    while i < len(alike) and j < len(alike[0]):
        if alike[i][j] and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            yield i, j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1


def _likeness(ours: str, theirs: str) -> float:
    score = fuzz.ratio(ours[:_MAX_LINE], theirs[:_MAX_LINE])
    return score if score >= _ALIKE else 0.0


def _loose(
    old: Sequence[str], new: Sequence[str], removed: Sequence[int], added: Sequence[int]
) -> Iterator[LineChange]:
    for i in removed:
        part = Part(text=old[i], changed=True)
        yield LineChange(
            change=Change.REMOVED, old=(part,), new=(), old_number=i + 1, new_number=None
        )
    for j in added:
        part = Part(text=new[j], changed=True)
        yield LineChange(
            change=Change.ADDED, old=(), new=(part,), old_number=None, new_number=j + 1
        )


def _same(line: str, i: int, j: int) -> LineChange:
    part = (Part(text=line, changed=False),)
    return LineChange(change=Change.SAME, old=part, new=part, old_number=i + 1, new_number=j + 1)


def _append(parts: list[Part], text: str, *, differs: bool) -> None:
    if not text:
        return
    if parts and parts[-1].changed == differs:
        text = parts.pop().text + text
    parts.append(Part(text=text, changed=differs))


_Key: TypeAlias = tuple[str, str, str, int]


def _keyed(figures: Iterable[Figure]) -> Iterator[tuple[_Key, Figure]]:
    """A row that no codebook knows may stand twice under one label: its turn is in the key."""
    turns: Counter[tuple[str, str, str]] = Counter()
    for figure in figures:
        name = figure.indicator or f"label:{''.join(figure.label.split())}"
        key = (figure.form, name, figure.applicant or "")
        turns[key] += 1
        yield (*key, turns[key]), figure


def _figure_change(old: Figure | None, new: Figure | None) -> FigureChange:
    known = new or old
    assert known is not None  # noqa: S101 - one of the two is the reason for the call
    change = _what(old, new)
    difference = None
    if old is not None and new is not None:
        if (old.value, old.state) == (new.value, new.state):
            change = Change.SAME
        if old.value is not None and new.value is not None:
            difference = new.value - old.value
    return FigureChange(
        change=change, form=known.form, indicator=known.indicator, label=known.label,
        applicant=known.applicant, old=old, new=new, difference=difference,
    )  # fmt: skip


def _what(old: object | None, new: object | None) -> Change:
    if old is None:
        return Change.ADDED
    return Change.REMOVED if new is None else Change.CHANGED


def _first(fields: Iterable[Field]) -> dict[str, Field]:
    found: dict[str, Field] = {}
    for field in fields:
        found.setdefault(field.name, field)
    return found


def _value_and_print(field: Field) -> tuple[str | None, str]:
    return field.value, "".join(field.printed.split())
