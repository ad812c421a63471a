"""Layout tables, header boxes and link lists are told from data tables."""

import json

import pytest
from lxml import html

from archive.reading.html.grid import is_data_table
from tests.reading.statistics.shared import shared_folder

DATA = "<tr><td>指标<td>数量<tr><td>收到申请<td>5<tr><td>办结<td>4"

HEADER_BOX = (
    "<table border=1><tr><td>索 引 号：<td>0082-4/2018-1<td>分　类：<td>综合"
    "<tr><td>发文机关：<td>某县<td>发文日期：<td>2014年</table>"
)
ONE_CELL_HEADER_BOX = (
    "<table border=1><tr><td>索引号:0145/2020-1<td>发文机关:某局<td>文号:无</td>"
    "<tr><td>成文日期:2020-02-14<td>主题分类:综合<td>组配分类:文件</table>"
)


def data_tables(markup: str) -> int:
    tree = html.fromstring(f"<div>{markup}</div>")
    return sum(is_data_table(element) for element in tree.iter("table"))


@pytest.mark.parametrize(
    "markup",
    [
        f"<table border=1>{DATA}</table>",
        f"<table>{DATA}</table>",
        f"<table class=MsoNormalTable>{DATA}</table>",
        f"<table><tr><td>左</td><td><table border=1>{DATA}</table></td></tr></table>",
        "<table border=1><tr>" + "<td>3" * 15 + "</table>",
        "<table border=1>" + "<tr><td><table><tr><td>a</table><td><table><tr><td>1</table>" * 3,
    ],
    ids=["bordered", "plain", "word", "inside layout", "one row of numbers", "wrapped cells"],
)
def test_data_is_data(markup: str) -> None:
    assert data_tables(markup) == 1


@pytest.mark.parametrize(
    "markup",
    [
        HEADER_BOX,
        ONE_CELL_HEADER_BOX,
        f"<table style='display:none' border=1>{DATA}</table>",
        f"<table role=presentation border=1>{DATA}</table>",
        "<table border=1><tr><td>1<tr><td>2<tr><td>3</table>",
        "<table><tr><td>首页<td>></table>",
        "<table border=1>" + "<tr><td><a href=x>某某局年度报告全文</a><td>1" * 5 + "</table>",
        "<table border=1><tr><td>关键词<td><input><tr><td>a<td>b</table>",
        "<table><tr><td>目录<td>" + "正文" * 300 + "<tr><td>a<td>b</table>",
        "<table border=1><tr><td><td><tr><td><td></table>",
        "<table><tr><td><img src=a><td>标题<tr><td><img src=b><td>标题二</table>",
    ],
    ids=[
        "header box", "header box, label and value in one cell", "hidden", "presentational",
        "one column", "breadcrumb", "link list", "form", "running text", "empty", "pictures",
    ],
)  # fmt: skip
def test_what_only_arranges_the_page_is_no_data(markup: str) -> None:
    assert data_tables(markup) == 0


def test_a_long_table_with_a_column_called_like_a_header_field_is_data() -> None:
    rows = "".join(f"<tr><td>{n}<td>某单位<td>岗位{n}" for n in range(30))
    assert data_tables(f"<table border=1><tr><td>序号<td>名称<td>文号{rows}</table>") == 1


def test_the_saved_pages_have_as_many_data_tables_as_were_counted_by_hand() -> None:
    folder = shared_folder() / "pages"
    for line in (folder / "gold.jsonl").read_text("utf-8").splitlines():
        gold = json.loads(line)
        if "data_tables" not in gold:
            continue
        body = (folder / f"{gold['id']}.html").read_bytes()
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            text = body.decode("gb18030", "replace")
        tree = html.document_fromstring(text.encode(), parser=html.HTMLParser(encoding="utf-8"))
        texts = {t.text_content() for t in tree.iter("table") if is_data_table(t)}
        assert len(texts) == gold["data_tables"], gold["id"]
