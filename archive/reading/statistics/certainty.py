"""What the sums of a form say of numbers that were read from pictures."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from archive.model.optical import Certainty
from archive.model.reading import Check, CheckState, Figure, Finding, Severity
from archive.reading.statistics.checks import Operands, checked_sums

_MOST = 6


def certainties_of(figures: Sequence[Figure]) -> tuple[Certainty, ...]:
    """For each figure: confirmed where a sum that includes it holds, contradicted where one fails
    (though others hold), else unconfirmed. That one number is at most another confirms neither.
    """
    holds, fails = set[int](), set[int]()
    for check, operands in _sums(figures):
        if check.state is CheckState.VIOLATED:
            fails |= _included(operands, len(figures))
        elif check.state is CheckState.HOLDS and operands.equal:
            holds.update(operands.left, operands.right)
    return tuple(
        Certainty.CONTRADICTED
        if place in fails
        else Certainty.CONFIRMED
        if place in holds
        else Certainty.UNCONFIRMED
        for place in range(len(figures))
    )


def contradictions(figures: Sequence[Figure]) -> tuple[Finding, ...]:
    """A finding for each sum that fails, with the cells that may have been misread: those of its
    cells that are in no sum that holds; of all its cells when each is in one. Nothing is repaired.
    """
    sums = list(_sums(figures))
    held = {
        place
        for check, operands in sums
        if check.state is CheckState.HOLDS and operands.equal
        for place in (*operands.left, *operands.right)
    }
    return tuple(
        _finding(check, operands, figures, held)
        for check, operands in sums
        if check.state is CheckState.VIOLATED
    )


def _sums(figures: Sequence[Figure]) -> Iterator[tuple[Check, Operands]]:
    if figures:
        yield from checked_sums(figures[0].form, figures)


def _included(operands: Operands, count: int) -> set[int]:
    places = {*operands.left, *operands.right, *operands.extra}
    return {place for place in places if place < count}


def _finding(
    check: Check, operands: Operands, figures: Sequence[Figure], held: set[int]
) -> Finding:
    known = _included(operands, len(figures))
    candidates = sorted(known - held) or sorted(known)
    missing = _total(figures, operands.right) - _total(figures, operands.left)
    told = [_candidate(figures[n], missing if n in operands.left else -missing) for n in candidates]
    more = f"; and {len(told) - _MOST} more" if len(told) > _MOST else ""
    return Finding(
        rule="misread_number",
        severity=Severity.WARNING,
        message=f"{check.rule} {check.scope}: a number may be misread, or printed so",
        evidence="; ".join(told[:_MOST]) + more,
    )


def _total(figures: Sequence[Figure], places: Sequence[int]) -> Decimal:
    return sum((figures[place].value or Decimal(0) for place in places), Decimal(0))


def _candidate(figure: Figure, missing: Decimal) -> str:
    """A cell, and what it would have to say for the sum to hold."""
    name = ".".join(filter(None, (figure.indicator or figure.label, figure.applicant)))
    wanted = (figure.value or Decimal(0)) + missing
    fits = f", would fit as {wanted}" if wanted >= 0 and wanted == wanted.to_integral() else ""
    return f"{name} {figure.printed.strip()} ({figure.where}){fits}"
