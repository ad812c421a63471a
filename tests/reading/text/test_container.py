"""Which elements hold the text where no name says it, or two have the name."""

import pytest

from archive.model.reading import Kind
from tests.reading.pages import SENTENCES, page, read_html

TITLE = "清河县2023年政府信息公开工作年度报告"
LONG = "本县全年围绕群众关切持续做好主动公开和依申请公开工作，" * 12 + "成效明显。"
TABLE = (
    "<table border=1><tr><td colspan=4>第二十条第（一）项</td></tr><tr><td>信息内容</td><td>本年制发件数</td>"
    "<td>本年废止件数</td><td>现行有效件数</td></tr><tr><td>规章</td><td>1</td><td>0</td><td>7</td></tr>"
    "<tr><td>行政规范性文件</td><td>3</td><td>2</td><td>19</td></tr></table>"
)
SIGNED = ("清河县人民政府", "2024年1月20日")

ONE_LONG = {
    "bare divs": f"<div>一、总体情况</div><div>{LONG}</div><div>二、主动公开</div><div>{SENTENCES[0]}</div>",
    "styled divs": "".join(
        f'<div style="text-indent:2em">{text}</div>'
        for text in ("一、总体情况", LONG, "二、主动公开", SENTENCES[0])
    ),
    "divs of one class": "".join(
        f'<div class="p">{text}</div>'
        for text in ("一、总体情况", LONG, "二、主动公开", SENTENCES[0])
    ),
    "text around it": f"一、总体情况<div>{LONG}</div>二、主动公开<br>{SENTENCES[0]}",
    "line breaks around it": f"一、总体情况<br><br><div>{LONG}</div><br>二、主动公开<br>{SENTENCES[0]}",
    "spans in it": f"<div><span>一、总体情况</span></div><div><span>{LONG}</span></div>"
    f"<div><b>二、主动公开</b></div><div>{SENTENCES[0]}</div>",
    "a break in it": f"<div>一、总体情况</div><div>{LONG}<br>{LONG}</div><div>二、主动公开</div>"
    f"<div>{SENTENCES[0]}</div>",
    "sections": f"<section>一、总体情况</section><section>{LONG}</section><section>二、主动公开</section>"
    f"<section>{SENTENCES[0]}</section>",
    "cells": f"<table><tr><td>一、总体情况</td></tr><tr><td>{LONG}</td></tr><tr><td>二、主动公开</td></tr>"
    f"<tr><td>{SENTENCES[0]}</td></tr></table>",
    "a paragraph inside it": f"<div>一、总体情况</div><div><p>{LONG}</p></div><div>二、主动公开</div>"
    f"<div>{SENTENCES[0]}</div>",
}
AROUND = {
    "one element": '<div class="xq">{}</div>',
    "elements in a paragraph": '<p><div class="xq"><div>{}</div></div></p>',
    "the page's body": "{}",
}


@pytest.mark.parametrize("around", AROUND.values(), ids=list(AROUND))
@pytest.mark.parametrize("text", ONE_LONG.values(), ids=list(ONE_LONG))
def test_one_long_paragraph_is_not_the_text(text: str, around: str) -> None:
    reading = read_html(page(f"<h1>{TITLE}</h1>{around.format(text)}", title=TITLE))
    wanted = ("一、总体情况", LONG, "二、主动公开", SENTENCES[0])
    assert [line for line in wanted if line not in reading.lines] == []


@pytest.mark.parametrize("around", AROUND.values(), ids=list(AROUND))
def test_a_table_beside_one_long_paragraph_is_read(around: str) -> None:
    text = f"<div>{LONG}</div><div>二、主动公开</div>{TABLE}<div>三、其他</div><div>无。</div>"
    reading = read_html(page(f"<h1>{TITLE}</h1>{around.format(text)}", title=TITLE))
    assert (len(reading.tables), reading.lines[-2:]) == (1, ("三、其他", "无。"))


def test_the_signature_below_one_long_paragraph_is_kept() -> None:
    text = "".join(f"<div>{line}</div>" for line in (LONG, *SIGNED))
    reading = read_html(page(f"<h1>{TITLE}</h1><div class='xq'>{text}</div>", title=TITLE))
    assert reading.lines == (LONG, *SIGNED)


def test_a_container_of_one_paragraph_is_the_text() -> None:
    text = (
        f"<div class='w'><div class='t'>{TITLE}</div><div class='d'>发布时间：2024-01-20</div>"
        f"<div class='c'>{LONG}</div><div class='s'>分享到：微信 微博</div></div>"
    )
    assert read_html(page(text, title=TITLE)).lines == (LONG,)


def test_two_unnamed_containers_are_the_text() -> None:
    text = f"<div class='u1'><p>{LONG}</p><p>{LONG}</p></div><div class='u2'><p>{SENTENCES[0]}</p>{TABLE}</div>"
    reading = read_html(page(f"<h1>{TITLE}</h1><div>{text}</div>", title=TITLE))
    assert (reading.lines[:3], len(reading.tables)) == ((LONG, LONG, SENTENCES[0]), 1)


SHORT = (
    "本年度没有收取信息处理费。",
    "没有行政复议。",
    "培训2次。",
    "全年办结申请3件；另有1件结转；",
)
WRAPPED = {
    "div in div": "<div><div>{}</div></div>",
    "paragraph in div": "<div><p>{}</p></div>",
    "div in span in div": "<div><span><div>{}</div></span></div>",
    "called otherwise": '<div class="s2"><div class="s3">{}</div></div>',
}


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("wrapped", WRAPPED.values(), ids=list(WRAPPED))
def test_short_paragraphs_in_wrappers_beside_one_long_one_are_read(
    wrapped: str, place: str
) -> None:
    long, short = f"<div><div>{LONG}</div></div>", "".join(map(wrapped.format, SHORT))
    inner, wanted = (long + short, (LONG, *SHORT))
    if place == "before":
        inner, wanted = (short + long, (*SHORT, LONG))
    chrome = "<div><div>暂无评论</div></div><div><p>请使用新版浏览器访问本站。</p></div>"
    text = f"<h1>{TITLE}</h1><div class='xq'>{inner}</div>{chrome}"
    assert read_html(page(text, title=TITLE)).lines == wanted


TOOLS = (
    '<div class="llcs">浏览次数：<span>-</span></div><div class="fx"><div>分享</div></div>'
    '<div class="sm"><div class="tit">扫码浏览</div></div><div><a href="#">返回顶部</a><a href="#">打印</a></div>'
)
PARAGRAPHS = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
TWICE = {
    "its id behind it": f'<div id="zoomcon">{PARAGRAPHS}</div><div id="zoomcon">{TOOLS}</div>',
    "its id before it": f'<div id="zoomcon">{TOOLS}</div><div id="zoomcon">{PARAGRAPHS}</div>',
    "its class": f'<div class="TRS_Editor">{PARAGRAPHS}</div><div class="TRS_Editor x">{TOOLS}</div>',
    "a customary name": f'<div class="article_con">{PARAGRAPHS}</div><div class="article_con">{TOOLS}</div>',
}


@pytest.mark.parametrize("text", TWICE.values(), ids=list(TWICE))
def test_a_second_element_of_the_name_holds_no_text(text: str) -> None:
    assert read_html(page(f"<h1>关于读书的通知</h1><div>{text}</div>")).lines == SENTENCES


def test_a_second_element_of_the_name_may_hold_the_end_of_the_text() -> None:
    signed = "".join(f"<p>{line}</p>" for line in SIGNED)
    text = f'<div class="TRS_Editor">{PARAGRAPHS}</div><div class="TRS_Editor">{signed}</div>'
    assert read_html(page(f"<h1>{TITLE}</h1>{text}")).lines == SENTENCES + SIGNED


BESIDE = (
    '<div class="xg"><div class="xgtit">相关阅读</div><ul>'
    + "".join(
        f'<li><a class="bt_content" href="/{n}.html">{text}</a> 2020-02-1{n}</li>'
        for n, text in enumerate(
            ("全县春耕备耕工作现场会在东乡召开", "县财政局公布部门预算情况", "通报")
        )
    )
    + "</ul></div>"
)
PICTURES = {
    "a picture": '<p><img src="/picture/0/report01.jpg"></p>',
    "a picture that comes late": '<p><img src="/i/1px.gif" data-original="/picture/report01.jpg"></p>',
    "a linked picture": '<a href="/picture/1.jpg"><img src="/picture/0/report01.jpg"></a>',
}


@pytest.mark.parametrize("picture", PICTURES.values(), ids=list(PICTURES))
@pytest.mark.parametrize("name", ["id='zoom'", "class='article_con'"])
def test_a_picture_is_the_text_though_links_have_a_container_s_name(
    name: str, picture: str
) -> None:
    linked = '<p>相关文件：<a href="/a.html">关于编制年度报告的通知</a></p>'
    script = "<script>document.write('<script src=\"/share.js\"><\\/script>');</script>"
    text = f"<h1>{TITLE}</h1><div {name}>{picture}{linked}</div>{BESIDE}{script}"
    reading = read_html(page(text, title=TITLE))
    assert (reading.kind, reading.needs_browser, reading.lines) == (
        Kind.REPORT,
        None,
        ("相关文件：关于编制年度报告的通知",),
    )
    assert "image_only" in [finding.rule for finding in reading.findings]


@pytest.mark.parametrize("order", ["{0}{1}", "{1}{0}"], ids=["before", "behind"])
def test_a_counter_and_a_hint_in_a_second_container_are_left_out(order: str) -> None:
    tools = "<div>浏览次数：<span>-</span></div><div>分享</div><div>扫码浏览</div>"
    parts = (f'<div id="zoom">{tools}</div>', f'<div id="zoom">{PARAGRAPHS}</div>')
    reading = read_html(page(f"<h1>清河县2018年政府信息公开年报</h1>{order.format(*parts)}"))
    assert reading.lines == SENTENCES
