"""Do a report's figures agree with each other? Rules R1–R4 and R8–R21 within one report.

Three states: a rule holds, is violated, or cannot be assessed because a cell is missing, blank or
a placeholder. Tolerance is 0.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter, itemgetter

from archive.codebook.forms import form as form_of
from archive.codebook.rules import APPLICANTS, AT_MOST, ROWS, Rule, rules
from archive.model.reading import Check, CheckState, Figure, Statement
from archive.reading.statistics.checks_prose import prose_checks
from archive.reading.statistics.checks_text import text_checks

_Key = tuple[str, str | None]
_Printed = tuple[tuple[str | None, str | None], ...]
_Values = tuple[str, ...]
_NOT_GIVEN = str(None)
_CELL = attrgetter("indicator", "applicant")
_NO_FORM = ""
_ZERO = Decimal(0)
_MAX_REMEMBERED = 64
_MAX_FIGURES = 1_000  # of a report that is remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class Operands:
    """Where the figures of a sum stand among those of a report; an absent one behind the last.

    extra: rows not known to the form, which may be part of the total. equal: whether both sides
    must be the same; else the left one is at most the right one.
    """

    left: tuple[int, ...]
    right: tuple[int, ...]
    extra: tuple[int, ...]
    equal: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sum:
    """A rule at one place. left, right: its cells, and where each stands among the figures; an
    absent one stands behind the last. extra: where figures stand of rows not known to the form,
    which may be part of the total. operands: the same places, for those who ask for nothing else.
    """

    rule: Rule
    scope: str
    left: tuple[_Key, ...]
    right: tuple[_Key, ...]
    left_at: tuple[int, ...]
    right_at: tuple[int, ...]
    extra_at: tuple[int, ...]
    operands: Operands
    values_of: Callable[[Sequence[str]], _Values]


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
    printed = _printed(figures)
    found = [check for check, _ in _checked(name, figures, printed)]
    cells = _by_cell(figures, printed)
    found += prose_checks(cells, prose, name)
    found += text_checks(cells, lines, prose, name, title=title, report_year=report_year)
    return tuple(found)


def by_cell(figures: Sequence[Figure]) -> dict[_Key, Figure]:
    """Figures by indicator without its form, and applicant; the first of a doubled cell counts."""
    return _by_cell(figures, _printed(figures))


def _by_cell(figures: Sequence[Figure], printed: _Printed) -> dict[_Key, Figure]:
    places = _places(printed) if len(printed) <= _MAX_FIGURES else _places.__wrapped__(printed)
    return dict(zip(places, map(figures.__getitem__, places.values()), strict=True))


def _printed(figures: Sequence[Figure]) -> _Printed:
    return tuple(map(_CELL, figures))


@lru_cache(maxsize=_MAX_REMEMBERED)
def _places(printed: _Printed) -> dict[_Key, int]:
    """Where each cell stands among the figures."""
    found: dict[_Key, int] = {}
    for place, (indicator, applicant) in enumerate(printed):
        if indicator is not None:
            found.setdefault((indicator.partition(".")[2], applicant), place)
    return found


@lru_cache(maxsize=_MAX_REMEMBERED)
def _sums(name: str, printed: _Printed) -> tuple[_Sum, ...]:
    """Which rules apply where: the same for all reports that print the same cells."""
    places = _places.__wrapped__(printed)
    return tuple(each for rule in rules(name) for each in _applied(rule, name, places, printed))


def _applied(
    rule: Rule, name: str, places: Mapping[_Key, int], printed: _Printed
) -> Iterator[_Sum]:
    def at(scope: str, left: Sequence[_Key], right: Sequence[_Key], extra: Sequence[int]) -> _Sum:
        behind = len(printed)
        left_at, right_at = (
            tuple(places.get(key, behind) for key in keys) for keys in (left, right)
        )
        return _Sum(
            rule=rule,
            scope=scope,
            left=tuple(left),
            right=tuple(right),
            left_at=left_at,
            right_at=right_at,
            extra_at=tuple(extra),
            operands=Operands(
                left=left_at, right=right_at, extra=tuple(extra), equal=rule.kind != AT_MOST
            ),
            values_of=itemgetter(*(places.get(key, behind) for key in (*left, *right))),
        )

    if rule.over == ROWS:
        for row in form_of(name).part("s3"):
            left: list[_Key] = [(row.key, key) for key in rule.left]
            right: list[_Key] = [(row.key, key) for key in rule.right]
            if not row.group and not places.keys().isdisjoint((*left, *right)):
                yield at(row.key, left, right, ())
        return
    operands = _operands(rule, {key for key, _ in places})
    applicants = [column.key for column in form_of(name).applicants]
    for applicant in applicants if rule.over == APPLICANTS else (None,):
        extra = _unknown_rows(printed, applicant) if rule.id == "R2" and applicant else ()
        left, right = ([(key, applicant) for key in keys] for keys in (operands, rule.right))
        yield at(applicant or rule.scope, left, right, extra)


def _operands(rule: Rule, printed: Collection[str]) -> tuple[str, ...]:
    """The left keys; where a group is printed as one row, that row for its members."""
    group, members = set(rule.instead), set(rule.instead_of)
    if rule.instead and members.isdisjoint(printed) and not group.isdisjoint(printed):
        return (*(key for key in rule.left if key not in rule.instead_of), *rule.instead)
    return rule.left


def _unknown_rows(printed: _Printed, applicant: str) -> list[int]:
    """Where rows of section 3 stand that no codebook knows: they may be part of the total."""
    return [place for place, cell in enumerate(printed) if cell == (None, applicant)]


def checked_sums(form: str, figures: Sequence[Figure]) -> list[tuple[Check, Operands]]:
    """Each sum of a form with where the figures stand that it is over."""
    return _checked(form, figures, _printed(figures))


def _checked(
    form: str, figures: Sequence[Figure], printed: _Printed
) -> list[tuple[Check, Operands]]:
    remembered = len(printed) <= _MAX_FIGURES
    sums = _sums(form, printed) if remembered else _sums.__wrapped__(form, printed)
    values = [*[str(figure.value) for figure in figures], _NOT_GIVEN]
    held = [_held(each, each.values_of(values)) for each in sums]
    return [
        (check or _check(each, each.values_of(values), figures), each.operands)
        for check, each in zip(held, sums, strict=True)
    ]


def _check(here: _Sum, values: _Values, figures: Sequence[Figure]) -> Check:
    rule = here.rule
    left, right = values[: len(here.left)], values[len(here.left) :]
    count = left.count(_NOT_GIVEN) + right.count(_NOT_GIVEN)
    if count:
        return Check(
            rule=rule.id,
            scope=here.scope,
            state=CheckState.NOT_ASSESSABLE,
            message=f"{rule.text}: {count} cells are missing or not given",
            evidence="; ".join(_worded(here, figures, given=False)[:6]),
        )
    more = sum((figures[place].value or _ZERO for place in here.extra_at), _ZERO)
    if more and _total(left) + more == _total(right):
        state, evidence = CheckState.HOLDS, ""
    else:
        state, evidence, more = CheckState.VIOLATED, "; ".join(_worded(here, figures)), _ZERO
    return Check(
        rule=rule.id,
        scope=here.scope,
        state=state,
        message=_message(rule, left, right, state, more),
        evidence=evidence,
    )


@lru_cache(maxsize=4096)
def _held(here: _Sum, values: _Values) -> Check | None:
    """The check of a sum that holds; None for every other. Most are of zeros, the same everywhere.

    Its message says all: cells, spelled out, would be half of a reading's size.
    """
    if _NOT_GIVEN in values:
        return None
    left, right = values[: len(here.left)], values[len(here.left) :]
    one, other = _total(left), _total(right)
    if one > other or (one < other and here.rule.kind != AT_MOST):
        return None
    return Check(
        rule=here.rule.id,
        scope=here.scope,
        state=CheckState.HOLDS,
        message=_message(here.rule, left, right, CheckState.HOLDS, _ZERO),
        evidence="",
    )


def _total(values: _Values) -> Decimal:
    return sum(map(Decimal, values), _ZERO)


def _worded(here: _Sum, figures: Sequence[Figure], *, given: bool = True) -> list[str]:
    """The cells of a sum as evidence prints them; all, or those that are not given."""
    keys = zip((*here.left, *here.right), (*here.left_at, *here.right_at), strict=True)
    cells = [(key, figures[place] if place < len(figures) else None) for key, place in keys]
    return [
        _worded_cell(key, figure)
        for key, figure in cells
        if given or figure is None or figure.value is None
    ]


def _worded_cell(key: _Key, figure: Figure | None) -> str:
    name = ".".join(part for part in key if part)
    if figure is None:
        return f"{name} absent"
    return f"{name} {figure.printed.strip() or figure.state} ({figure.where})"


def _message(rule: Rule, left: _Values, right: _Values, state: CheckState, more: Decimal) -> str:
    signs = ("≤", ">") if rule.kind == AT_MOST else ("=", "≠")
    sums = "+".join(left), "+".join(right)
    if more:
        return f"{rule.text}: {sums[0]}, with rows not known to the form +{more} = {sums[1]}"
    return f"{rule.text}: {sums[0]} {signs[state is CheckState.VIOLATED]} {sums[1]}"
