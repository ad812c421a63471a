"""Every cell of generated reports is read: state, value and the printed string."""

from collections import Counter

import pytest
from lxml import html

from archive.model.reading import CellState
from archive.reading.html.grid import is_data_table, read_table
from archive.reading.statistics.read import Statistics, read_statistics
from tests.reading.statistics.generate import Case, case


def read(made: Case) -> Statistics:
    if made.lines:
        return read_statistics([], made.lines, title=None, report_year=None)
    tree = html.fromstring(made.html)
    tables = [read_table(table) for table in tree.iter("table") if is_data_table(table)]
    return read_statistics(tables, [], title=None, report_year=None)


def squash(text: str) -> str:
    return text if text == "\u00a0" else "".join(text.split())


def wrong_cells(made: Case, found: Statistics) -> list[str]:
    got = {
        (figure.indicator, figure.applicant): (squash(figure.printed), figure.state, figure.value)
        for figure in found.figures
        if figure.indicator is not None
    }
    want = {
        key: (squash(printed), state, value) for key, (printed, state, value) in made.truth.items()
    }
    return [
        f"{key}: want {want.get(key)} got {got.get(key)}"
        for key in want.keys() | got.keys()
        if want.get(key) != got.get(key)
    ]


def check(seed: int) -> None:
    made = case(seed)
    found = read(made)
    assert found.form == made.form
    wrong = wrong_cells(made, found)
    assert not wrong, (seed, made.form, sorted(made.oddities), len(wrong), wrong[:5])
    kept = Counter(squash(f.printed) for f in found.figures if f.indicator is None)
    assert kept == Counter(squash(printed) for _, printed in made.extra), (seed, made.oddities)
    if made.extra:
        assert any(finding.rule == "unknown_rows" for finding in found.findings)


@pytest.mark.parametrize("block", range(10))
def test_every_cell_of_fifty_reports_is_read(block: int) -> None:
    for seed in range(block * 52, block * 52 + 52):
        check(seed)


@pytest.mark.slow
def test_every_cell_of_five_thousand_reports_is_read() -> None:
    for seed in range(10_000, 15_000):
        check(seed)


def test_the_generator_draws_every_oddity_and_state() -> None:
    made = [case(seed) for seed in range(200)]
    oddities = {oddity for one in made for oddity in one.oddities}
    states = {state for one in made for _, state, _ in one.truth.values()}
    assert states == set(CellState)
    assert oddities >= {
        "flattened", "mso", "chars", "br", "nested", "split", "head again", "hidden row",
        "layout table", "huge colspan", "blank for span", "extra row", "misprint", "one table",
        "fillers",
    }  # fmt: skip
