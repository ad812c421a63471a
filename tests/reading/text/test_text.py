"""The text of a page: everything that was said, nothing that stands around it."""

import json

import pytest

from archive.model.outcome import Role
from archive.model.reading import Kind, Source
from archive.reading.read import read
from tests.reading.pages import FOOT, NAVIGATION, PARAGRAPHS, SENTENCES, page, read_html

TITLE = "清河县2018年政府信息公开工作年度报告"
HEADING = f"<h1>{TITLE}</h1>"
INFO = "<div>发布时间：2019-01-10 10:00　来源：县府办　浏览次数：123　【字体：大 中 小】</div>"
LINKS = "".join(
    f'<li><a href="{n}.html">清河县召开第{n}次全体会议研究重点工作</a></li>' for n in range(8)
)
BR = "<br>　　".join(SENTENCES)

LAYOUTS = {
    "an editor's container": f'{HEADING}{INFO}<div class="TRS_Editor">{PARAGRAPHS}</div>',
    "two containers": (
        f'{HEADING}{INFO}<div class="TRS_Editor">{PARAGRAPHS[: PARAGRAPHS.index("<p>3")]}</div>'
        f'<div class="TRS_Editor">{PARAGRAPHS[PARAGRAPHS.index("<p>3") :]}</div>'
    ),
    "the same text twice": (
        f'{HEADING}<div class="pc"><div id="zoom">{PARAGRAPHS}</div></div>'
        f'<div class="mobile"><div id="zoom">{PARAGRAPHS}</div></div>'
    ),
    "a hidden copy": (
        f'{HEADING}<div style="display:none"><div id="zoom">{PARAGRAPHS}</div></div>'
        f'<div id="zoom">{PARAGRAPHS}</div>'
    ),
    "no names at all": f"<div>{HEADING}{INFO}<div>{PARAGRAPHS}</div></div>",
    "text beside its heading": f"<div>{HEADING}{INFO}{PARAGRAPHS}</div>",
    "a side bar": f"<div>{HEADING}{INFO}{PARAGRAPHS}</div><div><h3>热门信息</h3><ul>{LINKS}</ul></div>",
    "related links behind": f"<div>{HEADING}{INFO}{PARAGRAPHS}<p>相关文档：</p><ul>{LINKS}</ul></div>",
    "neighbours behind": (
        f'<div>{HEADING}{PARAGRAPHS}<p>上一篇：<a href="1">2017年年报</a></p>'
        "<p>下一篇：没有了</p><p>【打印本页】【关闭窗口】</p></div>"
    ),
    "nested tables with br": (
        f'<table><tr><td><a href="a">机构</a></td><td><table><tr><td align="center"><b>{TITLE}</b></td>'
        f"</tr><tr><td>{INFO}</td></tr><tr><td>　　{BR}</td></tr><tr><td>【<a href=#>打印</a>】</td></tr>"
        "</table></td></tr></table>"
    ),
    "the document ends twice": f"{HEADING}<div>{PARAGRAPHS[: PARAGRAPHS.index('<p>2')]}</body></html>"
    f"{PARAGRAPHS[PARAGRAPHS.index('<p>2') :]}</div>",
    "one span a character": HEADING
    + "<div id='zoom'>"
    + "".join(f"<p>{''.join(f'<span>{c}</span>' for c in line)}</p>" for line in SENTENCES)
    + "</div>",
    "divs for paragraphs": HEADING + "".join(f"<div>{line}</div>" for line in SENTENCES),
    "text straight in the body": HEADING + "<br>".join(SENTENCES),
    "a share bar and a code inside": (
        f'{HEADING}<div id="zoom">{PARAGRAPHS}<div class="share">分享到：微信 微博</div>'
        '<div class="ewm"><p>扫一扫在手机打开当前页</p></div></div>'
    ),
    "a counter inside": f'{HEADING}<div id="zoom"><p>本文已被浏览 1234 次</p>{PARAGRAPHS}</div>',
    "today's date on top": f"<div>今天是2024年7月5日 星期五</div>{HEADING}<div>{PARAGRAPHS}</div>",
    "an attachment box": (
        f'{HEADING}<div id="zoom">{PARAGRAPHS}<div class="fujian">附件：'
        '<a href="a.doc">统计表.doc</a></div></div>'
    ),
    "the title in two lines": (
        "<div><h1>清河县2018年政府信息公开<br>工作年度报告</h1>"
        f"<p>清河县2018年政府信息公开</p><p>工作年度报告</p>{PARAGRAPHS}</div>"
    ),
    "paragraphs inside a void element": (
        f'{HEADING}<div id="zoom"><wbr>{PARAGRAPHS}</wbr></div><p>分享到：微信 微博</p>'
    ),
    "void elements between words": (
        f'{HEADING}<div id="zoom">'
        + PARAGRAPHS.replace("政府", "政<wbr>府").replace("全年", '<embed src="a.swf">全年')
        + "</div>"
    ),
    "a hidden class in the container": (
        f'{HEADING}<div id="zoom"><p class="hidden">请稍候，页面正在加载，马上显示全文。</p>{PARAGRAPHS}</div>'
    ),
    "a window that is not open": (
        f"<div>{HEADING}{INFO}{PARAGRAPHS}<div class='modal fade'>"
        "<p>您访问的链接即将离开本门户网站，请确认是否继续访问该网站。</p></div></div>"
    ),
    "kept line ends": f"{HEADING}<div><pre>" + "\n\n".join(SENTENCES) + "</pre></div>",
    "shown by a script": f'<div style="display:none">{HEADING}<div id="zoom">{PARAGRAPHS}</div></div>',
}


@pytest.mark.parametrize("layout", LAYOUTS, ids=list(LAYOUTS))
def test_exactly_the_text_is_read(layout: str) -> None:
    chrome = layout != "shown by a script"
    text = page(LAYOUTS[layout], title=f"{TITLE}_清河县人民政府")
    if not chrome:
        text = text.replace(NAVIGATION, "").replace(FOOT, "")
    assert read_html(text).lines == SENTENCES


@pytest.mark.parametrize("layout", LAYOUTS, ids=list(LAYOUTS))
def test_the_title_is_without_the_site(layout: str) -> None:
    assert read_html(page(LAYOUTS[layout], title=f"{TITLE}_清河县人民政府")).title == TITLE


def test_the_title_is_found_without_a_title_tag() -> None:
    text = page(f"<p align=center><b>{TITLE}</b></p>{PARAGRAPHS}", title="清河县人民政府门户网站")
    assert read_html(text).title == TITLE


def test_a_title_cut_short_is_completed_from_the_heading() -> None:
    head = '<meta name="ArticleTitle" content="清河县2018年政府信息公开...">'
    assert read_html(page(HEADING + PARAGRAPHS, head=head)).title == TITLE


def test_markup_inside_the_title_is_taken_off() -> None:
    head = '<meta name="ArticleTitle" content="&lt;b&gt;清河县公告&lt;/b&gt;">'
    assert read_html(page(PARAGRAPHS, head=head)).title == "清河县公告"


def test_a_gbk_page_labelled_gb2312_is_read() -> None:
    text = page(HEADING + PARAGRAPHS).replace("utf-8", "gb2312").replace("全镇", "朱镕基镇")
    assert "朱镕基镇" in read_html(text, encoding="gb18030").lines[0]


def test_a_table_row_is_a_line_with_tabs() -> None:
    table = "<table border=1><tr><td>指标</td><td>数量</td></tr><tr><td>申请</td><td>12</td></tr></table>"
    reading = read_html(page(f'{HEADING}<div id="zoom">{PARAGRAPHS}{table}</div>'))
    assert reading.lines[-2:] == ("指标\t数量", "申请\t12")


def test_a_table_stands_where_it_was_printed() -> None:
    table = "<table border=1><tr><td>指标</td><td>数量</td></tr><tr><td>申请</td><td>12</td></tr></table>"
    reading = read_html(page(f'{HEADING}<div id="zoom">{table}{PARAGRAPHS}</div>'))
    assert reading.lines[0] == "指标\t数量"


def test_short_text_is_kept() -> None:
    text = page(
        "<h1>公示</h1><div><p>现将结果予以公示。</p><p>县财政局</p><p>2020年1月2日</p></div>"
    )
    assert read_html(text).lines == ("现将结果予以公示。", "县财政局", "2020年1月2日")


def test_lines_that_repeat_are_kept() -> None:
    text = page(f'{HEADING}<div id="zoom"><p>无。</p>{PARAGRAPHS}<p>无。</p></div>')
    assert read_html(text).lines.count("无。") == 2


def test_attached_files_named_in_the_text_stay_in_it() -> None:
    files = '<p>附件：<a href="a.doc">统计表.doc</a></p><p><a href="b.xls">汇总表.xls</a></p>'
    reading = read_html(page(f'{HEADING}<div id="zoom">{PARAGRAPHS}{files}</div>'))
    assert reading.lines[-2:] == ("附件：统计表.doc", "汇总表.xls")


def test_text_written_by_a_script_is_read() -> None:
    script = (
        "<script>" + "".join(f"document.writeln('<p>{s}<\\/p>');" for s in SENTENCES) + "</script>"
    )
    assert read_html(page(f"{HEADING}<div>{script}</div>")).lines == SENTENCES


def test_the_document_inside_a_configuration_is_read() -> None:
    markup = PARAGRAPHS.replace("/", "\\/")
    script = (
        f'<script>window._CONFIG = {{SID:"1", DETAIL: {{"title":"{TITLE}","publisher":"清河县",'
        f'"identifier":"007542312/2022-00012","content":"{markup}"}}}}</script>'
    )
    reading = read_html(page('<div id="app"></div>', head=script))
    assert (reading.title, reading.lines) == (TITLE, SENTENCES)


def test_the_hash_ignores_counters_and_navigation() -> None:
    one = read_html(page(f'{HEADING}{INFO}<div id="zoom">{PARAGRAPHS}</div>'))
    two = read_html(
        page(f'{HEADING}{INFO.replace("123", "9")}<div id="zoom">{PARAGRAPHS}</div>').replace(
            "互动交流", "便民服务"
        )
    )
    assert one.content_hash == two.content_hash


def test_the_hash_sees_one_changed_character() -> None:
    one = read_html(page(f'{HEADING}<div id="zoom">{PARAGRAPHS}</div>'))
    two = read_html(page(f'{HEADING}<div id="zoom">{PARAGRAPHS.replace("37条", "38条")}</div>'))
    assert one.content_hash != two.content_hash


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("清河县2018年政府信息公开工作年度报告", Kind.REPORT),
        ("2019年政务公开工作情况报告", Kind.REPORT),
        ("2014年政府信息公开工作总结", Kind.ARTICLE),
        ("关于做好2018年政府信息公开年度报告编制工作的通知", Kind.ARTICLE),
        ("清河县召开经济工作会议", Kind.ARTICLE),
    ],
)
def test_the_kind_of_a_page(title: str, kind: Kind) -> None:
    assert read_html(page(f'<h1>{title}</h1><div id="zoom">{PARAGRAPHS}</div>')).kind is kind


def test_the_report_year_is_that_of_the_title() -> None:
    head = '<meta name="PubDate" content="2019-01-10">'
    assert read_html(page(HEADING + PARAGRAPHS, head=head)).report_year == 2018


def test_the_report_year_is_found_in_the_period() -> None:
    body = (
        "<h1>政府信息公开工作年度报告</h1><p>统计期限自2017年1月1日起至12月31日止，内容如下。</p>"
    )
    assert read_html(page(body + PARAGRAPHS)).report_year == 2017


SIDE = "".join(
    f"<li><a href='{n}.html'>清河县召开第{n}次全体会议研究重点工作</a></li>" for n in range(12)
)


def test_a_short_notice_beside_a_long_list_is_a_document() -> None:
    body = (
        "<div><h2>关于停水的公告</h2><div>2023-05-01</div><div>因检修，5月2日停水一天。</div></div>"
        f"<div><ul>{SIDE}</ul></div>"
    )
    reading = read_html(page(body, title="关于停水的公告-清河县人民政府"))
    assert (reading.kind, reading.lines) == (Kind.ARTICLE, ("因检修，5月2日停水一天。",))


def test_a_list_of_names_is_text() -> None:
    names = tuple(f"{n} 张三{n} 男 清河大学" for n in range(20))
    body = f"<h2>2023年拟录用人员名单公示</h2><div>{''.join(f'<p>{n}</p>' for n in names)}</div>"
    assert read_html(page(f"{body}<div><h4>最新信息</h4><ul>{SIDE}</ul></div>")).lines == names


def test_the_line_under_a_heading_inside_the_container_is_no_text() -> None:
    info = "<p>时间：2019-01-10 10:00　来源：县府办　点击数：12</p>"
    text = page(f'<div class="article">{HEADING}{info}{PARAGRAPHS}<p>打印 关闭</p></div>')
    assert read_html(text).lines == SENTENCES


def test_a_dated_report_wins_over_the_name_of_its_column() -> None:
    body = f'<div class="tit">政府信息公开年报</div><div style="text-align:center">{TITLE}</div>{PARAGRAPHS}'
    assert read_html(page(body, title="政府信息公开年报 - 清河县人民政府")).title == TITLE


def test_the_time_and_place_of_a_meeting_are_text() -> None:
    body = "<p>各单位：</p><p>定于近期召开会议，现通知如下。</p><p>时间：2020年5月3日</p><p>地点：一楼</p>"
    text = page(f'<h1>关于召开会议的通知</h1><div class="TRS_Editor">{body}</div>')
    assert read_html(text).lines[-2:] == ("时间：2020年5月3日", "地点：一楼")


def test_a_report_that_ends_with_none_keeps_it() -> None:
    text = page(f"{HEADING}<div>{PARAGRAPHS}<p>六、其他需要报告的事项</p><p>无。</p></div>")
    assert read_html(text).lines[-1] == "无。"


def test_a_page_called_plain_text_is_read_as_a_page() -> None:
    body = page(HEADING + PARAGRAPHS).encode()
    reading = read(Source(url="http://x.gov.cn/a", body=body, media_type="text/plain"))
    assert reading.lines == SENTENCES


def test_a_list_gives_its_items_as_lines() -> None:
    items = "".join(
        f"<li><a href='t{year}0301_{year}.html'>{year}年政府信息公开年报</a><span>{year}-03-01</span></li>"
        for year in range(2010, 2020)
    )
    reading = read_html(page(f"<h2>政府信息公开年报</h2><ul>{items}</ul>"))
    assert (reading.kind, reading.lines[0]) == (Kind.LIST, "2010年政府信息公开年报\t2010-03-01")


def test_an_answer_in_json_is_a_list() -> None:
    rows = [
        {"title": f"{y}年年报", "url": f"http://x.gov.cn/post_{y}.html", "created_at": f"{y}-01-02"}
        for y in (2020, 2021)
    ]
    body = json.dumps({"total": 2, "articles": rows}).encode()
    reading = read(Source(url="http://x.gov.cn/api?page=1", body=body, role=Role.LIST))
    assert [link.url[-9:] for link in reading.links] == ["2020.html", "2021.html"]


def test_a_title_tag_without_marks_gives_the_line_that_the_page_prints() -> None:
    name = "全县统计工作会议在县城召开"
    text = page(
        f"<div><h3>统计工作要闻</h3><p>{name}</p>{INFO}{PARAGRAPHS}</div>",
        title=f"清河县 要闻 {name}",
    )
    assert read_html(text).title == name


def test_the_heading_of_a_tool_is_no_title() -> None:
    text = page(
        f"<div><h3>分享到微信</h3><p>统计会议召开</p>{INFO}{PARAGRAPHS}</div>",
        title="统计会议召开_清河县",
    )
    assert read_html(text).title == "统计会议召开"


def test_a_title_named_nowhere_stands_above_day_and_source() -> None:
    text = page(f"<div><div>全县统计工作会议召开</div>{INFO}{PARAGRAPHS}</div>", title="")
    assert read_html(text).title == "全县统计工作会议召开"


def test_a_header_box_longer_than_the_text_is_not_taken_for_it() -> None:
    long = "县教育局关于印发《全县教育系统安全专项整治三年行动实施方案》的通知，自印发之日起施行；"
    box = f"<div><div><p>索引号：1</p><p>发布机构：县教育局</p><p>名称：{long}</p></div></div>"
    text = page(f"<div>{box}<div><p>全县各校照此办理，并于九月底前上报。</p></div></div>")
    assert read_html(text).lines == ("全县各校照此办理，并于九月底前上报。",)


@pytest.mark.parametrize(
    "before",
    [
        "<p>清河县教育局2018年</p>",
        "<p>清河县教育局</p><p>2018年度</p>",
        "<div>清河县教育局<br>2018年</div>",
    ],
)
def test_a_title_over_lines_that_are_not_in_the_middle_is_joined(before: str) -> None:
    text = page(f"<div>{before}<p>政府信息公开工作年度报告</p>{PARAGRAPHS}</div>")
    title = (read_html(text).title or "").replace("年度政府", "年政府")
    assert title == "清河县教育局2018年政府信息公开工作年度报告"


def test_a_date_in_the_first_half_is_no_signature() -> None:
    text = page(f"<h1>{TITLE}</h1><p>县府办</p><p>2019年1月23日</p>{PARAGRAPHS * 2}")
    assert not [field for field in read_html(text).fields if field.origin == "signature"]


def test_a_heading_that_goes_on_with_day_and_source_ends_before_them() -> None:
    name = "全县统计工作会议在县城召开"
    small = (
        "<small>2023-08-19 <span>来源：县日报</span></small><div>字号：<a>大</a> <a>中</a></div>"
    )
    reading = read_html(page(f"<h2>{name} {small}</h2>{PARAGRAPHS}", title=name))
    found = {field.name: field.value for field in reading.fields}
    assert (reading.title, found["published_on"], found["source"]) == (name, "2023-08-19", "县日报")


@pytest.mark.parametrize(
    ("title", "kind", "year"),
    [
        ("清河县（2021）政府信息公开工作年度报告", Kind.REPORT, 2021),
        ("[2021]清河县政府信息公开年报", Kind.REPORT, 2021),
        ("二〇一六年清河县政府信息公开工作年度报告", Kind.REPORT, 2016),
        ("清河县政府信息公开工作2015年年度报告", Kind.REPORT, 2015),
        ("一图读懂清河县2021年政府信息公开工作年度报告", Kind.ARTICLE, 2021),
        ("图解：清河县2021年政府信息公开工作年度报告", Kind.ARTICLE, 2021),
        ("2021年政府信息公开年度报告编制工作培训会", Kind.ARTICLE, 2021),
    ],
)
def test_what_a_title_says_of_kind_and_year(title: str, kind: Kind, year: int) -> None:
    text = "<p>全县主动公开政府信息一千余条，内容涉及各个方面，群众满意度有所提高。</p>" * 2
    reading = read_html(page(f"<h1>{title}</h1>{text}", title=title))
    assert (reading.kind, reading.report_year) == (kind, year)
