"""The office a report speaks for, however it is spelled."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model.reading import BodyKind, Field, Source
from archive.reading.metadata.public_body import (
    division_hints,
    publisher_in_title,
    publisher_of,
    read_public_body,
)
from archive.reading.read import read


@pytest.mark.parametrize(
    "spelled",
    [
        "琼中黎族苗族自治县人民政府办公室",
        "琼中黎族苗族自治县人民政府",
        "海南省琼中黎族苗族自治县政府办公室",
        "琼中县人民政府办公室",
        "琼中县政府办",
        "琼中黎族苗族自治县",
        "琼中县政府网",
        "琼 中 县 人 民 政 府",
        "琼中县人民政府（办公室）",
    ],
)
def test_one_government_however_it_is_spelled(spelled):
    body = read_public_body(spelled)
    assert (body.name, body.division, body.kind) == (
        "琼中黎族苗族自治县人民政府", "469030", BodyKind.GOVERNMENT,
    )  # fmt: skip


@pytest.mark.parametrize(
    "spelled",
    ["崇川区供销社", "南通市崇川区供销合作总社", "江苏省南通市崇川区供销合作社", "区供销社"],
)
def test_one_department_however_it_is_spelled(spelled):
    body = read_public_body(spelled, hints=["320602"], year=2016)
    assert (body.name, body.division, body.kind) == (
        "崇川区供销合作社", "320613", BodyKind.DEPARTMENT,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("上余镇", "江山市上余镇人民政府"),
        ("江山市上余镇人民政府党政办公室", "江山市上余镇人民政府"),
        ("上余镇人民政府", "江山市上余镇人民政府"),
        ("虎山街道", "江山市虎山街道办事处"),
        ("虎山街道办事处", "江山市虎山街道办事处"),
        ("西乡街道办", "江山市西乡街道办事处"),
    ],
)
def test_townships_and_streets(spelled, name):
    body = read_public_body(spelled, hints=["330881"])
    assert (body.name, body.division, body.kind) == (name, "330881", BodyKind.TOWNSHIP)


@pytest.mark.parametrize(
    ("spelled", "hints", "name", "division"),
    [
        ("鼓楼区人民政府", [], "鼓楼区人民政府", None),
        ("鼓楼区人民政府", ["320106"], "鼓楼区人民政府", "320106"),
        ("福州市鼓楼区人民政府", [], "鼓楼区人民政府", "350102"),
        ("港闸区人民政府", ["320602"], "港闸区人民政府", "320611"),
        ("市教育局", ["320602"], "南通市教育局", "320600"),
        ("省政府办公厅", ["360000"], "江西省人民政府", "360000"),
        ("平潭综合实验区管委会", ["350128"], "平潭综合实验区管理委员会", "350128"),
        ("经开区管委会", ["320600"], "南通市经开区管理委员会", "320600"),
        ("国家税务总局南通市崇川区税务局", [], "国家税务总局崇川区税务局", "320613"),
        ("澄溪县人民政府", [], "澄溪县人民政府", None),
    ],
)
def test_the_place_is_told_by_the_name_and_the_codes(spelled, hints, name, division):
    body = read_public_body(spelled, hints=hints)
    assert (body.name, body.division) == (name, division)


@pytest.mark.parametrize(
    ("spelled", "division"),
    [
        ("本溪市人民政府", "210500"),
        ("本溪满族自治县民政局", "210521"),
        ("全椒县人民政府", "341124"),
        ("全南县财政局", "360729"),
        ("全州县教育局", "450324"),
    ],
)
def test_a_place_may_begin_like_a_word_that_names_nobody(spelled, division):
    assert read_public_body(spelled).division == division


@pytest.mark.parametrize(
    "spelled",
    [
        "管理员",
        "本站原创",
        "我局",
        "全市",
        "本市人民政府",
        "全县",
        "办公室",
        "省政府办公厅",
        "",
        "a" * 99,
    ],
)
def test_what_names_no_office_is_no_body(spelled):
    assert read_public_body(spelled) is None


@pytest.mark.parametrize(
    ("title", "organ"),
    [
        ("崇川区供销社2016年信息公开工作年度报告", "崇川区供销社"),
        ("2023年度新城桥街道办事处信息公开年度报告", "新城桥街道办事处"),
        ("关于2014年琼中县政府信息公开工作情况的报告", "琼中县"),
        ("二〇一二年绥滨县政府信息公开年报", "绥滨县"),
        ("2016年政府信息公开工作年度报告", None),
    ],
)
def test_the_title_names_the_office(title, organ):
    assert publisher_in_title(title) == organ


def printed(name, value):
    return Field(name=name, value=value, printed=value, origin="header")


def test_the_title_speaks_before_the_office_that_published_the_page():
    fields = (printed("agency", "崇川区政府办公室"),)
    body = publisher_of(
        "崇川区供销社2016年信息公开工作年度报告", fields, (), year=2016, portal_division=None
    )
    assert body.name == "崇川区供销合作社"


def test_a_newspaper_is_no_body():
    body = publisher_of("2016年政府信息公开年度报告", (printed("source", "新华社"),), (), year=2016,
                   portal_division="320602")  # fmt: skip
    assert body is None


def test_codes_that_are_no_divisions_are_no_hints():
    identity = (printed("site_code", "9999990002"),)
    fields = (printed("index_number", "113308810026305088/2014-128123"),)
    assert division_hints(fields, identity, "320602") == ("330881", "320602")


def test_a_page_is_read_with_its_body():
    page = """<html><head><meta name="SiteIDCode" content="3206020002"><title>区供销社</title></head>
    <body><h1>2016年区供销社政府信息公开工作年度报告</h1><div id="zoom"><p>本报告由区供销社编制。</p>
    <p>一、概述。2016年，区供销社认真贯彻《中华人民共和国政府信息公开条例》。</p></div></body></html>"""
    reading = read(Source(url="http://x.gov.cn/t20170310_1.htm", body=page.encode()))
    assert (reading.publisher.name, reading.publisher.division) == ("崇川区供销合作社", "320613")


def test_the_catalogue_s_place_helps_where_the_page_tells_none():
    page = "<html><body><h1>2016年区教育局政府信息公开工作年度报告</h1><p>本报告由区教育局编制。</p></body></html>"
    source = Source(url="http://x.gov.cn/1.htm", body=page.encode(), division="320602")
    assert read(source).publisher.name == "崇川区教育局"


@settings(max_examples=60)
@given(
    st.text(alphabet="南通市崇川区县镇街道办事处人民政府局委供销社(（2016年", max_size=45),
    st.lists(st.sampled_from(["320602", "469030", "110000"]), max_size=2),
)
def test_any_name_gives_a_body_or_none(name, hints):
    body = read_public_body(name, hints=hints, year=2016)
    assert body is None or len(body.name) >= 3


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("现公布泰州市人民政府2017年政府信息公开工作年度报告。", "泰州市人民政府"),
        ("特编制舒兰市市场监督管理局2016年政府信息公开年度报告。", "舒兰市市场监督管理局"),
        ("现向社会公布崇川区2016年度政府信息公开工作报告。", "崇川区人民政府"),
    ],
)
def test_a_report_without_a_title_names_its_office_in_its_first_sentence(line, name):
    lines = (f"根据《中华人民共和国政府信息公开条例》规定，{line}",)
    body = publisher_of(None, (printed("agency", "市政府办"),), (), lines=lines, year=2017,
                   portal_division=None)  # fmt: skip
    assert body is not None
    assert body.name == name


@pytest.mark.parametrize(
    "line", ["现公布本单位2013年政府信息公开工作年度报告。", "现公布2013年度政府信息公开年度报告。"]
)
def test_a_sentence_that_names_nobody_gives_no_office(line):
    assert publisher_of(None, (), (), lines=(line,), year=2013, portal_division=None) is None


@pytest.mark.parametrize(
    ("title", "organ"),
    [
        ("清河县教育局（2021）政府信息公开工作年度报告", "清河县教育局"),
        ("[2021]清河县政府信息公开年报", "清河县"),
        ("清河县政府信息公开工作2015年年度报告", "清河县"),
        ("2021年度政府信息公开工作年度报告（清河县教育局）", "清河县教育局"),
        ("清河镇2021政府信息公开年度报告", "清河镇"),
    ],
)
def test_the_office_is_found_wherever_the_title_has_it(title, organ):
    assert publisher_in_title(title) == organ


def test_a_note_behind_a_title_is_no_office():
    organ = publisher_in_title("2019年政府信息公开工作年度报告（图片版本）")
    assert organ is None or read_public_body(organ) is None
