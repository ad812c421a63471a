"""A plan says what reading cell by cell says, whatever numbers a table prints."""

import random
import re

import pytest
from lxml import html

from archive.codebook.forms import FORMS, form
from archive.model.reading import Table
from archive.reading.html.grid import is_data_table, read_table
from archive.reading.statistics import plan
from archive.reading.statistics.plan import planned_statistics
from archive.reading.statistics.read import read_statistics
from crawler.demo.site import Request, generate_site
from tests.reading.statistics.generate import case

PRINTED = (
    "0",
    "7",
    "1200",
    "1,200",
    "0.5",
    "-3",
    "12件",
    "",
    "/",
    "—",
    "无",
    "２３",
    "约9",
    "100" * 9,
)


def tables_of(markup: str) -> list[Table]:
    tree = html.fromstring(markup)
    return [read_table(table) for table in tree.iter("table") if is_data_table(table)]


def renumbered(markup: str, rng: random.Random, *, odd: float) -> str:
    """The page with other numbers, now and then with what is no number."""

    def other(_: re.Match[str]) -> str:
        printed = rng.choice(PRINTED) if rng.random() < odd else str(rng.randrange(10**4))
        return f">{printed}<"

    return re.sub(r">\d+<", other, markup)


def check(tables: list[Table], year: int | None) -> None:
    lines = ["（一）主动公开政府信息数 件 5", "无关"]
    found = planned_statistics(tables, lines, title=None, report_year=year)
    assert found == read_statistics(tables, lines, title=None, report_year=year)


@pytest.mark.parametrize("block", range(3))
def test_it_says_what_reading_says(block: int) -> None:
    for seed in range(block * 16, block * 16 + 16):
        rng = random.Random(seed)
        if markup := case(seed).html:
            for odd in (0.0, 0.01, 0.3):
                year = rng.choice((None, 2016, 2019, 2023))
                check(tables_of(renumbered(markup, rng, odd=odd)), year)


def test_forms_with_other_numbers_share_a_plan() -> None:
    site = generate_site(5, "trs")
    pages = [site.answer(Request(target=site.portals["trs"].at(n).url)).body for n in range(5)]
    plan._plan.cache_clear()
    for page in pages:
        check(tables_of(page.decode()), 2023)
    seen = plan._plan.cache_info()
    assert (seen.misses, seen.hits) == (1, 4)


def test_a_number_that_heads_a_column_is_part_of_labels() -> None:
    rows = "<tr><td>指标名称</td><td>计量单位</td><td>{}</td><td>历年累计</td></tr>"
    rows += "<tr><td>主动公开信息数</td><td>条</td><td>5</td><td>9</td></tr>"
    rows += "<tr><td>受理依申请公开信息总数</td><td>件</td><td>5</td><td>9</td></tr>"
    for head in ("2012", "2013"):
        tables = tables_of(f"<table border=1>{rows.format(head)}</table>")
        check(tables, None)
        found = planned_statistics(tables, [], title=None, report_year=None)
        assert any(head in figure.label for figure in found.figures)


def test_tables_beyond_any_form_have_no_plan() -> None:
    cells = "".join(f"<tr><td>统计指标{n}</td><td>{n}</td></tr>" for n in range(600))
    tables = tables_of(f"<table border=1>{cells}</table>")
    assert plan._shape_of(tables, [cell.text for cell in tables[0].cells]) is None
    check(tables, None)
    refused = Table(cells=(), rows=9_000, columns=30)
    assert plan._shape_of([refused], []) is None
    check([refused, *tables_of(case(2).html)], None)


def test_no_mark_of_a_form_is_a_number() -> None:
    marks = [mark for name in FORMS for mark in (*form(name).marks, *form(name).shared_marks)]
    heads = [head for name in FORMS for column in form(name).value_columns for head in column.heads]
    assert not [word for word in (*marks, *heads) if re.search(r"[0-9.,+-]", word)]
