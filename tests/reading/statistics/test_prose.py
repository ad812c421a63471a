"""Numbers in prose are found with what they count, and other numbers are not."""

import tomllib
from decimal import Decimal
from importlib.resources import files

import pytest

from archive.model.reading import CellState
from archive.reading.statistics.prose import read_prose


def stated(line: str) -> dict[str, Decimal]:
    return {found.concept: found.value for found in read_prose([line])}


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("全年共收到政府信息公开申请23件，已全部答复。", {"received": 23}),
        ("本年度新收政府信息公开申请１，２０３件", {"received": 1203}),
        ("共受理公民、法人依申请公开政府信息9件。", {"received": 9}),
        ("上年结转4件，结转下年度继续办理2件。", {"carried_in": 4, "carried_out": 2}),
        ("收到申请95件（其中当面申请3件，网络申请92件）", {"received": 95}),
        ("收到申请24件，结转上年度申请2件", {"received": 24, "carried_in": 2}),
        ("收到申请12件，办结11件，答复10件。", {"received": 12, "closed": 11, "replied": 10}),
        ("通过网站、公开栏等途径主动公开信息310条。", {"proactive": 310}),
        ("全年制发行政规范性文件6件。", {"normative": 6}),
        ("行政复议3起，其中维持2起，纠正1起。", {"review": 3, "review.upheld": 2,
                                   "review.corrected": 1}),
        ("行政诉讼5件，驳回4件，尚未审结1件。", {"litigation": 5, "litigation.upheld": 4,
                                   "litigation.pending": 1}),
        ("收取信息处理费300元。", {"handling_fee": 300}),
    ],
)  # fmt: skip
def test_a_number_is_read_with_what_it_counts(line: str, wanted: dict[str, int]) -> None:
    assert stated(line) == {concept: Decimal(number) for concept, number in wanted.items()}


@pytest.mark.parametrize(
    ("line", "concepts"),
    [
        ("未发生因政府信息公开申请行政复议、提起行政诉讼的情况", {"review", "litigation"}),
        ("没有因政府信息公开申请行政复议、提起行政诉讼和申诉的情况发生", {"review", "litigation"}),
        ("我局未收到政府信息公开申请", {"received"}),
        ("2024年未收取信息处理费", {"handling_fee"}),
        ("收到的申请均已按时办结", {"carried_out"}),
        ("没有需要结转的申请", {"carried_out"}),
    ],
)
def test_a_statement_of_none_is_zero_and_says_so(line: str, concepts: set[str]) -> None:
    found = read_prose([line])
    assert {one.concept for one in found} == concepts
    assert {one.state for one in found} == {CellState.STATED_NONE}
    assert {one.value for one in found} == {Decimal(0)}


@pytest.mark.parametrize(
    "line",
    [
        "上半年收到政府信息公开申请9件",
        "收到政府信息公开申请比上年增长9件",
        "办理人大代表建议23件，政协提案答复40件",
        "通过政府网站主动公开信息200条",
        "收到12345热线申请33件",
        "申请的答复情况如下，其中同意公开答复17条，其它公开答复2条",
        "全年共受理行政复议案件230件，办结200件",
        "收到行政许可申请1200件，全部办结",
        "区政府办代表区政府办理依申请公开17件",
        "收到申请5万余件",
        "根据第20条，行政复议法第5章",
        "（一）收到申请数\t件\t5",
        "收到申请" + "很" * 3000 + "5件",
    ],
)
def test_other_numbers_are_left_alone(line: str) -> None:
    assert stated(line) == {}


def test_the_sentence_and_its_line_are_kept() -> None:
    found = read_prose(["前言。", "本年收到公开申请 7 件；其余无。后话。"])[0]
    assert (found.sentence, found.where) == ("本年收到公开申请 7 件", "line 2")
    assert (found.printed, found.unit) == ("7件", "件")


def test_every_fact_ends_with_a_number_and_its_unit() -> None:
    """Clauses without one are not looked at."""
    rows = tomllib.loads(files("archive.codebook").joinpath("prose.toml").read_text("utf-8"))
    assert all(row["pattern"].endswith(("NU", "NM")) for row in rows["facts"])
