"""Rules between the reports of two years that follow each other: R5, R6, R7. All are soft."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache

from archive.codebook.forms import form
from archive.model.reading import Check, CheckState, Figure
from archive.reading.statistics.checks import by_cell

_CARRIED_IN, _CARRIED_OUT = "s3.carried_in", "s3.carried_out"
_DOCUMENTS = ("s2.i1.rules", "s2.i1.normative")
_Cells = Mapping[tuple[str, str | None], Figure]
_Key = tuple[str, str | None]


def check_years(previous_figures: Sequence[Figure], figures: Sequence[Figure]) -> tuple[Check, ...]:
    """R5: 上年结转 = last year's 结转下年度, per column (f19, f21). R6: documents in force (f21).
    R7: numbers of items (f19). Rules whose forms the two years do not have give no check.
    """
    before, now = by_cell(previous_figures), by_cell(figures)
    forms = {f.form for f in previous_figures}, {f.form for f in figures}
    found: list[Check] = []
    if all(names & {"f19", "f21"} for names in forms):
        found += _carried(before, now)
    if all("f21" in names for names in forms):
        found += _in_force(before, now)
    if all("f19" in names for names in forms):
        found += _items(before, now)
    return tuple(found)


@cache
def compared_indicators() -> frozenset[str]:
    """The indicators, with the form in front, that these rules ask for: of a report's two hundred
    figures some twenty.
    """
    carried = [f"{name}.{key}" for name in ("f19", "f21") for key in (_CARRIED_IN, _CARRIED_OUT)]
    documents = [
        f"f21.{key}.{cell}" for key in _DOCUMENTS for cell in ("valid", "issued", "repealed")
    ]
    items = [f"f19.{key}.{cell}" for key in _items_keys() for cell in ("prev_items", "delta")]
    return frozenset((*carried, *documents, *items))


def _carried(before: _Cells, now: _Cells) -> Iterator[Check]:
    for column in form("f21").applicants:
        yield _equal(
            "R5",
            column.key,
            "上年结转 = 上年报告的结转下年度",
            [(now, (_CARRIED_IN, column.key), 1)],
            [(before, (_CARRIED_OUT, column.key), 1)],
        )


def _in_force(before: _Cells, now: _Cells) -> Iterator[Check]:
    for key in _DOCUMENTS:
        yield _equal(
            "R6",
            key,
            "现行有效 = 上年现行有效 + 制发 - 废止",
            [(now, (f"{key}.valid", None), 1)],
            [
                (before, (f"{key}.valid", None), 1),
                (now, (f"{key}.issued", None), 1),
                (now, (f"{key}.repealed", None), -1),
            ],
        )


def _items(before: _Cells, now: _Cells) -> Iterator[Check]:
    for key in _items_keys():
        yield _equal(
            "R7",
            key,
            "上一年项目数量 = 上年报告的上一年项目数量 + 增/减",
            [(now, (f"{key}.prev_items", None), 1)],
            [(before, (f"{key}.prev_items", None), 1), (before, (f"{key}.delta", None), 1)],
        )


def _items_keys() -> list[str]:
    return [row.key for row in form("f19").part("s2") if "prev_items" in row.cells]


def _equal(
    rule: str,
    scope: str,
    text: str,
    left: Sequence[tuple[_Cells, _Key, int]],
    right: Sequence[tuple[_Cells, _Key, int]],
) -> Check:
    sides = [_total(left), _total(right)]
    evidence = "; ".join(_worded(cells, key) for cells, key, _ in (*left, *right))
    if sides[0] is None or sides[1] is None:
        state, message = CheckState.NOT_ASSESSABLE, f"{text}: a cell is missing or not given"
    else:
        state = CheckState.HOLDS if sides[0] == sides[1] else CheckState.VIOLATED
        message = f"{text}: {sides[0]} and {sides[1]}"
    return Check(rule=rule, scope=scope, state=state, message=message, evidence=evidence)


def _total(side: Sequence[tuple[_Cells, _Key, int]]) -> Decimal | None:
    total = Decimal(0)
    for cells, key, sign in side:
        figure = cells.get(key)
        if figure is None or figure.value is None:
            return None
        total += sign * figure.value
    return total


def _worded(cells: _Cells, key: _Key) -> str:
    figure = cells.get(key)
    name = ".".join(part for part in key if part)
    return f"{name} absent" if figure is None else f"{name} {figure.printed} ({figure.where})"
