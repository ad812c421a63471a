"""Tables that lost their mark-up are read from lines, in each of the ways they are lost."""

import time

import pytest

from archive.model.reading import CellState
from archive.reading.statistics.prose import read_prose
from archive.reading.statistics.read import Statistics, read_statistics


def read(text: str, year: int | None = None) -> Statistics:
    return read_statistics([], text.splitlines(), title=None, report_year=year)


def printed(found: Statistics, indicator: str) -> list[str]:
    return [figure.printed for figure in found.figures if figure.indicator == indicator]


F14 = """2016年度政府信息公开情况统计表
统计指标
单位
统计数
（一）主动公开政府信息数
（不同渠道和方式公开相同信息计1条）
120
其中:主动公开规范性文件数
12
制发规范性文件总数
件
13
二、回应解读情况
——
——
三、依申请公开情况
（一）收到申请数
5
危及国家安全、公共安全、
经济安全和社会稳定
2
（四）政府信息公开专项经费
万元
九、政府信息公开会议和培训情况
（三）接受培训人员数
人次
82
关于我们|联系我们|网站地图
"""


def test_one_cell_a_line_with_lost_units_and_remarks_on_their_own_line() -> None:
    found = read(F14)
    assert printed(found, "f14.proactive.total") == ["120"]
    assert printed(found, "f14.training.trainees") == ["82"]
    assert next(f.unit for f in found.figures if f.indicator == "f14.training.trainees") == "人次"


def test_a_label_broken_over_two_lines_is_one_label() -> None:
    assert printed(read(F14), "f14.request.reply.refused.security") == ["2"]


def test_a_value_line_that_is_missing_is_absent() -> None:
    found = read(F14)
    assert printed(found, "f14.org.budget_wanyuan") == []
    assert any(finding.rule == "absent_value" for finding in found.findings)


def test_page_furniture_behind_the_table_is_no_row() -> None:
    assert all(figure.indicator for figure in read(F14).figures)


def test_a_whole_row_on_a_line_is_taken_apart_when_its_label_is_known() -> None:
    found = read(
        "统计指标 单位 统计数\n制发规范性文件总数 件 13\n（一）收到申请数：件 1,005\n"
        "1．当面申请数 0 件\n2．传真申请数　件　/\n回应解读情况\n"
    )
    assert printed(found, "f14.proactive.normative_issued") == ["13"]
    assert printed(found, "f14.request.received.total") == ["1,005"]
    assert printed(found, "f14.request.received.in_person") == ["0"]


S2 = "第二十条第（一）项 |\n信息内容 | 本年制发件数 | 本年废止件数 | 现行有效件数 |\n"


def test_rows_with_bars_and_filling_behind_them() -> None:
    found = read(
        S2 + "规章 | 1 | 2 | 3 | ||\n| 行政规范性文件 | 4 | | 6 |\n行政许可 | 7 | ||\n", 2023
    )
    assert printed(found, "f21.s2.i1.rules.valid") == ["3"]
    assert printed(found, "f21.s2.i1.normative.repealed") == [""]
    assert printed(found, "f21.s2.i5.license.decisions") == ["7"]


def test_a_bar_alone_is_a_blank_cell_where_cells_end_with_bars() -> None:
    text = S2 + "规章 |\n1 |\n|\n3 |\n||\n行政规范性文件 |\n4 |\n5 |\n|\n行政许可 |\n8 |\n"
    found = read(text, 2023)
    assert printed(found, "f21.s2.i1.rules.repealed") == [""]
    assert printed(found, "f21.s2.i1.normative.valid") == [""]


def test_a_bar_alone_separates_cells_where_no_cell_ends_with_one() -> None:
    head = "信息内容\n|\n本年制发件数\n|\n本年废止件数\n|\n现行有效件数\n|\n"
    found = read(
        head + "规章\n|\n1\n|\n|\n3\n|\n行政规范性文件\n|\n4\n|\n5\n|\n6\n|\n行政许可\n|\n7", 2023
    )
    assert printed(found, "f21.s2.i1.rules.repealed") == [""]
    assert printed(found, "f21.s2.i1.normative.valid") == ["6"]
    assert next(f.state for f in found.figures if f.printed == "") is CellState.BLANK


def test_prose_that_reads_like_a_label_is_no_table() -> None:
    assert read("三、依申请公开情况\n本年度收到申请12件。\n" * 3, 2016).form is None


@pytest.mark.parametrize(
    "line", ["1 " * 80, "（" * 160, "一、" * 80, "1," * 80, " ：" * 70 + "1", "件" * 160, "|" * 390]
)
def test_hostile_lines_take_no_time(line: str) -> None:
    begin = time.process_time()
    read(F14 + "\n".join([line] * 2000))
    read_prose([line] * 2000)
    assert time.process_time() - begin < 4
