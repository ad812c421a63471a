"""Tables without ruled lines, and columns of prose: from nothing but where lines of text stand."""

import pytest

from archive.reading.optical.aligned import Aligned, aligned
from archive.reading.optical.cells import Snippet
from archive.reading.optical.order import ordered
from archive.reading.optical.unruled import gaps

EM, SIZE = 20.0, 26.0


def line(text: str, left: float, middle: float) -> Snippet:
    wide = sum(EM / 2 if character.isascii() else EM for character in text)
    top, bottom = middle - SIZE / 2, middle + SIZE / 2
    return Snippet(left=left, top=top, right=left + wide, bottom=bottom, text=text, confidence=0.9)


def numbers(texts: str, middle: float) -> list[Snippet]:
    """Numbers in columns of 100, the first in the middle of 500; a dot leaves a column free."""
    return [
        line(text, 500 + 100 * place - EM / 4 * len(text), middle)
        for place, text in enumerate(texts.split())
        if text != "."
    ]


HEAD = [line("项目", 130, 60), *(line(text, 480 + 100 * n, 60) for n, text in enumerate("甲乙丙"))]
BODY = [
    line("一、新收申请数量", 100, 100),
    *numbers("12 0 3", 100),
    line("（三）", 100, 160),
    line("不予公开", 100, 185),
    line("1.属于国家秘密", 200, 140),
    *numbers("1 . 1", 140),
    line("2.其他法律行政法规", 200, 188),
    line("禁止公开", 200, 213),
    *numbers("7 5 .", 200),
    line("四、结转", 100, 270),
    *numbers("12 34 56", 270),
]


def cells(table: Aligned) -> list[list[str]]:
    found = sorted(table.filled, key=lambda cell: (cell.slot.row, cell.slot.column))
    rows: list[list[str]] = [[] for _ in range(table.grid.rows)]
    for cell in found:
        rows[cell.slot.row].append("".join(each.text for each in cell.snippets))
    return rows


def test_labels_and_numbers_stand_in_rows_and_columns() -> None:
    """A number that is not there leaves its cell blank; a text at the side reaches over rows."""
    [table], rest = aligned([*HEAD, *BODY], SIZE)
    assert cells(table)[1:] == [
        ["一、新收申请数量", "12", "0", "3"],
        ["（三）不予公开", "1.属于国家秘密", "1", "", "1"],
        ["2.其他法律行政法规禁止公开", "7", "5", ""],
        ["四、结转", "12", "34", "56"],
    ]
    assert ([text for text in cells(table)[0] if text], rest) == (["项目", "甲", "乙", "丙"], [])
    assert len(table.values) == 12


def test_a_label_that_came_in_two_parts_is_one() -> None:
    """The first part is no text at the side, though the second stands right of it."""
    begin = line("2.其他", 200, 188)
    parts = [begin, line("法律行政法规", begin.right + 2, 188)]
    body = [each for each in BODY if each.text != "2.其他法律行政法规"]
    [table], rest = aligned([*HEAD, *body, *parts], SIZE)
    assert (cells(table)[3], rest) == (["2.其他法律行政法规禁止公开", "7", "5", ""], [])


def test_columns_are_looked_at_beside_labels_without_numbers() -> None:
    """As far as labels stand there: neither among heads nor in prose, nor far from the next."""
    label, far = line("四、结转", 100, 150), line("附注", 100, 300)
    prose = line("今年共办理十二件，比去年多三件，全部按期答复，没有超期，群众满意", 100, 190)
    row = [line("一、新收申请数量", 100, 100), *numbers("12 0 3", 100)]
    known = line("7", 595, 150)
    lines = [*HEAD, *row, label, known, prose, far]
    slots = [each for each in gaps(lines, SIZE) if each.slot.top > 120]
    assert [(each.slot.top, each.slot.bottom) for each in slots] == [(label.top, label.bottom)] * 3
    middles = [(each.slot.left + each.slot.right) / 2 for each in slots]
    assert middles == pytest.approx([500, 600, 700], abs=20)
    assert [each.snippets for each in slots] == [[], [known], []]


def test_what_stands_above_and_below_is_none_of_the_table() -> None:
    around = [
        line("二、主动公开政府信息情况", 130, 20),
        line("三、存在的主要问题", 130, 320),
        line("今年共办理十二件，比去年多三件，全部按期答复，没有超期，群众满意", 100, 340),
    ]
    [_], rest = aligned([*around, *HEAD, *BODY], SIZE)
    assert {each.text for each in rest} == {each.text for each in around}


@pytest.mark.parametrize(
    "doubtful",
    [
        pytest.param(line("9", 494, 106), id="two numbers in one place"),
        pytest.param(line("附注附注附注", 200, 243), id="a label that is centred on no row"),
        pytest.param(line("5", 500, 305), id="a row without a label"),
    ],
)
def test_where_alignment_is_in_doubt_no_table_is_made(doubtful: Snippet) -> None:
    found, rest = aligned([*BODY, doubtful], SIZE)
    assert (found, len(rest)) == ([], len(BODY) + 1)


def test_numbers_in_prose_are_no_table() -> None:
    prose = [line("2023年共收到申请12件，答复12件，结转0件", 100, 30 * n) for n in range(1, 6)]
    page_number = line("3", 500, 400)
    found, rest = aligned([*prose, page_number], SIZE)
    assert (found, len(rest)) == ([], 6)


def test_columns_of_prose_are_read_one_after_another() -> None:
    title = line("政府信息公开工作年度报告的全文以及两栏排版的说明文字", 150, 20)
    left = [line(f"左栏第{n}行文字文字文字文字文字", 50, 30 * n + 40) for n in range(1, 6)]
    right = [line(f"右栏第{n}行文字文字文字文字文字", 450, 30 * n + 42) for n in range(1, 6)]
    end = line("两栏以下的一行文字一直写到右边，占满整个版面的宽度为止，不分栏", 60, 260)
    told = sorted(ordered([*right, *left, end, title], [], SIZE), key=lambda each: each[0])
    assert [each.text for _, row in told for each in row] == [
        each.text for each in (title, *left, *right, end)
    ]


def test_what_stands_side_by_side_in_few_lines_is_read_across() -> None:
    told = ordered([line("联系人：张三", 50, 40), line("电话：0516", 450, 41)], [], SIZE)
    assert [[each.text for each in row] for _, row in told] == [["联系人：张三", "电话：0516"]]
