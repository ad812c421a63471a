"""Do a report's figures agree with each other? Rules R1–R4 and R8–R21 within one report.

Three states: a rule holds, is violated, or cannot be assessed because a cell is missing, blank or
a placeholder. Tolerance is 0.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial

from archive.codebook.forms import form as form_of
from archive.codebook.rules import APPLICANTS, AT_MOST, ROWS, Rule, rules
from archive.model.reading import Check, CheckState, Figure
from archive.reading.checks_prose import prose_checks
from archive.reading.checks_text import text_checks

_Cells = Mapping[tuple[str, str | None], Figure]
_NO_FORM = ""


def run_checks(
    figures: Sequence[Figure],
    *,
    lines: Sequence[str],
    title: str | None,
    report_year: int | None,
    form: str | None,
) -> tuple[Check, ...]:
    """All rules that concern this report, one Check for each place where a rule applies.

    form None: a report without statistics tables; only the rules about its text are applied.
    """
    name = form or _NO_FORM
    cells = by_cell(figures)
    found = [check for rule in rules(name) for check in _apply(rule, name, cells, figures)]
    found += prose_checks(cells, lines, name)
    found += text_checks(cells, lines, name, title=title, report_year=report_year)
    return tuple(found)


def by_cell(figures: Sequence[Figure]) -> dict[tuple[str, str | None], Figure]:
    """Figures by indicator without its form, and applicant; the first of a doubled cell counts."""
    found: dict[tuple[str, str | None], Figure] = {}
    for figure in figures:
        if figure.indicator is not None:
            found.setdefault((figure.indicator.partition(".")[2], figure.applicant), figure)
    return found


def _apply(rule: Rule, name: str, cells: _Cells, figures: Sequence[Figure]) -> Iterator[Check]:
    if rule.over == ROWS:
        for row in form_of(name).part("s3"):
            if not row.group and any((row.key, key) in cells for key in (*rule.left, *rule.right)):
                yield _sum(rule, row.key, [(row.key, k) for k in rule.left], cells, rule.right)
        return
    left = _operands(rule, cells)
    if rule.over == APPLICANTS:
        for column in form_of(name).applicants:
            extra = _unknown_rows(figures, column.key) if rule.id == "R2" else ()
            keys = [(key, column.key) for key in left]
            yield _sum(rule, column.key, keys, cells, rule.right, extra)
        return
    yield _sum(rule, rule.scope, [(key, None) for key in left], cells, rule.right)


def _operands(rule: Rule, cells: _Cells) -> tuple[str, ...]:
    """The left keys; where a group is printed as one row, that row for its members."""
    printed = {key for key, _ in cells}
    if rule.instead and not printed & set(rule.instead_of) and printed & set(rule.instead):
        return (*(key for key in rule.left if key not in rule.instead_of), *rule.instead)
    return rule.left


def _unknown_rows(figures: Sequence[Figure], applicant: str) -> tuple[Figure, ...]:
    """Rows of section 3 that no codebook knows: they may be part of the total."""
    return tuple(f for f in figures if f.indicator is None and f.applicant == applicant and f.value)


def _sum(
    rule: Rule,
    scope: str,
    left: Sequence[tuple[str, str | None]],
    cells: _Cells,
    right: Sequence[str],
    extra: Sequence[Figure] = (),
) -> Check:
    applicant = left[0][1]
    over_rows = rule.over == ROWS
    right_keys = [(left[0][0], key) if over_rows else (key, applicant) for key in right]
    check = partial(Check, rule=rule.id, scope=scope)
    missing = [key for key in (*left, *right_keys) if _value(cells, key) is None]
    if missing:
        return check(
            state=CheckState.NOT_ASSESSABLE,
            message=f"{rule.text}: {len(missing)} cells are missing or not given",
            evidence="; ".join(_told(cells, key) for key in missing[:6]),
        )
    keys = (list(left), right_keys)
    one, other = (sum((_known(cells, key) for key in side), Decimal(0)) for side in keys)
    holds = one <= other if rule.kind == AT_MOST else one == other
    more = Decimal(0) if holds else sum((f.value or Decimal(0) for f in extra), Decimal(0))
    more = more if one + more == other else Decimal(0)
    state = CheckState.HOLDS if holds or more else CheckState.VIOLATED
    return check(
        state=state,
        message=_message(rule, keys, cells, state, more),
        evidence="; ".join(_told(cells, key) for key in (*left, *right_keys)),
    )


def _message(
    rule: Rule,
    keys: tuple[list[tuple[str, str | None]], list[tuple[str, str | None]]],
    cells: _Cells,
    state: CheckState,
    more: Decimal,
) -> str:
    signs = ("≤", ">") if rule.kind == AT_MOST else ("=", "≠")
    sums = ["+".join(str(_known(cells, key)) for key in side) for side in keys]
    if more:
        return f"{rule.text}: {sums[0]}, with rows not known to the form +{more} = {sums[1]}"
    return f"{rule.text}: {sums[0]} {signs[state is CheckState.VIOLATED]} {sums[1]}"


def _value(cells: _Cells, key: tuple[str, str | None]) -> Decimal | None:
    figure = cells.get(key)
    return None if figure is None else figure.value


def _known(cells: _Cells, key: tuple[str, str | None]) -> Decimal:
    value = _value(cells, key)
    return Decimal(0) if value is None else value


def _told(cells: _Cells, key: tuple[str, str | None]) -> str:
    figure = cells.get(key)
    name = ".".join(part for part in key if part)
    if figure is None:
        return f"{name} absent"
    return f"{name} {figure.printed.strip() or figure.state} ({figure.where})"
