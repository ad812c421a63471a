"""Titles that a page prints in several lines."""

import pytest

from archive.model.reading import Kind
from tests.reading.pages import PARAGRAPHS, SENTENCES, page, read_html

TITLE = "清河县人民政府办公室2018年政府信息公开工作年度报告"
SHORT = "清河县人民政府"
PRINTED = {
    "a break in a heading": "<h1>清河县人民政府办公室<br>2018年政府信息公开工作年度报告</h1>",
    "breaks and blanks": "<h2>清河县人民政府办公室<br/>\n  2018年政府信息公开<br/>工作年度报告</h2>",
    "two headings": "<h1>清河县人民政府办公室</h1><h1>2018年政府信息公开工作年度报告</h1>",
    "centred paragraphs": "<p align=center>清河县人民政府办公室</p>"
    "<p align=center>2018年政府信息公开工作年度报告</p>",
    "styled paragraphs": "<p style='text-align:center'><b>清河县人民政府办公室</b></p>"
    "<p style='text-align:center'><b>2018年政府信息公开</b></p>"
    "<p style='text-align:center'><b>工作年度报告</b></p>",
    "a named element": "<div class='title'>清河县人民政府办公室<br>2018年政府信息公开工作年度报告</div>",
    "two named elements": "<div class='title'>清河县人民政府办公室</div>"
    "<div class='title'>2018年政府信息公开工作年度报告</div>",
    "two kinds of headings": "<h1>清河县人民政府办公室</h1><h2>2018年政府信息公开工作年度报告</h2>",
}
INSIDE = {"above the text": "{}<div id='zoom'>{}</div>", "in the text": "<div id='zoom'>{}{}</div>"}
HEADS = [SHORT, "", TITLE, f"{TITLE}_{SHORT}", "政府信息公开年报"]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("around", INSIDE.values(), ids=list(INSIDE))
@pytest.mark.parametrize("printed", PRINTED.values(), ids=list(PRINTED))
def test_a_title_in_several_lines_is_one(printed: str, around: str, head: str) -> None:
    reading = read_html(page(around.format(printed, PARAGRAPHS), title=head))
    assert (reading.title, reading.lines) == (TITLE, SENTENCES)


def test_a_site_s_name_above_a_title_is_none_of_it() -> None:
    text = f"<h1>清河县人民政府</h1><h2>2018年政府信息公开工作年度报告</h2><div id='zoom'>{PARAGRAPHS}</div>"
    assert read_html(page(text, title=SHORT)).title == "2018年政府信息公开工作年度报告"


def test_a_heading_below_a_title_is_none_of_it() -> None:
    text = f"<h1>关于读书的通知</h1><h1>各乡镇人民政府</h1><div id='zoom'>{PARAGRAPHS}</div>"
    assert read_html(page(text, title="关于读书的通知")).title == "关于读书的通知"


WHOLE = "清河县人民政府2018年政府信息公开工作年度报告"
BLOCKS = {
    "a heading and a block": "<h1 class='zwbt'>清河县人民政府</h1>"
    "<div class='ftit'>2018年政府信息公开工作年度报告</div>",
    "three headings": "<h2>清河县人民政府</h2><h2>2018年政府信息公开</h2><h2>工作年度报告</h2>",
    "broken behind 公开": "<h1>清河县人民政府2018年政府信息公开</h1><h1>工作年度报告</h1>",
    "paragraphs in a heading": "<h1><p>清河县人民政府</p><p>2018年政府信息公开工作年度报告</p></h1>",
    "two kinds": "<h1>清河县人民政府</h1><h2>2018年政府信息公开工作年度报告</h2>",
    "two blocks": "<div class='t1'>清河县人民政府</div><div class='t2'>2018年政府信息公开工作年度报告</div>",
    "two paragraphs": "<p class='bt'>清河县人民政府</p><p class='fbt'>2018年政府信息公开工作年度报告</p>",
    "one heading": f"<h1>{WHOLE}</h1>",
}
POOR = (
    WHOLE,
    WHOLE[:-4],
    f"{WHOLE[:-2]}...",
    "",
    "政府信息公开年报",
    "2018年政府信息公开工作年度报告",
)


@pytest.mark.parametrize("head", POOR)
@pytest.mark.parametrize("printed", BLOCKS.values(), ids=list(BLOCKS))
def test_a_poor_head_does_not_cut_a_title(printed: str, head: str) -> None:
    reading = read_html(page(f"<div>{printed}<div id='zoom'>{PARAGRAPHS}</div></div>", title=head))
    assert (reading.title, reading.kind, reading.report_year) == (WHOLE, Kind.REPORT, 2018)
    assert reading.lines == SENTENCES
