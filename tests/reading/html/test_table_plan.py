"""Rows by a plan are the rows that are read cell by cell."""

import random
import re

import pytest
from lxml import etree, html

from archive.reading.html import datatable, table_plan
from archive.reading.html.parse import parse
from archive.reading.html.tablerows import Row
from tests.reading.statistics.generate import case

HEAD = "<tr><th>指标</th><th>数</th></tr>"
ODD = {
    "decimals and blanks": HEAD + "<tr><td>收费</td><td> 0.5 </td></tr><tr><td>甲</td><td>\n3</td></tr>",
    "numbers in pieces": HEAD + "<tr><td>甲</td><td>1<b>2</b></td></tr><tr><td>乙</td><td>3<br>4</td></tr>",
    "numbers in labels": HEAD + "<tr><td>第<i>1</i>项</td><td>2</td></tr><tr><td>乙</td><td>9</td></tr>",
    "nested mark-up": HEAD + "<tr><td><p>甲</p></td><td><p><span>7</span></p></td></tr>",
    "hidden": HEAD + "<tr><td hidden>5</td><td>甲</td><td>6</td></tr><tr style='display:none'><td>8</td></tr>",
    "a script": HEAD + "<tr><td>甲<script>if(a>5<b)x()</script></td><td>6</td></tr>",
    "entities": HEAD + "<tr><td>甲&amp;乙&nbsp;</td><td title='a>5<b'>6</td></tr>",
    "a prefix": HEAD + "<tr><td><o:p>甲</o:p></td><td>6</td></tr>",
    "numbers like stand-ins": HEAD + "<tr><td>甲1000</td><td>100000001</td></tr>",
    "links": "<tr><td><a href=1>1234567</a></td><td>12</td></tr><tr><td>7</td><td>8</td></tr>",
    "one long cell": f"<tr><td>{'长' * 301}</td><td>12</td></tr><tr><td>7</td><td>8</td></tr>",
    "numbers alone": "<tr><td>1</td><td>2</td><td>3</td><td>4</td><td>5</td></tr>",
    "a header box": "<tr><td>索引号</td><td>7</td></tr><tr><td>发文日期</td><td>8</td></tr>",
}  # fmt: skip


def table_of(markup: str) -> html.HtmlElement:
    return next(parse(f"<html><body>{markup}</body></html>").tree.iter("table"))


def told(rows: list[Row] | None) -> object:
    return rows and [(row.texts, row.claims, row.group) for row in rows]


def check(markup: str) -> None:
    table = table_of(markup)
    found = table_plan.rows_by_markup(table, datatable._looked_at)
    assert told(found) == told(datatable._looked_at(table)), etree.tostring(table)


@pytest.mark.parametrize("name", ODD)
def test_odd_tables(name: str) -> None:
    markup = f"<table border=1>{ODD[name]}</table>"
    for number in ("5", "0", "12", "999999999", "1" * 10, "0.25", "x"):
        check(markup)
        check(re.sub(r">\s*[0-9.]+\s*<", f">{number}<", markup))
        check(re.sub(r"(?<=>)[0-9](?=<)", number, markup).replace("border=1", ""))


@pytest.mark.parametrize("block", range(3))
def test_tables_of_reports(block: int) -> None:
    for seed in range(block * 12, block * 12 + 12):
        rng = random.Random(seed)
        for table in html.fromstring(case(seed).html or "<p>").iter("table"):
            markup = etree.tostring(table, encoding="unicode", method="html", with_tail=False)
            for _ in range(3):
                pieces = re.split(r">\d+<", markup)
                check(pieces[0] + "".join(f">{rng.randrange(9**5)}<{each}" for each in pieces[1:]))


def test_a_plan_is_made_when_a_table_is_met_again() -> None:
    table_plan._plan.cache_clear()
    markup = f"<table border=1>{HEAD}<tr><td>一个谁也没有见过的指标</td><td>{{}}</td></tr></table>"
    for number in range(4):
        check(markup.format(number))
    seen = table_plan._plan.cache_info()
    assert (seen.misses, seen.hits) == (1, 2)
    rows = table_plan.rows_by_markup(table_of(markup.format(77)), datatable._looked_at)
    assert rows is not None
    assert (rows[1].texts[1], rows[1].cells) == ("77", ())


def test_what_was_met_is_forgotten_when_it_is_too_much() -> None:
    met = table_plan._Met()
    assert [met.again("甲"), met.again("甲")] == [False, True]
    for number in range(table_plan._MAX_MET + 1):
        met.again(str(number))
    assert not met.again("甲")
