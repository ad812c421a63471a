"""In the section of the annual reports the account of a year's work is the year's report, whatever
its office called it; a plan, a notice, a guide or a catalogue there is none.
"""

import pytest

from archive.model.reading import BodyKind, Kind, Reading
from tests.reading.pages import PARAGRAPHS, page, read_html, values

BOX = (
    "<table><tr><td>索引号：</td><td>00826556-4/2018-12252</td><td>分类：</td><td>综合政务</td></tr>"
    "<tr><td>发文机关：</td><td>琼中黎族苗族自治县</td><td>文号：</td><td></td></tr></table>"
)
CRUMBS = (
    '<div class="crumbs">当前位置：<a href="/">首页</a> &gt; <a>公开专栏</a> &gt; <a>{}</a></div>'
)
SECTION = CRUMBS.format("政府信息公开年报") + BOX
ADDRESS = "http://www.x.gov.cn/zwgk/show.html"


def reading_of(title: str, *, around: str = SECTION, head: str = "", url: str = ADDRESS) -> Reading:
    text = f"{around or BOX}<h1>{title}</h1><div id='zoom'>{PARAGRAPHS}</div>"
    return read_html(page(text, title=title, head=head), url=url)


ACCOUNTS = {
    "2014年政府信息公开工作总结": "工作总结",
    "2014年政府信息公开工作情况": "工作情况",
    "2014年度政务公开工作小结": "工作小结",
    "琼中县2014年政府信息公开工作情况汇报": "工作情况汇报",
    "关于2014年政府信息公开工作情况的报告": "工作情况的报告",
    "2014年政府信息公开年度工作总结": "年度工作总结",
    "2014年政府信息公开工作总结及2015年工作计划": "工作总结",
    "2014年政府信息公开工作总结（县政府办）": "工作总结",
    "2014年推进政府信息公开工作情况总结": "工作情况总结",
    "2014年政府信息公开工作进展情况": "工作进展情况",
    "琼中县2014年政府信息公开情况": "情况",
}


@pytest.mark.parametrize(("title", "word"), ACCOUNTS.items(), ids=list(ACCOUNTS))
def test_an_account_of_the_year_is_its_report(title: str, word: str) -> None:
    reading = reading_of(title)
    found = values(reading).get("report_word")
    assert (reading.kind, reading.report_year, found) == (Kind.REPORT, 2014, word)


def test_it_is_the_report_of_the_government_of_the_place() -> None:
    body = reading_of("2014年政府信息公开工作总结").publisher
    assert body is not None
    assert (body.name, body.division, body.kind) == (
        "琼中黎族苗族自治县人民政府",
        "469030",
        BodyKind.GOVERNMENT,
    )


OTHERS = [
    "琼中县2014年政府信息公开目录",
    "2014年政府信息公开工作情况通报",
    "2014年政府信息公开工作情况的通报",
    "2014年政府信息公开工作自查报告",
    "2014年政府信息公开自查情况报告",
    "2014年政府信息公开工作要点",
    "2014年政府信息公开工作方案",
    "2014年政府信息公开工作计划",
    "关于做好2014年政府信息公开工作总结的通知",
    "关于印发2014年政府信息公开工作要点的通知",
    "政府信息公开指南",
    "政府信息公开目录",
    "2014年上半年政府信息公开工作总结",
    "2014年第一季度政府信息公开工作情况",
    "2014年政府信息公开申请情况",
    "2014年政府信息公开培训情况",
    "2014年全县经济工作总结",
]


@pytest.mark.parametrize("title", OTHERS)
def test_other_papers_in_the_section_are_no_report(title: str) -> None:
    assert reading_of(title).kind is Kind.ARTICLE


SECTIONS = {
    "a breadcrumb": {"around": SECTION},
    "a breadcrumb with the year behind it": {
        "around": CRUMBS.format("年度报告</a> &gt; <a>2014年").replace("位置", "栏目")
    },
    "a breadcrumb in pieces": {
        "around": '<ul class="breadcrumb"><li><a>首页</a></li><li><a>年度报告</a></li></ul>'
    },
    "a meta tag": {"around": "", "head": '<meta name="ColumnName" content="政府信息公开年报">'},
    "a header field": {"around": BOX.replace("综合政务", "年度报告")},
    "its URL": {"around": "", "url": "http://www.x.gov.cn/zwgk/zfxxgknb/201501/t1.html"},
}


@pytest.mark.parametrize("told", SECTIONS.values(), ids=list(SECTIONS))
def test_the_section_is_told_by(told: dict[str, str]) -> None:
    assert reading_of("2014年政府信息公开工作总结", **told).kind is Kind.REPORT


ELSEWHERE = {
    "no section": {"around": ""},
    "another section": {"around": CRUMBS.format("工作总结")},
    "a menu that names the section": {"around": '<div class="nav"><a>政府信息公开年报</a></div>'},
    "another URL": {"around": "", "url": "http://www.x.gov.cn/zwgk/gzzj/201501/t1.html"},
}


@pytest.mark.parametrize("told", ELSEWHERE.values(), ids=list(ELSEWHERE))
def test_an_account_elsewhere_stays_an_article(told: dict[str, str]) -> None:
    assert reading_of("2014年政府信息公开工作总结", **told).kind is Kind.ARTICLE


def test_a_report_so_called_has_no_other_word() -> None:
    assert "report_word" not in values(reading_of("2014年政府信息公开工作年度报告"))
