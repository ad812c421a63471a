"""R18: what the prose says and what the tables say."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from archive.codebook.prose import compared_with
from archive.model.reading import Check, CheckState, Figure, Period, Statement

_WANYUAN = Decimal(10_000)


def prose_checks(
    cells: Mapping[tuple[str, str | None], Figure], prose: Sequence[Statement], form: str
) -> list[Check]:
    """One check for each thing that prose gives a number for and the form has a cell for.

    Where the prose gives several numbers for one thing (a part and the whole), one that agrees is
    enough.
    """
    by_concept: dict[str, list[Statement]] = {}
    for stated in prose:
        if stated.period is Period.YEAR and compared_with(form, stated.concept):
            by_concept.setdefault(stated.concept, []).append(stated)
    if not by_concept and form:
        return [
            Check(
                rule="R18",
                scope="prose",
                state=CheckState.NOT_ASSESSABLE,
                message="the prose gives no number that a table gives too",
                evidence="",
            )
        ]
    return [_check(concept, met, cells, form) for concept, met in by_concept.items()]


def _check(
    concept: str,
    met: Sequence[Statement],
    cells: Mapping[tuple[str, str | None], Figure],
    form: str,
) -> Check:
    tables = [
        (keys, total)
        for keys in compared_with(form, concept)
        if (total := _total(keys, cells)) is not None
    ]
    agreeing = next((s for s in met if any(_amount(s, k) == t for k, t in tables)), None)
    stated = agreeing or met[0]
    if not tables:
        state = CheckState.NOT_ASSESSABLE
        message = f"the prose gives {stated.value}, the table has no such cell"
    else:
        state = CheckState.HOLDS if agreeing else CheckState.VIOLATED
        totals = " or ".join(str(total) for _, total in tables)
        message = f"the prose gives {stated.value}, the table {totals}"
    return Check(
        rule="R18",
        scope=concept,
        state=state,
        message=message,
        evidence=f"line {stated.line}: {stated.sentence}",
    )


def _total(keys: Sequence[str], cells: Mapping[tuple[str, str | None], Figure]) -> Decimal | None:
    """The sum of the cells (of their 总计 column in section 3); None when one is not given."""
    total = Decimal(0)
    for key in keys:
        figure = cells.get((key, None)) or cells.get((key, "total"))
        if figure is None or figure.value is None:
            return None
        total += figure.value
    return total


def _amount(stated: Statement, keys: Sequence[str]) -> Decimal:
    in_wanyuan = any(key.endswith("_wanyuan") for key in keys)
    return stated.value / _WANYUAN if in_wanyuan and stated.unit == "元" else stated.value
