"""The five real documents of the material: what a correct reader gives for them, as text and put
back into the mark-up of their portals. Skipped where the folder is absent.
"""

import html
from pathlib import Path

import pytest

from archive.model.reading import CheckState, Kind, Reading, Source
from archive.reading.read import read
from tests.reading.pages import values


def seed(shared: Path, number: str) -> str:
    return next((shared / "seeds").glob(f"{number}_*.txt")).read_text("utf-8")


def as_text(shared: Path, number: str) -> Reading:
    body = seed(shared, number).encode()
    return read(Source(url="http://www.x.gov.cn/a.html", body=body, media_type="text/plain"))


def as_page(shared: Path, number: str) -> Reading:
    """The seed as HTML: every line a paragraph of a page without any names."""
    lines = "".join(f"<p>{html.escape(line)}</p>\n" for line in seed(shared, number).splitlines())
    text = f"<html><head><title></title></head><body><div>{lines}</div></body></html>"
    return read(Source(url="http://www.x.gov.cn/a.html", body=text.encode("gb18030")))


READERS = pytest.mark.parametrize("reading_of", [as_text, as_page])


@READERS
def test_qiongzhong_2014_fields(shared, reading_of) -> None:
    found = values(reading_of(shared, "000"))
    wanted = {
        "index_number": "00826556-4/2018-12252",
        "agency": "琼中黎族苗族自治县",
        "published_on": "2014-12-22",
        "category": "综合政务",
        "document_number": None,
        "keywords": None,
    }
    assert {name: found.get(name, "absent") for name in wanted} == wanted


@READERS
def test_qiongzhong_2014_title(shared, reading_of) -> None:
    assert reading_of(shared, "000").title == "2014年政府信息公开工作总结"


@READERS
def test_qiongzhong_2014_calls_its_report_a_summary(shared, reading_of) -> None:
    reading = reading_of(shared, "000")
    assert (reading.kind, reading.report_year) == (Kind.REPORT, 2014)
    assert values(reading)["report_word"] == "工作总结"


@READERS
def test_qiongzhong_2014_is_the_county_government_s(shared, reading_of) -> None:
    body = reading_of(shared, "000").publisher
    assert (body.name, body.division) == ("琼中黎族苗族自治县人民政府", "469030")


@READERS
def test_qiongzhong_2014_identity(shared, reading_of) -> None:
    found = {mark.name: mark.value for mark in reading_of(shared, "000").identity}
    assert found == {
        "site_code": "4690300002",
        "police": "46903002000012",
        "icp": "琼ICP备05000041号",
    }


@READERS
def test_qiongzhong_2014_text_ends_before_the_foot(shared, reading_of) -> None:
    text = "\n".join(reading_of(shared, "000").lines)
    assert not any(
        word in text for word in ("网站地图", "琼公网安备", "电子信箱", "索 引 号", "首页")
    )


@READERS
def test_chongchuan_2016_title_and_day(shared, reading_of) -> None:
    reading = reading_of(shared, "001")
    assert (reading.title, reading.report_year, values(reading)["published_on"]) == (
        "2016年崇川区政府信息公开工作年度报告",
        2016,
        "2017-02-22",
    )


@READERS
def test_chongchuan_2016_has_its_57_values(shared, reading_of) -> None:
    assert len(reading_of(shared, "001").figures) == 57


@READERS
def test_chongchuan_2016_breaks_three_rules(shared, reading_of) -> None:
    checks = reading_of(shared, "001").checks
    violated = {check.rule for check in checks if check.state is CheckState.VIOLATED}
    assert violated == {"R16", "R17", "R18"}


@READERS
def test_chongchuan_2016_was_hijacked_and_stays_official(shared, reading_of) -> None:
    reading = reading_of(shared, "001")
    rules = {finding.rule for finding in reading.findings}
    assert ("hijack_words" in rules, reading.official) == (True, True)


@READERS
def test_chongchuan_2016_text_has_no_foot(shared, reading_of) -> None:
    text = "\n".join(reading_of(shared, "001").lines)
    assert not any(word in text for word in ("您当前所在位置", "苏ICP备", "建议使用1024"))


@READERS
def test_zhongcun_2018_is_signed(shared, reading_of) -> None:
    reading = reading_of(shared, "002")
    found = values(reading)
    assert (reading.kind, reading.report_year, found["signed_by"], found["signed_on"]) == (
        Kind.REPORT,
        2018,
        "中村乡人民政府",
        "2019-01-04",
    )


@READERS
def test_zhongcun_2018_keeps_every_paragraph(shared, reading_of) -> None:
    lines = [line for line in seed(shared, "002").splitlines() if line.strip()]
    assert len(reading_of(shared, "002").lines) == len(lines) - 1  # without the QR code's hint


@READERS
def test_shangyu_2013_fields(shared, reading_of) -> None:
    reading = reading_of(shared, "003")
    found = values(reading)
    assert (reading.title, reading.report_year, reading.kind) == (None, 2013, Kind.REPORT)
    assert (found["index_number"], found["agency"], found["category"], found["written_on"]) == (
        "113308810026305088/2014-128123",
        "上余镇",
        "政务公开",
        "2014-01-27",
    )


@READERS
def test_shangyu_2013_header_is_no_text(shared, reading_of) -> None:
    assert reading_of(shared, "003").lines[0].startswith("根据《中华人民共和国政府信息公开条例》")


@READERS
def test_the_document_farm_is_no_official_page(shared, reading_of) -> None:
    reading = reading_of(shared, "004")
    assert (reading.official, reading.report_year, reading.figures) == (False, None, ())


@READERS
def test_the_document_farm_dates_the_upload(shared, reading_of) -> None:
    assert values(reading_of(shared, "004"))["published_on"] == "2021-11-12"
