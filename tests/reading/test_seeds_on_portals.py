"""The five real documents put back into the mark-up of their portals: every fact a correct reader
gives for them, one test each. Skipped where the material is absent.
"""

from decimal import Decimal
from pathlib import Path

import pytest

from archive.model.reading import CheckState, Kind, Reading, Source
from archive.reading.read import read
from archive.reading.values.index_number import index_checksum
from tests.reading.pages import values
from tests.reading.portals import (
    around,
    between,
    box,
    hanweb,
    paragraphs,
    statistics,
    trs,
    ucap,
)
from tests.reading.test_seeds import seed

META = '<meta charset="{charset}"><title>{title}</title>'


def page(text: str, url: str, charset: str) -> Reading:
    return read(Source(url=url, body=text.encode(charset, "xmlcharrefreplace")))


@pytest.fixture
def qiongzhong(shared: Path) -> Reading:
    lines = seed(shared, "000").splitlines()
    header = box(
        (
            (("索引号", "00826556-4/2018-12252"), ("分类", "综合政务")),
            (("发文机关", "琼中黎族苗族自治县"), ("发文日期", "2014年12月22日 10:00")),
            (("名称", "2014年政府信息公开工作总结"),),
            (("文号", ""), ("主题词", "")),
        )
    )
    text = between(lines, "琼中黎族苗族自治县2014年政府信息", "2014年政府信息公开进展情况")
    body = header + ucap(
        (line for line in text if line.strip()),
        title="2014年政府信息公开工作总结",
        file="2014年政府信息公开进展情况“成绩单”统计表.doc",
    )
    crumbs = ("首页", "信息公开专栏", "办公室", "政府信息公开年报")
    head = META.format(
        charset="utf-8", title="2014年政府信息公开工作总结_琼中黎族苗族自治县人民政府"
    )
    foot = (line for line in lines[-7:] if line.strip())
    whole = around(body, head=head, crumbs=crumbs, foot=foot)
    return page(whole, "http://qiongzhong.hainan.gov.cn/xxgk/201412/t20141222_1.html", "utf-8")


@pytest.fixture(params=["as a table", "as lines"])
def chongchuan(request: pytest.FixtureRequest, shared: Path) -> Reading:
    lines = seed(shared, "001").splitlines()
    prose = between(lines, "今年以来", "2016年度政府信息公开情况统计表")
    table = between(lines, "一、主动公开情况", "关于我们")
    heads = ["2016年度政府信息公开情况统计表", "统计指标", "单位", "统计数"]
    annex = (
        "".join(paragraphs([heads[0]])) + statistics(table)
        if request.param == "as a table"
        else "".join(paragraphs(heads + table))
    )
    title = "2016年崇川区政府信息公开工作年度报告"
    body = trs("".join(paragraphs(prose)) + annex, day="2017-02-22", title=title)
    whole = around(
        body,
        head=META.format(charset="gb2312", title=f"{title}_崇川区人民政府"),
        crumbs=("首页", "政府信息公开年报"),
        foot=[line for line in lines[-6:] if line.strip()],
    )
    return page(whole, "http://www.chongchuan.gov.cn/ccqzf/2016nb/201702/t1.html", "gb18030")


@pytest.fixture
def zhongcun(shared: Path) -> Reading:
    lines = seed(shared, "002").splitlines()
    whole = around(
        trs("".join(paragraphs(lines[:-1])), day="2019-01-07 09:15"),
        head=META.format(charset="utf-8", title="政府信息公开内容"),
        crumbs=("首页", "政务公开", "年度报告"),
        foot=("主办：三明市三元区人民政府办公室", "闽ICP备05000001号"),
    )
    return page(whole, "http://www.smsy.gov.cn/zwgk/201901/t20190107_1.htm", "utf-8")


@pytest.fixture
def shangyu(shared: Path) -> Reading:
    lines = seed(shared, "003").splitlines()
    header = box(
        (
            (("索引号", "113308810026305088/2014-128123"), ("主题分类", "政务公开")),
            (("发文机关", "上余镇"), ("成文日期", "2014-01-27 10:56:08")),
        )
    )
    whole = around(
        hanweb("".join(paragraphs(lines[2:])), header),
        head=META.format(charset="utf-8", title="江山市政府信息公开"),
        crumbs=("首页", "信息公开", "上余镇"),
        foot=("主办：江山市人民政府", "浙ICP备05000002号"),
    )
    return page(whole, "http://xxgk.jiangshan.gov.cn/art/2014/1/27/art_1_128123.html", "utf-8")


@pytest.fixture
def farm(shared: Path) -> Reading:
    lines = seed(shared, "004").splitlines()
    text = "".join(f"<div><p>{line}</p></div>" for line in lines if line.strip())
    whole = (
        f"<html><head><title>政务公开工作情况的汇报 (4)</title></head><body>{text}</body></html>"
    )
    return page(whole, "http://www.jinchutou.com/shtml/view-210021896.html", "utf-8")


def test_qiongzhong_s_organ(qiongzhong: Reading) -> None:
    assert values(qiongzhong)["agency"] == "琼中黎族苗族自治县"


def test_qiongzhong_s_summary_is_its_report_of_2014(qiongzhong: Reading) -> None:
    assert (qiongzhong.kind, qiongzhong.report_year, qiongzhong.title) == (
        Kind.REPORT,
        2014,
        "2014年政府信息公开工作总结",
    )


def test_qiongzhong_s_index_number_proves_itself(qiongzhong: Reading) -> None:
    found = values(qiongzhong)
    assert (found["index_number"], index_checksum(found["index_number"] or "")) == (
        "00826556-4/2018-12252",
        True,
    )


def test_qiongzhong_s_index_number_was_given_in_2018(qiongzhong: Reading) -> None:
    assert values(qiongzhong)["index_year"] == "2018"


def test_qiongzhong_s_day(qiongzhong: Reading) -> None:
    printed = {field.name: field.printed for field in qiongzhong.fields}
    assert (values(qiongzhong)["published_on"], printed["published_on"]) == (
        "2014-12-22",
        "2014年12月22日 10:00",
    )


def test_qiongzhong_s_category_and_blank_labels(qiongzhong: Reading) -> None:
    found = values(qiongzhong)
    assert (found["category"], found["document_number"], found["keywords"]) == (
        "综合政务",
        None,
        None,
    )


def test_qiongzhong_s_file(qiongzhong: Reading) -> None:
    assert [link.text for link in qiongzhong.links] == [
        "2014年政府信息公开进展情况“成绩单”统计表.doc"
    ]


def test_qiongzhong_s_identity(qiongzhong: Reading) -> None:
    assert {mark.name: mark.value for mark in qiongzhong.identity} == {
        "site_code": "4690300002",
        "police": "46903002000012",
        "icp": "琼ICP备05000041号",
    }


@pytest.mark.parametrize(
    "told",
    ["琼府办〔201451号 → 琼府办〔2014〕51号", "截至2014123 → 2014-01-23 or 2014-12-03"],
)
def test_qiongzhong_s_lost_characters_are_told(qiongzhong: Reading, told: str) -> None:
    assert any(told in f.evidence for f in qiongzhong.findings if f.rule == "lost_characters")


def test_qiongzhong_s_text_begins_and_ends_with_itself(qiongzhong: Reading) -> None:
    assert qiongzhong.lines[0].startswith("琼中黎族苗族自治县2014年政府信息")
    assert not any(word in "".join(qiongzhong.lines) for word in ("分享到", "打印本页", "相关文档"))


def test_chongchuan_s_office_year_and_day(chongchuan: Reading) -> None:
    assert chongchuan.publisher is not None
    assert (
        chongchuan.publisher.name,
        chongchuan.publisher.division,
        chongchuan.report_year,
        values(chongchuan)["published_on"],
    ) == ("崇川区人民政府", "320613", 2016, "2017-02-22")


def test_chongchuan_s_form_and_values(chongchuan: Reading) -> None:
    given = [f for f in chongchuan.figures if f.value is not None]
    assert ({f.form for f in given}, len(given)) == ({"f14"}, 57)


def test_chongchuan_s_budget_is_missing_and_not_nought(chongchuan: Reading) -> None:
    found = [f.value for f in chongchuan.figures if f.indicator == "f14.org.budget_wanyuan"]
    assert found in ([], [None])


@pytest.mark.parametrize(
    ("indicator", "value"),
    [
        ("proactive.total", 13100),
        ("request.received.total", 139),
        ("request.closed.on_time", 127),
        ("request.reply.refused.total", 25),
        ("review.total", 14),
        ("litigation.corrected", 1),
        ("org.staff.total", 5),
        ("training.trainees", 82),
    ],
)
def test_a_value_of_chongchuan(chongchuan: Reading, indicator: str, value: int) -> None:
    assert [f.value for f in chongchuan.figures if f.indicator == f"f14.{indicator}"] == [
        Decimal(value)
    ]


@pytest.mark.parametrize("rule", ["R8", "R9", "R10", "R11", "R12", "R13"])
def test_a_rule_that_chongchuan_keeps(chongchuan: Reading, rule: str) -> None:
    assert {c.state for c in chongchuan.checks if c.rule == rule} == {CheckState.HOLDS}


@pytest.mark.parametrize("rule", ["R16", "R17", "R18"])
def test_a_rule_that_chongchuan_breaks(chongchuan: Reading, rule: str) -> None:
    states = {c.state for c in chongchuan.checks if c.rule == rule}
    assert CheckState.VIOLATED in states


def test_chongchuan_s_prose_differs_from_its_table_in_litigation(chongchuan: Reading) -> None:
    (broken,) = [c for c in chongchuan.checks if c.rule == "R18" and c.state is CheckState.VIOLATED]
    assert "其他情形" in broken.evidence


def test_chongchuan_s_stranger_is_told(chongchuan: Reading) -> None:
    (told,) = [f.evidence for f in chongchuan.findings if f.rule == "hijack_words"]
    assert "bt365在线投注" in told
    assert chongchuan.official


def test_zhongcun_s_office_year_and_signature(zhongcun: Reading) -> None:
    found = values(zhongcun)
    assert (zhongcun.kind, zhongcun.report_year) == (Kind.REPORT, 2018)
    assert (found["signed_by"], found["signed_on"]) == ("中村乡人民政府", "2019-01-04")
    assert zhongcun.publisher is not None
    assert zhongcun.publisher.name.endswith("中村乡人民政府")


def test_zhongcun_has_no_table(zhongcun: Reading) -> None:
    assert (zhongcun.tables, zhongcun.figures) == ((), ())
    annex = zhongcun.lines.index("(二)附表")
    assert zhongcun.lines[annex + 1 :] == ("中村乡人民政府", "2019年1月4日")


def test_zhongcun_keeps_its_domain_in_the_text(zhongcun: Reading) -> None:
    assert any("www.smsy.gov.cn" in line for line in zhongcun.lines)


def test_zhongcun_keeps_every_paragraph(zhongcun: Reading, shared: Path) -> None:
    lines = [line for line in seed(shared, "002").splitlines() if line.strip()]
    assert len(zhongcun.lines) == len(lines) - 1  # without the hint at the telephone


def test_shangyu_s_fields(shangyu: Reading) -> None:
    found = values(shangyu)
    assert (found["agency"], found["category"], found["written_on"], shangyu.report_year) == (
        "上余镇",
        "政务公开",
        "2014-01-27",
        2013,
    )


def test_shangyu_s_index_number_names_its_place(shangyu: Reading) -> None:
    found = values(shangyu)
    assert (found["index_number"], found["index_division"]) == (
        "113308810026305088/2014-128123",
        "330881",
    )


def test_shangyu_s_office(shangyu: Reading) -> None:
    assert shangyu.publisher is not None
    assert (shangyu.publisher.name, shangyu.publisher.division) == (
        "江山市上余镇人民政府",
        "330881",
    )


def test_shangyu_begins_with_its_first_sentence(shangyu: Reading) -> None:
    assert shangyu.lines[0].startswith("根据《中华人民共和国政府信息公开条例》规定")


def test_the_farm_s_copy_belongs_to_nobody(farm: Reading) -> None:
    assert (farm.official, farm.report_year, farm.publisher, farm.figures) == (
        False,
        None,
        None,
        (),
    )


def test_the_farm_s_copy_is_told_and_dated(farm: Reading) -> None:
    assert (farm.findings[0].rule, values(farm)["published_on"]) == ("rehosted_copy", "2021-11-12")


def test_the_farm_s_page_numbers_are_no_text(farm: Reading) -> None:
    text = "\n".join(farm.lines)
    assert "\n10、下决心" not in text
    assert "下决心在以下几个方面采取积极有力的措施" in text
    assert "3、加强宣传培训教育" in text
