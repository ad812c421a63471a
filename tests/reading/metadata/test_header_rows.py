"""Header fields whose label and value are told apart by their places alone: rows of labels over rows
of values, labels that are elements, labels with nothing behind them.
"""

import pytest

from tests.reading.pages import PARAGRAPHS, field, page, read_html, values

LABELS_OVER = {
    "plain rows": (
        "<table><tr><td>索取号</td><td>发布机构</td><td>文号</td></tr>"
        "<tr><td>0144/2018-7</td><td>县府办</td><td>清政发〔2018〕5号</td></tr></table>"
    ),
    "a head inside a body": (
        "<table><tbody><thead><tr><td>索取号</td><td>发布机构</td><td>文号</td><td>备注</td></tr></thead>"
        "<tr><td>0144/2018-7</td><td>县府办</td><td>清政发〔2018〕5号</td><td></td></tr></tbody></table>"
    ),
    "head cells": (
        "<table><thead><tr><th>索引号</th><th>发文机关</th><th>文号</th></tr></thead><tbody><tr>"
        "<td>0144/2018-7</td><td>县府办</td><td>清政发〔2018〕5号</td></tr></tbody></table>"
    ),
    "two labels": (
        "<table><tr><td>索引号</td><td>发文机关</td></tr><tr><td>0144/2018-7</td><td>县府办</td></tr>"
        "<tr><td>文号</td><td>成文日期</td></tr><tr><td>清政发〔2018〕5号</td><td>2018-03-20</td></tr></table>"
    ),
    "two pairs of rows": (
        "<table border=1><tr><td>索引号：</td><td>发布机构：</td><td>归档状况：</td></tr>"
        "<tr><td>0144/2018-7</td><td>县府办</td><td>已归档</td></tr>"
        "<tr><td>文号：</td><td>主题分类：</td><td>公开方式：</td></tr>"
        "<tr><td>清政发〔2018〕5号</td><td></td><td>主动公开</td></tr></table>"
    ),
    "then rows of both": (
        "<table><tr><td>索引号</td><td>发布机构</td></tr><tr><td>0144/2018-7</td><td>县府办</td></tr>"
        "<tr><td>文号：</td><td>清政发〔2018〕5号</td></tr></table>"
    ),
    "the last value left out": (
        "<table><tr><td>索引号</td><td>发布机构</td><td>文号</td><td>关键词</td></tr>"
        "<tr><td>0144/2018-7</td><td>县府办</td><td>清政发〔2018〕5号</td></tr></table>"
    ),
    "lists for rows": (
        "<div><ul><li>索引号</li><li>发布机构</li><li>文号</li></ul>"
        "<ul><li>0144/2018-7</li><li>县府办</li><li>清政发〔2018〕5号</li></ul></div>"
    ),
    "divs for rows": (
        "<div><div><span>索引号</span><span>发布机构</span><span>文号</span></div><div>"
        "<span>0144/2018-7</span><span>县府办</span><span>清政发〔2018〕5号</span></div></div>"
    ),
}
WANTED = {"index_number": "0144/2018-7", "agency": "县府办", "document_number": "清政发〔2018〕5号"}


def below(box: str) -> str:
    return page(f"<h1>关于秋季巡查的说明</h1>{box}<div id='zoom'>{PARAGRAPHS}</div>")


@pytest.mark.parametrize("box", LABELS_OVER.values(), ids=list(LABELS_OVER))
def test_labels_stand_over_their_values(box: str) -> None:
    found = values(read_html(below(box)))
    assert {name: found.get(name) for name in WANTED} == WANTED


@pytest.mark.parametrize("box", LABELS_OVER.values(), ids=list(LABELS_OVER))
def test_labels_over_values_are_no_text(box: str) -> None:
    assert len(read_html(below(box)).lines) == 5


def test_a_blank_value_below_its_label_is_blank() -> None:
    box = (
        "<table><tr><td>索取号</td><td>文号</td><td>发布机构</td></tr>"
        "<tr><td>0144/2018-7</td><td></td><td>县府办</td></tr></table>"
    )
    entry = field(read_html(below(box)), "document_number")
    assert (entry.value, entry.printed) == (None, "")


def test_the_text_s_own_container_may_hold_labels_over_values() -> None:
    text = page(
        f"<h1>关于秋季巡查的说明</h1><div id='zoom'>{LABELS_OVER['plain rows']}{PARAGRAPHS}</div>"
    )
    assert len(read_html(text).lines) == 5


@pytest.mark.parametrize(
    "rows",
    [
        "<tr><td>1</td><td>甲</td><td>县府办</td></tr><tr><td>2</td><td>乙</td><td>县府办</td></tr>",
        "<tr><td>1</td><td><a href='/1.html'>关于巡查的通知</a></td><td>县府办</td></tr>",
    ],
    ids=["several rows", "a linked row"],
)
def test_the_heads_of_a_list_name_no_values(rows: str) -> None:
    table = f"<table><tr><td>索引号</td><td>名称</td><td>发布机构</td></tr>{rows}</table>"
    assert "agency" not in values(read_html(below(table)))


TAGS = ("b", "span", "strong", "em", "font", "dt")
ELEMENTS = (
    "<ul><li><{0}>索引号</{0}>0144/2018-7</li><li><{0}>发布机构</{0}>县府办</li><li><{0}>文号</{0}>{1}</li>"
    "<li><{0}>归档状况</{0}>已归档</li><li><{0}>成文日期</{0}>2018-03-20</li></ul>"
)
ENTRIES = {
    "list": ELEMENTS,
    "paragraphs": ELEMENTS.replace("ul>", "div>").replace("li>", "p>"),
    "divs": ELEMENTS.replace("ul>", "section>").replace("li>", "div>"),
    "values in elements": ELEMENTS.replace("</{0}>", "</{0}><i>").replace("</li>", "</i></li>"),
    "gaps": ELEMENTS.replace("</{0}>", "</{0}>\n   ").replace("<li>", "<li>\n "),
    "cells": "<table><tr>"
    + ELEMENTS[4:-5].replace("li>", "td>").replace("<td><{0}>成文", "</tr><tr><td><{0}>成文")
    + "</tr></table>",
}


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("entries", ENTRIES.values(), ids=list(ENTRIES))
def test_a_label_may_be_an_element(entries: str, tag: str) -> None:
    found = values(read_html(below(entries.format(tag, "清政发〔2018〕5号"))))
    assert {name: found.get(name) for name in WANTED} == WANTED


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("entries", ENTRIES.values(), ids=list(ENTRIES))
def test_a_label_that_is_an_element_takes_no_value_of_the_next(entries: str, tag: str) -> None:
    found = values(read_html(below(entries.format(tag, ""))))
    assert (found["document_number"], found["written_on"], found.get("归档状况")) == (
        None,
        "2018-03-20",
        "已归档",
    )


@pytest.mark.parametrize("tag", TAGS)
def test_entries_with_labels_as_elements_are_no_text(tag: str) -> None:
    assert len(read_html(below(ELEMENTS.format(tag, ""))).lines) == 5


BLANKS = {
    "a cell that tells the next pair": "<td>文号：</td><td>发布机构：县府办</td>",
    "an unknown pair in the next cell": "<td>发布机构：县府办</td><td>文号：</td><td>归档状况：已归档</td>",
    "a blank cell": "<td>文号：</td><td></td><td>发布机构：</td><td>县府办</td>",
    "no-break spaces": "<td>文号：&nbsp;&nbsp;</td><td>&nbsp;</td><td>发布机构：县府办</td>",
    "labels side by side": "<td>文号：</td><td>主题词：</td><td>发布机构：县府办</td>",
    "a label without a colon": "<td>文号</td><td>发布机构：县府办</td>",
    "buttons": "<td>发布机构：县府办</td><td>文号： <a href='#'>打印</a> <a href='#'>关闭</a></td>",
    "one line": "<td>文号： 发布机构：县府办 主题词：</td>",
    "dashes": "<td>文号：——</td><td>发布机构：县府办</td>",
    "an unknown label without a colon": "<td>文号</td><td></td><td>归档状况</td><td>已归档</td></tr>"
    "<tr><td>发布机构</td><td>县府办</td><td></td><td></td>",
    "a list of definitions": "<td><dl><dt>文号</dt><dd></dd><dt>归档状况</dt><dd>已归档</dd>"
    "<dt>发布机构</dt><dd>县府办</dd></dl></td>",
}


@pytest.mark.parametrize("cells", BLANKS.values(), ids=list(BLANKS))
def test_an_empty_label_stays_empty(cells: str) -> None:
    box = f"<table><tr><td>索引号：0144/2018-7</td></tr><tr>{cells}</tr></table>"
    found = values(read_html(below(box)))
    assert (found.get("document_number", "absent"), found["agency"]) == (None, "县府办")


LINES = {
    "buttons as links": "发布日期：2024-06-13 来源：县府办 <a href='#'>下载</a><a href='#'>收藏</a>",
    "buttons in brackets": "发布日期：2024-06-13 来源：县府办 【打印】【关闭】",
    "buttons as spans": "<span>来源：县府办</span><span>打印本页</span><span>关闭窗口</span>",
    "a letter size": "<span>来源：县府办</span> <span>字体：大 中 小</span> <a>打印</a>",
    "buttons before the day": "来源：县府办 <a>打印</a> <span>发布日期：2024-06-13</span>",
    "forms of files": "来源：县府办 <a>PDF下载</a> <a>下载Word版</a> <a>Word 下载</a> <a>下载文字版</a>",
    "an export": "来源：县府办 <a>导出</a> <a>阅读模式</a>",
    "sizes in brackets": "来源：县府办 【大 中 小】【打印】",
    "a bar": "来源：县府办 | <a>打印</a> | <a>分享</a>",
}


@pytest.mark.parametrize("line", LINES.values(), ids=list(LINES))
def test_buttons_behind_a_value_are_none_of_it(line: str) -> None:
    reading = read_html(below(f"<div class='info'>{line}</div>"))
    assert (field(reading, "source").value, field(reading, "source").printed) == ("县府办",) * 2


@pytest.mark.parametrize(
    "source", ["收藏协会", "县委 中 小", "县下载中心", "人民日报 PDF", "全文杂志社"]
)
def test_words_of_buttons_inside_a_value_stay(source: str) -> None:
    assert field(read_html(below(f"<p>来源：{source}</p>")), "source").value == source


BESIDE = {
    "two rows": "<table><tr><td>发布日期：</td><td>2024-06-13</td></tr>"
    "<tr><td>来源：</td><td>县府办</td></tr></table>",
    "one row": "<table><tr><td>来源：</td><td>县府办</td></tr></table>",
    "cells of paragraphs": "<table><tr><td><p>来源：</p></td><td><p>县府办</p></td></tr></table>",
    "a term": "<dl><dt>来源：</dt><dd>县府办</dd></dl>",
    "two blocks": "<div><div>来源：</div><div>县府办</div></div>",
}


@pytest.mark.parametrize("box", BESIDE.values(), ids=list(BESIDE))
def test_a_weak_label_takes_the_value_of_the_cell_beside_it(box: str) -> None:
    reading = read_html(below(box))
    assert field(reading, "source").value == "县府办"
    assert None not in values(reading).values()


def test_a_weak_label_without_a_value_stays_blank() -> None:
    empty = "<table><tr><td>来源：</td><td></td></tr><tr><td>作者：</td><td>发布日期：</td></tr></table>"
    found = values(read_html(below(empty)))
    assert (found["source"], found.get("published_on")) == (None, None)


def test_a_platform_is_a_source() -> None:
    assert field(read_html(below("<p>来源：微信</p>")), "source").value == "微信"


CLOSED = [
    "《云溪日报》",
    "云溪日报（晨刊）",
    "“云溪发布”",
    "云溪发布「周刊」",
    "〈云溪〉",
    "[2018]",
    "甲<乙>",
]


@pytest.mark.parametrize("printed", CLOSED[:5])
@pytest.mark.parametrize(
    "line", ["<p>来源：{}</p>", "<p>来源：{} 作者：李四</p>", "<p>【来源：{}】</p>"]
)
def test_a_value_keeps_its_closing_mark(line: str, printed: str) -> None:
    assert field(read_html(below(line.format(printed))), "source").value == printed


@pytest.mark.parametrize("printed", ["政务公开 > 年报 >", "[县府办]", "县府办》"])
def test_marks_around_a_value_stay_printed(printed: str) -> None:
    box = f"<ul><li>索引号：1</li><li>发布机构：{printed.replace('>', '&gt;')}</li></ul>"
    assert field(read_html(below(box)), "agency").printed == printed


def test_a_heading_tells_the_day_behind_its_title() -> None:
    text = "<h2>关于开展秋季巡查的通知 <small>( 2023-09-12)</small></h2>"
    head = "关于开展秋季巡查的通知"
    reading = read_html(page(f"{text}<div id='zoom'>{PARAGRAPHS}</div>", title=head))
    assert (reading.title, field(reading, "published_on").value) == (head, "2023-09-12")
