"""Which row of a form a printed label means: exact wording first, then context, then misprints.

A label is never taken for a row on a hunch: where two rows are as near, the answer is a doubt.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from archive.codebook.forms import Row, form
from archive.model.content import narrow

MAX_LABEL = 160
"""Longer texts are prose, not labels."""

_BULLET = re.compile(
    r"(?:其中[:：]?|[(（][一二三四五六七八九十\d]{0,3}[)）]|[一二三四五六七八九十]{1,3}[、.,:：]|"
    r"\d{1,2}[)）]?[、.,:：]?(?=\D))"
)
_REMARK = re.compile(r"\([^()]{0,120}\)")
_OPEN_REMARK = re.compile(r"(?<=..)\([^()]{3,}$")
_NOT_WORD = re.compile(r"[\W_]+")
_NUMERALS = {character: value for value, character in enumerate("零一二三四五六七八九十")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a label was taken for. row: None when nothing fits; doubt: why it is not certain."""

    row: Row | None
    doubt: str | None = None


def core(label: str) -> str:
    """A label without numbering, remarks in brackets, punctuation and white space.

    >>> core("（一）主动公开政府信息数（不同渠道和方式公开相同信息计1条）")
    '主动公开政府信息数'
    >>> core("其中：1﹒当面申请数"), core("1专职人员数")
    ('当面申请数', '专职人员数')
    """
    return _core(label[: MAX_LABEL * 2])


@lru_cache(maxsize=4096)
def _core(label: str) -> str:
    # Reports print the same few hundred labels; the cache is bounded in number and in length.
    text = _squashed(label)
    text = _OPEN_REMARK.sub("", _REMARK.sub("", text[_bullet_end(text) :]))
    return _NOT_WORD.sub("", text)


def ordinal(label: str) -> int | None:
    """The number a label is printed with (（二） is 2, 3． is 3); None when it has none."""
    text = _squashed(label[:MAX_LABEL])
    found = re.findall(r"[一二三四五六七八九十]|\d{1,2}", text[: _bullet_end(text)])
    if not found:
        return None
    last = found[-1]
    return _NUMERALS[last] if last in _NUMERALS else int(last)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """One wording of one row."""

    row: Row
    place: int
    core: str
    ordinal: int | None


class Labels:
    """Labels of one or more tables of a form, matched in the order in which they are printed."""

    def __init__(self, name: str, part: str) -> None:
        self._form = form(name)
        self._known = _known(name, part)
        self._last: dict[int, Row] = {}
        self._used: set[str] = set()

    def knows(self, label: str) -> bool:
        """Whether the label is spelled exactly like one of the rows."""
        return len(label) <= MAX_LABEL and core(label) in self._known

    def match(self, label: str, above: Collection[str] = (), panel: int = 0) -> Match:
        """The row that a label means. above: labels of cells that span this row from the left.

        panel: which of several label columns side by side the label stands in.
        """
        if len(label) > MAX_LABEL:
            return Match(row=None)
        parents = self._parents(above)
        chain = self._chain(panel)
        exact = self._known.get(core(label), ())
        found = _choose(exact, parents, chain, self._used) if exact else self._near(label, chain)
        self._remember(label, found.row, panel)
        return found

    def _remember(self, label: str, row: Row | None, panel: int) -> None:
        if row is not None:
            self._last[panel] = row
            self._used.add(row.key)
        elif re.match(r"[一二三四五六七八九十]{1,3}、", label):
            # An unknown top-level row: what follows belongs to it, not to the row before.
            self._last.pop(panel, None)

    def _parents(self, above: Iterable[str]) -> set[str]:
        return {known.row.key for text in above for known in self._known.get(core(text), ())}

    def _chain(self, panel: int) -> tuple[str | None, ...]:
        """The last row and its ancestors, nearest first; None stands for the top."""
        keys: list[str | None] = []
        row = self._last.get(panel)
        while row is not None:
            keys.append(row.key)
            row = None if row.parent is None else self._form.row(row.parent)
        return (*keys, None)

    def _near(self, label: str, chain: tuple[str | None, ...]) -> Match:
        """The one row whose wording is a few characters away, if there is just one."""
        printed, number = core(label), ordinal(label)
        if len(printed) < 4:
            return Match(row=None)
        scored = sorted(self._scored(printed), key=lambda pair: pair[0])
        if not scored:
            return Match(row=None)
        best, nearest = scored[0]
        rivals = [known for far, known in scored if far <= best + 1 and known.row != nearest.row]
        if rivals:
            fitting = [k for k in (nearest, *rivals) if self._fits(k, number, chain)]
            if len(fitting) != 1:
                return Match(row=None, doubt="two rows are as near")
            nearest = fitting[0]
        elif best > max(1, len(printed) // 8) and not self._fits(nearest, number, chain):
            return Match(row=None)
        return Match(row=nearest.row, doubt=f"misprint of {nearest.row.label}")

    def _fits(self, known: _Known, number: int | None, chain: tuple[str | None, ...]) -> bool:
        same_number = known.ordinal is not None and known.ordinal == number
        return same_number and known.row.parent in chain and known.row.key not in self._used

    def _scored(self, printed: str) -> Iterator[tuple[int, _Known]]:
        limit = max(1, len(printed) // 4)
        for spelled, rows in self._known.items():
            if abs(len(spelled) - len(printed)) > limit or len(spelled) < 4:
                continue
            far = distance(spelled, printed, limit)
            if far <= limit:
                yield from ((far, known) for known in rows)


def distance(one: str, other: str, limit: int) -> int:
    """Edits (insert, delete, replace) between two short strings; limit + 1 when there are more.

    >>> distance("维持具有行政行为", "维持具体行政行为", 2)
    1
    """
    previous = list(range(len(other) + 1))
    for row, character in enumerate(one, 1):
        current = [row]
        for column, wanted in enumerate(other, 1):
            current.append(
                min(
                    previous[column] + 1,
                    current[column - 1] + 1,
                    previous[column - 1] + (character != wanted),
                )
            )
        if min(current) > limit:
            return limit + 1
        previous = current
    return previous[-1]


def _squashed(label: str) -> str:
    return "".join(narrow(label).split())


def _bullet_end(text: str) -> int:
    end = 0
    for _ in range(3):
        found = _BULLET.match(text, end)
        if found is None or found.end() == len(text):
            break
        end = found.end()
    return end


def _choose(
    exact: Iterable[_Known],
    parents: set[str],
    chain: tuple[str | None, ...],
    used: set[str],
) -> Match:
    """Among rows of the same wording the one that stands where the label stands."""
    rows = {known.row.key: known.row for known in exact}
    fresh = [row for key, row in rows.items() if key not in used]
    if not fresh:
        return Match(row=None, doubt="printed twice")
    if len(rows) == 1:
        return Match(row=fresh[0])
    by_cell = [row for row in rows.values() if row.parent in parents]
    if len(by_cell) == 1:
        row = by_cell[0]
        return Match(row=row) if row in fresh else Match(row=None, doubt="printed twice")
    for above in chain:
        here = [row for row in rows.values() if row.parent == above]
        if len(here) == 1:
            return Match(row=here[0]) if here[0] in fresh else Match(row=None, doubt="no parent")
    return Match(row=None, doubt="several rows have this label")


@cache
def _known(name: str, part: str) -> dict[str, tuple[_Known, ...]]:
    found: dict[str, list[_Known]] = {}
    for place, row in enumerate(form(name).part(part)):
        for wording in _wordings(row):
            known = _Known(row=row, place=place, core=wording, ordinal=ordinal(row.label))
            found.setdefault(wording, []).append(known)
    return {wording: tuple(rows) for wording, rows in found.items()}


def _wordings(row: Row) -> set[str]:
    labels = [row.label, *(alias.label for alias in row.aliases)]
    wordings = {core(label) for label in labels}
    if row.note is not None:
        # The remark printed without its brackets is part of the label.
        wordings.add(core(row.label) + _NOT_WORD.sub("", _squashed(row.note)))
    return wordings
