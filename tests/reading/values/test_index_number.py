"""Index numbers and document numbers: their parts, their checksums, what is made of them."""

import pytest

from archive.reading.values.document_number import repaired_document_number
from archive.reading.values.index_number import parse_index_number
from tests.reading.pages import PARAGRAPHS, field, page, read_html, values

PARTS = {
    "113308810026305088/2014-128123": ("credit code", "330881", 2014, None, "128123", True),
    "11341702486344515H/202110-00013": ("credit code", "341702", 2021, 10, "00013", True),
    "12620600MB0523338C/2025-04735": ("credit code", "620600", 2025, None, "04735", True),
    "00826556-4/2018-12252": ("organisation code", None, 2018, None, "12252", True),
    "000014349/2017-00110": ("organisation code", None, 2017, None, "00110", True),
    "003110926/201510-00216": ("organisation code", None, 2015, 10, "00216", True),
    "035210000/2025-00016": ("organisation code", None, 2025, None, "00016", False),
    "01606072-9-30/2021-0223004": ("organisation code", None, 2021, None, "0223004", True),
    "0142768-8/2022-00185": ("organisation code", None, 2022, None, "00185", False),
    "3212000002/2018-354983": ("site code", "321200", 2018, None, "354983", None),
    "kysrmzf/2026-00017": ("name", None, 2026, None, "00017", None),
    "2026-02-00018": ("number", None, 2026, 2, "00018", None),
}


@pytest.mark.parametrize("printed", PARTS, ids=list(PARTS))
def test_an_index_number_is_taken_apart(printed: str) -> None:
    found = parse_index_number(printed)
    assert found is not None
    parts = (found.form, found.division, found.year, found.month, found.sequence, found.holds)
    assert parts == PARTS[printed]


@pytest.mark.parametrize("printed", ["", "K00-2018-0012", "330200-0101-B-2009-0012-1", "2014-1-2"])
def test_a_region_s_own_number_is_left_whole(printed: str) -> None:
    assert parse_index_number(printed) is None


def boxed(index: str, text: str = "") -> str:
    box = f"<ul><li>索引号：{index}</li><li>发布机构：县府办</li></ul>"
    return page(f"{box}<h1>关于某事的通知</h1>{text}{PARAGRAPHS}")


def test_the_parts_are_fields_that_name_their_origin() -> None:
    reading = read_html(boxed("1133 0881 0026305088/2014-128123"))
    told = {f.name: f.value for f in reading.fields if f.origin == "index_number"}
    assert told == {
        "index_organ": "113308810026305088",
        "index_division": "330881",
        "index_year": "2014",
        "index_sequence": "128123",
    }


def test_a_code_that_does_not_prove_itself_names_nobody_and_is_a_finding() -> None:
    reading = read_html(boxed("035210000/2025-00016"))
    assert "index_organ" not in values(reading)
    assert [finding.rule for finding in reading.findings] == ["index_number_doubtful"]


@pytest.mark.parametrize(
    "printed",
    ["〔2017〕24号", "[2017]24号", "［2017］24号", "(2017)24号", "（2017）24号", "【2017】24号",
     "﹝2017﹞24号", "〈2017〉24号", "〔2017〕 24 号", "〔2017〕第24号", "〔201724号", "〔２０１７〕２４号"],
)  # fmt: skip
def test_a_document_number_has_one_spelling(printed: str) -> None:
    assert repaired_document_number(f"国办发{printed}") == "国办发〔2017〕24号"


def test_the_printed_document_number_is_kept() -> None:
    reading = read_html(
        page(f"<ul><li>文号：国发[2018]4号</li><li>索引号：1</li></ul>{PARAGRAPHS}")
    )
    found = field(reading, "document_number")
    assert (found.value, found.printed) == ("国发〔2018〕4号", "国发[2018]4号")


def test_a_number_alone_above_the_text_is_the_document_s() -> None:
    reading = read_html(boxed("1", "<p align='center'>清政办〔2018〕4号</p>"))
    assert (values(reading)["document_number"], reading.lines[0]) == (
        "清政办〔2018〕4号",
        "清政办〔2018〕4号",
    )


def test_a_number_in_a_sentence_is_another_document_s() -> None:
    reading = read_html(boxed("1", "<p>根据清政办〔2018〕4号文件要求，报告如下。</p>"))
    assert "document_number" not in values(reading)


def test_a_police_number_in_a_link_alone_is_read() -> None:
    link = '<a href="http://www.beian.gov.cn/portal/registerSystemInfo?recordcode=46903002000012">'
    reading = read_html(f"<html><body>{PARAGRAPHS}{link}<img src=a></a></body></html>")
    assert [mark.value for mark in reading.identity] == ["46903002000012"]
