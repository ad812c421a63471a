"""What sums say of numbers that were read from pictures."""

from dataclasses import replace
from decimal import Decimal

import pytest

from archive.model.optical import Certainty
from archive.model.reading import CellState, Figure
from archive.reading.statistics.certainty import certainties_of, contradictions
from tests.reading.files.made_files import of
from tests.reading.files.office import docx, word_table
from tests.reading.files.report import balanced

CELL = ("f21.s3.result.granted", "natural")


@pytest.fixture(scope="module")
def figures() -> tuple[Figure, ...]:
    return of(docx("".join(map(word_table, balanced(5).tables)))).figures


def changed(figures: tuple[Figure, ...], value: Decimal | None, *cells: tuple[str, str | None]):
    state = CellState.BLANK if value is None else CellState.GIVEN
    return [
        replace(figure, value=value, state=state, printed="" if value is None else str(value))
        if (figure.indicator, figure.applicant) in cells
        else figure
        for figure in figures
    ]


def certainty(figures: list[Figure], cell: tuple[str, str | None]) -> Certainty:
    told = zip(figures, certainties_of(figures), strict=True)
    return next(c for figure, c in told if (figure.indicator, figure.applicant) == cell)


def test_numbers_whose_sums_hold_are_confirmed(figures: tuple[Figure, ...]) -> None:
    summed = [f.indicator and not f.indicator.startswith("f21.s2") for f in figures]
    told = [certainty is Certainty.CONFIRMED for certainty in certainties_of(figures)]
    assert told == summed


def test_a_misread_number_is_contradicted(figures: tuple[Figure, ...]) -> None:
    assert certainty(changed(figures, Decimal(777), CELL), CELL) is Certainty.CONTRADICTED


def test_a_number_is_contradicted_although_another_sum_of_it_holds(
    figures: tuple[Figure, ...],
) -> None:
    both = (CELL, ("f21.s3.result.granted", "total"))
    natural, *rest = (f.value for f in figures if f.indicator == CELL[0])
    total = rest[-1]
    wrong = changed(changed(figures, natural + 40, both[0]), total + 40, both[1])
    assert certainty(wrong, CELL) is Certainty.CONTRADICTED


def test_a_blank_cell_leaves_its_sums_open(figures: tuple[Figure, ...]) -> None:
    left = changed(figures, None, *((CELL[0], f.applicant) for f in figures))
    assert certainty(left, CELL) is Certainty.UNCONFIRMED


def test_a_contradiction_names_the_number_that_would_fit(figures: tuple[Figure, ...]) -> None:
    right = next(f.value for f in figures if (f.indicator, f.applicant) == CELL)
    told = contradictions(changed(figures, right + 400, CELL))
    assert {finding.rule for finding in told} == {"misread_number"}
    assert all(f"{right + 400} (table" in each.evidence for each in told)
    assert all(f"would fit as {right}" in each.evidence for each in told)


def test_figures_without_a_form_have_no_certainties() -> None:
    assert (certainties_of(()), contradictions(())) == ((), ())
