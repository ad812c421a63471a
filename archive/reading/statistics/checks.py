"""Do a report's figures agree with each other? Rules R1–R4 and R8–R21 within one report.

Three states: a rule holds, is violated, or cannot be assessed because a cell is missing, blank or
a placeholder. Tolerance is 0.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal

from archive.codebook.forms import form as form_of
from archive.codebook.rules import APPLICANTS, AT_MOST, ROWS, Rule, rules
from archive.model.reading import Check, CheckState, Figure, Statement
from archive.reading.statistics.checks_prose import prose_checks
from archive.reading.statistics.checks_text import text_checks

_Key = tuple[str, str | None]
_NO_FORM = ""
_ZERO = Decimal(0)


class _Sheet:
    """The cells that rules ask about. What is told of a cell is worded once: it stands in several
    sums.
    """

    def __init__(self, cells: Mapping[_Key, Figure]) -> None:
        self.cells = cells
        self.rows = {key for key, _ in cells}
        self._values = {
            key: figure.value for key, figure in cells.items() if figure.value is not None
        }
        self._wording: dict[_Key, str] = {}

    def given(self, keys: Sequence[_Key]) -> list[Decimal]:
        """The values of the cells that have one."""
        values = self._values
        return [values[key] for key in keys if key in values]

    def worded(self, key: _Key) -> str:
        """A cell as evidence prints it."""
        worded = self._wording.get(key)
        if worded is None:
            worded = self._wording[key] = self._worded(key)
        return worded

    def _worded(self, key: _Key) -> str:
        figure = self.cells.get(key)
        name = ".".join(part for part in key if part)
        if figure is None:
            return f"{name} absent"
        return f"{name} {figure.printed.strip() or figure.state} ({figure.where})"


def run_checks(
    figures: Sequence[Figure],
    prose: Sequence[Statement],
    *,
    lines: Sequence[str],
    title: str | None,
    report_year: int | None,
    form: str | None,
) -> tuple[Check, ...]:
    """All rules that concern this report, one Check for each place where a rule applies.

    prose: what the lines state. form None: a report without statistics tables; only the rules
    about its text are applied.
    """
    name = form or _NO_FORM
    cells = by_cell(figures)
    sheet = _Sheet(cells)
    found = [check for rule in rules(name) for check in _apply(rule, name, sheet, figures)]
    found += prose_checks(cells, prose, name)
    found += text_checks(cells, lines, prose, name, title=title, report_year=report_year)
    return tuple(found)


def by_cell(figures: Sequence[Figure]) -> dict[tuple[str, str | None], Figure]:
    """Figures by indicator without its form, and applicant; the first of a doubled cell counts."""
    found: dict[tuple[str, str | None], Figure] = {}
    for figure in figures:
        if figure.indicator is not None:
            found.setdefault((figure.indicator.partition(".")[2], figure.applicant), figure)
    return found


def _apply(rule: Rule, name: str, sheet: _Sheet, figures: Sequence[Figure]) -> Iterator[Check]:
    cells = sheet.cells
    if rule.over == ROWS:
        for row in form_of(name).part("s3"):
            if not row.group and any((row.key, key) in cells for key in (*rule.left, *rule.right)):
                yield _sum(rule, row.key, [(row.key, k) for k in rule.left], sheet, rule.right)
        return
    left = _operands(rule, sheet.rows)
    if rule.over == APPLICANTS:
        for column in form_of(name).applicants:
            extra = _unknown_rows(figures, column.key) if rule.id == "R2" else ()
            keys = [(key, column.key) for key in left]
            yield _sum(rule, column.key, keys, sheet, rule.right, extra)
        return
    yield _sum(rule, rule.scope, [(key, None) for key in left], sheet, rule.right)


def _operands(rule: Rule, printed: Collection[str]) -> tuple[str, ...]:
    """The left keys; where a group is printed as one row, that row for its members."""
    group, members = set(rule.instead), set(rule.instead_of)
    if rule.instead and members.isdisjoint(printed) and not group.isdisjoint(printed):
        return (*(key for key in rule.left if key not in rule.instead_of), *rule.instead)
    return rule.left


def _unknown_rows(figures: Sequence[Figure], applicant: str) -> tuple[Figure, ...]:
    """Rows of section 3 that no codebook knows: they may be part of the total."""
    return tuple(f for f in figures if f.indicator is None and f.applicant == applicant and f.value)


def _sum(
    rule: Rule,
    scope: str,
    left: Sequence[_Key],
    sheet: _Sheet,
    right: Sequence[str],
    extra: Sequence[Figure] = (),
) -> Check:
    row, applicant = left[0]
    right_keys = [(row, key) if rule.over == ROWS else (key, applicant) for key in right]
    one, other = sheet.given(left), sheet.given(right_keys)
    count = len(left) + len(right_keys) - len(one) - len(other)
    if count:
        keys = (*left, *right_keys)
        missing = [key for key in keys if not sheet.given([key])]
        return Check(
            rule=rule.id,
            scope=scope,
            state=CheckState.NOT_ASSESSABLE,
            message=f"{rule.text}: {count} cells are missing or not given",
            evidence="; ".join(map(sheet.worded, missing[:6])),
        )
    sums = sum(one, _ZERO), sum(other, _ZERO)
    holds = sums[0] <= sums[1] if rule.kind == AT_MOST else sums[0] == sums[1]
    more = _ZERO if holds else sum((f.value or _ZERO for f in extra), _ZERO)
    more = more if sums[0] + more == sums[1] else _ZERO
    state = CheckState.HOLDS if holds or more else CheckState.VIOLATED
    # Where a sum holds its message says all; its cells, spelled out, are half of a reading's size.
    doubted = (*left, *right_keys) if state is CheckState.VIOLATED else ()
    return Check(
        rule=rule.id,
        scope=scope,
        state=state,
        message=_message(rule, (one, other), state, more),
        evidence="; ".join([sheet.worded(key) for key in doubted]),
    )


def _message(
    rule: Rule, sides: tuple[list[Decimal], list[Decimal]], state: CheckState, more: Decimal
) -> str:
    signs = ("≤", ">") if rule.kind == AT_MOST else ("=", "≠")
    sums = ["+".join(map(str, side)) for side in sides]
    if more:
        return f"{rule.text}: {sums[0]}, with rows not known to the form +{more} = {sums[1]}"
    return f"{rule.text}: {sums[0]} {signs[state is CheckState.VIOLATED]} {sums[1]}"
