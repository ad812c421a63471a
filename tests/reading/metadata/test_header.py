"""Header fields in every layout seen on portals."""

import pytest

from tests.reading.pages import PARAGRAPHS, field, page, read_html, values

WANTED = {
    "index_number": "014416330/2018-04736",
    "category": "综合政务",
    "agency": "清河县人民政府",
    "written_on": "2018-03-20",
    "document_number": None,
}
LAYOUTS = {
    "label and value cells": (
        "<table><tr><td>索 引 号</td><td>014416330/2018-04736</td><td>主题分类</td><td>综合政务</td></tr>"
        "<tr><td>发布机构</td><td>清河县人民政府</td><td>成文日期</td><td>2018年3月20日</td></tr>"
        "<tr><td>文　　号</td><td></td><td></td><td></td></tr></table>"
    ),
    "label and value in one cell": (
        "<table><tr><td><b>索  引  号: </b>014416330/2018-04736</td><td><b>主题分类:</b> 综合政务</td></tr>"
        "<tr><td><b>发布机构:</b> 清河县人民政府</td><td><b>成文日期:</b> 2018-03-20</td></tr>"
        "<tr><td><b>文 号:</b></td></tr></table>"
    ),
    "nested layout tables": (
        "<table><tr><td><table><tr><td>索引号：</td><td>014416330/2018-04736</td><td>主题分类：</td>"
        "<td>综合政务</td></tr><tr><td>发布机构：</td><td>清河县人民政府</td><td>成文日期：</td>"
        "<td>2018.03.20</td></tr></table><table><tr><td>文号：</td><td></td></tr></table></td></tr></table>"
    ),
    "list items": (
        "<ul><li>索引号：<span>014416330/2018-04736</span></li><li>主题分类：<span>综合政务</span></li>"
        "<li>发布机构：<span>清河县人民政府</span></li><li>成文日期：<span>2018/3/20</span></li>"
        "<li>文号：</li></ul>"
    ),
    "definition list": (
        "<dl><dt>索引号</dt><dd>014416330/2018-04736</dd><dt>主题分类</dt><dd>综合政务</dd>"
        "<dt>发布机构</dt><dd>清河县人民政府</dd><dt>成文日期</dt><dd>2018-03-20</dd>"
        "<dt>文号</dt><dd></dd></dl>"
    ),
    "paragraphs": (
        "<div><p><strong>索引号：</strong>014416330/2018-04736</p><p><strong>主题分类：</strong>综合政务</p>"
        "<p><strong>发布机构：</strong>清河县人民政府</p><p><strong>成文日期：</strong>二〇一八年三月二十日</p>"
        "<p><strong>文号：</strong></p></div>"
    ),
    "divs side by side": (
        "<div><div><div>索引号</div><div>014416330/2018-04736</div></div><div><div>主题分类</div>"
        "<div>综合政务</div></div><div><div>发布机构</div><div>清河县人民政府</div></div><div><div>成文日期"
        "</div><div>2018-03-20</div></div><div><div>文号</div></div></div>"
    ),
    "two labels a line": (
        "<div>索 引 号: 014416330/2018-04736 主题分类: 综合政务<br>发布机构: 清河县人民政府 成文日期: "
        "2018-03-20<br>文  号: 主 题 词:</div>"
    ),
    "joined with bars": (
        "<p>索引号: | 014416330/2018-04736 | 主题分类: | 综合政务 |</p>"
        "<p>发布机构: | 清河县人民政府 | 成文日期: | 2018-03-20 10:56:08 |</p><p>文号: |</p>"
    ),
    "labels in brackets": (
        "<div><p>【索 引 号】 014416330/2018-04736</p><p>【主题分类】 综合政务</p>"
        "<p>【发布机构】 清河县人民政府</p><p>【成文日期】 2018-03-20</p><p>【文　　号】</p></div>"
    ),
    "words without colons": (
        "<div>索 引 号 014416330/2018-04736 主题分类 综合政务</div>"
        "<div>发布机构 清河县人民政府 成文日期 2018-03-20 文 号</div>"
    ),
    "labels in spans without colons": (
        "<ul><li><span>索引号</span>014416330/2018-04736</li><li><span>主题分类</span>综合政务</li>"
        "<li><span>发布机构</span>清河县人民政府</li><li><span>成文日期</span>2018-03-20</li>"
        "<li><span>文号</span></li></ul>"
    ),
    "comments around values": (
        "<table><tr><td>信息索引号</td><td><!--<$[SYH]>-->014416330/2018-04736<!--<$[SYH]>--></td>"
        "<td>主题分类</td><td>综合政务</td><td>成文日期</td><td>2018-03-20</td></tr><tr><td>文件编号"
        "</td><td><!--<$[WJBH]>-->—&nbsp;&nbsp;—</td><td>发布机构</td><td>清河县人民政府</td>"
        "<!--<td>附件下载</td><td>—</td>--></tr></table>"
    ),
    "spans without a gap": (
        "<div><span>索引号：014416330/2018-04736</span><span>主题分类：综合政务</span>"
        "<span>发布机构：清河县人民政府</span><span>成文日期：2018-03-20</span><span>文号：</span></div>"
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS, ids=list(LAYOUTS))
@pytest.mark.parametrize("name", list(WANTED))
def test_a_field_is_read_from_every_layout(layout: str, name: str) -> None:
    reading = read_html(page(LAYOUTS[layout] + f"<h1>年报说明</h1>{PARAGRAPHS}"))
    assert field(reading, name).value == WANTED[name]


@pytest.mark.parametrize("layout", LAYOUTS, ids=list(LAYOUTS))
def test_the_header_is_no_text(layout: str) -> None:
    reading = read_html(page(LAYOUTS[layout] + f"<h1>年报说明</h1>{PARAGRAPHS}"))
    assert len(reading.lines) == 5


def test_labels_without_colons_are_read_where_they_are_strong() -> None:
    body = "<p>索 引 号 003110926/201510-00216 信息分类 信息公开制度</p>"
    reading = read_html(page(f"{body}<h1>信息公开制度</h1>{PARAGRAPHS}"))
    assert field(reading, "index_number").value == "003110926/201510-00216"


def test_a_blank_label_keeps_its_field() -> None:
    reading = read_html(page(LAYOUTS["definition list"] + PARAGRAPHS))
    assert (field(reading, "document_number").printed, field(reading, "document_number").value) == (
        "",
        None,
    )


def test_an_unknown_label_is_kept_as_printed() -> None:
    box = "<ul><li>索引号：1</li><li>发布机构：县府办</li><li>归档编号：A-7</li></ul>"
    assert values(read_html(page(box + PARAGRAPHS)))["归档编号"] == "A-7"


def test_an_unknown_label_between_known_ones_needs_no_colon() -> None:
    box = (
        "<table><tr><td>索引号</td><td>1</td><td>归档状况</td><td>已归档</td></tr>"
        "<tr><td>发布机构</td><td>县府办</td><td>存放地点</td><td>县档案馆</td></tr></table>"
    )
    found = values(read_html(page(box + PARAGRAPHS)))
    assert (found["归档状况"], found["存放地点"]) == ("已归档", "县档案馆")


def test_a_label_with_a_stroke_is_one_label() -> None:
    box = "<ul><li>索引号：1</li><li>发布机构：县府办</li><li>信息格式/语种：DOC/中文</li></ul>"
    assert values(read_html(page(box + PARAGRAPHS)))["format"] == "DOC/中文"


def test_the_origin_names_the_printed_label() -> None:
    reading = read_html(page(LAYOUTS["list items"] + PARAGRAPHS))
    assert field(reading, "agency").origin == "header:发布机构"


def test_column_heads_of_a_list_are_no_header() -> None:
    table = (
        "<table><tr><th>索引号</th><th>名称</th><th>发布机构</th><th>发布日期</th></tr>"
        "<tr><td>1</td><td>甲</td><td>乙</td><td>2018-01-02</td></tr></table>"
    )
    assert "index_number" not in values(read_html(page(f"<h1>说明</h1>{PARAGRAPHS}{table}")))


def test_a_sentence_with_a_label_in_it_is_no_field() -> None:
    body = (
        "<h1>说明</h1><p>申请时请写明索引号：见目录。来源：由各单位提供，发布日期：以目录为准。</p>"
    )
    assert "index_number" not in values(read_html(page(body + PARAGRAPHS)))
